"""What the system is for, in every release: data and service together, by log shipping that is tied
to the cluster.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.calling import begin, call, document, good


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.seed("S-001", "S-010")
@pytest.mark.parametrize("release", ["sp1", "rtm"])
def test_in_every_release_a_failed_node_costs_neither_service_nor_what_was_shipped(
    release: str,
) -> None:
    good("cluster", "create", "MAIL", "--release", release)
    good("workload", "--logs", "5", "--every", "1s")
    good("node", "fail", "A")
    good("wait", "1m")
    found = document("cluster", "show")
    group = found["storage_groups"]["SG1"]
    assert (found["serving"], group["mounted_on"], group["generated"]) == ("B", "B", 5)


@pytest.mark.slow
@pytest.mark.seed("S-009")
def test_after_seeding_every_later_log_is_copied_and_replayed() -> None:
    begin(
        "cluster create MAIL",
        "workload --logs 2",
        "copy suspend SG1",
        "copy update SG1 --delete-existing-files",
        "wait 61s",
    )
    for _ in range(3):
        good("workload", "--logs", "2")
        good("wait", "2s")
        group = document("cluster", "show")["storage_groups"]["SG1"]
        assert (group["status"], group["copy_queue"], group["replay_queue"]) == ("Healthy", 0, 0)


@pytest.mark.seed("S-039")
def test_a_cluster_has_one_mailbox_server_on_one_of_its_two_nodes() -> None:
    assert call("cluster", "create", "MAIL", "--nodes", "A,B,C").exit_code == 2
    begin("cluster create MAIL")
    status = document("cms", "status")
    assert status["state"] == "Online"
    nodes = document("cluster", "show")["nodes"]
    assert sorted(n["cms"] for n in nodes.values()) == ["offline", "online"]


@pytest.mark.seed("S-084")
@pytest.mark.parametrize("node", ["A", "B"])
def test_a_storage_fault_on_one_node_moves_nothing_and_stops_nothing(node: str) -> None:
    begin("cluster create MAIL", "workload --logs 5 --every 1s")
    good("inject", "lose_log", f"n={node}", "g=SG1", "generation=2")
    good("inject", "corrupt_log", f"n={node}", "g=SG1", "generation=3")
    good("workload", "--logs", "3")
    good("wait", "10m")
    found = document("cluster", "show")
    assert (found["serving"], found["storage_groups"]["SG1"]["mounted_on"]) == ("A", "A")
    assert {n["cluster"] for n in found["nodes"].values()} == {"joined"}


@pytest.mark.seed("S-137")
@pytest.mark.parametrize("word", ["suspend", "resume", "update", "restore"])
def test_what_the_console_offers_for_a_copy_are_commands_that_name_their_cmdlet(word: str) -> None:
    assert f"mirrors {word.capitalize()}-StorageGroupCopy" in good("copy", word, "--help")
