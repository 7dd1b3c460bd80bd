"""One cluster's stream as a reader sees it: its events, checked as they are read, and their fold.

Every event read is hashed again and, when folded, its link to the one before is followed: whoever
changed the file is found out by the first command that reads past the change. Kept states save
folding from the start; only the audit looks into those. Sits above `store`; never writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256

import msgspec

from models.language.model import Model

from .book import Book
from .codec import Codec
from .errors import ChainBroken, EventMalformed
from .events import Recorded
from .fold import Fold
from .recorder import Head
from .store import Store, Stored


def recorded_from(book: Book, stored: Stored) -> Recorded:
    """A stored event, decoded. Raises `ChainBroken` if its bytes are not those that were hashed."""
    if sha256(stored.state).hexdigest() != stored.hash:
        raise ChainBroken(
            f"event {stored.number} was changed after it was recorded", "See `ccr audit`"
        )
    event = book.read(stored.topic, stored.state, f"event {stored.number}")
    if event.topic != stored.topic or event.number != stored.number:
        said = f"event {event.number}, {event.event}"
        raise EventMalformed(f"event {stored.number} says that it is {said}", "See `ccr audit`")
    return Recorded(event, stored.state, stored.hash)


def replay(fold: Fold, rows: Iterable[Stored]) -> Fold:
    """Fold stored events, each checked against its hash and its link; gives back `fold`."""
    book = fold.book
    for stored in rows:
        fold.apply(recorded_from(book, stored))
    return fold


class Stream:
    """The events of one cluster, read under a model. `fold` is the newest state that was read."""

    def __init__(self, store: Store, name: str, model: Model) -> None:
        self.store, self.name = store, name
        self.codec: Codec = store.book.add(model)
        self.fold = self._today(self.fold_to(store.head(name).number))

    @property
    def model(self) -> Model:
        """Today's model: the one that is decided under."""
        return self.codec.model

    @property
    def head(self) -> Head:
        """Where the stream ends, as far as it has been read."""
        return Head(self.fold.number, self.fold.hash)

    def events(self, start: int = 1, stop: int | None = None) -> Iterator[Recorded]:
        """The recorded events from number `start` to `stop`, both included."""
        for stored in self.store.read(self.name, start, stop):
            yield recorded_from(self.store.book, stored)

    def fold_to(self, number: int) -> Fold:
        """The fold of the events up to `number`, from the newest kept state before it."""
        kept = self.store.checkpoint(self.name, number)
        try:
            fold = Fold.from_bytes(self.store.book, *kept) if kept else Fold(self.store.book)
        except msgspec.DecodeError:
            fold = Fold(self.store.book)
        return replay(fold, self.store.read(self.name, fold.number + 1, number))

    def catch_up(self) -> Fold:
        """Read what other writers have added since; the newest state."""
        fold = self.fold
        if self.store.head(self.name) != Head(fold.number, fold.hash):
            rows = self.store.read(self.name, fold.number + 1)
            self.fold = self._today(replay(fold.copy(), rows))
        return self.fold

    def _today(self, fold: Fold) -> Fold:
        if fold.model != self.codec.fingerprint:
            fold.under(self.codec.fingerprint)
        return fold
