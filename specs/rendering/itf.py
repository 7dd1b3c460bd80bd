"""A run in the Informal Trace Format (ITF) that TLA+ tools read, and back.

A record is a variable: a record of its fields, or (keyed) a map from its key. What was done is in
the variables `action_taken` and `arguments`. Whole numbers are written as `#bigint`, as the format
asks for. Sits above `runs`; imports no z3.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
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
        rule, args = (step.rule, step.args) if step else ("init", {})
        states.append(_state(reader, state, rule, args, {"index": number}))
    found = _document(model, f"a run of {model.name}", run.instance, run.notes)
    return json.dumps({**found, "states": states}, indent=1, ensure_ascii=False) + "\n"


class Outline:
    """A document written state by state, for a run that is longer than memory."""

    def __init__(self, reader: Reader, about: str) -> None:
        instance = Instance(reader.instance.members, dict(reader.layout.parameters))
        self._document = _document(reader.model, about, instance, {})
        self._count = 0
        self.records = tuple(reader.model.schema.records)
        """What every state has."""

    def head(self) -> bytes:
        """All that comes before the states."""
        text = json.dumps(self._document, ensure_ascii=False)
        return f'{text[:-1]}, "states": [\n'.encode()

    def state(
        self,
        reader: Reader,
        state: State,
        rule: str,
        args: Mapping[str, Value],
        meta: Mapping[str, Any],
    ) -> bytes:
        """One more state, and the step that led to it."""
        body = _state(reader, state, rule, args, {"index": self._count, **meta})
        comma = "" if self._count == 0 else ",\n"
        self._count += 1
        return (comma + json.dumps(body, ensure_ascii=False, separators=(",", ":"))).encode()

    def end(self) -> bytes:
        """What closes the document."""
        return b"\n]}\n"


def _document(model: Model, about: str, of: Instance, notes: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "#meta": {
            "format": "ITF",
            "format-description": "https://apalache-mc.org/docs/adr/015adr-trace.html",
            "description": about,
            "members": {k: list(v) for k, v in of.members.items()},
            "parameters": dict(of.parameters),
            "notes": dict(notes),
        },
        "params": [],
        "vars": ["action_taken", "arguments", *model.schema.records],
    }


def _state(
    reader: Reader, state: State, rule: str, args: Mapping[str, Value], meta: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "#meta": dict(meta),
        "action_taken": rule,
        "arguments": {k: _out(v) for k, v in args.items()},
        **_records(reader, state),
    }


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
