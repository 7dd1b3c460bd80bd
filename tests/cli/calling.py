"""Calling `ccr` in tests: in this process through click's runner, or as a process of its own."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from click.testing import CliRunner, Result

from cli.main import root

HOME = Path(__file__).resolve().parents[2]


def call(*words: str, env: Mapping[str, str] | None = None, color: bool = False) -> Result:
    """One call in this process."""
    return CliRunner().invoke(root, list(words), prog_name="ccr", env=env, color=color)


def good(*words: str) -> str:
    """One call that must succeed; its stdout."""
    result = call(*words)
    assert result.exit_code == 0, (words, result.output)
    return result.stdout


@cache
def _store_after(commands: tuple[str, ...]) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "ccr.db"
        for command in commands:
            good("--store", str(path), *shlex.split(command))
        return path.read_bytes()


def begin(*commands: str) -> None:
    """The store of this folder as these commands leave a new one; they are given once a process."""
    Path("ccr.db").write_bytes(_store_after(commands))


def document(*words: str, exit_code: int = 0) -> dict[str, Any]:
    """The `--json` answer of one call."""
    result = call(*words, "--json")
    assert result.exit_code == exit_code, (words, result.output)
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def process(*words: str, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    """One call as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "cli", *words],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(HOME), **env},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
