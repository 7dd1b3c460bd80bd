"""Where a log to be audited comes from: a cluster of a store, or a file of events.

A source gives each event decoded, with whatever is recorded beside it that does not fit; it raises
only where an event cannot be read at all. Must not import the audit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from models.language.misuse import ModelError

from ..errors import CcrError, LogTruncated
from ..record.book import Book
from ..record.events import BRINGS_MODEL, CREATED, INTEGER_MAX, Recorded
from ..record.interchange import PART, Line, Reading, as_written, attributes_of, different, line_of
from ..state.fold import Fold
from ..state.replaying import Columns, Stored
from ..store.recorder import Head
from ..store.store import Store


class Item(NamedTuple):
    """An event as a source gives it; `beside` says what is recorded with it that does not fit."""

    recorded: Recorded
    topic: str
    where: str
    beside: tuple[str, ...]
    model_data: bytes | None = None
    """What is kept of the model that this event brings in."""


@dataclass(frozen=True)
class Pack:
    """Events in a row: as they are recorded, if they are to be had so (`rows`), and each as an item
    (by index). `item` raises as `Source.items` does.
    """

    size: int
    item: Callable[[int], Item]
    rows: Sequence[Columns] = ()


PACK = 500
"""Items put together at a time."""


def packs_of(items: Iterable[Item]) -> Iterator[Pack]:
    """Items as they come, many at a time. Where one cannot be read, those before it come first."""
    ready: list[Item] = []
    try:
        for item in items:
            ready.append(item)
            if len(ready) == PACK:
                yield _packed(ready)
                ready = []
    except (CcrError, ModelError):
        if ready:
            yield _packed(ready)
        raise
    if ready:
        yield _packed(ready)


def _packed(items: list[Item]) -> Pack:
    return Pack(len(items), items.__getitem__, [_columns(item) for item in items])


def _columns(item: Item) -> Columns:
    """An item as if it stood in a store; without its bytes if what is recorded does not fit."""
    recorded = item.recorded
    event = recorded.event
    try:
        digest = bytes.fromhex(recorded.hash)
    except ValueError:
        digest = b""
    state = recorded.state if not item.beside and digest.hex() == recorded.hash else None
    aggregate = recorded.originator_id
    return Columns(event.number, state, item.topic, digest, aggregate, event.version, event.time)


class NotThere(LogTruncated):
    """Events that are in none of the parts of a log: nobody says that they were not recorded."""

    code = ""


class Unread(NamedTuple):
    """An event that could not be read: its number as far as known, where it stands, why."""

    number: int | None
    where: str
    error: Exception
    topic: str = ""
    hash: str = ""


class Source(Protocol):
    """Where a log comes from."""

    name: str
    book: Book
    partial: bool
    """Whether it is put together of parts, so that what is missing may be in another one."""

    def items(self) -> Iterator[Item]:
        """The events in order. Raises `CcrError` or `ModelError` where one cannot be read."""

    def packs(self) -> Iterator[Pack]:
        """As `items`, many at a time."""

    def every(self) -> Iterator[Item | Unread]:
        """As `items`, but what cannot be read is said, and passed over."""

    @property
    def keeps(self) -> frozenset[int]:
        """The numbers of the events after which a state was kept."""

    def kept(self, number: int) -> bytes | None:
        """The state that was kept after event `number`, or None."""

    def end(self, fold: Fold) -> list[str]:
        """What does not fit about the end of the log, given the fold of all its events."""


class StoreSource:
    """A cluster of a store: the events after number `start`, up to `stop` if that is given."""

    partial = False

    def __init__(
        self,
        store: Store,
        cluster: str,
        start: int = 0,
        stop: int | None = None,
        book: Book | None = None,
    ) -> None:
        self.store, self.cluster, self._start, self._stop = store, cluster, start, stop
        self.name = f"{store.path}: cluster {cluster}"
        self.book = Book(store.model_data) if book is None else book
        last = stop if stop is not None else INTEGER_MAX
        self._kept = set(store.checkpoints(cluster, start, last))

    def items(self) -> Iterator[Item]:
        """The events, with the columns of the tables that disagree with them."""
        for stored in self.store.read(self.cluster, self._start + 1, self._highest()):
            yield self._item(stored)

    def packs(self) -> Iterator[Pack]:
        """As `items`, a chunk of the store at a time."""
        yield from map(
            self._pack, self.store.columns(self.cluster, self._start + 1, self._highest())
        )

    def _pack(self, rows: Sequence[Columns]) -> Pack:
        return Pack(len(rows), lambda i: self._item(self.store.stored(self.cluster, rows[i])), rows)

    @property
    def keeps(self) -> frozenset[int]:
        """The numbers of the events after which the store keeps a state."""
        return frozenset(self._kept)

    def every(self) -> Iterator[Item | Unread]:
        """The events; a row that is gone or cannot be decoded is passed over."""
        last, number = self._highest(), self._start + 1
        while number <= last:
            try:
                for stored in self.store.read(self.cluster, number, last):
                    number = stored.number + 1
                    try:
                        yield self._item(stored)
                    except (CcrError, ModelError) as error:
                        where = f"event {stored.number}"
                        yield Unread(stored.number, where, error, stored.topic, stored.hash)
            except LogTruncated as error:
                yield Unread(number, f"event {number}", error)
                number += 1

    def _highest(self) -> int:
        if self._stop is not None:
            return self._stop
        return max(self.store.head(self.cluster).number, self.store.last_number(self.cluster))

    def _item(self, stored: Stored) -> Item:
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
        return Item(recorded, stored.topic, where, beside, data)

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
    """A file of events as `ccr log export` writes it, from line `first` on."""

    partial, first = False, 1

    def __init__(self, name: str, raw: Iterable[bytes]) -> None:
        self.name, self._raw = name, raw
        self.book = Book()
        self.reading = Reading(self.book)
        self._starts = ""
        self.part = ""
        """Whose part of a log it is, if it is not the whole."""

    @property
    def promised(self) -> str:
        """The head of the whole log, `number:hash`, as the first line says."""
        return str(self.reading.promised or "")

    def items(self) -> Iterator[Item]:
        """The events, with the attributes of their lines that disagree with them."""
        for number, text in enumerate(self._raw, self.first):
            plain = as_written(text, self.book, self._starts) if self._starts else None
            if plain is not None:
                yield Item(plain, plain.event.topic, f"line {number}", ())
            else:
                yield self._item(line_of(number, text))

    def packs(self) -> Iterator[Pack]:
        """As `items`."""
        yield from packs_of(self.items())

    def every(self) -> Iterator[Item | Unread]:
        """The events; a line that cannot be read is passed over."""
        for number, text in enumerate(self._raw, self.first):
            line = None
            try:
                line = line_of(number, text)
                yield self._item(line)
            except (CcrError, ModelError) as error:
                where = f"line {number}"
                if line is None:
                    yield Unread(None, where, error)
                else:
                    said = str(line.attributes.get("id", ""))
                    which = int(said) if said.isdecimal() and len(said) < 16 else None
                    yield Unread(which, where, error, line.topic, line.hash)

    def _item(self, line: Line) -> Item:
        self.reading.take_models(line)
        recorded = self.reading.event(line)
        event = recorded.event
        if event.event == CREATED:
            self._starts = event.args.starts
            self.part = str(line.attributes.get(PART, ""))
        expected = attributes_of(event, line.hash, self._starts) if self._starts else {}
        wrong = different(line, expected)
        data = self.reading.model_of(event, line)
        return Item(recorded, line.topic, line.where, (wrong,) if wrong else (), data)

    @property
    def keeps(self) -> frozenset[int]:
        """A file keeps no states."""
        return frozenset()

    def kept(self, number: int) -> bytes | None:
        """A file keeps no states."""
        return None

    def end(self, fold: Fold) -> list[str]:
        """The head that the first line promised, against the fold."""
        self.reading.fold = fold
        wrong = self.reading.missing_end()
        return [wrong] if wrong is not None else []
