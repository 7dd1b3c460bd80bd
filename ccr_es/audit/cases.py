"""The cases of a judge: each property under each binding, what it reads, and which of them an event
must be held against.

A `Sight` is the cases that matter to events of one rule that change the same keys, in time as one
compiled function. It only says that all is well; which case fails, and in which words, is for the
judge. Sits above the plain reader; must not import the store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial

from models.language.model import Property
from models.language.terms import Sort
from models.plain.agenda import CLOCK
from models.plain.changing import Changing
from models.plain.compile import reads
from models.plain.layout import State
from models.plain.nodes import Node
from models.plain.reader import quantified
from models.plain.reasons import Reasons
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

    def __init__(
        self, prop: Property, binding: dict[str, str], writing: Writing, changing: Changing
    ) -> None:
        self.prop, self.binding, self._writing = prop, binding, writing
        nodes = writing.nodes
        self.node = nodes.of(prop.term, binding)
        rest = changing.between(self.node, frozenset())
        self.restive = not prop.at and rest is not nodes.true

    @property
    def reads(self) -> frozenset[str]:
        """The keys on which it depends."""
        return self.node.reads | self.node.after

    @cached_property
    def holds(self) -> Holds:
        """f(before, after)."""
        return self._writing.in_time(self.node, SELDOM, partial(setattr, self, "holds"))

    def keys(self) -> set[str]:
        """Every key that stands in it, whether it depends on that or not."""
        return reads(self.prop.term, self._writing.nodes.layout, self.binding)


class Sleeper:
    """A property under one binding of very many. It is asked only when a key changes on which it
    rested, when it was asked last, that it holds. Nothing is compiled for it by itself.
    """

    __slots__ = ("_reasons", "binding", "prop", "watched")

    def __init__(self, prop: Property, binding: dict[str, str], reasons: Reasons) -> None:
        self.prop, self.binding, self._reasons = prop, binding, reasons
        self.watched = frozenset[str]()
        """The keys that wake it."""

    @property
    def restive(self) -> bool:
        """As of a case."""
        return not self.prop.at

    @property
    def reads(self) -> frozenset[str]:
        """As of a case."""
        return self._reasons.keys(self.binding)

    @property
    def holds(self) -> Holds:
        """As of a case."""
        return self._reasons.holds(self.binding)

    def why(self, state: State) -> tuple[str, ...] | None:
        """The keys on which it rests that it holds where nothing changes; None if it does not."""
        return self._reasons.why(self.binding)(state)

    def keys(self) -> set[str]:
        """As of a case."""
        return reads(self.prop.term, self._reasons.layout, self.binding)


MANY = 8
"""Members of an open sort whose cases are compiled one by one; those of later ones sleep."""

SELDOM = 60
"""So often a case is asked by itself before it is compiled."""
FEW = 2
"""Events that are held against a sight before it is found out what is left of its cases."""
WORTH = 20
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
        near = steps.standing(keys)
        asked = {i for i in near if not steps.all[i].prop.at} | set(steps.at.get(rule, ()))
        self.always = frozenset(always.standing(keys))
        self.writing, self._keys, self._met = always.writing, frozenset(keys), 0
        self._changing = always.changing
        self._in_state = always.compiled(self.always)
        self._between = steps.compiled(asked)
        self._at_rest = [c for c in steps.compiled(near) if c.restive]
        self.well: Holds = self._each

    def _each(self, before: State, after: State) -> bool:
        self._met += 1
        if self._met > FEW:
            self.well = self._as_left()
        here = [*self._in_state, *self._at_rest]
        return all(c.holds(after, after) for c in here) and all(
            c.holds(before, after) for c in self._between
        )

    def _as_left(self) -> Holds:
        """What is left of all cases, asked part by part until it was asked very often."""
        holds = self.writing.in_time(self.left(), WORTH * OFTEN, partial(setattr, self, "well"))

        def well(before: State, after: State) -> bool:
            self._met += 1
            return holds(before, after)

        return well

    @property
    def worth(self) -> bool:
        """Whether so many events were held against it that it should be compiled."""
        return self._met > WORTH

    def left(self) -> Node:
        """All of it as one node, over the state before and the changed keys after."""
        keys, nodes, changing = self._keys, self.writing.nodes, self._changing
        parts = []
        if CLOCK in keys:
            parts.append(nodes.make("lt", (nodes.was(CLOCK), nodes.now(CLOCK))))
        for c in self._in_state:
            parts += changing.still(c.node, keys)
        parts += [changing.between(c.node, keys) for c in self._between]
        parts += [changing.after(c.node, keys) for c in self._at_rest]
        return nodes.join("and", parts)


def said(cases: Iterable[Case | Sleeper]) -> Iterator[Broken]:
    """These cases do not hold: a property at a time."""
    found: dict[str, list[Case | Sleeper]] = {}
    for case in cases:
        found.setdefault(case.prop.number, []).append(case)
    for same in found.values():
        keys = set[str]().union(*(c.keys() for c in same))
        yield Broken(same[0].prop, tuple(c.binding for c in same), tuple(sorted(keys)))


class Cases:
    """Properties of one kind under every binding, and which of them depend on a key."""

    def __init__(self, writing: Writing, changing: Changing, properties: list[Property]) -> None:
        self.writing, self.changing, self.properties = writing, changing, properties
        self.layout = writing.nodes.layout
        self.all: list[Case | Sleeper] = []
        self.at: dict[str, list[int]] = {}
        """The cases of a property that is about certain rules, by rule."""
        self.waking: dict[str, set[int]] = {}
        """The sleepers that a key wakes."""
        self.awake: dict[str, set[int]] = {}
        """The sleepers that are asked of every event of a rule."""
        self._ranges = [(p, quantified(p.term)) for p in properties]
        self._place: dict[tuple[str, ...], int] = {}
        self._watching: dict[str, set[int]] = {}
        self._reasons: dict[str, Reasons] = {}
        self._late: set[tuple[str, str]] = set()
        """The members, with their sorts' names, whose cases sleep."""
        for sort in {s for p in properties for _, s in p.params if s.open}:
            self._late.update((sort.name, m) for m in self.layout.members(sort)[MANY:])
        for prop, ranges in self._ranges:
            for binding in self.layout.groundings(prop.params):
                self._watch(prop, ranges, binding)

    def _watch(self, prop: Property, ranges: frozenset[Sort], binding: dict[str, str]) -> int:
        name = (prop.number, *binding.values())
        i = self._place.setdefault(name, len(self.all))
        if not ranges and any((s.name, binding[n]) in self._late for n, s in prop.params):
            self._sleep(i, prop, binding)
            return i
        case = Case(prop, binding, self.writing, self.changing)
        if i == len(self.all):
            for rule in prop.at:
                self.at.setdefault(rule, []).append(i)
        self.all[i : i + 1] = [case]
        for key in case.reads:
            self._watching.setdefault(key, set()).add(i)
        return i

    def _sleep(self, i: int, prop: Property, binding: dict[str, str]) -> None:
        """A new case that sleeps as soon as it was asked."""
        reasons = self._reasons.get(prop.number)
        if reasons is None:
            reasons = self._reasons[prop.number] = Reasons(self.layout, prop.term, prop.params)
        case = Sleeper(prop, binding, reasons)
        self.all.append(case)
        self.settle(i, None)

    def settle(self, i: int, why: tuple[str, ...] | None) -> None:
        """Case `i` holds where nothing changes because of these keys, or does not (None)."""
        case = self.all[i]
        assert isinstance(case, Sleeper)
        watched = case.reads if why is None else frozenset(why)
        for key in case.watched - watched:
            self.waking[key].discard(i)
            if not self.waking[key]:
                del self.waking[key]
        for key in watched - case.watched:
            self.waking.setdefault(key, set()).add(i)
        case.watched = watched
        for rule in case.prop.at:
            if why is None:
                self.awake.setdefault(rule, set()).add(i)
            elif rule in self.awake:
                self.awake[rule].discard(i)

    @property
    def crowded(self) -> bool:
        """Whether there are sleepers."""
        return bool(self._reasons)

    def rouse(self, key: str) -> None:
        """A key changed by no event: what rested on it is asked again with any key in it."""
        for i in self.woken((key,)):
            self.settle(i, None)

    def join(self, sort: Sort, member: str) -> list[int]:
        """The cases that are new, or new again, with a member of an open sort."""
        found = []
        if len(self.layout.members(sort)) > MANY:
            self._late.add((sort.name, member))
        for prop, ranges in self._ranges:
            bindings = self.layout.groundings_with(prop.params, sort, member)
            if sort in ranges:
                bindings = self.layout.groundings(prop.params)
            found += [self._watch(prop, ranges, binding) for binding in bindings]
        return found

    def standing(self, keys: Iterable[str]) -> set[int]:
        """The cases that read one of these keys, but for sleepers."""
        return {i for key in keys for i in self._watching.get(key, ())}

    def woken(self, keys: Iterable[str]) -> set[int]:
        """The sleepers that one of these keys wakes."""
        return {i for key in keys for i in self.waking.get(key, ())}

    def near(self, keys: Iterable[str]) -> set[int]:
        """The cases that one of these keys may make false; the others hold as they did."""
        return self.standing(keys) | self.woken(keys)

    def compiled(self, places: Iterable[int]) -> list[Case]:
        """Those of these cases that are no sleepers, in order."""
        cases = (self.all[i] for i in sorted(places))
        return [c for c in cases if isinstance(c, Case)]
