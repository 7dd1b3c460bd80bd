"""The store: our small port over the library's recorder, on SQLite or PostgreSQL.

One file or database, several clusters, one chain of events each.

`append`, `read` (from anywhere), `head`, `clusters`, `models`, `kept`, `keep`, `follow`: nothing
else may touch the file. Reading never creates a file. Sits above `database`; knows events as
bytes with a number and a hash.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from eventsourcing.application import Repository
from eventsourcing.persistence import EventStore

from ..errors import ClusterNotNamed, ClusterUnknown, LogTruncated
from ..record.book import Book
from ..record.events import INTEGER_MAX
from ..state.replaying import Columns, Row, Stored
from . import database
from .database import Database
from .picking import number_at, number_of, of_row, of_topics
from .recorder import Batch, CcrMapper, Head

CHUNK = 2_000
"""Events fetched at a time: enough to be fast, few enough to keep memory flat."""
CLOSE = 500
"""The same where much is done with each of them: few enough to stay in the processor's cache."""

_FROM = """
    FROM ccr_stream e LEFT JOIN stored_events s ON s.{position} = e.position
    WHERE e.cluster = ? AND e.number BETWEEN ? AND ? ORDER BY e.number
"""
_LEAN = "SELECT e.number, s.state, s.topic, e.hash" + _FROM
_WHOLE = (
    "SELECT e.number, s.state, s.topic, e.hash, s.originator_id, s.originator_version, e.time"
    + _FROM
)


