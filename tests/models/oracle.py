"""What every operator means, row by row: written down by hand, computed by nothing.

A row is a term, the facts it is read on, and its value. Every reader of terms can be held against
these rows; none of them shares code with it. `OPERATORS` are the operators that must have rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from models.language.model import Instance
from models.language.schema import Schema, field_of
from models.language.terms import (
    NOBODY,
    Bool,
    Int,
    Term,
    all_of,
    any_of,
    each,
    enum,
    identity,
    if_else,
    implies,
    larger,
    lift,
    negate,
    one_of,
    peer,
    smaller,
    some,
)

_LEAVES = ("const", "arg", "parameter", "field", "next", "peer")
_CONNECTIVES = ("and", "or", "not", "ite", "each", "some")
_ARITHMETIC = ("eq", "lt", "le", "add", "sub", "mul", "elapsed")
OPERATORS = frozenset((*_LEAVES, *_CONNECTIVES, *_ARITHMETIC))
Value = bool | int | str
Node = identity("Node")
Colour = enum("Colour", "RED", "GREEN", "BLUE")
SCHEMA = Schema()
SCHEMA.record("clock", now=field_of(Int, 0, owner="o"))
SCHEMA.record(
    "box",
    a=field_of(Bool, False, owner="o"),
    b=field_of(Bool, False, owner="o"),
    c=field_of(Bool, False, owner="o"),
    x=field_of(Int, 0, owner="o"),
    y=field_of(Int, 0, owner="o"),
    hue=field_of(Colour, Colour.RED, owner="o"),
    who=field_of(Node, NOBODY, owner="o"),
    lit=field_of(Bool, False, owner="o", index=Node),
)
SCHEMA.record("node", Node, up=field_of(Bool, False, owner="o"))
SCHEMA.parameter("most", 7, "the most")
INSTANCE = Instance({"Node": ("A", "B")})
F, T = False, True
BIG = 2**70
_s, _t = SCHEMA.state, SCHEMA.next_state
_n = Term("arg", Node, value="n")


@dataclass(frozen=True)
class Row:
    """`term` has the value `expected` on these facts; `after` are facts after the step."""

    term: Term
    expected: Value
    facts: dict[str, Value] = field(default_factory=dict)
    after: dict[str, Value] = field(default_factory=dict)
    binding: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The row as a test name."""
        facts = {**self.facts, **{k + "'": v for k, v in self.after.items()}, **self.binding}
        return f"{self.term!r} on {facts} is {self.expected}"


def _table(term: Term, keys: str, *rows: tuple[Value, ...]) -> Iterator[Row]:
    """One row per tuple: the values of `keys`, then the value of the term."""
    names = keys.split()
    for row in rows:
        yield Row(term, row[-1], dict(zip(names, row[:-1], strict=True)))


def _logic() -> Iterator[Row]:
    a, b, c = _s.box.a, _s.box.b, _s.box.c
    two, three = "box.a box.b", "box.a box.b box.c"
    yield from _table(a & b, two, (F, F, F), (F, T, F), (T, F, F), (T, T, T))
    yield from _table(a | b, two, (F, F, F), (F, T, T), (T, F, T), (T, T, T))
    yield from _table(implies(a, b), two, (F, F, T), (F, T, T), (T, F, F), (T, T, T))
    yield from _table(~a, "box.a", (F, T), (T, F))
    yield from _table(negate(negate(a)), "box.a", (F, F), (T, T))
    yield from _table(
        all_of(a, b, c), three, (T, T, T, T), (F, T, T, F), (T, F, T, F), (T, T, F, F)
    )
    yield from _table(
        any_of(a, b, c), three, (F, F, F, F), (T, F, F, T), (F, T, F, T), (F, F, T, T)
    )
    yield from _table((a & b) | c, three, (F, F, T, T), (T, T, F, T), (T, F, F, F), (F, T, T, T))
    yield from _table(a & (b | c), three, (F, F, T, F), (T, T, F, T), (T, F, F, F), (F, T, T, F))
    yield from _table(~(a & b), two, (F, F, T), (F, T, T), (T, F, T), (T, T, F))
    yield from _table(a == b, two, (F, F, T), (F, T, F), (T, F, F), (T, T, T))
    yield Row(all_of(), T)
    yield Row(any_of(), F)
    yield from _table(all_of(a), "box.a", (F, F), (T, T))
    yield from _table(any_of(a), "box.a", (F, F), (T, T))


