"""Parts of one log, and how they are put together again.

A node's own log is an export of the events that this node's services recorded, with the numbers and
hashes of the whole chain kept (`part_of` says whose an event is). Parts are merged by number, which
is the causal order: an event's number is higher than that of whatever caused it. An event that is
in several parts must be the same in all; one that is in none is not held against anybody, but what
comes after it cannot be judged as if it had not been. Sits above `sources`.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

import msgspec

from models.language.model import Model

from ..errors import CcrError, ChainBroken
from ..errors_audit import PartsConflict
from ..record.book import Book
from ..record.events import CREATED, Event
from ..record.interchange import PART, line_of
from ..state.fold import Fold
from .sources import FileSource, Item, NotThere, Pack, Unread, packs_of

OUTSIDE = "outside"
"""The part of what no member's services recorded: commands of the world, faults, time."""

OUT_OF_ORDER = "which is out of order"

Found = tuple[int, int, Item | Unread]


class Point(msgspec.Struct, frozen=True):
    """Where a merge stands: the last number, the cluster, and of each part whether all of it was
    taken and the highest number before its newest event. That event is read again to go on from
    here: it was judged, or it is the next of its part.
    """

    last: int
    cluster: str | None
    ended: list[bool]
    before: list[int]


def part_of(event: Event[Any], model: Model) -> str:
    """The member whose services recorded an event (`A`), or `outside`."""
    rule = model.rules.get(event.rule)
    if rule is None or rule.actor.on is None:
        return OUTSIDE
    return str(event.step.args[rule.params[0][0]])


def belongs_to(part: str, models: Callable[[str], Model]) -> Callable[[Event[Any]], bool]:
    """Whether an event is in the part of this name; `models` gives a model by fingerprint."""
    return lambda event: part_of(event, models(event.model)) == part


