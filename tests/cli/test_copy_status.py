"""The status of a copy: what RTM got wrong must not happen, and which flag outranks which."""

from __future__ import annotations

import pytest

from cli.copies.copystate import PRECEDENCE, failed_message, flags, log_file, summary
from cli.session.views import Lens, storage_group
from models.ccr.model import CCR, SMALL
from models.plain.layout import State
from models.plain.reader import Reader
from specs.catalogue.possible import BEHIND, FORMED, OUT, SHIPPED
from specs.search.story import tell

LOG = "write_records n=A g=SG1 records=100"


def states(*story: str) -> list[State]:
    """Every state of the story, the first one left out."""
    run = tell(CCR, SMALL, story)
    reader = Reader(CCR, run.instance)
    found = [reader.initial()]
    for step in run.steps:
        found.append(reader.evolve(found[-1], step))
    return found[1:]


def status(state: State) -> str:
    """SummaryCopyStatus of the one passive copy."""
    return str(storage_group(Lens(Reader(CCR, SMALL)), state, "SG1")["status"])


@pytest.mark.seed("S-140")
def test_a_copy_that_has_not_compared_itself_is_never_healthy() -> None:
    end = states(*BEHIND, "fail_node n=A", "wait 60000", *OUT, "power_on n=A", "wait 5000")[-1]
    assert status(end) == "Initializing"


@pytest.mark.seed("S-141", "S-146")
def test_while_replication_initializes_the_status_says_so_and_nothing_else() -> None:
    story = (*SHIPPED, "suspend_copy n=B g=SG1", *OUT, "resume_copy n=B g=SG1")
    assert status(states(*story)[-1]) == "Initializing"
    healed = ("heal_network w=net1 n=A", "heal_network w=net1 n=B")
    assert status(states(*story, *healed)[-1]) == "Healthy"


@pytest.mark.seed("S-142")
def test_the_last_generated_log_is_right_while_the_database_is_dismounted() -> None:
    end = states(*FORMED, *((LOG,) * 9), "fail_node n=A", "wait 60000")[-1]
    copy = storage_group(Lens(Reader(CCR, SMALL)), end, "SG1")
    assert (copy["mounted_on"], copy["generated"]) == (None, 9)


@pytest.mark.parametrize(
    ("trouble", "story"),
    [
        pytest.param(
            "INSPECTION_FAILED", ("corrupt_log n=A g=SG1 generation=1",), id="damaged-at-source"
        ),
        pytest.param("LOG_MISSING", ("lose_log n=A g=SG1 generation=1",), id="missing"),
        pytest.param(
            "REPLAY_FAILED",
            ("wait 130", "corrupt_log n=B g=SG1 generation=1"),
            id="damaged-after-inspection",
        ),
    ],
)
@pytest.mark.seed("S-143", "S-144")
def test_a_bad_log_ends_in_a_steady_failed(trouble: str, story: tuple[str, ...]) -> None:
    where = "B" if trouble == "REPLAY_FAILED" else "A"
    after = ("wait 2000", LOG, "wait 600000", f"put_log_back n={where} g=SG1", "wait 600000")
    seen = states(*FORMED, LOG, *story, *after)
    words = [status(s) for s in seen]
    assert words[words.index("Failed") :] == ["Failed"] * (len(words) - words.index("Failed"))
    assert seen[-1]["copy.B.SG1.trouble"] == trouble
    assert "E0000000001.log" in failed_message(seen[-1], "B", "SG1", 0)


def test_a_log_damaged_on_the_way_is_copied_again() -> None:
    story = (LOG, "wait 110", "corrupt_copied_log n=B g=SG1 generation=1", "wait 2000")
    end = states(*FORMED, *story)[-1]
    assert (end["copy.B.SG1.replayed"], end["copy.B.SG1.attempts"], status(end)) == (
        1,
        0,
        "Healthy",
    )


def test_a_failed_copy_returns_by_suspend_and_resume_once_its_log_is_back() -> None:
    story = (LOG, "corrupt_log n=A g=SG1 generation=1", "wait 2000", "put_log_back n=A g=SG1")
    again = ("suspend_copy n=B g=SG1", "resume_copy n=B g=SG1", "wait 2000")
    end = states(*FORMED, *story, *again)[-1]
    assert (status(end), end["copy.B.SG1.replayed"]) == ("Healthy", 1)


@pytest.mark.seed("S-145", "S-148")
@pytest.mark.parametrize("name", PRECEDENCE)
def test_each_flag_outranks_those_after_it(name: str) -> None:
    place = PRECEDENCE.index(name)
    found = {flag: i >= place for i, flag in enumerate(PRECEDENCE)}
    assert summary(found) == name
    new = name in ("ServiceDown", "Initializing", "Synchronizing")
    assert summary(found, "rtm") == ("Failed" if new else name)


@pytest.mark.seed("S-145")
def test_who_cannot_reach_the_service_knows_nothing_else() -> None:
    end = states(*SHIPPED, "suspend_copy n=B g=SG1")[-1]
    found = flags(end, "B", "SG1", reachable=False, leads=False)
    assert [name for name, on in found.items() if on] == ["ServiceDown"]


def test_a_log_file_is_named_by_its_generation_in_eight_hex_digits() -> None:
    assert (log_file(0, 161), log_file(1, 1)) == ("E00000000A1.log", "E0100000001.log")
