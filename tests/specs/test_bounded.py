"""Bounded search: shortest runs, confirmed; how deep there is none; and never a wrong answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import z3

from models.language.model import Model, model_of
from specs.reading import symbolic
from specs.runs import BadRun, Run, confirm, faults
from specs.search import bounded
from specs.search.bounded import Bounded, search
from specs.search.explore import Explorer
from specs.search.minimal import smallest
from specs.search.shrink import shrink
from specs.verdict import EngineError
from tests.models import teaching
from tests.specs.runs import DEFAULTS, prop, run_of


def engine(model: Model, *, sweep: bool = False, **settings: int) -> Bounded:
    """A bounded search at the default parameters, some of them changed."""
    return Bounded(model, teaching.INSTANCE, {**DEFAULTS, **settings}, sweep=sweep)


def rules_of(run: Run | None) -> list[str]:
    """The rules of a run, in order."""
    assert run is not None
    return [s.rule for s in run.steps]


def test_the_shortest_run_to_two_serving_is_found_by_single_steps() -> None:
    found = search(engine(teaching.BROKEN), [prop(teaching.BROKEN, "P01")], 6)["P01"]
    assert found.depth == 4
    assert rules_of(found.run) == [rule for rule, _ in teaching.BROKEN_RUN]


@pytest.mark.parametrize("number", ["P01", "P02", "P03", "P04"])
@pytest.mark.parametrize("model", [teaching.MODEL, teaching.BROKEN])
def test_single_steps_and_exploration_agree_on_the_length_of_the_shortest_run(
    model: Model, number: str
) -> None:
    by_solver = search(engine(model), [prop(model, number)], 4)[number]
    by_states = Explorer(model, teaching.INSTANCE).find(prop(model, number), 4)
    assert (by_solver.run is None) == (by_states.run is None)
    assert by_solver.depth == by_states.depth


def test_a_sweep_reaches_further_than_its_depth() -> None:
    found = search(engine(teaching.BROKEN, sweep=True), [prop(teaching.BROKEN, "P01")], 3)["P01"]
    assert found.run is not None
    assert found.depth < len(found.run)


def test_nothing_is_found_in_the_sound_model_and_the_depth_is_said() -> None:
    found = search(engine(teaching.MODEL), [prop(teaching.MODEL, "P01")], 5)["P01"]
    assert (found.run, found.depth, found.complete) == (None, 5, True)


def test_free_parameters_are_chosen_under_the_constraint() -> None:
    free = Bounded(teaching.MODEL, teaching.INSTANCE, sweep=True)
    assert search(free, [prop(teaching.MODEL, "P01")], 2)["P01"].run is None
    lax = replace(teaching.MODEL, constraints={})
    found = search(Bounded(lax, teaching.INSTANCE, sweep=True), [prop(lax, "P01")], 3)["P01"]
    assert found.run is not None
    chosen = found.run.instance.parameters
    assert chosen["expiry"] < chosen["lease"]


def test_a_step_property_is_found_broken_at_the_step() -> None:
    careless = teaching.MODEL.with_rule(teaching.claim_lock.changed(ghost=()))
    for sweep in (False, True):
        found = search(engine(careless, sweep=sweep), [prop(careless, "P03")], 2)["P03"]
        assert "claim_lock" in rules_of(found.run)


def test_only_the_chosen_rules_are_taken() -> None:
    chosen = Bounded(
        teaching.BROKEN, teaching.INSTANCE, DEFAULTS, rules=("claim_lock", "start_serving")
    )
    found = search(chosen, [prop(teaching.BROKEN, "P01")], 4)["P01"]
    assert set(rules_of(found.run)) == {"claim_lock", "start_serving"}


def test_a_model_that_comes_to_rest_is_explored_to_its_end() -> None:
    once = model_of("once", teaching.SCHEMA, (teaching.crash,))
    found = Bounded(once, teaching.INSTANCE, DEFAULTS)
    assert [found.deepen() for _ in range(3)] == [True, True, False]
    assert found.fired == {"crash"}


def test_a_rule_that_is_never_enabled_is_not_fired() -> None:
    single = engine(teaching.MODEL)
    single.deepen()
    assert single.fired == {"tick", "crash", "cut", "claim_lock"}


def test_a_search_goes_on_from_the_end_of_a_run() -> None:
    start = run_of(teaching.BROKEN_RUN[:2])
    onward = Bounded(teaching.BROKEN, teaching.INSTANCE, DEFAULTS, start=start)
    found = search(onward, [prop(teaching.BROKEN, "P01")], 2)["P01"]
    assert rules_of(found.run) == [rule for rule, _ in teaching.BROKEN_RUN]


def test_a_search_that_exceeds_its_limit_is_not_complete() -> None:
    short = Bounded(teaching.MODEL, teaching.INSTANCE, DEFAULTS, sweep=True, rlimit=1)
    found = search(short, [prop(teaching.MODEL, "P01")], 3)["P01"]
    assert (found.run, found.complete) == (None, False)


def wrong_less(op: str, parts: list[Any], right: Callable[[str, list[Any]], Any]) -> Any:
    """A reading in which waiting is never needed."""
    return z3.BoolVal(True) if op == "elapsed" else right(op, parts)


def test_a_wrong_reading_ends_as_an_internal_error(monkeypatch: pytest.MonkeyPatch) -> None:
    right = symbolic._apply
    monkeypatch.setattr(symbolic, "_apply", lambda op, parts: wrong_less(op, parts, right))
    with pytest.raises((BadRun, EngineError), match=r"is refused|does not show it"):
        search(engine(teaching.MODEL, sweep=True), [prop(teaching.MODEL, "P04")], 3)


def test_a_wrong_model_of_the_solver_ends_as_an_internal_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    right = Bounded.run_found

    def shortened(self: Bounded, goal: str) -> Run:
        run = right(self, goal)
        return Run(run.instance, run.steps[:-1])

    monkeypatch.setattr(bounded.Bounded, "run_found", shortened)
    with pytest.raises(EngineError, match=r"P01: the solver's run of 3 steps does not show it"):
        search(engine(teaching.BROKEN), [prop(teaching.BROKEN, "P01")], 4)


PADDED = (
    ("tick", {"dt": 70}),
    ("crash", {"n": "B"}),
    ("claim_lock", {"n": "A"}),
    ("boot", {"n": "B"}),
    ("tick", {"dt": 7}),
    ("start_serving", {"n": "A", "renewed": 70}),
    ("cut", {"n": "B"}),
    ("heal", {"n": "B"}),
    ("tick", {"dt": 700}),
    ("renew_lock", {"n": "A"}),
    ("claim_lock", {"n": "B"}),
    ("start_serving", {"n": "B", "renewed": 777}),
)


def test_a_run_is_shrunk_to_what_it_takes() -> None:
    two = prop(teaching.BROKEN, "P01")
    small = shrink(teaching.BROKEN, run_of(PADDED), two)
    assert small.steps == run_of(teaching.BROKEN_RUN).steps
    assert confirm(teaching.BROKEN, small, two) is not None


def still_shows(run: Run, model: Model, number: str) -> bool:
    """Whether a run is possible and shows the property."""
    try:
        return confirm(model, run, prop(model, number)) is not None
    except BadRun:
        return False


def test_no_step_of_a_shrunk_run_can_be_left_out() -> None:
    small = shrink(teaching.MODEL, run_of(teaching.FAILOVER_RUN), prop(teaching.MODEL, "P04"))
    assert still_shows(small, teaching.MODEL, "P04")
    for i in range(len(small)):
        fewer = Run(small.instance, small.steps[:i] + small.steps[i + 1 :])
        assert not still_shows(fewer, teaching.MODEL, "P04")


def test_waits_are_joined_and_made_as_short_as_they_can_be() -> None:
    long = (
        ("claim_lock", {"n": "A"}),
        ("tick", {"dt": 9_000}),
        ("tick", {"dt": 9_000}),
        ("claim_lock", {"n": "B"}),
        ("start_serving", {"n": "B", "renewed": 18_000}),
    )
    small = shrink(teaching.MODEL, run_of(long), prop(teaching.MODEL, "P04"))
    assert [s.args["dt"] for s in small.steps if s.rule == "tick"] == [10_000]


def test_a_run_that_shows_nothing_is_left_as_it_is() -> None:
    run = run_of(PADDED[:5])
    assert shrink(teaching.BROKEN, run, prop(teaching.BROKEN, "P01")) == run


def test_the_solver_finds_a_shorter_run_where_leaving_out_does_not() -> None:
    detour = (
        ("claim_lock", {"n": "A"}),
        ("start_serving", {"n": "A", "renewed": 0}),
        ("crash", {"n": "A"}),
        ("tick", {"dt": 10_000}),
        ("claim_lock", {"n": "B"}),
        ("start_serving", {"n": "B", "renewed": 10_000}),
        ("boot", {"n": "A"}),
        ("claim_lock", {"n": "A"}),
        ("start_serving", {"n": "A", "renewed": 10_000}),
    )
    two = prop(teaching.BROKEN, "P01")
    swept = engine(teaching.BROKEN, sweep=True)
    found = search(swept, [two], 4)["P01"]
    assert found.run is not None
    best = smallest(swept, two, run_of(detour))
    assert len(best) == 4
    assert faults(teaching.BROKEN, best.steps) == 0
