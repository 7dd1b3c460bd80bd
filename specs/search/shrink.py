"""Smaller runs: what can be left out of a run that shows something, on plain values.

Shortest first, then fewest faults, then smallest numbers. A step that is refused once another was
left out is left out too, and arguments that a guard binds are read again. No step can be left out
of the result; a run that is shorter but quite different is not searched for here.

Sits above `runs`; imports no z3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from models.language.model import STEP, Model, Property
from models.plain.compile import function, source
from models.plain.layout import State, Value
from models.plain.reader import Reader, Step

from ..runs import Run, faults, reader_for, shown_at

Shows = Callable[[State, State, Step], bool]
"""Whether the step from the first state to the second shows what is wanted."""


def shows_property(reader: Reader, prop: Property) -> Shows:
    """Steps that break `prop`, or show it if it is a `sometimes`."""

    def shows(old: State, new: State, step: Step) -> bool:
        return bool(shown_at(reader, prop, old, new, step.rule))

    return shows


class Shrinker:
    """Makes runs of one model smaller while they still show something."""

    def __init__(self, model: Model, run: Run, shows: Shows, reader: Reader | None = None) -> None:
        self.model, self.run = model, run
        self.reader = reader or reader_for(model, run)
        self.shows = shows
        self._bound: dict[str, Any] = {}

    def smallest(self) -> Run:
        """The run with everything left out that can be."""
        best = self._replay(self.run.steps)
        if best is None:
            return self.run
        while True:
            shorter = self._first(best, self._cuts(best)) or self._first(best, self._pairs(best))
            if shorter is None:
                return replace(self.run, steps=self._lowered(best))
            best = shorter

    def _first(
        self, best: Sequence[Step], candidates: Iterator[tuple[Step, ...]]
    ) -> tuple[Step, ...] | None:
        """The first candidate that still shows it and costs less."""
        cost = self._cost(best)
        for candidate in candidates:
            found = self._replay(candidate)
            if found is not None and self._cost(found) < cost:
                return found
        return None

    def _cost(self, steps: Sequence[Step]) -> tuple[int, int]:
        return len(steps), faults(self.model, steps)

    def _cuts(self, steps: tuple[Step, ...]) -> Iterator[tuple[Step, ...]]:
        """Ever smaller pieces left out."""
        size = max(1, len(steps) // 2)
        while size:
            for start in range(0, len(steps), size):
                yield steps[:start] + steps[start + size :]
            size //= 2

    def _pairs(self, steps: tuple[Step, ...]) -> Iterator[tuple[Step, ...]]:
        """A step joined to another of its rule; two steps left out that undo each other."""
        places = [i for i, s in enumerate(steps) if self._free(s)]
        for i in places:
            for j in places:
                if i != j and steps[i].rule == steps[j].rule:
                    both = {n: _sum(v, steps[j].args[n]) for n, v in steps[i].args.items()}
                    kept = (*steps[:i], Step(steps[i].rule, both), *steps[i + 1 :])
                    yield kept[:j] + kept[j + 1 :]
        for i in range(len(steps)):
            for j in range(i + 1, len(steps)):
                yield steps[:i] + steps[i + 1 : j] + steps[j + 1 :]

    def _lowered(self, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        """Each number as small as bisection finds, one after the other."""
        for i, step in enumerate(steps):
            for name in self._free(step):
                high = step.args[name]
                assert isinstance(high, int)
                low = 0
                while low < high:
                    middle = (low + high) // 2
                    lower = Step(step.rule, {**steps[i].args, name: middle})
                    found = self._replay((*steps[:i], lower, *steps[i + 1 :]))
                    if found is not None and len(found) == len(steps):
                        steps, high = found, middle
                    else:
                        low = middle + 1
        return steps

    def _free(self, step: Step) -> list[str]:
        rule = self.model.rules[step.rule]
        return [n for n, s in rule.valued if s.kind == "int" and n not in rule.bindings]

    def _replay(self, steps: Sequence[Step]) -> tuple[Step, ...] | None:
        """The steps that are not refused, up to the first that shows it; None if none does."""
        state = self.reader.initial()
        taken: list[Step] = []
        for wanted in steps:
            step = self._rebound(state, wanted)
            if self.reader.check(state, step) is not None:
                continue
            new = self.reader.evolve(state, step)
            taken.append(step)
            if self.shows(state, new, step):
                return tuple(taken)
            state = new
        return None

    def _rebound(self, state: State, step: Step) -> Step:
        rule = self.model.rules[step.rule]
        if not rule.bindings:
            return step
        g = self.reader.grounded(step.rule, step.args)
        key = f"{step.rule} {g.binding}"
        if key not in self._bound:
            self._bound[key] = {
                n: function(source(t, self.reader.layout, g.binding), ())
                for n, t in rule.bindings.items()
            }
        values: dict[str, Value] = {n: f(state) for n, f in self._bound[key].items()}
        return Step(step.rule, {**step.args, **values})


def _sum(a: Value, b: Value) -> Value:
    return a + b if type(a) is int and type(b) is int else a


def shrink(model: Model, run: Run, prop: Property) -> Run:
    """The smallest run, found by leaving out steps of `run`, that shows what `prop` is about."""
    if not run.steps and prop.kind != STEP:
        return run
    reader = reader_for(model, run)
    return Shrinker(model, run, shows_property(reader, prop), reader).smallest()
