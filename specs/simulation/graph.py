"""A graph of what comes about by what: its places need all of those before them, or one.

Imports no z3.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

DEEPEST = 60
"""Layers of a plan."""


class Reached:
    """What each place came about by; -1 if it did not. `layers` are the places in their order."""

    def __init__(self, via: list[int], layers: list[list[int]]) -> None:
        self.via, self._layers = via, layers

    @cached_property
    def when(self) -> dict[int, int]:
        """In which layer each place came about."""
        return {place: depth for depth, layer in enumerate(self._layers) for place in layer}


class Graph:
    """Places that each come about once all of those before them have, or once one has."""

    def __init__(self) -> None:
        self.whole: list[bool] = []
        """Whether all of those before a place are needed."""
        self.down: list[list[int]] = []
        self.up: list[list[int]] = []
        self.move: list[int] = []
        """The step that is taken at a place; -1 if none is."""
        self._counts: list[int] = []
        """How many of those before a place are needed."""

    def place(self, whole: bool, before: Iterable[int] = (), move: int = -1) -> int:
        """A new place."""
        made = len(self.whole)
        self.whole.append(whole)
        self.down.append([])
        self.up.append([])
        self._counts.append(0)
        self.move.append(move)
        for one in before:
            self.under(made, one)
        return made

    def under(self, place: int, before: int) -> None:
        """One more that is needed at a place, or one more way to it."""
        if before not in self.down[place]:
            self.down[place].append(before)
            self.up[before].append(place)
            self._counts[place] += self.whole[place] or not self._counts[place]

    def reached(self, begin: Sequence[int], weights: Sequence[int]) -> Reached:
        """What each place came about by, the first to do so, if each step takes so many layers."""
        up, move = self.up, self.move
        left, via = self._counts.copy(), [-1] * len(move)
        layers: list[list[int]] = [[] for _ in range(DEEPEST + max(weights, default=0))]
        layers[0] += begin
        for here in begin:
            via[here] = here
        for depth in range(DEEPEST):
            layer = layers[depth]
            for here in layer:
                for above in up[here]:
                    if via[above] >= 0:
                        continue
                    if left[above] > 1:
                        left[above] -= 1
                        continue
                    via[above] = here
                    step = move[above]
                    (layer if step < 0 else layers[depth + weights[step]]).append(above)
        return Reached(via, layers)
