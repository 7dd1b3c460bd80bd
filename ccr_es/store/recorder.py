"""The library's SQLite recorder with our side tables in the same transaction: stream numbers,
hashes, heads, models.

`stored_events` is the library's own table, written and read by it. Beside it, per cluster:
`ccr_stream` gives each event its number, its position there, its time and its hash; `ccr_heads`
holds the head, and an append moves it from the head on which it was decided, or fails.
`synchronous` is FULL: an event that was reported as saved outlives a power cut (NORMAL would be
three times as fast for single events and could lose the newest ones). Must not import anything of
the project but `book`, `events` and `errors`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import Mapper, StoredEvent
from eventsourcing.sqlite import (
    SQLiteApplicationRecorder,
    SQLiteConnection,
    SQLiteConnectionPool,
    SQLiteCursor,
    SQLiteDatastore,
)

from ..errors import ClusterExists, Conflict
from ..record.book import Book
from ..record.events import NO_HASH, Recorded

TABLES = (
    """CREATE TABLE ccr_heads (
        cluster TEXT PRIMARY KEY, number INTEGER NOT NULL, hash BLOB NOT NULL
    ) WITHOUT ROWID""",
    """CREATE TABLE ccr_stream (
        cluster TEXT NOT NULL, number INTEGER NOT NULL, position INTEGER NOT NULL,
        time INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (cluster, number)
    ) WITHOUT ROWID""",
    """CREATE TABLE ccr_models (
        hash TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, data BLOB NOT NULL
    ) WITHOUT ROWID""",
    """CREATE TABLE ccr_checkpoints (
        cluster TEXT NOT NULL, number INTEGER NOT NULL, hash BLOB NOT NULL, state BLOB NOT NULL,
        PRIMARY KEY (cluster, number)
    ) WITHOUT ROWID""",
)

INDEX = "CREATE INDEX IF NOT EXISTS ccr_topics ON stored_events (topic)"
"""By kind of event; a store made by an older program lacks it, and is slower where that matters."""
INSERT_KEPT = "INSERT INTO ccr_checkpoints VALUES (?,?,?,?)"


@dataclass(frozen=True)
class Head:
    """Where a cluster's stream ends: the number of its last event and that event's hash (hex)."""

    number: int = 0
    hash: str = NO_HASH


@dataclass(frozen=True)
class Batch:
    """What goes with the stored events of one append, in the same transaction."""

    cluster: str
    expected: Head
    events: Sequence[Recorded]
    models: Mapping[str, bytes] = field(default_factory=dict)
    """The data of models that the cluster is new to, by fingerprint."""
    checkpoints: Mapping[int, bytes] = field(default_factory=dict)
    """Folded states by the number of the event after which they hold."""


def stream_rows(batch: Batch, positions: Sequence[int]) -> list[tuple[object, ...]]:
    """The rows of `ccr_stream` for a batch whose events lie at these positions."""
    return [
        (batch.cluster, r.event.number, at, r.event.time, bytes.fromhex(r.hash))
        for r, at in zip(batch.events, positions, strict=True)
    ]


def kept_states(batch: Batch) -> list[tuple[object, ...]]:
    """The rows of `ccr_checkpoints`."""
    begin = batch.expected.number + 1
    return [
        (batch.cluster, n, bytes.fromhex(batch.events[n - begin].hash), state)
        for n, state in batch.checkpoints.items()
    ]


def bytes_of_models(batch: Batch) -> list[tuple[object, ...]]:
    """The rows of `ccr_models`."""
    return [(sha256(data).hexdigest(), stamp, data) for stamp, data in batch.models.items()]


class CcrMapper(Mapper[str]):
    """Between recorded events and stored ones; topics are those of the models in a book, never
    module paths.
    """

    def __init__(self, book: Book) -> None:
        self.book = book

    def to_stored_event(self, domain_event: DomainEventProtocol[str]) -> StoredEvent:
        """The canonical bytes were made when the event was sealed; they are stored as they are."""
        assert isinstance(domain_event, Recorded)
        found = domain_event
        return StoredEvent(
            found.originator_id, found.originator_version, found.event.topic, found.state
        )

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        """The recorded event, read by the classes of the model that it was written under."""
        where = f"{stored_event.originator_id} version {stored_event.originator_version}"
        event = self.book.read(stored_event.topic, stored_event.state, where)
        return Recorded(event, stored_event.state, sha256(stored_event.state).hexdigest())


class CcrPool(SQLiteConnectionPool):
    """Connections that never create a file, and that are durable at every commit."""

    def __init__(self, uri: str, timeout_seconds: float, read_only: bool) -> None:
        self.timeout_seconds, self.read_only = timeout_seconds, read_only
        super().__init__(db_name=uri, pool_size=2, max_overflow=2)

    def _create_connection(self) -> SQLiteConnection:
        made = sqlite3.connect(
            self.db_name,
            uri=True,
            check_same_thread=False,
            isolation_level=None,
            timeout=self.timeout_seconds,
        )
        made.row_factory = sqlite3.Row
        made.execute("PRAGMA synchronous=FULL")
        if self.read_only:
            made.execute("PRAGMA query_only=ON")
        self.is_journal_mode_wal = True
        return SQLiteConnection(sqlite_conn=made, max_age=None)


class CcrDatastore(SQLiteDatastore):
    """The library's datastore over our connections, with text ids (`cluster/row`)."""

    def __init__(self, uri: str, timeout_seconds: float, read_only: bool) -> None:
        super().__init__(uri, originator_id_type="text")
        self.pool = CcrPool(uri, timeout_seconds, read_only)


