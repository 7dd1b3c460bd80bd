"""The README's transcript is what the demo prints."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.slow
def test_every_line_of_the_transcript_in_the_readme_is_printed_by_the_demo() -> None:
    _, _, rest = (ROOT / "README.md").read_text().partition("\n## The demo\n")
    chapter = rest.partition("\n## ")[0]
    blocks = re.findall(r"```console\n(.*?)```", chapter, re.DOTALL)
    wanted = [line for block in blocks for line in block.splitlines() if line.strip()]
    assert len(wanted) > 15
    command = [sys.executable, "-m", "cli", "demo"]
    environment = {**os.environ, "NO_COLOR": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    assert [line for line in wanted if line not in done.stdout] == []
