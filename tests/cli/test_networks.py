"""Redundant networks through the command line: who may carry logs, what is in use, what is
lacking.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.network import hosts
from cli.network.hosts import host_names
from models.plain.driver import Driver
from tests.cli.calling import begin, call, document, good
from tests.cli.test_views import LENS, READER, state_with

pytestmark = pytest.mark.slow

BOTH = {f"interface__REPL__host__{n}": "ONLINE" for n in ("A", "B")}


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def created(*words: str) -> None:
    """A cluster with two replication networks beside the public one, all four names enabled."""
    good("cluster", "create", "MAIL", "--networks", "LAN:public,R1:mixed,R2:mixed", *words)
    for w, subnet in (("R1", 1), ("R2", 2)):
        for host, n in enumerate("AB", 1):
            good("network", "enable", w, n, "--ip", f"10.0.{subnet}.{host}")


@pytest.mark.seed("S-115")
def test_three_operational_one_failed_two_in_use() -> None:
    created()
    good("network", "adapter", "R2", "B", "--no-resolution")
    found = document("cms", "status")
    assert found["operationalReplicationHostNames"] == ["A-R1", "B-R1", "B-R2"]
    assert found["failedReplicationHostNames"] == ["A-R2"]
    assert found["inUseReplicationHostNames"] == ["A-R1", "B-R1"]


@pytest.mark.seed("S-109")
def test_which_network_is_picked_is_drawn_from_the_seed() -> None:
    names = {f"interface__{w}__host__{n}": "ONLINE" for w in ("LAN", "REPL") for n in ("A", "B")}
    picked = []
    for seed in range(1, 20):
        driver = Driver(READER, state_with(**names), seed)
        driver.settle()
        picked.append(hosts.in_use(LENS, driver.state, "B"))
    assert set(picked) == {"LAN", "REPL"}


@pytest.mark.seed("S-111", "S-113")
def test_the_public_network_within_five_minutes_and_back() -> None:
    created()
    good("wait", "3m")
    good("network", "cut", "R1")
    assert document("network", "show")["fetches_over"]["B"] == "R2"
    good("network", "cut", "R2")
    assert document("network", "show")["fetches_over"]["B"] == "none"
    good("wait", "5m")
    assert document("network", "show")["fetches_over"]["B"] == "public"
    good("network", "heal", "R2")
    good("wait", "5m")
    assert document("network", "show")["fetches_over"]["B"] == "R2"


@pytest.mark.seed("S-094")
@pytest.mark.parametrize(("release", "lost"), [("rtm", 3), ("sp1", 0)])
def test_a_failed_public_network_is_lossy_in_rtm_and_lossless_in_sp1(
    release: str, lost: int
) -> None:
    good("cluster", "create", "MAIL", "--networks", "LAN:public,R1:mixed", "--release", release)
    for n in "AB":
        result = call("network", "enable", "R1", n, "--ip", "10.0.0.1")
        assert result.exit_code == int(release == "rtm")
    good("workload", "--logs", "20", "--every", "85ms")
    good("network", "cut", "LAN", "--one-way", "A")
    good("wait", "1m")
    group = document("cluster", "show")["storage_groups"]["SG1"]
    assert (group["mounted_on"], group["lost"]) == ("B", lost)


@pytest.mark.seed("S-044", "S-099")
def test_losing_a_mixed_network_is_no_partition_while_another_carries_heartbeats() -> None:
    created()
    good("network", "cut", "R1")
    good("network", "cut", "LAN")
    good("wait", "1m")
    assert {n["cluster"] for n in document("cluster", "show")["nodes"].values()} == {"joined"}
    good("network", "cut", "R2")
    good("wait", "1m")
    nodes = document("cluster", "show")["nodes"]
    assert (nodes["A"]["cluster"], nodes["B"]["cluster"]) == ("alone", "lost")


@pytest.mark.seed("S-101", "S-102", "S-103", "S-104", "S-107")
@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"interface__REPL__host__B": "NONE"}, "B has no replication host name"),
        ({"interface__REPL__resolves__A": False}, "A does not find the other node's name"),
        ({"interface__REPL__netbios__B": False}, "NetBIOS is off on the adapter of B"),
        ({"interface__REPL__host__A": "FAILED"}, "A-REPL did not come online"),
    ],
)
def test_each_requirement_is_checked(changes: dict[str, object], problem: str) -> None:
    assert list(hosts.lacking(LENS, state_with(**BOTH))) == []
    found = list(hosts.lacking(LENS, state_with(**{**BOTH, **changes})))
    assert [(w, text) for w, text, _ in found] == [("REPL", problem)]


@pytest.mark.seed("S-115")
def test_operational_and_failed_names_are_all_names_and_those_in_use_are_operational() -> None:
    for change in ({}, {"network__REPL__carries__A": False}, {"node__B__power": "DOWN"}):
        found = host_names(LENS, state_with(**BOTH, shipping__B__uses__REPL=True, **change))
        operational = set(found["operationalReplicationHostNames"])
        failed = set(found["failedReplicationHostNames"])
        assert operational | failed == {"A-REPL", "B-REPL"}
        assert not operational & failed
        assert set(found["inUseReplicationHostNames"]) <= operational


def test_an_address_that_is_none_is_refused() -> None:
    begin("cluster create MAIL --networks LAN:public,R1:mixed")
    result = call("network", "enable", "R1", "A", "--ip", "10.0.1")
    assert (result.exit_code, "not an IPv4 address" in result.stderr) == (2, True)


@pytest.mark.seed("S-094")
def test_the_mailbox_server_is_not_given_away_for_nothing_and_never_goes_in_circles() -> None:
    created()
    good("network", "cut", "LAN")
    good("wait", "10m")
    assert document("cluster", "show")["serving"] == "A"
    good("network", "heal", "LAN", "--one-way", "B")
    assert document("cluster", "show")["serving"] == "B"
    good("wait", "10m")
    assert document("cluster", "show")["serving"] == "B"
