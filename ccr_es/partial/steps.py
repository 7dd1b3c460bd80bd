"""Rules made ready for what is not known: which keys a grounding reads and writes, and what its
arguments can be when the record does not say.

An argument that a guard binds is read from each possible state, as the actor read it. A member is
tried for each there is. A number that nothing binds cannot be enumerated: one value is tried, and
the record is then no longer exhausted. Must not import a store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product

from models.language.rule import Rule
from models.plain.agenda import CLOCK
from models.plain.compile import function, reads, source
from models.plain.ground import Grounded
from models.plain.layout import State, Value
from models.plain.reader import Reader

from ..cluster.options import mentions

GUESS = 1
"""What is tried for a number that nothing binds."""


Done = tuple[list[Value], dict[str, Value]]
"""The valued arguments of a step, and what it changes."""


@dataclass(eq=False)
class Ready:
    """A grounding with what it reads and writes."""

    g: Grounded

    @cached_property
    def reads(self) -> frozenset[str]:
        """Every key that its guards, bindings and effects read."""
        g = self.g
        terms = [*g.rule.guards.values(), *(v for _, v in g.rule.effects)]
        return frozenset().union(*(reads(t, g.layout, g.binding) for t in terms))

    @cached_property
    def minds(self) -> frozenset[str]:
        """Every key that decides what it does at a recorded time."""
        return self.reads | {CLOCK}

    @cached_property
    def writes(self) -> frozenset[str]:
        """Every key that it may change."""
        return self.g.writes

    @cached_property
    def stamps(self) -> bool:
        """Whether what it writes depends on when it happened."""
        g = self.g
        return any(CLOCK in reads(v, g.layout, g.binding) for _, v in g.rule.effects)

    @cached_property
    def binders(self) -> dict[str, Callable[[State], Value]]:
        """The arguments that guards bind, as functions of the state."""
        g = self.g
        return {n: function(source(t, g.layout, g.binding), ()) for n, t in g.rule.bindings.items()}

    @cached_property
    def free(self) -> tuple[str, ...]:
        """Numbers that nothing binds."""
        sorts = dict(self.g.rule.valued)
        return tuple(n for n in self.g.names if n not in self.binders and sorts[n].kind == "int")

    @cached_property
    def but_free(self) -> list[Callable[..., bool]]:
        """The guards that read no such number."""
        return self._without(self.free)

    @cached_property
    def plain(self) -> list[Callable[..., bool]]:
        """The guards that read no valued argument."""
        return self._without(self.g.names)

    def _without(self, names: tuple[str, ...]) -> list[Callable[..., bool]]:
        """The guards that read none of these arguments."""
        g = self.g
        return [g.guards[n] for n, term in g.rule.guards.items() if not mentions(term, names)]

    @cached_property
    def sources(self) -> list[str | frozenset[str]]:
        """Of each key that it writes: which one that is a copy of, or else what is read for it."""
        g = self.g
        return [
            g.layout.key(term, g.binding)
            if term.op == "field"
            else frozenset(reads(term, g.layout, g.binding))
            for _, term in g.rule.effects
        ]

    def values(
        self, state: State, known: Mapping[str, Value], passed: int | None = None
    ) -> Iterator[list[Value]]:
        """Every choice of its valued arguments in a state; `passed` is what a time rule's is."""
        options: list[list[Value]] = []
        sorts = dict(self.g.rule.valued)
        for name in self.g.names:
            if name in known:
                options.append([known[name]])
            elif name in self.binders:
                options.append([self.binders[name](state)])
            elif passed is not None:
                options.append([passed])
            elif sorts[name].kind == "bool":
                options.append([False, True])
            else:
                options.append([GUESS])
        for choice in product(*options):
            yield list(choice)

    def does(self, state: State) -> list[Done]:
        """What it does in a state, by each choice of arguments that its guards allow."""
        g = self.g
        if g.bind is not None:
            bound = g.bind(state)
            changes = g.attempt(state, *bound)
            return [] if changes is None else [(list(bound), changes)]
        tried = ((values, g.attempt(state, *values)) for values in self.values(state, {}))
        return [(values, changes) for values, changes in tried if changes is not None]

    def open_ended(self, state: State) -> bool:
        """Whether it could fire here with some number that nothing binds."""
        if not self.free:
            return False
        values = next(self.values(state, {}))
        return all(guard(state, *values) for guard in self.but_free)


class Steps:
    """The ready groundings of a reader's rules, made once."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self._made: dict[int, Ready] = {}
        self._of: dict[tuple[str, tuple[Value | None, ...]], list[Ready]] = {}
        self._keyed: dict[str, tuple[str, ...]] = {}

    def ready(self, g: Grounded) -> Ready:
        """A grounding made ready."""
        found = self._made.get(id(g))
        if found is None or found.g is not g:
            found = self._made[id(g)] = Ready(g)
        return found

    def of(self, rule: Rule, args: Mapping[str, Value]) -> list[Ready]:
        """The groundings of a rule that these known arguments allow."""
        keyed = self._keyed.get(rule.name)
        if keyed is None:
            keyed = self._keyed[rule.name] = tuple(n for n, _ in rule.keyed)
        name = (rule.name, tuple([args.get(n) for n in keyed]))
        found = self._of.get(name)
        if found is None:
            found = self._of[name] = list(self._find(rule, args))
        return found

    def _find(self, rule: Rule, args: Mapping[str, Value]) -> Iterator[Ready]:
        layout = self.reader.layout
        for sort_name, sort in rule.keyed:
            member = args.get(sort_name)
            if sort.open and isinstance(member, str):
                self.reader.join(sort, member)
        for binding in layout.groundings(rule.keyed):
            if all(args.get(n, m) == m for n, m in binding.items()):
                yield self.ready(self.reader.grounded(rule.name, binding))

    def forget(self) -> None:
        """Make everything again: members joined that rules range over."""
        self._made.clear()
        self._of.clear()
