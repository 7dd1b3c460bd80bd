"""At which values of a parameter something is possible: each value shown by a run, or proved to be
one at which no run shows it, or neither.

Nothing follows from one value for another, so there is no inequality here: each is asked by itself,
the property's own story first. Sits above `verify`; imports z3.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from models.language.model import Instance, Model, Property

from ..options import Options
from ..reading.asking import NEVER, Deadline
from ..verdict import HOLDS, merge
from ..verify import verify
from .swept import AT_LEAST, AT_MOST, Frontier, Point


def sweep_shown(
    model: Model,
    instance: Instance,
    parameter: str,
    properties: Sequence[Property],
    values: Sequence[int],
    folder: Path | None = None,
    deadline: Deadline = NEVER,
) -> Frontier:
    """A sweep about properties that are `sometimes`, the other parameters as the instance has them
    or at their defaults. Raises `BadRule` for a parameter that the model does not have.
    """
    found = Frontier(parameter, tuple(properties), shown=True)
    for value in sorted(set(values)):
        report = verify(
            model, instance, properties, parameters={parameter: value},
            options=Options(depth=0, sweeps=0, folder=folder, seconds=deadline.left),
        )  # fmt: skip
        verdict = merge(report.verdict_on(p.number) for p in properties)
        number, run = next(iter(report.runs.items()), ("", None))
        found.points.append(Point(value, verdict, run if verdict == HOLDS else None, number))
    for low, high in zip(found.points, found.points[1:], strict=False):
        if (low.verdict == HOLDS) != (high.verdict == HOLDS) and high.value == low.value + 1:
            found.side = AT_LEAST if high.verdict == HOLDS else AT_MOST
            found.edge = high.value if high.verdict == HOLDS else low.value
            break
    return found
