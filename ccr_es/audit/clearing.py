"""Clearing: the events of a log that are in order are found to be so with little work for each.

Everything the audit asks of an event is asked here too, of the same terms, but by one compiled
answer: in order, or not. An event that is not cleared, for whatever reason (a wrong hash, a false
guard, an older schema, a binding that was not met before), is left to the audit as it stood, which
judges it step by step and finds the words. So nothing is ever reported from here, and whatever is
out of the ordinary costs time, never a verdict.

Sits above `ways`, beside the audit; must not import the store: it is given rows.
"""

from __future__ import annotations

from binascii import hexlify
from collections.abc import Container, Sequence
from hashlib import sha256
from typing import Any

import msgspec

from models.language.rule import Rule
from models.plain.agenda import CLOCK
from models.plain.layout import State

from ..record.codec import Codec
from ..record.events import OF_THE_CLUSTER, TOPIC_PREFIX
from ..state.fold import Fold
from ..state.machines import NOBODY, Need
from ..state.replaying import Columns
from .fusing import Taken
from .judge import Judge
from .steady import Steady
from .ways import Decode, Kind, Said, Way, decoder_of


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
        self._steady = Steady(judge.writing)
        self._stands: tuple[Fold, int] | None = None
        """Where the newest call ended; what is known of the state holds only there."""
        self._near: dict[str, Said] = {}
        """What was said by events that came after one like the newest, by topic: a guess."""
        self._short: list[Way] = []
        """The ways that go by what is known of quiet keys."""

    @property
    def stale(self) -> bool:
        """Members joined since: what was compiled does not know them."""
        return self._births != len(self.judge.reader.layout.births)

    def clear(self, rows: Sequence[Columns], start: int, time: int, stops: Container[int]) -> int:
        """Take the rows from index `start` on that are in order, up to the first that is not
        cleared, or with one whose number is in `stops`; how many. `time` is that of the event
        before.
        """
        fold, kinds, near = self.fold, self._kinds, self._near
        state, set_by, versions = fold.state, fold.set_by, fold.versions
        done, previous = fold.number, fold.hash.encode()
        broken, crowded = self.judge.broken, self.judge.crowded
        if self.judge.restless:
            return 0
        self._stand(looking=start == 0)
        way: Way | None
        told: tuple[Any, ...]
        for row in rows[start:]:
            number, data, topic, digest, aggregate, version, at = row
            try:
                passed = at - time
                said = near.get(topic)
                if said is not None:
                    way, gap, values = said.way, said.gap, said.values
                    told = (number, previous, at, version)
                    if gap:
                        told = (number - gap, *told)
                    if said.find is not None:
                        values = said.find(state, passed)
                        told = values + told
                if said is None or data != said.form % told or gap >= number:
                    kind = kinds.get(topic) or self._kind(topic)
                    if kind is None:
                        break
                    way, values, said = self._read(kind, row, previous, passed)
                    if said is not None:
                        near[topic] = said
                if (
                    way is None
                    or data is None
                    or number != done + 1
                    or aggregate != way.aggregate
                    or versions.get(way.row, 0) + 1 != version
                    or sha256(data).digest() != digest
                    or (way.needs and not _may(way.needs, state))
                ):
                    break
                taken = way.now or self._turned(way)
                if not (
                    taken is not None
                    and not (crowded and self.judge.wakes(way.rule, way.keys))
                    and (not broken or broken.isdisjoint(way.always))
                    and taken(state, set_by, number, passed, values)
                ) and not self._taken(way, number, passed, values):
                    break
                if way.stirs:
                    self._stir()
            except (msgspec.DecodeError, UnicodeDecodeError, TypeError, KeyError):
                break
            versions[way.row] = version
            done, previous, time = number, hexlify(digest), at
            near = said.next if said is not None else {}
            if number in stops:
                break
        self._near = near
        cleared = done - fold.number
        fold.number, fold.hash = done, previous.decode()
        self._stands = fold, done
        return cleared

    def _stand(self, *, looking: bool) -> None:
        """Go on where the fold stands."""
        fold, steady = self.fold, self._steady
        if self._stands != (fold, fold.number):
            steady.state = fold.state
            self._stir()
        if looking and steady.look(fold.number, fold.set_by):
            for kind in self._kinds.values():
                for way in kind.ways.values() if kind is not None else ():
                    way.forget(steady)

    def _stir(self) -> None:
        """A quiet key changed, or may have."""
        self._steady.stir()
        for way in self._short:
            way.now = None
        self._short.clear()

    def _turned(self, way: Way) -> Taken | None:
        """What takes an event of a way in the present state."""
        if way.shorter is None:
            return None
        way.now = way.shorter.find()
        if way.now is None:
            return way.taken
        self._short.append(way)
        return way.now

    def _taken(self, way: Way, number: int, passed: int, values: tuple[Any, ...]) -> bool:
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
            sight = way.sights[keys] = self.judge.sight(way.rule, keys)
        broken = self.judge.broken
        if broken and not broken.isdisjoint(sight.always):
            return False
        after.update(changed)
        if not (
            sight.well(before, after)
            and (not self.judge.crowded or self.judge.woken(way.rule, before, keys, after))
        ):
            after.update({key: before[key] for key in keys})
            return False
        self.fold.set_by.update(dict.fromkeys(keys, number))
        if sight.worth:
            way.turn_to(keys, sight, self._steady)
        if not self._steady.quiet.isdisjoint(keys):
            self._stir()
        return True

    def _read(
        self, kind: Kind, row: Columns, previous: bytes, passed: int
    ) -> tuple[Way | None, tuple[Any, ...], Said | None]:
        """The way of an event, its values, and what it said, if that is remembered; no way if it
        does not say of itself what it must.
        """
        number, data, _, _, _, version, at = row
        state, said = self.fold.state, kind.known(data)
        if said is not None and said.fits(row, previous, state, passed):
            found = said.values if said.find is None else said.find(state, passed)
            return said.way, found, said
        if data is None:
            return None, (), None
        event = kind.decode(data)
        args = event.args
        way = kind.ways.get(kind.key(args)) or self._way(kind, args)
        if (
            way is None
            or event.number != number
            or event.previous != previous.decode()
            or event.row != way.row
            or event.version != version
            or event.time != at
            or (event.caused_by is not None and not 0 < event.caused_by < number)
            or (way.actor is not None and event.actor != way.actor)
        ):
            return None, (), None
        return way, kind.values(args), kind.remember(row, event, way, state, passed)

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
            self._decoders[name] = decoder_of(self._codec, rule, self._cluster)
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
