"""From a recorded state: shortest, fewest faults, confirmed on the whole history, and a bound."""

from __future__ import annotations

import pytest
import z3

from models.language.model import ALWAYS
from models.language.terms import Term
from specs.runs import BadRun, confirm, faults
from specs.search.bounded import Bounded
from specs.search.foresee import foresee
from tests.models import teaching
from tests.specs.runs import prop, run_of

TAKEN = run_of(teaching.BROKEN_RUN[:2])
P01, P04 = prop(teaching.MODEL, "P01"), prop(teaching.MODEL, "P04")


def test_from_a_state_halfway_there_only_the_rest_is_missing() -> None:
    (found,) = foresee(teaching.BROKEN, TAKEN, [P01], 3)
    assert (found.depth, found.breaks, found.complete) == (2, True, True)
    assert found.run is not None
    assert found.run.steps[:2] == TAKEN.steps
    assert confirm(teaching.BROKEN, found.run, P01) is not None
    assert found.run.notes["recorded"] == 2


def test_what_is_too_far_is_not_found_and_the_bound_is_said() -> None:
    (found,) = foresee(teaching.BROKEN, TAKEN, [P01], 1)
    assert (found.run, found.depth, found.complete, found.breaks) == (None, 1, True, False)


def test_the_sound_model_breaks_nothing_from_there() -> None:
    found = foresee(teaching.MODEL, TAKEN, [P01, P04], 4)
    assert [f.prop.number for f in found] == ["P01", "P04"]
    assert found[0].run is None
    assert found[1].run is not None
    assert not found[1].breaks


def test_what_is_so_already_is_told_at_once() -> None:
    (found,) = foresee(teaching.BROKEN, run_of(teaching.BROKEN_RUN), [P01], 2)
    assert (found.depth, found.breaks) == (0, True)


def test_the_fewest_faults_that_reach_it_are_taken() -> None:
    @teaching.promise("P09", kind=ALWAYS, source="test")
    def never_free(s: object) -> Term:
        """Three things have not happened. (They can, with a fault or without.)"""
        return teaching.MODEL.state.now < 2

    model = teaching.MODEL.promising([never_free])
    (found,) = foresee(model, TAKEN, [never_free], 2)
    assert found.run is not None
    assert faults(model, found.run.steps) == 0


def test_a_solver_that_gives_up_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    right = Bounded.check

    def tired(self: Bounded, *literals: object, rlimit: int | None = None) -> object:
        return z3.unknown if rlimit is None else right(self, *literals, rlimit=rlimit)

    monkeypatch.setattr(Bounded, "check", tired)
    (found,) = foresee(teaching.BROKEN, TAKEN, [P01], 3)
    assert (found.run, found.complete) == (None, False)
    assert found.depth < 3


def test_a_history_that_the_model_refuses_is_not_gone_on_from() -> None:
    with pytest.raises(BadRun):
        foresee(teaching.MODEL, run_of(teaching.BROKEN_RUN), [P01], 2)
