"""Runs: replayed before anybody sees them, and the same after a trip through a file."""

from __future__ import annotations

import json

import pytest

from specs.runs import BadRun, Finding, Run, confirm, faults, from_lines, to_lines
from tests.models import teaching
from tests.specs.runs import prop, run_of

BROKEN_RUN = run_of(teaching.BROKEN_RUN)
FAILOVER_RUN = run_of(teaching.FAILOVER_RUN)


def test_a_run_is_confirmed_with_the_step_and_the_bindings_that_show_it() -> None:
    found = confirm(teaching.BROKEN, BROKEN_RUN, prop(teaching.BROKEN, "P01"))
    assert found == Finding(4, ({"n": "A"}, {"n": "B"}))


def test_a_witness_is_confirmed_where_it_first_shows() -> None:
    found = confirm(teaching.MODEL, FAILOVER_RUN, prop(teaching.MODEL, "P04"))
    assert found == Finding(6, ({"n": "B"},))


def test_a_run_that_shows_nothing_is_not_confirmed() -> None:
    short = run_of(teaching.BROKEN_RUN[:3])
    assert confirm(teaching.BROKEN, short, prop(teaching.BROKEN, "P01")) is None


def test_a_step_property_is_judged_at_the_rules_it_names_only() -> None:
    uncounted = teaching.claim_lock.changed(ghost=())
    careless = teaching.MODEL.with_rule(uncounted)
    claim = run_of(teaching.BROKEN_RUN[:1])
    assert confirm(careless, claim, prop(careless, "P03")) == Finding(1, ({},))
    tick = run_of([("tick", {"dt": 1})])
    assert confirm(careless, tick, prop(careless, "P03")) is None


def test_a_refused_step_is_named_with_its_false_guard() -> None:
    with pytest.raises(BadRun, match=f"step 3 R010 claim_lock is refused: .*{teaching.DEFENCE}"):
        confirm(teaching.MODEL, BROKEN_RUN, prop(teaching.MODEL, "P01"))


def test_faults_are_counted_by_trigger() -> None:
    assert faults(teaching.MODEL, FAILOVER_RUN.steps) == 1


def test_a_run_is_the_same_after_a_trip_through_its_file() -> None:
    run = Run(FAILOVER_RUN.instance, FAILOVER_RUN.steps, {"shows": "P04"})
    assert from_lines(teaching.MODEL, to_lines(teaching.MODEL, run)) == run


LINES = list(to_lines(teaching.MODEL, FAILOVER_RUN))


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], "the file is empty"),
        (["{"], "line 1 is not a line of a run"),
        (["[1]"], "line 1 is not a line of a run"),
        (LINES[1:], "line 1 is not a line of a run: 'format'"),
        ([LINES[0].replace('"version": 1', '"version": 2')], "line 1 is not the head"),
        ([LINES[0], "7"], "line 2 is not a line of a run"),
        ([LINES[0], json.dumps({"rule": "clame_lock", "args": {}})], "did you mean claim_lock"),
        ([LINES[0], json.dumps({"rule": "claim_lock", "args": {"m": "A"}})], "R010 .* takes n"),
    ],
)
def test_a_file_that_is_no_run_is_refused_with_its_line(lines: list[str], said: str) -> None:
    with pytest.raises(Exception, match=said):
        from_lines(teaching.MODEL, lines)
