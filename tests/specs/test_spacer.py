"""Spacer finds the invariant itself; plain queries check it again; a wrong one is no verdict."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import z3

from models.language.misuse import BadRule
from specs.proof.spacer import Spacer, constants
from specs.reading.asking import Deadline
from specs.verdict import HOLDS, UNKNOWN, EngineError
from tests.models import teaching
from tests.specs import storage
from tests.specs.runs import DEFAULTS, prop

LEMMA = prop(teaching.MODEL, "L02")
READY = prop(storage.MODEL, "P02")


def test_a_property_is_proved_without_its_lemmas_for_any_timers() -> None:
    lone = replace(teaching.MODEL, properties=(prop(teaching.MODEL, "L01"),))
    found = Spacer(lone, teaching.INSTANCE, lone.properties[0]).prove()
    assert found.verdict == HOLDS
    assert "checked again" in found.detail
    assert "p.lease" in found.invariant


def test_a_tracked_sort_is_proved_for_any_number_of_members() -> None:
    found = Spacer(storage.MODEL, storage.instance(1), READY).prove()
    assert found.verdict == HOLDS
    assert "every other Group: copy.A.*.ready" in found.slice


@pytest.mark.parametrize("model", [storage.CARELESS, storage.EAGER])
def test_a_dropped_guard_is_not_proved(model: Any) -> None:
    found = Spacer(model, storage.instance(1), prop(model, "P02")).prove()
    assert (found.verdict, found.invariant) == (UNKNOWN, "")


def test_a_timer_that_is_one_too_short_is_not_proved() -> None:
    short = {**DEFAULTS, "expiry": 5_999}
    found = Spacer(teaching.MODEL, teaching.INSTANCE, prop(teaching.MODEL, "L01"), short).prove()
    assert found.verdict == UNKNOWN


def test_the_slice_has_what_the_property_depends_on_and_no_more() -> None:
    spacer = Spacer(teaching.MODEL, teaching.INSTANCE, prop(teaching.MODEL, "P01"))
    assert "lock.renewed" in spacer.part.keys
    assert "node.A.turns" not in spacer.part.keys
    assert "history.turns" not in spacer.part.keys
    assert "heal" in {s.rule.name for s in spacer.part.steps}


def test_a_slice_of_chosen_records_allows_more_runs_and_may_prove_less() -> None:
    whole = Spacer(storage.MODEL, storage.instance(1), READY)
    part = Spacer(storage.MODEL, storage.instance(1), READY, records=("node",))
    assert set(part.part.keys) < set(whole.part.keys)
    assert part.prove().verdict == UNKNOWN


def test_what_the_time_does_not_suffice_for_is_unknown() -> None:
    late = Deadline.after(0.001)
    goal = prop(teaching.MODEL, "P01")
    assert Spacer(teaching.MODEL, teaching.INSTANCE, goal, deadline=late).prove().verdict == UNKNOWN


def test_only_what_always_holds_can_be_asked() -> None:
    with pytest.raises(BadRule, match="P02 renewals_grow is a step property"):
        Spacer(teaching.MODEL, teaching.INSTANCE, prop(teaching.MODEL, "P02"))


def wrong(spacer: Spacer, kind: str) -> Any:
    """An invariant that proves nothing."""
    if kind == "false at first":
        return z3.BoolVal(False)
    if kind == "not kept":
        return z3.And(spacer.good, spacer.reading.old["clock.now"] == 0)
    return z3.BoolVal(True)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("false at first", "it is false at first"),
        ("not kept", "R001 tick does not keep it"),
        ("empty", "it does not imply the property"),
    ],
)
def test_a_wrong_invariant_is_an_internal_error(
    kind: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    spacer = Spacer(teaching.MODEL, teaching.INSTANCE, LEMMA)
    monkeypatch.setattr(spacer, "_invariant", lambda _: wrong(spacer, kind))
    with pytest.raises(EngineError, match=said):
        spacer.prove()


def test_constants_are_found_once_each() -> None:
    x, y = z3.Ints("x y")
    assert [str(c) for c in constants(x + x > 1)] == ["x"]
    assert {str(c) for c in constants(z3.And(x > y, y > x))} == {"x", "y"}
