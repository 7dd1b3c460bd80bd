"""Making a store's file, and taking away one that was made for nothing.

A new store is filled beside its place and then moved there, so that a half-made file is never seen.
Whoever makes or takes away one holds a lock on the directory meanwhile: of several that make one at
the same time, one does, and nobody's store is replaced. Must not import the store.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from ..errors import StoreFailed, StoreMissing, StoreReadOnly
from .opening import APPLICATION_ID, FORMAT_VERSION, is_there, translated
from .recorder import CcrDatastore, CcrRecorder

BESIDE = ("", "-wal", "-shm", "-journal")
"""What SQLite leaves beside a file, and the file."""


def make_if_missing(path: Path) -> bool:
    """Make an empty store where there is nothing or an empty file; whether it was made.

    Raises `StoreMissing` without a directory, `StoreReadOnly`, `DiskFull` or `StoreFailed`.
    """
    if not _is_missing(path):
        return False
    parent = path.absolute().parent
    if not parent.is_dir():
        raise StoreMissing(f"there is no directory {parent}", "Make it first")
    try:
        if not os.access(parent, os.W_OK):
            raise PermissionError
        with _alone(parent):
            return _make(path, parent / f".{path.name}.{os.getpid()}.new")
    except sqlite3.Error as error:
        raise translated(error, path) from None
    except PermissionError:
        raise StoreReadOnly(
            f"{parent} may not be written by this user", "Check its permissions"
        ) from None
    except OSError as error:
        raise StoreFailed(f"{path}: {error.strerror}") from None


def remove_if_unused(path: Path) -> None:
    """Take away a store without a cluster; one that is in use, or gone, is left alone.

    Its tables go first: whoever has it open already is told so, and does not write into nowhere.
    """
    try:
        with _alone(path.absolute().parent):
            if _empty_out(path):
                _unlink(path)
    except (OSError, sqlite3.Error):
        return


def _is_missing(path: Path) -> bool:
    """There is nothing, or an empty file (as `mktemp` leaves it)."""
    return not is_there(path) or (path.is_file() and path.stat().st_size == 0)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the directory's lock."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _make(path: Path, beside: Path) -> bool:
    if not _is_missing(path):
        return False
    try:
        _fill(beside)
        os.replace(beside, path)
    finally:
        _unlink(beside)
    return True


def _fill(path: Path) -> None:
    _unlink(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as made:
        made.execute("PRAGMA journal_mode=WAL")
        made.execute("BEGIN")
        made.execute(f"PRAGMA application_id={APPLICATION_ID}")
        made.execute(f"PRAGMA user_version={FORMAT_VERSION}")
        for statement in CcrRecorder(CcrDatastore(":none:", 1, True)).create_table_statements:
            made.execute(statement)
        made.execute("COMMIT")


def _empty_out(path: Path) -> bool:
    with closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as store:
        store.execute("BEGIN IMMEDIATE")
        if store.execute("SELECT COUNT(*) FROM ccr_heads").fetchone()[0]:
            store.execute("ROLLBACK")
            return False
        store.execute("DROP TABLE ccr_heads")
        store.execute("COMMIT")
        return True


def _unlink(path: Path) -> None:
    for suffix in BESIDE:
        path.with_name(path.name + suffix).unlink(missing_ok=True)
