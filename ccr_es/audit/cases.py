"""The cases of a judge: each property under each binding, what it reads, and which of them an event
must be held against.

A `Sight` is the cases that matter to events of one rule that change the same keys, in time as one
compiled function. It only says that all is well; which case fails, and in which words, is for the
judge. Sits above the plain reader; must not import the store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from models.language.model import Property
from models.language.terms import Sort
from models.plain.agenda import CLOCK
from models.plain.compile import reads
from models.plain.folding import After, in_state, of_step, still
from models.plain.layout import State
from models.plain.nodes import Node
from models.plain.reader import quantified
from models.plain.writing import Writing


@dataclass(frozen=True)
class Broken:
    """A property that does not hold after an event: for which arguments, and what it read there."""

    prop: Property
    bindings: tuple[dict[str, str], ...]
    keys: tuple[str, ...]

    @property
    def text(self) -> str:
        """`P01 (a=A) does not hold: ...`."""
        shown = (", ".join(f"{n}={m}" for n, m in b.items()) for b in self.bindings if b)
        of = "".join(f" ({x})" for x in shown)
        return f"{self.prop.label}{of} does not hold: {self.prop.sentence}"


class Case:
    """A property under one binding, as a node: whether it holds in a state or step.

    `restive`: a step that changes nothing may break it.
    """

    def __init__(self, prop: Property, binding: dict[str, str], writing: Writing) -> None:
        self.prop, self.binding, self._writing = prop, binding, writing
        nodes = writing.nodes
        self.node = nodes.of(prop.term, binding)
        rest = of_step(nodes, self.node, frozenset(), nodes.now)
        self.restive = not prop.at and rest is not nodes.true

    @property
    def reads(self) -> frozenset[str]:
        """The keys on which it depends."""
        return self.node.reads | self.node.after

    @cached_property
    def holds(self) -> Holds:
        """f(before, after)."""
        return self._writing.of_step(self.node)

    def keys(self) -> set[str]:
        """Every key that stands in it, whether it depends on that or not."""
        return reads(self.prop.term, self._writing.nodes.layout, self.binding)


WORTH = 60
"""Events that are held against a sight before a whole event's function is made of it."""
OFTEN = 20
"""So many times `WORTH`: events that come by another way, before it is compiled by itself."""

Holds = Callable[[State, State], bool]


class Sight:
    """What events of one rule that change the same keys are held against.

    `well(before, after)` says that no case fails, and that none of a step would at rest, if none
    failed before. `always` are the cases looked at in the state after the event.
    """

    def __init__(self, always: Cases, steps: Cases, rule: str, keys: tuple[str, ...]) -> None:
        near = steps.near(keys)
        asked = {i for i in near if not steps.all[i].prop.at} | set(steps.at.get(rule, ()))
        self.always = frozenset(always.near(keys))
        self.writing, self._keys, self._met = always.writing, frozenset(keys), 0
        self._in_state = [always.all[i] for i in sorted(self.always)]
        self._between = [steps.all[i] for i in sorted(asked)]
        self._at_rest = [steps.all[i] for i in sorted(near) if steps.all[i].restive]
        self.well: Holds = self._each

    def _each(self, before: State, after: State) -> bool:
        self._met += 1
        if self._met > WORTH * OFTEN:
            self.well = self._compiled()
        here = [*self._in_state, *self._at_rest]
        return all(c.holds(after, after) for c in here) and all(
            c.holds(before, after) for c in self._between
        )

    def _compiled(self) -> Holds:
        return self.writing.of_step(self.left(self.writing.nodes.now))

    @property
    def worth(self) -> bool:
        """Whether so many events were held against it that it should be compiled."""
        return self._met > WORTH

    def left(self, after: After) -> Node:
        """All of it as one node, over the state before and what stands for a changed key after."""
        keys, nodes = self._keys, self.writing.nodes
        parts = []
        if CLOCK in keys:
            parts.append(nodes.make("lt", (nodes.was(CLOCK), after(CLOCK))))
        for c in self._in_state:
            parts += still(nodes, c.node, keys, after)
        parts += [of_step(nodes, c.node, keys, after) for c in self._between]
        parts += [in_state(nodes, c.node, keys, after) for c in self._at_rest]
        return nodes.join("and", parts)


def said(cases: Iterable[Case]) -> Iterator[Broken]:
    """These cases do not hold: a property at a time."""
    found: dict[str, list[Case]] = {}
    for case in cases:
        found.setdefault(case.prop.number, []).append(case)
    for same in found.values():
        keys = set[str]().union(*(c.keys() for c in same))
        yield Broken(same[0].prop, tuple(c.binding for c in same), tuple(sorted(keys)))


class Cases:
    """Properties of one kind under every binding, and which of them depend on a key."""

    def __init__(self, writing: Writing, properties: list[Property]) -> None:
        self.writing, self.properties = writing, properties
        self.layout = writing.nodes.layout
        self.all: list[Case] = []
        self.at: dict[str, list[int]] = {}
        """The cases of a property that is about certain rules, by rule."""
        self._ranges = [(p, quantified(p.term)) for p in properties]
        self._place: dict[tuple[str, ...], int] = {}
        self._watching: dict[str, set[int]] = {}
        for prop in properties:
            for binding in self.layout.groundings(prop.params):
                self._watch(prop, binding)

    def _watch(self, prop: Property, binding: dict[str, str]) -> int:
        name = (prop.number, *binding.values())
        i = self._place.setdefault(name, len(self.all))
        case = Case(prop, binding, self.writing)
        if i == len(self.all):
            for rule in prop.at:
                self.at.setdefault(rule, []).append(i)
        self.all[i : i + 1] = [case]
        for key in case.reads:
            self._watching.setdefault(key, set()).add(i)
        return i

    def join(self, sort: Sort, member: str) -> list[int]:
        """The cases that are new, or new again, with a member of an open sort."""
        found = []
        for prop, ranges in self._ranges:
            bindings = self.layout.groundings_with(prop.params, sort, member)
            if sort in ranges:
                bindings = self.layout.groundings(prop.params)
            found += [self._watch(prop, binding) for binding in bindings]
        return found

    def near(self, keys: Iterable[str]) -> set[int]:
        """The cases that read one of these keys."""
        return {i for key in keys for i in self._watching.get(key, ())}
