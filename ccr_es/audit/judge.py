"""The judge of one event: guards, moves and properties, on the state before and after it.

Always-properties are looked at again only where a key they read has changed; a violation is
reported when it begins, not in every state in which it lasts. Sits above `cases` and
`machines`; must not import the store.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from models.language.model import ALWAYS, STEP, Property
from models.plain.changing import Changing
from models.plain.layout import State, Value
from models.plain.nodes import Nodes
from models.plain.reader import FalseGuard, Reader, Step
from models.plain.writing import Writing

from ..state.machines import Machines
from .cases import Broken, Case, Cases, Sight, Sleeper, said

__all__ = ["Broken", "Fact", "Judge"]


@dataclass(frozen=True)
class Fact:
    """A fact that stood against something: a key or argument, its value, and the event that set it
    (None: nobody yet).
    """

    key: str
    value: Value
    set_by: int | None


class Judge:
    """What the rules and properties of one model say of one event after another."""

    def __init__(self, reader: Reader, properties: tuple[Property, ...]) -> None:
        self.reader = reader
        self.machines = Machines(reader)
        self.writing = writing = Writing(Nodes(reader.layout))
        changing = Changing(writing.nodes, surely=True)
        self._steps = Cases(writing, changing, [p for p in properties if p.kind == STEP])
        self._always = Cases(writing, changing, [p for p in properties if p.kind == ALWAYS])
        self._broken: set[int] = set()
        self._restless: set[int] = set()
        """The step cases that an event breaks which changes nothing they read."""
        self._joined = len(reader.layout.births)

    def _extend(self, state: State) -> None:
        """Watch for the members of open sorts that joined since."""
        layout = self.reader.layout
        while self._joined < len(layout.births):
            sort, member = layout.births[self._joined]
            self._joined += 1
            self._always.join(sort, member)
            joined = self._steps.join(sort, member)
            self._restless.difference_update(joined)
            self._stay(joined, state)
        self.reader.fill(state)

    def sight(self, rule: str, keys: tuple[str, ...]) -> Sight:
        """What events of `rule` that change these keys are held against."""
        return Sight(self._always, self._steps, rule, keys)

    @property
    def crowded(self) -> bool:
        """Whether there are sleepers."""
        return self._always.crowded or self._steps.crowded

    def rouse(self, key: str) -> None:
        """A key changed by no event."""
        self._always.rouse(key)
        self._steps.rouse(key)

    def wakes(self, rule: str, keys: Iterable[str]) -> bool:
        """Whether an event of `rule` that changes these keys is to be held against sleepers."""
        always, steps = self._always.waking, self._steps.waking
        return bool(self._steps.awake.get(rule)) or any(k in always or k in steps for k in keys)

    def woken(self, rule: str, before: State, keys: tuple[str, ...], after: State) -> bool:
        """Whether the sleepers that an event wakes hold, in a step after it that changes nothing
        too. If so, they sleep again; if not, nothing is changed.
        """
        always, near = self._always.woken(keys), self._steps.woken(keys)
        if not self._broken.isdisjoint(always):
            return False
        asked = [self._steps.all[i] for i in self._asked(rule, near)]
        if not all(c.holds(before, after) for c in asked):
            return False
        found = []
        for cases, places in (self._always, always), (self._steps, near):
            for i in places:
                case = cases.all[i]
                assert isinstance(case, Sleeper)
                why = case.why(after)
                if why is None and not case.prop.at:
                    return False
                found.append((cases, i, why))
        for cases, i, why in found:
            cases.settle(i, why)
        return True

    @property
    def restless(self) -> bool:
        """Whether some step property would be broken by a step that changes nothing."""
        return bool(self._restless)

    @property
    def broken(self) -> frozenset[int]:
        """The cases, as a sight numbers them, that do not hold in the present state."""
        return frozenset(self._broken)

    @property
    def promised(self) -> list[Property]:
        """Every property that is judged."""
        return [*self._always.properties, *self._steps.properties]

    def guards(self, state: State, step: Step) -> tuple[FalseGuard, ...]:
        """The guards that were false when the step was taken."""
        refusal = self.reader.check(state, step)
        return refusal.guards if refusal is not None else ()

    def moves(self, state: State, step: Step) -> list[str]:
        """The moves of the step that are no arrows of the state machines, in words."""
        return [
            f"{key} does not go from {state[key] or 'nobody'} by {trigger}"
            for machine, key, trigger in self.machines.needs(step)
            if not machine.may(str(state[key]) or "nobody", trigger)
        ]

    def begin(self, state: State) -> Iterator[Broken]:
        """The properties that do not hold in a state from which this model judges on."""
        self._broken.clear()
        self._extend(state)
        self._stay(range(len(self._steps.all)), state)
        yield from self._look(range(len(self._always.all)), state)

    def properties(
        self, rule: str, before: State, changed: Iterable[str], after: State
    ) -> Iterator[Broken]:
        """The properties that this event broke."""
        if self._joined != len(self.reader.layout.births):
            self.reader.fill(before)
            self._extend(after)
        keys = list(changed)
        yield from self._stepped(rule, before, keys, after)
        yield from self._look(sorted(self._always.near(keys)), after)

    def _stepped(self, rule: str, before: State, keys: list[str], after: State) -> Iterator[Broken]:
        """The step properties: those named for this rule, and of the others those that read what
        changed, or would not stand a step that changes nothing either.
        """
        near = self._steps.near(keys)
        asked = self._asked(rule, near) | self._restless
        asked.update(self._steps.at.get(rule, ()))
        cases = [self._steps.all[i] for i in sorted(asked)]
        yield from said(c for c in cases if not c.holds(before, after))
        self._stay(near, after)

    def _asked(self, rule: str, near: Iterable[int]) -> set[int]:
        """Of the step cases near the keys that changed, those that are asked of events of a rule;
        and the sleepers that are awake for it.
        """
        steps = self._steps
        at = {i: steps.all[i].prop.at for i in near}
        return {i for i in at if not at[i] or rule in at[i]} | steps.awake.get(rule, set())

    def _stay(self, near: Iterable[int], state: State) -> None:
        """Note which of these cases a step that changes nothing would break."""
        for i in near:
            case = self._steps.all[i]
            if isinstance(case, Sleeper):
                why = case.why(state)
                self._steps.settle(i, why)
                well = why is not None or not case.restive
            else:
                well = not case.restive or case.holds(state, state)
            (self._restless.discard if well else self._restless.add)(i)

    def _look(self, near: Iterable[int], state: State) -> Iterator[Broken]:
        """What these cases say now that they did not say before, a property at a time."""
        new: list[Case | Sleeper] = []
        for i in near:
            case = self._always.all[i]
            if isinstance(case, Sleeper):
                why = case.why(state)
                self._always.settle(i, why)
                well = why is not None
            else:
                well = case.holds(state, state)
            if well:
                self._broken.discard(i)
            elif i not in self._broken:
                self._broken.add(i)
                new.append(case)
        yield from said(new)
