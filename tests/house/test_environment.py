"""`make` works as well where .venv is active."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.house.sources import ROOT

ASK = "import runpy; print(runpy.run_path('.ci/environment.py')['wanted']())"


def test_an_environment_that_is_active_is_current_as_well() -> None:
    outside = os.path.realpath(getattr(sys, "_base_executable", sys.executable))
    assert outside != sys.executable
    stamps = [
        subprocess.run([python, "-c", ASK], cwd=ROOT, capture_output=True, text=True, check=True)
        for python in (outside, sys.executable)
    ]
    assert stamps[0].stdout == stamps[1].stdout
    assert outside in stamps[0].stdout
