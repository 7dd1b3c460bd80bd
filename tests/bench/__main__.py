"""Append and replay, as ratios to what raw sqlite3 does with the same bytes in the same run.

The floor writes prepared rows into one table and reads them back with a decoder and a hand-written
fold for this very log. We seal events (canonical bytes, SHA-256, chain), keep a side table and the
head, and read with hash and link verified, by rules that are data: `python -m tests.bench [EVENTS]`
"""

from __future__ import annotations

import sqlite3
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import msgspec

from ccr_es.audit.audit import HOLDS, StoreSource, audit
from ccr_es.cluster.cluster import Act, Cluster, Pause
from ccr_es.cluster.config import ClusterConfig
from ccr_es.record.codec import Codec
from ccr_es.record.events import Event, Recorded, seal
from ccr_es.state.fold import Fold
from ccr_es.state.replaying import Stored, replay
from ccr_es.store.recorder import Batch, Head
from ccr_es.store.store import Store
from models.language.canonical import fingerprint
from models.plain.layout import State
from tests.models.teaching import MODEL

NAME = "bench"
BATCH = 1_000
ROUNDS = 5
AIMS = {"append, 1,000 a transaction": 0.4, "replay": 0.5}


@dataclass(frozen=True)
class Row:
    """One line of the table: events per second of the floor and of ours, round by round."""

    what: str
    floor: list[float]
    ours: list[float]

    def __str__(self) -> str:
        ratio = median(o / f for o, f in zip(self.ours, self.floor, strict=True))
        aim = AIMS.get(self.what)
        said = "" if aim is None else f"  aim {aim}: {'met' if ratio >= aim else 'missed'}"
        floor, ours = median(self.floor), median(self.ours)
        return f"{self.what:<36}{floor:>13,.0f}{ours:>13,.0f}{ratio:>8.2f}{said}"


def rate(events: int, work: Callable[[], object]) -> float:
    """Events a second."""
    began = time.perf_counter()
    work()
    return events / (time.perf_counter() - began)


def row(what: str, events: int, floor: Callable[[], object], ours: Callable[[], object]) -> Row:
    """Floor and ours by turns, so that what else the machine does weighs on both."""
    found = Row(what, [], [])
    for _ in range(ROUNDS):
        found.floor.append(rate(events, floor))
        found.ours.append(rate(events, ours))
    return found


def recorded_log(folder: Path, events: int) -> Path:
    """A store with about `events` events: cuts, repairs, time, renewals."""
    path = folder / "log.db"
    with Store.create(path) as store:
        cluster = Cluster.create(store, ClusterConfig(NAME), MODEL)
        cluster.settle()
        lap: list[Act | Pause] = [
            Act("cut", {"n": "B"}),
            Act("heal", {"n": "B"}),
            Pause(1_000),
            Act("cut", {"n": "A"}),
            Act("heal", {"n": "A"}),
        ]
        while cluster.head.number < events:
            for _ in cluster.run(lap * 200):
                pass
    return path


class Floor:
    """Raw sqlite3 on one table: as little as can be done."""

    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.connection.execute("PRAGMA journal_mode=WAL")
        self.connection.execute("PRAGMA synchronous=FULL")

    def clear(self) -> None:
        """An empty table."""
        self.connection.execute("DROP TABLE IF EXISTS events")
        self.connection.execute(
            "CREATE TABLE events (id TEXT, version INTEGER, topic TEXT, state BLOB,"
            " PRIMARY KEY (id, version))"
        )

    def append(self, rows: list[tuple[str, int, str, bytes]], size: int) -> None:
        """Write prepared rows, `size` a transaction."""
        self.clear()
        for start in range(0, len(rows), size):
            self.connection.execute("BEGIN")
            self.connection.executemany(
                "INSERT INTO events VALUES (?,?,?,?)", rows[start : start + size]
            )
            self.connection.execute("COMMIT")

    def replay(self, decoders: dict[str, Callable[[bytes], Event[msgspec.Struct]]]) -> State:
        """Read, decode and fold with what these events are known to do."""
        state: State = {}
        found = self.connection.execute("SELECT topic, state FROM events ORDER BY rowid")
        for topic, data in found:
            event = decoders[topic](data)
            args = event.args
            if topic == "ccr:PathCut":
                state[f"lock.reach.{args.n}"] = False  # type: ignore[attr-defined]
            elif topic == "ccr:PathHealed":
                state[f"lock.reach.{args.n}"] = True  # type: ignore[attr-defined]
            elif topic == "ccr:Ticked":
                state["clock.now"] = event.time
            elif topic == "ccr:LockRenewed":
                state["lock.renewed"] = event.time
            elif topic == "ccr:RenewalNoted":
                state[f"node.{args.n}.lease_at"] = args.renewed  # type: ignore[attr-defined]
        return state


