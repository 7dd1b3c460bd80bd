"""Standby and local copies through the command line: the `--json` contract, refusals, an older
point in time.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.calling import begin, call, document, good


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    begin("cluster create MAIL")


@pytest.mark.seed("S-034", "S-166")
def test_each_target_of_a_storage_group_is_a_copy_of_its_own() -> None:
    good("standby", "enable", "SG1", "--target", "DR", "--replay-lag", "2h")
    good("standby", "enable", "SG1", "--target", "LAB", "--replay-lag", "0s")
    good("standby", "fail", "LAB")
    good("workload", "--logs", "2")
    found = document("standby", "status", "SG1")["copies"]
    assert {name: x["status"] for name, x in found.items()} == {
        "DR/SG1": "Healthy", "LAB/SG1": "ServiceDown",
    }  # fmt: skip
    assert [x["replay_lag"] for x in found.values()] == [7_200_000, 0]
    assert [x["copy_queue"] for x in found.values()] == [0, 2]
    assert found["DR/SG1"]["waits_for"] == "floor"
    assert document("standby", "status", "--as-of", "12")["copies"] == {}


@pytest.mark.seed("S-167")
def test_a_copy_of_a_stand_alone_server_has_both_lags() -> None:
    good("server", "install", "MBX1")
    good("server", "create", "MBX1", "SG1")
    words = ("standby", "enable", "SG1", "--target", "DR", "--server", "MBX1")
    refused = call(*words, "--truncation-lag", "8d")
    assert refused.exit_code == 1
    assert "truncation lag is 0 to 7 days" in refused.stderr
    good(*words, "--truncation-lag", "1h")
    found = document("standby", "status")["copies"]["DR/MBX1/SG1"]
    assert (found["source"], found["truncation_lag"]) == ("MBX1", 3_600_000)
    assert document("lcr", "status")["copies"]["MBX1/SG1"]["status"] == "Disabled"


def test_a_dry_run_writes_nothing_and_an_unknown_copy_is_named() -> None:
    before = document("cluster", "show")["event"]
    good("standby", "enable", "SG1", "--target", "DR", "--dry-run")
    assert document("cluster", "show")["event"] == before
    refused = call("standby", "suspend", "SG1", "--target", "DR")
    assert refused.exit_code == 1
    assert "ccr standby enable SG1 --target DR" in refused.stderr
