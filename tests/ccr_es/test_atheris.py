"""Every reader of files under atheris, for a fixed number of inputs from a fixed seed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RUNS = 600

pytestmark = pytest.mark.slow


def test_no_bytes_end_a_reader_but_by_one_of_our_errors(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "tests.fuzzing", "every", "-seed=7", f"-runs={RUNS}"]
    done = subprocess.run(
        [*words, "-max_len=300", f"-artifact_prefix={tmp_path}/"],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3_000:]
    assert f"Done {RUNS} runs" in done.stderr
