"""How far a long audit came, kept in a file, so that one that was interrupted can be resumed.

What is kept is bound to everything that it rests on: the event it came to by its hash, the state
kept there, the model with its words and properties, the head that was asked for, and the text of
this program. A code over all of it is made with a key that only this user has: a file that somebody
else made, or changed, is refused, and so is one of another log, model or program. Whoever resumes
hashes the bytes before that event again and follows their links; only rules and properties are not
asked a second time. Sits above `segments`; imports no command line.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from models.language.model import Model

from ..errors_audit import ProgressForged, ProgressStale
from ..record.book import model_bytes
from ..record.following import Note
from ..store.store import Store
from .report import AuditReport
from .segments import Reached, Standing

AGAIN = "Audit it from the beginning, without --resume"


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """An audit that found nothing so far. `basis` is a hash of what it rests on."""

    basis: str
    comes_by: bool
    events: int
    judged_by: list[str]
    kept: str
    standing: tuple[Any, ...]


def basis(log: str, head: str | None, model: Model | None) -> str:
    """What an audit rests on: which log, which head, the model with its words, this program."""
    words = model_bytes(model) if model is not None else b""
    parts = (log.encode(), str(head).encode(), words, _program())
    return sha256(b"".join(sha256(p).digest() for p in parts)).hexdigest()


@cache
def _program() -> bytes:
    root = Path(__file__).parents[2]
    texts = sorted([*root.glob("ccr_es/*/*.py"), *root.glob("models/[lp]*/*.py")])
    return sha256(b"".join(sha256(p.read_bytes()).digest() for p in texts)).digest()


def kept_so_far(store: Store, cluster: str, number: int) -> str:
    """A hash over the states that are kept up to an event, each of which was compared."""
    found = sha256()
    for at in sorted(store.checkpoints(cluster, upto=number)):
        data = store.checkpoint_data(cluster, at)
        found.update(b"%d:" % at + sha256(data or b"").digest())
    return found.hexdigest()


def to_bytes(reached: Reached, rests_on: str, kept: str, key: bytes) -> bytes:
    """How far an audit came, with the code that shows who says so."""
    report = reached.report
    data = msgspec.json.encode(
        Progress(
            basis=rests_on,
            comes_by=reached.comes_by,
            events=report.events,
            judged_by=report.judged_by,
            kept=kept,
            standing=tuple(reached.standing),
        )
    )
    return signed(data, key)


def signed(data: bytes, key: bytes) -> bytes:
    """Data with the code that shows whose it is."""
    return _code(key, data) + b"\n" + data + b"\n"


def verified(where: str, data: bytes, key: bytes) -> bytes:
    """What was `signed`. Raises `ProgressForged`."""
    code, _, rest = data.partition(b"\n")
    content = rest.removesuffix(b"\n")
    if not hmac.compare_digest(code, _code(key, content)):
        raise ProgressForged(f"{where}: it was not written by this user, or was changed", AGAIN)
    return content


N = TypeVar("N", bound=Note)


def note_to_bytes(note: Note, rests_on: str, key: bytes) -> bytes:
    """A note with the code that shows who says so."""
    return signed(msgspec.json.encode(msgspec.structs.replace(note, basis=rests_on)), key)


def note_from_bytes(kind: type[N], where: str, data: bytes, rests_on: str, key: bytes) -> N:
    """What was kept. Raises `ProgressForged` or `ProgressStale`."""
    content = verified(where, data, key)
    try:
        found = msgspec.json.decode(content, type=kind)
    except msgspec.DecodeError as error:
        raise ProgressForged(f"{where}: {error}", AGAIN) from None
    check_basis(where, found.basis, rests_on)
    return found


def check_basis(where: str, found: str, rests_on: str) -> None:
    """Whether what was kept rests on the same. Raises `ProgressStale`."""
    if found != rests_on:
        raise ProgressStale(
            f"{where}: it is of another log, model, sealed head or version of ccr", AGAIN
        )


def from_bytes(where: str, data: bytes, rests_on: str, key: bytes) -> tuple[Progress, Standing]:
    """What was kept. Raises `ProgressForged` or `ProgressStale`."""
    content = verified(where, data, key)
    try:
        found = msgspec.json.decode(content, type=Progress)
        standing = Standing(*found.standing)
    except (msgspec.DecodeError, TypeError) as error:
        raise ProgressForged(f"{where}: {error}", AGAIN) from None
    check_basis(where, found.basis, rests_on)
    return found, standing


def resumed(name: str, cluster: str, found: Progress, standing: Standing) -> Reached:
    """The audit as it stood."""
    report = AuditReport(name, cluster, found.events, judged_by=list(found.judged_by))
    return Reached(report, standing, found.comes_by)


def check_kept(name: str, found: Progress, kept: str) -> None:
    """Whether the states kept so far are those that were compared. Raises `ProgressStale`."""
    if found.kept != kept:
        raise ProgressStale(f"{name}: the states that it keeps are not those of then", AGAIN)


def check_links(name: str, standing: Standing, links: Iterable[tuple[str, str] | None]) -> None:
    """Whether stretches of stored events, one after another, lead to where an audit stood.

    Raises `ProgressStale`.
    """
    previous = Standing().hash
    for link in links:
        if link is None or link[0] != previous:
            break
        previous = link[1]
    else:
        if previous == standing.hash:
            return
    raise ProgressStale(
        f"{name}: what stands before event {standing.number} is not what was judged", AGAIN
    )


def key_in(folder: Path) -> bytes:
    """This user's key, made if there is none. Raises `OSError`."""
    file = folder / "audit.key"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        made = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_bytes()
    with os.fdopen(made, "wb") as out:
        key = os.urandom(32)
        out.write(key)
    return key


def _code(key: bytes, data: bytes) -> bytes:
    return hmac.new(key, data, "sha256").hexdigest().encode()
