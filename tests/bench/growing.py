"""A large store for measurements: many storage groups and hubs, much mail, a long log.

Made by the commands themselves, each a process of its own, so that every event is decided by the
rules and saved by the writer: `python -m tests.bench.growing STORE --full`. The same sizes and the
same seed give the same events. In the middle of the log a node fails and mail comes back from the
dumpsters; later the service is moved.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from ccr_es.store.store import Store
from tests.cli.calling import HOME

ROUNDS = 20
"""Parts in which mail is sent; the failover is at the end of the tenth, the move of the 15th."""


@dataclass(frozen=True)
class Size:
    """How large a store is to be."""

    groups: int = 12
    hubs: int = 4
    messages: int = 4_000
    events: int = 20_000
    seed: int = 0


FULL = Size(50, 8, 100_000, 1_000_000)


class Growing:
    """A store that grows by commands; `say` is told how far it is."""

    def __init__(self, store: str, size: Size) -> None:
        self.store, self.size = store, size

    def call(self, *words: str) -> None:
        """One command; its events are not printed."""
        line = [sys.executable, "-m", "cli", "--store", self.store, *words]
        done = subprocess.run(
            line,
            cwd=HOME,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"ccr {' '.join(words)}: {done.stderr.strip()}")

    def events(self) -> int:
        """How many there are."""
        with Store.open(self.store) as store:
            return store.head(store.chosen(None)).number

    def grow(self) -> None:
        """Everything."""
        size = self.size
        groups = ",".join(f"SG{i}" for i in range(1, size.groups + 1))
        self.call(
            "cluster", "create", "MAIL", "--storage-groups", groups, "--seed", str(size.seed)
        )  # fmt: skip
        for i in range(1, size.hubs + 1):
            self.call("hub", "add", f"HUB{i}")
        for part in range(1, ROUNDS + 1):
            self.call("mail", "burst", "--count", str(size.messages // ROUNDS))
            self.fill(size.events * part // ROUNDS)
            if part == ROUNDS // 2:
                self.fail_over()
            if part == ROUNDS * 3 // 4:
                self.call("move", "--yes", "--comment", "maintenance")

    def fill(self, target: int) -> None:
        """Logs are filled until there are so many events."""
        each = 7 * self.size.groups
        while (missing := target - self.events()) > 0:
            logs = max(1, min(missing // each, 100_000 // each))
            self.call("workload", "--logs", str(logs), "--every", "1s")

    def fail_over(self) -> None:
        """The active node fails while logs and mail are on their way; it comes back later."""
        self.call("mail", "burst", "--count", str(self.size.messages // ROUNDS), "--every", "20ms")
        self.call("node", "fail", "A")
        self.call("wait", "3m")
        self.call("node", "start", "A")
        self.call("wait", "10m")


def main() -> None:
    """Make a store."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.growing", description=__doc__)
    parser.add_argument("store", help="A file, or postgresql://...")
    parser.add_argument("--full", action="store_true", help="50 groups, 8 hubs, a million events")
    parser.add_argument("--events", type=int, help="Another length")
    chosen = parser.parse_args()
    size = FULL if chosen.full else Size()
    if chosen.events:
        size = Size(size.groups, size.hubs, size.messages, chosen.events)
    if not chosen.store.startswith("postgresql"):
        Path(chosen.store).unlink(missing_ok=True)
    began = time.perf_counter()
    Growing(chosen.store, size).grow()
    print(f"{chosen.store}: {size}, {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
