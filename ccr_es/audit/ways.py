"""The ways of events: how those of one topic are read, and what those of one rule under one binding
must say of themselves.

An event is decoded once. Another one with the same actor and arguments must say the same byte for
byte, which is found out without decoding it. What it will say is guessed from its topic and from
the event before it: in most logs the same things follow each other. Sits above `steady`, below
`clearing`; must not import the store.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, Literal

import msgspec

from models.language.rule import Rule
from models.plain.ground import Grounded, RuleCode
from models.plain.layout import State, Value
from models.plain.reader import Step

from ..cluster.options import FROM_OUTSIDE
from ..cluster.plan import actor_of
from ..record.codec import Codec
from ..record.events import Event
from ..record.upcast import SCHEMA_VERSION
from ..state.machines import Need
from ..state.replaying import Columns
from .cases import Sight
from .fusing import Plan, Taken, planned
from .judge import Judge
from .steady import Shorter, Steady

Decode = Callable[[Any], Event[Any]]


class Way:
    """What events of one rule under one binding must say of themselves, and what they change."""

    def __init__(self, grounded: Grounded, cluster: str, judge: Judge, args: Any) -> None:
        step = _step(grounded.rule, args)
        self.grounded, self.attempt, self.rule = grounded, grounded.attempt, grounded.rule.name
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
        self.said: Said | None = None
        """What its events say, if their arguments are found and not remembered."""
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


class Said:
    """What events of one way with one actor and the same arguments say of themselves, byte for
    byte, but for what is another thing each time: cause, number, link, time and version.

    Arguments that guards bind, or the time that passed, are worked out anew for each event (`find`)
    and stand open in what it says as these do.
    """

    __slots__ = ("find", "form", "forms", "gap", "next", "values", "way")

    def __init__(
        self, way: Way, event: Event[Any], values: tuple[Any, ...], find: Find | None
    ) -> None:
        self.way, self.values, self.find = way, values, find
        self.forms = _forms(event, way.grounded.names if find is not None else ())
        self.form = self.forms[0]
        """What it says, given what stands open in it, with a cause or without, as the newest."""
        self.gap = 0
        """How many events before it the newest one's cause was; 0 if it had none."""
        self.next: dict[str, Said] = {}
        """What was said by the newest event of each topic that came right after one like this."""

    def fits(self, row: Columns, previous: bytes, state: State, passed: int) -> bool:
        """Whether an event in this state says so, whatever its cause."""
        number, data, _, _, _, version, at = row
        if data.__class__ is not bytes or data is None:
            return False
        begin = data.find(_CAUSED) + len(_CAUSED)
        cause = data[begin : data.find(b",", begin)]
        gap = 0
        if cause != b"null":
            if len(cause) > DIGITS or not cause.isdigit() or not 0 < int(cause) < number:
                return False
            gap = number - int(cause)
        found = () if self.find is None else self.find(state, passed)
        told = (*found, number - gap, number) if gap else (*found, number)
        form = self.forms[bool(gap)]
        if data != form % (*told, previous, at, version):
            return False
        self.gap, self.form = gap, form
        return True


class Kind:
    """The events of one topic: how they are decoded, and the ways they go."""

    def __init__(self, rule: Rule, code: RuleCode, decode: Decode) -> None:
        self.decode = decode
        self.key = _getter([n for n, _ in rule.keyed], alone=True)
        self.values = _getter([n for n, _ in rule.valued], alone=False)
        self.table: Mapping[Any, Grounded] = code.table
        self.ways: dict[Any, Way] = {}
        names = [n for n, _ in rule.valued]
        self._numbers = all(s.kind == "int" for _, s in rule.valued) and names == sorted(names)
        self._of_time = rule.trigger == "time"
        self._newest: Said | None = None
        self._heads: dict[bytes, Said] = {}

    def known(self, data: Any) -> Said | None:
        """What was said by events that begin as this one, as far as it is remembered."""
        if data.__class__ is not bytes:
            return None
        return self._heads.get(data[: data.find(_CAUSED)]) or self._newest

    def remember(
        self, row: Columns, event: Event[Any], way: Way, state: State, passed: int
    ) -> Said | None:
        """Know again what this event says. None if it is not written as we write, or if too much is
        remembered already.
        """
        previous, said = event.previous.encode(), way.said
        if said is None or not said.fits(row, previous, state, passed):
            values = self.values(event.args)
            find = self._finder(way, values, state, passed)
            if event.reason or (find is None and len(self._heads) >= HEADS):
                return None
            said = Said(way, event, values, find)
            if not said.fits(row, previous, state, passed):
                return None
            if find is None:
                data: Any = row[1]
                self._heads[data[: data.find(_CAUSED)]] = said
                return said
        self._newest = way.said = said
        return said

    def _finder(self, way: Way, values: tuple[Any, ...], state: State, passed: int) -> Find | None:
        """How the arguments of an event could have been known before it, if they are numbers: as
        guards bind them, or as the time that passed.
        """
        if not self._numbers or not values:
            return None
        bind = way.grounded.bind
        if bind is not None and bind(state) == values:
            return lambda state, passed: bind(state)
        return _passed if self._of_time and values == (passed,) else None


Find = Callable[[State, int], tuple[Any, ...]]
"""The valued arguments of an event from the state before it and the time that passed."""


def _passed(_state: State, passed: int) -> tuple[Any, ...]:
    return (passed,)


HEADS = 2_000
"""Beginnings of events, with actor and arguments, that are kept for each kind."""
_CAUSED = b',"caused_by":'
DIGITS = 16
"""Of the largest number that is recorded."""


def _forms(event: Event[Any], open_args: tuple[str, ...]) -> tuple[bytes, bytes]:
    """What events like this one say, without a reason: without a cause, and with one. These
    arguments are left open, too.
    """
    values = msgspec.structs.asdict(event.args).items()
    args = [b'"%b":%b' % (n.encode(), b"%d" if n in open_args else _json(v)) for n, v in values]
    said = {n: _json(getattr(event, n)) for n in _FIXED}
    said |= {"args": b"{%b}" % b",".join(args), "reason": b'""', "previous": b'"%b"'}
    said |= dict.fromkeys(("number", "time", "version"), b"%d")
    free, near = (said | {"caused_by": cause} for cause in (b"null", b"%d"))
    return _object(free), _object(near)


def _object(said: dict[str, bytes]) -> bytes:
    return b"{%b}" % b",".join(b'"%b":%b' % (n.encode(), said[n]) for n in sorted(said))


def _json(value: Any) -> bytes:
    return msgspec.json.encode(value).replace(b"%", b"%%")


_FIXED = ("actor", "cluster", "event", "model", "row", "rule", "rule_number", "schema")


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
