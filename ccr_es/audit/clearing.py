"""Clearing: the events of a log that are in order are found to be so with little work for each.

Everything the audit asks of an event is asked here too, of the same terms, but by one compiled
answer: in order, or not. An event that is not cleared, for whatever reason (a wrong hash, a false
guard, an older schema, a binding that was not met before), is left to the audit as it stood, which
judges it step by step and finds the words. So nothing is ever reported from here, and whatever is
out of the ordinary costs time, never a verdict.

Sits above `judge`, beside the audit; must not import the store: it is given rows.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from hashlib import sha256
from operator import attrgetter
from typing import Any, Literal

import msgspec

from models.language.rule import Rule
from models.plain.agenda import CLOCK
from models.plain.ground import Grounded, RuleCode
from models.plain.layout import State, Value
from models.plain.reader import Step

from ..cluster.options import FROM_OUTSIDE
from ..cluster.plan import actor_of
from ..record.codec import Codec
from ..record.events import OF_THE_CLUSTER, TOPIC_PREFIX, Event
from ..record.upcast import SCHEMA_VERSION
from ..state.fold import Fold
from ..state.machines import NOBODY, Need
from ..state.replaying import Columns
from .cases import Sight
from .fusing import Taken, fused
from .judge import Judge

Decode = Callable[[Any], Event[Any]]


class Way:
    """What events of one rule under one binding must say of themselves, and what they change."""

    def __init__(self, grounded: Grounded, cluster: str, judge: Judge, args: Any) -> None:
        step = _step(grounded.rule, args)
        self.grounded, self.attempt = grounded, grounded.attempt
        self.row = grounded.row
        self.aggregate = f"{cluster}/{self.row}"
        self.needs: list[Need] = judge.machines.needs(step)
        free = grounded.rule.trigger in FROM_OUTSIDE
        self.actor = None if free else actor_of(grounded.rule, step)
        self.sights: dict[tuple[str, ...], Sight] = {}
        self.taken: Taken | None = None
        """Takes events that change the same keys as the newest one, at once."""
        self.always: frozenset[int] = frozenset()
        """The cases that `taken` supposes to have held before."""
        self._all_taken: dict[tuple[str, ...], Taken | None] = {}

    def turn_to(self, keys: tuple[str, ...], sight: Sight) -> None:
        """Events that change these keys are to be expected."""
        if keys not in self._all_taken:
            self._all_taken[keys] = fused(self.grounded, keys, sight)
        self.taken, self.always = self._all_taken[keys], sight.always


class Kind:
    """The events of one topic: how they are decoded, and the ways they go."""

    def __init__(self, rule: Rule, code: RuleCode, decode: Decode) -> None:
        self.rule, self.decode = rule.name, decode
        self.key = _getter([n for n, _ in rule.keyed], alone=True)
        self.values = _getter([n for n, _ in rule.valued], alone=False)
        self.table: Mapping[Any, Grounded] = code.table
        self.ways: dict[Any, Way] = {}


class Clearing:
    """Clears events for one audit, as long as that goes on under the same judge and members."""

    def __init__(
        self, fold: Fold, judge: Judge, codec: Codec, decoders: dict[tuple[str, str], Decode]
    ) -> None:
        self.fold, self.judge, self._decoders = fold, judge, decoders
        self._codec, self._cluster = codec, fold.created.name
        self._kinds: dict[str, Kind | None] = {}
        self._rules = {r.event: r for r in judge.reader.model.rules.values()}
        self._births = len(judge.reader.layout.births)

    @property
    def stale(self) -> bool:
        """Members joined since: what was compiled does not know them."""
        return self._births != len(self.judge.reader.layout.births)

    def clear(self, rows: Sequence[Columns], start: int, time: int, stops: Container[int]) -> int:
        """Take the rows from index `start` on that are in order, up to the first that is not
        cleared, or with one whose number is in `stops`; how many. `time` is that of the event
        before.
        """
        fold, kinds = self.fold, self._kinds
        state, set_by, versions, previous = fold.state, fold.set_by, fold.versions, fold.hash
        done = fold.number
        broken = self.judge.broken
        if self.judge.restless:
            return 0
        for number, data, topic, digest, aggregate, version, at in rows[start:]:
            kind = kinds.get(topic) or self._kind(topic)
            if kind is None:
                break
            try:
                event = kind.decode(data)
                args = event.args
                way = kind.ways.get(kind.key(args)) or self._way(kind, args)
                if (
                    way is None
                    or data is None
                    or event.number != number
                    or number != done + 1
                    or event.previous != previous
                    or event.row != way.row
                    or aggregate != way.aggregate
                    or event.version != version
                    or versions.get(way.row, 0) + 1 != version
                    or event.time != at
                    or (event.caused_by is not None and not 0 < event.caused_by < number)
                    or (way.actor is not None and event.actor != way.actor)
                    or sha256(data).digest() != digest
                    or (way.needs and not _may(way.needs, state))
                ):
                    break
                values = kind.values(args)
                passed = at - time
                if not (
                    way.taken is not None
                    and (not broken or broken.isdisjoint(way.always))
                    and way.taken(state, set_by, number, passed, *values)
                ) and not self._taken(kind, way, number, passed, values):
                    break
            except (msgspec.DecodeError, UnicodeDecodeError, TypeError, KeyError):
                break
            versions[way.row] = version
            done, previous, time = number, digest.hex(), at
            if number in stops:
                break
        cleared = done - fold.number
        fold.number, fold.hash = done, previous
        return cleared

    def _taken(
        self, kind: Kind, way: Way, number: int, passed: int, values: tuple[Any, ...]
    ) -> bool:
        """Take an event that changes other keys than the one before it did, if it is in order."""
        after = self.fold.state
        changes = way.attempt(after, *values)
        if changes is None:
            return False
        before = dict(after)
        changed = {k: v for k, v in changes.items() if before[k] != v}
        if passed != (int(changed[CLOCK]) - int(before[CLOCK]) if CLOCK in changed else 0):
            return False
        keys = tuple(changed)
        sight = way.sights.get(keys)
        if sight is None:
            sight = way.sights[keys] = self.judge.sight(kind.rule, keys)
        broken = self.judge.broken
        if broken and not broken.isdisjoint(sight.always):
            return False
        after.update(changed)
        if not sight.well(before, after):
            after.update({key: before[key] for key in keys})
            return False
        self.fold.set_by.update(dict.fromkeys(keys, number))
        if sight.worth:
            way.turn_to(keys, sight)
        return True

    def _kind(self, topic: str) -> Kind | None:
        """What is known of a topic; None for one that the audit takes itself."""
        if topic in self._kinds:
            return None
        name = str(topic).removeprefix(TOPIC_PREFIX)
        rule = self._rules.get(name)
        found = None
        if rule is not None and name not in OF_THE_CLUSTER and topic == TOPIC_PREFIX + name:
            try:
                found = Kind(rule, self.judge.reader.code(rule.name), self._decoder(rule))
            except KeyError:  # the model that it was written under has no such event
                found = None
        self._kinds[topic] = found
        return found

    def _decoder(self, rule: Rule) -> Decode:
        """A rule's decoder, which does not depend on members: it outlives this."""
        name = (self._codec.fingerprint, rule.name)
        if name not in self._decoders:
            self._decoders[name] = _decoder(self._codec, rule, self._cluster)
        return self._decoders[name]

    def _way(self, kind: Kind, args: Any) -> Way | None:
        """The way of a binding that the audit has met before; None for another one."""
        key = kind.key(args)
        grounded = kind.table.get(key)
        if grounded is None:
            return None
        made = kind.ways[key] = Way(grounded, self._cluster, self.judge, args)
        return made


