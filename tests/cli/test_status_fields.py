"""Get-StorageGroupCopyStatus, field by field: when logs were closed at the source, backups, and the
share that logs are read from.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from cli.copies.copystate import share
from tests.cli.calling import begin, call, document, good

FIELDS = {
    "Identity", "StorageGroupName", "SummaryCopyStatus", "NotSupported", "NotConfigured",
    "Disabled", "ServiceDown", "Initializing", "Synchronizing", "Failed", "FailedMessage",
    "Seeding", "Suspend", "SuspendComment", "CCRTargetNode", "CopyQueueLength",
    "ReplayQueueLength", "LatestAvailableLogTime", "LastCopyNotificationedLogTime",
    "LastCopiedLogTime", "LastInspectedLogTime", "LastReplayedLogTime", "LastLogGenerated",
    "LastLogCopyNotified", "LastLogCopied", "LastLogInspected", "LastLogReplayed",
    "LatestFullBackupTime", "LatestIncrementalBackupTime", "LatestDifferentialBackupTime",
    "LatestCopyBackupTime", "SnapshotBackup", "SnapshotLatestFullBackup", "IsValid", "ObjectState",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def status(*words: str) -> dict[str, Any]:
    found = document("copy", "status", "SG1", *words)["storage_groups"]["SG1"]["copy"]
    assert isinstance(found, dict)
    return found


@pytest.mark.seed("S-139")
def test_every_field_of_the_cmdlet_is_there() -> None:
    begin("cluster create MAIL")
    assert set(status()) >= FIELDS
    assert not status()["NotConfigured"]


@pytest.mark.seed("S-139")
def test_the_times_are_those_at_which_the_logs_were_closed_at_the_source() -> None:
    begin(
        "cluster create MAIL --set copy_time=1000 --set replay_time=700",
        "workload --logs 5 --every 500ms",
    )
    found = status()
    assert (found["LastLogGenerated"], found["LastLogInspected"]) == (5, 2)
    assert found["LatestAvailableLogTime"] == "+00:00:02.000"
    assert found["LastCopyNotificationedLogTime"] == "+00:00:02.000"
    assert found["LastCopiedLogTime"] == "+00:00:00.500"
    assert found["LastInspectedLogTime"] == "+00:00:00.500"
    assert found["LastReplayedLogTime"] == "+00:00:01.720"


@pytest.mark.seed("S-139")
def test_a_log_keeps_its_time_when_the_stream_goes_on_elsewhere() -> None:
    begin(
        "cluster create MAIL",
        "workload --logs 4 --every 1s",
        "node fail A",
        "wait 1m",
        "node start A",
        "workload --logs 1",
        "wait 10s",
    )
    newest = status()["LatestAvailableLogTime"]
    good("move", "--comment", "back", "--yes")
    assert status()["LatestAvailableLogTime"] == newest == "+00:01:04.000"
    (mounted,) = document("log", "list", "--event", "DatabaseMountedLossy")["events"]
    before = status("--as-of", str(mounted["number"]))
    assert (before["LastLogGenerated"], before["LatestAvailableLogTime"]) == (4, "+00:00:03.000")


@pytest.mark.seed("S-139")
def test_backups_are_shown_once_the_copy_has_replayed_what_its_header_says() -> None:
    begin("cluster create MAIL", "workload --logs 4")
    assert status()["LatestFullBackupTime"] is None
    good("backup", "run", "SG1")
    good("wait", "10m1s")
    assert status()["LatestFullBackupTime"] is None, "the passive header does not have it yet"
    good("wait", "2m")
    full = status()
    assert full["LatestFullBackupTime"] == "+00:10:00.800"
    assert (full["SnapshotBackup"], full["SnapshotLatestFullBackup"]) == (True, True)
    good("backup", "run", "SG1", "--kind", "incremental")
    good("wait", "5m")
    good("backup", "run", "SG1", "--kind", "copy")
    good("wait", "10m")
    after = status()
    assert after["LatestFullBackupTime"] == full["LatestFullBackupTime"]
    assert after["LatestIncrementalBackupTime"] > full["LatestFullBackupTime"]
    assert after["LatestCopyBackupTime"] > after["LatestIncrementalBackupTime"]
    assert after["LatestDifferentialBackupTime"] is None


@pytest.mark.seed("S-086", "S-087", "S-088")
def test_logs_are_read_from_an_ordinary_share_named_after_the_guid_of_the_storage_group() -> None:
    begin("cluster create MAIL --storage-groups SG1,SG2")
    found = document("copy", "status")["storage_groups"]
    shares = [found[g]["copy"]["LogShare"] for g in ("SG1", "SG2")]
    assert all(
        re.fullmatch(r"\\\\A\\[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\$", x) for x in shares
    )
    assert len(set(shares)) == 2
    good("move", "--comment", "swap", "--yes")
    assert status()["LogShare"] == share("MAIL", "SG1", "B")
    assert status()["LogShare"].rpartition("\\")[2] == shares[0].rpartition("\\")[2]


@pytest.mark.seed("S-148")
def test_the_tools_of_the_first_release_are_those_of_a_cluster_of_the_first_release() -> None:
    begin("cluster create OLD --release rtm", "node fail B")
    assert status()["SummaryCopyStatus"] == "Failed"
    assert status("--tools", "sp1")["SummaryCopyStatus"] == "ServiceDown"


@pytest.mark.parametrize(("dial", "depth"), [("lossless", 1), ("good", 4), ("best", 7)])
def test_the_first_release_holds_back_one_log_more_than_its_dial_and_rolls_idle_logs_by_that(
    dial: str, depth: int
) -> None:
    good("cluster", "create", "OLD", "--release", "rtm", "--mount-dial", dial)
    event = document("log", "show", "1")
    found = event["args"]["parameters"]
    assert (found["llr_depth"], found["log_roll_idle"]) == (depth, 900_000 // depth)
    good("cluster", "create", "NEW", "--mount-dial", dial)
    assert "llr_depth" not in document("log", "show", "1", "--cluster", "NEW")["args"]["parameters"]


@pytest.mark.seed("S-031")
def test_circular_logging_is_refused_with_the_reason() -> None:
    begin("cluster create MAIL")
    result = call("backup", "logging", "SG1", "--circular")
    assert result.exit_code == 1
    assert "CCR185" in result.stderr
    assert "ccr backup run SG1" in result.stderr
    assert "keeps each log" in good("backup", "logging", "SG1", "--no-circular")
