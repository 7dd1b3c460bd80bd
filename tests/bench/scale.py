"""What commands cost on a large store: seconds of a whole process, from start to end.

`python -m tests.bench.scale` makes a small store first; `--full` one with 50 storage groups, 8
hubs, 100,000 messages and a million events, which takes minutes; `--store` takes one that is there.
`--postgres` copies it to a server of its own first. The floor is what any command costs:
`ccr --version`, and one row selected from the store. Seconds are of processor time, the least of
some rounds, so that what else the machine does weighs less. Python keeps what it compiled, as it
does of an installed program.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from ccr_es.record.events import TOPIC_PREFIX
from ccr_es.store.store import Store
from tests.bench.growing import FULL, Growing, Size
from tests.cli.calling import HOME
from tests.servers import postgres

AIM = 1.0
"""Seconds in which a command that shows something should end."""
ROUNDS = 2
SHOWS = (
    "cluster show", "cms status", "copy status", "network show", "health", "metrics",
    "backup status", "dumpster show", "dumpster requests", "hub list", "mail list", "loss",
    "history", "who --serving", "why failover", "cms timing", "can",
)  # fmt: skip
FAILED_OVER = f"{TOPIC_PREFIX}DatabaseMountedLossy"
_SELECT = (
    "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]);"
    "c.execute('SELECT number FROM ccr_heads').fetchone()"
)
_ASK = (
    "import psycopg, sys; c = psycopg.connect(sys.argv[1]);"
    "c.execute('SELECT number FROM ccr_heads').fetchone()"
)


@dataclass(frozen=True)
class Cost:
    """What one process cost, in seconds; the exit code; its largest memory in MB."""

    wall: float
    processor: float
    code: int
    memory: int


def cost(cache: str, *words: str) -> Cost:
    """Run a Python process some times and see what it costs, in the best of them."""
    return min((_cost(cache, *words) for _ in range(ROUNDS)), key=lambda c: c.processor)


def _cost(cache: str, *words: str) -> Cost:
    env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *words], cwd=HOME, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**env, "PYTHONPYCACHEPREFIX": cache},
    )  # fmt: skip
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall, processor = time.perf_counter() - began, used.ru_utime + used.ru_stime
    return Cost(wall, processor, process.returncode, used.ru_maxrss // 1024)


def floor(cache: str, store: str) -> float:
    """Seconds of the processor that any command costs that looks into a store."""
    ask = _ASK if store.startswith("postgresql") else _SELECT
    begin, row = cost(cache, "-m", "cli", "--version"), cost(cache, "-c", ask, store)
    return begin.processor + row.processor


def measured(store: str, cache: str) -> None:
    """Print the table: each command now, as of the middle of the log, and just after the last
    failover.
    """
    with Store.open(store) as opened:
        name = opened.chosen(None)
        events, mounted = opened.head(name).number, opened.number_of(name, FAILED_OVER, 0)
    cost(cache, "-m", "cli", "--store", store, "can")
    least = floor(cache, store)
    columns = f"{'cpu':>8}{'aim':>8}{'':8}{'wall':>8}{'floors':>8}{'MB':>8}"
    print(f"{events:,} events: seconds of a whole process{'':<11}{columns}")
    print(f"{'floor: --version and one row':<48}{least:>8.2f}")
    points = ((), ("--as-of", str(events // 2)), ("--as-of", str(mounted)))
    peak = 0
    for command in SHOWS:
        for as_of in points if mounted else points[:2]:
            words = (*command.split(), *as_of)
            found = cost(cache, "-m", "cli", "--store", store, *words)
            said = f"ccr {' '.join(words)}" + ("" if found.code < 2 else f": exit {found.code}")
            met = "met" if found.processor <= AIM else "missed"
            print(
                f"{said:<48}{found.processor:>8.2f}{AIM:>8.1f}  {met:<6}{found.wall:>8.2f}"
                f"{found.processor / least:>8.1f}{found.memory:>8}",
                flush=True,
            )
            peak = max(peak, found.memory)
    print(f"the most memory that a process took: {peak} MB")


def copied(store: str) -> str:
    """The store on a PostgreSQL server that lives as long as this process."""
    target = postgres()
    began = time.perf_counter()
    copy, keep = (
        ("--store", store, "store", "copy", target),
        ("--store", target, "store", "checkpoint"),
    )
    for words in (copy, keep):
        subprocess.run(
            [sys.executable, "-m", "cli", *words], cwd=HOME, stdout=subprocess.DEVNULL, check=True
        )
    took = time.perf_counter() - began
    print(f"copied to PostgreSQL, and its states kept, in {took:.0f} s", flush=True)
    return target


def main() -> None:
    """Make a store, if none is named, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.scale")
    parser.add_argument("--full", action="store_true", help="50 groups, 8 hubs, a million events")
    parser.add_argument("--store", help="A store that is there")
    parser.add_argument("--postgres", action="store_true", help="Copied to PostgreSQL")
    chosen = parser.parse_args()
    with TemporaryDirectory() as folder:
        store = chosen.store or str(Path(folder) / "large.db")
        if not chosen.store:
            began = time.perf_counter()
            Growing(store, FULL if chosen.full else Size()).grow()
            print(f"made in {time.perf_counter() - began:.0f} s", flush=True)
        measured(copied(store) if chosen.postgres else store, str(Path(folder) / "compiled"))


if __name__ == "__main__":
    main()
