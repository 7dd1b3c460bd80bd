"""Exploring on plain values: breadth first, without a solver. A second opinion.

Every state within some steps of the initial one, for a chosen set of rules, at the instance's
parameters. Arguments that no guard binds are tried at values that can matter: time at the next
moments at which a guard changes, other numbers at one and at the parameters that the rule reads.
What it finds is shortest for these choices. Imports no z3.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import product

from models.language.model import SOMETIMES, STEP, Instance, Model, Property
from models.language.terms import Sort, walk
from models.plain.agenda import CLOCK
from models.plain.compile import function, source
from models.plain.ground import Grounded
from models.plain.layout import State, Value
from models.plain.reader import Reader, Step

from ..runs import Run
from .shrink import Shows, shows_property

STATES = 200_000


@dataclass
class Explored:
    """What an exploration saw: the run that shows it, or how deep every state was looked at."""

    run: Run | None
    depth: int
    states: int
    complete: bool
    """False if the limit on states ended it before `depth`."""


@dataclass
class Explorer:
    """Breadth-first search over a model's plain states; `rules` restricts it, by name."""

    model: Model
    instance: Instance
    rules: Iterable[str] | None = None
    states: int = STATES
    fired: set[str] = field(default_factory=set)
    """Names of the rules that fired."""

    def __post_init__(self) -> None:
        self.reader = Reader(self.model, self.instance)
        wanted = set(self.model.rules) if self.rules is None else set(self.rules)
        self._grounded = [g for g in self.reader.all_grounded() if g.rule.name in wanted]
        self._choices = {id(g): self._numbers(g) for g in self._grounded}
        self._bound = {id(g): self._binders(g) for g in self._grounded}

    def find(self, prop: Property, depth: int) -> Explored:
        """A shortest run that breaks `prop`, or shows it if it is a `sometimes`."""
        start = self.reader.initial()
        if prop.kind != STEP and bool(self.reader.holds(prop, start)) == (prop.kind != SOMETIMES):
            return Explored(Run(self.instance, ()), 0, 1, True)
        return self.search(shows_property(self.reader, prop), depth)

    def search(self, shows: Shows, depth: int) -> Explored:
        """A shortest run whose last step `shows` what is wanted."""
        start = self.reader.initial()
        parents: dict[tuple[Value, ...], tuple[tuple[Value, ...], Step] | None] = {}
        parents[tuple(start.values())] = None
        todo = deque([(start, 0)])
        while todo:
            state, steps = todo.popleft()
            if steps == depth:
                return Explored(None, depth, len(parents), True)
            here = tuple(state.values())
            for step, new in self.successors(state):
                there = tuple(new.values())
                shown = shows(state, new, step)
                if shown or there not in parents:
                    if shown:
                        return Explored(
                            Run(self.instance, (*self._path(parents, here), step)),
                            steps + 1, len(parents), True,
                        )  # fmt: skip
                    if len(parents) >= self.states:
                        return Explored(None, steps, len(parents), False)
                    parents[there] = (here, step)
                    todo.append((new, steps + 1))
        return Explored(None, depth, len(parents), True)

    def _path(
        self,
        parents: dict[tuple[Value, ...], tuple[tuple[Value, ...], Step] | None],
        last: tuple[Value, ...],
    ) -> list[Step]:
        steps: list[Step] = []
        at = parents[last]
        while at is not None:
            steps.append(at[1])
            at = parents[at[0]]
        return steps[::-1]

    def successors(self, state: State) -> Iterator[tuple[Step, State]]:
        """Every enabled step with the arguments tried, and the state after it."""
        for g in self._grounded:
            for args in self._arguments(g, state):
                changes = g.attempt(state, *(args[n] for n in g.names))
                if changes is not None:
                    self.fired.add(g.rule.name)
                    values = {**g.binding, **args}
                    step = Step(g.rule.name, {n: values[n] for n, _ in g.rule.params})
                    yield step, {**state, **changes}

    def _arguments(self, g: Grounded, state: State) -> Iterator[dict[str, Value]]:
        bound = {n: f(state) for n, f in self._bound[id(g)].items()}
        free = [n for n in g.names if n not in bound]
        numbers = self._moments(state) if g.rule.trigger == "time" else self._choices[id(g)]
        for values in product(numbers, repeat=len(free)):
            yield {**bound, **dict(zip(free, values, strict=True))}

    def _moments(self, state: State) -> list[Value]:
        now = state[CLOCK]
        assert isinstance(now, int)
        found = {
            m - now + late
            for g in self._grounded
            if g.moments is not None
            for m in g.moments(state)
            for late in (-1, 0)
            if m - now + late > 0
        }
        return sorted(found) or [1]

    def _numbers(self, g: Grounded) -> list[Value]:
        parts = [t for guard in g.rule.guards.values() for t in walk(guard)]
        used = {self.reader.layout.parameters[t.value] for t in parts if t.op == "parameter"}
        return sorted({1, *used})

    def _binders(self, g: Grounded) -> dict[str, Callable[[State], Value]]:
        bound = g.rule.bindings
        sorts: dict[str, Sort] = dict(g.rule.valued)
        layout = self.reader.layout
        return {n: function(source(bound[n], layout, g.binding), ()) for n in sorts if n in bound}
