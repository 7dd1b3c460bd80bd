"""Opening the store's file: what is there is looked at before SQLite touches it, and errors become
ours.

Making one is in `fresh`. Must not import the store.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote

from ..errors import (
    CcrError,
    DiskFull,
    StoreDamaged,
    StoreFailed,
    StoreLocked,
    StoreMissing,
    StoreNotOurs,
    StoreReadOnly,
    StoreVersion,
)

APPLICATION_ID = 0x43435231
"""`CCR1`, in the header of the file."""
FORMAT_VERSION = 1
"""The version of the tables, in the header of the file."""

_MAGIC = b"SQLite format 3\x00"
_WITH_COPY = "Restore it from a copy, or import an exported log"


def check(path: Path, write: bool) -> None:
    """Refuse a file that is not a store of ours, before anything opens it."""
    if not is_there(path):
        raise StoreMissing(
            f"there is no store at {path}", "Create a cluster first, or name the store with --store"
        )
    if path.is_dir():
        raise StoreNotOurs(f"{path} is a directory", "Name a file")
    if not path.is_file():
        raise StoreNotOurs(f"{path} is not a regular file", "Name a file")
    try:
        with path.open("rb") as file:
            header = file.read(100)
            size = file.seek(0, os.SEEK_END)
    except PermissionError:
        raise StoreReadOnly(
            f"{path} may not be read by this user", "Check its permissions"
        ) from None
    except OSError as error:
        raise StoreFailed(f"{path}: {error.strerror}") from None
    _header(path, header, size)
    if write and not (os.access(path, os.W_OK) and os.access(path.absolute().parent, os.W_OK)):
        raise StoreReadOnly(
            f"{path} may not be written by this user",
            "Check its permissions and those of its directory",
        )


def _header(path: Path, header: bytes, size: int) -> None:
    if not header.startswith(_MAGIC) or len(header) < 100:
        if header and _MAGIC.startswith(header[:16]):
            raise StoreDamaged(f"{path} ends after {size} bytes", _WITH_COPY)
        raise StoreNotOurs(f"{path} is not a ccr store", "Name the store with --store")
    if int.from_bytes(header[68:72], "big") != APPLICATION_ID:
        raise StoreNotOurs(
            f"{path} is an SQLite database of another program", "Name the store with --store"
        )
    version = int.from_bytes(header[60:64], "big")
    if version != FORMAT_VERSION:
        raise StoreVersion(
            f"{path} has store format {version}, this program has {FORMAT_VERSION}",
            "Export it with the program that wrote it",
        )
    page = int.from_bytes(header[16:18], "big")
    pages = int.from_bytes(header[28:32], "big")
    # What a full disk kept out of the file is still in the write-ahead log, and is read from there.
    whole = size >= (65536 if page == 1 else page) * pages
    if not whole and not _has_log(path):
        raise StoreDamaged(
            f"{path} is truncated: {size} bytes, but its header says {page * pages}", _WITH_COPY
        )


def uri_of(path: Path, write: bool) -> str:
    """The SQLite URI that opens an existing file and never makes one.

    Where a reader may not write the directory, the file is opened as immutable unless somebody has
    left a write-ahead log.
    """
    base = f"file:{quote(str(path.absolute()))}"
    if write or (os.access(path, os.W_OK) and os.access(path.absolute().parent, os.W_OK)):
        return base + "?mode=rw"
    return base + ("?mode=ro" if _has_log(path) else "?mode=ro&immutable=1")


def _has_log(path: Path) -> bool:
    """There is a write-ahead log with something in it beside the file."""
    log = path.with_name(path.name + "-wal")
    return log.exists() and log.stat().st_size > 0


def is_there(path: Path) -> bool:
    """Whether something is at `path`. Raises `StoreReadOnly` if this user cannot know."""
    try:
        return path.exists()
    except PermissionError:
        raise StoreReadOnly(
            f"{path} cannot be reached by this user", "Check the permissions of its directory"
        ) from None


_CODES: dict[str, tuple[type[CcrError], str, str]] = {
    "SQLITE_BUSY": (StoreLocked, "is locked by another process", "Try again when it is done"),
    "SQLITE_LOCKED": (StoreLocked, "is locked by another process", "Try again when it is done"),
    "SQLITE_READONLY": (
        StoreReadOnly,
        "may not be written",
        "Check the permissions of the file and its directory",
    ),
    "SQLITE_PERM": (StoreReadOnly, "may not be opened by this user", "Check its permissions"),
    "SQLITE_FULL": (
        DiskFull,
        "cannot grow: the disk is full",
        "Make room and try again; nothing was half saved",
    ),
    "SQLITE_CORRUPT": (StoreDamaged, "is damaged", _WITH_COPY),
    "SQLITE_NOTADB": (StoreDamaged, "is damaged", _WITH_COPY),
    "SQLITE_SCHEMA": (StoreDamaged, "is damaged", _WITH_COPY),
}


def translated(error: BaseException, path: Path) -> CcrError:
    """The error of SQLite or of the library as one of ours."""
    cause: BaseException | None = error
    while cause is not None and not hasattr(cause, "sqlite_errorname"):
        cause = cause.__cause__ or (
            cause.args[0] if cause.args and isinstance(cause.args[0], BaseException) else None
        )
    name = getattr(cause, "sqlite_errorname", "") or ""
    for code, (kind, said, hint) in _CODES.items():
        if name == code or name.startswith(code + "_"):
            return kind(f"{path} {said}", hint)
    if name.startswith("SQLITE_IOERR"):
        return DiskFull(
            f"{path}: the disk is full or failing ({name})",
            "Make room and try again; nothing was half saved",
        )
    if "no such table" in str(error) or "no such column" in str(error):
        return StoreDamaged(f"{path} lacks a table ({error})", _WITH_COPY)
    return StoreFailed(f"{path}: {error}")
