"""From here: what could happen within so many events of a recorded state, whatever their order.

Bounded search by single steps, from the end of a recorded history instead of the initial state. A
run that is found has the fewest events, then the fewest faults; it is the recorded history with
these events after it, confirmed from the initial state on. Nothing found is a bound, not a promise.

Sits above `bounded`; imports z3, never `ccr_es` or `cli`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import z3

from models.language.model import SOMETIMES, STEP, Model, Property
from models.plain.layout import State
from models.plain.reader import Reader

from ..runs import Run, confirm, faults
from ..verdict import EngineError
from .bounded import RLIMIT, Bounded, Found

NOW = 0
"""The depth of what is so already."""


@dataclass(frozen=True)
class Foreseen:
    """What may come of one property. `run` is the history and what comes after it; None: nothing
    within `depth` events, or (not `complete`) within those that the solver could look at.
    """

    prop: Property
    depth: int
    run: Run | None = None
    complete: bool = True

    @property
    def breaks(self) -> bool:
        """Whether it is a promise that would be broken."""
        return self.run is not None and self.prop.kind != SOMETIMES


def foresee(
    model: Model,
    history: Run,
    goals: Sequence[Property],
    depth: int,
    *,
    rlimit: int = RLIMIT,
    on_depth: Callable[[int], None] = lambda _: None,
) -> list[Foreseen]:
    """What each goal may come to within `depth` events of the end of `history`, in order of goals.

    A goal that shows in that state already is told at depth 0. Raises `BadRun` if the history is
    refused by the model, `EngineError` if a run does not confirm.
    """
    reader = Reader(model, history.instance)
    for state in history.states(reader):
        last = state
    found = {g.number: Foreseen(g, NOW, history) for g in goals if _shows(reader, g, last)}
    waiting = [g for g in goals if g.number not in found]
    engine = Bounded(
        model, history.instance, dict(reader.layout.parameters), rlimit=rlimit, start=history
    )
    reached: dict[str, Found] = {}
    while waiting and engine.depth < depth and engine.deepen():
        on_depth(engine.depth)
        for goal in list(waiting):
            asked = reached[goal.number] = engine.ask(goal)
            if asked.run is not None:
                run = _mildest(engine, goal, asked.run, rlimit)
                found[goal.number] = Foreseen(goal, engine.depth, run)
            if asked.run is not None or not asked.complete:
                waiting.remove(goal)
    for goal in goals:
        if goal.number not in found:
            asked = reached.get(goal.number, Found(goal.number, depth))
            known = asked.depth if not asked.complete else max(depth, asked.depth)
            found[goal.number] = Foreseen(goal, known, None, asked.complete)
    return [found[g.number] for g in goals]


def _shows(reader: Reader, prop: Property, state: State) -> bool:
    if prop.kind == STEP:
        return False
    false = reader.holds(prop, state)
    if prop.kind != SOMETIMES:
        return bool(false)
    return len(false) < len(list(reader.layout.groundings(prop.params)))


def _mildest(engine: Bounded, goal: Property, run: Run, rlimit: int) -> Run:
    """A run of as many events with the fewest faults that the solver finds."""
    harm = [(a.literal, 1) for at in engine.applied for a in at if a.step.rule.trigger == "fault"]
    while count := faults(engine.model, run.steps[len(engine.start) :]):
        engine.solver.push()
        engine.solver.add(z3.PbLe(harm, count - 1))
        milder = engine.check(engine.literal(goal.number), rlimit=rlimit) == z3.sat
        found = engine.run_found(goal.number) if milder else None
        engine.solver.pop()
        if found is None:
            break
        if confirm(engine.model, found, goal) is None:
            raise EngineError(f"{goal.label}: a milder run of {len(found)} steps does not show it")
        run = found
    verdict = "can happen" if goal.kind == SOMETIMES else "violated"
    notes = {"shows": goal.number, "verdict": verdict, "says": goal.sentence}
    return replace(run, notes={**notes, "recorded": len(engine.start)})