def _may(needs: Sequence[Need], state: State) -> bool:
    """Whether every move is an arrow of its machine."""
    return all(machine.may(str(state[key]) or NOBODY, t) for machine, key, t in needs)


def _step(rule: Rule, args: Any) -> Step:
    values: dict[str, Value] = msgspec.structs.asdict(args)
    return Step(rule.name, values)


def _getter(names: list[str], *, alone: bool) -> Callable[[Any], Any]:
    """The named attributes as a tuple; one of them by itself if it may stand `alone`."""
    if not names:
        return lambda args: ()
    get = attrgetter(*names)
    return get if alone or len(names) > 1 else lambda args: (get(args),)


def _decoder(codec: Codec, rule: Rule, cluster: str) -> Callable[[bytes], Any]:
    """A decoder that takes only events of this rule, model, cluster and today's schema."""
    fixed: dict[str, object] = {
        "cluster": cluster,
        "event": rule.event,
        "model": codec.fingerprint,
        "rule": rule.name,
        "rule_number": rule.number,
        "schema": SCHEMA_VERSION,
    }
    strict: dict[str, Any] = {"forbid_unknown_fields": True, "kw_only": True, "gc": False}
    kept = codec.class_of(rule.event).__annotations__["args"]
    args = msgspec.defstruct("Args", [(f.name, f.type) for f in _fields(kept)], **strict)
    types: dict[str, Any] = {f.name: f.type for f in _fields(Event)}
    types |= {name: Literal[value] for name, value in fixed.items()} | {"args": args}
    return msgspec.json.Decoder(msgspec.defstruct(rule.event, list(types.items()), **strict)).decode


def _fields(kind: type) -> tuple[msgspec.structs.FieldInfo, ...]:
    return msgspec.structs.fields(kind)
