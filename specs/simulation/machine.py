"""A model made ready for random runs: what is enabled is a bit set, kept up to date exactly.

Each grounding has a place in the set. After it was fired, `again` evaluates the guards that read
what it wrote, all in one generated function, and no others. `fire` gives its changes; `judge`
says whether every property that they can touch holds after them. Everything is generated from the
rules by the plain reader's writer, when it is first needed.

Sits above `models.plain` and `runs`; imports no z3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from operator import itemgetter
from typing import Any

from models.language.model import ALWAYS, STEP, Instance, Model, Property
from models.language.rule import TRIGGERS
from models.language.terms import Term, substitute
from models.plain.asking import Asked
from models.plain.compile import Writer, function
from models.plain.ground import Grounded
from models.plain.layout import State, Value
from models.plain.nodes import Node, Nodes
from models.plain.reader import Reader, Step
from models.plain.writing import Writing

from .factored import Conditions, conditions
from .judging import Case, Cases, Judging, Union
from .offering import choices, combinations, possible

Changes = dict[str, Value]
LAYERS = 3
"""How far from a property a run is led."""


class Move:
    """One grounding: its place in the set, how to fire and judge it, and what to look at again."""

    def __init__(self, machine: Machine, place: int, g: Grounded) -> None:
        self.machine, self.place, self.g = machine, place, g
        self.free = tuple(n for n in g.names if n not in g.rule.bindings)
        self.choices = choices(machine.reader.layout, g)
        self.combinations = combinations(self.choices)
        """Every way to choose, where that are few."""
        self.trigger = g.rule.trigger
        self.again: Callable[[State], int] = self._looked_up
        """Which of the other places are enabled now."""
        self.steers = False
        """Whether it writes a part of the control state."""

    def _looked_up(self, state: State) -> int:
        """`again`, until there is one function for it."""
        near = self._near
        if near.whole is not None:
            self.again = near.whole
        return near.ask(state, state)

    @cached_property
    def _near(self) -> Cases:
        machine = self.machine
        near = machine.readers(self.g.writes)
        return machine.cases(tuple((1 << i, machine.allows[i]) for i in near))

    @cached_property
    def fire(self) -> Callable[..., Changes | None]:
        """The changes: f(state) if the place is in the set, else f(state, *chosen), None if not."""
        text = self.machine.effects(self.g)
        if not self.free:
            return function(text, ())
        return function(f"{text} if {self.machine.guard(self.g)} else None", self.free)

    @cached_property
    def kept(self) -> int:
        """The places whose guards do not read what this one writes."""
        return self.machine.all & ~sum(1 << i for i in self.machine.readers(self.g.writes))

    @cached_property
    def moments(self) -> list[tuple[int, Asked]]:
        """Those of the machine's moments that it can change, each with its place."""
        machine, keys = self.machine, self.g.writes
        ask, every = machine.writing.asking.of, enumerate(machine.moments)
        return [(at, ask(moment)) for at, moment in every if not moment.reads.isdisjoint(keys)]

    @cached_property
    def breaks(self) -> Union | None:
        """Whether a property is broken by these changes of that state; None if none can be."""
        return self._judged if self._ways else None

    @cached_property
    def _ways(self) -> Cases | None:
        ways = self.machine.judging.ways(self.g)
        return self.machine.cases(tuple((1, way) for way in ways)) if ways else None

    def _judged(self, state: State, changes: Changes) -> int:
        """`breaks`, until there is one function for it."""
        ways = self._ways
        assert ways is not None
        if ways.whole is not None:
            self.breaks = ways.whole
        return ways.ask(state, changes)


def _note(found: dict[Node, None], nodes: Iterable[Node]) -> None:
    """Note these nodes and their parts."""
    for node in nodes:
        if node not in found:
            found[node] = None
            _note(found, node.args)


