"""A model made ready for random runs: what is enabled is a bit set, kept up to date exactly.

Each grounding has a place in the set. After it was fired, `again` evaluates the guards that read
what it wrote, all in one generated expression, and no others. `fire` gives its changes; `judge`
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
from models.language.terms import Term, substitute, walk
from models.plain.compile import Writer, function, reads, step_function
from models.plain.ground import Grounded, moments_in
from models.plain.layout import State, Value
from models.plain.reader import Reader, Step

from .factored import After, any_of_all, breaches, conditions

Changes = dict[str, Value]
Judge = Callable[[State, Changes], bool]
LAYERS = 3
"""How far from a property a run is led."""
HOT = 300
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
        return self._judged if self._touched else None

    @cached_property
    def _touched(self) -> list[int]:
        return self.machine.touched(self.g)

    def _judged(self, state: State, changes: Changes) -> bool:
        """`judge`, one property after the other; replaced by one expression once that pays."""
        machine = self.machine
        if self._fired > HOT:
            self.judge = machine.judge(self._touched, self.g.writes)
        new = state | changes
        return all(machine.holds_at(i)(state, new) for i in self._touched)


class Machine:
    """A model under an instance, ready to be run at random."""

    def __init__(self, model: Model, instance: Instance, properties: Iterable[Property]) -> None:
        self.reader = Reader(model, instance)
        self.model, self.instance = model, instance
        self.properties = tuple(p for p in properties if p.kind in (ALWAYS, STEP))
        self._writer = Writer(self.reader.layout)
        every = list(self.reader.all_grounded())
        self.all = (1 << len(every)) - 1
        self.guards: list[tuple[str, ...]] = []
        self._compiled: dict[int, Callable[[State], bool]] = {}
        self._among: dict[tuple[int, ...], Callable[[State], int]] = {}
        self._readers: dict[str, list[int]] = {}
        self._read: list[set[str]] = []
        for place, g in enumerate(every):
            self._index(place, g)
        self.promises = self._promises()
        self._judges: dict[tuple[Any, ...], Judge] = {}
        self._holds: dict[int, Judge] = {}
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
        layout = self.reader.layout
        parts, keys = dict[str, None](), set[str]()
        for term in self.asked(g):
            parts.update(dict.fromkeys(conditions(self._writer, term, g.binding)))
            keys |= reads(term, layout, g.binding)
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
            text = any_of_all((self.guards[i], 1 << i) for i in which)
            self._among[which] = function(text, ())
        return self._among[which]

    def enabled(self, state: State) -> int:
        """Every place that is enabled in a state."""
        return sum(1 << i for i in range(len(self.moves)) if self.guard_at(i)(state))

    def guard_at(self, place: int) -> Callable[[State], bool]:
        """The guards of a place, without those on chosen arguments."""
        if place not in self._compiled:
            self._compiled[place] = function(" and ".join(self.guards[place]) or "True", ())
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

    def _promises(self) -> list[tuple[Property, dict[str, str], frozenset[str]]]:
        layout = self.reader.layout
        return [
            (p, b, frozenset(reads(p.term, layout, b)))
            for p in self.properties
            for b in layout.groundings(p.params)
        ]

    def touched(self, g: Grounded) -> list[int]:
        """The promises, by place, that a grounding can break."""
        written = g.writes
        return [
            i
            for i, (p, _, keys) in enumerate(self.promises)
            if (p.kind == ALWAYS and keys & written)
            or (p.kind == STEP and (g.rule.name in p.at or (not p.at and keys & written)))
        ]

    def holds_at(self, place: int) -> Judge:
        """Whether one promise holds: f(state before, state after)."""
        if place not in self._holds:
            prop, binding, _ = self.promises[place]
            holds = step_function(prop.term, self.reader.layout, binding)
            always: Judge = lambda _, new: holds(new, new)  # noqa: E731
            self._holds[place] = always if prop.kind == ALWAYS else holds
        return self._holds[place]

    def judge(self, places: list[int], written: frozenset[str]) -> Judge:
        """Whether these promises hold: f(state before, changes), which set what is written."""
        key = (written, *places)
        if key not in self._judges:
            broken = [
                (way, 1)
                for p, b, _ in (self.promises[i] for i in places)
                for way in breaches(After(self.reader.layout, written, p.kind == ALWAYS), p.term, b)
            ]
            code = compile(f"lambda s, c: not ({any_of_all(broken)})", "<properties>", "eval")
            self._judges[key] = eval(code, {})  # noqa: S307 - written above, never by a user
        return self._judges[key]

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
        for prop, _, keys in self.promises:
            asked.setdefault(prop.number, set()).update(keys)
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
