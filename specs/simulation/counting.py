"""A plan taken from a graph: which steps, and how often each.

Where a number is to be more by five, the step that counts it is taken five times, and what this
step needs has to be so the last time too: five logs are replayed once five are inspected, copied
and closed. What a step uses up has to come about again each time. So every one of many steps that
are alike brings a state nearer.

Sits above `machine` and `graph`; imports no z3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from models.plain.agenda import CLOCK
from models.plain.folding import Folding
from models.plain.layout import State
from models.plain.nodes import Node

from .graph import Graph, Reached
from .machine import Machine, Move

MANY = 12
"""A number that is further off than this counts no more, nor does a step that is taken oftener."""
Asked = Callable[[State], int]


class Plan(NamedTuple):
    """How far away a state is, how often each place is on the way, and times to be waited for."""

    far: int
    steps: Mapping[int, int]
    due: tuple[int, ...]


class _Wanted(NamedTuple):
    """A place that is to come about so often, where the numbers `keys` are not as they are now."""

    place: int
    times: int
    then: State
    keys: frozenset[str]


class Counting:
    """Takes plans from one graph, of which some places are conditions (`asked`)."""

    def __init__(
        self,
        graph: Graph,
        machine: Machine,
        asked: Mapping[int, Node],
        effects: Callable[[Move], dict[str, Node]],
    ) -> None:
        self._graph, self._machine, self._asked, self._of = graph, machine, asked, effects
        self._effects: dict[int, dict[str, Node]] = {}
        self._again: dict[int, frozenset[int]] = {}
        self._gaps: dict[Node, Asked] = {}
        self._awaits: dict[Node, Asked | None] = {}

    def taken(self, reached: Reached, goal: int, state: State) -> Plan:
        """The plan that leads to a goal."""
        steps, due, far = dict[int, int](), list[int](), 0
        todo = [_Wanted(goal, 1, state, frozenset())]
        seen = dict[tuple[int, frozenset[str]], int]()
        while todo:
            wanted = todo.pop()
            here, times, then, keys = wanted
            by, node = reached.via[here], self._asked.get(here)
            gap = 1
            if node is not None:
                if by == here:
                    if keys.isdisjoint(node.reads) or self._gap(node)(then) == 0:
                        continue
                    by = self._nearest(here, reached)
                gap = max(1, self._gap(node)(then))
            elif by == here:
                continue
            if seen.get((here, keys), 0) >= times * gap:
                continue
            seen[here, keys] = times * gap
            if by < 0:
                far += min(MANY, times * gap)
            elif node is not None:
                due += self._awaited(node, state)
                todo.append(self._counted(wanted, node, by, gap))
            else:
                move = self._graph.move[here]
                if move >= 0:
                    steps[move] = max(steps.get(move, 0), times)
                todo += self._before(wanted, by)
        far += sum(steps.values())
        return Plan(far, steps, tuple(due))

    def _nearest(self, here: int, reached: Reached) -> int:
        """What makes a condition true again the soonest; -1 if nothing does."""
        ways = [d for d in self._graph.down[here] if reached.via[d] >= 0]
        return min(ways, key=reached.when.__getitem__, default=-1)

    def _before(self, wanted: _Wanted, by: int) -> Iterator[_Wanted]:
        """What comes before a place that is no condition."""
        graph, (here, times, then, keys) = self._graph, wanted
        again = self._used_up(here) if graph.move[here] >= 0 else graph.down[here]
        for one in graph.down[here] if graph.whole[here] else (by,):
            yield _Wanted(one, times if one in again else 1, then, keys)

    def _counted(self, wanted: _Wanted, node: Node, by: int, gap: int) -> _Wanted:
        """What a condition comes about by: a step that counts what is missing, so often, with the
        numbers as they are before the last time.
        """
        _, times, then, keys = wanted
        step = self._step(by)
        effects = self._effects_of(step) if gap > 1 and step >= 0 else {}
        each = {k: _more(k, effects[k]) for k in node.reads if k in effects}
        most = max(map(abs, each.values()), default=0)
        count = -(-gap // most) if most else 1
        if count > 1:
            more = {k: int(then[k]) + by * (count - 1) for k, by in each.items() if by}
            then, keys = {**then, **more}, keys.union(more)
        return _Wanted(by, min(MANY, times * count), then, keys)

    def _step(self, by: int) -> int:
        """The place of the step by which something comes about; -1 if there is none."""
        graph = self._graph
        for one in (by, *graph.down[by]):
            if graph.move[one] >= 0:
                return one
        return -1

    def _effects_of(self, step: int) -> dict[str, Node]:
        if step not in self._effects:
            self._effects[step] = self._of(self._machine.moves[self._graph.move[step]])
        return self._effects[step]

    def _used_up(self, step: int) -> frozenset[int]:
        """What a step needs, and does away with."""
        found = self._again.get(step)
        if found is None:
            effects, nodes = self._effects_of(step), self._machine.nodes
            swap = {nodes.was(k): e for k, e in effects.items()}
            fold = Folding(nodes, swap, frozenset(effects))
            found = self._again[step] = frozenset(
                d
                for d in self._graph.down[step]
                if d in self._asked and fold(self._asked[d]) is nodes.false
            )
        return found

    def _gap(self, node: Node) -> Asked:
        """How much is missing for a condition to hold."""
        found = self._gaps.get(node)
        if found is None:
            found = self._gaps[node] = self._made(node)
        return found

    def _made(self, node: Node) -> Asked:
        value, make = self._machine.writing.of_state, self._machine.nodes.make
        negative = node.op == "not"
        inner = node.args[0] if negative else node
        if inner.op in ("le", "lt") and CLOCK not in inner.reads:
            strict = (inner.op == "lt") is not negative
            less, more = inner.args[::-1] if negative else inner.args
            apart = value(make("sub", (less, more)))
            return lambda state: min(MANY, max(0, apart(state) + strict))
        asked = value(node)
        return lambda state: not asked(state)

    def _awaited(self, node: Node, state: State) -> list[int]:
        """The time at which a condition becomes true by itself, if there is one."""
        if node not in self._awaits:
            self._awaits[node] = self._moment(node)
        found = self._awaits[node]
        return [] if found is None else [found(state)]

    def _moment(self, node: Node) -> Asked | None:
        nodes = self._machine.nodes
        if node.op not in ("elapsed", "le", "lt") or node.args[-1] is not nodes.was(CLOCK):
            return None
        at = node.args[0] if node.op != "elapsed" else nodes.make("add", node.args[:2])
        later = nodes.make("add", (at, nodes.const(int(node.op == "lt"))))
        return self._machine.writing.of_state(later)


def _more(key: str, effect: Node) -> int:
    """By how much a step counts a key; 0 if it does not."""
    if (
        effect.op not in ("add", "sub")
        or effect.args[0].value != key
        or effect.args[1].op != "const"
    ):
        return 0
    by = int(effect.args[1].value)
    return by if effect.op == "add" else -by
