"""Pairs of states: one that every proved invariant allows, and the one after a mutant's step, which
breaks a property there.

Z3 finds them, rule by rule, as it finds what keeps an induction from going through; each is
confirmed on the plain reader before it counts: the parameters obey the constraints, every
invariant holds before, the mutant may fire, and a property is false after. Whether the first state
can be reached nobody asks. The tracked members have no siblings here, so that a state is one of the
plain reader's. Sits above `induction`; imports z3, never `ccr_es` or `cli`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import z3

from models.language.model import ALWAYS, LEMMA, SOMETIMES, STEP, Instance, Property
from models.language.rule import GHOST, Rule
from models.language.terms import Sort
from models.plain.ground import Grounded, RuleCode
from models.plain.layout import Layout, State, Value
from models.plain.reader import Reader, Step

from ..proof.generic import CHANGES, ENDS
from ..proof.induction import Induction
from ..proof.siblings import OTHER
from ..reading.asking import check
from ..reading.grounding import GroundedStep
from ..runs import shown_at
from ..verdict import EngineError
from .trials import Trial

GENERIC = (CHANGES, ENDS)


@dataclass(frozen=True)
class Pair:
    """A state that every proved invariant allows, and what a step of a mutant breaks."""

    parameters: Mapping[str, int]
    before: State
    step: Step
    after: State
    by: tuple[str, ...]


class Pairs:
    """Looks for pairs of states under the instance of an induction, whose model is proved."""

    def __init__(self, engine: Induction) -> None:
        self.engine = engine
        self.model, self.reading = engine.model, engine.reading
        self._solver = z3.Solver()
        self._solver.add(*self.reading.assumptions.values())
        for prop in engine.invariants:
            self._solver.add(*(t.before for t in engine.translated[prop.number]))
        self._solver.add(*self._plain())
        self._usual = z3.Bool("parameters at their defaults")
        for name, value in self._defaults.items():
            usual = self.reading.parameters[name] == value
            self._solver.add(z3.Implies(self._usual, usual))
        asked = [p for p in self.model.properties if p.kind != SOMETIMES]
        self._asked = {
            True: [p for p in asked if p.kind != LEMMA],
            False: [p for p in asked if p.kind == LEMMA],
        }
        self._readers: dict[tuple[tuple[str, int], ...], Reader] = {}
        self._goals: dict[tuple[str, bool], list[Any]] = {}
        self._of = ""

    @property
    def _defaults(self) -> dict[str, int]:
        return dict(self.reading.layout.parameters)

    def _plain(self) -> list[Any]:
        """The tracked members have no siblings: no field names one, and of none all is said."""
        reading = self.reading
        found = []
        for key, declared in reading.layout.fields.items():
            if declared.sort.name in reading.tracked:
                found.append(reading.old[key] != reading.literal(OTHER, declared.sort))
        return [*found, *(reading.old[bit] for bit in reading.bits), *self._alone(0)]

    def _alone(self, since: int) -> list[Any]:
        return [u for u in self.reading.unknowns[since:] if z3.is_bool(u)]

    def broken(
        self, rule: Rule, step: GroundedStep, conditions: Iterable[Any], *,
        keys: frozenset[str] | None = None, usual: tuple[str, ...] = (), goals: str = "",
    ) -> Pair | None:  # fmt: skip
        """A confirmed pair in which `rule`, a mutant, takes `step` where all `conditions` hold.

        `keys` limits what is judged to properties that read one of them; goals of the same name
        are translated once. Generic obligations in `usual` are not asked.
        """
        solver = self._solver
        solver.push()
        solver.add(*conditions, *step.side, *self._of_step(step))
        try:
            for promised in (True, False):
                parts = self._parts(step, promised, keys, goals)
                if promised:
                    parts = [*parts, *self._generically(step, usual)]
                if not parts:
                    continue
                solver.push()
                try:
                    solver.add(z3.Or(*parts))
                    found = self._find(rule, step, usual)
                finally:
                    solver.pop()
                if found is not None:
                    return found
            return None
        finally:
            solver.pop()

    def _of_step(self, step: GroundedStep) -> list[Any]:
        """No siblings, for what only this step speaks of."""
        found = [v for k, v in step.effects.items() if k in self.reading.bits]
        found += [self.reading.old[bit] for bit in self.reading.bits]
        valued = dict(step.rule.valued)
        for name, value in step.args.items():
            if valued[name].name in self.reading.tracked:
                found.append(value != self.reading.literal(OTHER, valued[name]))
        return [*found, *self._alone(0)]

    def _find(self, rule: Rule, step: GroundedStep, usual: tuple[str, ...]) -> Pair | None:
        for literals in ((self._usual,), ()):
            answer = check(self._solver, *literals, rlimit=self.engine.rlimit)
            if answer == z3.sat:
                return self._confirmed(rule, step, self._solver.model(), usual)
        return None

    def _parts(
        self, step: GroundedStep, promised: bool, keys: frozenset[str] | None, goals: str
    ) -> list[Any]:
        if goals and goals != self._of:
            self._goals, self._of = {}, goals
        if goals and (goals, promised) in self._goals:
            return self._goals[goals, promised]
        swap = step.swaps(self.engine.primed, self.reading.old)
        found = []
        for planned in self.engine.planned(step, self._asked[promised]):
            for i in planned.parts:
                part = self.engine.translated[planned.prop.number][i]
                if keys is None or not part.reads.isdisjoint(keys):
                    found.append(z3.Not(z3.substitute(part.after, *swap)))
        if goals:
            self._goals[goals, promised] = found
        return found

    def _generically(self, step: GroundedStep, usual: tuple[str, ...]) -> list[Any]:
        old, fields = self.reading.old, self.reading.layout.fields
        found = []
        if CHANGES not in usual:
            seen = [k for k in step.effects if k in fields and fields[k].owner != GHOST]
            found.append(z3.And(*(step.effects[k] == old[k] for k in seen)))
        if ENDS not in usual and step.rule.trigger == "consequence":
            swap = [(old[key], value) for key, value in step.effects.items()]
            found.append(z3.And(*(z3.substitute(g, *swap) for g in step.guards.values())))
        return found

    def _confirmed(
        self, rule: Rule, step: GroundedStep, model: Any, usual: tuple[str, ...]
    ) -> Pair:
        """The model in plain values, judged by the plain reader. Raises `EngineError` if the two
        readers do not agree.
        """
        reader, before = self.state(model)
        g, values, taken = self.ready(rule, step, model, reader, before)
        after = before | g.effects(before, *values)
        by = tuple(judged(reader, self._asked[True], taken, before, after)) + tuple(
            x for x in generic(rule, reader.layout, g, values, before, after) if x not in usual
        )
        by += tuple(judged(reader, self._asked[False], taken, before, after))
        if not by:
            raise EngineError(f"{rule.label} breaks nothing where z3 says that it breaks something")
        return Pair(reader.instance.parameters, before, taken, after, by)

    def _plain_value(self, model: Any, term: Any, sort: Sort) -> Value:
        return self.reading.value(model.eval(term, model_completion=True), sort)

    def state(self, model: Any) -> tuple[Reader, State]:
        """The state that z3 found, in plain values, and a reader with its parameters. Raises
        `EngineError` if an invariant that was assumed is false there.
        """
        reading = self.reading
        parameters = {
            n: model.eval(p, model_completion=True).as_long() for n, p in reading.parameters.items()
        }
        before = {
            k: self._plain_value(model, reading.old[k], f.sort)
            for k, f in reading.layout.fields.items()
        }
        reader = self._reader(parameters)
        for prop in self.engine.invariants:
            if reader.holds(prop, before):
                raise EngineError(f"{prop.number} is false in a state in which it was assumed")
        return reader, before

    def ready(
        self, rule: Rule, step: GroundedStep, model: Any, reader: Reader, before: State
    ) -> tuple[Grounded, list[Value], Step]:
        """The rule with the arguments that z3 found. Raises `EngineError` if it may not fire."""
        valued = dict(rule.valued)
        found = {n: self._plain_value(model, v, valued[n]) for n, v in step.args.items()}
        args = {**step.binding, **found}
        g = RuleCode(rule, reader.layout).ground(dict(step.binding))
        values = [args[n] for n in g.names]
        if not g.allowed(before, *values):
            raise EngineError(f"{rule.label} may not fire in a state in which z3 says it may")
        return g, values, Step(rule.name, {n: args[n] for n, _ in rule.params})

    def same(self, trial: Trial) -> tuple[str, ...] | None:
        """The guards because of which a mutant does what the original does in every state in which
        the tracked members have no siblings; None if it does something else in one.
        """
        solver, names = self._solver, {}
        solver.push()
        solver.add(*trial.original.side, *trial.step.side, *self._of_step(trial.original))
        solver.add(trial.differs)
        for name in trial.common:
            literal = z3.Bool(f"guard {name}")
            names[str(literal)] = name
            solver.add(z3.Implies(literal, trial.original.guards[name]))
        answer = check(solver, *map(z3.Bool, names), rlimit=self.engine.rlimit)
        core = solver.unsat_core() if answer == z3.unsat else ()
        found = tuple(names[str(c)] for c in core)
        solver.pop()
        return found if answer == z3.unsat else None

    def together(self, step: GroundedStep, other: GroundedStep, also: Any) -> Any:
        """z3's model of a plain state in which both steps may be taken, and `also` holds; None if
        there is none.
        """
        solver = self._solver
        solver.push()
        solver.add(*step.guards.values(), *step.side, *self._of_step(step), also)
        solver.add(*other.guards.values(), *other.side, *self._of_step(other))
        answer = check(solver, rlimit=self.engine.rlimit)
        model = solver.model() if answer == z3.sat else None
        solver.pop()
        return model

    def _reader(self, parameters: dict[str, int]) -> Reader:
        key = tuple(parameters.items())
        if key not in self._readers:
            if len(self._readers) > 50:
                self._readers.clear()
            instance = Instance(self.engine.instance.members, parameters)
            self._readers[key] = Reader(self.model, instance)
        return self._readers[key]


def judged(
    reader: Reader, asked: Iterable[Property], step: Step, before: State, after: State
) -> list[str]:
    """The numbers of the properties that a step breaks."""
    return [p.number for p in asked if p.kind in (ALWAYS, LEMMA, STEP)
            and shown_at(reader, p, before, after, step.rule)]  # fmt: skip


def generic(
    rule: Rule, layout: Layout, g: Any, values: list[Value], before: State, after: State
) -> list[str]:
    """The generic obligations that a step does not keep, on plain values."""
    found = []
    seen = [k for k in g.writes if layout.fields[k].owner != GHOST]
    if all(before[k] == after[k] for k in seen):
        found.append(CHANGES)
    if rule.trigger == "consequence" and g.allowed(after, *values):
        found.append(ENDS)
    return found
