"""The mutation score: what notices that a rule was changed.

- *caught*: a property that is proved of the model, or a generic obligation (see `generic`), is
  broken: by a confirmed run (`how` is "run"; see `bank`), or in a confirmed pair of states, the
  first of which every proved invariant allows ("pair"; see `pairs`). `by` names what is broken. Or
  it can fire in no state that the invariants allow ("proof").
- *redundant*: what was changed is implied by the other guards and the proved invariants, or makes
  no difference; `implied_by` names them. If that is seen only where the tracked members have no
  siblings, it says so.
- *invalid*: nothing can run such a rule.
- *noticed*: no property is broken, but a story of the model, told again, takes other steps or ends
  in another state; `witness` says where they part. That is a test, and no promise.
- *unconstrained*: nothing notices. A hole in the properties; or something that nobody needs.

Sits above `bank` and `pairs`; imports z3, never `ccr_es` or `cli`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import z3

from models.language.misuse import ModelError
from models.language.model import Instance, Model
from models.language.rule import GHOST, Rule
from models.language.terms import Term
from models.plain.reader import Reader

from ..proof.generic import CHANGES, FIRES, Generic
from ..proof.induction import Induction
from ..proof.siblings import OTHER
from ..reading.asking import check
from ..runs import Run
from ..search.story import tell
from .bank import Bank
from .mutants import Mutant, mutants_of, runnable
from .pairs import Pair, Pairs
from .partings import Course, courses, parting
from .rivals import Rivals
from .trials import Trial, Trials

CAUGHT, REDUNDANT, INVALID, UNCONSTRAINED = "caught", "redundant", "invalid", "unconstrained"
NOTICED = "noticed"
ALONE = "(with one member of each tracked sort)"
TOLD_AGAIN = 2
"""How many stories that a mutant parts from are told again."""
RESTLESS = 300
"""Consequences at one instant after which a story of a mutant is given up: it goes another way."""
BY_RUN, BY_PAIR, BY_PROOF = "run", "pair", "proof"


@dataclass(frozen=True)
class Judged:
    """What became of a mutant. `by` are property numbers, or generic obligations, that are broken;
    `implied_by` guards and lemmas; `witness` is where a story goes another way.
    """

    mutant: Mutant
    outcome: str
    by: tuple[str, ...] = ()
    how: str = ""
    implied_by: tuple[str, ...] = ()
    witness: str = ""
    run: Run | None = None
    pair: Pair | None = None


@dataclass
class Mutation:
    """Judges the mutants of one model, which must be proved itself (see `Induction`)."""

    model: Model
    instance: Instance
    fixed: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.engine = Induction(self.model, self.instance, self.fixed)
        self._solver, self._literals = self.engine.solver()
        self._generic = Generic(self.engine, self._solver, self._literals)
        self._pairs = Pairs(self.engine)
        self._usual: dict[str, tuple[str, ...]] = {}
        self._trials = Trials(self.engine.reading)
        self._rivals = Rivals(self._pairs)

    def judge(self, mutant: Mutant) -> Judged:
        """What notices it. Stories are not asked (see `by_stories`)."""
        why = runnable(mutant.rule)
        if why:
            return Judged(mutant, INVALID, implied_by=(why,))
        usual = self._keeps(mutant.original)
        found = self._bank.try_out(mutant, usual)
        if found is not None:
            return Judged(mutant, CAUGHT, found.by, BY_RUN, run=found.run)
        trials = list(self._trials.of(mutant))
        implied = self._implied(trials) if trials else None
        if implied is not None:
            return Judged(mutant, REDUNDANT, implied_by=implied)
        if not any(self._seen(f) for f, _ in mutant.rule.effects):
            return Judged(mutant, CAUGHT, (CHANGES,), BY_PROOF)
        if trials and self._never(trials):
            return Judged(mutant, CAUGHT, (FIRES,), BY_PROOF)
        pair = self._broken(mutant, trials, usual)
        if pair is not None:
            return Judged(mutant, CAUGHT, pair.by, BY_PAIR, pair=pair)
        rival = self._rivals.competing(mutant.rule, trials)
        if rival is not None:
            return Judged(mutant, CAUGHT, rival.by, BY_PAIR, pair=rival)
        alone = self._implied_alone(trials) if trials else None
        return Judged(mutant, UNCONSTRAINED, implied_by=() if alone is None else (ALONE, *alone))

    def _seen(self, target: Term) -> bool:
        return self.model.schema.field(target).owner != GHOST

    def _keeps(self, rule: Rule) -> tuple[str, ...]:
        """The generic obligations that the original does not keep."""
        if rule.name not in self._usual:
            self._usual[rule.name] = self._generic.failing(rule)
        return self._usual[rule.name]

    def _implied(self, trials: list[Trial]) -> tuple[str, ...] | None:
        """The guards and lemmas because of which the mutant does what the original does; None if it
        does something else.
        """
        used: dict[str, None] = {}
        for trial in trials:
            if OTHER in trial.step.binding.values():
                continue  # what holds for the tracked member holds for each, by renaming
            core = self._core(trial)
            if core is None:
                return None
            used.update(dict.fromkeys(core))
        return tuple(used)

    def _implied_alone(self, trials: list[Trial]) -> tuple[str, ...] | None:
        """As `_implied`, where the tracked members have no siblings: what is left to say of a guard
        over all of them, as of two quantifiers of which one implies the other.
        """
        used: dict[str, None] = {}
        for trial in trials:
            if OTHER not in trial.step.binding.values():
                same = self._pairs.same(trial)
                if same is None:
                    return None
                used.update(dict.fromkeys(same))
        return tuple(used)

    def _core(self, trial: Trial) -> tuple[str, ...] | None:
        solver, literals = self._solver, self._literals
        solver.push()
        solver.add(*trial.original.side, *trial.step.side, trial.differs)
        named = {z3.Bool(f"guard {name}"): name for name in trial.common}
        for literal, name in named.items():
            solver.add(z3.Implies(literal, trial.original.guards[name]))
        answer = check(solver, *named, *literals.values(), rlimit=self.engine.rlimit)
        proved = answer == z3.unsat
        core = {str(c) for c in solver.unsat_core()} if proved else set()
        solver.pop()
        if not proved:
            return None
        guards = [n for literal, n in named.items() if str(literal) in core]
        return (*guards, *(n for n, literal in literals.items() if str(literal) in core))

    def _never(self, trials: list[Trial]) -> bool:
        """Whether the mutant can fire in no state that the invariants allow."""
        solver, literals = self._solver, self._literals
        for trial in trials:
            if OTHER in trial.step.binding.values():
                continue  # what holds for the tracked member holds for each, by renaming
            solver.push()
            solver.add(*trial.step.side, *trial.step.guards.values())
            answer = check(solver, *literals.values(), rlimit=self.engine.rlimit)
            solver.pop()
            if answer != z3.unsat:
                return False
        return True

    def _broken(self, mutant: Mutant, trials: list[Trial], usual: tuple[str, ...]) -> Pair | None:
        if not trials:
            for step in self._trials.grounded(mutant.rule):
                if OTHER not in step.binding.values():
                    pair = self._pairs.broken(mutant.rule, step, step.guards.values(), usual=usual)
                    if pair is not None:
                        return pair
            return None
        for i, trial in enumerate(trials):
            if OTHER in trial.step.binding.values():
                continue
            conditions = [*trial.step.guards.values(), trial.differs]
            name = "" if trial.keys is not None else f"{mutant.original.name} {i}"
            pair = self._pairs.broken(
                mutant.rule, trial.step, conditions, keys=trial.keys, usual=usual, goals=name
            )
            if pair is not None:
                return pair
        return None

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
            for mutant in mutants_of(self.model.rule(name), self.model.schema):
                yield self.judge(mutant)

    def by_stories(self, judged: Judged) -> Judged:
        """An unconstrained mutant is noticed if a story, told again, does not show its property any
        more, takes other steps, or ends in another state. One that none notices is redundant, if it
        is where the tracked members have no siblings.
        """
        if judged.outcome != UNCONSTRAINED:
            return judged
        model = self.model.with_rule(judged.mutant.rule)
        left = TOLD_AGAIN
        tried = judged.mutant.original.name
        for course in sorted(self._courses, key=lambda c: tried not in c.refused):
            found = parting(course, judged.mutant) if left else None
            if found is not None:
                left -= 1
                judged = judged if judged.witness else replace(judged, witness=found.said)
                if self._goes_another_way(model, course):
                    by = (course.number,)
                    return replace(
                        judged, outcome=NOTICED, by=by, implied_by=(), witness=found.said
                    )
        return replace(judged, outcome=REDUNDANT) if judged.implied_by else judged

    def _goes_another_way(self, model: Model, course: Course) -> bool:
        story = next(p.story for p in self.model.properties if p.number == course.number)
        try:
            run = tell(model, self._settings, story, limit=RESTLESS)
        except ModelError:
            return True
        reader = Reader(model, run.instance)
        *_, last = run.states(reader)
        return run.steps != course.run.steps or last != course.states[-1]

    @cached_property
    def _bank(self) -> Bank:
        return Bank(self.model, self._settings)

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
