"""The cost of failovers and moves: the forecast is what the run then takes, phase by phase, and
both are what the timers and the queues say.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.cli.calling import begin, call, document, good

pytestmark = pytest.mark.slow

TIMERS = {"peer_limit": 5_000, "claim_defer": 3_000, "head_start": 10_000}


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def created(release: str, **changed: int) -> None:
    """A cluster whose passive copy is five logs behind."""
    words = [w for name, value in changed.items() for w in ("--set", f"{name}={value}")]
    good("cluster", "create", "MAIL", "--release", release, *words)
    good("workload", "--logs", "30", "--every", "85ms")


def moved(to: str) -> dict[str, Any]:
    """A move, as its own answer reports it."""
    (found,) = document("move", "--to", to, "--comment", "why", "--yes")["activations"]
    return dict(found)


def took(found: dict[str, Any]) -> tuple[int, dict[str, int]]:
    return found["took"], found["phases"]


@pytest.mark.seed("S-025", "S-164")
@pytest.mark.parametrize("release", ["sp1", "rtm"])
@pytest.mark.parametrize("mount", [0, 30_000])
def test_a_failover_takes_what_was_foreseen_and_what_the_timers_say(
    release: str, mount: int
) -> None:
    created(release, mount_time=mount)
    foreseen = document("cms", "timing")["now"]["failover"]
    good("node", "fail", "A")
    (found,) = document("wait", "3m")["activations"]
    assert took(found) == took(foreseen)
    assert found["phases"] == {
        "detection": TIMERS["peer_limit"],
        "arbitration": TIMERS["claim_defer"],
        "head start": TIMERS["head_start"] - TIMERS["claim_defer"],
        "last logs": 0,
        "replay": 0,
        "mount": mount,
    }
    assert found["took"] < foreseen["typically_below"] == 120_000


@pytest.mark.seed("S-026", "S-027", "S-164", "S-165")
@pytest.mark.parametrize(
    ("release", "flush", "below"), [("sp1", 0, 120_000), ("rtm", 120_000, 240_000)]
)
def test_a_move_takes_what_was_foreseen_and_a_flush_is_all_the_difference(
    release: str, flush: int, below: int
) -> None:
    created(release, mount_time=30_000)
    foreseen = document("cms", "timing")["now"]["move"]
    dry = document("move", "--comment", "why", "--dry-run")["forecast"]
    found = moved("B")
    assert took(found) == took(foreseen) == took(dry)
    assert (found["phases"]["shutdown"], found["phases"]["mount"]) == (flush, 30_000)
    assert found["took"] < foreseen["typically_below"] == below


@pytest.mark.seed("S-019")
def test_the_last_logs_cost_a_move_what_the_queue_and_the_copier_say() -> None:
    created("sp1", copy_time=1_000)
    good("workload", "--logs", "1", "--every", "0s")
    queue = document("copy", "status")["storage_groups"]["SG1"]["copy_queue"]
    good("wait", f"{(queue - 5) * 1_020}ms")
    behind = document("copy", "status")["storage_groups"]["SG1"]["copy"]["CopyQueueLength"]
    found = moved("B")
    assert behind >= 4
    assert (behind - 1) * 1_000 < found["phases"]["last logs"] <= behind * 1_020
    assert found["phases"]["replay"] == 50


@pytest.mark.seed("S-024")
def test_a_move_and_a_failover_cost_the_same_in_either_direction() -> None:
    found: dict[str, list[dict[str, int]]] = {}
    for first, second in (("A", "B"), ("B", "A")):
        good("cluster", "create", f"M{first}", "--set", "mount_time=9000")
        where = ("--cluster", f"M{first}")
        if first == "B":
            good("move", "--to", "B", "--comment", "start here", "--yes", *where)
            good("wait", "1m", *where)
        there = document("move", "--to", second, "--comment", "why", "--yes", *where)
        good("wait", "1m", *where)
        good("node", "fail", second, *where)
        back = document("wait", "3m", *where)
        found[first] = [took(a)[1] for a in (*there["activations"], *back["activations"])]
    assert found["A"] == found["B"]


@pytest.mark.seed("S-162", "S-163")
def test_a_new_cache_for_each_batch_makes_a_batch_of_one_log_cost_three_times_its_replay() -> None:
    spent = {}
    for release in ("sp1", "rtm"):
        good("cluster", "create", release, "--release", release)
        where = ("--cluster", release)
        good("workload", "--logs", "1", *where)
        good("wait", "5s", *where)
        log = document("log", "list", *where)["events"]
        at = {e["event"]: e["time"] for e in log}
        spent[release] = at["LogReplayed"] - at["LogInspected"]
    assert (spent["sp1"], spent["rtm"]) == (50, 150)
    good("workload", "--cluster", "rtm", "--logs", "20", "--every", "10ms")
    good("wait", "10s", "--cluster", "rtm")
    log = document("log", "list", "--cluster", "rtm")["events"]
    times = [e["time"] for e in log if e["event"] == "LogReplayed"][1:]
    gaps = [b - a for a, b in pairwise(times)]
    assert set(gaps) != {150}, "a long batch pays for its cache once"


@pytest.mark.seed("S-027")
def test_a_forced_quorum_and_a_refused_move_are_told_apart() -> None:
    begin("cluster create MAIL")
    for words in (("witness", "fail"), ("node", "fail", "A"), ("wait", "10s")):
        good(*words)
    assert document("cms", "timing")["now"]["move"]["took"] is None
    good("quorum", "force", "B", "--reason", "A is off")
    good("wait", "1m")
    (found,) = document("cms", "timing")["activations"]
    assert (found["kind"], found["to"], found["cause"]["reason"]) == (
        "forced quorum",
        "B",
        "A is off",
    )
    assert call("cms", "timing").stdout.splitlines()[1].split()[1:3] == ["forced", "quorum"]
