"""The ways of events: how those of one topic are read, and what those of one rule under one binding
must say of themselves.

An event is decoded once. Another one that begins with the same actor and arguments must go on with
what it has to say byte for byte, which is found out without decoding it. Sits above `steady`, below
`clearing`; must not import the store.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, Literal

import msgspec

from models.language.rule import Rule
from models.plain.ground import Grounded, RuleCode
from models.plain.layout import Value
from models.plain.reader import Step

from ..cluster.options import FROM_OUTSIDE
from ..cluster.plan import actor_of
from ..record.codec import Codec
from ..record.events import Event
from ..record.upcast import SCHEMA_VERSION
from ..state.machines import Need
from .cases import Sight
from .fusing import Plan, Taken, planned
from .judge import Judge
from .steady import Shorter, Steady

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
        self.now: Taken | None = None
        """The same, for as long as no quiet key changes."""
        self.stirs = False
        """Whether `taken` changes a quiet key."""
        self.always: frozenset[int] = frozenset()
        """The cases that `taken` supposes to have held before."""
        self.shorter: Shorter | None = None
        self.keys: tuple[str, ...] = ()
        """The keys that `taken` changes."""
        self._plans: dict[tuple[str, ...], Plan | None] = {}
        self._shorter: dict[tuple[str, ...], Shorter] = {}

    def turn_to(self, keys: tuple[str, ...], sight: Sight, steady: Steady) -> None:
        """Events that change these keys are to be expected."""
        if keys not in self._plans:
            self._plans[keys] = planned(self.grounded, keys, sight)
        plan = self._plans[keys]
        self.now = self.shorter = self.taken = None
        if plan is not None:
            if keys not in self._shorter:
                self._shorter[keys] = Shorter(plan, steady)
            self.shorter = self._shorter[keys]
            self.taken, self.always = self.shorter.general, sight.always
            self.keys, self.stirs = keys, not steady.quiet.isdisjoint(keys)

    def forget(self, steady: Steady) -> None:
        """Other keys are quiet from now on."""
        self.now = None
        self.stirs = not steady.quiet.isdisjoint(self.keys)
        for shorter in self._shorter.values():
            shorter.forget()


class Kind:
    """The events of one topic: how they are decoded, and the ways they go."""

    def __init__(self, rule: Rule, code: RuleCode, decode: Decode) -> None:
        self.rule, self.decode = rule.name, decode
        self.key = _getter([n for n, _ in rule.keyed], alone=True)
        self.values = _getter([n for n, _ in rule.valued], alone=False)
        self.table: Mapping[Any, Grounded] = code.table
        self.ways: dict[Any, Way] = {}
        self._heads: dict[bytes, tuple[Way, tuple[Any, ...], bytes]] = {}

    def read(
        self, data: Any, number: int, previous: bytes, at: int, version: int
    ) -> tuple[Way, tuple[Any, ...]] | None:
        """The way and the values of an event that begins as one that was decoded, and goes on, byte
        for byte, with what it must say; None for another.
        """
        if data.__class__ is not bytes:
            return None
        cut = data.find(_CAUSED)
        known = self._heads.get(data[:cut])
        if known is None:
            return None
        way, values, rest = known
        cut += len(_CAUSED)
        cause = data[cut : data.find(b",", cut)]
        if data[cut:] != rest % (cause, number, previous, at, version):
            return None
        if cause != b"null" and not (cause.isdigit() and cause[0] != _ZERO and int(cause) < number):
            return None
        return way, values

    def remember(self, data: Any, event: Event[Any], way: Way, values: tuple[Any, ...]) -> None:
        """Know this event's actor and arguments again, if it is written as we write."""
        if len(self._heads) >= HEADS or data.__class__ is not bytes:
            return
        head, _, rest = data.partition(_CAUSED)
        form = _form(event)
        cause = rest[: rest.find(b",")]
        said = (cause, event.number, event.previous.encode(), event.time, event.version)
        if form % said == rest:
            self._heads[head] = way, values, form


HEADS = 2_000
"""Beginnings of events, with actor and arguments, that are kept for each kind."""
_CAUSED = b',"caused_by":'
_ZERO = ord("0")


def _form(event: Event[Any]) -> bytes:
    """How events like this one, without a reason, go on after what caused them."""
    said = {n: msgspec.json.encode(getattr(event, n)).replace(b"%", b"%%") for n in _FIXED}
    said |= {"number": b"%d", "previous": b'"%b"', "reason": b'""', "time": b"%d", "version": b"%d"}
    return b"%b," + b",".join(b'"%b":%b' % (n.encode(), said[n]) for n in sorted(said)) + b"}"


_FIXED = ("cluster", "event", "model", "row", "rule", "rule_number", "schema")


def _step(rule: Rule, args: Any) -> Step:
    values: dict[str, Value] = msgspec.structs.asdict(args)
    return Step(rule.name, values)


def _getter(names: list[str], *, alone: bool) -> Callable[[Any], Any]:
    """The named attributes as a tuple; one of them by itself if it may stand `alone`."""
    if not names:
        return lambda args: ()
    get = attrgetter(*names)
    return get if alone or len(names) > 1 else lambda args: (get(args),)


def decoder_of(codec: Codec, rule: Rule, cluster: str) -> Callable[[bytes], Any]:
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
