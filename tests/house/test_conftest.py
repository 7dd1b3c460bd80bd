"""The shared hooks: a test that was not run is named, and fails the run where `CI` is set."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).parents[1] / "conftest.py"


def run_a_skipping_suite(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """pytest over one passing and one skipped test, with our conftest."""
    (folder / "conftest.py").write_text(CONFTEST.read_text())
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "test_two.py").write_text(
        "import pytest\n"
        "def test_a(): pass\n"
        "def test_b(): pytest.skip('NOT RUN: needs cvc5; run: apt-get install cvc5')\n"
    )
    kept = {k: v for k, v in os.environ.items() if k != "CI" and not k.startswith("PYTEST")}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    return subprocess.run(
        command,
        cwd=folder,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_test_that_was_not_run_is_named_with_the_command_that_helps(tmp_path: Path) -> None:
    done = run_a_skipping_suite(tmp_path)
    assert done.returncode == 0
    assert "NOT RUN: 1" in done.stdout
    assert "test_two.py::test_b: NOT RUN: needs cvc5; run: apt-get install cvc5" in done.stdout


def test_a_test_that_was_not_run_fails_the_run_in_ci(tmp_path: Path) -> None:
    assert run_a_skipping_suite(tmp_path, CI="true").returncode == pytest.ExitCode.TESTS_FAILED
