"""Two parameters swept at once: which pairs of values are safe.

Each pair is proved, the other parameters at their defaults, or refuted by a run, which is tried at
the other pairs as well, the nearest first. No inequality is derived: that is what a sweep of one
parameter is for. Sits on `frontier`; imports z3 through it, never `ccr_es` or `cli`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.language.model import Instance, Model, Property

from ..reading.asking import NEVER, Deadline
from ..runs import Run
from ..verdict import HOLDS, UNKNOWN, VIOLATED, merge
from .frontier import Sweep


@dataclass(frozen=True)
class Cell:
    """What is known of one pair of values."""

    values: tuple[int, int]
    verdict: str
    run: Run | None = None
    shows: str = ""


@dataclass
class Grid:
    """What was found, the cells row by row: the second parameter's values, then the first's."""

    parameters: tuple[str, str]
    asked: tuple[Property, ...]
    """The properties that the parameters can affect."""
    cells: list[Cell] = field(default_factory=list)

    @property
    def verdict(self) -> str:
        """The worst verdict on a pair; every pair holds if nothing depends on them."""
        return merge(c.verdict for c in self.cells) if self.cells else HOLDS

    def as_json(self) -> Mapping[str, Any]:
        """The `ccr verify --sweep --sweep --json` document."""
        cells = [
            {
                "values": list(cell.values),
                "verdict": cell.verdict,
                "property": cell.shows or None,
                "steps": None if cell.run is None else len(cell.run),
            }
            for cell in self.cells
        ]
        return {
            "parameters": list(self.parameters),
            "verdict": self.verdict,
            "properties": [p.number for p in self.asked],
            "cells": cells,
            "safe": None if self.asked else "always",
        }


def grid(
    model: Model,
    instance: Instance,
    first: tuple[str, Sequence[int]],
    second: tuple[str, Sequence[int]],
    properties: Iterable[Property] | None = None,
    folder: Path | None = None,
    deadline: Deadline = NEVER,
) -> Grid:
    """Prove or refute each pair of values. Raises `BadRule` for an unknown parameter."""
    names = first[0], second[0]
    sweep = Sweep(model, instance, names[0], properties, folder, names[1], deadline)
    open_ = sweep.affected()
    found = Grid(names, tuple(open_))
    if not open_:
        return found
    pairs = [(a, b) for b in second[1] for a in first[1]]
    safe = {pair: sweep.holds(*sweep.fixed(_named(names, pair))) for pair in pairs}
    refuted: dict[tuple[int, int], Cell] = {}
    for pair in sorted(pairs, key=lambda p: _away(p, [q for q in pairs if safe[q]])):
        if not safe[pair]:
            near = sorted(refuted.values(), key=lambda c: _away(pair, [c.values]))
            runs = [(c.run, c.shows) for c in near if c.run is not None]
            run, shows = sweep.broken(_named(names, pair), open_, runs)
            refuted[pair] = Cell(pair, UNKNOWN if run is None else VIOLATED, run, shows)
    found.cells = [refuted.get(pair, Cell(pair, HOLDS)) for pair in pairs]
    return found


def _named(names: tuple[str, str], pair: tuple[int, int]) -> dict[str, int]:
    return dict(zip(names, pair, strict=True))


def _away(pair: tuple[int, int], others: list[tuple[int, int]]) -> int:
    return min((abs(pair[0] - a) + abs(pair[1] - b) for a, b in others), default=0)
