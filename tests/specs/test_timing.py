"""What a flush at shutdown costs beside time: what it wrote is not held back, so a copy that
diverges after it needs a full copy of the database. SP1 does not flush.

That the promises hold is in test_catalogue.py; here each is broken by a variant of the rules, in a
confirmed run.
"""

from __future__ import annotations

import pytest

from models.language.model import Instance
from specs.catalogue import CCR, SMALL
from specs.catalogue.possible import FORMED
from specs.search.story import tell
from tests.specs.test_copy_life import BACK, COPY, breaks, led_on

STOPPED = (
    *FORMED,
    "write_records n=A g=SG1 records=10",
    "stop_cms n=A",
    "wait 5000",
    "start_cms n=A",
    "wait 5000",
)
"""An orderly shutdown closes a log that the other node never gets, and A comes up again."""
DIVERGED = (*STOPPED, *BACK)


def flushing(ms: int) -> Instance:
    """The first release flushes for `ms`; no log is copied in time."""
    return Instance(SMALL.members, {"flush_time": ms, "copy_time": 10_000_000})


@pytest.mark.seed("S-165")
@pytest.mark.parametrize(("ms", "healed"), [(0, True), (1000, False)])
def test_after_a_flush_a_copy_that_diverged_is_not_healed_incrementally(
    ms: int, healed: bool
) -> None:
    rules = [s.rule for s in tell(CCR, flushing(ms), DIVERGED).steps]
    assert ("flush_cache" in rules, "begin_incremental_reseed" in rules) == (not healed, healed)
    assert ("detect_divergence" in rules) == (not healed)


@pytest.mark.seed("S-165")
def test_a_release_that_does_not_flush_and_yet_does_is_found() -> None:
    model = CCR.without_guard("flush_cache", "an orderly shutdown flushes")
    run = led_on(model, flushing(0), STOPPED, "close_last_log", ("flush_cache", COPY["A"]))
    assert breaks(model, run, "P56")


@pytest.mark.seed("S-165")
@pytest.mark.parametrize("number", ["P32", "P57"])
def test_an_incremental_reseed_after_a_flush_leaves_lost_records_in_the_file(number: str) -> None:
    model = CCR.without_guard("begin_incremental_reseed", "fork is above the waypoint")
    again = (("begin_incremental_reseed", COPY["A"]),)
    run = led_on(model, flushing(1000), DIVERGED, "detect_divergence", *again)
    assert breaks(model, run, number)


@pytest.mark.seed("S-027")
def test_only_an_orderly_shutdown_flushes() -> None:
    failed = (*FORMED, "write_records n=A g=SG1 records=10", "fail_cms n=A", "wait 60000")
    assert "flush_cache" not in [s.rule for s in tell(CCR, flushing(1000), failed).steps]
