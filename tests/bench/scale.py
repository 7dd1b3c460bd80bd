"""What commands cost on a large store: seconds of a whole process, from start to end.

`python -m tests.bench.scale` makes a small store first; `--full` one with 50 storage groups, 8
hubs, 100,000 messages and a million events, which takes minutes; `--store` takes one that is there.
The floor is what any command costs: `ccr --version`, and one row selected from the store. Seconds
are of processor time, so that what else the machine does weighs less; memory is the highest of any
command.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from ccr_es.store.store import Store
from tests.bench.growing import FULL, Growing, Size
from tests.cli.calling import HOME

AIM = 1.0
"""Seconds in which a command that shows something should end."""
SHOWS = (
    "cluster show", "cms status", "copy status", "network show", "health", "dumpster show",
    "dumpster requests", "hub list", "mail list", "loss", "history", "who --serving",
)  # fmt: skip
_SELECT = (
    "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]);"
    "c.execute('SELECT number FROM ccr_heads').fetchone()"
)


@dataclass(frozen=True)
class Cost:
    """What one process cost, in seconds; the exit code."""

    wall: float
    processor: float
    code: int


def cost(*words: str) -> Cost:
    """Run a Python process and see what it costs."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        [sys.executable, *words], cwd=HOME, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(wall, used, done.returncode)


def floor(store: str) -> Cost:
    """What any command costs that looks into a store."""
    start, row = cost("-m", "cli", "--version"), cost("-c", _SELECT, store)
    return Cost(start.wall + row.wall, start.processor + row.processor, 0)


def measured(store: str) -> None:
    """Print the table: each command now, and as of the middle of the log."""
    with Store.open(store) as opened:
        events = opened.head(opened.chosen(None)).number
    least = min((floor(store) for _ in range(3)), key=lambda c: c.processor)
    print(
        f"{events:,} events: seconds of a whole process{'':<11}{'wall':>8}{'cpu':>8}{'floors':>8}"
    )
    print(f"{'floor: --version and one row':<48}{least.wall:>8.2f}{least.processor:>8.2f}{1:>8.1f}")
    for command in SHOWS:
        for as_of in ((), ("--as-of", str(events // 2))):
            words = (*command.split(), *as_of)
            found = cost("-m", "cli", "--store", store, *words)
            said = f"ccr {' '.join(words)}" + ("" if found.code < 2 else f": exit {found.code}")
            met = "met" if found.processor <= AIM else "missed"
            ratio = found.processor / least.processor
            print(f"{said:<48}{found.wall:>8.2f}{found.processor:>8.2f}{ratio:>8.1f}  {met}")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(f"the most memory that a process took: {peak} MB")


def main() -> None:
    """Make a store, if none is named, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.scale")
    parser.add_argument("--full", action="store_true", help="50 groups, 8 hubs, a million events")
    parser.add_argument("--store", help="A store that is there")
    chosen = parser.parse_args()
    if chosen.store:
        measured(chosen.store)
        return
    with TemporaryDirectory() as folder:
        store = str(Path(folder) / "large.db")
        Growing(store, FULL if chosen.full else Size()).grow()
        measured(store)


if __name__ == "__main__":
    main()
