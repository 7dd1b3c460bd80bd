"""A run as something to draw: per step who acts, what it reads of whom, what changes, and how long
each fault lasts.

A party is a machine (a member of the sort that an actor runs on), or a record that no machine owns
(the witness, a network). Sits above `runs`; imports no z3.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from models.language.model import Model
from models.language.rule import ENVIRONMENT, GHOST, Rule
from models.plain.agenda import CLOCK
from models.plain.layout import State, Value
from models.plain.reader import Reader, Step
from specs.runs import Run, reader_for

TIME = ""
"""The party of the clock."""


@dataclass(frozen=True)
class Shown:
    """One step. `sources` are the other parties whose knowledge its guards read."""

    number: int
    time: int
    rule: Rule
    step: Step
    party: str
    sources: tuple[str, ...]
    changes: dict[str, tuple[Value, Value]]

    @property
    def is_fault(self) -> bool:
        """Something broke here."""
        return self.rule.trigger == "fault"


@dataclass(frozen=True)
class Band:
    """A fault of a party that lasts from step `start` to step `end` (None: to the end)."""

    party: str
    what: str
    start: int
    end: int | None = None

    def covers(self, number: int) -> bool:
        """Whether it lasts at this step."""
        return self.start <= number and (self.end is None or number < self.end)


@dataclass(frozen=True)
class Drawing:
    """A run to draw: its steps, its parties from left to right, and its faults."""

    steps: tuple[Shown, ...]
    parties: tuple[str, ...]
    bands: tuple[Band, ...]


def drawing(model: Model, run: Run) -> Drawing:
    """The run, ready to draw. Raises `BadRun` if a step is refused."""
    reader = reader_for(model, run)
    machines = {r.actor.on.name for r in model.rules.values() if r.actor.on is not None}
    states = list(run.states(reader))
    shown = [
        _shown(reader, machines, number, step, states[number - 1], states[number])
        for number, step in enumerate(run.steps, 1)
    ]
    return Drawing(
        tuple(shown), _columns(model, run, machines, shown), _bands(reader, shown, states)
    )


def _shown(
    reader: Reader, machines: set[str], number: int, step: Step, old: State, new: State
) -> Shown:
    g = reader.grounded(step.rule, step.args)
    party, fields = _party(reader, g.row, machines), reader.layout.fields
    read = (k for k in sorted(g.reads) if fields[k].owner not in (ENVIRONMENT, GHOST))
    others = dict.fromkeys(_party(reader, reader.layout.rows[k], machines) for k in read)
    sources = tuple(p for p in others if p not in (party, TIME))
    known = () if g.rule.trigger == "fault" or party == TIME else sources
    changes = {k: (old[k], v) for k, v in new.items() if old[k] != v}
    return Shown(number, int(new.get(CLOCK, 0)), g.rule, step, party, known, changes)


def _party(reader: Reader, row: str, machines: set[str]) -> str:
    """The machine that a row is on, or else what the row is called."""
    name, *keys = row.split(".")
    if name == CLOCK.partition(".")[0]:
        return TIME
    sorts = [s.name for s in reader.model.schema.records[name].keys]
    on = [key for key, sort in zip(keys, sorts, strict=True) if sort in machines]
    return on[0] if on else keys[0] if keys else name


def _columns(model: Model, run: Run, machines: set[str], shown: Iterable[Shown]) -> tuple[str, ...]:
    """The machines on the two sides, what lies between them in the middle."""
    used = dict.fromkeys(p for s in shown for p in (s.party, *s.sources) if p != TIME)
    every = [run.instance.members.get(sort, ()) for sort in sorted(machines)]
    sides = [m for members in every if any(m in used for m in members) for m in members]
    left, right = sides[: (len(sides) + 1) // 2], sides[(len(sides) + 1) // 2 :]
    return (*left, *(p for p in used if p not in sides), *right)


def _bands(reader: Reader, shown: Iterable[Shown], states: list[State]) -> tuple[Band, ...]:
    """Each fault until nothing of what it did to the environment is left."""
    fields, found = reader.layout.fields, list[Band]()
    for s in (x for x in shown if x.is_fault):
        hurt = {k: new for k, (_, new) in s.changes.items() if fields[k].owner == ENVIRONMENT}
        if not hurt:
            continue
        band = Band(s.party, s.rule.event, s.number)
        for number in range(s.number + 1, len(states)):
            if all(states[number][k] != v for k, v in hurt.items()):
                band = replace(band, end=number)
                break
        found.append(band)
    return tuple(found)
