"""The frontier: every state that the record still allows, as one state and what differs from it.

What all states agree on is kept once (`base`); each has only the keys in which it differs (`own`).
An event that reads and writes nothing on which they differ is judged once for all of them. Each
state has the run that leads to it: the steps that were chosen or not logged. Pure data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from models.plain.layout import State, Value
from models.plain.reader import Step

Own = dict[str, Value]


class Run(NamedTuple):
    """A step that the record does not show, before a line of it, and those before that one."""

    before: Run | None
    line: int
    step: Step
    logged: bool
    """The line is there, but its arguments had to be chosen."""


class Way(NamedTuple):
    """A possible state on the way: what is its own, and the run that led to it."""

    own: Own
    run: Run | None


class Frontier:
    """The states still possible."""

    def __init__(self, state: State) -> None:
        self.base: State = state
        self.ways: list[Way] = [Way({}, None)]
        self.open: frozenset[str] = frozenset()
        """The keys in which the states differ."""

    def __len__(self) -> int:
        return len(self.ways)

    def full(self, way: Way) -> State:
        """One state as a whole, to be read only."""
        return {**self.base, **way.own} if way.own else self.base

    def onward(self, way: Way, changes: Mapping[str, Value]) -> Own:
        """What is a state's own after changes."""
        base, own = self.base, dict(way.own)
        for key, value in changes.items():
            if base.get(key) == value:
                own.pop(key, None)
            else:
                own[key] = value
        return own

    def shared(self, changes: Mapping[str, Value]) -> None:
        """Apply changes that are the same in every state."""
        self.base.update(changes)
        if self.open and not self.open.isdisjoint(changes):
            for way in self.ways:
                for key in changes:
                    way.own.pop(key, None)
            self.settle(self.ways)

    def settle(self, ways: Iterable[Way]) -> None:
        """Go on with these states: each once, and what they agree on in the base."""
        found: dict[Any, Way] = {}
        for way in ways:
            found.setdefault(frozenset(way.own.items()), way)
        self.ways = list(found.values())
        base, differ = self.base, set[str]()
        for key in set().union(*(way.own for way in self.ways)):
            values = {way.own.get(key, base.get(key)) for way in self.ways}
            if len(values) > 1:
                differ.add(key)
                continue
            (value,) = values
            assert value is not None
            base[key] = value
            for way in self.ways:
                way.own.pop(key, None)
        if differ != self.open:
            self.open = frozenset(differ)

    def values(self, key: str) -> list[Value | None]:
        """The values that a key has, state by state."""
        return [way.own.get(key, self.base.get(key)) for way in self.ways]
