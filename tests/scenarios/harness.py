"""Scenario files: `command`, `----`, expected output, one block after another.

A block's command is the paragraph right above `----`, after lines of prose that start with `#`; its
output runs to the next block. stdout stands as it is, a line of stderr starts with `! `, and an
exit code other than 0 closes the block as `[exit 1]`. `pytest --rewrite` writes what the command
line now answers; the diff is then read by a person. Hashes are left out: they change with the
rules.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner

from cli.main import root

MARK = "----"


@dataclass
class Block:
    """Prose before the command, the command itself, and the output that is expected."""

    prose: list[str]
    command: str
    expected: str


def parse(text: str) -> list[Block]:
    """The blocks of a scenario file. Prose is the `#` lines in the paragraph of the command."""
    lines = text.splitlines()
    marks = [i for i, line in enumerate(lines) if line == MARK]
    starts = [_start(lines, mark) for mark in marks]
    blocks = []
    for mark, start, end in zip(marks, starts, [*starts[1:], len(lines)], strict=True):
        prose = [x for x in lines[start:mark] if x.startswith("#")]
        command = "\n".join(x for x in lines[start:mark] if not x.startswith("#"))
        blocks.append(Block(prose, command, "\n".join(lines[mark + 1 : end]).strip("\n")))
    return blocks


def _start(lines: list[str], mark: int) -> int:
    start = mark
    while start and lines[start - 1].strip():
        start -= 1
    return start


def unparse(blocks: list[Block]) -> str:
    """The text of a scenario file."""
    parts = []
    for block in blocks:
        head = "\n".join([*block.prose, block.command])
        parts.append(f"{head}\n{MARK}\n{block.expected}".rstrip("\n"))
    return "\n\n".join(parts) + "\n"


def run_in_process(command: str) -> str:
    """The answer of one `ccr ...` line, through click's runner."""
    words = shlex.split(command.replace("\\\n", " "))
    assert words[0] == "ccr", f"a scenario runs ccr, not {words[0]}"
    result = CliRunner().invoke(root, words[1:], prog_name="ccr", terminal_width=78)
    return _transcript(result.stdout, result.stderr, result.exit_code)


def run_as_script(command: str) -> str:
    """The answer of one `ccr ...` line, through a process of its own."""
    words = shlex.split(command.replace("\\\n", " "))
    home = str(Path(__file__).resolve().parents[2])
    done = subprocess.run(
        [sys.executable, "-m", "cli", *words[1:]],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": home, "COLUMNS": "80"},
        check=False,
    )
    return _transcript(done.stdout, done.stderr, done.returncode)


_HASH = re.compile(r"\b[0-9a-f]{12,64}\b")


def _transcript(out: str, err: str, code: int) -> str:
    lines = [line.rstrip() for line in out.splitlines()]
    lines += [f"! {line}".rstrip() for line in err.splitlines()]
    if code:
        lines.append(f"[exit {code}]")
    return _HASH.sub("<hash>", "\n".join(lines).strip("\n"))
