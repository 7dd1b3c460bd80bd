"""One cluster's stream as a reader sees it: its events, checked as they are read, and their fold.

Every event read is hashed again and, when folded, its link to the one before is followed: whoever
changed the file is found out by the first command that reads past the change. Kept states save
folding from the start; only the audit looks into those. Sits above `store`; never writes.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from models.language.model import Model

from .codec import Codec
from .events import Recorded
from .fold import Fold
from .recorder import Head
from .replaying import Row, recorded_from, replay
from .store import Store


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
        for chunk in self.store.chunks(self.name, start, stop):
            for row in chunk:
                yield recorded_from(self.store.book, Row(*row))

    def fold_to(self, number: int) -> Fold:
        """The fold of the events up to `number`, from the newest kept state before it."""
        kept = self.store.checkpoint(self.name, number)
        try:
            fold = Fold.from_bytes(self.store.book, *kept) if kept else Fold(self.store.book)
        except msgspec.DecodeError:
            fold = Fold(self.store.book)
        return replay(fold, self.store.chunks(self.name, fold.number + 1, number))

    def catch_up(self) -> Fold:
        """Read what other writers have added since; the newest state."""
        fold = self.fold
        if self.store.head(self.name) != Head(fold.number, fold.hash):
            rows = self.store.chunks(self.name, fold.number + 1)
            self.fold = self._today(replay(fold.copy(), rows))
        return self.fold

    def _today(self, fold: Fold) -> Fold:
        if fold.model != self.codec.fingerprint:
            fold.under(self.codec.fingerprint)
        return fold
