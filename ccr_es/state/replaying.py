"""Folding a long log fast: what `Fold.apply` does with each event, with less work for each.

Every event's bytes are hashed, its number and link compared, its changes computed by the effects of
its rule. What is out of the ordinary (an older schema, another model, a misfit of any kind) is left
to `Fold.apply`, which knows how to take it or what to say. Sits above `fold`; must not import the
store: it is given rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec

from models.plain.layout import State, Value

from ..errors import ChainBroken, EventMalformed, LogTruncated
from ..record.book import Book
from ..record.events import OF_THE_CLUSTER, TOPIC_PREFIX, Event, Recorded
from ..record.upcast import SCHEMA_VERSION
from .fold import Fold

Getter = Callable[[Any], Any]


class Row(NamedTuple):
    """What is stored of an event, as far as folding needs it. `hash` is raw bytes."""

    number: int
    state: bytes | None
    topic: str
    hash: bytes


class Columns(NamedTuple):
    """What is stored of an event, with every column beside it. `hash` is raw bytes."""

    number: int
    state: bytes | None
    topic: str
    hash: bytes
    aggregate: str
    version: int
    time: int


class Stored(NamedTuple):
    """One event as it is stored, with what the side table says of it. `hash` is hex."""

    number: int
    originator_id: str
    version: int
    topic: str
    state: bytes
    time: int
    hash: str


def recorded_from(book: Book, row: Row) -> Recorded:
    """A stored event, decoded. Raises `ChainBroken` if its bytes are not those that were hashed."""
    number, state, topic, digest = row
    if state is None:
        raise LogTruncated(f"event {number} is missing", "See `ccr audit`")
    # Somebody else's UPDATE may have left text where bytes belong; the hash will tell.
    if not isinstance(state, bytes) or sha256(state).digest() != digest:
        raise ChainBroken(f"event {number} was changed after it was recorded", "See `ccr audit`")
    event = book.read(str(topic), state, f"event {number}")
    if event.topic != topic or event.number != number:
        said = f"event {event.number}, {event.event}"
        raise EventMalformed(f"event {number} says that it is {said}", "See `ccr audit`")
    return Recorded(event, state, digest.hex())


def replay(fold: Fold, chunks: Iterable[Sequence[Row]]) -> Fold:
    """Fold stored events; gives back `fold`. Raises as `recorded_from` and `Fold.apply` do."""
    effects = Effects(fold)
    for chunk in chunks:
        left = 0
        while left < len(chunk):
            left += _fast(fold, effects, chunk[left:] if left else chunk)
            if left < len(chunk):
                fold.apply(recorded_from(fold.book, Row(*chunk[left])))
                left += 1
                if (effects.stamp, effects.revision) != (fold.written, fold.reader.revision):
                    effects = Effects(fold)
    return fold


def _fast(fold: Fold, effects: Effects, chunk: Sequence[Row]) -> int:
    """Fold the events of a chunk up to the first that must go the careful way; how many."""
    state, set_by, versions, stamp = fold.state, fold.set_by, fold.versions, effects.stamp
    begin, previous = fold.number, fold.hash
    done = begin
    if stamp:
        fold.reader.fill(state)
    for number, data, topic, digest in chunk:
        effect = effects.of(topic)
        event = effect.decoded(data) if effect is not None else None
        if (
            effect is None
            or event is None
            or not isinstance(data, bytes)
            or event.number != done + 1
            or event.previous != previous
            or event.model != stamp
            or number != done + 1
            or sha256(data).digest() != digest
        ):
            break
        changes = effect.changes(state, event.args)
        if changes is None:
            break
        for key, value in changes.items():
            if state[key] != value:
                state[key] = value
                set_by[key] = number
        versions[event.row] = event.version
        done, previous = number, digest.hex()
    fold.number, fold.hash = done, previous
    return done - begin


class Effect:
    """How events of one topic are decoded, and their changes computed, under one model."""

    def __init__(self, fold: Fold, name: str) -> None:
        codec = fold.book.codec(fold.written)
        rule = next(r for r in codec.model.rules.values() if r.event == name)
        self._decode = msgspec.json.Decoder(codec.class_of(name)).decode
        self._said = (name, rule.name, SCHEMA_VERSION)
        self._key = _getter([n for n, _ in rule.keyed], alone=True)
        self._values = _getter([n for n, _ in rule.valued], alone=False)
        self._table = fold.reader.code(rule.name).table

    def decoded(self, data: bytes | None) -> Event[Any] | None:
        """The event, if it is of today's schema and of the rule that its topic says."""
        try:
            found: Event[Any] = self._decode(data)  # type: ignore[arg-type]
        except (msgspec.DecodeError, UnicodeDecodeError, TypeError):
            return None
        return found if (found.event, found.rule, found.schema) == self._said else None

    def changes(self, state: State, args: Any) -> dict[str, Value] | None:
        """What it changes; None for a binding that was not met before."""
        grounded = self._table.get(self._key(args))
        return None if grounded is None else grounded.effects(state, *self._values(args))


def _getter(names: list[str], *, alone: bool) -> Getter:
    """The named attributes as a tuple; one of them by itself if it may stand `alone`."""
    if not names:
        return lambda args: ()
    get = attrgetter(*names)
    return get if alone or len(names) > 1 else lambda args: (get(args),)


class Effects:
    """The effects by topic, under the model that a fold has come to."""

    def __init__(self, fold: Fold) -> None:
        self._fold, self.stamp = fold, fold.written
        self.revision = fold.reader.revision if fold.written else 0
        self._known: dict[str, Effect | None] = {}
        self._events: set[str] = set()
        if fold.written and fold.written == fold.model:
            model = fold.book.codec(fold.written).model
            self._events = {r.event for r in model.rules.values()} - OF_THE_CLUSTER.keys()

    def of(self, topic: str) -> Effect | None:
        """The effect of a topic; None for one that goes the careful way."""
        try:
            return self._known[topic]
        except KeyError:
            name = str(topic).removeprefix(TOPIC_PREFIX)
            there = name in self._events and topic == TOPIC_PREFIX + name
            found = self._known[topic] = Effect(self._fold, name) if there else None
            return found