def _numbers() -> Iterator[Row]:
    x, y = _s.box.x, _s.box.y
    both = "box.x box.y"
    yield from _table(x < y, both, (1, 2, T), (2, 2, F), (3, 2, F), (-5, -4, T), (-4, -5, F))
    yield from _table(x <= y, both, (1, 2, T), (2, 2, T), (3, 2, F), (-5, -4, T), (BIG, BIG, T))
    yield from _table(x > y, both, (1, 2, F), (2, 2, F), (3, 2, T), (0, -1, T))
    yield from _table(x >= y, both, (1, 2, F), (2, 2, T), (3, 2, T), (-1, 0, F))
    yield from _table(x == y, both, (2, 2, T), (2, 3, F), (-2, 2, F), (BIG, BIG + 1, F))
    yield from _table(x != y, both, (2, 2, F), (2, 3, T), (-2, 2, T))
    yield from _table(x + y, both, (2, 3, 5), (2, -3, -1), (-2, -3, -5), (BIG, 1, BIG + 1))
    yield from _table(x - y, both, (2, 3, -1), (3, 2, 1), (-2, -3, 1), (0, BIG, -BIG))
    yield from _table(x * y, both, (2, 3, 6), (-2, 3, -6), (-2, -3, 6), (0, BIG, 0), (1, 9, 9))
    yield from _table(x - (y - 1), both, (5, 3, 3), (1, 1, 1))
    yield from _table((x - y) - 1, both, (5, 3, 1), (1, 1, -1))
    yield from _table((x + y) * 2, both, (1, 2, 6), (0, -3, -6))
    yield from _table(x + y * 2, both, (1, 2, 5), (0, -3, -6))
    yield from _table(larger(x, y), both, (1, 2, 2), (2, 1, 2), (-1, -2, -1), (4, 4, 4))
    yield from _table(smaller(x, y), both, (1, 2, 1), (2, 1, 1), (-1, -2, -2), (4, 4, 4))
    yield from _table(x < _s.p.most, "box.x", (6, T), (7, F), (8, F))
    yield Row(_s.p.most, 7)
    yield Row(lift(-12, Int), -12)
    yield Row(lift(T, Bool), T)


def _choices() -> Iterator[Row]:
    a, x, y, hue = _s.box.a, _s.box.x, _s.box.y, _s.box.hue
    yield from _table(if_else(a, x, y), "box.a box.x box.y", (T, 1, 2, 1), (F, 1, 2, 2))
    other = if_else(a, Colour.GREEN, hue)
    yield from _table(other, "box.a box.hue", (T, "RED", "GREEN"), (F, "BLUE", "BLUE"))
    nested = if_else(x < 1, 10, if_else(x < 2, 20, 30))
    yield from _table(nested, "box.x", (0, 10), (1, 20), (2, 30))
    nobody = if_else(a, NOBODY, _s.box.who)
    yield from _table(nobody, "box.a box.who", (T, "A", ""), (F, "A", "A"), (F, "", ""))
    yield from _table(hue == Colour.RED, "box.hue", ("RED", T), ("GREEN", F), ("BLUE", F))
    warm = one_of(hue, Colour.RED, Colour.BLUE)
    yield from _table(warm, "box.hue", ("RED", T), ("GREEN", F), ("BLUE", T))
    yield Row(Colour.BLUE, "BLUE")
    yield Row(NOBODY, "")


