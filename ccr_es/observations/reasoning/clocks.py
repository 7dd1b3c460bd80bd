"""What causality says: which observation came before which, and by how much the clocks can
differ.

Two things put observations in order without comparing clocks: one clock
(`Observation.certainly_before`), and the board. An access that saw a tag came after the write
that put it there, and before the write that replaced it; of two accepted writes the one that saw
the lower tag came first, because tags only grow. Likewise an epoch is forked after the
one before it. Each such order between two clocks bounds their difference; the bounds of all pairs
are the closure of that system of difference constraints. Clocks keep one offset while the record
lasts unless a drift is declared or assumed: then every bound is wider by how far two clocks can
have moved apart in that time. Sits above `vocabulary`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import ceil

from ccr_es.errors import RecordContradicts

from ..kinds import Kind, Tag, clock_text, seconds_text, tag_text
from ..vocabulary import Observation, Record


@dataclass(frozen=True)
class Order:
    """`before` came before `after`, whatever their clocks say, because of what `why` says."""

    before: Observation
    after: Observation
    why: str


def board_falls(record: Record) -> list[tuple[Observation, ...]]:
    """Accepted writes that did not raise the board's tag, alone or after the write before them."""
    writes = accepted_writes(record)
    found = [(w,) for w in writes if _proposed(w) <= _seen(w)]
    pairs = pairwise(writes)
    return [*found, *((a, b) for a, b in pairs if _proposed(a) > _seen(b))]


def accepted_writes(record: Record) -> list[Observation]:
    """Every write the board accepted, by the tag that it replaced."""
    found = [o for o in record.of(Kind.BOARD_ACCESS) if o.accepted]
    return sorted(found, key=lambda o: (_seen(o), _proposed(o), o.sort_key))


def _seen(access: Observation) -> Tag:
    return access.seen or ()


def _proposed(access: Observation) -> Tag:
    return access.proposed or ()


def causal_orders(record: Record) -> list[Order]:
    """Every order that the tags on the board give, direct ones only."""
    makers: dict[Tag, list[Observation]] = defaultdict(list)
    replacers: dict[Tag, list[Observation]] = defaultdict(list)
    writes = accepted_writes(record)
    for w in writes:
        makers[_proposed(w)].append(w)
        replacers[_seen(w)].append(w)
    written = set(makers)
    for o in record.of(Kind.EPOCH_PROPOSED):
        if o.tag and o.tag not in written:
            makers[o.tag].append(o)
    found: list[Order] = []
    for access in record.of(Kind.BOARD_ACCESS):
        tag = _seen(access)
        maker = _only_party(makers.get(tag, ()), access)
        if maker is not None:
            found.append(Order(maker, access, f"it saw the tag {tag_text(tag)} made there"))
        after = replacers.get(tag, ())
        if not access.accepted and len(after) == 1:
            found.append(Order(access, after[0], f"it replaced the tag {tag_text(tag)} seen there"))
    if not board_falls(record):
        for a, b in pairwise(writes):
            if _seen(a) < _seen(b):
                found.append(Order(a, b, "it saw a later tag, and tags only grow"))
    forks = sorted(record.of(Kind.EPOCH_FORKED), key=lambda o: (o.epoch or 0, o.sort_key))
    for a, b in pairwise(forks):
        if (a.epoch or 0) < (b.epoch or 0):
            found.append(Order(a, b, f"epoch {b.epoch} was forked after epoch {a.epoch} was"))
    return found


def _only_party(makers: Iterable[Observation], access: Observation) -> Observation | None:
    """The maker to come after: the earliest of one party's; of several parties' none is certain."""
    found = [m for m in makers if m is not access]
    if len({m.party for m in found}) != 1:
        return None
    return min(found, key=lambda m: m.at)


@dataclass(frozen=True)
class Bound:
    """The most by which one clock can be ahead of another, in microseconds: as stamped, and with
    the resolutions.
    """

    stamped: int
    widest: int
    orders: tuple[Order, ...] = ()
    stated: str = ""
    """Where it comes from if not from orders alone: a declaration or an assumption."""

    def wider(self, by: int) -> Bound:
        """This bound where clocks may have moved apart by so much."""
        return Bound(self.stamped + by, self.widest + by, self.orders, self.stated) if by else self

    def then(self, other: Bound) -> Bound:
        """This bound and another in a chain of three clocks."""
        stated = " and ".join(dict.fromkeys(s for s in (self.stated, other.stated) if s))
        return Bound(
            self.stamped + other.stamped,
            self.widest + other.widest,
            (*self.orders, *other.orders),
            stated,
        )

    @property
    def because(self) -> str:
        """The evidence in words."""
        words = [f"line {o.after.line}: {o.why} (line {o.before.line})" for o in self.orders]
        return "; ".join([*words, *([self.stated] if self.stated else [])])


_SAME = Bound(0, 0)


