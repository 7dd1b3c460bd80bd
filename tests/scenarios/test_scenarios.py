"""Every scenario file, run through the real command line in a folder of its own.

A `.ndjson` beside the scenarios is a run that `ccr verify PROPERTY --save FOLDER` found; after a
change of the rules it is found again with `ccr verify P01 --preset windows2003 --save ...`.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.scenarios.harness import parse, run_as_script, run_in_process, unparse
from tests.servers import postgres

FILES = sorted(Path(__file__).parent.glob("*.txt"))
RECORDS = [p.parent for p in sorted(Path(__file__).parents[1].glob("data/*/README.md"))]
"""The folders of tests/data that hold records of other systems."""
LONG = {
    "backlog", "backup", "beyond_the_dial", "copy_life", "dumpster", "dumpster_limits",
    "force_quorum", "freeze", "history", "lcr", "lcr_mail", "loss", "mail_second_failover",
    "networks", "networks_sp1", "partial", "partition_other_side", "plan", "sealed",
    "random_runs", "seeding_networks", "server_truncation", "single_copy", "site_loss_force_quorum",
    "site_loss_standby", "sites_option1", "sites_option2", "stale_node", "standby",
    "standby_failover", "standby_server", "timing", "what_if", "witness_access", "witness_lost",
    "witness_wiped",
}  # fmt: skip
"""Minutes that take several seconds to play: slow tests."""
AS_SCRIPT = {"stopped.txt"}
"""Scenarios that run `ccr` as a process of its own; the others call it in this one, which is
faster.
"""


def _cited(path: Path) -> list[str]:
    """The rows of the source document that a scenario checks, from its line `# seed: ...`."""
    lines = [line for line in path.read_text().splitlines() if line.startswith("# seed: ")]
    return [row for line in lines for row in line.split()[2:]]


def _in_folder(path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Go to a folder that has the runs beside the scenario and the records of other systems."""
    for data in path.parent.glob("*.ndjson"):
        shutil.copy(data, folder)
    for data in RECORDS:
        shutil.copytree(data, folder / data.name)
    monkeypatch.chdir(folder)


def _marks(path: Path) -> list[pytest.MarkDecorator]:
    """The rows that it checks; and whether it is slow."""
    slow = [pytest.mark.slow] if path.stem in LONG else []
    return [pytest.mark.seed(*_cited(path)), *slow]


@pytest.mark.parametrize("path", [pytest.param(p, marks=_marks(p), id=p.stem) for p in FILES])
def test_scenario_reads_as_recorded(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    _in_folder(path, tmp_path, monkeypatch)
    run = run_as_script if path.name in AS_SCRIPT else run_in_process
    blocks = parse(path.read_text())
    for block in blocks:
        got = run(block.command)
        assert "[exit 70]" not in got, got
        if request.config.getoption("--rewrite"):
            block.expected = got
        else:
            assert got == block.expected, f"{path.name}: {block.command}"
    if request.config.getoption("--rewrite"):
        path.write_text(unparse(blocks))


ON_A_SERVER = {
    "backup", "create_and_ship", "dumpster", "force_quorum", "from_here", "loss", "move",
    "networks_sp1", "points", "refusals", "sites_option1", "witness_wiped",
}  # fmt: skip
"""Minutes that between them call most commands that read or write a store."""


@pytest.mark.slow
@pytest.mark.parametrize(
    "path", [pytest.param(p, id=p.stem) for p in FILES if p.stem in ON_A_SERVER]
)
def test_scenario_reads_the_same_on_a_postgresql_server(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _in_folder(path, tmp_path, monkeypatch)
    monkeypatch.setenv("CCR_STORE", f"{postgres()}&schema={path.stem.lower()}")
    for block in parse(path.read_text()):
        assert run_in_process(block.command) == block.expected, f"{path.name}: {block.command}"


def test_there_are_scenarios_and_each_has_blocks() -> None:
    assert FILES
    assert all(parse(path.read_text()) for path in FILES)
