"""A store on a PostgreSQL server: the library's recorder with our side tables in one transaction.

Named by a URL, `postgresql://user@host/database`; `?schema=NAME` puts it into a schema of its own,
every other parameter is libpq's. What orders events is the head of each cluster: an append updates
its row in `ccr_heads` from the head that it was decided on, so writers of one cluster wait for each
other there and writers of several do not; readers follow `ccr_stream` by number, never the
library's notification ids, whose gaps can be filled late. Tables are made under an advisory lock,
once: workers that start together and all make them fail. Imported only for a store of this kind.
Must not import the store.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import psycopg
from eventsourcing.persistence import PersistenceError, StoredEvent
from eventsourcing.postgres import (
    PostgresAggregateRecorder,
    PostgresApplicationRecorder,
    PostgresDatastore,
)
from psycopg import errors as pg
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row, tuple_row
from psycopg.sql import SQL, Identifier

from ..errors import (
    CcrError,
    ClusterExists,
    Conflict,
    DiskFull,
    ServerUnreachable,
    StoreDamaged,
    StoreFailed,
    StoreLocked,
    StoreMissing,
    StoreReadOnly,
    StoreVersion,
)
from .database import Writing
from .opening import FORMAT_VERSION
from .recorder import INSERT_KEPT, Batch, bytes_of_models, kept_states, stream_rows

_LOCK = 0x43435231
"""`CCR1`: the advisory lock under which tables are made and taken away."""

TABLES = (
    "CREATE TABLE ccr_format (version integer NOT NULL)",
    """CREATE TABLE ccr_heads (
        cluster text COLLATE "C" PRIMARY KEY, number bigint NOT NULL, hash bytea NOT NULL)""",
    """CREATE TABLE ccr_stream (
        cluster text COLLATE "C" NOT NULL, number bigint NOT NULL, position bigint NOT NULL,
        time bigint NOT NULL, hash bytea NOT NULL, PRIMARY KEY (cluster, number))""",
    """CREATE TABLE ccr_models (
        hash text PRIMARY KEY, fingerprint text NOT NULL, data bytea NOT NULL)""",
    """CREATE TABLE ccr_checkpoints (
        cluster text COLLATE "C" NOT NULL, number bigint NOT NULL, hash bytea NOT NULL,
        state bytea NOT NULL, PRIMARY KEY (cluster, number))""",
)
_UNUSED = (
    "DROP TABLE ccr_format, ccr_heads, ccr_stream, ccr_models, ccr_checkpoints, stored_events",
    "DROP FUNCTION es_insert_events_text",
    "DROP TYPE stored_event_text",
)

_INDEX = "CREATE INDEX IF NOT EXISTS ccr_topics ON stored_events (topic, notification_id)"
_INSERT_KEPT = INSERT_KEPT.replace("?", "%s")


class PostgresRecorder(PostgresApplicationRecorder):
    """Writes the library's rows and ours in one transaction, and refuses an append whose head has
    moved.
    """

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int]:
        """One batch in a transaction of its own; not tried again: the caller decides anew."""
        with self.datastore.transaction(commit=True) as c:
            return self.insert_batch(c, stored_events, kwargs["batch"])

    def insert_batch(self, c: Any, events: Sequence[StoredEvent], batch: Batch) -> list[int]:
        """The rows of one batch, within the caller's transaction. Raises `Conflict` or
        `ClusterExists`.
        """
        self._move_head(c, batch)
        try:
            PostgresAggregateRecorder._insert_stored_events(self, c, events)
        except pg.UniqueViolation as error:
            raise Conflict(f"cluster {batch.cluster}: an aggregate moved ({error})") from None
        positions = sorted(row["notification_id"] for row in c.fetchall())
        c.executemany(
            "INSERT INTO ccr_stream VALUES (%s,%s,%s,%s,%s)", stream_rows(batch, positions)
        )
        c.executemany(_INSERT_KEPT, kept_states(batch))
        statement = "INSERT INTO ccr_models VALUES (%s,%s,%s) ON CONFLICT DO NOTHING"
        c.executemany(statement, bytes_of_models(batch))
        return positions

    def _move_head(self, c: Any, batch: Batch) -> None:
        """Compare-and-set on the head: the row lock that orders the writers of a cluster."""
        last = batch.events[-1]
        new = (last.event.number, bytes.fromhex(last.hash))
        if batch.expected.number == 0:
            c.execute(
                "INSERT INTO ccr_heads VALUES (%s,%s,%s) ON CONFLICT DO NOTHING",
                (batch.cluster, *new),
            )
            if c.rowcount != 1:
                raise ClusterExists(f"there is a cluster {batch.cluster} already")
            return
        was = (batch.expected.number, bytes.fromhex(batch.expected.hash))
        c.execute(
            "UPDATE ccr_heads SET number=%s, hash=%s WHERE cluster=%s AND number=%s AND hash=%s",
            (*new, batch.cluster, *was),
        )
        if c.rowcount != 1:
            raise Conflict(f"cluster {batch.cluster} moved on after event {batch.expected.number}")


class PostgresDatabase(Writing):
    """A database on a server, or one schema of it."""

    errors = (PersistenceError, psycopg.Error)
    mark, index = "%s", _INDEX

    def __init__(self, url: str, write: bool, timeout_seconds: float, create: bool = False) -> None:
        self.name, self._schema, params = _taken_apart(url)
        self._params = {**params, "connect_timeout": max(2, int(timeout_seconds))}
        self._made = False
        options = f"-c search_path={self._schema} -c lock_timeout={int(timeout_seconds * 1000)}"
        if not write:
            options += " -c default_transaction_read_only=on"
        self._params["options"] = f"{params.get('options', '')} {options}".strip()
        try:
            self._look(create)
            self._datastore = self._connected(timeout_seconds)
            self.recorder = PostgresRecorder(self._datastore)
        except self.errors as error:
            raise self.translated(error) from error

    def _connected(self, timeout_seconds: float) -> PostgresDatastore:
        made = PostgresDatastore(
            "", "", "", "", "", schema=self._schema, originator_id_type="text",
            max_overflow=1, connect_timeout=timeout_seconds, enable_db_functions=False,
        )  # fmt: skip
        made.pool.kwargs = {**self._params, "row_factory": dict_row}
        return made

    def _look(self, create: bool) -> None:
        """The tables are there, and of our version; they are made if that is asked for."""
        with psycopg.connect(**self._params, autocommit=True) as connection:
            if create and not self._is_made(connection):
                self._make(connection)
            if not self._is_made(connection):
                raise StoreMissing(
                    f"there is no store at {self.name}", "Create a cluster there first"
                )
            row = connection.execute("SELECT version FROM ccr_format").fetchone()
        if row is None or row[0] != FORMAT_VERSION:
            raise StoreVersion(
                f"{self.name} has store format {row and row[0]}, this program has {FORMAT_VERSION}",
                "Export it with the program that wrote it",
            )

    def _is_made(self, connection: psycopg.Connection[Any]) -> bool:
        row = connection.execute("SELECT to_regclass('ccr_format')").fetchone()
        return row is not None and row[0] is not None

    def _make(self, connection: psycopg.Connection[Any]) -> None:
        with _alone(connection):
            if self._is_made(connection):
                return
            connection.execute(
                SQL("CREATE SCHEMA IF NOT EXISTS {}").format(Identifier(self._schema))
            )
            datastore = self._connected(10)
            try:
                PostgresRecorder(datastore).create_table()
            finally:
                datastore.close()
            with connection.transaction():
                for statement in (*TABLES, _INDEX):
                    connection.execute(statement)
                connection.execute("INSERT INTO ccr_format VALUES (%s)", (FORMAT_VERSION,))
            self._made = True

    def rows(self, query: str, values: Sequence[Any]) -> list[Any]:
        """The rows of a query."""
        text: Any = query.format(position="notification_id", binary='"C"').replace("?", "%s")
        with self._datastore.get_connection() as connection:
            cursor = connection.cursor(row_factory=tuple_row)
            found: list[Any] = cursor.execute(text, values).fetchall()
        return found

    @cached_property
    def indexed(self) -> bool:
        """Whether the schema has the index."""
        return bool(self.rows("SELECT 1 WHERE to_regclass('ccr_topics') IS NOT NULL", ()))

    def translated(self, error: BaseException) -> CcrError:
        """The server's and the driver's errors as ours."""
        cause: BaseException | None = error
        while cause is not None and not isinstance(cause, psycopg.Error):
            cause = cause.__cause__
        for kinds, kind, said, hint in _SAID:
            if isinstance(cause, kinds):
                return kind(f"{self.name} {said}", hint)
        first = " ".join(str(cause or error).split())
        if isinstance(cause or error, psycopg.OperationalError | PersistenceError):
            return ServerUnreachable(
                f"{self.name} cannot be reached: {first}", "Check that the server runs"
            )
        return StoreFailed(f"{self.name}: {first}")

    def close(self) -> None:
        """Close; tables that were made here and in which nothing was saved go again."""
        self._datastore.close()
        if self._made:
            with psycopg.connect(**self._params, autocommit=True) as connection:
                self._remove_if_unused(connection)

    def _remove_if_unused(self, connection: psycopg.Connection[Any]) -> None:
        with _alone(connection):
            if not self._is_made(connection):
                return
            with connection.transaction():
                connection.execute("LOCK TABLE ccr_heads IN ACCESS EXCLUSIVE MODE")
                row = connection.execute("SELECT count(*) FROM ccr_heads").fetchone()
                if row is not None and row[0] == 0:
                    for statement in _UNUSED:
                        connection.execute(statement)


@contextmanager
def _alone(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """Hold the lock under which tables are made and taken away."""
    connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
    try:
        yield
    finally:
        connection.execute("SELECT pg_advisory_unlock(%s)", (_LOCK,))


def _taken_apart(url: str) -> tuple[str, str, dict[str, Any]]:
    """The URL without a password, the schema, and what libpq is given.

    Raises `StoreMissing` if it is not a URL that libpq reads.
    """
    parts = urlsplit(url)
    given = parse_qsl(parts.query)
    schema = dict(given).get("schema", "public")
    query = urlencode([(k, v) for k, v in given if k != "schema"])
    shown = url if parts.password is None else url.replace(f":{parts.password}@", "@", 1)
    try:
        params = conninfo_to_dict(urlunsplit(parts._replace(query=query)))
    except psycopg.ProgrammingError as error:
        first = " ".join(str(error).split())
        raise StoreMissing(
            f"{shown} is not the URL of a database: {first}",
            "Write postgresql://user@host/database",
        ) from None
    if not schema.replace("_", "").isalnum():
        raise StoreMissing(f"{shown}: {schema!r} is not the name of a schema", "Use letters and _")
    return shown, schema, {k: v for k, v in params.items() if v is not None}


_Said = tuple[tuple[type[BaseException], ...], type[CcrError], str, str]
_SAID: tuple[_Said, ...] = (
    ((pg.LockNotAvailable,), StoreLocked, "is locked by another process",
     "Try again when it is done"),
    ((pg.InsufficientPrivilege, pg.ReadOnlySqlTransaction), StoreReadOnly,
     "may not be written by this user", "Check the user's rights"),
    ((pg.DiskFull, pg.OutOfMemory), DiskFull, "cannot grow: the server's disk is full",
     "Make room and try again; nothing was half saved"),
    ((pg.UndefinedTable, pg.UndefinedColumn), StoreDamaged, "lacks a table of ours",
     "Restore it from a copy, or import an exported log"),
)  # fmt: skip