class Store:
    """An open store. Use as a context manager, or call `close`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.book = Book(self.model_data)
        self.events = EventStore[str](CcrMapper(self.book), database.recorder)
        self.repository = Repository[str](self.events)

    @property
    def path(self) -> str:
        """How messages name this store."""
        return self._database.name

    @classmethod
    def open(cls, name: Path | str, *, write: bool = False, timeout_seconds: float = 5.0) -> Store:
        """Open a store that exists: a file, or `postgresql://...`.

        Raises `StoreMissing`, `StoreNotOurs`, `StoreVersion`, `StoreDamaged`, `StoreReadOnly`,
        `ServerUnreachable`.
        """
        return cls(database.opened(name, write, timeout_seconds))

    @classmethod
    def create(cls, name: Path | str, *, timeout_seconds: float = 5.0) -> Store:
        """Open a store for writing, and make it first if there is none.

        Raises as `open` does, and `DiskFull`.
        """
        return cls(database.created(name, timeout_seconds))

    def close(self) -> None:
        """Close every connection.

        A store that `create` made, and in which nothing was saved, goes again.
        """
        with self._guard():
            self._database.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @contextmanager
    def _guard(self) -> Iterator[None]:
        """The library's and the database's errors as ours."""
        try:
            yield
        except self._database.errors as error:
            raise self._database.translated(error) from error

    def _rows(self, query: str, *values: Any) -> list[Any]:
        with self._guard():
            return self._database.rows(query, values)

    def clusters(self) -> list[str]:
        """The names of the clusters, in alphabetical order."""
        return [r[0] for r in self._rows("SELECT cluster FROM ccr_heads ORDER BY cluster")]

    def chosen(self, name: str | None) -> str:
        """`name`, or the only cluster. Raises `ClusterUnknown` or `ClusterNotNamed`."""
        known = self.clusters()
        if name is None:
            if len(known) == 1:
                return known[0]
            said = f"has {len(known)} clusters: {', '.join(known)}" if known else "has no cluster"
            raise ClusterNotNamed(
                f"{self.path} {said}", "Name one with --cluster" if known else "Create one"
            )
        if name not in known:
            raise ClusterUnknown(
                f"{self.path} has no cluster {name}", f"It has {', '.join(known) or 'none'}"
            )
        return name

    def head(self, cluster: str) -> Head:
        """Where the cluster's stream ends; `Head()` if there is no such cluster."""
        rows = self._rows("SELECT number, hash FROM ccr_heads WHERE cluster = ?", cluster)
        return Head(rows[0][0], rows[0][1].hex()) if rows else Head()

    def append(self, batch: Batch) -> Head:
        """Save the events of a batch, all or none, and move the head.

        Raises `Conflict`, `ClusterExists` or a store error.
        """
        with self._guard():
            self.events.put(batch.events, batch=batch)
        return Head(batch.events[-1].event.number, batch.events[-1].hash)

    def append_all(self, batches: Iterable[Batch]) -> None:
        """Save batches in one transaction: all of them or, if making one raises, none."""
        to_stored = self.events.mapper.to_stored_event
        with self._guard(), self._database.inserting() as insert:
            for batch in batches:
                insert([to_stored(r) for r in batch.events], batch)

    def read(self, cluster: str, start: int = 1, stop: int | None = None) -> Iterator[Stored]:
        """The stored events from number `start` to `stop`, both included.

        Raises `LogTruncated` where the file has a hole.
        """
        for chunk in self.columns(cluster, start, stop):
            for row in chunk:
                yield self.stored(cluster, row)

    def columns(
        self, cluster: str, start: int = 1, stop: int | None = None
    ) -> Iterator[Sequence[Columns]]:
        """As `read`, but as the columns are, and many at a time."""
        return self._chunks(_WHOLE, cluster, start, stop, CLOSE)

    def stored(self, cluster: str, row: Columns) -> Stored:
        """The event behind columns. Raises `LogTruncated` if it is not there."""
        number, state, topic, digest, aggregate, version, at = row
        if state is None:
            raise self._missing(cluster, number)
        return Stored(number, aggregate, version, topic, _bytes(state), at, _bytes(digest).hex())

    def chunks(
        self, cluster: str, start: int = 1, stop: int | None = None
    ) -> Iterator[Sequence[Row]]:
        """As `read`, but only what folding needs, and many at a time."""
        return self._chunks(_LEAN, cluster, start, stop)

    def _chunks(
        self, statement: str, cluster: str, start: int, stop: int | None, size: int = CHUNK
    ) -> Iterator[list[Any]]:
        """Rows that begin with the number; before a hole is reported, those before it."""
        end = stop if stop is not None else self.head(cluster).number
        while start <= end:
            last = min(start + size - 1, end)
            rows = self._rows(statement, cluster, start, last)
            if len(rows) < last - start + 1:
                rows = [r for i, r in enumerate(rows) if r[0] == start + i]
                yield rows
                raise self._missing(cluster, start + len(rows))
            yield rows
            start = last + 1

    def _missing(self, cluster: str, number: int) -> LogTruncated:
        return LogTruncated(
            f"{self.path}: cluster {cluster}: event {number} is missing", "See `ccr audit`"
        )

    def of_row(self, cluster: str, row: str, first: int, last: int) -> list[Row]:
        """The events of an aggregate from version `first` to `last`. Raises `LogTruncated`."""
        return of_row(self._rows, cluster, row, first, last)

    def of_topics(
        self, cluster: str, topics: Sequence[str], start: int, stop: int
    ) -> Iterator[Row]:
        """The events of these topics from number `start` to `stop`, in order."""
        indexed = self._database.indexed
        return of_topics(self._rows, cluster, topics, start, stop, indexed=indexed)

    def number_at(self, cluster: str, time_ms: int) -> int:
        """The number of the last event at or before a simulated time; 0 if there is none."""
        return number_at(self._rows, cluster, time_ms, self.head(cluster).number)

    def number_of(self, cluster: str, topic: str, back: int) -> int | None:
        """The number of the last event of a topic, or `back` such events before it; or None."""
        return number_of(self._rows, cluster, topic, back)

    def models(self) -> list[str]:
        """The fingerprints of the kept models."""
        rows = self._rows("SELECT DISTINCT fingerprint FROM ccr_models ORDER BY fingerprint")
        return [r[0] for r in rows]

    def model_data(self, stamp: str) -> bytes | None:
        """The kept data of a model with this fingerprint, in some wording; or None."""
        rows = self._rows(
            "SELECT data FROM ccr_models WHERE fingerprint = ? ORDER BY hash LIMIT 1", stamp
        )
        return _bytes(rows[0][0]) if rows else None

    def model_as_recorded(self, digest: str) -> bytes | None:
        """The data that is kept under a hash, as an event that brought a model in names it."""
        rows = self._rows("SELECT data FROM ccr_models WHERE hash = ?", digest)
        return _bytes(rows[0][0]) if rows else None

    def kept(self, cluster: str, upto: int) -> tuple[int, str, bytes] | None:
        """The newest kept state at or before event `upto`: its number, the hash of that event, the
        data. Not one whose event is another by now.
        """
        rows = self._rows(
            "SELECT c.number, c.hash, c.state FROM ccr_checkpoints c JOIN ccr_stream e"
            " ON e.cluster = c.cluster AND e.number = c.number AND e.hash = c.hash"
            " WHERE c.cluster = ? AND c.number <= ? ORDER BY c.number DESC LIMIT 1",
            cluster, upto,
        )  # fmt: skip
        return (rows[0][0], rows[0][1].hex(), _bytes(rows[0][2])) if rows else None

    def keep(self, cluster: str, upto: int, states: Iterable[tuple[int, str, bytes]]) -> None:
        """Keep these states (number, hash, data) instead of those up to event `upto`."""
        rows = ((cluster, n, bytes.fromhex(digest), state) for n, digest, state in states)
        with self._guard():
            self._database.keep(cluster, upto, rows)

    def checkpoints(self, cluster: str, after: int = 0, upto: int = INTEGER_MAX) -> list[int]:
        """The numbers of the events after which a state is kept, of those after `after` up to
        `upto`.
        """
        rows = self._rows(
            "SELECT number FROM ccr_checkpoints WHERE cluster = ? AND number > ? AND number <= ?",
            cluster, after, upto,
        )  # fmt: skip
        return [r[0] for r in rows]

    def checkpoint_data(self, cluster: str, number: int) -> bytes | None:
        """The state kept after event `number`, whatever the hash beside it says; or None."""
        rows = self._rows(
            "SELECT state FROM ccr_checkpoints WHERE cluster = ? AND number = ?", cluster, number
        )
        return rows[0][0] if rows else None

    def last_number(self, cluster: str) -> int:
        """The highest number in the stream, whatever the head says; 0 if there is none."""
        rows = self._rows("SELECT MAX(number) FROM ccr_stream WHERE cluster = ?", cluster)
        return rows[0][0] or 0

    def rows_of(self, cluster: str) -> int:
        """How many rows of the library's table belong to aggregates of the cluster."""
        rows = self._rows(
            "SELECT COUNT(*) FROM stored_events WHERE originator_id COLLATE {binary} >= ?"
            " AND originator_id COLLATE {binary} < ?",
            cluster + "/",
            cluster + "0",  # the character after the slash
        )
        return int(rows[0][0])

    def follow(self, cluster: str, after: int, poll_seconds: float = 0.02) -> Iterator[Stored]:
        """The events after number `after`, and then each new one as it comes, for ever."""
        while True:
            for stored in self.read(cluster, after + 1):
                after = stored.number
                yield stored
            time.sleep(poll_seconds)


def _bytes(column: object) -> bytes:
    """A column of bytes, whatever somebody else's UPDATE made of it: the hash will tell."""
    return column if isinstance(column, bytes) else str(column).encode()
