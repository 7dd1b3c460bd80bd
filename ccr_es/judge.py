"""The judge of one event: guards, moves and properties, on the state before and after it.

Always-properties are looked at again only where a key they read has changed; a violation is
reported when it begins, not in every state in which it lasts. Sits above `fold` and `machines`;
must not import the store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from models.language.model import ALWAYS, STEP, Property
from models.plain.compile import reads, step_function
from models.plain.layout import State, Value
from models.plain.reader import FalseGuard, Reader, Step, quantified

from .machines import Machines


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
        self._steps = [p for p in properties if p.kind == STEP]
        self._always = [p for p in properties if p.kind == ALWAYS]
        self._cases: list[_Case] = []
        self._place: dict[tuple[str, ...], int] = {}
        self._watching: dict[str, set[int]] = {}
        self._broken: set[int] = set()
        self._joined = len(reader.layout.births)
        for prop in self._always:
            for binding in reader.layout.groundings(prop.params):
                self._watch(prop, binding)

    def _watch(self, prop: Property, binding: dict[str, str]) -> None:
        """Look at a property under one binding wherever what it reads changes."""
        layout = self.reader.layout
        name = (prop.number, *binding.values())
        i = self._place.setdefault(name, len(self._cases))
        keys = frozenset(reads(prop.term, layout, binding))
        case = _Case(prop, binding, keys, step_function(prop.term, layout, binding))
        self._cases[i : i + 1] = [case]
        for key in keys:
            self._watching.setdefault(key, set()).add(i)

    def _extend(self, state: State) -> None:
        """Watch for the members of open sorts that joined since."""
        layout = self.reader.layout
        while self._joined < len(layout.births):
            sort, member = layout.births[self._joined]
            self._joined += 1
            for prop in self._always:
                found = layout.groundings_with(prop.params, sort, member)
                if sort in quantified(prop.term):
                    found = layout.groundings(prop.params)
                for binding in found:
                    self._watch(prop, binding)
        self.reader.fill(state)

    @property
    def promised(self) -> list[Property]:
        """Every property that is judged."""
        return [*self._always, *self._steps]

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
        yield from self._look(range(len(self._cases)), state)

    def properties(
        self, rule: str, before: State, changed: Iterable[str], after: State
    ) -> Iterator[Broken]:
        """The properties that this event broke."""
        for prop in self._steps:
            if not prop.at or rule in prop.at:
                false = self.reader.holds(prop, before, after)
                if false:
                    keys = {k for b in false for k in reads(prop.term, self.reader.layout, b)}
                    yield Broken(prop, tuple(false), tuple(sorted(keys)))
        if self._joined != len(self.reader.layout.births):
            self._extend(after)
        near = {i for key in changed for i in self._watching.get(key, ())}
        yield from self._look(sorted(near), after)

    def _look(self, near: Iterable[int], state: State) -> Iterator[Broken]:
        """What these cases say now that they did not say before, a property at a time."""
        new: dict[str, list[_Case]] = {}
        for i in near:
            case = self._cases[i]
            if case.holds(state, state):
                self._broken.discard(i)
            elif i not in self._broken:
                self._broken.add(i)
                new.setdefault(case.prop.number, []).append(case)
        for cases in new.values():
            keys = frozenset().union(*(c.keys for c in cases))
            yield Broken(cases[0].prop, tuple(c.binding for c in cases), tuple(sorted(keys)))


@dataclass(frozen=True)
class _Case:
    """An always-property under one binding: what it reads, and whether it holds in a state."""

    prop: Property
    binding: dict[str, str]
    keys: frozenset[str]
    holds: Callable[[State, State], bool]
