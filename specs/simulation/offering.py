"""Arguments that somebody chooses: what is tried for each, and when the guards allow any at all.

A step of which no arguments would do is not enabled, so nobody draws some in vain. Sits above
`ways`; imports no z3.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from models.language.terms import walk
from models.plain.folding import Folding
from models.plain.ground import Grounded
from models.plain.layout import Layout, Value
from models.plain.nodes import Node, Nodes

from .factored import conditions
from .ways import alone, between

FEW = 3
"""Arguments that are true or false of which every combination is looked at."""
TRUTHS = (False, True)
Choice = tuple[str, tuple[Value, ...], tuple[str, ...]]
"""An argument that somebody chooses: its name, values to try, keys whose values to try."""


def choices(layout: Layout, g: Grounded) -> tuple[Choice, ...]:
    """What to try for each argument that no guard binds."""
    free = [(n, s) for n, s in g.rule.valued if n not in g.rule.bindings]
    if not free:
        return ()
    used = [t for guard in g.rule.guards.values() for t in walk(guard) if t.op == "parameter"]
    numbers = tuple(sorted({1, 2, *(layout.parameters[t.value] for t in used)}))
    near = [k for k in layout.fields if layout.rows[k] == g.row and g.rule.trigger != "time"]
    keys = tuple(k for k in near if layout.fields[k].sort.kind == "int")
    return tuple(
        (name, numbers, keys) if sort.kind == "int" else (name, TRUTHS, ()) for name, sort in free
    )


def combinations(tried: tuple[Choice, ...]) -> tuple[tuple[Value, ...], ...]:
    """Every way to choose, if there are few; none if there are many, or nothing is to be chosen."""
    if not 0 < len(tried) <= FEW or any(values is not TRUTHS for _, values, _ in tried):
        return ()
    return tuple(product(TRUTHS, repeat=len(tried)))


def possible(nodes: Nodes, tried: tuple[Choice, ...], about: Sequence[Node]) -> Iterator[Node]:
    """What must hold for some arguments to be as these conditions about them say: just that, if
    every combination can be looked at; else that each number has a place between what it is
    compared with.
    """
    said = {name for name, values, _ in tried if values is TRUTHS}
    if len(said) <= FEW:
        parts = [c for c in about if c.names <= said]
        names = sorted(frozenset[str]().union(*(c.names for c in parts)))
        each = [Folding(nodes, dict(zip(map(nodes.arg, names), chosen, strict=True)))
                for chosen in product((nodes.false, nodes.true), repeat=len(names))]  # fmt: skip
        some = nodes.join("or", (nodes.join("and", map(case, parts)) for case in each))
        yield from conditions(nodes, some)
    numbers = [alone(nodes, c) for c in about if c.names.isdisjoint(said)]
    yield from between(nodes, numbers)
