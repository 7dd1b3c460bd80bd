"""Runs: a model's steps from the initial state, and what they show. Every counterexample is one.

A run is confirmed on the plain reader before anybody sees it: each guard of each step is checked,
and the property is judged on the states passed. A run that does not confirm is a bug in an engine.
Sits above `models.plain`; imports no z3.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from models.language.misuse import ModelError
from models.language.model import SOMETIMES, STEP, Instance, Model, Property
from models.plain.layout import State, Value
from models.plain.reader import Reader, Step

FORMAT = "ccr-run"
FORMAT_VERSION = 1
SHORTEST = "shortest"
"""The note of a run that no run of fewer steps, at its parameters, breaks the property."""


class BadRun(ModelError):
    """A run that cannot be read, or whose step `number` is refused."""


@dataclass(frozen=True)
class Run:
    """Steps from the initial state, under an instance whose parameters are part of it."""

    instance: Instance
    steps: tuple[Step, ...]
    notes: Mapping[str, Any] = field(default_factory=dict)
    """What the run shows: model name and fingerprint, property, whatever its finder adds."""

    def __len__(self) -> int:
        return len(self.steps)

    def states(self, reader: Reader) -> Iterator[State]:
        """The initial state and the state after each step; raises `BadRun` at a refused step."""
        state = reader.initial()
        yield state
        for number, step in enumerate(self.steps, 1):
            refusal = reader.check(state, step)
            if refusal is not None:
                why = "; ".join(g.name for g in refusal.guards)
                raise BadRun(f"step {number} {refusal.rule} is refused: not so: {why}")
            state = reader.evolve(state, step)
            yield state


@dataclass(frozen=True)
class Finding:
    """Where a run shows something: the step (0 is the initial state), and the bindings that do."""

    step: int
    bindings: tuple[dict[str, str], ...]


def faults(model: Model, steps: Iterable[Step]) -> int:
    """How many of the steps are faults."""
    return sum(model.rules[s.rule].trigger == "fault" for s in steps)


def reader_for(model: Model, run: Run) -> Reader:
    """The plain reader of `model` under the run's instance and parameters."""
    return Reader(model, run.instance)


def shown_at(reader: Reader, prop: Property, old: State, new: State, rule: str) -> tuple[Any, ...]:
    """The bindings for which this step shows `prop` (a `sometimes`) or breaks it (the others)."""
    if prop.kind == STEP:
        if prop.at and rule not in prop.at:
            return ()
        return tuple(reader.holds(prop, old, new))
    false = reader.holds(prop, new)
    if prop.kind != SOMETIMES:
        return tuple(false)
    every = reader.layout.groundings(prop.params)
    return tuple(b for b in every if b not in false)


def confirm(model: Model, run: Run, prop: Property, reader: Reader | None = None) -> Finding | None:
    """Where the run first breaks `prop`, or shows it if it is a `sometimes`; None if nowhere.

    A `reader` of this model and the run's instance may be used for many. Raises `BadRun` if a step
    of the run is refused.
    """
    reader = reader or reader_for(model, run)
    return found_in(reader, run, list(run.states(reader)), prop)


def found_in(reader: Reader, run: Run, states: Sequence[State], prop: Property) -> Finding | None:
    """`confirm` where the states of the run are known."""
    for number, state in enumerate(states):
        if number == 0 and prop.kind == STEP:
            continue
        old = states[max(0, number - 1)]
        rule = run.steps[number - 1].rule if number else ""
        bindings = shown_at(reader, prop, old, state, rule)
        if bindings:
            return Finding(number, bindings)
    return None


def to_lines(model: Model, run: Run) -> Iterator[str]:
    """The run as NDJSON: a head with instance, parameters and notes, then one line per step."""
    head = {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "model": model.name,
        "members": {k: list(v) for k, v in run.instance.members.items()},
        "parameters": dict(run.instance.parameters),
        "notes": dict(run.notes),
    }
    yield json.dumps(head, sort_keys=True)
    for number, step in enumerate(run.steps, 1):
        event = model.rules[step.rule].event
        line = {"number": number, "event": event, "rule": step.rule, "args": step.args}
        yield json.dumps(line, sort_keys=True)


def from_lines(model: Model, lines: Iterable[str]) -> Run:
    """The run that `to_lines` wrote. Raises `BadRun`, naming the line, for anything else."""
    instance: Instance | None = None
    notes: dict[str, Any] = {}
    steps: list[Step] = []
    for number, line in enumerate(lines, 1):
        try:
            found = json.loads(line)
            if instance is None:
                if found["format"] != FORMAT or found["version"] != FORMAT_VERSION:
                    raise BadRun(f"line {number} is not the head of a {FORMAT} file")
                members = {k: tuple(v) for k, v in found["members"].items()}
                instance, notes = Instance(members, found["parameters"]), found["notes"]
            else:
                steps.append(_step(model, found))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadRun(f"line {number} is not a line of a run: {error}") from None
    if instance is None:
        raise BadRun("the file is empty: a run starts with its head")
    return Run(instance, tuple(steps), notes)


def _step(model: Model, found: dict[str, Any]) -> Step:
    rule = model.rule(found["rule"])
    args: dict[str, Value] = found["args"]
    names = {n for n, _ in rule.params}
    if set(args) != names:
        raise BadRun(f"{rule.label} takes {', '.join(sorted(names)) or 'no arguments'}")
    return Step(rule.name, args)