def _time() -> Iterator[Row]:
    past = _s.elapsed(_s.box.x, _s.box.y)
    three = "box.x box.y clock.now"
    yield from _table(past, three, (10, 5, 14, F), (10, 5, 15, T), (10, 5, 16, T), (10, 0, 10, T))
    yield from _table(past, three, (10, 5, 3, F), (10, -5, 5, T), (10, -5, 4, F), (-1, 1, 0, T))
    yield from _table(~past, three, (10, 5, 14, T), (10, 5, 15, F))
    later = _s.elapsed(_s.box.x + 1, _s.box.y * 2)
    yield from _table(later, three, (9, 3, 15, F), (9, 3, 16, T))
    yield from _table(_s.now, "clock.now", (0, 0), (99, 99))


def _names() -> Iterator[Row]:
    who, node, lit = _s.box.who, _s.node, _s.box.lit
    yield from _table(who == NOBODY, "box.who", ("", T), ("A", F), ("B", F))
    for n, other in (("A", "B"), ("B", "A")):
        at = {"n": n}
        yield Row(_n, n, binding=at)
        yield Row(peer(_n), other, binding=at)
        yield Row(peer(peer(_n)), n, binding=at)
        yield Row(who == _n, T, {"box.who": n}, binding=at)
        yield Row(who == _n, F, {"box.who": other}, binding=at)
        yield Row(who == _n, F, {"box.who": ""}, binding=at)
        yield Row(node[_n].up, T, {f"node.{n}.up": T, f"node.{other}.up": F}, binding=at)
        yield Row(node[peer(_n)].up, F, {f"node.{n}.up": T, f"node.{other}.up": F}, binding=at)
        yield Row(lit[_n], T, {f"box.lit.{n}": T, f"box.lit.{other}": F}, binding=at)


def _members() -> Iterator[Row]:
    node, who = _s.node, _s.box.who
    ups = "node.A.up node.B.up"
    every, any_up = each(Node, lambda n: node[n].up), some(Node, lambda n: node[n].up)
    yield from _table(every, ups, (F, F, F), (F, T, F), (T, F, F), (T, T, T))
    yield from _table(any_up, ups, (F, F, F), (F, T, T), (T, F, T), (T, T, T))
    yield from _table(~any_up, ups, (F, F, T), (F, T, F), (T, T, F))
    holder = some(Node, lambda n: (who == n) & node[n].up)
    rows = (("A", T, F, T), ("A", F, T, F), ("B", F, T, T), ("", T, T, F))
    yield from _table(holder, "box.who node.A.up node.B.up", *rows)
    # One quantifier inside another over the same sort: the two members stay apart.
    alike = each(Node, lambda n: each(Node, lambda m: node[n].up == node[m].up))
    yield from _table(alike, ups, (F, F, T), (F, T, F), (T, F, F), (T, T, T))
    outer = some(Node, lambda n: each(Node, lambda m: implies(node[m].up, who == n)))
    more = (("A", T, F, T), ("A", T, T, T), ("", T, F, F), ("", F, F, T), ("B", F, T, T))
    yield from _table(outer, "box.who node.A.up node.B.up", *more)


def _steps() -> Iterator[Row]:
    grows = _t.box.x >= _s.box.x
    for before, after, expected in ((1, 2, T), (2, 2, T), (3, 2, F)):
        yield Row(grows, expected, {"box.x": before}, {"box.x": after})
    for after in (4, -4):
        yield Row(_t.box.x, after, {"box.x": 1}, {"box.x": after})
    became = ~_s.node[_n].up & _t.node[_n].up
    for n, expected in (("A", T), ("B", F)):
        yield Row(became, expected, {}, {"node.A.up": T, "node.B.up": F}, {"n": n})


def rows() -> list[Row]:
    """Every row."""
    groups = (_logic, _numbers, _choices, _time, _names, _members, _steps)
    return [row for group in groups for row in group()]
