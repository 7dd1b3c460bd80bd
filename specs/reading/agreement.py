"""Agreement: the plain reader and the Z3 reader, compared on every rule and property of a model.

On sampled states, and for rules also on states that Z3 chooses so that the guards hold. Every
guard, every effect and every property must have the same value in both. Sits above `grounding`;
imports z3, never `ccr_es` or `cli`.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import z3

from models.language.model import STEP, Instance, Model, Property
from models.language.terms import Sort
from models.plain.agenda import CLOCK
from models.plain.layout import State, Value
from models.plain.reader import Reader

from .asking import check
from .grounding import GroundedStep, all_grounded, bindings
from .symbolic import Reading, Scope

RLIMIT = 5_000_000


@dataclass
class Agreement:
    """How many values were compared, where they differ, and which rules were compared enabled."""

    seed: int
    compared: int = 0
    differences: list[str] = field(default_factory=list)
    enabled: set[str] = field(default_factory=set)
    """Labels of the grounded rules that were compared in a state in which they may fire."""


class Comparer:
    """The two readers of one model, side by side, at the instance's parameters."""

    def __init__(self, model: Model, instance: Instance, seed: int) -> None:
        self.model = model
        self.plain = Reader(model, instance)
        self.layout = self.plain.layout
        self.reading = Reading(model, instance, self.layout.parameters)
        self.random = random.Random(seed)  # noqa: S311 - samples, no secrets
        self.result = Agreement(seed)
        self._edges = sorted({0, 1, *self.layout.parameters.values()})
        self._now = 0

    def sample(self, sort: Sort) -> Value:
        """A random value of a sort."""
        if sort.kind == "bool":
            return self.random.random() < 0.5
        if sort.kind == "int":
            edge = self.random.choice(self._edges) + self.random.choice((-1, 0, 0, 1))
            return self.random.choice((edge, self._now - edge))
        members = self.layout.members(sort)
        return self.random.choice(members if sort.kind == "enum" else ("", *members))

    def state(self) -> State:
        """A random state, reachable or not, with many ages at the edge of a timer."""
        self._now = self.random.choice(self._edges)
        state = {k: self.sample(f.sort) for k, f in self.layout.fields.items()}
        if CLOCK in state:
            state[CLOCK] = self._now
        return state

    def compare_rules(self, samples: int) -> None:
        """Each grounded rule in `samples` random states and in one where it may fire."""
        for step in all_grounded(self.reading):
            for _ in range(samples):
                args = {n: self.sample(s) for n, s in step.rule.valued}
                self._compare(step, self.state(), args)
            chosen = self._chosen(step)
            if chosen is not None:
                self._compare(step, *chosen)
                self.result.enabled.add(step.label)

    def _chosen(self, step: GroundedStep) -> tuple[State, dict[str, Value]] | None:
        """A state and arguments with which every guard holds; None if there are none."""
        solver = z3.Solver()
        solver.add(*step.guards.values())
        if check(solver, rlimit=RLIMIT) != z3.sat:
            return None
        model = solver.model()
        fields, sorts = self.layout.fields, dict(step.rule.valued)

        def plain(symbol: Any, sort: Sort) -> Value:
            return self.reading.value(model.eval(symbol, model_completion=True), sort)

        state = {k: plain(v, fields[k].sort) for k, v in self.reading.old.items()}
        return state, {n: plain(v, sorts[n]) for n, v in step.args.items()}

    def _compare(self, step: GroundedStep, state: State, args: dict[str, Value]) -> None:
        g = self.plain.grounded(step.rule.name, step.binding)
        valued = [args[n] for n in g.names]
        swap = [*self._swap(state, step.reads), *self._args(step, args)]
        for name, holds in g.guards.items():
            found = z3.simplify(z3.substitute(step.guards[name], *swap))
            where = f"{step.label}: guard {name!r}"
            self._same(where, bool(holds(state, *valued)), z3.is_true(found), found)
        effects = g.effects(state, *valued)
        for key, value in effects.items():
            found = z3.simplify(z3.substitute(step.effects[key], *swap))
            read = self.reading.value(found, self.layout.fields[key].sort)
            self._same(f"{step.label}: effect on {key}", value, read, found)
        if set(effects) != set(step.effects):
            self.result.differences.append(f"{step.label}: different keys are written")

    def compare_properties(self, samples: int) -> None:
        """Each property in `samples` random states, or pairs of states."""
        for prop in self.model.properties:
            for _ in range(samples):
                old = self.state()
                new = self.state() if prop.kind == STEP else old
                self._judge(prop, old, new)

    def _judge(self, prop: Property, old: State, new: State) -> None:
        false = self.plain.holds(prop, old, new)
        before, after = self._constants(old), self._constants(new)
        for binding in bindings(self.reading, prop.params):
            term = self.reading.encode(prop.term, Scope(before, after, binding))
            found = z3.simplify(term)
            self._same(f"{prop.label} {binding}", binding not in false, z3.is_true(found), found)

    def _constants(self, state: State) -> dict[str, Any]:
        fields = self.layout.fields
        return {k: self.reading.literal(v, fields[k].sort) for k, v in state.items()}

    def _swap(self, state: State, keys: Iterable[str]) -> list[tuple[Any, Any]]:
        fields, old = self.layout.fields, self.reading.old
        return [(old[k], self.reading.literal(state[k], fields[k].sort)) for k in sorted(keys)]

    def _args(self, step: GroundedStep, args: dict[str, Value]) -> Iterator[tuple[Any, Any]]:
        sorts = dict(step.rule.valued)
        for name, symbol in step.args.items():
            yield symbol, self.reading.literal(args[name], sorts[name])

    def _same(self, where: str, plain: Value, symbolic: Value, found: Any) -> None:
        self.result.compared += 1
        if plain != symbolic:
            said = f"plain {plain!r}, symbolic {found}"
            self.result.differences.append(f"seed {self.result.seed}: {where}: {said}")


def agreement(model: Model, instance: Instance, seed: int, samples: int = 5) -> Agreement:
    """Compare the two readers of `model` on everything it says; same seed, same samples."""
    comparer = Comparer(model, instance, seed)
    comparer.compare_rules(samples)
    comparer.compare_properties(samples)
    return comparer.result
