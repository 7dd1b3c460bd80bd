"""The port between the store and a database: run a query, insert a batch, close, and say errors in
our words.

The store's queries are written once, in SQL that both databases read (`?` for a value, `{position}`
for the column by which our side tables find a row of the library's, `{binary}` for the collation by
bytes). `SqliteDatabase` is one file;
PostgreSQL is in `postgres`, imported only for a store of that kind. Sits above `recorder`; must not
import the store.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from eventsourcing.persistence import ApplicationRecorder, PersistenceError, StoredEvent

from ..errors import CcrError
from . import fresh, opening
from .recorder import INDEX, INSERT_KEPT, Batch, CcrDatastore, CcrRecorder

POSTGRES = ("postgresql://", "postgres://")
"""How the name of a store on a PostgreSQL server begins."""


class Database(Protocol):
    """What a store needs of a database. Everything may raise a `CcrError`."""

    @property
    def recorder(self) -> ApplicationRecorder:
        """The library's recorder."""

    @property
    def name(self) -> str:
        """How messages name it; without a password."""

    def rows(self, query: str, values: Sequence[Any]) -> list[Any]:
        """The rows of a query, as sequences."""

    def inserting(self) -> Any:
        """A context manager: one transaction; gives `insert(stored_events, batch)`."""

    @property
    def indexed(self) -> bool:
        """Whether there is the index by kind of event."""

    def keep(self, cluster: str, upto: int, rows: Iterable[tuple[object, ...]]) -> None:
        """Replace the kept states up to event `upto` by these rows, in one transaction; make the
        index, too.
        """

    def translated(self, error: BaseException) -> CcrError:
        """An error of the library or the driver as one of ours."""

    @property
    def errors(self) -> tuple[type[BaseException], ...]:
        """What `translated` can take."""

    def close(self) -> None:
        """Close every connection; take away what was made and not used."""


class Writing:
    """What both databases do in one transaction of the library's: they differ in how a value is
    marked in a statement (`mark`), and in the `index` by kind of event.
    """

    mark, index = "?", INDEX
    recorder: Any
    _datastore: Any

    @contextmanager
    def inserting(self) -> Iterator[Any]:
        """One transaction."""
        with self._datastore.transaction(commit=True) as c:

            def insert(events: Sequence[StoredEvent], batch: Batch) -> None:
                self.recorder.insert_batch(c, events, batch)

            yield insert

    def keep(self, cluster: str, upto: int, rows: Iterable[tuple[object, ...]]) -> None:
        """Replace kept states."""
        forget = "DELETE FROM ccr_checkpoints WHERE cluster = ? AND number <= ?"
        with self._datastore.transaction(commit=True) as c:
            c.execute(self.index)
            c.execute(forget.replace("?", self.mark), (cluster, upto))
            for row in rows:
                c.execute(INSERT_KEPT.replace("?", self.mark), row)


class SqliteDatabase(Writing):
    """One SQLite file, in WAL mode."""

    errors = (PersistenceError, sqlite3.Error)

    def __init__(self, path: Path, write: bool, timeout_seconds: float, made: bool = False) -> None:
        self.path, self._made = path, made
        self.name = str(path)
        try:
            uri = opening.uri_of(path, write)
            self._datastore = CcrDatastore(uri, timeout_seconds, not write)
            self.recorder = CcrRecorder(self._datastore)
        except self.errors as error:
            raise self.translated(error) from error

    def rows(self, query: str, values: Sequence[Any]) -> list[Any]:
        """The rows of a query."""
        with self._datastore.transaction(commit=False) as c:
            c.sqlite_cursor.row_factory = None  # plain tuples: the library's rows cost a third more
            c.execute(query.format(position="rowid", binary="BINARY"), values)
            found: list[Any] = c.fetchall()
        return found

    @cached_property
    def indexed(self) -> bool:
        """Whether the file has the index."""
        return bool(self.rows("SELECT 1 FROM sqlite_master WHERE name = 'ccr_topics'", ()))

    def translated(self, error: BaseException) -> CcrError:
        """SQLite's errors as ours."""
        return opening.translated(error, self.path)

    def close(self) -> None:
        """Close; the last connection folds the write-ahead log into the file. A file that was made
        and in which nothing was saved goes again.
        """
        self._datastore.close()
        if self._made:
            fresh.remove_if_unused(self.path)


def on_postgres(name: Path | str) -> bool:
    """Whether this names a store on a PostgreSQL server."""
    return isinstance(name, str) and name.startswith(POSTGRES)


def opened(name: Path | str, write: bool, timeout_seconds: float) -> Database:
    """The database of a store that exists.

    Raises `StoreMissing`, `StoreNotOurs`, `StoreVersion`, `StoreDamaged`, `StoreReadOnly`,
    `ServerUnreachable`.
    """
    if on_postgres(name):
        from .postgres import PostgresDatabase

        return PostgresDatabase(str(name), write, timeout_seconds)
    opening.check(Path(name), write)
    return SqliteDatabase(Path(name), write, timeout_seconds)


def created(name: Path | str, timeout_seconds: float) -> Database:
    """The database of a store, made first if there is none. Raises as `opened`, and `DiskFull`."""
    if on_postgres(name):
        from .postgres import PostgresDatabase

        return PostgresDatabase(str(name), True, timeout_seconds, create=True)
    made = fresh.make_if_missing(Path(name))
    opening.check(Path(name), write=True)
    return SqliteDatabase(Path(name), True, timeout_seconds, made)
