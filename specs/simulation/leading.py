"""What would have to happen for a property to break: a plan in which nothing gets in the way.

A condition comes about by the steps whose effects can make it true, these by what their guards ask,
and so on: a graph of "all of these" and "one of these", made once from the rules. In a state the
nearest way through it is a plan; how many steps it has says how far away the state is. That a step
may undo what another one needs is forgotten, so a plan is a direction and no promise (in planning
such a plan is called relaxed).

Sits above `machine` and `ways`; imports no z3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import compress

from models.language.terms import substitute
from models.plain.folding import Folding
from models.plain.layout import State, Value
from models.plain.nodes import Node

from .counting import Asked, Counting, Plan
from .doubting import Invariants
from .factored import breaches, conditions
from .graph import Graph
from .hindering import Hindering
from .machine import Machine, Move
from .spans import Span, Spans
from .ways import alone, apart, between, bounds, counted, in_vain, together

LARGEST = 2_000
"""Conditions of a graph; what is beyond is taken to be so."""
NEAR = -2
"""The depth of what the last step asks. From 0 on, the depth of guards, what a condition was before
an effect is taken to be so, unless a guard asks it too.
"""
CLOSELY, BRANCHES = 2, 4
"""If no more steps can break a property, it is said of each way which branch is taken of what
depends on something; so often, at most.
"""
FAR = 10**6
"""How far away a state is from which there is no way."""
SPOILED = 25
"""Layers that a step takes longer if it undoes what is needed in the end."""
Breaking = list[tuple[Node, ...]]
"""Ways in which a step breaks a property: what must hold before it."""
Broken = tuple[Move, Breaking, Breaking]
"""A step, the ways in which it breaks a property, and those that are likely."""


class Lead:
    """How to break one property, by number."""

    def __init__(self, machine: Machine, number: str) -> None:
        self._machine, self._nodes, self._graph = machine, machine.nodes, Graph()
        self.moves, self.hindering = machine.moves, Hindering(machine, self._effects)
        self._true = self._graph.place(True)
        self._false = self._graph.place(True, [self._graph.place(False)])
        self._facts: dict[Node, int] = {}
        self._steps: dict[int, int] = {}
        self._asked: dict[int, tuple[Node, int]] = {}
        """The conditions that are asked in a state, by place, with their depths."""
        self._offers: dict[tuple[int, str], dict[Node, None]] = {}
        self._spans: dict[int, Spans] = {}
        self._made: dict[Node, Asked] = {}
        self._writers: dict[str, list[Move]] = {}
        for move in machine.moves:
            for key in sorted(move.g.writes):
                self._writers.setdefault(key, []).append(move)
        self._undoing: dict[int, list[tuple[int, int, Node]]] = {}
        """For each goal the places of steps that undo what it needs in any case, of what they undo,
        and when they do.
        """
        self._undoes: dict[int, Callable[[State], tuple[int, ...]]] = {}
        self._unlikely: set[int] = set()
        self._last = set[Node]()
        """What the last steps ask, if it is looked at closely: so is what it was before an effect
        that does not count.
        """
        self._closely = False
        """Whether it is looked at closely, because few steps can break the property."""
        self.goals = list(self._goals(number))
        """For each step that can break it, the place at which it does."""
        self.likely = [g for g in self.goals if g not in self._unlikely] or self.goals
        """Those that no other invariant of the model excludes; all if it excludes every one."""
        done = 0
        while done < len(self._asked):
            for place in list(self._asked)[done:]:
                self._reach(place, *self._asked[place])
                done += 1
        asked = {place: node for place, (node, _) in self._asked.items()}
        self._counting = Counting(self._graph, machine, asked, self._effects)
        self._truth = self._told(node for node, _ in self._asked.values())

    def _goals(self, number: str) -> Iterator[int]:
        machine, invariants = self._machine, Invariants(self._machine)
        asked = [i for i, (prop, _) in enumerate(machine.promises) if prop.number == number]
        found = list[Broken]()
        for move in machine.moves:
            ways = [w for i in asked for w in self._ways(move, machine.left(i, move.g))]
            possible = [w for w in ways if not invariants.exclude(self._said(move, w))]
            if ways:
                found.append((move, ways, possible))
        if len(found) <= CLOSELY:
            self._closely = True
            found = list(self._cases(found, Invariants(machine, number), invariants))
        for move, ways, possible in found:
            yield self._goal(move, possible or ways, not possible)

    def _cases(
        self, found: list[Broken], before: Invariants, invariants: Invariants
    ) -> Iterator[Broken]:
        """The ways case by case, without those that the promise itself excludes."""
        for move, ways, _ in found:
            cases = [case for way in ways for case in apart(self._nodes, way, BRANCHES)]
            left = [c for c in cases if not before.exclude(self._said(move, c))]
            if left:
                possible = [c for c in left if not invariants.exclude(self._said(move, c))]
                self._last.update(*(possible or left))
                yield move, left, possible

    def _goal(self, move: Move, ways: Breaking, unlikely: bool) -> int:
        """The place at which a step breaks a property, in one of these ways."""
        parts = ([self._step(move), *self._chosen(move, way, NEAR)] for way in ways)
        made = self._graph.place(False, [self._graph.place(True, p) for p in parts])
        always = [c for c in ways[0] if not c.names and all(c in way for way in ways)]
        self._undoing[made] = [
            (place, self._facts.get(c, -1), node)
            for c in always
            for place, node in self._undone(c)
            if place != move.place
        ]
        if unlikely:
            self._unlikely.add(made)
        return made

    def _said(self, move: Move, way: tuple[Node, ...]) -> tuple[Node, ...]:
        """What a way to a goal says, with the guards about arguments that are chosen."""
        every = (self._nodes.of(t, move.g.binding) for t in move.g.rule.freely)
        return tuple(dict.fromkeys((*way, *(c for g in every for c in conditions(self._nodes, g)))))

    def _ways(self, move: Move, node: Node) -> Iterator[tuple[Node, ...]]:
        """What must hold before a step, so that a promise does not hold after it."""
        nodes, effects = self._nodes, self._effects(move) if node.after else {}
        swap = {nodes.now(k): effects.get(k, nodes.was(k)) for k in node.after}
        for way in breaches(nodes, Folding(nodes, swap)(node)):
            parts = together(nodes, (*self._machine.guards[move.place], *way))
            if parts is not None:
                yield parts

    def _undone(self, node: Node) -> Iterator[tuple[int, Node]]:
        """The places of steps after which a condition does not hold, and when that is so."""
        nodes = self._nodes
        for move in {m.place: m for k in node.reads for m in self._writers.get(k, ())}.values():
            keys, effects = node.reads & move.g.writes, self._effects(move)
            swap = {nodes.was(k): effects[k] for k in keys}
            after = Folding(nodes, swap, keys)(node)
            if after is nodes.false:
                yield move.place, nodes.true
            elif not after.names and after is not nodes.true:
                yield move.place, nodes.join("and", (node, nodes.negated(after)))

    def _effects(self, move: Move) -> dict[str, Node]:
        g, layout = move.g, self._machine.reader.layout
        return {
            layout.key(f, g.binding): self._nodes.of(substitute(v, g.rule.bindings), g.binding)
            for f, v in g.rule.effects
        }

    def _fact(self, node: Node, depth: int = 0) -> int:
        """The place of a condition."""
        nodes, graph, negative = self._nodes, self._graph, node.op == "not"
        if node.op == "const":
            return self._true if node.value else self._false
        if node.names:
            return self._true
        if node in self._facts:
            return self._facts[node]
        made = self._facts[node] = graph.place(False)
        inner = node.args[0] if negative else node
        if inner.op in ("and", "or"):
            graph.whole[made] = (inner.op == "and") is not negative
            for part in inner.args:
                graph.under(made, self._fact(nodes.negated(part) if negative else part, depth))
        elif depth <= 0 and len(self._asked) < LARGEST:
            self._asked[made] = node, depth
        else:
            graph.under(made, self._true)
        return made

    def _step(self, move: Move) -> int:
        """The place at which a step is taken."""
        if move.place not in self._steps:
            made = self._steps[move.place] = self._graph.place(True, [self._true], move.place)
            for one in self._chosen(move, self._machine.guards[move.place], 0):
                self._graph.under(made, one)
        return self._steps[move.place]

    def _chosen(self, move: Move, parts: Iterable[Node], depth: int) -> list[int]:
        """The places of these conditions; and, with the guards about arguments that somebody
        chooses, that there is something to choose.
        """
        nodes, about = self._nodes, list[Node]()
        places = list[int]()
        for part in parts:
            if part.names:
                about.append(part)
            else:
                places.append(self._fact(part, depth))
        if move.free and move.trigger != "time":
            for term in move.g.rule.freely:
                every = conditions(nodes, nodes.of(term, move.g.binding))
                about += [c for c in every if c.names]
            if self._closely:
                about = [alone(nodes, c) for c in about]
            places += [self._fact(n, depth) for n in between(nodes, about)]
            for name, bound, least, most in bounds(about):
                more = least if most is None else most
                offer = nodes.make("add", (bound, nodes.const(more or 0)))
                self._offers.setdefault((move.place, name), {})[offer] = None
        return places

    def _reach(self, place: int, node: Node, depth: int) -> None:
        """What makes a condition true."""
        nodes, graph = self._nodes, self._graph
        movers = {m.place: m for k in sorted(node.reads) for m in self._writers.get(k, ())}
        for _, move in sorted(movers.items()):
            keys, effects = node.reads & move.g.writes, self._effects(move)
            if all(in_vain(nodes, node, k, effects[k]) for k in sorted(keys)):
                continue
            after = Folding(nodes, {nodes.was(k): effects[k] for k in keys}, keys)(node)
            if after is node or after is nodes.false:
                continue
            parts = [c for c in conditions(nodes, after) if c.names or c.reads.isdisjoint(keys)]
            more = self._chosen(move, parts, depth + 1)
            if node in self._last:
                own = [c for c in conditions(nodes, after) if c not in parts]
                more += [self._fact(c) for c in own if not counted(c, effects)]
            step = self._step(move)
            graph.under(place, graph.place(True, [step, *more]) if more else step)

    def _told(self, asked: Iterable[Node]) -> Callable[[State], tuple[int, ...]]:
        writing = self._machine.writing
        return writing.function("s", [f"return ({''.join(f'{writing.text(n)}, ' for n in asked)})"])

    def offers(self, move: Move, name: str, state: State) -> list[int]:
        """What an argument that somebody chooses is compared with."""
        return [self._value(n)(state) for n in self._offers.get((move.place, name), ())]

    def span(self, move: Move, state: State, before: Sequence[Value]) -> Span:
        """Between which numbers the next argument may be, if those before it are chosen."""
        found = self._spans.get(move.place)
        if found is None:
            found = self._spans[move.place] = Spans(self._machine, move)
        return found.of(state, before)

    def _value(self, node: Node) -> Asked:
        if node not in self._made:
            self._made[node] = self._machine.writing.of_state(node)
        return self._made[node]

    def _spoilers(self, goal: int, state: State) -> dict[int, list[int]]:
        """The places of the steps that would undo what a goal needs, each with those of that."""
        found, spoilt = self._undoing[goal], dict[int, list[int]]()
        if goal not in self._undoes:
            self._undoes[goal] = self._told(node for _, _, node in found)
        for (place, undone, _), so in zip(found, self._undoes[goal](state), strict=True):
            if so:
                spoilt.setdefault(place, []).append(undone)
        return spoilt

    def plan(self, state: State, weights: Sequence[int], goal: int) -> Plan:
        """What would lead from a state to a goal, if each step takes as long as it weighs. One that
        undoes what the goal needs takes longer; is it taken nevertheless, that has to come about
        again, if it can.
        """
        begin = [self._true, *compress(self._asked, self._truth(state))]
        own, spoilers = list(weights), self._spoilers(goal, state)
        for place in spoilers:
            own[place] += SPOILED
        found = self._taken(begin, own, goal, state)
        undone = {u for place in spoilers.keys() & found.steps.keys() for u in spoilers[place]}
        if not undone:
            return found
        found = found._replace(far=found.far + SPOILED)
        if not undone <= self._asked.keys():
            return found
        again = self._taken([b for b in begin if b not in undone], weights, goal, state)
        asked, taken = self._asked, spoilers.keys() & again.steps.keys()
        lost = {p: [asked[u][0] for u in spoilers[p] if u in asked] for p in taken}
        if self.hindering.for_good(lost, again.steps):
            return found
        return min(found, again, key=lambda p: p.far)

    def _taken(self, begin: list[int], weights: Sequence[int], goal: int, state: State) -> Plan:
        reached = self._graph.reached(begin, weights)
        if reached.via[goal] < 0:
            return Plan(FAR, {}, ())
        return self._counting.taken(reached, goal, state)
