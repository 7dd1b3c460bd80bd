"""Ways back after a majority is lost: each comes true when it is typed, and the dangerous ones are
named.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from ccr_es.cluster.cluster import Cluster
from ccr_es.store.store import Store
from cli.health.foresight import horizon
from cli.session.session import Session
from models.ccr.model import CCR
from tests.cli.calling import call, document, good
from tests.cli.test_foresight import PLACES

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def lost(witness: str, *commands: str) -> list[dict[str, Any]]:
    """A cluster to which these things happen; the ways back."""
    good("cluster", "create", "MAIL", *PLACES, witness)
    for command in commands:
        good(*command.split())
    found = document("quorum", "advice")
    assert found["needed"]
    return list(found["ways_back"])


def typed(command: str, home: Path) -> tuple[str | None, bool]:
    """Who serves in the end, and whether both did at some moment, when a way back is typed."""
    store = home / "typed.db"
    shutil.copy(home / "ccr.db", store)
    words = command.removeprefix("ccr ").replace("TEXT", "verified").split()
    begin = document("cluster", "show")["event"]
    good("--store", str(store), *words)
    with Store.open(store) as opened:
        ms = horizon(Session(Cluster.open(opened, None, CCR)).reader)
    good("--store", str(store), "wait", f"{ms}ms")
    with Store.open(store) as opened:
        cluster = Cluster.open(opened, None, CCR)
        state, lens = cluster.state(begin), Session(cluster).lens
        served = [lens.serving(state)]
        for recorded in cluster.events(begin + 1):
            state.update(cluster.reader.changes(state, recorded.event.step))
            served.append(lens.serving(state))
    return next(iter(served[-1]), None), any(len(s) > 1 for s in served)


SITUATIONS: dict[str, tuple[str, ...]] = {
    "primary lost": ("HQ", "workload --logs 4 --every 10ms", "site lose HQ", "wait 60s"),
    "partition without a witness": ("BRANCH", "witness fail", "site cut HQ DR", "wait 60s"),
    "forced, and the line is cut": (
        "HQ", "site lose HQ", "wait 60s", "quorum force B --reason fire", "wait 60s",
        "site cut HQ DR",
    ),
    "the one that missed an epoch": ("BRANCH", "site cut HQ DR", "wait 60s", "site lose HQ",
        "wait 60s"),
}  # fmt: skip


@pytest.mark.seed("S-056", "S-073")
@pytest.mark.parametrize(
    "situation",
    [s if s == "primary lost" else pytest.param(s, marks=pytest.mark.slow) for s in SITUATIONS],
)
def test_a_way_back_that_is_told_comes_true_when_it_is_typed(
    situation: str, tmp_path: Path
) -> None:
    ways = lost(*SITUATIONS[situation])
    assert ways
    for way in ways:
        assert (way["serving"], way["split"]) == typed(way["command"], tmp_path), way["command"]


def test_the_way_back_that_would_make_both_serve_is_named_and_forbidden() -> None:
    ways = lost(*SITUATIONS["forced, and the line is cut"])
    assert [w["command"] for w in ways if w["split"]] == ["ccr site restore HQ"]
    assert "never    ccr site restore HQ" in good("quorum", "advice")


def test_forcing_tells_what_is_lost_as_far_as_anybody_can_know() -> None:
    ways = {w["command"]: w for w in lost(*SITUATIONS["primary lost"])}
    assert ways["ccr quorum force B --reason TEXT"]["lost"] == {"SG1": ">=4"}
    assert ways["ccr site restore HQ"]["lost"] == {"SG1": ""}


@pytest.mark.parametrize(
    "commands",
    [
        (),
        ("node fail A",),
        ("cms stop --reason test",),
        ("cms stop --reason test", "site lose DR"),
    ],
    ids=["healthy", "failing over", "stopped", "stopped and lost"],
)
def test_there_is_nothing_to_advise_where_the_service_comes_back_by_itself_or_is_stopped(
    commands: tuple[str, ...],
) -> None:
    good("cluster", "create", "MAIL", *PLACES, "HQ")
    for command in commands:
        good(*command.split())
    assert document("quorum", "advice")["needed"] is False
    assert "quorum advice" not in good("cluster", "show")


def test_show_health_and_a_refusal_point_to_the_advice_when_the_majority_is_lost() -> None:
    lost(*SITUATIONS["primary lost"])
    assert "! no node has a majority" in good("cluster", "show")
    assert "! no node has a majority" in call("health").stdout
    assert "note: no node has a majority" in call("move", "--comment", "try").stderr