def append_ours(path: Path, events: list[Event[msgspec.Struct]], size: int, model: bytes) -> None:
    """Seal and write the same events through the store, `size` a transaction, into a new file."""
    path.unlink(missing_ok=True)
    with Store.create(path) as store:
        head = Head()
        for start in range(0, len(events), size):
            chunk = [seal(event) for event in events[start : start + size]]
            models = {} if start else {events[0].model: model}
            head = store.append(Batch(NAME, head, chunk, models))


def replay_ours(path: Path, *, guards: bool) -> State:
    """Fold the stored log; with `guards`, each step is checked first."""
    with Store.open(path) as store:
        codec = store.book.add(MODEL)
        fold = Fold(store.book)
        if not guards:
            return replay(fold, store.chunks(NAME)).state
        for stored in store.read(NAME):
            _checked(fold, codec, stored)
        return fold.state


def _checked(fold: Fold, codec: Codec, stored: Stored) -> None:
    event = codec.decode(stored.topic, stored.state, "")
    if fold.number:
        assert fold.reader.check(fold.state, event.step) is None
    fold.apply(Recorded(event, stored.state, stored.hash))


def measured(folder: Path, events: int) -> list[Row]:
    """Every row of the table."""
    path = recorded_log(folder, events)
    codec = Codec(MODEL, fingerprint(MODEL))
    with Store.open(path) as store:
        stored = list(store.read(NAME))
        model = store.model_data(codec.fingerprint) or b""
    log = [codec.decode(s.topic, s.state, "") for s in stored]
    rows = [(s.originator_id, s.version, s.topic, s.state) for s in stored]
    decoders = {t: msgspec.json.Decoder(codec.class_of(t[4:])).decode for t in codec.topics}
    floor, ours = Floor(folder / "floor.db"), folder / "ours.db"
    few, many = len(rows) // 10, len(rows)
    plain = partial(floor.replay, decoders)
    return [
        row(
            "append, 1 a transaction",
            few,
            lambda: floor.append(rows[:few], 1),
            lambda: append_ours(ours, log[:few], 1, model),
        ),
        row(
            f"append, {BATCH:,} a transaction",
            many,
            lambda: floor.append(rows, BATCH),
            lambda: append_ours(ours, log, BATCH, model),
        ),
        row("replay", many, plain, lambda: replay_ours(path, guards=False)),
        row("replay with guards", many, plain, lambda: replay_ours(path, guards=True)),
        row("audit (guards, moves, properties)", many, plain, lambda: judged(path)),
    ]


def judged(path: Path) -> None:
    """The whole audit."""
    with Store.open(path) as store:
        assert audit(StoreSource(store, NAME), MODEL).verdict == HOLDS


def main() -> None:
    """Print the table."""
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with TemporaryDirectory() as folder:
        table = measured(Path(folder), events)
    print(f"{'events a second':<36}{'raw sqlite3':>13}{'ours':>13}{'ratio':>8}")
    for line in table:
        print(line)


if __name__ == "__main__":
    main()
