"""A graph of what comes about by what: its places need all of those before them, or one.

Imports no z3.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

DEEPEST = 60
"""Layers of a plan."""


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
            self._counts[place] += 1

    def reached(self, begin: Sequence[int], goal: int, weights: Sequence[int]) -> list[int] | None:
        """What each place came about by, the first to do so first, up to the goal."""
        whole, up, move = self.whole, self.up, self.move
        left, via = self._counts.copy(), [-1] * len(whole)
        layers = [list(begin)]
        for here in begin:
            via[here] = here
        for depth in range(DEEPEST):
            if depth == len(layers):
                return None
            for here in layers[depth]:
                for above in up[here]:
                    if via[above] >= 0:
                        continue
                    if whole[above]:
                        left[above] -= 1
                        if left[above]:
                            continue
                    via[above] = here
                    later = depth if move[above] < 0 else depth + weights[move[above]]
                    while len(layers) <= later:
                        layers.append([])
                    layers[later].append(above)
            if via[goal] >= 0:
                return via
        return None
