"""A model made ready for random runs: what is enabled is a bit set, kept up to date exactly.

Each grounding has a place in the set. After it was fired, `again` evaluates the guards that read
what it wrote, all in one generated expression, and no others. `fire` gives its changes; `judge`
says whether every property that they can touch holds after them. Everything is generated from the
rules by the plain reader's writer, when it is first needed.

Sits above `models.plain` and `runs`; imports no z3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from operator import itemgetter
from typing import Any

from models.language.model import ALWAYS, STEP, Instance, Model, Property
from models.language.rule import TRIGGERS
from models.language.terms import Term, substitute, walk
from models.plain.compile import Writer, function
from models.plain.folding import Folding, still, unless
from models.plain.ground import Grounded, moments_in
from models.plain.layout import State, Value
from models.plain.nodes import Node, Nodes
from models.plain.reader import Reader, Step
from models.plain.writing import Writing

from .factored import any_of_all, breaches, conditions

Changes = dict[str, Value]
Judge = Callable[[State, Changes], bool]
LAYERS = 3
"""How far from a property a run is led."""
HOT = 100
"""Firings after which a grounding's neighbours get an expression of their own."""
Choice = tuple[str, tuple[Value, ...], tuple[str, ...]]
"""An argument that somebody chooses: its name, values to try, keys whose values to try."""


