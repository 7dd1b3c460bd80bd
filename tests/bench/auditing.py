"""The audit, as ratios to the least that can be done with the same log in the same run; and what
memory it takes.

`python -m tests.bench.auditing [EVENTS] [--keep FILE]`. A cluster's days by the CCR rules, with all
its properties. The floor of a store selects, decodes and hashes each event; that of three parts of
a log reads, decodes and hashes each line. Rates are by processor time, so that what else the
machine does is left out: with several processes, by the mean of theirs, as if each had a processor
to itself; beside them, what a clock on the wall said. Peak memory is that of the largest process.
Ten million events, which are made first: `... tests.bench.auditing 10000000 --keep long.db`.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sqlite3
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from ccr_es.audit.crew import Crew
from ccr_es.audit.parts import OUTSIDE, belongs_to
from ccr_es.audit.working import LogAt
from ccr_es.record.codec import Codec
from ccr_es.record.interchange import export
from ccr_es.store.store import Store
from models.language.canonical import fingerprint
from specs.catalogue import CCR
from tests.bench.day import NAME, recorded_days

AIM = 0.35
EVENTS = 200_000
PARTS = ("A", "B", OUTSIDE)


def floor_of_store(path: Path) -> float:
    """Select, decode, hash: events a second."""
    codec = Codec(CCR, fingerprint(CCR))
    decoders = {t: msgspec.json.Decoder(codec.class_of(t[4:])).decode for t in codec.topics}
    connection = sqlite3.connect(path)
    began, events = time.process_time(), 0
    for topic, state in connection.execute("SELECT topic, state FROM stored_events ORDER BY rowid"):
        decoders[topic](state)
        sha256(state).digest()
        events += 1
    return events / (time.process_time() - began)


def floor_of_parts(files: list[Path]) -> float:
    """Read, decode, hash: lines a second."""
    began, lines = time.process_time(), 0
    for file in files:
        with file.open("rb") as raw:
            for line in raw:
                found = msgspec.json.decode(line)
                sha256(msgspec.json.encode(found["data"])).digest()
                lines += 1
    return lines / (time.process_time() - began)


def log_at(paths: list[str]) -> LogAt:
    """The store, or the parts."""
    if len(paths) == 1:
        return LogAt(paths[0], paths[0], NAME)
    return LogAt("parts", cluster=NAME, files=tuple(paths))


def judged(paths: list[str], jobs: int) -> dict[str, Any]:
    """An audit in this process and its workers: events, events a second of processor time and on
    the wall, peak memory in MB.
    """
    wall, own = time.perf_counter(), time.process_time()
    crew = Crew(CCR, jobs)
    report = next(iter(crew.judge([log_at(paths)])))
    crew.close()
    wall, own = time.perf_counter() - wall, time.process_time() - own
    assert report.verdict == "holds", report.findings[:3] or report.unchecked
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    busy = own + (used[1].ru_utime + used[1].ru_stime) / jobs
    peak = max(u.ru_maxrss for u in used) / 1024
    events = report.events
    return {"events": events, "rate": events / busy, "wall": events / wall, "peak": peak}


def alone(paths: list[Path], jobs: int) -> dict[str, Any]:
    """The same in a process of its own."""
    words = [sys.executable, "-m", __spec__.name, "--jobs", str(jobs), "--judge", *map(str, paths)]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def parts_of(path: Path, folder: Path) -> list[Path]:
    """The three parts of a log: each node's, and what happened outside."""
    found = []
    with Store.open(path) as store:
        for part in PARTS:
            file = folder / f"{part}.ndjson"
            mine = belongs_to(part, lambda stamp: store.book.codec(stamp).model)
            with file.open("wb") as out:
                out.writelines(export(store, NAME, part, mine))
            found.append(file)
    return found


def show(what: str, floor: float, found: dict[str, Any], aim: float | None = None) -> None:
    """One line of the table."""
    ratio = found["rate"] / floor
    said = "" if aim is None else f"  aim {aim}: {'met' if ratio >= aim else 'missed'}"
    rates = f"{found['events']:>12,}{floor:>12,.0f}{found['rate']:>12,.0f}{ratio:>8.2f}"
    more = f"{found['wall']:>12,.0f}{found['peak']:>9.0f} MB"
    print(f"{what:<30}{rates}{more}{said}", flush=True)


def table(folder: Path, events: int, keep: Path | None) -> None:
    """Print what was measured."""
    processors = len(os.sched_getaffinity(0))
    short = recorded_days(folder / "short.db", max(events // 10, 1_000))
    long = keep or folder / "long.db"
    if not long.exists():
        recorded_days(long, events)
    head = f"{'the audit':<30}{'events':>12}{'floor':>12}{'ours':>12}{'ratio':>8}"
    print(f"{head}{'by the wall':>12}{'peak':>12}")
    show("a store, one process", floor_of_store(short), alone([short], 1))
    show("a store, one process", floor_of_store(long), alone([long], 1), AIM)
    if processors > 1:
        found = alone([long], processors)
        show(f"a store, {processors} processes", floor_of_store(long), found, AIM)
    parts = parts_of(short, folder)
    show("three parts of a log, merged", floor_of_parts(parts), alone(parts, 1))


def main() -> None:
    """Print the table; or, with --judge, one audit as JSON."""
    words = argparse.ArgumentParser(prog="python -m tests.bench.auditing")
    words.add_argument("events", nargs="?", type=int, default=EVENTS)
    words.add_argument("--keep", type=Path, help="where the log is made, or is already")
    words.add_argument("--jobs", type=int, default=1)
    words.add_argument("--judge", nargs="+")
    given = words.parse_args()
    if given.judge:
        print(json.dumps(judged(given.judge, given.jobs)))
        return
    with TemporaryDirectory() as folder:
        table(Path(folder), given.events, given.keep)


if __name__ == "__main__":
    main()
