"""Spacer: z3 finds the invariant itself. For a property that no lemma was written for.

The transition system is handed to z3's Horn solver over a slice. The invariant that comes back is
asked about again by three plain queries (it holds at first, each step keeps it, it implies the
property); only then does the property hold. A run that Spacer finds in the slice proves nothing.

Sits above `slice`; imports z3, never `ccr_es` or `cli`.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import z3

from models.language.model import Instance, Model, Property

from ..reading.asking import NEVER, Deadline, check
from ..reading.slice import Slice, constants
from ..verdict import HOLDS, UNKNOWN, EngineError
from .task import Query

RLIMIT = 400_000_000


@dataclass(frozen=True)
class Certificate:
    """What Spacer said: `invariant` is the proof, over the `slice` of keys, as SMT-LIB text."""

    verdict: str
    detail: str
    seconds: float
    slice: tuple[str, ...]
    invariant: str = ""
    queries: tuple[Query, ...] = ()


class Spacer:
    """One property of one model as Horn clauses. `records` restricts the slice to these records.

    Raises `BadRule` for a property that speaks of steps.
    """

    def __init__(
        self, model: Model, instance: Instance, prop: Property,
        fixed: Mapping[str, int] | None = None, *, records: Iterable[str] | None = None,
        rlimit: int = RLIMIT, deadline: Deadline = NEVER,
    ) -> None:  # fmt: skip
        self.part = Slice(model, instance, prop, fixed, records=records)
        self.reading, self.good, self.state = self.part.reading, self.part.good, self.part.state
        self.prop, self.rlimit, self.deadline = prop, rlimit, deadline
        self.queries: list[Query] = []
        """What the invariant was checked by, each to be unsatisfiable."""

    def prove(self) -> Certificate:
        """Ask Spacer, then check its answer. Raises `EngineError` if the answer is wrong."""
        start = time.perf_counter()
        engine, query = self._clauses()
        try:
            answer = engine.query(query)
        except z3.Z3Exception:  # how the engine says that its time is up
            answer = z3.unknown
        seconds = time.perf_counter() - start
        keys = tuple(self.part.keys)
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
        return Certificate(HOLDS, said, seconds, keys, invariant.sexpr(), tuple(self.queries))

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
        engine.rule(relation(*self.state), self.part.initially())
        # One clause for all steps: measured to be several times faster than a clause for each.
        taken = []
        for step in self.part.steps:
            becomes = zip(after, self.part.after(step), strict=True)
            taken.append(z3.And(*self.part.taken(step), *(a == b for a, b in becomes)))
        engine.rule(relation(*after), [relation(*self.state), z3.Or(*taken)])
        return engine, z3.And(relation(*self.state), z3.Not(self.good))

    def _symbols(self) -> list[Any]:
        """Every constant that occurs in a clause."""
        found: dict[int, Any] = {v.get_id(): v for v in self.state}
        for step in self.part.steps:
            for term in (*self.part.taken(step), *self.part.after(step)):
                found.update((c.get_id(), c) for c in constants(term))
        for term in (*self.part.initially(), self.good):
            found.update((c.get_id(), c) for c in constants(term))
        return list(found.values())

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
        if not self._excluded("initial", [*self.part.initially(), z3.Not(invariant)]):
            return "it is false at first"
        for step in self.part.steps:
            swap = list(zip(self.state, self.part.after(step), strict=True))
            broken = z3.Not(z3.substitute(invariant, *swap))
            if not self._excluded(step.label, [invariant, *self.part.taken(step), broken]):
                return f"{step.label} does not keep it"
        if not self._excluded("implied", [invariant, z3.Not(self.good)]):
            return "it does not imply the property"
        return None

    def _excluded(self, name: str, terms: list[Any]) -> bool:
        solver = z3.Solver()
        solver.add(*self.reading.assumptions.values(), *terms)
        self.queries.append(Query(name, solver.to_smt2()))
        return bool(check(solver, rlimit=self.rlimit) == z3.unsat)
