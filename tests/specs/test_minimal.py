"""A counterexample of the CCR model is as small as it can be, and the solver says that it is.

What the search calls minimal is held against an unrolling step by step, with every rule of the
model: no run of fewer steps breaks the promise, and none of as many steps with fewer faults.
"""

from __future__ import annotations

import pytest
import z3

from models.language.model import Model
from specs.catalogue import SMALL
from specs.runs import confirm, faults
from specs.search.bounded import Bounded
from specs.search.search import Hunt
from tests.specs.runs import prop
from tests.specs.test_defences import DEFAULTS, STATE, a_crash_forgets_the_epoch, setting, without

CASES = [
    (setting("wipe_share", "witness.incarnation", STATE.witness.incarnation), "P05", 1, 1),
    (without(("replay_log", "an inspected log is waiting")), "P12", 3, 0),
    (a_crash_forgets_the_epoch(), "P06", 4, 1),
    (without(("bring_online", "node is the controller")), "P08", 8, 0),
]
"""A mutant, the promise that it breaks, the steps of the run shown, the faults in it."""


@pytest.mark.slow
@pytest.mark.parametrize(("model", "number", "steps", "harm"), CASES, ids=[c[1] for c in CASES])
def test_no_run_is_shorter_and_none_as_short_has_fewer_faults(
    model: Model, number: str, steps: int, harm: int
) -> None:
    promise = prop(model, number)
    run = Hunt(model, SMALL, DEFAULTS, free=False).look([promise])[number]
    assert (len(run), faults(model, run.steps)) == (steps, harm)
    assert confirm(model, run, promise) is not None
    exact = Bounded(model, SMALL, DEFAULTS)
    while exact.depth < steps - 1:
        assert exact.deepen()
        shorter = exact.ask(promise)
        assert shorter.complete, "the solver gave up"
        assert shorter.run is None, f"{exact.depth} steps are enough"
    assert exact.deepen()
    assert exact.pose(promise)
    broken = exact.literal(number)
    assert exact.check(broken) == z3.sat
    every = [a for depth in exact.applied for a in depth if a.step.rule.trigger == "fault"]
    if harm:
        fewer = z3.PbLe([(a.literal, 1) for a in every], harm - 1)
        assert exact.check(broken, fewer) == z3.unsat


@pytest.mark.slow
def test_one_more_sweep_brings_a_shorter_run_within_reach() -> None:
    model = without(("open_alone", "board names its epoch"))
    run = Hunt(model, SMALL, DEFAULTS, free=False).look([prop(model, "P03")])["P03"]
    assert len(run) == 11, "the first two sweeps hold one of 16 steps"