class CcrRecorder(SQLiteApplicationRecorder):
    """Writes the library's rows and ours in one transaction, and refuses an append whose head has
    moved.
    """

    def construct_create_table_statements(self) -> list[str]:
        """The library's table and the side tables."""
        return [*super().construct_create_table_statements(), *TABLES, INDEX]

    def _insert_events(
        self, c: SQLiteCursor, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> None:
        self.insert_batch(c, stored_events, kwargs["batch"])

    def insert_batch(
        self, c: SQLiteCursor, stored_events: Sequence[StoredEvent], batch: Batch
    ) -> None:
        """The rows of one batch, within the caller's transaction.

        Raises `Conflict` or `ClusterExists`.
        """
        self._move_head(c, batch)
        rows = [(e.originator_id, e.originator_version, e.topic, e.state) for e in stored_events]
        try:
            c.executemany(self.insert_events_statement, rows)
        except sqlite3.IntegrityError as error:
            raise Conflict(f"cluster {batch.cluster}: an aggregate moved ({error})") from None
        c.execute("SELECT last_insert_rowid()")
        first = c.fetchone()[0] - len(rows) + 1
        positions = range(first, first + len(rows))
        c.executemany("INSERT INTO ccr_stream VALUES (?,?,?,?,?)", stream_rows(batch, positions))
        c.executemany(INSERT_KEPT, kept_states(batch))
        statement = "INSERT OR IGNORE INTO ccr_models VALUES (?,?,?)"
        c.executemany(statement, bytes_of_models(batch))

    def _move_head(self, c: SQLiteCursor, batch: Batch) -> None:
        """Compare-and-set on the head: the first statement, and a write, so that no other writer
        comes between.
        """
        last = batch.events[-1]
        new = (last.event.number, bytes.fromhex(last.hash))
        if batch.expected.number == 0:
            try:
                c.execute("INSERT INTO ccr_heads VALUES (?,?,?)", (batch.cluster, *new))
            except sqlite3.IntegrityError:
                raise ClusterExists(f"there is a cluster {batch.cluster} already") from None
            return
        was = (batch.expected.number, bytes.fromhex(batch.expected.hash))
        c.execute(
            "UPDATE ccr_heads SET number=?, hash=? WHERE cluster=? AND number=? AND hash=?",
            (*new, batch.cluster, *was),
        )
        if c.sqlite_cursor.rowcount != 1:
            raise Conflict(f"cluster {batch.cluster} moved on after event {batch.expected.number}")
