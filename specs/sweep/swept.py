"""What a sweep over one parameter found, as a value. Imports no z3."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from models.language.model import Property
from models.language.terms import Term

from ..report import run_as_json
from ..runs import Run
from ..verdict import HOLDS, merge

AT_LEAST, AT_MOST = "at least", "at most"


@dataclass(frozen=True)
class Point:
    """What is known of one value: proved, or refuted by a run, or neither."""

    value: int
    verdict: str
    run: Run | None = None
    shows: str = ""
    """The number of the property that the run breaks, or shows."""
    tried: str = ""
    """Where no run was found: what was searched for one."""


@dataclass
class Frontier:
    """What a sweep found. `bound` is the inequality, proved with all parameters free."""

    parameter: str
    asked: tuple[Property, ...]
    """The properties that the parameter can affect."""
    points: list[Point] = field(default_factory=list)
    side: str = ""
    """`at least` or `at most`: on which side of the edge it is safe; empty if there is no edge."""
    edge: int | None = None
    """The last value that is proved safe, the others at their defaults."""
    bound: Term | None = None
    beyond: Point | None = None
    """The value next to the edge, refuted: the inequality cannot be weakened by one."""
    anything: bool = False
    """Every value is safe: no proof needs anything to be so of this parameter."""
    shown: bool = False
    """It is about what is possible: a value holds if a run shows it."""
    note: str = ""
    """What else there is to say of what was swept."""

    @property
    def verdict(self) -> str:
        """The worst verdict on a value of the sweep."""
        return HOLDS if self.anything else merge(p.verdict for p in self.points)


def as_json(found: Frontier, said: Callable[[Term], str]) -> Mapping[str, Any]:
    """The `ccr verify --sweep --json` document; `said` writes a term."""
    beyond = found.beyond
    return {
        "parameter": found.parameter,
        "about": "possible" if found.shown else "safe",
        "verdict": found.verdict,
        "properties": [p.number for p in found.asked],
        "points": [
            {
                "value": p.value,
                "verdict": p.verdict,
                "property": p.shows or None,
                "steps": None if p.run is None else len(p.run),
                "tried": p.tried or None,
            }
            for p in found.points
        ],
        "safe": found.side or ("always" if found.anything else None),
        "edge": found.edge,
        "note": found.note or None,
        "inequality": None if found.bound is None else said(found.bound),
        "beyond": None if beyond is None or beyond.run is None else _beyond(beyond, beyond.run),
    }


def _beyond(point: Point, run: Run) -> dict[str, Any]:
    return {"value": point.value, "property": point.shows, "run": run_as_json(run)}
