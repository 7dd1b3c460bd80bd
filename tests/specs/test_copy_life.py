"""Each defence in the life of a copy, removed on its own, gives a confirmed run that breaks a
promise; with it the promise is proved (test_catalogue.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from models.language.model import Instance, Model
from models.plain.layout import Value
from models.plain.reader import Reader, Step
from specs.catalogue import CCR, SMALL
from specs.catalogue.possible import BEHIND, FORMED, SHIPPED
from specs.runs import Run, confirm
from specs.search.story import tell

COPY = {"A": {"n": "A", "g": "SG1"}, "B": {"n": "B", "g": "SG1"}}
LOG = "write_records n=A g=SG1 records=100"
DAMAGED = (*FORMED, LOG, "corrupt_log n=A g=SG1 generation=1", "wait 2000")
BACK = (
    "fail_node n=A",
    "wait 60000",
    "power_on n=A",
    "wait 1000",
    "write_records n=B g=SG1 records=100",
    "wait 60000",
)
"""The old active returns, and a log that the new one closes shows whether they differ (S-140)."""
RESTORED = (
    *SHIPPED,
    "suspend_copy n=B g=SG1",
    *BACK[:2],
    "restore_copy n=B g=SG1",
    "wait 1000",
    *BACK[2:],
)


def led_on(
    model: Model,
    instance: Instance,
    story: tuple[str, ...],
    before: str,
    *more: tuple[str, Mapping[str, Value]],
) -> Run:
    """The story as the whole model tells it, up to a rule, and then other steps of `model`."""
    run = tell(CCR, instance, story)
    names = [step.rule for step in run.steps]
    steps = list(run.steps[: names.index(before)] if before else run.steps)
    reader = Reader(model, run.instance)
    state = reader.initial()
    for step in steps:
        state = reader.evolve(state, step)
    for name, given in more:
        step = reader.complete(state, name, given)
        assert reader.check(state, step) is None, reader.check(state, step)
        state = reader.evolve(state, step)
        steps.append(Step(step.rule, step.args))
    return replace(run, steps=tuple(steps))


def breaks(model: Model, run: Run, number: str) -> bool:
    """Whether the run, replayed on plain values, breaks the property under `model`."""
    prop = model.numbered(number)
    assert prop is not None
    return confirm(model, run, prop) is not None


@pytest.mark.seed("S-143")
def test_a_copy_that_compares_itself_unasked_leaves_failed_by_itself() -> None:
    model = CCR.without_guard("verify_stream", "copy was resumed")
    run = led_on(model, SMALL, DAMAGED, "", ("verify_stream", COPY["B"]))
    assert breaks(model, run, "P30")


def test_a_suspended_copy_that_replays_is_found() -> None:
    model = CCR.without_guard("replay_log", "replay goes on")
    story = (*BEHIND, "suspend_copy n=B g=SG1")
    run = led_on(model, SMALL, story, "", ("tick", {"dt": 1000}), ("replay_log", COPY["B"]))
    assert breaks(model, run, "P31")


@pytest.mark.seed("S-147")
def test_an_incremental_reseed_below_the_waypoint_leaves_lost_records_in_the_file() -> None:
    model = CCR.without_guard("begin_incremental_reseed", "fork is above the waypoint")
    instance = Instance(SMALL.members, {"dial": 100})
    story = (*FORMED, *((LOG,) * 12), *BACK)
    again = (("begin_incremental_reseed", COPY["A"]),)
    run = led_on(model, instance, story, "detect_divergence", *again)
    assert breaks(model, run, "P32")


def test_after_a_restore_only_a_full_reseed_brings_the_other_copy_back() -> None:
    model = CCR.without_guard("resume_stream", "no restore ended replication")
    again = (("resume_stream", COPY["A"]),)
    run = led_on(model, SMALL, RESTORED, "detect_divergence", *again)
    assert breaks(model, run, "P33")


def test_a_suspended_copy_that_mounts_by_itself_is_found() -> None:
    model = CCR.without_guard("mount_lossy", "copy is neither failed nor suspended")
    story = (*SHIPPED, "suspend_copy n=B g=SG1", "fail_node n=A", "wait 60000")
    assert breaks(model, tell(model, SMALL, story), "P34")


def test_a_fourth_attempt_to_inspect_is_found() -> None:
    model = CCR.without_guard("retry_inspection", "an attempt is left")
    once_more = ("retry_inspection", COPY["B"])
    run = led_on(model, SMALL, DAMAGED, "give_up_inspection", once_more)
    assert breaks(model, run, "P35")


@pytest.mark.parametrize(("depth", "healed"), [(10, True), (9, False)])
def test_the_depth_of_lost_log_resilience_decides_between_incremental_and_full(
    depth: int, healed: bool
) -> None:
    instance = Instance(SMALL.members, {"dial": 100, "llr_depth": depth})
    rules = [s.rule for s in tell(CCR, instance, (*FORMED, *((LOG,) * 10), *BACK)).steps]
    assert ("finish_incremental_reseed" in rules, "detect_divergence" in rules) == (
        healed,
        not healed,
    )


def test_a_database_held_back_mounts_after_the_set_time_and_not_before() -> None:
    instance = Instance(SMALL.members, {"forced_mount_after": 600_000})
    story = (*FORMED, *((LOG,) * 9), "fail_node n=A", "wait 60000")
    soon = [s.rule for s in tell(CCR, instance, story).steps]
    late = [s.rule for s in tell(CCR, instance, (*story, "wait 600000")).steps]
    never = [s.rule for s in tell(CCR, SMALL, (*story, "wait 600000")).steps]
    assert "hold_back" in soon
    assert ["mount_overdue" in x for x in (soon, late, never)] == [False, True, False]
