"""Asking z3 within limits, and looking where a run is likely first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import z3

from specs.catalogue import CCR, SMALL
from specs.reading.asking import Deadline, check, why_unknown
from specs.search.search import Hunt, Looked
from tests.models import teaching
from tests.specs import storage
from tests.specs.runs import DEFAULTS, prop


class Interrupted:
    """A solver whose user pressed Ctrl-C."""

    def set(self, *_: Any) -> None:
        """Take any setting."""

    def check(self, *_: Any) -> Any:
        """What z3 answers then."""
        return z3.unknown

    def reason_unknown(self) -> str:
        """What z3 says then."""
        return "interrupted from keyboard"


def test_a_ctrl_c_that_z3_swallowed_is_given_back() -> None:
    with pytest.raises(KeyboardInterrupt):
        check(Interrupted(), rlimit=1)  # type: ignore[arg-type]


def test_a_limit_on_resources_is_an_unknown_with_its_reason() -> None:
    solver = z3.Solver()
    x, y, z = z3.Ints("x y z")
    solver.add(x * x * x + y * y * y == z * z * z, x > 1, y > 1, z > 1)
    assert check(solver, rlimit=1_000) == z3.unknown
    assert why_unknown(solver).startswith("undecided within the limit (")


def test_a_deadline_is_over_when_its_time_has_come() -> None:
    assert Deadline.after(0).over
    assert not Deadline.after(100).over
    assert not Deadline.after(None).over
    assert 90_000 < Deadline.after(100).milliseconds() <= 100_000
    assert why_unknown(z3.Solver(), Deadline.after(0)) == "the time is up"


def test_a_hunt_begins_with_time_and_the_rules_that_write_what_the_goal_reads() -> None:
    hunt = Hunt(teaching.MODEL, teaching.INSTANCE, DEFAULTS, False)
    goal = prop(teaching.MODEL, "P02")
    assert list(hunt._near([goal])) == [{"tick", "cut", "heal", "claim_lock", "renew_lock"}]
    every = Hunt(storage.MODEL, storage.instance(1), {}, False)
    assert every._near([prop(storage.MODEL, "P01")]) == {}


def test_a_goal_that_is_found_near_is_not_looked_for_far() -> None:
    looked: list[Looked] = []
    hunt = Hunt(teaching.BROKEN, teaching.INSTANCE, DEFAULTS, True, 2, 3, on_looked=looked.append)
    goals = [prop(teaching.BROKEN, "P01"), prop(teaching.BROKEN, "P02")]
    found = hunt.look(goals)
    hunt.step_by_step(goals, found)
    assert set(found) == {"P01"}
    assert [x.run is None for x in looked if x.goal.number == "P01"] == [False]
    methods = [x.method for x in looked if x.goal.number == "P02"]
    assert methods == ["sweep", "sweep", "steps"]


def test_a_story_with_more_members_than_the_instance_starts_no_sweep() -> None:
    """Two messages in the story of S48, one in the instance: a sweep could not go on from it."""
    goal, story = prop(CCR, "P71"), prop(CCR, "S48")
    values = {name: default for name, (default, _) in CCR.schema.parameters.items()}
    hunt = Hunt(replace(CCR, properties=(goal, story)), SMALL, values, False, sweeps=1)
    assert hunt.look([goal]) == {}