class Clocks:
    """The orders of a record and the bounds on its clocks that follow; refuses a record that
    contradicts itself.

    `leads` assumes for some clocks by how much (microseconds) they are ahead; of the others, by
    nothing. `drift` is how far a clock's rate can be off, `skew_max` how far (microseconds) any two
    clocks can be apart; None is as the record declares.
    """

    def __init__(
        self,
        record: Record,
        leads: Mapping[str, int] | None = None,
        drift: Fraction | None = None,
        skew_max: int | None = None,
    ) -> None:
        self.names = record.clocks
        declared = record.provenance
        if drift is None:
            drift = Fraction(declared.clock_drift_max_ppm or 0) / 1_000_000
        self.drift = drift
        self.wander = ceil(2 * drift * record.span / (1 - drift))
        """How far two clocks can move apart while the record lasts."""
        self.orders = causal_orders(record)
        self._out: dict[int, list[Order]] = defaultdict(list)
        self._into: dict[int, list[Order]] = defaultdict(list)
        for o in self.orders:
            self._out[id(o.before)].append(o)
            self._into[id(o.after)].append(o)
        self._limit: dict[tuple[str, str], Bound] = {(p, p): _SAME for p in self.names}
        for order in self.orders:
            self._observe(order)
        for limit, said in ((declared.clock_offset_max, "declared"), (skew_max, "assumed")):
            if limit is not None:
                words = f"the clocks are {said} to differ by at most {seconds_text(limit)}"
                for a in self.names:
                    for b in self.names:
                        self._tighten(a, b, Bound(limit, limit, (), words))
        self._assume(leads or {})
        self._close()

    def _observe(self, order: Order) -> None:
        a, b = order.before, order.after
        bound = Bound(b.at - a.at, b.latest - a.earliest, (order,))
        if a.clock == b.clock and bound.widest < 0:
            raise RecordContradicts(
                f"line {b.line} ({_stamp(b)}) must come after line {a.line} ({_stamp(a)}):"
                f" {order.why}",
                "One clock cannot have stamped them so; correct the record",
            )
        self._tighten(b.clock, a.clock, bound.wider(self.wander))

    def _assume(self, leads: Mapping[str, int]) -> None:
        for fast in leads:
            for slow in self.names:
                if fast != slow:
                    lead = leads[fast] - leads.get(slow, 0)
                    words = f"{fast}'s clock is assumed {lead_text(lead, slow)}"
                    for a, b, most in ((fast, slow, lead), (slow, fast, -lead)):
                        self._tighten(a, b, Bound(most, most, (), words).wider(self.wander))

    def _tighten(self, fast: str, slow: str, bound: Bound) -> None:
        known = self._limit.get((fast, slow))
        if known is None or bound.widest < known.widest:
            self._limit[fast, slow] = bound

    def _close(self) -> None:
        for via in self.names:
            for fast in self.names:
                for slow in self.names:
                    first, second = self._limit.get((fast, via)), self._limit.get((via, slow))
                    if first is not None and second is not None:
                        self._tighten(fast, slow, first.then(second))
        for name in self.names:
            found = self._limit[name, name]
            if found.widest < 0:
                raise RecordContradicts(
                    f"the clocks cannot be so: {found.because}",
                    "Every order and every stated offset must hold at once; correct one of them",
                )

    def most(self, fast: str, slow: str) -> Bound | None:
        """The most by which `fast` can be ahead of `slow`; None if nothing in the record bounds
        it.
        """
        return self._limit.get((fast, slow))

    def lead(self, fast: str, slow: str) -> int:
        """The possible lead of `fast` over `slow` that is nearest to none: the clocks as they
        read, if that can be.
        """
        most, least = self.most(fast, slow), self.most(slow, fast)
        if most is not None and most.widest < 0:
            return most.widest
        return -least.widest if least is not None and least.widest < 0 else 0

    def certainly(self, before: Observation, after: Observation) -> bool:
        """Whether `before` came before `after` in every history that the record allows.

        An order from or to one of the two is asked for itself; the bounds say all that the other
        orders do.
        """
        if before.clock == after.clock:
            if before.certainly_before(after):
                return True
        else:
            most = self.most(after.clock, before.clock)
            if most is not None and after.earliest - before.latest > most.widest:
                return True
        return any(_same_or_before(o.after, after) for o in self._out.get(id(before), ())) or any(
            _same_or_before(before, o.before) for o in self._into.get(id(after), ())
        )


def lead_text(lead: int, slow: str) -> str:
    """`1.500 s ahead of A's`."""
    side = "ahead of" if lead >= 0 else "behind"
    return f"{seconds_text(abs(lead))} {side} {slow}'s"


def beyond(limit: int, above: bool, slow: str) -> str:
    """`more than 1.500 s ahead of A's`: the leads above a limit, or below it."""
    word = "more than" if above == (limit >= 0) else "less than"
    return f"{word} {lead_text(limit, slow)}"


def _same_or_before(a: Observation, b: Observation) -> bool:
    return a is b or (a.clock == b.clock and a.certainly_before(b))


def _stamp(o: Observation) -> str:
    return f"{o.party} {clock_text(o.at, o.resolution)}"
