"""Induction: each rule keeps each property, asked of Z3 rule by rule. A proof is for runs of any length.

Per property: the initial state has it. Per (rule under one binding, property): if every `always` and `lemma` property holds
before the step and the step is taken, it holds after; a `step` property holds across it. A rule that writes nothing the
property reads keeps it by its frame. A failed induction is no violation: its state may be unreachable, so the verdict is
`unknown` with the counterexample to induction.

The invariants lean on each other, so a proof counts only if all that it used are proved: what rests on one that failed is
asked again without it, until nothing changes.

Sits above `symbolic`; imports z3, never `ccr_es` or `cli`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import z3

from models.language.model import ALWAYS, LEMMA, STEP, Instance, Model, Property
from models.language.terms import Bool
from models.plain.layout import Value

from .symbolic import GroundedStep, Reading, Scope
from .verdict import HOLDS, UNKNOWN, Obligation

INIT = "(initial state)"
RLIMIT = 20_000_000


@dataclass(frozen=True)
class Cti:
    """A counterexample to induction: a state, maybe unreachable, and a step from it after which the property is false."""

    rule: str
    property: str
    binding: dict[str, str]
    args: dict[str, Value]
    parameters: dict[str, int]
    before: dict[str, Value]
    changed: dict[str, Value]
    mentioned: frozenset[str]
    """The keys that the property, the guards and the effects read or write; `before` has every key."""

    def lines(self, full: bool = False) -> list[str]:
        """What a person reads: parameters, the mentioned part of the old state, the step, what it changed."""
        out = [f"parameters: {', '.join(f'{k}={v}' for k, v in sorted(self.parameters.items()))}"]
        out += [f"    {k} = {show(v)}" for k, v in self.before.items() if full or k in self.mentioned]
        out.append(f"  step {self.rule} {' '.join(f'{k}={show(v)}' for k, v in self.args.items())}".rstrip())
        out += [f"    {k}: {show(self.before[k])} -> {show(v)}" for k, v in self.changed.items()]
        return out


def show(value: Value) -> str:
    """A plain value in a line of text."""
    return "nobody" if value == "" else str(value)


@dataclass(frozen=True)
class Translated:
    """One property under one binding, over the old-state variables and over the primed ones."""

    binding: dict[str, str]
    before: Any
    after: Any
    reads: frozenset[str]


@dataclass
class Result:
    """One obligation, and the counterexample to induction if it failed."""

    obligation: Obligation
    cti: Cti | None = None


OnResult = Callable[[Result], None]


@dataclass
class Induction:
    """The obligations of one model under one instance, with every translated term cached.

    `fixed` are the parameters given as numbers; `rlimit` bounds each query reproducibly. Tracked sorts are havocked.
    """

    model: Model
    instance: Instance
    fixed: Mapping[str, int] = field(default_factory=dict)
    rlimit: int = RLIMIT

    def __post_init__(self) -> None:
        self.reading = Reading(self.model, self.instance, self.fixed, havoc=True)
        self.primed = self.reading.variables("'")
        self.properties = {p.number: p for p in self.model.properties}
        self.translated = {p.number: self._translate(p) for p in self.model.properties}
        self.invariants = [p for p in self.model.properties if p.kind in (ALWAYS, LEMMA)]
        self.steps = self.reading.steps(symmetric=True)
        self._still: dict[str, bool] = {}

    def _translate(self, prop: Property) -> list[Translated]:
        found = []
        old, primed = self.reading.old, self.primed
        for binding in self.reading.bindings(prop.params):
            before = Scope(old, primed, binding)
            after = before if prop.kind == STEP else Scope(primed, primed, binding)
            first, second = (self.reading.encode(prop.term, s) for s in (before, after))
            found.append(Translated(binding, first, second, frozenset(before.reads)))
        return found

    def solver(self, without: Iterable[str] = ()) -> tuple[z3.Solver, dict[str, Any]]:
        """A solver over the old state with each invariant under a literal; returns the literals by property number."""
        solver = z3.Solver()
        solver.set("rlimit", self.rlimit)
        solver.add(*self.reading.assumptions.values(), *self.reading.domain(self.reading.old))
        literals = {}
        for prop in self.invariants:
            if prop.number in without:
                continue
            literals[prop.number] = z3.Bool(f"assume {prop.number}")
            for t in self.translated[prop.number]:
                solver.add(z3.Implies(literals[prop.number], t.before))
        return solver, literals

    def initially(self, prop: Property) -> Result:
        """The initial state has `prop`."""
        start = time.perf_counter()
        solver = z3.Solver()
        solver.set("rlimit", self.rlimit)
        solver.add(*self.reading.assumptions.values(), *self.reading.first_bits())
        initial = self.reading.initial()
        swap = [(self.reading.old[k], v) for k, v in initial.items()]
        wrong = [z3.Not(z3.substitute(t.before, *swap)) for t in self.translated[prop.number]]
        solver.add(z3.Or(*wrong))
        answer = solver.check()
        verdict, detail = (HOLDS, "") if answer == z3.unsat else (UNKNOWN, _why(answer, solver, "is false initially"))
        return Result(Obligation(INIT, prop.number, "init", verdict, time.perf_counter() - start, detail))

    def of_rule(
        self, step: GroundedStep, wanted: Iterable[Property], solver: z3.Solver, literals: Mapping[str, Any]
    ) -> Iterator[Result]:
        """The obligations of one grounded rule, on a solver from `solver()` (left as it was found)."""
        pushed = False
        swap = step.swaps(self.primed, self.reading.old)
        for prop in wanted:
            if (prop.at and step.rule.name not in prop.at) or not (step.effects or prop.kind == STEP):
                continue
            parts = [t for t in self.translated[prop.number] if not self._framed(step, prop, t)]
            if not parts:
                yield Result(Obligation(step.label, prop.number, "frame", HOLDS))
                continue
            if not pushed:
                solver.push()
                solver.add(*step.guards.values(), *step.side)
                pushed = True
            yield self._ask(step, prop, parts, swap, solver, literals)
        if pushed:
            solver.pop()

    def _framed(self, step: GroundedStep, prop: Property, part: Translated) -> bool:
        if not part.reads.isdisjoint(step.effects):
            return False
        return prop.kind != STEP or (not prop.at and self._stutters(prop))

    def _stutters(self, prop: Property) -> bool:
        """Whether a step property holds of a step that changes nothing, in any state: then its frame keeps it."""
        if prop.number not in self._still:
            solver = z3.Solver()
            solver.set("rlimit", self.rlimit)
            solver.add(*self.reading.assumptions.values(), *self.reading.domain(self.reading.old))
            swap = [(self.primed[k], self.reading.old[k]) for k in self.primed]
            solver.add(z3.Or(*(z3.Not(z3.substitute(t.after, *swap)) for t in self.translated[prop.number])))
            self._still[prop.number] = solver.check() == z3.unsat
        return self._still[prop.number]

    def _ask(
        self, step: GroundedStep, prop: Property, parts: list[Translated], swap: list[tuple[Any, Any]],
        solver: z3.Solver, literals: Mapping[str, Any],
    ) -> Result:  # fmt: skip
        start = time.perf_counter()
        goal = z3.Bool(f"goal {step.label} {prop.number}")
        bad = z3.Or(*(z3.Not(z3.substitute(t.after, *swap)) for t in parts))
        solver.add(z3.Implies(goal, bad))
        answer = solver.check(goal, *literals.values())
        seconds = time.perf_counter() - start
        if answer == z3.unsat:
            core = {str(c) for c in solver.unsat_core()}
            uses = tuple(n for n, lit in literals.items() if str(lit) in core)
            return Result(Obligation(step.label, prop.number, "induction", HOLDS, seconds, "", uses))
        detail = _why(answer, solver, "not kept by this step (counterexample to induction)")
        failed = Obligation(step.label, prop.number, "induction", UNKNOWN, seconds, detail)
        return Result(failed, self._cti(step, prop, parts, solver.model()) if answer == z3.sat else None)

    def _cti(self, step: GroundedStep, prop: Property, parts: list[Translated], found: z3.ModelRef) -> Cti:
        layout, read = self.reading.layout, self.reading.value
        sorts = {k: layout.fields[k].sort if k in layout.fields else Bool for k in self.reading.old}

        def plain(expression: Any, sort: Any) -> Value:
            return read(found.eval(expression, model_completion=True), sort)

        before = {k: plain(v, sorts[k]) for k, v in self.reading.old.items()}
        changed = {k: plain(v, sorts[k]) for k, v in step.effects.items()}
        keyed = dict(step.rule.valued)
        args: dict[str, Value] = {**step.binding, **{n: plain(v, keyed[n]) for n, v in step.args.items()}}
        parameters = {n: found.eval(v, model_completion=True).as_long() for n, v in self.reading.parameters.items()}
        mentioned = step.reads | set(step.effects) | {k for t in parts for k in t.reads}
        return Cti(step.rule.label, prop.number, step.binding, args, parameters, before, changed, frozenset(mentioned))

    def prove(self, wanted: Iterable[Property] | None = None, on_result: OnResult | None = None) -> list[Result]:
        """Every obligation of the wanted properties (default: all), each proof resting on proved invariants only."""
        results: list[Result] = []
        asked = self.model.properties if wanted is None else tuple(wanted)
        for result in self.first_pass(asked):
            results.append(result)
            if on_result is not None:
                on_result(result)
        return self.settle(results)

    def first_pass(self, asked: Iterable[Property]) -> Iterator[Result]:
        """Each obligation once, assuming every invariant, proved or not."""
        found = [p for p in asked if p.kind in (ALWAYS, LEMMA, STEP)]
        for prop in found:
            if prop.kind != STEP:
                yield self.initially(prop)
        solver, literals = self.solver()
        for step in self.steps:
            yield from self.of_rule(step, found, solver, literals)

    def settle(self, results: list[Result]) -> list[Result]:
        """`results` with every proof that rests on an unproved invariant asked again without it, to a fixed point."""
        by_label = {s.label: s for s in self.steps}
        while True:
            asked = {r.obligation.property for r in results}
            used = {u for r in results for u in r.obligation.uses}
            if used - asked:  # assumed but not asked: nothing rests on hearsay
                results = [*results, *self.first_pass(self.properties[n] for n in sorted(used - asked))]
                continue
            failed = {r.obligation.property for r in results if r.obligation.verdict != HOLDS}
            standing = [(i, r.obligation) for i, r in enumerate(results) if r.obligation.property not in failed]
            leaning = [i for i, o in standing if failed.intersection(o.uses)]
            if not leaning:
                return results
            solver, literals = self.solver(without=failed)
            for i in leaning:
                was = results[i].obligation
                prop = self.properties[was.property]
                results[i] = next(self.of_rule(by_label[was.rule], [prop], solver, literals))
                if results[i].obligation.verdict != HOLDS:
                    unproved = ", ".join(sorted(failed.intersection(was.uses)))
                    detail = f"rests on {unproved}, which is not proved"
                    results[i].obligation = replace(results[i].obligation, detail=detail)


def _why(answer: Any, solver: z3.Solver, failed: str) -> str:
    return failed if answer == z3.sat else f"undecided within the limit ({solver.reason_unknown()})"


if __name__ == "__main__":
    from specs.develop import main

    main()
