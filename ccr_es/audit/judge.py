"""The judge of one event: guards, moves and properties, on the state before and after it.

Always-properties are looked at again only where a key they read has changed; a violation is
reported when it begins, not in every state in which it lasts. Sits above `fold` and `machines`;
must not import the store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from models.language.model import ALWAYS, STEP, Property
from models.language.terms import Sort
from models.plain.compile import reads, step_function
from models.plain.layout import State, Value
from models.plain.reader import FalseGuard, Reader, Step, quantified

from ..state.machines import Machines


@dataclass(frozen=True)
class Fact:
    """A fact that stood against something: a key or argument, its value, and the event that set it
    (None: nobody yet).
    """

    key: str
    value: Value
    set_by: int | None


@dataclass(frozen=True)
class Broken:
    """A property that does not hold after an event: for which arguments, and what it read there."""

    prop: Property
    bindings: tuple[dict[str, str], ...]
    keys: tuple[str, ...]


class Judge:
    """What the rules and properties of one model say of one event after another."""

    def __init__(self, reader: Reader, properties: tuple[Property, ...]) -> None:
        self.reader = reader
        self.machines = Machines(reader)
        self._steps = _Cases(reader, [p for p in properties if p.kind == STEP])
        self._always = _Cases(reader, [p for p in properties if p.kind == ALWAYS])
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
            self._stay(self._steps.join(sort, member), state)
        self.reader.fill(state)

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
        """The properties that do not hold in the state in which this model begins to judge."""
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
        asked = {i for i in near if not self._steps.all[i].prop.at}
        asked |= self._restless
        asked.update(self._steps.at.get(rule, ()))
        cases = [self._steps.all[i] for i in sorted(asked)]
        yield from _said(c for c in cases if not c.holds(before, after))
        self._stay(near, after)

    def _stay(self, near: Iterable[int], state: State) -> None:
        """Note which of these cases a step that changes nothing would break."""
        for i in near:
            case = self._steps.all[i]
            if not case.prop.at:
                (self._restless.discard if case.holds(state, state) else self._restless.add)(i)

    def _look(self, near: Iterable[int], state: State) -> Iterator[Broken]:
        """What these cases say now that they did not say before, a property at a time."""
        new: list[_Case] = []
        for i in near:
            case = self._always.all[i]
            if case.holds(state, state):
                self._broken.discard(i)
            elif i not in self._broken:
                self._broken.add(i)
                new.append(case)
        yield from _said(new)


@dataclass(frozen=True)
class _Case:
    """A property under one binding: what it reads, and whether it holds in a state or step."""

    prop: Property
    binding: dict[str, str]
    keys: frozenset[str]
    holds: Callable[[State, State], bool]


def _said(cases: Iterable[_Case]) -> Iterator[Broken]:
    """These cases do not hold: a property at a time."""
    found: dict[str, list[_Case]] = {}
    for case in cases:
        found.setdefault(case.prop.number, []).append(case)
    for same in found.values():
        keys = frozenset().union(*(c.keys for c in same))
        yield Broken(same[0].prop, tuple(c.binding for c in same), tuple(sorted(keys)))


class _Cases:
    """Properties of one kind under every binding, and which of them read a key."""

    def __init__(self, reader: Reader, properties: list[Property]) -> None:
        self._layout, self.properties = reader.layout, properties
        self.all: list[_Case] = []
        self.at: dict[str, list[int]] = {}
        """The cases of a property that is about certain rules, by rule."""
        self._place: dict[tuple[str, ...], int] = {}
        self._watching: dict[str, set[int]] = {}
        for prop in properties:
            for binding in reader.layout.groundings(prop.params):
                self._watch(prop, binding)

    def _watch(self, prop: Property, binding: dict[str, str]) -> int:
        name = (prop.number, *binding.values())
        i = self._place.setdefault(name, len(self.all))
        keys = frozenset(reads(prop.term, self._layout, binding))
        case = _Case(prop, binding, keys, step_function(prop.term, self._layout, binding))
        if i == len(self.all):
            for rule in prop.at:
                self.at.setdefault(rule, []).append(i)
        self.all[i : i + 1] = [case]
        for key in keys:
            self._watching.setdefault(key, set()).add(i)
        return i

    def join(self, sort: Sort, member: str) -> list[int]:
        """The cases that are new, or new again, with a member of an open sort."""
        found = []
        for prop in self.properties:
            bindings = self._layout.groundings_with(prop.params, sort, member)
            if sort in quantified(prop.term):
                bindings = self._layout.groundings(prop.params)
            found += [self._watch(prop, binding) for binding in bindings]
        return found

    def near(self, keys: Iterable[str]) -> set[int]:
        """The cases that read one of these keys."""
        return {i for key in keys for i in self._watching.get(key, ())}
