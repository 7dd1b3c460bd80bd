"""Closures that come back: the same differences, the same facts read, so the same unlogged steps.

A closure is kept with what decides it, see `closed`; when the same shape is closed again and that
is the same, its result is taken over. Whether a line breaks a property is kept alike. Sits above
`noting`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from models.plain.layout import State

from .closed import Closed
from .frontier import SHAPES_MAX, Frontier, Shape
from .noting import Notes
from .numbers import Patch, filled
from .promises import Case, Promises
from .steps import Ready

NEAR_MAX = 4
"""Results that are kept of one shape."""
TRIES = 200
WORTH = 0.3
"""Of so many tries this part must have been met; else nothing is noted any more: it costs."""


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
            numbers = closed.fits(frontier)
            if numbers is not None:
                closed.onto(frontier, line, numbers)
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
    written: State
    """What else is written."""
    checks: tuple[tuple[Patch, tuple[Case, ...]], ...]


class Kept:
    """Whether the properties near a line hold after it, in many states at once."""

    def __init__(self, promises: Promises) -> None:
        self.promises = promises

    def holds(self, frontier: Frontier, ready: Ready, changes: State) -> bool:
        """Whether a step that changes this in all possible states breaks no property in any."""
        if not self.promises.near(ready)[0]:
            return True
        base, memo, name = frontier.base, frontier.shape.memo, (ready, "upheld")
        found: Upheld | None = memo.get(name)
        if (
            found is None
            or found.pick(base) != found.facts
            or not found.written.items() <= changes.items()
        ):
            found = self._judged(frontier, ready, changes)
            if found is None:
                return False
            memo[name] = found
            return True
        for own, cases in found.checks:
            before = {**base, **filled(own, frontier.numbers)}
            after = {**before, **changes}
            for case in cases:
                if not case.holds(before, after):
                    return False
        return True

    def _judged(self, frontier: Frontier, ready: Ready, changes: State) -> Upheld | None:
        cases, keys = self.promises.near(ready)
        notes = Notes(frontier)
        for patch, _ in frontier.shape.groups((ready, "near"), keys):
            own = filled(patch, frontier.numbers)
            if notes.broken(cases, own, {**frontier.base, **own}, changes):
                return None
        written = {k: v for k, v in changes.items() if type(v) is not int}
        checks = tuple((check.own, check.cases) for check in notes.checks)
        return Upheld(*notes.facts, written, checks)
