"""Closures that come back: the same differences, the same facts read, so the same unlogged steps.

While a closure is worked out, every fact of the common state that decides it is noted. When the
same shape is closed again and these facts are the same, its result is taken over. Properties that
read numbers (stamps, the clock: they differ every time) are judged again, whatever is taken over;
if one is broken, the closure is worked out again too. Sits above `promises`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar

from models.language.model import STEP
from models.plain.layout import State, Value
from models.plain.reader import Step

from .frontier import SHAPES_MAX, Frontier, Own, Run, Shape
from .promises import Case, Promises
from .steps import Done, Ready

NEAR_MAX = 4
"""Results that are kept of one shape."""
TRIES = 200
WORTH = 0.3
"""Of so many tries this part must have been met; else nothing is noted any more: it costs."""


class Check(NamedTuple):
    """Properties to be judged again: what is a state's own, what a step changed there."""

    own: Own
    changes: Mapping[str, Value]
    cases: tuple[Case, ...]


class Tried(NamedTuple):
    """A rule to be tried again, for it reads numbers: what is a state's own, what it did there."""

    own: Own
    ready: Ready
    did: list[Done]


_Owned = TypeVar("_Owned", Check, Tried)


class Closed(NamedTuple):
    """A closure: the facts that decide it, and what it came to."""

    pick: Callable[[State], Any]
    facts: Any
    same: tuple[tuple[str, Value, bool], ...]
    """Whether a fact is this value: all that is asked of what a step writes."""
    tried: tuple[tuple[Own, tuple[Tried, ...]], ...]
    """By what is a state's own."""
    checks: tuple[tuple[Own, tuple[Check, ...]], ...]
    came: tuple[tuple[int, Step], ...]
    """Of each state that was added: the one it came from, and by which step."""
    shape: Shape | None
    """None: nothing was added."""
    alike: State

    def fits(self, base: State) -> bool:
        """Whether it would come out the same from here, and no property is broken by it."""
        if self.pick(base) != self.facts:
            return False
        if any((base.get(key) == value) is not same for key, value, same in self.same):
            return False
        for own, tried in self.tried:
            here = {**base, **own} if own else base
            for _, ready, did in tried:
                if ready.does(here) != did:
                    return False
        for own, checks in self.checks:
            before = {**base, **own} if own else base
            for _, changes, cases in checks:
                after = {**before, **changes}
                for case in cases:
                    if not case.holds(before, after):
                        return False
        return True

    def onto(self, frontier: Frontier, line: int) -> None:
        """Take its result over."""
        if self.shape is None:
            return
        runs = frontier.runs
        for parent, step in self.came:
            runs.append(Run(runs[parent], line, step, False))
        frontier.shape = self.shape
        frontier.base.update(self.alike)


class Noted(dict[str, Value]):
    """A state that notes what is read of it."""

    def __init__(self, state: State, seen: set[str]) -> None:
        super().__init__(state)
        self.seen = seen

    def __getitem__(self, key: str) -> Value:
        """The value, noted."""
        self.seen.add(key)
        return super().__getitem__(key)


class Notes:
    """What decides a closure that is being worked out."""

    def __init__(self, base: State) -> None:
        self.base = base
        self.usable = True
        self.came: list[tuple[int, Step]] = []
        self._read: set[str] = set()
        self._same: dict[tuple[str, Value], bool] = {}
        self._tried: list[Tried] = []
        self._checks: list[Check] = []

    def reading(self, state: State) -> tuple[State, set[str]]:
        """A state whose reads are noted, and the set they go to."""
        seen: set[str] = set()
        return Noted(state, seen), seen

    def fired(self, tried: Tried, seen: set[str]) -> None:
        """What a step does in a state, and what was read to find out."""
        reads = seen.difference(tried.own)
        if any(type(self.base[key]) is int for key in reads):
            self._tried.append(tried)
        else:
            self._read |= reads
        if tried.ready.free:
            self.usable = False

    def broken(
        self, cases: Iterable[Case], own: Own, state: State, changes: Mapping[str, Value]
    ) -> list[Case]:
        """The properties that a step breaks; those that read a number are to be judged again."""
        found, again = [], []
        before, seen = self.reading(state)
        for case in cases:
            seen.clear()
            after = Noted({**state, **changes}, seen)
            if not case.holds(before, after):
                found.append(case)
                self.usable = False
            # A step property reads a changed key of the state before too.
            reads = seen - own.keys()
            if any(type(changes.get(key, self.base[key])) is int for key in reads):
                again.append(case)
            else:
                self._read |= reads if case.prop.kind == STEP else reads - changes.keys()
        if again:
            self._checks.append(Check(own, changes, tuple(again)))
        return found

    def onward(self, changes: Mapping[str, Value]) -> None:
        """A step's changes were compared with the common state."""
        for key, value in changes.items():
            self._same[key, value] = self.base.get(key) == value

    def closed(self, shape: Shape | None, alike: State) -> Closed:
        """The closure as it is kept."""
        keys = sorted(self._read)
        pick: Callable[[State], Any] = itemgetter(*keys) if keys else _nothing
        facts = pick(self.base)
        same = tuple((k, v, s) for (k, v), s in self._same.items() if k not in self._read)
        checks, tried = _by_own(self._checks), _by_own(self._tried)
        return Closed(pick, facts, same, tried, checks, tuple(self.came), shape, alike)


