"""The times of a record as difference constraints, for a solver: what each clock can have shown,
what came before what, and what is asked.

Every variable is a true time: `t7` of line 7, `A@12` of the moment at which a clock shows a
time. A clock's rate is off by at most its drift, so between two times that it shows passes a
time within bounds. How far any two clocks are apart, anywhere in the record, is the unknown. Data
only: nothing is solved here. Sits above `roles`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, pairwise

from ..vocabulary import Observation, Record
from .clocks import Clocks
from .roles import stretches
from .stretch import Stretch

ORIGIN = "origin"
MOST = 400
"""The most observations that a question may be about."""


@dataclass(frozen=True)
class Bound:
    """`later - earlier <= at_most + per_skew * skew`, in microseconds. `lines` are the evidence;
    without any it is about how clocks go.
    """

    later: str
    earlier: str
    at_most: Fraction
    per_skew: int = 0
    lines: tuple[int, ...] = ()
    why: str = ""


Ways = tuple[tuple[Bound, ...], ...]


@dataclass(frozen=True)
class Question:
    """Whether something can have been, and at which least skew of the clocks: one way of each part.
    `lines` is what it is about.
    """

    words: str
    parts: tuple[Ways, ...]
    lines: tuple[int, ...]


@dataclass(frozen=True)
class Timing:
    """The system, and its questions: whether two served at once (`together`), whether none did
    (`apart`), and each order that the record leaves open, the other way round.
    """

    system: tuple[Bound, ...]
    together: Question | None
    apart: Question | None
    orders: tuple[Question, ...]
    left_out: int = 0


def timing_of(
    record: Record, clocks: Clocks, open_orders: Iterable[tuple[str, Observation, Observation]]
) -> Timing:
    """The constraints that a record and what is known of its clocks give, and what to ask."""
    parts = {p: [s for s in stretches(record, p) if s.serving] for p in record.servers}
    pairs = [
        (a, b) for one, other in combinations(parts, 2) for a in parts[one] for b in parts[other]
    ]
    orders = list(open_orders)
    ends = [o for pair in pairs for s in pair for o in (s.start, s.end) if o is not None]
    about = [*ends, *(o for _, a, b in orders for o in (a, b))]
    about += [o for order in clocks.orders for o in (order.before, order.after)]
    events = list({id(o): o for o in about}.values())
    if len(events) > MOST or len(pairs) > MOST:
        return Timing((), None, None, (), max(len(events), len(pairs)))
    return Timing(
        tuple(_system(events, clocks)),
        _together(pairs),
        _apart(pairs),
        tuple(Question(words, (((_before(b, a),),),), (a.line, b.line)) for words, a, b in orders),
    )


def _system(events: list[Observation], clocks: Clocks) -> Iterator[Bound]:
    """What the stamps, the orders and the bounds on the clocks say of the true times."""
    edges: dict[str, set[int]] = {}
    for o in events:
        edges.setdefault(o.clock, set()).update((o.earliest, o.latest))
    slow, fast = 1 / (1 - clocks.drift), 1 / (1 + clocks.drift)
    for name, shown in edges.items():
        for now, then in pairwise(sorted(shown)):
            yield Bound(_at(name, then), _at(name, now), (then - now) * slow)
            yield Bound(_at(name, now), _at(name, then), -(then - now) * fast)
        for edge in shown:
            yield Bound(_at(name, edge), ORIGIN, Fraction(edge))
            yield Bound(ORIGIN, _at(name, edge), Fraction(-edge), 1)
    for o in events:
        yield Bound(_of(o), _at(o.clock, o.latest), Fraction(0), 0, (o.line,), "its stamp")
        yield Bound(_at(o.clock, o.earliest), _of(o), Fraction(0), 0, (o.line,), "its stamp")
    for a, b in combinations(events, 2):
        if a.clock == b.clock and a.rank is not None and b.rank is not None:
            earlier, later = (a, b) if a.rank < b.rank else (b, a)
            yield _before(earlier, later, "written in order")
    for order in clocks.orders:
        yield _before(order.before, order.after, order.why)
    yield from _stated(edges, clocks)


def _stated(edges: dict[str, set[int]], clocks: Clocks) -> Iterator[Bound]:
    """What is declared or assumed of how far one clock is ahead of another."""
    for fast, slow in ((a, b) for a in edges for b in edges if a != b):
        bound = clocks.most(fast, slow)
        if bound is None or not bound.stated or bound.orders:
            continue
        # A clock that leads by at most x shows b no earlier than the other shows b - x.
        for b in edges[fast]:
            near = min(edges[slow], key=lambda e: abs(e - b))
            off = Fraction(b - near - bound.widest)
            stretch = abs(off) * (1 / (1 - clocks.drift) - 1)
            yield Bound(_at(slow, near), _at(fast, b), stretch - off, 0, (), bound.stated)


def _at(clock: str, shown: int) -> str:
    return f"{clock}@{shown}"


def _of(o: Observation) -> str:
    return f"t{o.line}/{o.kind}"


def _before(a: Observation, b: Observation, why: str = "") -> Bound:
    return Bound(_of(a), _of(b), Fraction(0), 0, tuple(sorted((a.line, b.line))), why)


def _together(pairs: list[tuple[Stretch, Stretch]]) -> Question | None:
    ways = tuple(tuple(_overlap(a, b)) for a, b in pairs)
    return Question("two served at once", (ways,), _lines(pairs)) if ways else None


def _overlap(a: Stretch, b: Stretch) -> Iterator[Bound]:
    for one, other in ((a, b), (b, a)):
        if one.start is not None and other.end is not None:
            yield _before(one.start, other.end)


def _apart(pairs: list[tuple[Stretch, Stretch]]) -> Question | None:
    parts = []
    for a, b in pairs:
        ways = [
            (_before(one.end, other.start),)
            for one, other in ((a, b), (b, a))
            if one.end is not None and other.start is not None
        ]
        parts.append(tuple(ways))
    return Question("no two served at once", tuple(parts), _lines(pairs)) if parts else None


def _lines(pairs: list[tuple[Stretch, Stretch]]) -> tuple[int, ...]:
    return tuple(
        sorted({o.line for p in pairs for s in p for o in (s.start, s.end) if o is not None})
    )