class Machine:
    """A model under an instance, ready to be run at random."""

    def __init__(self, model: Model, instance: Instance, properties: Iterable[Property]) -> None:
        self.reader = Reader(model, instance)
        self.model, self.instance = model, instance
        self.properties = tuple(p for p in properties if p.kind in (ALWAYS, STEP))
        self._writer = Writer(self.reader.layout)
        self.nodes = Nodes(self.reader.layout)
        self.writing = Writing(self.nodes)
        every = list(self.reader.all_grounded())
        self.all = (1 << len(every)) - 1
        self.guards: list[Conditions] = []
        """The guards of each place that are about no argument that is chosen."""
        self.allows: list[Conditions] = []
        """These, and that there is something to choose: when a place is enabled."""
        self._cases: dict[tuple[Case, ...], Cases] = {}
        self._readers: dict[str, list[int]] = {}
        self._read: list[set[str]] = []
        for place, g in enumerate(every):
            self._index(place, g)
        self.promises = self._promises()
        self.judging = Judging(self.nodes, self.promises)
        self.moves = [Move(self, i, g) for i, g in enumerate(every)]
        self.masks = {t: sum(1 << m.place for m in self.moves if m.trigger == t) for t in TRIGGERS}
        keys = sorted({self._key(x.field, m.g) for m in self.moves for x in m.g.rule.moves})
        self.control: Callable[[State], Any] = itemgetter(*keys) if keys else len
        """The values of the fields that rules move: the control state."""
        for move in self.moves:
            move.steers = not move.g.writes.isdisjoint(keys)

    def _key(self, term: Term, g: Grounded) -> str:
        return self.reader.layout.key(term, g.binding)

    def _index(self, place: int, g: Grounded) -> None:
        """Note the guards of a place; of those about arguments that are chosen, that some do."""
        nodes, tried = self.nodes, choices(self.reader.layout, g)
        guards = [nodes.of(term, g.binding) for term in g.rule.freely]
        every = [c for guard in guards for c in conditions(nodes, guard)]
        about = [c for c in every if c.names]
        plain = tuple(dict.fromkeys(c for c in every if not c.names))
        allows = tuple(dict.fromkeys((*plain, *possible(nodes, tried, about))))
        keys = set[str]().union(*(part.reads for part in allows))
        for key in keys:
            self._readers.setdefault(key, []).append(place)
        self._read.append(keys)
        self.guards.append(plain)
        self.allows.append(allows)

    def readers(self, keys: Iterable[str]) -> list[int]:
        """The places whose guards read one of these keys."""
        return sorted({i for k in keys for i in self._readers.get(k, ())})

    def cases(self, cases: tuple[Case, ...]) -> Cases:
        """These cases, made once."""
        if cases not in self._cases:
            self._cases[cases] = Cases(self.writing, cases)
        return self._cases[cases]

    def enabled(self, state: State) -> int:
        """Every place that is enabled in a state."""
        return self.cases(tuple((1 << i, guards) for i, guards in enumerate(self.allows))).ask(
            state
        )

    @cached_property
    def moments(self) -> tuple[Node, ...]:
        """The times at which some guard can change its value if nothing else happens."""
        every: dict[Node, None] = {}
        for guards in self.guards:
            _note(every, guards)
        found = (self.nodes.make("add", n.args[:2]) for n in every if n.op == "elapsed")
        return tuple(dict.fromkeys(found))

    @cached_property
    def times(self) -> Callable[[State], list[int]]:
        """When these are in a state."""
        text = ", ".join(map(self.writing.text, self.moments))
        return self.writing.function("s", [f"return [{text}]"])

    def guard(self, g: Grounded) -> str:
        """All guards as an expression over the state and the arguments that are chosen."""
        parts = [self._writer.write(t, g.binding) for t in g.rule.freely]
        return " and ".join(parts) or "True"

    def effects(self, g: Grounded) -> str:
        """The changes as an expression, bound arguments filled in."""
        bound, write = g.rule.bindings, self._writer.write
        pairs = (
            f"{self._key(f, g)!r}: {write(substitute(v, bound), g.binding)}"
            for f, v in g.rule.effects
        )
        return f"{{{', '.join(pairs)}}}"

    def _promises(self) -> list[tuple[Property, Node]]:
        layout, of = self.reader.layout, self.nodes.of
        return [(p, of(p.term, b)) for p in self.properties for b in layout.groundings(p.params)]

    def left(self, place: int, g: Grounded) -> Node:
        """What is to be asked of a promise after a step of a grounding."""
        return self.judging.left(*self.promises[place], g)

    def holds(self, state: State) -> bool:
        """Whether every promise about states holds in this one."""
        every = (node for prop, node in self.promises if prop.kind == ALWAYS)
        return all(self.writing.asking.of(node)(state, state) for node in every)

    @cached_property
    def layers(self) -> list[tuple[int, ...]]:
        """For each property, the places that write something that it reads; with those that write
        something that the guards of these read; and so on.
        """
        asked: dict[str, set[str]] = {}
        for prop, node in self.promises:
            asked.setdefault(prop.number, set()).update(node.reads | node.after)
        return [tuple(self._layers(keys)) for keys in asked.values()]

    def _layers(self, keys: set[str]) -> Iterator[int]:
        for _ in range(LAYERS):
            near = [m for m in self.moves if not m.g.writes.isdisjoint(keys)]
            yield sum(1 << m.place for m in near)
            keys = keys.union(*(self._read[m.place] for m in near))

    @cached_property
    def owned(self) -> list[int]:
        """For each member of an identity sort, what follows at once and is its own to do."""
        found: dict[str, int] = {}
        for move in self.moves:
            if move.g.binding and move.trigger in ("consequence", "beat"):
                member = next(iter(move.g.binding.values()))
                found[member] = found.get(member, 0) | 1 << move.place
        return list(found.values())

    def move_of(self, step: Step) -> Move | None:
        """The grounding that a step is of; None if it is about a member that is not there."""
        rule = self.model.rule(step.rule)
        keys = tuple((n, str(step.args[n])) for n, _ in rule.keyed)
        return self._places.get((step.rule, keys))

    @cached_property
    def _places(self) -> dict[tuple[str, tuple[tuple[str, str], ...]], Move]:
        return {(m.g.rule.name, tuple(m.g.binding.items())): m for m in self.moves}
