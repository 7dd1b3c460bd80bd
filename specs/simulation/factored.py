"""Many conditions as the statements of one function: what they share is asked once, and first.

`machine` asks after every step which places became enabled and whether a promise broke: hundreds of
conjunctions, of which nearly all are false for a few common reasons. Sits above `models.plain`;
imports no z3.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from models.plain.nodes import Node, Nodes

Conditions = tuple[Node, ...]
"""Nodes that must all be true."""
Written = tuple[Iterable[str], int]
"""The texts of conditions that must all hold, and the bit for that."""
_Placed = tuple[frozenset[int], int]
CALL = 200
"""Characters of a condition that take as long to ask as a call."""


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


def any_of_all(cases: Iterable[Written]) -> list[str]:
    """The union of the bits whose conditions all hold, as the statements of a function of a state
    that gives it. What is shared is asked once, and first; of what is shared as much the cheapest.
    """
    possible = [(tuple(parts), bit) for parts, bit in cases if "False" not in parts]
    texts = sorted({part for parts, _ in possible for part in parts}, key=_cost, reverse=True)
    places = {text: i for i, text in enumerate(texts)}
    left = [(frozenset([places[p] for p in parts]), bit) for parts, bit in possible]
    return ["u = 0", *_adding(list(map(_bare, texts)), left, ""), "return u"]


def _cost(text: str) -> tuple[int, str]:
    return len(text) + (CALL if "(s)" in text or "(s, " in text else 0), text


def _bare(text: str) -> str:
    """A condition as one of several that are joined by `and`."""
    whole = text[0] != "(" or " or " in text or " if " in text
    return text if whole else text[1:-1]


def _adding(texts: Sequence[str], left: list[_Placed], indent: str) -> Iterator[str]:
    """Statements that add the bits of cases; of their conditions the last is the cheapest."""
    bits = sum(bit for parts, bit in left if not parts)
    if bits:
        yield f"{indent}u |= {bits:#x}"
    left = [case for case in left if case[0]]
    size = len(texts)
    while left:
        counts = Counter(chain.from_iterable([parts for parts, _ in left]))
        most = max([n * size + place for place, n in counts.items()])
        if most < 2 * size:  # they share nothing any more
            for parts, bit in left:
                yield f"{indent}if {_joined(texts, parts)}: u |= {bit:#x}"
            return
        within = [case for case in left if most % size in case[0]]
        left = [case for case in left if most % size not in case[0]]
        common = within[0][0].intersection(*[parts for parts, _ in within])
        yield f"{indent}if {_joined(texts, common)}:"
        yield from _adding(texts, [(parts - common, bit) for parts, bit in within], indent + " ")


def _joined(texts: Sequence[str], places: Iterable[int]) -> str:
    return " and ".join([texts[place] for place in sorted(places, reverse=True)])
