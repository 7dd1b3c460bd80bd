"""A property as something to come near to: what must hold for it to break, and how much of it does.

For a property of states that is each way in which it can fail. For one of steps it is what must
hold before the step, with the guards of the rule that takes it.

Sits above `machine`; imports no z3.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from functools import cached_property
from math import ceil
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
WHOLE, LANE = 1 << 20, 32
"""Parts of a degree, and bits of the number that counts them for a way."""
Held = int
"""Which of the conditions hold in a state, a bit for each."""
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
    def places(self) -> list[list[int]]:
        """The conditions of each way, by their places."""
        return [[self.conditions[c] for c in way] for way in self.ways]


class Nearness:
    """How much of some way to break a property holds, in one state after the other: what changed
    since the last one is added or taken away, for all ways at once.
    """

    def __init__(self, aim: Aim) -> None:
        self._aim = aim
        self._held: Held = 0
        self._sums = 0
        """What holds of each way, in a lane of its own of one number."""
        self._shares = [0] * aim.size
        """What each condition counts of each way, likewise."""

    def weigh(self, weights: Sequence[float]) -> None:
        """From now on the conditions have these weights."""
        shares = [0] * self._aim.size
        for at, places in enumerate(self._aim.places):
            whole = FINE * WHOLE / sum([weights[i] for i in places])
            for i in places:
                shares[i] += ceil(whole * weights[i]) << LANE * at
        self._shares, self._sums = shares, 0
        self._add(self._held, self._held)

    def _add(self, changed: Held, held: Held) -> None:
        """Of the conditions that changed these hold now, the others no more."""
        shares, sums = self._shares, self._sums
        while changed:
            bit = changed & -changed
            share = shares[bit.bit_length() - 1]
            sums += share if held & bit else -share
            changed ^= bit
        self._sums = sums

    def score(self, held: Held) -> int:
        """How much holds of the way of which most does; of a way that holds, it is `FINE`."""
        self._add(held ^ self._held, held)
        self._held = held
        lanes = self._sums.to_bytes(LANE // 8 * len(self._aim.ways), sys.byteorder)
        return max(memoryview(lanes).cast("I"), default=0) // WHOLE


def spread(held: Held, size: int) -> bytes:
    """1 for each condition that holds, 0 for the others."""
    return f"{held:0{size}b}"[::-1].encode().translate(_TRUTHS)[:size]


def aims_of(machine: Machine) -> list[Aim]:
    """The properties of a machine; something without a condition if there is none."""
    numbers: dict[str, Any] = dict.fromkeys(p.number for p, _ in machine.promises)
    found = [Aim(machine, n, near[0]) for n, near in zip(numbers, machine.layers, strict=True)]
    return found or [Aim(machine, "", 0)]
