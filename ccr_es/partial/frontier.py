"""The frontier: every state that the record still allows, as one state and what differs from it.

What all states agree on is kept once (`base`); each has only the keys in which it differs (`own`).
An event that reads and writes nothing on which they differ is judged once for all of them. Each
state has the run that leads to it: the steps that were chosen or not logged.

The same differences come back line after line (B may be up or down, whatever the time is), so they
are kept as a `Shape`, once, with what was found out about them. A shape says where numbers stand in
it, see `numbers`; which they are, the frontier says. Pure data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from models.plain.layout import State, Value
from models.plain.reader import Step

from .numbers import Patch, Slot, apart, filled, held, slot

Own = dict[str, Value]
SHAPES_MAX = 4_096
"""Shapes that are remembered: a record in which none comes back must not fill the memory."""


class Run(NamedTuple):
    """A step that the record does not show, before a line of it, and those before that one."""

    before: Run | None
    line: int
    step: Step
    logged: bool
    """The line is there, but its arguments, or its place, had to be chosen."""
    of: str = ""
    """The part whose line it is, if there are several."""


class Way(NamedTuple):
    """A possible state on the way: what is its own, and the run that led to it."""

    own: Own
    """Read only: it may be shared."""
    run: Run | None


class Group(NamedTuple):
    """States that agree on some keys: what differs there from the base, and which they are."""

    patch: Patch
    members: tuple[int, ...]


class Left(NamedTuple):
    """What is left of a shape if only some states are: the shape, where its numbers were, and what
    these states agree on.
    """

    shape: Shape
    numbers: tuple[int, ...]
    alike: Patch


class Shape:
    """How the possible states differ: their own keys, in order. Never changed."""

    def __init__(self, owns: tuple[Patch, ...]) -> None:
        self.owns = owns
        self.open: frozenset[str] = frozenset(k for own in owns for k in own)
        """The keys in which the states differ."""
        self.kept: dict[tuple[int, ...], Left] = {}
        """What is left of it if only these states are."""
        self.memo: dict[object, Any] = {}
        """What was found out about it, under any name."""

    def groups(self, name: object, reads: Iterable[str]) -> list[Group]:
        """The states by what is read; `name` stands for these reads."""
        found: list[Group] | None = self.memo.get(name)
        if found is None:
            keys = [k for k in reads if k in self.open]
            by: dict[tuple[object, ...], list[int]] = {}
            for i, own in enumerate(self.owns):
                by.setdefault(tuple([own.get(k) for k in keys]), []).append(i)
            found = self.memo[name] = [
                Group(held({k: self.owns[m[0]][k] for k in keys if k in self.owns[m[0]]}), tuple(m))
                for m in by.values()
            ]
        return found


def agreed(owns: Sequence[Patch]) -> Patch:
    """What all of these say alike."""
    first, *others = owns
    return held({k: v for k, v in first.items() if all(o.get(k) == v for o in others)})


class Frontier:
    """The states still possible."""

    def __init__(self, state: State) -> None:
        self.base: State = state
        self._shapes: dict[tuple[frozenset[tuple[str, Value | Slot]], ...], Shape] = {}
        self.runs: list[Run | None] = [None]
        self.numbers: tuple[int, ...] = ()
        """The numbers of the shape's slots, each another one."""
        self.shape = self.shaped(({},))

    def __len__(self) -> int:
        return len(self.runs)

    @property
    def open(self) -> frozenset[str]:
        """The keys in which the states differ."""
        return self.shape.open

    @property
    def ways(self) -> list[Way]:
        """The states one by one."""
        return list(map(Way, self.owns, self.runs))

    @property
    def owns(self) -> list[Own]:
        """What is each state's own."""
        return [filled(own, self.numbers) for own in self.shape.owns]

    def shaped(self, owns: tuple[Patch, ...]) -> Shape:
        """The shape of these differences, the same one whenever they come back."""
        name = tuple([frozenset(own.items()) for own in owns])
        found = self._shapes.get(name)
        if found is None:
            if len(self._shapes) >= SHAPES_MAX:
                self._shapes.clear()
            found = self._shapes[name] = Shape(owns)
        return found

    def full(self, way: Way) -> State:
        """One state as a whole, to be read only."""
        return {**self.base, **way.own} if way.own else self.base

    def enter(self, patch: Patch) -> State:
        """Make the base as it is in some of the states; what is returned puts it back."""
        base = self.base
        saved = {k: base[k] for k in patch}
        base.update(filled(patch, self.numbers))
        return saved

    def onward(self, own: Own, changes: Mapping[str, Value]) -> Own:
        """What is a state's own after changes."""
        base, own = self.base, dict(own)
        for key, value in changes.items():
            if base.get(key) == value:
                own.pop(key, None)
            else:
                own[key] = value
        return own

    def shared(self, changes: Mapping[str, Value]) -> None:
        """Apply changes that are the same in every state."""
        self.base.update(changes)
        if not self.shape.open.isdisjoint(changes):
            left = [{k: v for k, v in o.items() if k not in changes} for o in self.owns]
            self.settle(map(Way, left, self.runs))

    def put(self, ways: Iterable[Way]) -> None:
        """Go on with these states, the base as it is."""
        found = list(ways)
        places: dict[int, int] = {}
        self.shape = self.shaped(tuple([apart(w.own, places) for w in found]))
        self.numbers = tuple(places)
        self.runs = [w.run for w in found]

    def keep(self, members: Sequence[int]) -> None:
        """Go on with these of the states only; of settled states only."""
        name = tuple(members)
        left = self.shape.kept.get(name)
        if left is None:
            left = self.shape.kept[name] = self._left(name)
        self.base.update(filled(left.alike, self.numbers))
        self.numbers = tuple([self.numbers[i] for i in left.numbers])
        self.shape = left.shape
        self.runs = [self.runs[i] for i in name]

    def _left(self, members: tuple[int, ...]) -> Left:
        owns = [self.shape.owns[i] for i in members]
        alike = agreed(owns)
        places: dict[int, int] = {}
        left: list[Patch] = []
        for own in owns:
            mine = {k: v for k, v in own.items() if k not in alike}
            for key, value in mine.items():
                if isinstance(value, Slot):
                    mine[key] = slot(places.setdefault(value.at, len(places)))
            left.append(held(mine))
        return Left(self.shaped(tuple(left)), tuple(places), alike)

    def settle(self, ways: Iterable[Way]) -> State:
        """Go on with these states: each once, and what they agree on, which is returned, in the
        base.
        """
        found: dict[Any, Way] = {}
        for way in ways:
            found.setdefault(frozenset(way.own.items()), way)
        base = self.base
        alike: State = {}
        for key in set().union(*(way.own for way in found.values())):
            values = {way.own.get(key, base.get(key)) for way in found.values()}
            if len(values) == 1:
                (value,) = values
                assert value is not None
                alike[key] = value
        base.update(alike)
        self.put(
            Way({k: v for k, v in w.own.items() if k not in alike} if alike else w.own, w.run)
            for w in found.values()
        )
        return alike

    def values(self, key: str) -> list[Value | None]:
        """The values that a key has, state by state."""
        return [own.get(key, self.base.get(key)) for own in self.owns]
