"""A run in the Informal Trace Format (ITF) that TLA+ tools read, and back.

A record is a variable: a record of its fields, or (keyed) a map from its key. What was done is in
the variables `action_taken` and `arguments`. Whole numbers are written as `#bigint`, as the format
asks for. Sits above `runs`; imports no z3.
"""

from __future__ import annotations

import json
from typing import Any

from models.language.misuse import BadRule
from models.language.model import Instance, Model
from models.plain.layout import State, Value
from models.plain.reader import Reader, Step
from specs.runs import BadRun, Run, reader_for

SUFFIX = ".itf.json"


def to_itf(model: Model, run: Run) -> str:
    """The run as one ITF document. Raises `BadRun` if a step is refused."""
    reader = reader_for(model, run)
    states = []
    for number, state in enumerate(run.states(reader)):
        step = run.steps[number - 1] if number else None
        states.append(
            {
                "#meta": {"index": number},
                "action_taken": step.rule if step else "init",
                "arguments": {k: _out(v) for k, v in step.args.items()} if step else {},
                **_records(reader, state),
            }
        )
    document = {
        "#meta": {
            "format": "ITF",
            "format-description": "https://apalache-mc.org/docs/adr/015adr-trace.html",
            "description": f"a run of {model.name}",
            "members": {k: list(v) for k, v in run.instance.members.items()},
            "parameters": dict(run.instance.parameters),
            "notes": dict(run.notes),
        },
        "params": [],
        "vars": ["action_taken", "arguments", *model.schema.records],
        "states": states,
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _out(value: Value) -> Any:
    return {"#bigint": str(value)} if type(value) is int else value


def _records(reader: Reader, state: State) -> dict[str, Any]:
    """Each record's rows: its fields, by its key if it has one (`A.SG1` for two)."""
    found: dict[str, Any] = {}
    schema = reader.model.schema
    for key, value in state.items():
        row = reader.layout.rows[key]
        name, _, member = row.partition(".")
        fields = found.setdefault(name, {} if not schema.records[name].keys else {"#map": {}})
        into = fields["#map"].setdefault(member, {}) if "#map" in fields else fields
        into[key.removeprefix(f"{row}.").replace(".", "_")] = _out(value)
    for fields in found.values():
        if "#map" in fields:
            fields["#map"] = [[member, rows] for member, rows in fields["#map"].items()]
    return found


def from_itf(model: Model, text: str) -> Run:
    """The run in an ITF document that `to_itf` wrote, each of its states checked.

    Raises `BadRun` for anything else, naming the state.
    """
    try:
        document = json.loads(text)
        meta = document["#meta"]
        members = {k: tuple(v) for k, v in meta["members"].items()}
        instance = Instance(members, meta["parameters"])
        steps = tuple(_step(model, s) for s in document["states"][1:])
        run = Run(instance, steps, meta["notes"])
        reader = reader_for(model, run)
        for number, state in enumerate(run.states(reader)):
            written = document["states"][number]
            for name, rows in _records(reader, state).items():
                if written[name] != rows:
                    raise BadRun(f"state {number}: {name} is not what the steps before it lead to")
    except BadRule as error:
        raise BadRun(str(error)) from None
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise BadRun(f"this is no ITF document of a run: {error!r}") from None
    return run


def _step(model: Model, state: dict[str, Any]) -> Step:
    rule = model.rule(state["action_taken"])
    args = {k: _in(v) for k, v in state["arguments"].items()}
    if set(args) != {n for n, _ in rule.params}:
        raise BadRun(f"{rule.label} has other arguments than {', '.join(args)}")
    return Step(rule.name, args)


def _in(value: Any) -> Value:
    found = int(value["#bigint"]) if isinstance(value, dict) else value
    if not isinstance(found, bool | int | str):
        raise BadRun(f"{value!r} is no value of an argument")
    return found
