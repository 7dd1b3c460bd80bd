"""How logs and clients share a network, and how long a copy needs to catch up: what is foreseen is
what the run then takes.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.network.backlog import LOG_KB, Share
from tests.cli.calling import begin, call, document, good

pytestmark = pytest.mark.slow

CAPACITY = st.integers(2, 1_000_000)


@pytest.fixture
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def absent(logs: int, *words: str) -> None:
    """The passive node is off while logs are closed; then it is back and joins."""
    good("cluster", "create", "MAIL", *words)
    good("network", "limit", "LAN", "--bandwidth", "1250", "--clients", "900")
    good("node", "fail", "B")
    good("wait", "30s")
    good("workload", "--logs", str(logs), "--every", "5s")


def caught_up() -> int:
    """Ms since the cluster was created at which the passive copy had replayed everything."""
    log = document("log", "list", "--event", "LogReplayed")["events"]
    return int(log[-1]["time"])


@pytest.mark.seed("S-096")
@given(CAPACITY, CAPACITY)
def test_logs_and_clients_each_get_what_the_other_leaves_and_at_least_half(
    bandwidth: int, clients: int
) -> None:
    share = Share(bandwidth, clients)
    assert share.logs + share.clients_get <= bandwidth
    assert share.logs >= bandwidth // 2
    assert share.clients_get >= min(clients, bandwidth // 2)
    assert (share.starved_percent > 0) == (share.clients_get < clients)
    assert (share.log_time(1) - 1) * share.logs < LOG_KB * 1_000 <= share.log_time(1) * share.logs


@pytest.mark.seed("S-078", "S-093")
@pytest.mark.usefixtures("_home")
@pytest.mark.parametrize("release", ["rtm", "sp1"])
def test_the_time_to_catch_up_is_what_was_foreseen(release: str) -> None:
    absent(40, "--release", release)
    ahead = document("network", "load")["networks"]["LAN"]
    good("node", "start", "B")
    now = document("cluster", "show")["time"]
    foreseen = document("copy", "status")["storage_groups"]["SG1"]["copy"]["ResynchronizedIn"]
    assert foreseen == ahead["caught_up_in"] > 40 * (LOG_KB * 1_000 // 625)
    good("wait", "5m")
    assert caught_up() == now + foreseen


@pytest.mark.seed("S-093", "S-098")
@pytest.mark.usefixtures("_home")
def test_a_network_of_its_own_for_logs_shortens_it_and_spares_the_clients() -> None:
    begin("cluster create MAIL --networks LAN:public,HB:private,R1:mixed")
    for host, n in enumerate("AB", 1):
        good("network", "enable", "R1", n, "--ip", f"10.0.0.{host}")
    good("network", "limit", "LAN", "--bandwidth", "1250", "--clients", "900")
    good("network", "limit", "R1", "--bandwidth", "12500")
    found = document("network", "load", "--backlog", "100")["networks"]
    assert found["R1"]["caught_up_in"] < found["LAN"]["caught_up_in"] / 15
    assert (found["LAN"]["starved_percent"], found["R1"]["starved_percent"]) == (31, 0)
    assert found["HB"]["caught_up_in"] is None


@pytest.mark.seed("S-096")
@pytest.mark.usefixtures("_home")
@pytest.mark.parametrize(("every", "piles_up"), [("1640ms", False), ("800ms", True)])
def test_a_storm_of_logs_is_more_than_the_network_takes(every: str, piles_up: bool) -> None:
    begin("cluster create MAIL", "network limit LAN --bandwidth 1250 --clients 900")
    good("workload", "--logs", "20", "--every", every)
    queue = document("copy", "status")["storage_groups"]["SG1"]["copy_queue"]
    assert (queue > 5) == piles_up


@pytest.mark.seed("S-096")
@pytest.mark.usefixtures("_home")
def test_storage_groups_share_a_network_evenly() -> None:
    begin(
        "cluster create MAIL --storage-groups SG1,SG2,SG3",
        "network limit LAN --bandwidth 3072",
        "workload --logs 4 --every 0s",
        "wait 10s",
    )
    log = document("log", "list", "--event", "LogCopied")["events"]
    assert {e["time"] for e in log} == {1_000, 2_000, 3_000, 4_000}


@pytest.mark.seed("S-093")
@pytest.mark.usefixtures("_home")
def test_nothing_is_foreseen_for_a_copy_that_does_not_replicate() -> None:
    begin("cluster create MAIL", "copy suspend SG1", "workload --logs 3")
    assert document("network", "load")["networks"]["LAN"]["caught_up_in"] is None
    assert call("network", "limit", "NOWHERE", "--bandwidth", "1").exit_code != 0
