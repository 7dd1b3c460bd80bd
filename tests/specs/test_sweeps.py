"""What the promises of the CCR model need of its parameters, each with the others at their
defaults: the frontier and the inequality, or that any value is safe.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from models.language.settings import with_setting
from models.language.show import show
from specs.catalogue import CCR, SMALL
from specs.examples.replay_lag import HOUR, MODEL
from specs.search.search import Hunt
from specs.sweep.frontier import Sweep
from specs.verdict import HOLDS, VIOLATED

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where what one sweep proved is kept for the next."""
    return tmp_path_factory.mktemp("kept")


def test_an_inspection_must_be_attempted(kept: Path) -> None:
    found = Sweep(CCR, SMALL, "inspection_attempts", folder=kept).run(range(3))
    assert [p.verdict for p in found.points] == [VIOLATED, HOLDS, HOLDS]
    assert (found.side, found.edge) == ("at least", 1)
    assert found.bound is not None
    assert show(found.bound) == "inspection_attempts ≥ 1"


def test_the_slack_of_a_request_must_cover_what_a_clock_may_be_off(kept: Path) -> None:
    sweep, state = Sweep(CCR, SMALL, "dumpster_slack", folder=kept), CCR.state.p
    assert {"P72", "P81"} <= {p.number for p in sweep.affected()}
    assert not sweep.holds(*sweep.fixed({"dumpster_slack": 59_999}))
    needed = sweep.rests_on(*sweep.fixed({"dumpster_slack": 60_000}))
    assert needed == {"dumpster_slack", "hub_skew_max"}
    assert sweep.holds(state.dumpster_slack >= state.hub_skew_max)
    assert not sweep.holds(state.dumpster_slack >= state.hub_skew_max - 1)


@pytest.mark.parametrize("parameter", ["llr_depth", "scr_floor"])
def test_no_promise_needs_anything_of_it(parameter: str, kept: Path) -> None:
    """How many logs are held back is a choice: no number of them is unsafe."""
    found = Sweep(CCR, SMALL, parameter, folder=kept).run(range(0, 13, 4))
    assert (found.anything, found.verdict) == (True, HOLDS)


def test_which_replay_lag_keeps_a_mistake_from_a_target_and_what_any_lag_keeps(kept: Path) -> None:
    model = with_setting(MODEL, "standby.lag")
    of_an_hour = [p for p in model.properties if p.number == "X01"]
    sweep = Sweep(model, SMALL, "standby_lag", folder=kept)
    assert sweep.affected() == of_an_hour
    assert sweep.holds(*sweep.fixed({"standby_lag": HOUR}))
    assert not sweep.holds(*sweep.fixed({"standby_lag": HOUR - 1}))
    half = {**sweep.defaults, "standby_lag": HOUR // 2}
    run = Hunt(model, SMALL, half, False, 0, sweeps=0).look(of_an_hour)["X01"]
    assert run.instance.parameters["standby_lag"] == HOUR // 2
