"""A closure that was worked out, to be taken over when it comes back.

Every fact of the common state that decides it is kept with it. Numbers (stamps, the clock: they
differ every time) are known by their place only, see `numbers`: rules and properties that hang on
one are tried again. The result is taken over if they do the same with the numbers of now, and if of
all numbers that stood against each other the same ones are alike. If a property is broken, it is
worked out again too. Sits above `promises`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from models.plain.layout import State, Value
from models.plain.reader import Step

from .frontier import Frontier, Run, Shape
from .numbers import Patch, are_alike, filled
from .promises import Case
from .steps import Ready


class Check(NamedTuple):
    """Properties to be judged again: what is read of a state's own, and of what a step changed."""

    own: Patch
    changes: Patch
    cases: tuple[Case, ...]


class Tried(NamedTuple):
    """A rule to be tried again, for it reads numbers: what it reads of a state's own, and what it
    did there; for each choice of arguments these and the changes, without the numbers.
    """

    own: Patch
    ready: Ready
    did: list[list[Value | None]]
    """By each choice of arguments: these, and what the keys that it writes become, without the
    numbers.
    """

    def again(self, base: State, numbers: list[int]) -> bool:
        """Whether it does the same but for numbers, which are added to those there are."""
        did = self.ready.does({**base, **filled(self.own, numbers)} if self.own else base)
        if len(did) != len(self.did):
            return False
        for (values, changes), said in zip(did, self.did, strict=True):
            now: list[Value | None] = [*values, *changes.values()]
            for i, value in enumerate(now):
                if type(value) is int:
                    numbers.append(value)
                    now[i] = None
            if now != said:
                return False
        return True


class Closed(NamedTuple):
    """A closure: the facts that decide it, and what it came to."""

    pick: Callable[[State], Any]
    facts: Any
    same: tuple[tuple[str, Value, bool], ...]
    """Whether a fact is this value: all that is asked of what a step writes."""
    work: tuple[Tried | str | int, ...]
    """Where further numbers come from: what rules do, facts of the common state, constants."""
    alike: tuple[int, ...]
    """Which of the numbers are the same."""
    checks: tuple[Check, ...]
    came: tuple[tuple[int, Step, Patch], ...]
    """Of each state that was added: the one it came from, by which step, and its arguments if there
    are numbers among them.
    """
    shape: Shape | None
    """None: nothing was added."""
    numbers: tuple[int, ...]
    """Where the numbers of the shape are."""
    agreed: Patch

    def fits(self, frontier: Frontier) -> list[int] | None:
        """The numbers, if it would come out the same from here, and if no property is broken by
        it.
        """
        base = frontier.base
        if self.pick(base) != self.facts:
            return None
        for key, value, same in self.same:
            if (base.get(key) == value) is not same:
                return None
        numbers = list(frontier.numbers)
        for one in self.work:
            if isinstance(one, Tried):
                if not one.again(base, numbers):
                    return None
            else:
                numbers.append(int(base[one]) if isinstance(one, str) else one)
        if not are_alike(numbers, self.alike):
            return None
        return numbers if upheld(self.checks, base, numbers) else None

    def onto(self, frontier: Frontier, line: int, numbers: Sequence[int]) -> None:
        """Take its result over."""
        if self.shape is None:
            return
        runs = frontier.runs
        for parent, step, args in self.came:
            said = Step(step.rule, filled(args, numbers)) if args else step
            runs.append(Run(runs[parent], line, said, False))
        frontier.shape = self.shape
        frontier.numbers = tuple([numbers[i] for i in self.numbers])
        frontier.base.update(filled(self.agreed, numbers))


def upheld(checks: Iterable[Check], base: State, numbers: Sequence[int]) -> bool:
    """Whether these properties hold with the numbers of now."""
    for own, changes, cases in checks:
        before = {**base, **filled(own, numbers)} if own else base
        after = {**before, **filled(changes, numbers)}
        for case in cases:
            if not case.holds(before, after):
                return False
    return True