class Known:
    """The closures that were worked out, by shape."""

    def __init__(self) -> None:
        self._of: dict[Shape, list[Closed]] = {}
        self._tries = self._met = 0

    @property
    def worth(self) -> bool:
        """Whether enough of them come back to go on noting."""
        return self._tries < TRIES or self._met >= WORTH * self._tries

    def take(self, frontier: Frontier, line: int) -> bool:
        """Take over a closure that fits; whether there was one."""
        if not self.worth:
            return False
        self._tries += 1
        for closed in self._of.get(frontier.shape, ()):
            if closed.fits(frontier.base):
                closed.onto(frontier, line)
                self._met += 1
                return True
        return False

    def keep(self, shape: Shape, closed: Closed) -> None:
        """Remember a closure of a shape."""
        if len(self._of) >= SHAPES_MAX:
            self._of.clear()
        self._of[shape] = [closed, *self._of.get(shape, [])[: NEAR_MAX - 1]]

    def forget(self) -> None:
        """Forget them all: there are other rules to close under."""
        self._of.clear()


class Upheld(NamedTuple):
    """That a line breaks no property, whatever the numbers are; `checks` is what hangs on them."""

    pick: Callable[[State], Any]
    facts: Any
    written: tuple[tuple[str, Value], ...]
    checks: tuple[tuple[Own, tuple[Case, ...]], ...]


class Kept:
    """Whether the properties near a line hold after it, in many states at once."""

    def __init__(self, promises: Promises) -> None:
        self.promises = promises

    def holds(self, frontier: Frontier, ready: Ready, changes: State) -> bool:
        """Whether a step that changes this in all possible states breaks no property in any."""
        base, memo, name = frontier.base, frontier.shape.memo, (ready, "upheld")
        found: Upheld | None = memo.get(name)
        if (
            found is None
            or found.pick(base) != found.facts
            or any(changes[k] != v for k, v in found.written)
        ):
            found = self._judged(frontier, ready, changes)
            if found is None:
                return False
            memo[name] = found
            return True
        for own, cases in found.checks:
            before = {**base, **own}
            after = {**before, **changes}
            if not all(case.holds(before, after) for case in cases):
                return False
        return True

    def _judged(self, frontier: Frontier, ready: Ready, changes: State) -> Upheld | None:
        cases, keys = self.promises.near(ready)
        notes = Notes(frontier.base)
        for patch, _ in frontier.shape.groups((ready, "near"), keys):
            if notes.broken(cases, patch, {**frontier.base, **patch}, changes):
                return None
        closed = notes.closed(None, {})
        written = tuple((k, v) for k, v in changes.items() if type(v) is not int)
        checks = tuple((c.own, c.cases) for _, same in closed.checks for c in same)
        return Upheld(closed.pick, closed.facts, written, checks)


def _by_own(found: Iterable[_Owned]) -> tuple[tuple[Own, tuple[_Owned, ...]], ...]:
    """These by what is a state's own."""
    by: dict[frozenset[tuple[str, Value]], list[_Owned]] = {}
    for one in found:
        by.setdefault(frozenset(one.own.items()), []).append(one)
    return tuple((same[0].own, tuple(same)) for same in by.values())


def _nothing(_state: State) -> Any:
    return ()
