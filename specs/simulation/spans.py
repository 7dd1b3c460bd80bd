"""Between which numbers an argument may be, once those before it are chosen: what the guards say
that compare it, or four times it, with something.

Sits above `machine`; imports no z3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from random import Random
from typing import NamedTuple

from models.plain.layout import State, Value
from models.plain.nodes import Node

from .factored import conditions
from .machine import Machine, Move

EDGE, WIDE = 0.2, 10**6
"""How often an argument is the greatest number that it may be, or the least; how many there are if
nothing says.
"""
Difference = Callable[..., int]
"""f(state, *arguments): at least 0 where a guard holds."""


class Span(NamedTuple):
    """The least and the greatest number that an argument may be; None if nothing says."""

    least: int | None
    most: int | None

    def has(self, number: int) -> bool:
        """Whether it may be this number."""
        low = self.least is None or number >= self.least
        return low and (self.most is None or number <= self.most)

    def some(self, draw: Random) -> int | None:
        """One of the numbers: the least or the greatest often, else small ones as often as large
        ones; None if there is none, or nothing is said.
        """
        least, most = self
        if least is None:
            return most
        if most is not None and (most <= least or draw.random() < EDGE):
            return most if most >= least else None
        wide = WIDE if most is None else most - least + 1
        return least if draw.random() < EDGE else least + int(wide ** draw.random()) - 1


class Spans:
    """What the guards of one step say of each of its arguments."""

    def __init__(self, machine: Machine, move: Move) -> None:
        self._machine, self._move = machine, move

    @cached_property
    def _said(self) -> list[list[Difference]]:
        nodes, move = self._machine.nodes, self._move
        names = [name for name, _, _ in move.choices]
        found: list[list[Difference]] = [[] for _ in names]
        for term in move.g.rule.freely:
            for part in conditions(nodes, nodes.of(term, move.g.binding)):
                if part.names and part.names <= set(names):
                    last = max(map(names.index, part.names))
                    head = ", ".join(["s", *(f"a_{n}" for n in names[: last + 1])])
                    found[last] += [self._written(head, d) for d in _differences(part)]
        return found

    def _written(self, head: str, pair: tuple[Node, Node, int]) -> Difference:
        less, more, by = pair
        writing = self._machine.writing
        return writing.function(
            head, [f"return {writing.text(more)} - {writing.text(less)} - {by}"]
        )

    def of(self, state: State, before: Sequence[Value]) -> Span:
        """Between which numbers the next argument may be."""
        least, most = list[int](), list[int]()
        for apart in self._said[len(before)]:
            at, one, two = (apart(state, *before, i) for i in range(3))
            grows = one - at
            if grows and two - one == grows:
                (least if grows > 0 else most).append(-(at // grows) if grows > 0 else at // -grows)
        return Span(max(least, default=None), min(most, default=None))


def _differences(part: Node) -> Iterator[tuple[Node, Node, int]]:
    """`less + by <= more` for what a condition compares."""
    negative = part.op == "not"
    node = part.args[0] if negative else part
    if node.op not in ("eq", "le", "lt") or (negative and node.op == "eq"):
        return
    one, two = node.args[::-1] if negative else node.args
    yield one, two, int(node.op != "eq" and (node.op == "lt") is not negative)
    if node.op == "eq":
        yield two, one, 0
