"""Minimal counterexamples: shortest, then fewest faults, then smallest numbers.

That is so of all runs that the unrolling holds: every run of as many steps as it has sweeps, and
many that are longer. Where a longer one is shown, one shorter may take more sweeps than were tried.
What a bounded search found is first made smaller on plain values (`shrink`), then the solver is
asked for a shorter one in the same unrolling, and for one of that length with fewer faults, until
it says that there is none, or gives up. Sits above `bounded` and `shrink`; imports z3.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import z3

from models.language.model import SOMETIMES, Property

from ..runs import Run, confirm, faults
from ..verdict import EngineError
from .bounded import Bounded
from .shrink import shrink

RLIMIT = 30_000_000
ONE_MORE = 15_000_000
"""What may be spent on each question after one more sweep."""


def smallest(engine: Bounded, prop: Property, run: Run, rlimit: int = RLIMIT) -> Run:
    """A run no longer than `run` that shows what `prop` is about, in the newest unrolling.

    Its question is posed there (`ask`, `pose`), and the engine has not grown since. Raises
    `EngineError` if a shorter run does not confirm.
    """
    every = [a for depth in engine.applied for a in depth]
    steps = [(a.literal, 1) for a in every]
    harm = [(a.literal, 1) for a in every if a.step.rule.trigger == "fault"]
    best = shrink(engine.model, run, prop)
    while len(best):
        shorter = _within(engine, prop, rlimit, [z3.PbLe(steps, len(best) - 1)])
        if shorter is None:
            break
        best = shrink(engine.model, shorter, prop)
    while count := faults(engine.model, best.steps):
        bounds = [z3.PbLe(steps, len(best)), z3.PbLe(harm, count - 1)]
        milder = _within(engine, prop, rlimit, bounds)
        if milder is None:
            break
        best = shrink(engine.model, milder, prop)
    return best


def one_more(engine: Bounded, goals: Sequence[Property], found: dict[str, Run]) -> None:
    """Counterexamples that were found by sweeps, made smaller after one more sweep if they can be.

    In a sweep each rule fires at most once, and in order: with one more, shorter runs come within
    reach. N sweeps hold every run of N steps: then there is nothing to look for.
    """
    some = [g for g in goals if g.kind != SOMETIMES and len(found[g.number]) > engine.depth + 1]
    if not engine.sweep or not some or not engine.deepen():
        return
    for goal in some:
        if engine.pose(goal):
            found[goal.number] = smallest(engine, goal, found[goal.number], ONE_MORE)


def _within(engine: Bounded, prop: Property, rlimit: int, bounds: list[Any]) -> Run | None:
    engine.solver.push()
    engine.solver.add(*bounds)
    found = engine.check(engine.literal(prop.number), rlimit=rlimit) == z3.sat
    run = engine.run_found(prop.number) if found else None
    engine.solver.pop()
    if run is not None and confirm(engine.model, run, prop) is None:
        raise EngineError(f"{prop.label}: a shorter run of {len(run)} steps does not show it")
    return run
