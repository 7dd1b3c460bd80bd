"""The judge of one event: guards, moves and properties, on the state before and after it.

Always-properties are looked at again only where a key they read has changed; a violation is
reported when it begins, not in every state in which it lasts. Sits above `fold` and `machines`;
must not import the store.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from models.language.model import ALWAYS, STEP, Property
from models.plain.compile import reads
from models.plain.layout import State, Value
from models.plain.reader import FalseGuard, Reader, Step

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
        self._watching: dict[str, list[Property]] = {}
        for prop in self._always:
            keys = set()
            for binding in reader.layout.groundings(prop.params):
                keys |= reads(prop.term, reader.layout, binding)
            for key in keys:
                self._watching.setdefault(key, []).append(prop)
        self._broken: dict[str, list[dict[str, str]]] = {}

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
        yield from self._look(self._always, state)

    def properties(
        self, rule: str, before: State, changed: Iterable[str], after: State
    ) -> Iterator[Broken]:
        """The properties that this event broke."""
        for prop in self._steps:
            if not prop.at or rule in prop.at:
                false = self.reader.holds(prop, before, after)
                if false:
                    yield self._found(prop, false)
        near = {p.number: p for key in changed for p in self._watching.get(key, ())}
        yield from self._look(near.values(), after)

    def _look(self, properties: Iterable[Property], state: State) -> Iterator[Broken]:
        for prop in properties:
            false = self.reader.holds(prop, state)
            was = self._broken.pop(prop.number, [])
            if false:
                self._broken[prop.number] = false
            new = [binding for binding in false if binding not in was]
            if new:
                yield self._found(prop, new)

    def _found(self, prop: Property, false: list[dict[str, str]]) -> Broken:
        layout = self.reader.layout
        keys = {key for binding in false for key in reads(prop.term, layout, binding)}
        return Broken(prop, tuple(false), tuple(sorted(keys)))