class Move:
    """One grounding: its place in the set, how to fire and judge it, and what to look at again."""

    def __init__(self, machine: Machine, place: int, g: Grounded) -> None:
        self.machine, self.place, self.g = machine, place, g
        self.free = tuple(n for n in g.names if n not in g.rule.bindings)
        self.choices = machine.choices(g)
        self.trigger = g.rule.trigger
        self.again: Callable[[State], int] = self._looked_up
        """Which of the other places are enabled now."""
        self._fired = 0
        self.steers = False
        """Whether it writes a part of the control state."""

    def _looked_up(self, state: State) -> int:
        """`again`, guard by guard; replaced by one expression once that pays."""
        self._fired += 1
        if self._fired > HOT:
            self.again = self.machine.enabled_among(self.machine.readers(self.g.writes))
        return sum(bit for bit, guard in self._near if guard(state))

    @cached_property
    def _near(self) -> list[tuple[int, Callable[[State], bool]]]:
        places = self.machine.readers(self.g.writes)
        return [(1 << i, self.machine.guard_at(i)) for i in places]

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
    def judge(self) -> Judge | None:
        """Whether every property holds after these changes of that state; None if none can fail."""
        every = (self.machine.left(i, self.g) for i in range(len(self.machine.promises)))
        asked = [node for node in every if node is not self.machine.nodes.true]
        return self.machine.judge(asked) if asked else None


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
        self.guards: list[tuple[Node, ...]] = []
        self._compiled: dict[int, Callable[[State], bool]] = {}
        self._among: dict[tuple[int, ...], Callable[[State], int]] = {}
        self._readers: dict[str, list[int]] = {}
        self._read: list[set[str]] = []
        for place, g in enumerate(every):
            self._index(place, g)
        self.promises = self._promises()
        self._after = frozenset[str]().union(*(node.after for _, node in self.promises))
        self._steps: dict[frozenset[str], Folding] = {}
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
        """Note the guards of a place, as far as they are about no argument that is chosen."""
        parts, keys = dict[Node, None](), set[str]()
        for term in self.asked(g):
            found = self.nodes.of(term, g.binding)
            parts.update(dict.fromkeys(conditions(self.nodes, found)))
            keys |= found.reads
        for key in keys:
            self._readers.setdefault(key, []).append(place)
        self._read.append(keys)
        self.guards.append(tuple(parts))

    @staticmethod
    def asked(g: Grounded) -> Iterator[Term]:
        """The guards of a grounding that are about no argument that is chosen."""
        free = {n for n in g.names if n not in g.rule.bindings}
        for term in g.rule.freely:
            if not free or not any(t.op == "arg" and t.value in free for t in walk(term)):
                yield term

    def readers(self, keys: Iterable[str]) -> list[int]:
        """The places whose guards read one of these keys."""
        return sorted({i for k in keys for i in self._readers.get(k, ())})

    def enabled_among(self, places: Iterable[int]) -> Callable[[State], int]:
        """A function of the state: those of these places that are enabled."""
        which = tuple(places)
        if which not in self._among:
            text = any_of_all((self._texts(self.guards[i]), 1 << i) for i in which)
            self._among[which] = self.writing.function("s", [f"return {text}"])
        return self._among[which]

    def _texts(self, nodes: Iterable[Node]) -> tuple[str, ...]:
        return tuple([self.writing.text(node) for node in nodes])

    def enabled(self, state: State) -> int:
        """Every place that is enabled in a state."""
        return sum(1 << i for i in range(len(self.moves)) if self.guard_at(i)(state))

    def guard_at(self, place: int) -> Callable[[State], bool]:
        """The guards of a place, without those on chosen arguments."""
        if place not in self._compiled:
            asked = self.nodes.join("and", self.guards[place])
            self._compiled[place] = self.writing.of_state(asked)
        return self._compiled[place]

    @cached_property
    def moments(self) -> Callable[[State], tuple[int, ...]]:
        """The times at which some guard can change its value if nothing else happens."""
        found: dict[str, None] = {}
        for move in self.moves:
            for term in self.asked(move.g):
                found.update(dict.fromkeys(moments_in(self._writer, term, move.g.binding)))
        text = "".join(f"{moment}, " for moment in found)
        made: Callable[[State], tuple[int, ...]] = function(f"({text})", ())
        return made

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
        """What is to be asked of a promise after a step of a grounding: of one about states, that
        held before, the parts that it may have made false; of one about steps, what its form does
        not settle.
        """
        (prop, node), nodes, written = self.promises[place], self.nodes, g.writes
        if prop.kind == ALWAYS:
            return nodes.join("and", still(nodes, node, written, nodes.now))
        if prop.at:
            asked = g.rule.name in prop.at
        else:
            asked = not (written.isdisjoint(node.reads) and written.isdisjoint(node.after))
        return self._step(written)(node) if asked else nodes.true

    def _step(self, written: frozenset[str]) -> Folding:
        """A promise about steps when no other keys than these can change."""
        if written not in self._steps:
            self._steps[written] = unless(self.nodes, self._after - written)
        return self._steps[written]

    def holds(self, state: State) -> bool:
        """Whether every promise about states holds in this one."""
        every = (node for prop, node in self.promises if prop.kind == ALWAYS)
        return all(self.writing.of_state(node)(state) for node in every)

    def judge(self, asked: Sequence[Node]) -> Judge:
        """Whether all these hold of a step: f(state before, changes)."""
        ways = [(self._texts(way), 1) for node in asked for way in breaches(self.nodes, node)]
        keys = sorted(frozenset[str]().union(*(node.after for node in asked)))
        lines = [f"{self.writing.name(k)} = c[{k!r}]" for k in keys]
        return self.writing.function("s, c", [*lines, f"return not ({any_of_all(ways)})"])

    def choices(self, g: Grounded) -> tuple[Choice, ...]:
        """What to try for each argument that no guard binds."""
        free = [(n, s) for n, s in g.rule.valued if n not in g.rule.bindings]
        if not free:
            return ()
        used = [t for guard in g.rule.guards.values() for t in walk(guard) if t.op == "parameter"]
        numbers = tuple(sorted({1, 2, *(self.reader.layout.parameters[t.value] for t in used)}))
        layout = self.reader.layout
        near = [k for k in layout.fields if layout.rows[k] == g.row and g.rule.trigger != "time"]
        keys = tuple(k for k in near if layout.fields[k].sort.kind == "int")
        return tuple(
            (name, numbers, keys) if sort.kind == "int" else (name, (False, True), ())
            for name, sort in free
        )

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
