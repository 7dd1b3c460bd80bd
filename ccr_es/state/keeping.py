"""Kept states: a fold as bytes, to go on from without reading what came before it.

A kept state is bound to the event after which it holds: a digest over that event's hash and all
that is kept (the model's fingerprint too) stands before it. One that is cut off, changed, or that
belongs to another event is `NotKept`, and nobody goes on from it; one whose digest was made to fit
is found by the audit, which folds the whole log and compares. Sits above `fold`; must not import
the store.
"""

from __future__ import annotations

import zlib
from hashlib import sha256

import msgspec

from models.language.misuse import ModelError
from models.plain.layout import State

from ..record.book import Book
from ..record.events import ClusterCreatedArgs
from .fold import Fold

MAGIC = b"ccr:kept:2\n"
_DIGEST = 32
_FAST = 1
"""Compressing harder saves a fifth of the size and takes three times as long."""
KEYS_PER_EVENT = 16
"""A large state is kept less often: after as many events as it has keys, by this number."""


class NotKept(Exception):
    """Bytes from which nobody can go on; the text says why."""


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A folded state as it is kept: everything that a fold needs to go on from it."""

    created: ClusterCreatedArgs
    described: dict[str, str] = {}
    joined: list[tuple[str, str]] = []
    """Members of open sorts (sort and name), as they joined."""
    model: str
    set_by: list[int] | dict[str, int]
    """For each key of `state` the event that changed it last, 0 if none did."""
    state: State
    versions: dict[str, int]


def is_due(fold: Fold, every: int) -> bool:
    """Whether the state should be kept now: at each so many events, if it is not too large for
    that.
    """
    if fold.number % every:
        return False
    return fold.number - fold.kept >= len(fold.state) // KEYS_PER_EVENT


def content(fold: Fold) -> bytes:
    """Everything of this fold that is kept, as JSON, bound to nothing."""
    return msgspec.json.encode(_taken(fold))


def to_bytes(fold: Fold) -> bytes:
    """This fold as a kept state."""
    data = content(fold)
    return MAGIC + _digest(fold.hash, data) + zlib.compress(data, _FAST)


def same(fold: Fold, data: bytes) -> bool:
    """Whether kept bytes are this fold; those of an older format are looked into, too."""
    mine = _taken(fold)
    try:
        content = _content(fold.hash, data) if data[:1] != b"{" else data
        if content == msgspec.json.encode(mine):
            return True
        kept = _decoded(content)
    except NotKept:
        return False
    return (
        (kept.created, kept.described, kept.model, kept.state, kept.versions)
        == (mine.created, mine.described, mine.model, mine.state, mine.versions)
        and sorted(kept.joined) == sorted(mine.joined)
        and _setters(kept) == _setters(mine)
    )


def from_bytes(book: Book, number: int, head: str, data: bytes) -> Fold:
    """The fold kept after event `number`, whose hash is `head`.

    Raises `NotKept` for bytes that are damaged, or of another event, or of an older format without
    a digest; and what a book raises.
    """
    return from_content(book, number, head, _content(head, data))


def from_content(book: Book, number: int, head: str, data: bytes) -> Fold:
    """The fold of which `data` is the `content`; raises as `from_bytes` does."""
    kept = _decoded(data)
    made = Fold(book)
    try:
        made.go_on_from(kept.created, kept.model, kept.joined, kept.state)
    except ModelError as error:
        raise NotKept(str(error)) from None
    made.described, made.versions, made.set_by = kept.described, kept.versions, _setters(kept)
    made.number, made.hash, made.kept = number, head, number
    return made


def _taken(fold: Fold) -> Kept:
    """Of open sorts only what an event changed, since members also join a reader when somebody asks
    about them.
    """
    of_open, set_by = fold.reader.layout.of_open, fold.set_by
    state = fold.state
    if of_open:
        state = {k: v for k, v in state.items() if k in set_by or k not in of_open}
    return Kept(
        created=fold.created,
        described=fold.described,
        joined=fold.joined,
        model=fold.written,
        set_by=[set_by.get(key, 0) for key in state],
        state=state,
        versions=fold.versions,
    )


def _setters(kept: Kept) -> dict[str, int]:
    if isinstance(kept.set_by, dict):
        return {key: number for key, number in kept.set_by.items() if key in kept.state}
    return {k: number for k, number in zip(kept.state, kept.set_by, strict=True) if number}


def _digest(head: str, data: bytes) -> bytes:
    return sha256(MAGIC + bytes.fromhex(head) + data).digest()


def _content(head: str, data: bytes) -> bytes:
    """What is kept, as JSON. Raises `NotKept`."""
    begin = len(MAGIC) + _DIGEST
    if not isinstance(data, bytes) or data[: len(MAGIC)] != MAGIC:
        raise NotKept("it is of another format")
    try:
        content = zlib.decompress(data[begin:])
    except zlib.error:
        raise NotKept("it is damaged") from None
    if _digest(head, content) != data[len(MAGIC) : begin]:
        raise NotKept("it was changed, or belongs to another event")
    return content


def _decoded(content: bytes) -> Kept:
    try:
        kept = msgspec.json.decode(content, type=Kept)
    except msgspec.DecodeError as error:
        raise NotKept(str(error)) from None
    if not isinstance(kept.set_by, dict) and len(kept.set_by) != len(kept.state):
        raise NotKept("it does not say for each key who set it")
    return kept
