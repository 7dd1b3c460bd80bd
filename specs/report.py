"""What a verification says: a verdict, every obligation, what was assumed, and runs as evidence.

The form that `ccr verify` prints and, as JSON, promises to scripts. Sits above `runs`; no z3.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.language.model import LEMMA, Property

from .proof.cost import total
from .proof.task import Query
from .runs import Run
from .verdict import (
    BY_INDUCTION,
    BY_K,
    BY_SPACER,
    BY_STEPS,
    HOLDS,
    SEARCHES,
    UNKNOWN,
    Obligation,
    merge,
)

SCHEMA = 1


@dataclass
class Opinion:
    """What came of a second opinion."""

    solver: str
    confirmed: int = 0
    frames: int = 0
    against: dict[tuple[str, str], str] = field(default_factory=dict)
    """What is not confirmed, by rule and property, and why."""
    same: bool = False
    """The solver is of the version that proved it: no second opinion."""

    def as_json(self) -> dict[str, object]:
        """As `ccr verify --json` says it."""
        return {
            "solver": self.solver,
            "confirmed": self.confirmed,
            "frames": self.frames,
            "same_solver": self.same,
            "not_confirmed": [
                {"rule": rule, "property": number, "why": why}
                for (rule, number), why in self.against.items()
            ],
        }


@dataclass
class Merged:
    """How the answers to a work queue were merged: how many of them, by who vouches for them."""

    here: str
    """The solver that is asked again here, and its version."""
    solvers: set[str] = field(default_factory=set)
    """Who answered."""
    agreed: int = 0
    """By two of them."""
    again: int = 0
    """By one of them, and again here."""
    alone: int = 0
    """By one of them, and not decided here: unknown."""
    missing: int = 0
    """By nobody: unknown."""
    against: dict[tuple[str, str], str] = field(default_factory=dict)
    """What they contradict each other on, by rule and property: unknown."""

    def as_json(self) -> dict[str, object]:
        """As `ccr verify --json` says it."""
        return {
            "solvers": sorted(self.solvers),
            "here": self.here,
            "agreed": self.agreed,
            "confirmed_here": self.again,
            "one_only": self.alone,
            "missing": self.missing,
            "contradicted": [
                {"rule": rule, "property": number, "why": why}
                for (rule, number), why in self.against.items()
            ],
        }


@dataclass
class Report:
    """The answer to `verify`. `runs` has a counterexample per violated property, and a witness per
    `sometimes` that holds, by property number.
    """

    model: str
    asked: tuple[Property, ...]
    parameters: dict[str, int] | None
    """The values proved for; None is any that obey the assumptions."""
    faults: tuple[str, ...]
    assumptions: tuple[str, ...]
    broken: tuple[str, ...] = ()
    """Assumptions that the given parameters break: not assumed."""
    depth: int = 0
    obligations: list[Obligation] = field(default_factory=list)
    runs: dict[str, Run] = field(default_factory=dict)
    certificates: dict[str, str] = field(default_factory=dict)
    """For what k-induction or Spacer proved: what the proof is, an invariant as SMT-LIB text."""
    queries: dict[str, tuple[Query, ...]] = field(default_factory=dict)
    """What these proofs come down to: scripts that must be unsatisfiable."""
    opinion: Opinion | None = None
    """What another solver says of the proof."""
    merged: Merged | None = None
    """Where the answers came from a work queue: how they were merged."""
    place: Path | None = None
    """The folder of its certificate."""
    unfinished: frozenset[str] = frozenset()
    """Numbers of the properties that were still being asked about when somebody interrupted."""
    interrupted: bool = False
    seconds: float = 0.0
    _sorted: tuple[list[Obligation], int, dict[str, list[Obligation]], dict[str, str]] = field(
        default_factory=lambda: ([], 0, {}, {}), init=False, repr=False, compare=False
    )
    """The obligations by property, and of which list, when it had how many; their verdicts."""

    def verdict_on(self, number: str) -> str:
        """The verdict on one property: a confirmed run settles it, whichever way."""
        found = self.of(number)
        if number in self.unfinished:
            return UNKNOWN
        if number in self.runs:
            return next(o.verdict for o in found if o.method in SEARCHES and o.verdict != UNKNOWN)
        if number in self.certificates:
            return HOLDS
        verdicts = self._sorted[3]
        if number not in verdicts:
            verdicts[number] = merge(o.verdict for o in found)
        return verdicts[number]

    def proved(self, number: str) -> bool:
        """Whether it holds for runs of any length, asked for or leaned on."""
        return number not in self.runs and self.verdict_on(number) == HOLDS

    def rung(self, number: str) -> str:
        """What settled a property, or how far it was searched: the rung of the ladder."""
        found = self.of(number)
        if number in self.runs:
            return next(o.method for o in found if o.method in SEARCHES and o.verdict != UNKNOWN)
        if number in self.certificates:
            return next(o.method for o in found if o.method in (BY_K, BY_SPACER) and _good(o))
        if self.verdict_on(number) != UNKNOWN:
            return BY_INDUCTION
        return next((o.method for o in found if o.method == BY_STEPS), "")

    @property
    def verdict(self) -> str:
        """The verdict on all that was asked."""
        return merge(self.verdict_on(p.number) for p in self.asked)

    def of(self, number: str) -> list[Obligation]:
        """The obligations on a property."""
        every, size, by_property, _ = self._sorted
        if every is not self.obligations or size != len(every):
            by_property = {}
            for o in self.obligations:
                by_property.setdefault(o.property, []).append(o)
            self._sorted = self.obligations, len(self.obligations), by_property, {}
        return by_property.get(number, [])

    def open_of(self, number: str) -> list[Obligation]:
        """The obligations on a property that do not hold."""
        return [o for o in self.of(number) if o.verdict != HOLDS]

    def leaned_on(self) -> list[str]:
        """Numbers of the properties that the proofs of what was asked used, directly or not."""
        asked = {p.number for p in self.asked}
        reached, todo = set(asked), list(asked)
        while todo:
            number = todo.pop()
            used = {u for o in self.of(number) for u in o.uses}
            todo += sorted(used - reached)
            reached |= used
        return sorted(reached - asked)

    def as_json(self) -> dict[str, Any]:
        """The `ccr verify --json` document."""
        return {
            "schema": SCHEMA,
            "model": self.model,
            "verdict": self.verdict,
            "parameters": self.parameters,
            "faults": list(self.faults),
            "assumptions": list(self.assumptions),
            "broken_assumptions": list(self.broken),
            "depth": self.depth,
            "interrupted": self.interrupted,
            "cost": total(self.obligations).as_json(),
            "seconds": round(self.seconds, 3),
            "properties": [self._property(p) for p in self.asked],
            "leaned_on": self.leaned_on(),
            "obligations": [o.as_json() for o in self.obligations],
            "certificates": dict(self.certificates),
            "certificate": None if self.place is None else str(self.place),
            "recheck": None if self.opinion is None else self.opinion.as_json(),
            "collected": None if self.merged is None else self.merged.as_json(),
            "runs": {number: run_as_json(run) for number, run in self.runs.items()},
        }

    def _property(self, prop: Property) -> dict[str, Any]:
        return {
            "number": prop.number,
            "name": prop.name,
            "kind": prop.kind,
            "sentence": prop.sentence,
            "verdict": self.verdict_on(prop.number),
            "rung": self.rung(prop.number),
        }


def _good(obligation: Obligation) -> bool:
    return obligation.verdict == HOLDS


def run_as_json(run: Run) -> dict[str, Any]:
    """A run inside a JSON document."""
    return {
        "members": {k: list(v) for k, v in run.instance.members.items()},
        "parameters": dict(run.instance.parameters),
        "notes": dict(run.notes),
        "steps": [{"rule": s.rule, "args": dict(s.args)} for s in run.steps],
    }


def promised(properties: tuple[Property, ...]) -> tuple[Property, ...]:
    """What is asked by default: everything but lemmas."""
    return tuple(p for p in properties if p.kind != LEMMA)
