"""What is asked after a step of a grounding: the ways in which a promise can break by it, and the
places that may be enabled now.

Both are unions of cases, each of which is so if all its conditions hold. A union is asked case by
case at first; one that is asked often is compiled as one function. Sits above `factored`; imports
no z3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

from models.language.model import ALWAYS, Property
from models.plain.asking import Asked
from models.plain.changing import Changing
from models.plain.ground import Grounded
from models.plain.layout import State
from models.plain.nodes import Node, Nodes
from models.plain.writing import Writing

from .factored import Conditions, any_of_all, breaches

OFTEN = 40
"""So often a union is asked before it is compiled."""
Case = tuple[int, Conditions]
"""A bit, and the conditions that must all hold for it."""
Union = Callable[..., int]
"""f(state, changes): the bits of the cases that are so; only those of a step need the changes."""


class Cases:
    """A union of cases."""

    def __init__(self, writing: Writing, cases: Sequence[Case]) -> None:
        self._writing, self._cases = writing, cases
        self._met = 0
        self.whole: Union | None = None
        """The same in one function, as soon as there is one."""
        self.ask: Union = self._one_by_one
        """f(state, changes): the bits of the cases that are so, each way."""

    @cached_property
    def _ways(self) -> list[tuple[int, list[Asked]]]:
        """Each bit with its conditions, those that read least first."""
        ask = self._writing.asking.of
        return [(bit, [ask(c) for c in sorted(cs, key=_reads)]) for bit, cs in self._cases]

    def _one_by_one(self, state: State, changes: State | None = None) -> int:
        self._met += 1
        if self._met > OFTEN:
            self.ask = self.whole = self._compiled()
        found = 0
        for bit, conditions in self._ways:
            for condition in conditions:
                if not condition(state, changes):
                    break
            else:
                found |= bit
        return found

    def _compiled(self) -> Union:
        writing = self._writing
        keys = sorted(frozenset[str]().union(*(c.after for _, cs in self._cases for c in cs)))
        cases = [(tuple(map(writing.text, conditions)), bit) for bit, conditions in self._cases]
        lines = [f"{writing.name(k)} = c[{k!r}]" for k in keys]
        return writing.function("s, c=None", [*lines, *any_of_all(cases)])


def _reads(node: Node) -> int:
    return len(node.reads) + len(node.after)


class Judging:
    """The promises of a model, and what of them a step can break."""

    def __init__(self, nodes: Nodes, promises: Sequence[tuple[Property, Node]]) -> None:
        self._nodes, self._changing = nodes, Changing(nodes)
        self._always: dict[str, dict[Node, None]] = {}
        self._steps: dict[str, dict[Node, None]] = {}
        self._at: dict[str, dict[Node, None]] = {}
        """The promises about steps of certain rules, by rule; the others by the keys in them."""
        self._breaches: dict[Node, tuple[Conditions, ...]] = {}
        for prop, node in promises:
            if prop.kind == ALWAYS:
                for part in node.args if node.op == "and" else (node,):
                    _note(self._always, part.reads, part)
            elif prop.at:
                _note(self._at, prop.at, node)
            else:
                _note(self._steps, node.reads | node.after, node)

    def left(self, prop: Property, node: Node, g: Grounded) -> Node:
        """What is to be asked of a promise after a step of a grounding: of one about states, that
        held before, the parts that it may have made false; of one about steps, what its form does
        not settle.
        """
        written = g.writes
        if prop.kind == ALWAYS:
            return self._nodes.join("and", self._changing.still(node, written))
        if prop.at:
            asked = g.rule.name in prop.at
        else:
            asked = not (written.isdisjoint(node.reads) and written.isdisjoint(node.after))
        return self._changing.between(node, written) if asked else self._nodes.true

    def ways(self, g: Grounded) -> tuple[Conditions, ...]:
        """The ways in which a promise that held can be broken by a step of a grounding."""
        written, changing = g.writes, self._changing
        keys = sorted(written)
        left = list[Node]()
        for part in _noted(self._always, keys):
            left += changing.still(part, written)
        steps = _noted(self._steps, keys) | self._at.get(g.rule.name, {})
        left += [changing.between(node, written) for node in steps]
        return tuple(dict.fromkeys(way for node in left for way in self._broken(node)))

    def _broken(self, node: Node) -> tuple[Conditions, ...]:
        found = self._breaches.get(node)
        if found is None:
            found = self._breaches[node] = tuple(breaches(self._nodes, node))
        return found


def _note(by: dict[str, dict[Node, None]], names: Iterable[str], node: Node) -> None:
    for name in names:
        by.setdefault(name, {})[node] = None


def _noted(by: dict[str, dict[Node, None]], names: Iterable[str]) -> dict[Node, None]:
    found: dict[Node, None] = {}
    for name in names:
        found.update(by.get(name, {}))
    return found