class PartsSource:
    """Several parts of one cluster's log, as one source."""

    partial = True

    def __init__(self, parts: Sequence[FileSource]) -> None:
        self.parts = parts
        self.name = " + ".join(part.name for part in parts)
        self.book: Book = parts[0].book
        self._last = 0
        self._cluster: str | None = None
        self._ended = [False] * len(parts)
        self._before = [0] * len(parts)
        self._again = False

    def point(self) -> Point:
        """Where the merge stands, between two events."""
        return Point(self._last, self._cluster, list(self._ended), list(self._before))

    def go_to(self, point: Point) -> None:
        """Go on from there: the parts stand before their newest event, or at their end."""
        self._last, self._cluster, self._again = point.last, point.cluster, True
        self._ended, self._before = list(point.ended), list(point.before)

    def items(self) -> Iterator[Item]:
        """The events in the order of their numbers. Raises `NotThere` at one that is in no part."""
        merged = self._merged(lambda part: part.items())
        for item in merged:
            assert isinstance(item, Item)
            number = item.recorded.event.number
            if number > self._last + 1:
                _refuse_disorder(merged)
                raise NotThere(self._gap(self._last + 1, number - 1))
            self._last = max(self._last, number)
            yield item
        if self._promised() > self._last:
            raise NotThere(self._gap(self._last + 1, self._promised()))

    def every(self) -> Iterator[Item | Unread]:
        """As `items`, but gaps are passed over."""
        for item in self._merged(lambda part: part.every()):
            if isinstance(item, Item):
                self._last = max(self._last, item.recorded.event.number)
            yield item
        if self._promised() > self._last:
            first, self._last = self._last + 1, self._promised()
            yield Unread(first, "the end", NotThere(self._gap(first, self._last)))

    def packs(self) -> Iterator[Pack]:
        """As `items`."""
        yield from packs_of(self.items())

    @property
    def keeps(self) -> frozenset[int]:
        """Parts keep no states."""
        return frozenset()

    def kept(self, number: int) -> bytes | None:
        """Parts keep no states."""
        return None

    def end(self, fold: Fold) -> list[str]:
        """Heads that the parts promise, against the fold."""
        heads = {part.promised for part in self.parts}
        if len(heads) > 1:
            return [f"the parts were taken of logs with other heads: {', '.join(sorted(heads))}"]
        found = f"{fold.number}:{fold.hash}"
        if not fold.hash:
            return []
        return (
            [] if heads == {found} else [f"it ends at {found[:20]}, the parts promise another end"]
        )

    def _promised(self) -> int:
        numbers = [part.promised.partition(":")[0] for part in self.parts]
        return max((int(n) for n in numbers if n.isdecimal() and len(n) < 16), default=0)

    def _gap(self, first: int, last: int) -> str:
        names = "; ".join(part.part or part.name for part in self.parts)
        said = f"event {first} is" if first == last else f"events {first} to {last} are"
        return f"{said} in none of the parts ({names})"

    def _merged(
        self, read: Callable[[FileSource], Iterable[Item | Unread]]
    ) -> Iterator[Item | Unread]:
        """All events by number; one that several parts have comes once, if they agree."""
        streams = [self._numbered(i, read(part)) for i, part in enumerate(self.parts)]
        last: tuple[int, Item] | None = None
        for number, _, item in heapq.merge(*streams):
            if self._again:  # the event that was judged last
                self._again, last = False, (number, item) if isinstance(item, Item) else None
                continue
            if isinstance(item, Unread):
                yield item
                continue
            if last is not None and last[0] == number:
                if last[1].recorded.state == item.recorded.state:
                    continue
                said = f"event {number} is another one in {last[1].where}"
                item = item._replace(beside=(*item.beside, said))
            last = number, item
            yield item

    def _numbered(self, index: int, items: Iterable[Item | Unread]) -> Iterator[Found]:
        """A part's events with their numbers; what stands out of order says so."""
        name, last = self.parts[index].name, self._before[index]
        for item in items:
            if isinstance(item, Unread):
                number = item.number if item.number is not None else last
                self._before[index] = last
                yield number, index, item._replace(where=f"{name} {item.where}")
                continue
            event = item.recorded.event
            if event.event == CREATED:
                self._same(event, name)
            beside = item.beside
            if event.number <= last:
                beside = (*beside, f"event {event.number} after event {last}, {OUT_OF_ORDER}")
            self._before[index] = last
            last = max(last, event.number)
            where = f"{name} {item.where}"
            item = Item(item.recorded, item.topic, where, beside, item.model_data)
            yield event.number, index, item
        self._ended[index] = True

    def _same(self, event: Event[Any], name: str) -> None:
        if self._cluster not in (None, event.cluster):
            raise PartsConflict(f"{name} is of cluster {event.cluster}, not {self._cluster}")
        self._cluster = event.cluster


def _refuse_disorder(rest: Iterable[Item | Unread]) -> None:
    """What seems to be missing may only stand later in its part. Raises `ChainBroken`."""
    for item in rest:
        for text in item.beside if isinstance(item, Item) else ():
            if text.endswith(OUT_OF_ORDER):
                raise ChainBroken(f"{item.where}: {text}")


LOOK = 100
"""Lines of a part that are looked at for a number."""


def unnumbered(lines: Iterable[bytes]) -> bool:
    """Whether none of a part's first events after the creation has a number. Never raises."""
    seen = False
    for line in islice(lines, 1, LOOK):
        try:
            data = msgspec.json.decode(line, type=_Data).data
        except (msgspec.DecodeError, RecursionError):
            return False
        if "number" in data:
            return False
        seen = True
    return seen


class _Data(msgspec.Struct):
    data: dict[str, Any]


class First(NamedTuple):
    """What the first line of a file says: the hash of the creation, the cluster, whose part."""

    created: str = ""
    cluster: str = ""
    part: str = ""


def first_of(line: bytes) -> First:
    """What a first line says; nothing if it is not one of ours. Never raises."""
    try:
        found = line_of(1, line)
        event = msgspec.json.decode(found.state)
    except (CcrError, msgspec.DecodeError, RecursionError):
        return First()
    return First(found.hash, str(event.get("cluster")), str(found.attributes.get(PART, "")))
