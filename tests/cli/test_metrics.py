"""`ccr metrics`: what Prometheus scrapes is what the status says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from cli.copies.metrics import COUNTERS
from tests.cli.calling import call

LINE = re.compile(r'ccr_replication_(\w+)\{cluster="MAIL",storage_group="(\w+)"\} (\d+)')


@pytest.fixture
def behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cluster of two storage groups whose copies are eight logs behind."""
    monkeypatch.chdir(tmp_path)
    for line in (
        "cluster create MAIL --witness //HUB/MAIL --storage-groups SG1,SG2",
        "copy suspend SG1",
        "workload --logs 8 --storage-group SG1",
    ):
        assert call(*line.split()).exit_code == 0, line


@pytest.mark.usefixtures("behind")
@pytest.mark.seed("S-146")
def test_fourteen_counters_and_the_two_of_sp1_are_there_for_each_storage_group() -> None:
    found = LINE.findall(call("metrics").stdout)
    assert len(COUNTERS) == 16
    assert [(name, g) for name, g, _ in found] == [(n, g) for n in COUNTERS for g in ("SG1", "SG2")]


@pytest.mark.usefixtures("behind")
def test_every_counter_has_help_and_a_type() -> None:
    lines = call("metrics").stdout.splitlines()
    for name in COUNTERS:
        assert f"# TYPE ccr_replication_{name} gauge" in lines
    assert sum(line.startswith("# HELP ") for line in lines) == len(COUNTERS)


@pytest.mark.usefixtures("behind")
def test_the_counters_say_what_a_failover_now_would_cost() -> None:
    groups = json.loads(call("metrics", "--json").stdout)["storage_groups"]
    names = ("copy_queue_length", "suspended", "copy_queue_exceeds_mount_threshold", "failed")
    assert [groups["SG1"][n] for n in names] == [8, 1, 1, 0]
    assert [groups["SG2"][n] for n in names] == [0, 0, 0, 0]
