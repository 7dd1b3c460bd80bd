"""Many conditions as one Python expression, in which what they share is asked once, and first.

`machine` asks after every step which places became enabled and whether a promise broke: hundreds of
conjunctions, of which nearly all are false for a few common reasons. Sits above `models.plain`;
imports no z3.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from models.plain.nodes import Node, Nodes

Conditions = tuple[Node, ...]
"""Nodes that must all be true."""


def conditions(nodes: Nodes, node: Node) -> Iterator[Node]:
    """What must hold each by itself for `node` to hold."""
    for part in node.args if node.op == "and" else (node,):
        if part.op == "not" and part.args[0].op == "or":
            yield from _refutation(nodes, part.args[0])
        elif part is not nodes.true:
            yield part


def breaches(nodes: Nodes, node: Node) -> Iterator[Conditions]:
    """The ways in which `node` can fail: it does iff all conditions of one of them hold."""
    for part in node.args if node.op == "and" else (node,):
        way = tuple(_refutation(nodes, part))
        if nodes.false not in way:
            yield way


def _refutation(nodes: Nodes, node: Node) -> Iterator[Node]:
    """What must hold each by itself for `node` not to hold."""
    for part in node.args if node.op == "or" else (node,):
        yield from conditions(nodes, nodes.negated(part))


def any_of_all(cases: Iterable[tuple[tuple[str, ...], int]]) -> str:
    """The union of the bits whose conditions all hold, as an expression."""
    left = [(frozenset(parts), bit) for parts, bit in cases if "False" not in parts]
    found = [hex(bit) for parts, bit in left if not parts]
    left = [(parts, bit) for parts, bit in left if parts]
    while left:
        shared = Counter(part for parts, _ in left for part in parts)
        most = max(shared, key=lambda p: (shared[p], -len(p), p))
        within = [(parts, bit) for parts, bit in left if most in parts]
        common = frozenset.intersection(*(parts for parts, _ in within))
        asked = " and ".join((most, *sorted(common - {most})))
        inner = any_of_all((tuple(parts - common), bit) for parts, bit in within)
        found.append(f"({inner} if {asked} else 0)")
        left = [(parts, bit) for parts, bit in left if most not in parts]
    return " | ".join(found) or "0"
