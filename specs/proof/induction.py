"""Induction: each rule keeps each property, asked of Z3 rule by rule. A proof is for any run.

Per property: the initial state has it. Per (rule under one binding, property): if every `always`
and `lemma` property holds before the step and the step is taken, it holds after; a `step` property
holds across it. A rule that writes nothing the property reads keeps it by its frame. A failed
induction is no violation: its state may be unreachable, so the verdict is `unknown`, with the
counterexample to induction.

The invariants lean on each other, so a proof counts only if all that it used are proved: what
rests on one that failed is asked again without it, until nothing changes.

Sits above `grounding`; imports z3, never `ccr_es` or `cli`.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import z3

from models.language.misuse import BadRule
from models.language.model import ALWAYS, LEMMA, STEP, Instance, Model, Property

from ..reading.asking import NEVER, OUT_OF_TIME, Deadline, check, why_unknown
from ..reading.grounding import GroundedStep, all_grounded, bindings
from ..reading.symbolic import Reading, Scope
from ..verdict import HOLDS, UNKNOWN, Obligation
from .cti import cti_of
from .settling import Leaning, OnResult, Result, settled

INIT = "(initial state)"
RLIMIT = 20_000_000
OPEN = "not kept by this step (counterexample to induction)"


@dataclass(frozen=True)
class Translated:
    """One property under one binding, over the state before and over the state after a step."""

    before: Any
    after: Any
    reads: frozenset[str]


@dataclass(frozen=True)
class Planned:
    """What is to be asked of one rule for one property: the bindings of the property that the rule
    may break, by index; none if the rule writes nothing that it reads.
    """

    prop: Property
    parts: tuple[int, ...]


@dataclass
class Induction:
    """The obligations of one model under one instance, with every translated term kept.

    `fixed` are the parameters given as numbers; `rlimit` bounds each query reproducibly. The
    members of tracked sorts stand for any. Raises `BadRule` if no parameters can obey the model's
    constraints: then everything would hold.
    """

    model: Model
    instance: Instance
    fixed: Mapping[str, int] = field(default_factory=dict)
    rlimit: int = RLIMIT
    deadline: Deadline = NEVER

    def __post_init__(self) -> None:
        self.reading = Reading(self.model, self.instance, self.fixed, havoc=True)
        if self._check(self._solver()) == z3.unsat:
            names = ", ".join(self.reading.assumptions)
            raise BadRule(f"no parameters obey all of: {names}. Drop a constraint or a setting")
        self.primed = self.reading.variables("'")
        self.properties = {p.number: p for p in self.model.properties}
        self.translated = {p.number: self._translate(p) for p in self.model.properties}
        self.invariants = [p for p in self.model.properties if p.kind in (ALWAYS, LEMMA)]
        self.steps = all_grounded(self.reading, symmetric=True)
        self.still: dict[str, bool] = {}
        """Step properties asked so far: whether a step that changes nothing has them."""

    def _translate(self, prop: Property) -> list[Translated]:
        found = []
        old, primed = self.reading.old, self.primed
        for binding in bindings(self.reading, prop.params):
            before = Scope(old, primed, binding)
            after = before if prop.kind == STEP else Scope(primed, primed, binding)
            first, second = (self.reading.encode(prop.term, s) for s in (before, after))
            found.append(Translated(first, second, frozenset(before.reads)))
        return found

    def _solver(self) -> z3.Solver:
        solver = z3.Solver()
        solver.add(*self.reading.assumptions.values())
        return solver

    def _check(self, solver: z3.Solver, *literals: Any) -> Any:
        return check(solver, *literals, rlimit=self.rlimit, deadline=self.deadline)

    def solver(self, without: Iterable[str] = ()) -> tuple[z3.Solver, dict[str, Any]]:
        """A solver over the old state, each invariant under a literal; and these, by number."""
        solver = self._solver()
        literals = {}
        for prop in self.invariants:
            if prop.number not in without:
                literals[prop.number] = z3.Bool(f"assume {prop.number}")
                for t in self.translated[prop.number]:
                    solver.add(z3.Implies(literals[prop.number], t.before))
        return solver, literals

    def initially(self, prop: Property) -> Result:
        """The initial state has `prop`."""
        start = time.perf_counter()
        solver = self._solver()
        solver.add(*self.reading.first_bits())
        initial = self.reading.initial()
        swap = [(self.reading.old[k], v) for k, v in initial.items()]
        solver.add(_some_false(self.translated[prop.number], swap, "before"))
        answer = self._check(solver)
        seconds = time.perf_counter() - start
        if answer == z3.unsat:
            return Result(Obligation(INIT, prop.number, "init", HOLDS, seconds))
        detail = self._why(answer, solver, "false in the initial state")
        return Result(Obligation(INIT, prop.number, "init", UNKNOWN, seconds, detail))

    def of_rule(
        self, step: GroundedStep, wanted: Iterable[Property],
        solver: z3.Solver, literals: Mapping[str, Any],
    ) -> Iterator[Result]:  # fmt: skip
        """The obligations of one grounded rule, on a solver of `solver()`, left as it was."""
        swap = step.swaps(self.primed, self.reading.old)
        pushed = False
        try:
            for planned in self.planned(step, wanted):
                if not planned.parts:
                    yield framed(step, planned.prop)
                    continue
                if self.deadline.over:
                    yield Result(late(step.label, planned.prop))
                    continue
                if not pushed:
                    solver.push()
                    solver.add(*step.guards.values(), *step.side)
                    pushed = True
                yield self._ask(step, planned, swap, solver, literals)
        finally:  # a caller may want only the first result
            if pushed:
                solver.pop()

    def planned(self, step: GroundedStep, wanted: Iterable[Property]) -> Iterator[Planned]:
        """What is to be asked of a grounded rule for each property that speaks of it."""
        for prop in wanted:
            if prop.at and step.rule.name not in prop.at:
                continue
            if prop.kind != STEP and not step.effects:
                continue  # a sibling acts for itself, unseen
            found = enumerate(self.translated[prop.number])
            yield Planned(prop, tuple(i for i, t in found if not self._framed(step, prop, t)))

    def _framed(self, step: GroundedStep, prop: Property, part: Translated) -> bool:
        if not part.reads.isdisjoint(step.effects):
            return False
        return prop.kind != STEP or self._stutters(prop)

    def _stutters(self, prop: Property) -> bool:
        """Whether a step that changes nothing has this step property, in any state at all."""
        if prop.number not in self.still:
            solver = self._solver()
            swap = [(v, self.reading.old[k]) for k, v in self.primed.items()]
            solver.add(_some_false(self.translated[prop.number], swap, "after"))
            self.still[prop.number] = self._check(solver) == z3.unsat
        return self.still[prop.number]

    def _ask(
        self, step: GroundedStep, planned: Planned, swap: list[tuple[Any, Any]],
        solver: z3.Solver, literals: Mapping[str, Any],
    ) -> Result:  # fmt: skip
        start = time.perf_counter()
        prop = planned.prop
        parts = [self.translated[prop.number][i] for i in planned.parts]
        goal = z3.Bool(f"goal {step.label} {prop.number}")
        solver.add(z3.Implies(goal, _some_false(parts, swap, "after")))
        answer = self._check(solver, goal, *literals.values())
        seconds = time.perf_counter() - start
        asked = Obligation(step.label, prop.number, "induction", HOLDS, seconds)
        if answer == z3.unsat:
            core = {str(c) for c in solver.unsat_core()}
            return Result(
                replace(asked, uses=tuple(n for n, v in literals.items() if str(v) in core))
            )
        failed = replace(asked, verdict=UNKNOWN, detail=self._why(answer, solver, OPEN))
        if answer != z3.sat:
            return Result(failed)
        reads = frozenset(k for t in parts for k in t.reads)
        return Result(failed, cti_of(self.reading, step, prop, reads, solver.model()))

    def _why(self, answer: Any, solver: z3.Solver, failed: str) -> str:
        return failed if answer == z3.sat else why_unknown(solver, self.deadline)

    def prove(
        self, wanted: Iterable[Property] | None = None, on_result: OnResult | None = None
    ) -> list[Result]:
        """Every obligation of the wanted properties (default: all), resting on proved ones only."""
        results: list[Result] = []
        say = on_result or _quiet
        for result in self.first_pass(self.model.properties if wanted is None else wanted):
            results.append(result)
            say(result)
        return self.settle(results, say)

    def first_pass(self, asked: Iterable[Property]) -> Iterator[Result]:
        """Each obligation once, assuming every invariant, proved or not."""
        found = [p for p in asked if p.kind in (ALWAYS, LEMMA, STEP)]
        for prop in found:
            if prop.kind != STEP:
                yield self.initially(prop)
        solver, literals = self.solver()
        for step in self.steps:
            yield from self.of_rule(step, found, solver, literals)

    def settle(self, results: list[Result], say: OnResult | None = None) -> list[Result]:
        """Ask again, to a fixed point, what rests on an unproved invariant, now without it."""

        def more(numbers: list[str]) -> Iterator[Result]:
            return self.first_pass(self.properties[n] for n in numbers)

        return settled(results, more, self._without, say or _quiet)

    def _without(self, failed: set[str], leaning: Leaning) -> Iterator[tuple[int, Result]]:
        solver, literals = self.solver(without=failed)
        steps = {s.label: s for s in self.steps}
        for i, was in leaning:
            prop = self.properties[was.property]
            [again] = self.of_rule(steps[was.rule], [prop], solver, literals)
            yield i, again


def framed(step: GroundedStep, prop: Property) -> Result:
    """A rule that writes nothing that a property reads keeps it."""
    return Result(Obligation(step.label, prop.number, "frame", HOLDS))


def late(label: str, prop: Property) -> Obligation:
    """What was not asked because the time is up."""
    return Obligation(label, prop.number, "induction", UNKNOWN, detail=OUT_OF_TIME)


def _quiet(_: Result) -> None:
    pass


def _some_false(parts: list[Translated], swap: list[tuple[Any, Any]], when: str) -> Any:
    return z3.Or(*(z3.Not(z3.substitute(getattr(t, when), *swap)) for t in parts))


if __name__ == "__main__":
    from specs.proof.develop import main

    raise SystemExit(main())
