"""The properties of a model, held against states that are only possible.

A state in which a property was broken carries that as a mark of its own (a key that begins with
`?`), so that at the end it is known whether every run that explains the record breaks it, or only
some. A property is looked at where a step writes something that it reads; a step property of a rule
is also looked at wherever that rule fires. Sits above `steps`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from models.language.model import ALWAYS, STEP, Property
from models.plain.compile import reads, step_function
from models.plain.folding import Folding
from models.plain.layout import Binding, State, Value
from models.plain.nodes import Nodes
from models.plain.reader import Reader

from .steps import Ready

MARK = "?"
SETTLED = 1_000
"""Answers of one case to what hangs on no number that are remembered."""


@dataclass(frozen=True, eq=False)
class Case:
    """A property under one binding."""

    prop: Property
    binding: Binding
    keys: frozenset[str]
    judge: Callable[[State, State], bool]
    nodes: Nodes
    _settled: dict[object, bool] = field(default_factory=dict)

    def holds(self, before: State, after: State) -> bool:
        """Whether it holds after a step: of the step, or of the state that it led to."""
        return self.judge(before if self.prop.kind == STEP else after, after)

    def settled(self, before: State, after: State) -> bool:
        """Whether it holds after a step whatever the numbers are, by what else is so."""
        nodes = self.nodes
        node = nodes.of(self.prop.term, self.binding)
        state = before if self.prop.kind == STEP else after
        facts = {nodes.was(k): nodes.const(state[k]) for k in node.reads if not _number(state[k])}
        facts |= {nodes.now(k): nodes.const(after[k]) for k in node.after if not _number(after[k])}
        name = frozenset(facts.items())
        found = self._settled.get(name)
        if found is None:
            if len(self._settled) >= SETTLED:
                self._settled.clear()
            found = self._settled[name] = Folding(nodes, facts)(node) is nodes.true
        return found

    @property
    def mark(self) -> str:
        """The key under which a state remembers that it was broken."""
        return MARK + self.prop.number


class Promises:
    """The properties of a model under every binding, by what they read."""

    def __init__(self, reader: Reader, properties: Iterable[Property]) -> None:
        nodes = Nodes(reader.layout)
        self._cases = [
            Case(p, b, frozenset(reads(p.term, reader.layout, b)), _compiled(p, reader, b), nodes)
            for p in properties
            if p.kind in (ALWAYS, STEP)
            for b in reader.layout.groundings(p.params)
        ]
        self._near: dict[int, tuple[Ready, list[Case], frozenset[str]]] = {}

    def near(self, ready: Ready) -> tuple[list[Case], frozenset[str]]:
        """The cases that a step may break, and what they read."""
        found = self._near.get(id(ready))
        if found is None or found[0] is not ready:
            name = ready.g.rule.name
            cases = [
                c
                for c in self._cases
                if (not c.prop.at or name in c.prop.at)
                and (name in c.prop.at or not c.keys.isdisjoint(ready.writes))
            ]
            keys = frozenset().union(*(c.keys for c in cases))
            found = self._near[id(ready)] = (ready, cases, keys)
        return found[1:]

    def untrue(self, state: State) -> list[Case]:
        """What does not hold in a state."""
        return [c for c in self._cases if c.prop.kind == ALWAYS and not c.holds(state, state)]

    def broken(self, ready: Ready | None, before: State, after: State) -> list[Case]:
        """What a step from one state to another breaks; None is time that passes."""
        cases = self._cases if ready is None else self.near(ready)[0]
        return [c for c in cases if not c.holds(before, after)]


def _number(value: Value) -> bool:
    return type(value) is int


def _compiled(prop: Property, reader: Reader, binding: Binding) -> Callable[[State, State], bool]:
    return step_function(prop.term, reader.layout, binding)
