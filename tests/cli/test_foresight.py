"""The next failure is what the commands do: each fault that it speaks of is made, on a copy of the
store, and time passes.
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
from tests.cli.calling import begin, document, good

COMMANDS = {
    "A": "node fail A",
    "B": "node fail B",
    "witness": "witness fail",
    "LAN": "network cut LAN",
    "HB": "network cut HB",
    "site HQ": "site lose HQ",
    "site DR": "site lose DR",
    "site BRANCH": "site lose BRANCH",
    "line HQ-DR": "site cut HQ DR",
    "line HQ-BRANCH": "site cut HQ BRANCH",
    "line DR-BRANCH": "site cut DR BRANCH",
}
PLACES = ("--site", "A=HQ", "--site", "B=DR", "--witness-site")
SITUATIONS = {
    "quiet": (),
    "behind": ("workload --logs 20 --every 85ms",),
    "beyond the dial": ("workload --logs 20 --every 1ms",),
    "open log": ("inject write_records n=A g=SG1 records=7",),
    "witness down": ("witness fail",),
    "partition": ("network cut LAN", "network cut HB", "wait 60s"),
    "one network": ("network cut HB",),
    "failing over": ("node fail A", "wait 7s"),
    "alone": ("workload --logs 3", "node fail A", "wait 60s"),
    "stopped": ("cms stop --reason test",),
    "stale": ("node fail B", "wait 60s", "workload --logs 3", "node fail A", "node start B"),
}


def done(fault: str, home: Path, tmp_path: Path) -> dict[str, Any]:
    """What the commands do: who serves after the horizon, what is dismounted, what was lost."""
    store = tmp_path / f"{fault}.db"
    shutil.copy(home / "ccr.db", store)
    with Store.open(store) as opened:
        session = Session(Cluster.open(opened, None, CCR))
        ms, was = horizon(session.reader), dict(session.state)
        mounted = [g for g in session.lens.groups if session.lens.mounted_on(was, g)]
        sources = {g: session.lens.source(was, g) for g in session.lens.groups}
    good("--store", str(store), *COMMANDS[fault].split())
    good("--store", str(store), "wait", f"{ms}ms")
    with Store.open(store) as opened:
        session = Session(Cluster.open(opened, None, CCR))
        then, lens = session.state, session.lens
        lost = 0
        for g, old in sources.items():
            new = lens.mounted_on(then, g)
            if new not in (None, old):
                lost += int(then[f"copy.{old}.{g}.top"]) - int(then[f"copy.{new}.{g}.fork"])
        serving = lens.serving(then)
        return {
            "serving": serving[0] if serving else None,
            "dismounted": [g for g in mounted if not lens.mounted_on(then, g)],
            "lost_logs": lost,
        }


QUICK = ("behind",)
"""The situation that the default run looks at; the others are marked slow."""


@pytest.mark.seed("S-056", "S-061")
@pytest.mark.parametrize(
    "situation",
    [s if s in QUICK else pytest.param(s, marks=pytest.mark.slow) for s in SITUATIONS],
)
def test_what_is_foreseen_is_what_happens(
    situation: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    begin("cluster create MAIL --networks LAN,HB --storage-groups SG1,SG2")
    come_true(SITUATIONS[situation], tmp_path)


def come_true(situation: tuple[str, ...], home: Path) -> None:
    """Bring the cluster into a situation, and make every fault that is foreseen there."""
    for command in situation:
        good(*command.split())
    foreseen = document("cluster", "show")["next_failure"]
    assert foreseen
    for outlook in foreseen:
        found = done(outlook["fault"], home, home)
        assert {k: outlook[k] for k in found} == found, outlook["fault"]


@pytest.mark.seed("S-005", "S-070", "S-072", "S-073", "S-074")
@pytest.mark.parametrize(
    ("witness", "situation"),
    [
        pytest.param("HQ", "behind", marks=pytest.mark.slow),
        pytest.param("HQ", "quiet", marks=pytest.mark.slow),
        pytest.param("DR", "behind", marks=pytest.mark.slow),
        pytest.param("BRANCH", "one network", marks=pytest.mark.slow),
        pytest.param("BRANCH", "partition", marks=pytest.mark.slow),
        pytest.param("BRANCH", "stale", marks=pytest.mark.slow),
    ],
)
def test_the_loss_of_a_site_or_a_line_comes_as_it_is_foreseen(
    witness: str, situation: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    good("cluster", "create", "MAIL", "--networks", "LAN,HB", *PLACES, witness)
    come_true(SITUATIONS[situation], tmp_path)


@pytest.mark.seed("S-056", "S-002")
def test_with_the_witness_down_the_next_failure_of_a_node_stops_the_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    begin("cluster create MAIL")
    assert "A: fails over in 15s; B, witness, LAN: goes on" in good("cluster", "show")
    good("witness", "fail")
    assert "A, B, LAN: stops" in good("cluster", "show")
