"""The mutation score: what notices that a rule was changed.

- *caught*: the induction of some property goes through no more (`by` names it), the rule keeps a
  generic obligation no more (see `generic`), or a story does not show its property any more.
- *redundant*: what was changed is implied by the other guards and the proved invariants, or makes
  no difference; `implied_by` names them.
- *invalid*: nothing can run such a rule.
- *unconstrained*: nothing notices. A hole in the properties; or something wanted for its own sake.
  If the rule as written and as changed part ways in a story, `witness` says where: what was changed
  does decide something, but nothing says that it should.

A property that is only seen to fail by induction need not be broken by any run: `with_run` looks
for one. Sits above `induction`, `generic` and `search`; imports z3, never `ccr_es` or `cli`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import z3

from models.language.model import LEMMA, SOMETIMES, Instance, Model, Property

from ..proof.generic import Generic
from ..proof.induction import Induction
from ..reading.asking import check
from ..reading.grounding import GroundedStep, all_grounded
from ..runs import Run
from ..search.search import Hunt
from ..search.story import shown_by
from ..verdict import HOLDS
from .mutants import NUMBER, Mutant, mutants_of, runnable
from .partings import Course, courses, parting

CAUGHT, REDUNDANT, INVALID, UNCONSTRAINED = "caught", "redundant", "invalid", "unconstrained"


@dataclass(frozen=True)
class Judged:
    """What became of a mutant. `by` are property numbers, or a generic obligation; `implied_by`
    guards and lemmas; `witness` is where a story goes another way.
    """

    mutant: Mutant
    outcome: str
    by: tuple[str, ...] = ()
    implied_by: tuple[str, ...] = ()
    witness: str = ""
    run: Run | None = None


@dataclass
class Mutation:
    """Judges the mutants of one model, which must be proved itself (see `Induction`)."""

    model: Model
    instance: Instance
    fixed: Mapping[str, int] = field(default_factory=dict)
    thorough: bool = False
    """Name every property that fails, not only the first promise."""

    def __post_init__(self) -> None:
        self.engine = Induction(self.model, self.instance, self.fixed)
        kinds = {p.number: p.kind for p in self.model.properties}
        asked = [p for p in self.model.properties if p.kind != SOMETIMES]
        self._asked = sorted(asked, key=lambda p: kinds[p.number] == LEMMA)
        self._solver, self._literals = self.engine.solver()
        self._generic = Generic(self.engine, self._solver, self._literals)
        self._usual: dict[str, tuple[str, ...]] = {}

    def judge(self, mutant: Mutant) -> Judged:
        """What notices it. Stories are not asked (see `by_stories`)."""
        why = runnable(mutant.rule)
        if why:
            return Judged(mutant, INVALID, implied_by=(why,))
        steps = all_grounded(self.engine.reading, symmetric=True, rules=[mutant.rule])
        implied = self._implied(mutant, steps)
        if implied is not None:
            return Judged(mutant, REDUNDANT, implied_by=implied)
        by = self._failing(steps) or self._generically(mutant)
        return Judged(mutant, CAUGHT if by else UNCONSTRAINED, by)

    def _failing(self, steps: list[GroundedStep]) -> tuple[str, ...]:
        """The first promise whose induction fails (the lemmas if none does), or all that fail."""
        kinds = {p.number: p.kind for p in self._asked}
        failed: dict[str, None] = {}
        for step in steps:
            for result in self.engine.of_rule(step, self._asked, self._solver, self._literals):
                number = result.obligation.property
                if result.obligation.verdict == HOLDS:
                    continue
                if kinds[number] != LEMMA and not self.thorough:
                    return (number,)
                failed[number] = None
        return tuple(p.number for p in self._asked if p.number in failed)

    def _generically(self, mutant: Mutant) -> tuple[str, ...]:
        name = mutant.original.name
        if name not in self._usual:
            self._usual[name] = self._generic.failing(mutant.original)
        return tuple(x for x in self._generic.failing(mutant.rule) if x not in self._usual[name])

    def _implied(self, mutant: Mutant, steps: list[GroundedStep]) -> tuple[str, ...] | None:
        """The guards and lemmas because of which the mutant does what the original does; None if it
        does something else.
        """
        if mutant.rule.keyed != mutant.original.keyed:
            return None  # the guard said which member an argument is
        used: dict[str, None] = {}
        originals = all_grounded(self.engine.reading, symmetric=True, rules=[mutant.original])
        for step, original in zip(steps, originals, strict=True):
            if mutant.kind == NUMBER and self._stricter(step, original):
                return None
            core = self._core(step, self._differs(step, original))
            if core is None:
                return None
            used.update(dict.fromkeys(core))
        return tuple(used)

    def _stricter(self, step: GroundedStep, original: GroundedStep) -> bool:
        """Whether the original may fire where the mutant may not."""
        self._solver.push()
        self._solver.add(*original.guards.values(), *original.side)
        self._solver.add(z3.Not(z3.And(*step.guards.values())))
        answer = check(self._solver, *self._literals.values(), rlimit=self.engine.rlimit)
        self._solver.pop()
        return bool(answer != z3.unsat)

    def _differs(self, step: GroundedStep, original: GroundedStep) -> z3.BoolRef:
        """Where the mutant may do what the original does not: a guard of that is false, or it sets
        something else.
        """
        old = self.engine.reading.old
        apart = [z3.Not(g) for name, g in original.guards.items() if name not in step.guards]
        for name, guard in original.guards.items():
            if name in step.guards and not guard.eq(step.guards[name]):
                apart.append(guard != step.guards[name])
        known = {**old, **original.hidden, **step.hidden}
        mine = {**step.effects, **step.hidden_effects}
        theirs = {**original.effects, **original.hidden_effects}
        for key in sorted({*mine, *theirs}):
            if key in self.engine.reading.bits:
                continue
            if key not in known and (key not in mine or key not in theirs):
                return z3.BoolVal(True)
            one, other = (x[key] if key in x else known[key] for x in (mine, theirs))
            if not one.eq(other):
                apart.append(one != other)
        return z3.Or(*apart)

    def _core(self, step: GroundedStep, differs: z3.BoolRef) -> tuple[str, ...] | None:
        solver, literals = self._solver, self._literals
        solver.push()
        solver.add(*step.side, differs)
        named = {z3.Bool(f"guard {name}"): name for name in step.guards}
        for literal, name in named.items():
            solver.add(z3.Implies(literal, step.guards[name]))
        answer = check(solver, *named, *literals.values(), rlimit=self.engine.rlimit)
        proved = answer == z3.unsat
        core = {str(c) for c in solver.unsat_core()} if proved else set()
        solver.pop()
        if not proved:
            return None
        guards = [n for literal, n in named.items() if str(literal) in core]
        return (*guards, *(n for n, literal in literals.items() if str(literal) in core))

    def judge_all(
        self, rules: Iterable[str] | None = None, on_judged: Callable[[Judged], None] | None = None
    ) -> list[Judged]:
        """Every mutant of the named rules (default: all)."""
        found = []
        for judged in self.judging(self.model.rules if rules is None else rules):
            found.append(judged)
            if on_judged is not None:
                on_judged(judged)
        return found

    def judging(self, rules: Iterable[str]) -> Iterator[Judged]:
        """The mutants of some rules, one after another."""
        for name in rules:
            for mutant in mutants_of(self.model.rule(name)):
                yield self.judge(mutant)

    def with_run(self, judged: Judged, sweeps: int = 4) -> Judged:
        """The same, with a confirmed run that breaks a promise, if the search finds one."""
        promises = [p for p in self._promises() if p.number in judged.by] or self._promises()
        model = self.model.with_rule(judged.mutant.rule)
        hunt = Hunt(model, self.instance, self._parameters, False, 0, sweeps)
        for prop in promises:
            found = hunt.look([prop])
            if prop.number in found:
                return replace(judged, run=found[prop.number])
        return judged

    def by_stories(self, judged: Judged) -> Judged:
        """An unconstrained mutant is caught if a story does not show its property any more; if one
        only goes another way, that is its witness.
        """
        if judged.outcome != UNCONSTRAINED:
            return judged
        found = [p for p in (parting(c, judged.mutant) for c in self._courses) if p is not None]
        if not found:
            return judged
        model = self.model.with_rule(judged.mutant.rule)
        near = {p.number for p in found}
        told = [p for p in self.model.properties if p.story and p.number in near]
        lost = tuple(p.number for p in told if shown_by(model, self._settings, p) is None)
        if lost:
            return replace(judged, outcome=CAUGHT, by=lost)
        return replace(judged, witness=found[0].said)

    @cached_property
    def _courses(self) -> list[Course]:
        return courses(self.model, self._settings)

    @property
    def _settings(self) -> Instance:
        return Instance(self.instance.members, self._parameters)

    @property
    def _parameters(self) -> dict[str, int]:
        schema, given = self.model.schema, self.instance.parameters
        found = {n: given.get(n, default) for n, (default, _) in schema.parameters.items()}
        return {**found, **self.fixed}

    def _promises(self) -> list[Property]:
        return [p for p in self._asked if p.kind != LEMMA]
