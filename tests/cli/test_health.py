"""Test-ReplicationHealth: each of its eleven tests passes on a healthy pair and fails for its own
reason only.
"""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from cli.health.examining import CHECKS, FAIL, PASS, SKIP, WARN, examine, worst
from tests.cli.calling import begin, call, document, good
from tests.cli.test_views import LENS, state_with

CLUSTER_TESTS = {c.name for c in CHECKS if c.ccr_only}


def results(**changes: object) -> dict[str, str]:
    """Test to result, for a joined pair with these changes; those that pass are left out."""
    found = examine(LENS, state_with(**changes))
    return {r.check.name: r.result for r in found if r.result != PASS}


@pytest.mark.seed("S-149")
def test_a_healthy_pair_passes_all_eleven_tests() -> None:
    found = examine(LENS, state_with())
    assert [r.check.name for r in found] == [c.name for c in CHECKS]
    assert (len(found), worst(found)) == (11, PASS)
    assert [r.check.row for r in found] == [f"S-{n}" for n in range(150, 162) if n != 160]


GONE = {"node__A__cms": "OFFLINE", "node__A__power": "DOWN", "node__A__view": "STOPPED"}
TAKEN = {
    **GONE, "node__B__cms": "ONLINE", "node__B__view": "ALONE", "node__B__open": 3,
    "node__B__open_by": "B", "node__B__lock_at": 0, "node__B__run": 1,
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        pytest.param("ClusterNetwork", {"network__REPL__carries__A": False},
                     marks=pytest.mark.seed("S-150")),
        pytest.param("FileShareQuorum", {"share__reach__B": False},
                     marks=pytest.mark.seed("S-152")),
        pytest.param("CmsGroup", {"copy__A__SG1__mounted_run": 0}, marks=pytest.mark.seed("S-153")),
        pytest.param("NodePaused", {"node__B__paused": True}, marks=pytest.mark.seed("S-154")),
        pytest.param("DnsRegistrationStatus", {"interface__LAN__registered__A": False},
                     marks=pytest.mark.seed("S-155")),
        pytest.param("SGCopyFailed", {"copy__B__SG1__state": "FAILED"},
                     marks=pytest.mark.seed("S-158")),
    ],
)  # fmt: skip
def test_a_test_fails_for_its_own_reason(name: str, changes: dict[str, object]) -> None:
    assert results(**changes) == {name: FAIL}


@pytest.mark.seed("S-151", "S-156")
def test_a_lone_node_without_the_witness_has_no_quorum_group() -> None:
    found = results(**GONE, node__B__view="LOST")
    assert found["QuorumGroup"] == found["ReplayService"] == FAIL
    assert "QuorumGroup" not in results(**TAKEN)
    assert results(node__A__view="FORCED")["QuorumGroup"] == WARN


@pytest.mark.seed("S-157")
def test_a_suspended_copy_fails_its_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.session.views.status", lambda *_: "Suspended")
    assert results() == {"SGCopySuspended": FAIL}


@pytest.mark.seed("S-159", "S-160")
def test_a_copy_queue_warns_from_three_logs_and_fails_from_six() -> None:
    found = [results(copy__A__SG1__top=n).get("SGCopyQueueLength", PASS) for n in range(8)]
    assert found == [PASS, PASS, PASS, WARN, WARN, WARN, FAIL, FAIL]


@pytest.mark.seed("S-161")
def test_only_a_failover_is_blamed_for_a_dismounted_database() -> None:
    after = {**TAKEN, "node__B__taken": "FAILOVER"}
    assert results(**after)["DBMountedFailover"] == FAIL
    moved = {**after, "node__B__taken": "MOVE"}
    assert "DBMountedFailover" not in results(**moved)
    before = {**after, "copy__A__SG1__mounted_run": 0}
    assert "DBMountedFailover" not in results(**before), "it was dismounted before the failover"
    mounted = {"copy__B__SG1__mounted_run": 1, "copy__B__SG1__active_epoch": 3}
    assert "DBMountedFailover" not in results(**after, **mounted)


@pytest.mark.seed("S-150", "S-155")
@pytest.mark.parametrize("kind", ["lcr", "scr"])
def test_the_six_tests_of_the_cluster_are_for_ccr_only(kind: str) -> None:
    found = {r.check.name for r in examine(LENS, state_with(**GONE), kind) if r.result == SKIP}
    assert found == CLUSTER_TESTS
    assert len(found) == 6


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cluster whose passive copy is behind: four logs wait."""
    monkeypatch.chdir(tmp_path)
    begin("cluster create MAIL", "workload --logs 20 --every 85ms")


@pytest.mark.usefixtures("cluster")
def test_a_warning_alone_is_exit_zero_and_one_for_nagios() -> None:
    body = document("health", "--check", "SGCopyQueueLength")
    assert [(c["name"], c["result"]) for c in body["checks"]] == [("SGCopyQueueLength", WARN)]
    assert body["healthy"] is True
    assert "*WARNING*" in good("health")
    result = call("health", "--nagios")
    assert result.exit_code == 1
    assert result.stdout.startswith("REPLICATION WARNING - SGCopyQueueLength: 4 logs of SG1 wait")


@pytest.mark.usefixtures("cluster")
def test_a_failure_is_exit_one_and_two_for_nagios() -> None:
    good("node", "fail", "B")
    body = document("health", exit_code=1)
    assert body["healthy"] is False
    failed = [c["name"] for c in body["checks"] if c["result"] == FAIL]
    assert failed == ["ReplayService"]
    assert call("health", "--nagios").exit_code == 2
    assert document("health", "--as-of", "12")["healthy"] is True


@pytest.mark.usefixtures("cluster")
def test_a_dismounted_database_names_the_event_of_the_failover() -> None:
    good("workload", "--logs", "20", "--every", "1ms")
    good("node", "fail", "A")
    good("wait", "2m")
    checks = {c["name"]: c for c in document("health", exit_code=1)["checks"]}
    detail = checks["DBMountedFailover"]["detail"]
    assert detail.startswith("SG1 was mounted on A until the failover to B, which lacks ")
    assert detail.endswith("ControlTakenAlone")


@pytest.mark.usefixtures("cluster")
def test_the_results_are_written_as_junit(tmp_path: Path) -> None:
    good("node", "pause", "B")
    call("health", "--kind", "ccr", "--junit", "health.xml")
    suite = ElementTree.parse(tmp_path / "health.xml").getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("11", "1")
    cases = {case.get("name"): case for case in suite}
    failure = cases["NodePaused"].find("failure")
    assert failure is not None
    assert failure.get("message") == "B is paused"


@pytest.mark.usefixtures("cluster")
def test_an_unknown_test_is_refused_with_those_there_are() -> None:
    result = call("health", "--check", "Everything")
    assert result.exit_code == 2
    assert "SGCopyQueueLength" in result.stderr
