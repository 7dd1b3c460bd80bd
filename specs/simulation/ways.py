"""Conditions that are to hold at once: what each says of the others, and of what is to be chosen.

Sits above `factored`; imports no z3.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import NamedTuple

from models.plain.changing import RISING
from models.plain.folding import Facts, Folding, learn
from models.plain.nodes import Node, Nodes

from .factored import conditions


def together(nodes: Nodes, parts: Iterable[Node]) -> tuple[Node, ...] | None:
    """Conditions that must hold at once, each as the others leave it; None if they cannot."""
    left = tuple(dict.fromkeys(parts))
    while True:
        made: dict[Node, None] = {}
        for part in left:
            found = _known(nodes, part, left)
            if found is nodes.false:
                return None
            made.update(dict.fromkeys(conditions(nodes, found)))
        if nodes.join("and", made) is nodes.false:
            return None
        if tuple(made) == left:
            return left
        left = tuple(made)


def _known(nodes: Nodes, part: Node, parts: Sequence[Node]) -> Node:
    """What is left of one of these conditions if the others hold."""
    facts: Facts = {}
    for other in parts if part.op in ("or", "not") else ():
        if other is not part and other.op not in ("or", "and"):
            learn(nodes, facts, other)
    return Folding(nodes, facts)(part) if facts else part


def apart(nodes: Nodes, parts: tuple[Node, ...], most: int) -> Iterator[tuple[Node, ...]]:
    """The cases of conditions that must hold at once: in each it is said which branch is taken of
    whatever depends on something; after so many of them what is left stays as it is.
    """
    asked = next(filter(None, map(_asked, parts)), None) if most else None
    if asked is None:
        yield parts
        return
    for case in (asked, nodes.negated(asked)):
        facts: Facts = {}
        learn(nodes, facts, case)
        left = together(nodes, (case, *map(Folding(nodes, facts), parts)))
        if left is not None:
            yield from apart(nodes, left, most - 1)


def _asked(node: Node) -> Node | None:
    """What some branch in a node depends on: the innermost first."""
    found = next(filter(None, map(_asked, node.args)), None)
    return node.args[0] if found is None and node.op == "ite" else found


class Bound(NamedTuple):
    """What an argument is compared with; what is added to that for the least and for the greatest
    value that it may have, None if there is none.
    """

    name: str
    node: Node
    least: int | None
    most: int | None


def bounds(parts: Iterable[Node]) -> Iterator[Bound]:
    """What these conditions say of arguments, each compared by itself."""
    for part in parts:
        negative = part.op == "not"
        node = part.args[0] if negative else part
        if node.op not in ("eq", "le", "lt") or (negative and node.op == "eq"):
            continue
        strict = (node.op == "lt") is not negative
        one, two = node.args[::-1] if negative else node.args
        if one.op == "arg" and not two.names:
            both = node.op == "eq"
            yield Bound(one.value, two, 0 if both else None, 0 if both else -strict)
        elif two.op == "arg" and not one.names:
            yield Bound(two.value, one, int(strict), 0 if node.op == "eq" else None)


def alone(nodes: Nodes, part: Node) -> Node:
    """A comparison of an argument by itself, if it is one of what is more than an argument by some
    number.
    """
    if part.op == "not":
        return nodes.negated(alone(nodes, part.args[0]))
    for at, more in enumerate(part.args if part.op in ("eq", "le", "lt") else ()):
        if more.op == "add" and more.args[0].op == "arg" and not more.args[1].names:
            other = nodes.make("sub", (part.args[1 - at], more.args[1]))
            both = (more.args[0], other)
            return nodes.make(part.op, both if at == 0 else both[::-1])
    return part


def between(nodes: Nodes, parts: Iterable[Node]) -> Iterator[Node]:
    """What must hold for there to be a number that is on the right side of each of these."""
    found = list(bounds(parts))
    for low, high in product(found, found):
        if low.name == high.name and low.node is not high.node:
            if low.least is not None and high.most is not None:
                apart = nodes.const(high.most - low.least)
                yield nodes.make("le", (low.node, nodes.make("add", (high.node, apart))))


def counted(node: Node, effects: Mapping[str, Node]) -> bool:
    """Whether a step only counts what a condition reads, so that one more of it may do."""
    new = (effects.get(k) for k in node.reads)
    return any(e is not None and e.op in ("add", "sub") for e in new)


def in_vain(nodes: Nodes, node: Node, key: str, effect: Node) -> bool:
    """Whether a key never falls by its new value, and a condition can only become false by that; or
    the reverse.
    """
    was = nodes.was(key)
    ways = set(_rising(node, key, True)) if key in effect.reads else set()
    return (ways == {False} and _beyond(effect, was, True)) or (
        ways == {True} and _beyond(effect, was, False)
    )


def _beyond(node: Node, was: Node, up: bool) -> bool:
    """Whether a number is at least as great as another one by its form; or, with `up` false, at
    most.
    """
    if node is was:
        return True
    if node.op in ("add", "sub"):
        more, grows = node.args[1], (node.op == "add") is up
        less = more.op == "const" and int(more.value) < 0
        return less is not grows and _beyond(node.args[0], was, up)
    if node.op != "ite":
        return False
    asked, *both = node.args
    least = asked.op in ("le", "lt") and list(asked.args) == both
    found = [_beyond(n, was, up) for n in both]
    return any(found) if least and not up else all(found)


def _rising(node: Node, key: str, up: bool) -> Iterator[bool]:
    """For each place where a key stands in a node, whether that rises as the key grows; both if it
    is not known.
    """
    if key not in node.reads:
        return
    ways = RISING.get(node.op)
    if not node.args:
        yield up
    elif ways is None:
        yield from (True, False)
    else:
        for i, a in enumerate(node.args):
            yield from _rising(a, key, up == ways[min(i, len(ways) - 1)])
