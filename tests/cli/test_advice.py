"""`ccr plan check`: a recommendation is met, not met, or unknown since nobody described it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.places.advising import CHECKS, advise
from cli.places.ground import ADVICE, MET, NOT_HERE, UNKNOWN, Ground
from cli.places.places import places_of
from models.plain.layout import State
from tests.cli.calling import begin, call, document, good
from tests.cli.test_plan import LENS, STAND
from tests.cli.test_views import LENS as TWO_NETWORKS
from tests.cli.test_views import state_with

AT_HQ = {"site.A": "HQ", "site.B": "DR", "witness.site": "HQ"}
AT_DR = {**AT_HQ, "witness.site": "DR"}
AT_BRANCH = {**AT_HQ, "witness.site": "BRANCH"}
NAMED = {f"interface__REPL__host__{n}": "ONLINE" for n in "AB"}
APART = {**NAMED, "interface__REPL__public": False}
STATIC = {f"interface__REPL__registered__{n}": False for n in "AB"}


def result(
    name: str, facts: dict[str, str], path: str = "//HUB/MAIL", others: dict[str, str] | None = None
) -> str:
    """What one check says of a healthy cluster with these facts."""
    ground = Ground(
        LENS, STAND.state, facts, places_of(LENS, facts, STAND.state), path, others or {}
    )
    return next(a.result for a in advise(ground) if a.check.name == name)


def networked(name: str, facts: dict[str, str] | None = None, **changes: object) -> str:
    """What one check says of a cluster with two networks and these changes."""
    state: State = state_with(**changes)
    ground = Ground(
        TWO_NETWORKS, state, facts or {}, places_of(TWO_NETWORKS, facts or {}, state), "//HUB/MAIL"
    )
    return next(a.result for a in advise(ground) if a.check.name == name)


def test_what_nobody_described_is_unknown_and_never_met() -> None:
    described = ("WitnessPlacement", "WitnessHost", "WitnessSystem", "WitnessNotInDfs")
    assert {result(name, {}) for name in (*described, "LogTraffic", "SeedTraffic")} == {UNKNOWN}
    assert result("ThirdSiteNetwork", AT_BRANCH) == UNKNOWN
    assert result("OwnShare", {}, path="") == UNKNOWN


@pytest.mark.seed("S-049", "S-071", "S-075", "S-076")
def test_the_witness_host_is_a_hub_in_the_site_of_the_cms_or_a_managed_server_at_a_third() -> None:
    hub, managed, other = ({"witness.role": r} for r in ("hub", "managed", "other"))
    assert result("WitnessHost", {**AT_HQ, **hub}) == MET
    assert result("WitnessHost", {**AT_HQ, **managed}) == ADVICE
    assert result("WitnessHost", {**AT_DR, **hub}) == ADVICE, "not the site of the CMS"
    assert result("WitnessHost", {**AT_BRANCH, **managed}) == MET
    assert result("WitnessHost", {**AT_BRANCH, **hub}) == MET
    assert result("WitnessHost", {**AT_BRANCH, **other}) == ADVICE


@pytest.mark.seed("S-069", "S-070")
def test_the_witness_of_a_dispersed_cluster_is_in_the_primary_or_at_a_third_site() -> None:
    assert result("WitnessPlacement", AT_HQ) == MET
    assert result("WitnessPlacement", AT_BRANCH) == MET
    assert result("WitnessPlacement", AT_DR) == ADVICE


@pytest.mark.seed("S-047", "S-048")
@pytest.mark.parametrize("nodes", ["", "Windows Server 2008"])
def test_any_windows_server_may_be_the_witness_host_whatever_the_nodes_run(nodes: str) -> None:
    facts = {"nodes.os": nodes} if nodes else {}
    for system in ("Windows Server 2003", "windows server 2008", "Windows Server 2000"):
        assert result("WitnessSystem", {**facts, "witness.os": system}) == MET
    for system in ("Windows Vista", "Linux", "Windows"):
        assert result("WitnessSystem", {**facts, "witness.os": system}) == ADVICE


@pytest.mark.seed("S-050")
def test_a_share_in_dfs_is_found() -> None:
    assert result("WitnessNotInDfs", {"witness.dfs": "no"}) == MET
    assert result("WitnessNotInDfs", {"witness.dfs": "yes"}) == ADVICE


@pytest.mark.seed("S-066", "S-067")
def test_one_server_may_hold_many_shares_but_no_share_serves_two_clusters() -> None:
    others = {f"MAIL{i}": f"//HUB/MAIL{i}" for i in range(2, 30)}
    assert result("OwnShare", {}, "//HUB/MAIL1", others) == MET
    for same in ("//HUB/MAIL1", "//hub/mail1", "\\\\HUB\\MAIL1", "//HUB/MAIL1/folder"):
        assert result("OwnShare", {}, "//HUB/MAIL1", {**others, "OTHER": same}) == ADVICE


@pytest.mark.seed("S-077")
def test_a_third_site_needs_fast_and_reliable_lines_to_both_datacenters() -> None:
    good_line = {"latency.HQ.BRANCH": "12", "reliable.HQ.BRANCH": "yes"}
    turned = {"latency.BRANCH.DR": "9", "reliable.BRANCH.DR": "yes"}
    assert result("ThirdSiteNetwork", {**AT_BRANCH, **good_line, **turned}) == MET
    assert result("ThirdSiteNetwork", {**AT_BRANCH, **good_line}) == UNKNOWN
    slow = {**good_line, **turned, "latency.BRANCH.DR": "300"}
    assert result("ThirdSiteNetwork", {**AT_BRANCH, **slow}) == ADVICE
    flaky = {**good_line, **turned, "reliable.HQ.BRANCH": "no"}
    assert result("ThirdSiteNetwork", {**AT_BRANCH, **flaky}) == ADVICE
    assert result("ThirdSiteNetwork", AT_HQ) == NOT_HERE


@pytest.mark.seed("S-101")
def test_a_network_beside_the_public_one_is_mixed() -> None:
    assert networked("MixedNetworks") == NOT_HERE
    assert networked("MixedNetworks", interface__REPL__public=False) == MET
    private = {"interface__REPL__public": False, "interface__REPL__role": "PRIVATE"}
    assert networked("MixedNetworks", **private) == ADVICE


@pytest.mark.seed("S-102", "S-103", "S-104")
def test_the_adapters_of_replication_names_have_static_names_that_resolve_and_netbios() -> None:
    for name in ("NotRegisteredInDns", "NamesResolve", "NetBios"):
        assert networked(name) == NOT_HERE
        assert networked(name, **APART, **STATIC) == MET
    assert networked("NotRegisteredInDns", **APART) == ADVICE
    deaf = {"interface__REPL__resolves__B": False}
    assert networked("NamesResolve", **APART, **deaf) == ADVICE
    mute = {"interface__REPL__netbios__A": False}
    assert networked("NetBios", {"nodes.os": "Windows Server 2008"}, **APART, **mute) == ADVICE
    assert networked("NetBios", {}, **APART, **mute) == ADVICE
    assert networked("NetBios", {"nodes.os": "Windows Server 2003"}, **APART, **mute) == NOT_HERE


@pytest.mark.seed("S-090", "S-091")
def test_logs_and_seeding_are_encrypted_or_apart_or_it_is_said_that_it_is_not_needed() -> None:
    for said, told in (("yes", MET), ("not-needed", MET), ("no", ADVICE)):
        assert result("LogTraffic", {"ipsec.logs": said}) == told
        assert result("SeedTraffic", {"ipsec.seeding": said}) == told
    apart = {**APART, "shipping__B__uses__REPL": True}
    assert networked("LogTraffic", **apart) == MET
    assert networked("SeedTraffic", **apart) == UNKNOWN


@pytest.mark.seed("S-119", "S-135")
def test_the_dumpster_is_on_and_holds_one_and_a_half_of_the_largest_message() -> None:
    hub = {**STAND.state, "hub.HUB1.known": True, "hub.HUB1.up": True}

    def told(largest: str, size: int, age: int = 1, state: State = hub) -> str:
        facts = {"mail.largest": largest} if largest else {}
        changed = {**state, "transport.size_max": size * 1_048_576, "transport.age_max": age}
        ground = Ground(LENS, changed, facts, places_of(LENS, facts, changed), "//HUB/MAIL")
        return next(a.result for a in advise(ground) if a.check.name == "Dumpster")

    assert told("10240", 18) == MET
    assert told("12288", 18) == MET
    assert told("12289", 18) == ADVICE, "more than 12 MB times 1.5"
    assert told("10240", 0) == told("10240", 18, age=0) == ADVICE
    assert told("", 18) == UNKNOWN
    assert told("10240", 18, state=STAND.state) == UNKNOWN, "no hub is known"


@pytest.mark.seed("S-005", "S-034")
def test_two_copies_in_one_datacenter_are_allowed_and_lost_together() -> None:
    assert result("CopyElsewhere", AT_HQ) == MET
    assert result("CopyElsewhere", {**AT_HQ, "site.B": "HQ"}) == ADVICE
    assert result("WitnessPlacement", {**AT_HQ, "site.B": "HQ"}) == MET


def test_every_check_cites_its_rows_and_is_named_once() -> None:
    assert all(check.rows for check in CHECKS)
    assert len({check.name for check in CHECKS}) == len(CHECKS)


def test_the_exit_code_is_met_advice_or_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    begin("cluster create MAIL --witness //HUB/MAIL")
    assert document("plan", "check", exit_code=1)["result"] == "advice", "there is no backup"
    good("backup", "run", "SG1")
    good("wait", "1h")
    assert document("plan", "check", exit_code=3)["result"] == "unknown"
    good("site", "set", "A=HQ", "B=DR", "witness=HQ")
    good("hub", "add", "HUB1")
    facts = (
        "mail.largest=10240",
        "witness.role=hub",
        "witness.os=Windows Server 2003",
        "witness.dfs=no",
    )
    good("cluster", "describe", *facts, "ipsec.logs=not-needed", "ipsec.seeding=yes")
    assert document("plan", "check")["result"] == "met"
    good("cluster", "create", "MAIL2", "--witness", "//hub/mail")
    assert call("--cluster", "MAIL", "plan", "check").exit_code == 1
