"""Folding a long log fast: what `Fold.apply` does with each event, with less work for each.

Every event's bytes are hashed, its number and link compared, its changes computed by the effects of
its rule. What is out of the ordinary (an older schema, another model, a misfit of any kind) is left
to `Fold.apply`, which knows how to take it or what to say. Sits above `fold`; must not import the
store: it is given rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec

from models.language.rule import Rule
from models.plain.ground import Grounded

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
    known = effects.known
    for number, data, topic, digest in chunk:
        effect = known.get(topic) or effects.of(topic)
        if effect is None or type(data) is not bytes or sha256(data).digest() != digest:
            break
        decode, name, rule, key, groundings, values = effect
        try:
            event = decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError):
            break
        args, after = event.args, done + 1
        grounded = groundings.get(key(args)) or effects.met(effect, args)
        if (
            grounded is None
            or number != after
            or event.number != after
            or event.previous != previous
            or event.model != stamp
            or event.event != name
            or event.rule != rule
            or event.schema != SCHEMA_VERSION
        ):
            break
        for field, value in grounded.effects(state, *values(args)).items():
            if state[field] != value:
                state[field] = value
                set_by[field] = number
        versions[event.row] = event.version
        done, previous = number, digest.hex()
    fold.number, fold.hash = done, previous
    return done - begin


class Effect(NamedTuple):
    """How events of one topic are decoded, and their changes computed, under one model.

    `groundings` are the rule's by what `key` gives of the event's arguments: those met so far.
    """

    decode: Callable[[bytes], Event[Any]]
    name: str
    rule: str
    key: Getter
    groundings: Mapping[Any, Grounded]
    values: Getter


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
        self.known: dict[str, Effect] = {}
        self._rules: dict[str, Rule] = {}
        """By the name of their event."""
        if fold.written and fold.written == fold.model:
            rules = fold.book.codec(fold.written).model.rules.values()
            self._rules = {r.event: r for r in rules if r.event not in OF_THE_CLUSTER}

    def of(self, topic: str) -> Effect | None:
        """The effect of a topic; None for one that goes the careful way."""
        name = str(topic).removeprefix(TOPIC_PREFIX)
        rule = self._rules.get(name)
        if rule is None or topic != TOPIC_PREFIX + name:
            return None
        found = self.known[topic] = Effect(
            msgspec.json.Decoder(self._fold.book.codec(self.stamp).class_of(name)).decode,
            name,
            rule.name,
            _getter([n for n, _ in rule.keyed], alone=True),
            self._fold.reader.code(rule.name).table,
            _getter([n for n, _ in rule.valued], alone=False),
        )
        return found

    def met(self, effect: Effect, args: Any) -> Grounded | None:
        """What an event is about that is the first of its rule for these members; None if one of
        these has to join.
        """
        reader, keyed = self._fold.reader, self._rules[effect.name].keyed
        if not all(reader.layout.knows(sort, getattr(args, name)) for name, sort in keyed):
            return None
        return reader.grounded(effect.rule, {name: getattr(args, name) for name, _ in keyed})
