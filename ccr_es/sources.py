"""Where a log to be audited comes from: a cluster of a store, or a file of events.

A source gives each event decoded, with whatever is recorded beside it that does not fit; it raises
only where an event cannot be read at all. Must not import the audit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple, Protocol

from .book import Book
from .events import BRINGS_MODEL, CREATED, Recorded
from .fold import Fold
from .interchange import Reading, attributes_of, different, lines_of
from .recorder import Head
from .store import Store


class Item(NamedTuple):
    """An event as a source gives it; `beside` says what is recorded with it that does not fit."""

    recorded: Recorded
    topic: str
    where: str
    beside: tuple[str, ...]
    model_data: bytes | None = None
    """What is kept of the model that this event brings in."""


class Source(Protocol):
    """Where a log comes from."""

    name: str
    book: Book

    def items(self) -> Iterator[Item]:
        """The events in order. Raises `CcrError` where one cannot be read."""

    def kept(self, number: int) -> bytes | None:
        """The state that was kept after event `number`, or None."""

    def end(self, fold: Fold) -> list[str]:
        """What does not fit about the end of the log, given the fold of all its events."""


class StoreSource:
    """A cluster of a store."""

    def __init__(self, store: Store, cluster: str) -> None:
        self.store, self.cluster = store, cluster
        self.name = f"{store.path}: cluster {cluster}"
        self.book = Book(store.model_data)
        self._kept = set(store.checkpoints(cluster))

    def items(self) -> Iterator[Item]:
        """The events, with the columns of the tables that disagree with them."""
        last = max(self.store.head(self.cluster).number, self.store.last_number(self.cluster))
        for stored in self.store.read(self.cluster, 1, last):
            where = f"event {stored.number}"
            event = self.book.read(stored.topic, stored.state, where)
            recorded = Recorded(event, stored.state, stored.hash)
            columns = (
                ("aggregate", stored.originator_id, recorded.originator_id),
                ("version", stored.version, event.version),
                ("time", stored.time, event.time),
                ("number", stored.number, event.number),
            )
            beside = tuple(
                f"the store's {n} is {a!r}, the event says {b!r}" for n, a, b in columns if a != b
            )
            brings = event.event in BRINGS_MODEL
            data = self.store.model_as_recorded(event.args.model_hash) if brings else None
            yield Item(recorded, stored.topic, where, beside, data)

    def kept(self, number: int) -> bytes | None:
        """The state that the store keeps after event `number`."""
        if number not in self._kept:
            return None
        self._kept.discard(number)
        return self.store.checkpoint_data(self.cluster, number)

    def end(self, fold: Fold) -> list[str]:
        """The head on record, rows that belong to no event, and kept states of no event."""
        head, found = self.store.head(self.cluster), []
        if head != Head(fold.number, fold.hash):
            found.append(
                f"the head on record is event {head.number} ({head.hash[:12]}), but the log ends"
                f" at event {fold.number} ({fold.hash[:12]})"
            )
        rows = self.store.rows_of(self.cluster)
        if rows != fold.number:
            found.append(f"the table of events has {rows} rows, but the stream {fold.number}")
        if self._kept:
            found.append(f"a state is kept for event {min(self._kept)}, which is not there")
        return found


class FileSource:
    """A file of events as `ccr log export` writes it."""

    def __init__(self, name: str, raw: Iterable[bytes]) -> None:
        self.name, self._raw = name, raw
        self.book = Book()
        self._reading = Reading(self.book)
        self._starts = ""

    def items(self) -> Iterator[Item]:
        """The events, with the attributes of their lines that disagree with them."""
        for line in lines_of(self._raw):
            self._reading.take_models(line)
            recorded = self._reading.event(line)
            event = recorded.event
            if event.event == CREATED:
                self._starts = event.args.starts
            expected = attributes_of(event, line.hash, self._starts) if self._starts else {}
            wrong = different(line, expected)
            beside = (wrong,) if wrong else ()
            data = self._reading.model_of(event, line)
            yield Item(recorded, line.topic, line.where, beside, data)

    def kept(self, number: int) -> bytes | None:
        """A file keeps no states."""
        return None

    def end(self, fold: Fold) -> list[str]:
        """The head that the first line promised, against the fold."""
        self._reading.fold = fold
        wrong = self._reading.missing_end()
        return [wrong] if wrong is not None else []
