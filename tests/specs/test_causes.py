"""What would have stopped a run: the guard that is missing, the value that is too small."""

from __future__ import annotations

from dataclasses import replace

from models.language.model import Instance
from specs.runs import confirm
from specs.search.causes import BORROWED, MISSING, VALUE, borrowed, causes, missing, values
from tests.models import teaching
from tests.specs.runs import prop, run_of

RUN = run_of(teaching.BROKEN_RUN)
P01 = prop(teaching.BROKEN, "P01")
CLOSE = (
    ("claim_lock", {"n": "A"}),
    ("start_serving", {"n": "A", "renewed": 0}),
    ("cut", {"n": "A"}),
    ("tick", {"dt": 5_000}),
    ("claim_lock", {"n": "B"}),
    ("start_serving", {"n": "B", "renewed": 5_000}),
)


def test_the_guard_that_was_dropped_is_the_cause() -> None:
    (cause,) = causes(teaching.BROKEN, RUN, P01, teaching.MODEL)
    assert (cause.kind, cause.step, cause.guard) == (MISSING, 3, teaching.DEFENCE)
    assert missing(teaching.BROKEN, RUN) == []


def test_the_nearest_value_of_a_parameter_that_stops_it_is_named_with_its_guard() -> None:
    run = replace(run_of(CLOSE), instance=Instance(RUN.instance.members, {"expiry": 4_000}))
    assert confirm(teaching.MODEL, run, prop(teaching.MODEL, "P01")) is not None
    (cause,) = values(teaching.MODEL, run, prop(teaching.MODEL, "P01"))
    assert (cause.kind, cause.step, cause.guard) == (VALUE, 5, teaching.DEFENCE)
    assert "expiry is 4000; with 5001 (the default is 10000)" in cause.detail


def test_at_its_defaults_no_parameter_is_blamed() -> None:
    assert values(teaching.BROKEN, RUN, P01) == []


def test_a_guard_that_another_rule_has_is_a_candidate_and_stops_the_run() -> None:
    for cause in borrowed(teaching.BROKEN, RUN, P01):
        assert cause.kind == BORROWED
        rule = teaching.BROKEN.rule(cause.rule.partition(" ")[2])
        assert cause.guard not in rule.guards
