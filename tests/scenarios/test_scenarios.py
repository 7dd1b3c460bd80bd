"""Every scenario file, run through the real command line in a folder of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scenarios.harness import parse, run_as_script, run_in_process, unparse

FILES = sorted(Path(__file__).parent.glob("*.txt"))
AS_SCRIPT = {"bad_input.txt"}
"""Scenarios that run `ccr` as a process of its own; the others call it in this one, which is
faster.
"""


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_scenario_reads_as_recorded(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("CCR_STORE", "CCR_CLUSTER", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    run = run_as_script if path.name in AS_SCRIPT else run_in_process
    blocks = parse(path.read_text())
    for block in blocks:
        got = run(block.command)
        if request.config.getoption("--rewrite"):
            block.expected = got
        else:
            assert got == block.expected, f"{path.name}: {block.command}"
    if request.config.getoption("--rewrite"):
        path.write_text(unparse(blocks))


def test_there_are_scenarios_and_each_has_blocks() -> None:
    assert FILES
    assert all(parse(path.read_text()) for path in FILES)
