"""A property as something to come near to: what must hold for it to break, and how much of it does.

For a property of states that is each way in which it can fail. For one of steps it is what must
hold before the step, with the guards of the rule that takes it.

Sits above `machine`; imports no z3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import compress
from operator import itemgetter
from typing import Any

from models.language.model import STEP, Property
from models.plain.changing import Changing
from models.plain.layout import State
from models.plain.nodes import Node

from .factored import Conditions, breaches
from .leading import Lead
from .machine import Machine, Move

FEW = 40
"""Of a property about more steps than these no guards are looked at."""
FINE = 16
"""Degrees of nearness."""
Held = tuple[bool, ...]
"""Which of the conditions hold in a state."""


Picked = Callable[[Sequence[Any]], tuple[Any, ...]]
"""Of one thing for each condition, those for the conditions of one way."""
Weighed = tuple[Picked, list[float]]
"""A way: its conditions, and what each of them counts of `FINE`."""


class Aim:
    """One property, by number. `near` are the places that write what it reads."""

    def __init__(self, machine: Machine, number: str, near: int) -> None:
        self._machine, self._number, self.near = machine, number, near

    @cached_property
    def lead(self) -> Lead:
        """What would have to happen for it to break."""
        return Lead(self._machine, self._number)

    @cached_property
    def _ways(self) -> list[Conditions]:
        return [way for way in dict.fromkeys(self._found()) if way]

    def _found(self) -> Iterator[Conditions]:
        for at, (prop, node) in enumerate(self._machine.promises):
            if prop.number == self._number:
                yield from self._ways_of(at, prop, node)

    def _ways_of(self, at: int, prop: Property, node: Node) -> Iterator[Conditions]:
        machine, nodes = self._machine, self._machine.nodes
        left: list[tuple[Move, Node]] = []
        if prop.kind == STEP:
            left = [(m, machine.left(at, m.g)) for m in machine.moves]
            left = [(m, asked) for m, asked in left if asked is not nodes.true]
        if not left or len(left) > FEW:
            yield from breaches(nodes, Changing(nodes).between(node, frozenset()))
        else:
            for move, asked in left:
                for way in breaches(nodes, asked):
                    before = tuple(c for c in way if not c.after)
                    yield before + machine.guards[move.place]

    @cached_property
    def _conditions(self) -> dict[Node, int]:
        every = dict.fromkeys(c for way in self._ways for c in way)
        return {c: i for i, c in enumerate(every)}

    @cached_property
    def _picked(self) -> list[Picked]:
        return [_picked([self._conditions[c] for c in way]) for way in self._ways]

    @cached_property
    def held(self) -> Callable[[State], Held]:
        """Which of the conditions hold in a state."""
        told = "".join(f"{self._machine.writing.text(c)}, " for c in self._conditions)
        return self._machine.writing.function("s", [f"return ({told})"])

    @cached_property
    def told_by(self) -> int:
        """The places that write what the conditions read: after others they are as before."""
        keys = frozenset[str]().union(*(c.reads for c in self._conditions))
        return sum(1 << m.place for m in self._machine.moves if keys & m.g.writes)

    def weighed(self, weights: Sequence[float]) -> list[Weighed]:
        """Each way to break the property: its conditions, what each of them counts of `FINE`."""
        found = []
        for picked in self._picked:
            own = picked(weights)
            found.append((picked, list(map((FINE / sum(own)).__mul__, own))))
        return found

    @staticmethod
    def score(held: Held, ways: Sequence[Weighed]) -> int:
        """How much of some way to break the property holds."""
        return int(max([sum(compress(own, picked(held))) for picked, own in ways], default=0))


def _picked(places: list[int]) -> Picked:
    if len(places) == 1:
        return itemgetter(slice(places[0], places[0] + 1))
    return itemgetter(*places)


def aims_of(machine: Machine) -> list[Aim]:
    """The properties of a machine; something without a condition if there is none."""
    numbers: dict[str, Any] = dict.fromkeys(p.number for p, _ in machine.promises)
    found = [Aim(machine, n, near[0]) for n, near in zip(numbers, machine.layers, strict=True)]
    return found or [Aim(machine, "", 0)]
