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
from .judging import Case, Cases
from .leading import Lead
from .machine import Machine, Move

FEW = 40
"""Of a property about more steps than these no guards are looked at."""
FINE = 16
"""Degrees of nearness."""
Held = int
"""Which of the conditions hold in a state, a bit for each."""
Picked = Callable[[Sequence[Any]], Sequence[Any]]
"""Of one thing for each condition, those for the conditions of one way."""
Told = tuple[int, Cases]
"""The conditions that are as they were, and those that have to be asked again."""
_TRUTHS = bytes.maketrans(b"01", bytes((0, 1)))


class Aim:
    """One property, by number. `near` are the places that write what it reads."""

    def __init__(self, machine: Machine, number: str, near: int) -> None:
        self._machine, self._number, self.near = machine, number, near

    @cached_property
    def lead(self) -> Lead:
        """What would have to happen for it to break."""
        return Lead(self._machine, self._number)

    @cached_property
    def ways(self) -> list[Conditions]:
        """The ways to break it: all conditions of one must hold."""
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
    def conditions(self) -> dict[Node, int]:
        """Those of all ways, each with its place among the bits."""
        every = dict.fromkeys(c for way in self.ways for c in way)
        return {c: i for i, c in enumerate(every)}

    @property
    def size(self) -> int:
        """How many conditions there are."""
        return len(self.conditions)

    def held(self, state: State) -> Held:
        """Which of the conditions hold in a state."""
        return self._machine.cases(self._cases).ask(state)

    @cached_property
    def _cases(self) -> tuple[Case, ...]:
        return tuple((1 << i, (c,)) for c, i in self.conditions.items())

    @cached_property
    def told_by(self) -> list[Told | None]:
        """For each place, what has to be looked at again after it; None if all is as it was."""
        reading: dict[str, set[int]] = {}
        for condition, i in self.conditions.items():
            for key in condition.reads:
                reading.setdefault(key, set()).add(i)
        told: list[Told | None] = []
        for move in self._machine.moves:
            places = sorted(set[int]().union(*(reading.get(k, ()) for k in move.g.writes)))
            near = self._machine.cases(tuple([self._cases[i] for i in places]))
            told.append((~sum(1 << i for i in places), near) if places else None)
        return told

    @cached_property
    def within(self) -> list[list[int]]:
        """For each condition, the ways that it is one of."""
        found: list[list[int]] = [[] for _ in self.conditions]
        for at, way in enumerate(self.ways):
            for condition in way:
                found[self.conditions[condition]].append(at)
        return found

    @cached_property
    def picked(self) -> list[Picked]:
        """The conditions of each way."""
        return [_picked([self.conditions[c] for c in way]) for way in self.ways]


class Nearness:
    """How much of some way to break a property holds, in one state after the other: what changed
    since the last one is added up anew, and no more.
    """

    def __init__(self, aim: Aim) -> None:
        self._aim = aim
        self._held: Held = 0
        self._ways: list[tuple[Picked, list[float]]] = []
        """The conditions of each way, and what each of them counts of `FINE`."""
        self._sums: list[float] = []

    def weigh(self, weights: Sequence[float]) -> None:
        """From now on the conditions have these weights."""
        self._ways, self._sums = [], []
        for picked in self._aim.picked:
            own = picked(weights)
            self._ways.append((picked, list(map((FINE / sum(own)).__mul__, own))))

    def score(self, held: Held) -> int:
        """How much holds of the way of which most does."""
        told, ways, sums = spread(held, self._aim.size), self._ways, self._sums
        if not sums:
            self._sums = sums = [sum(compress(own, picked(told))) for picked, own in ways]
        else:
            for at in self._touched(held ^ self._held):
                picked, own = ways[at]
                sums[at] = sum(compress(own, picked(told)))
        self._held = held
        return int(max(sums, default=0))

    def _touched(self, changed: Held) -> set[int]:
        """The ways of which a condition changed."""
        within, touched = self._aim.within, set[int]()
        while changed:
            bit = changed & -changed
            touched.update(within[bit.bit_length() - 1])
            changed ^= bit
        return touched


def spread(held: Held, size: int) -> bytes:
    """1 for each condition that holds, 0 for the others."""
    return f"{held:0{size}b}"[::-1].encode().translate(_TRUTHS)[:size]


def _picked(places: list[int]) -> Picked:
    if len(places) == 1:
        return itemgetter(slice(places[0], places[0] + 1))
    return itemgetter(*places)


def aims_of(machine: Machine) -> list[Aim]:
    """The properties of a machine; something without a condition if there is none."""
    numbers: dict[str, Any] = dict.fromkeys(p.number for p, _ in machine.promises)
    found = [Aim(machine, n, near[0]) for n, near in zip(numbers, machine.layers, strict=True)]
    return found or [Aim(machine, "", 0)]
