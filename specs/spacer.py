"""Spacer: z3 finds the invariant itself. For a property that no lemma was written for.

The transition system is handed to z3's Horn solver over a slice: the keys that the property can
depend on (its cone of influence), or only those of some records. What is outside the slice may have
any value at any step, which allows more runs, not fewer. The invariant that comes back is asked
about again by three plain queries (it holds at first, each step keeps it, it implies the property);
only then does the property hold. A run that Spacer finds in the slice proves nothing.

Sits above `grounding`; imports z3, never `ccr_es` or `cli`.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import z3

from models.language.misuse import BadRule
from models.language.model import ALWAYS, LEMMA, Instance, Model, Property

from .asking import NEVER, Deadline, check
from .grounding import GroundedStep, all_grounded, bindings
from .symbolic import Reading, Scope
from .verdict import HOLDS, UNKNOWN, EngineError

RLIMIT = 400_000_000


@dataclass(frozen=True)
class Certificate:
    """What Spacer said: `invariant` is the proof, over the `slice` of keys, as SMT-LIB text."""

    verdict: str
    detail: str
    seconds: float
    slice: tuple[str, ...]
    invariant: str = ""


class Spacer:
    """One property of one model as Horn clauses. `records` restricts the slice to these records.

    Raises `BadRule` for a property that speaks of steps, or that no search for an invariant suits.
    """

    def __init__(
        self, model: Model, instance: Instance, prop: Property,
        fixed: Mapping[str, int] | None = None, *, records: Iterable[str] | None = None,
        rlimit: int = RLIMIT, deadline: Deadline = NEVER,
    ) -> None:  # fmt: skip
        if prop.kind not in (ALWAYS, LEMMA):
            raise BadRule(
                f"{prop.label} is a {prop.kind} property; Spacer proves what always holds"
            )
        self.reading = Reading(model, instance, fixed, havoc=True)
        self.prop, self.rlimit, self.deadline = prop, rlimit, deadline
        self.good, reads = self._property()
        every = all_grounded(self.reading, symmetric=False)
        self.records = None if records is None else set(records)
        self.slice = sorted(self._cone(reads, every))
        self.steps = [s for s in every if not set(self.slice).isdisjoint(s.effects)]
        free = [p for n, p in self.reading.parameters.items() if n not in self.reading.fixed]
        self.state = [self.reading.old[k] for k in self.slice] + free
        self.parameters = free

    def _property(self) -> tuple[Any, set[str]]:
        parts, reads = [], set[str]()
        for binding in bindings(self.reading, self.prop.params):
            scope = Scope(self.reading.old, binding=binding)
            parts.append(self.reading.encode(self.prop.term, scope))
            reads |= scope.reads
        return z3.And(*parts), reads

    def _cone(self, reads: set[str], steps: list[GroundedStep]) -> set[str]:
        """Everything that the property, and what writes what it reads, can depend on."""
        key_of = {v.get_id(): k for k, v in self.reading.old.items()}
        cone: set[str] = set()
        todo = {k for k in reads if self._kept(k)}
        while todo:
            cone |= todo
            needed: set[str] = set()
            for step in steps:
                written = [v for k, v in step.effects.items() if k in cone]
                if written:
                    terms = z3.And(*step.guards.values(), *step.side), *written
                    needed |= {key_of.get(c.get_id(), "") for t in terms for c in constants(t)}
            todo = {k for k in needed - cone - {""} if self._kept(k)}
        return cone

    def _kept(self, key: str) -> bool:
        if self.records is None:
            return True
        bit = self.reading.bits.get(key)
        return all(k.partition(".")[0] in self.records for k in (bit.depends if bit else (key,)))

    def prove(self) -> Certificate:
        """Ask Spacer, then check its answer. Raises `EngineError` if the answer is wrong."""
        start = time.perf_counter()
        engine, query = self._clauses()
        try:
            answer = engine.query(query)
        except z3.Z3Exception:  # how the engine says that its time is up
            answer = z3.unknown
        seconds = time.perf_counter() - start
        keys = tuple(self.slice)
        if answer == z3.sat:
            said = "the slice has a run that breaks it, which the whole may not have"
            return Certificate(UNKNOWN, said, seconds, keys)
        if answer != z3.unsat:
            if "interrupted" in engine.reason_unknown():
                raise KeyboardInterrupt
            said = "undecided within the limit"
            return Certificate(UNKNOWN, said, seconds, keys)
        invariant = self._invariant(engine.get_answer())
        wrong = self.recheck(invariant)
        if wrong is not None:
            raise EngineError(f"{self.prop.label}: Spacer's invariant does not hold: {wrong}")
        seconds = time.perf_counter() - start
        said = f"an invariant over {len(keys)} keys, checked again"
        return Certificate(HOLDS, said, seconds, keys, invariant.sexpr())

    def _clauses(self) -> tuple[z3.Fixedpoint, Any]:
        engine = z3.Fixedpoint()
        engine.set(engine="spacer")
        engine.set("rlimit", self.rlimit)
        if self.deadline.at is not None:
            engine.set("timeout", self.deadline.milliseconds())
        relation = z3.Function("reached", *(v.sort() for v in self.state), z3.BoolSort())
        engine.register_relation(relation)
        after = [z3.Const(f"{v}'", v.sort()) for v in self.state]
        engine.declare_var(*self._symbols(), *after)
        engine.rule(relation(*self.state), self._initially())
        # One clause for all steps: measured to be several times faster than a clause for each.
        taken = [
            z3.And(*self._taken(s), *(a == b for a, b in zip(after, self._after(s), strict=True)))
            for s in self.steps
        ]
        engine.rule(relation(*after), [relation(*self.state), z3.Or(*taken)])
        return engine, z3.And(relation(*self.state), z3.Not(self.good))

    def _symbols(self) -> list[Any]:
        """Every constant that occurs in a clause."""
        found: dict[int, Any] = {v.get_id(): v for v in self.state}
        for step in self.steps:
            for term in (*self._taken(step), *self._after(step)):
                found.update((c.get_id(), c) for c in constants(term))
        for term in (*self._initially(), self.good):
            found.update((c.get_id(), c) for c in constants(term))
        return list(found.values())

    def _initially(self) -> list[Any]:
        initial = self.reading.initial()
        known = [self.reading.old[k] == initial[k] for k in self.slice if k in initial]
        return [*known, *self.reading.first_bits(), *self.reading.assumptions.values()]

    def _taken(self, step: GroundedStep) -> list[Any]:
        return [*step.guards.values(), *step.side]

    def _after(self, step: GroundedStep) -> list[Any]:
        old = self.reading.old
        after = [step.effects[k] if k in step.effects else old[k] for k in self.slice]
        return after + self.parameters

    def _invariant(self, answer: Any) -> Any:
        """The body of Spacer's definition of the relation, over the slice's constants."""
        while z3.is_and(answer) and answer.num_args() == 1:
            answer = answer.arg(0)
        if z3.is_true(answer):
            return answer
        if not z3.is_quantifier(answer):
            raise EngineError(f"{self.prop.label}: Spacer's answer has an unknown form")
        body = answer.body()
        head, right = (body.arg(0), body.arg(1)) if body.num_args() == 2 else (body, None)
        if right is None or head.decl().name() != "reached":
            raise EngineError(f"{self.prop.label}: Spacer's answer has an unknown form")
        places: dict[int, Any] = {}
        for i in range(head.num_args()):
            places[z3.get_var_index(head.arg(i))] = self.state[i]
        return z3.substitute_vars(right, *(places[i] for i in range(len(places))))

    def recheck(self, invariant: Any) -> str | None:
        """What is wrong with an invariant, by plain queries; None if it proves the property."""
        if not self._excluded([*self._initially(), z3.Not(invariant)]):
            return "it is false at first"
        for step in self.steps:
            swap = list(zip(self.state, self._after(step), strict=True))
            broken = z3.Not(z3.substitute(invariant, *swap))
            if not self._excluded([invariant, *self._taken(step), broken]):
                return f"{step.label} does not keep it"
        if not self._excluded([invariant, z3.Not(self.good)]):
            return "it does not imply the property"
        return None

    def _excluded(self, terms: list[Any]) -> bool:
        solver = z3.Solver()
        solver.add(*self.reading.assumptions.values(), *terms)
        return bool(check(solver, rlimit=self.rlimit) == z3.unsat)


def constants(term: Any) -> Iterator[Any]:
    """The uninterpreted constants in a z3 term, each once."""
    seen, todo = set[int](), [term]
    while todo:
        here = todo.pop()
        if here.get_id() in seen:
            continue
        seen.add(here.get_id())
        if z3.is_const(here) and here.decl().kind() == z3.Z3_OP_UNINTERPRETED:
            yield here
        todo.extend(here.children())
