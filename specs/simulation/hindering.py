"""Which steps make others impossible, whatever else is so: a plan takes them late.

A node that is to crash once its stop is confirmed must not crash before. Sits above `machine`;
imports no z3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from models.plain.folding import Folding
from models.plain.nodes import Node

from .machine import Machine, Move


class Hindering:
    """For each step, by its place, the others that are not possible right after it."""

    def __init__(self, machine: Machine, effects: Callable[[Move], Mapping[str, Node]]) -> None:
        self._machine, self._effects = machine, effects
        self._by: dict[int, int] = {}

    def by(self, place: int) -> int:
        """The places of the steps that this one makes impossible."""
        if place not in self._by:
            move = self._machine.moves[place]
            near = self._machine.readers(move.g.writes)
            undone = [p for p in near if p != place and self._undoes(move, p)]
            self._by[place] = sum(1 << p for p in undone)
        return self._by[place]

    def _undoes(self, move: Move, other: int) -> bool:
        """Whether some guard of another step never holds right after this one."""
        nodes, effects = self._machine.nodes, self._effects(move)
        for guard in self._machine.guards[other]:
            keys = guard.reads & move.g.writes
            swap = {nodes.was(k): effects[k] for k in keys}
            if keys and Folding(nodes, swap, keys)(guard) is nodes.false:
                return True
        return False

    def harmless(self, near: int, steps: int) -> int:
        """Those of some places after which all other steps of a plan are still possible."""
        found = 0
        while near:
            place = near & -near
            if not self.by(place.bit_length() - 1) & steps:
                found |= place
            near ^= place
        return found

    def for_good(self, undone: Mapping[int, Iterable[Node]], steps: Iterable[int]) -> bool:
        """Whether a step undoes something (`undone`) that a step after it would have to bring about
        again, and makes that one impossible.
        """
        for place, nodes in undone.items():
            keys = frozenset[str]().union(*(node.reads for node in nodes))
            for other in steps:
                hindered = self.by(place) >> other & 1
                if hindered and not keys.isdisjoint(self._machine.moves[other].g.writes):
                    return True
        return False
