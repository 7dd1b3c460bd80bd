"""How many members of a sort there are, as a thing that is swept.

Where one member stands for any in every proof (`Model.tracked`), what is proved with one holds for
any number from one on, and a run with one is a run with more: only none is another question. Of
another sort each number is proved by itself. No inequality is derived.

Sits above `verify`; imports z3 through it, never `ccr_es` or `cli`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import count, islice
from pathlib import Path

from models.language.model import SOMETIMES, Instance, Model, Property
from models.language.terms import Sort

from ..options import Options
from ..reading.asking import NEVER, Deadline
from ..report import Report, promised
from ..verdict import HOLDS, VIOLATED
from ..verify import verify
from .swept import AT_LEAST, AT_MOST, Frontier, Point


def with_members(instance: Instance, sort: Sort, number: int) -> Instance:
    """The instance with so many members of a sort: its own first, then others."""
    own = instance.members.get(sort.name, ())
    more = (f"{sort.name}{i}" for i in count(1))
    fresh = islice((n for n in more if n not in own), max(0, number - len(own)))
    return replace(instance, members={**instance.members, sort.name: (*own, *fresh)[:number]})


def sweep_members(
    model: Model,
    instance: Instance,
    sort: Sort,
    numbers: Sequence[int],
    properties: Iterable[Property] | None = None,
    folder: Path | None = None,
    parameters: Mapping[str, int] | None = None,
    deadline: Deadline = NEVER,
) -> Frontier:
    """Prove or refute what was asked (default: all that is promised) with each number of members,
    for any parameters or these. Raises `ModelError` for a number that the model cannot have.
    """
    asked = tuple(promised(model.properties) if properties is None else properties)
    if properties is None:
        asked = tuple(p for p in asked if p.kind != SOMETIMES)
    stands = sort in model.tracked and bool(instance.members.get(sort.name))
    found = Frontier(sort.name, asked, shown=any(p.kind == SOMETIMES for p in asked))
    reports: dict[int, Report] = {}
    for number in sorted(set(numbers)):
        proved_with = min(number, 1) if stands else number
        if proved_with not in reports:
            reports[proved_with] = verify(
                model, with_members(instance, sort, proved_with), asked, parameters=parameters,
                options=Options(folder=folder, seconds=deadline.left),
            )  # fmt: skip
        found.points.append(_point(reports[proved_with], number, found.shown))
    for low, high in zip(found.points, found.points[1:], strict=False):
        if {low.verdict, high.verdict} == {HOLDS, VIOLATED} and high.value == low.value + 1:
            found.side = AT_LEAST if high.verdict == HOLDS else AT_MOST
            safe, found.beyond = (high, low) if found.side == AT_LEAST else (low, high)
            found.edge = safe.value
            break
    if stands:
        found.note = f"one {sort.name} stands for any number of them in a proof"
    return found


def _point(report: Report, number: int, shown: bool) -> Point:
    wanted = HOLDS if shown else VIOLATED
    for prop in report.asked:
        if (
            prop.number in report.runs
            and report.verdict_on(prop.number) == wanted == report.verdict
        ):
            return Point(number, report.verdict, report.runs[prop.number], prop.number)
    return Point(number, report.verdict)
