"""Why a log stays is what the rule that deletes logs says of it, in words of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.copies import keptlogs
from specs.catalogue import CCR
from tests.cli.calling import begin, call, document, good


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    begin("cluster create MAIL")


@pytest.mark.seed("S-028")
def test_each_guard_of_deleting_logs_has_its_words() -> None:
    guards = {*CCR.rules["delete_logs"].guards, *CCR.rules["delete_local_logs"].guards}
    assert {*keptlogs.SAID, *keptlogs.AMOUNT} == guards


def test_a_dismounted_database_keeps_its_logs() -> None:
    good("workload", "--logs", "2")
    good("cms", "stop", "--reason", "upkeep")
    found = document("backup", "status")["storage_groups"]["SG1"]
    assert found["pinned_by"] == ["it is not mounted", "it is not backed up"]


@pytest.mark.seed("S-167")
def test_a_server_outside_the_cluster_keeps_what_its_standby_target_has_not_inspected() -> None:
    good("server", "install", "MBX1")
    good("server", "create", "MBX1", "SG1")
    good("standby", "enable", "SG1", "--target", "DR", "--server", "MBX1")
    good("standby", "fail", "DR")
    good("server", "workload", "MBX1", "SG1", "--logs", "12")
    good("server", "backup", "MBX1", "SG1")
    running = document("backup", "status", "--server", "MBX1")["storage_groups"]["SG1"]["running"]
    assert (running["kind"], running["copy"]) == ("full", "MBX1")
    good("wait", "15m")
    found = document("backup", "status", "SG1", "--server", "MBX1")["storage_groups"]["SG1"]
    assert found["pinned_by"] == ["standby target DR does not answer"]
    (full,) = document("backup", "chain", "SG1", "--server", "MBX1")["chain"]
    assert (full["kind"], full["upto"]) == ("full", 12)


def test_a_server_or_storage_group_that_is_not_there_is_named() -> None:
    for words in (("status",), ("chain", "SG1")):
        refused = call("backup", *words, "--server", "MBX9")
        assert refused.exit_code == 1
        assert "MBX9 has no storage group" in refused.stderr
