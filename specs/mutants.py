"""Mutants: each guard and each effect left out, one at a time, and what notices.

- *caught*: the induction of some property no longer goes through. `by` names promises, then lemmas.
- *caught*: the induction of some property does not go through any more; `by` names promises first.
- *unconstrained*: every property is still proved. A hole in the properties, or something that is
  wanted for its own sake, such as what makes a story go on (`by_stories`).

A property that is only seen to fail by induction need not be broken by any run: `with_run` looks
for one. Sits above `induction` and `search`; imports z3, never `ccr_es` or `cli`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import z3

from models.language.model import LEMMA, SOMETIMES, Instance, Model, Property
from models.language.rule import Rule

from .asking import check
from .grounding import GroundedStep, all_grounded
from .induction import Induction
from .runs import Run
from .search import Hunt
from .story import shown_by
from .verdict import HOLDS

CAUGHT, REDUNDANT, UNCONSTRAINED = "caught", "redundant", "unconstrained"
GUARD, EFFECT = "guard", "effect"


@dataclass(frozen=True)
class Mutant:
    """A rule without one guard or one effect. `what` is the guard's words or the field set."""

    rule: Rule
    original: Rule
    kind: str
    what: str

    @property
    def label(self) -> str:
        """`R101 claim_lock without guard 'share answers'`."""
        return f"{self.original.label} without {self.kind} {self.what!r}"


@dataclass(frozen=True)
class Judged:
    """What became of a mutant. `by` are property numbers; `implied_by` guards and lemmas."""

    mutant: Mutant
    verdict: str
    by: tuple[str, ...] = ()
    implied_by: tuple[str, ...] = ()
    run: Run | None = None


def mutants_of(rule: Rule) -> Iterator[Mutant]:
    """Every mutant of a rule. Ghosts stay: they exist for properties only."""
    for name in rule.requires:
        fewer = {n: g for n, g in rule.requires.items() if n != name}
        yield Mutant(rule.changed(requires=fewer), rule, GUARD, name)
    for name in rule.given:
        fewer = {n: g for n, g in rule.given.items() if n != name}
        yield Mutant(rule.changed(given=fewer), rule, GUARD, name)
    for i, move in enumerate(rule.moves):
        others = rule.moves[:i] + rule.moves[i + 1 :]
        arrow = list(rule.guards)[i]
        unguarded = rule.changed(moves=others, sets=((move.field, move.target), *rule.sets))
        yield Mutant(unguarded, rule, GUARD, arrow)
        idle = rule.changed(moves=others, requires={arrow: move.guard, **rule.requires})
        yield Mutant(idle, rule, EFFECT, repr(move.field))
    for i, (target, _) in enumerate(rule.sets):
        fewer_sets = rule.sets[:i] + rule.sets[i + 1 :]
        yield Mutant(rule.changed(sets=fewer_sets), rule, EFFECT, repr(target))


@dataclass
class Mutation:
    """Judges the mutants of one model, which must be proved itself (see `Induction`)."""

    model: Model
    instance: Instance
    fixed: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.engine = Induction(self.model, self.instance, self.fixed)
        kinds = {p.number: p.kind for p in self.model.properties}
        asked = [p for p in self.model.properties if p.kind != SOMETIMES]
        self._asked = sorted(asked, key=lambda p: kinds[p.number] == LEMMA)
        self._solver, self._literals = self.engine.solver()

    def judge(self, mutant: Mutant) -> Judged:
        """What notices that it is gone."""
        steps = all_grounded(self.engine.reading, symmetric=True, rules=[mutant.rule])
        implied = self._implied(mutant, steps)
        if implied is not None:
            return Judged(mutant, REDUNDANT, implied_by=implied)
        failed: dict[str, None] = {}
        for step in steps:
            for result in self.engine.of_rule(step, self._asked, self._solver, self._literals):
                if result.obligation.verdict != HOLDS:
                    failed[result.obligation.property] = None
        by = tuple(p.number for p in self._asked if p.number in failed)
        return Judged(mutant, CAUGHT if by else UNCONSTRAINED, by)

    def _implied(self, mutant: Mutant, steps: list[GroundedStep]) -> tuple[str, ...] | None:
        """The guards and lemmas that imply what was left out; None if they do not."""
        if mutant.rule.keyed != mutant.original.keyed:
            return None  # the guard said which member an argument is
        used: dict[str, None] = {}
        originals = all_grounded(self.engine.reading, symmetric=True, rules=[mutant.original])
        for step, original in zip(steps, originals, strict=True):
            core = self._core(step, self._differs(mutant, step, original))
            if core is None:
                return None
            used.update(dict.fromkeys(core))
        return tuple(used)

    def _differs(self, mutant: Mutant, step: GroundedStep, original: GroundedStep) -> z3.BoolRef:
        """Where the mutant may do what the original does not: its guard is false, or it changes
        something else.
        """
        if mutant.kind == GUARD:
            return z3.Not(original.guards[mutant.what])
        old = self.engine.reading.old
        lost = {**original.effects, **original.hidden_effects}
        keys = set(lost) - set(step.effects) - set(step.hidden_effects)
        before = {**original.hidden, **{k: old[k] for k in original.effects}}
        known = [lost[k] != before[k] for k in sorted(keys) if k in before]
        unknown = [z3.BoolVal(True) for k in keys if k not in before]
        return z3.Or(*known, *unknown)

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
        for name in self.model.rules if rules is None else rules:
            for mutant in mutants_of(self.model.rule(name)):
                found.append(self.judge(mutant))
                if on_judged is not None:
                    on_judged(found[-1])
        return found

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
        """An unconstrained mutant is caught if a story does not show its property any more."""
        if judged.verdict != UNCONSTRAINED:
            return judged
        model = self.model.with_rule(judged.mutant.rule)
        settings = Instance(self.instance.members, self._parameters)
        told = [p for p in self.model.properties if p.story]
        lost = tuple(p.number for p in told if shown_by(model, settings, p) is None)
        return replace(judged, verdict=CAUGHT, by=lost) if lost else judged

    @property
    def _parameters(self) -> dict[str, int]:
        schema, given = self.model.schema, self.instance.parameters
        found = {n: given.get(n, default) for n, (default, _) in schema.parameters.items()}
        return {**found, **self.fixed}

    def _promises(self) -> list[Property]:
        return [p for p in self._asked if p.kind != LEMMA]


if __name__ == "__main__":
    from specs.develop import show_mutants

    raise SystemExit(show_mutants())
