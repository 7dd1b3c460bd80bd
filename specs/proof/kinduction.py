"""k-induction with simple paths: for a property that one step alone does not show to be kept.

If no run of fewer than k steps breaks it, and no k steps through different states that have it (and
everything that is proved already) lead to one that does not, then no run breaks it. The paths need
only go through different states, over the slice: a run that comes back to a state can be cut short.

Sits above `slice`; imports z3, never `ccr_es` or `cli`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import z3

from models.language.model import STEP, Instance, Model, Property

from ..reading.asking import NEVER, Deadline, check, check_again
from ..reading.grounding import GroundedStep
from ..reading.slice import Slice, constants
from ..verdict import HOLDS, UNKNOWN, EngineError
from .task import Query

Ask = Callable[[Query], str]
"""Somebody else's answer to a question: `sat`, `unsat` or `unknown`."""

DEEPEST = 5
RLIMIT = 20_000_000


@dataclass(frozen=True)
class Unrolled:
    """What k-induction said: with `k` steps it is proved, by queries that must be unsatisfiable."""

    verdict: str
    detail: str
    seconds: float
    k: int = 0
    queries: tuple[Query, ...] = ()


class KInduction:
    """One `always` property of one model. `proved` are properties that hold already.

    Raises `BadRule` for a property that speaks of steps; `EngineError` if z3 contradicts itself.
    """

    def __init__(
        self, model: Model, instance: Instance, prop: Property,
        fixed: Mapping[str, int] | None = None, *, proved: Iterable[Property] = (),
        deepest: int = DEEPEST, rlimit: int = RLIMIT, deadline: Deadline = NEVER,
        ask: Ask | None = None,
    ) -> None:  # fmt: skip
        self.part = Slice(model, instance, prop, fixed)
        self.deepest, self.rlimit, self.deadline = deepest, rlimit, deadline
        self.somebody = ask
        self.known = [self.part.good]
        for other in proved:
            if other.kind != STEP and other.number != prop.number:
                term, reads = self.part.encoded(other)
                if reads <= set(self.part.keys):
                    self.known.append(term)
        self.states: list[list[Any]] = []
        self.keys = [self.part.reading.old[k] for k in self.part.keys]

    def prove(self) -> Unrolled:
        """Try k = 1, 2, ... until it is proved, or the limits are reached."""
        start = time.perf_counter()
        base, step = z3.Solver(), z3.Solver()
        for solver in (base, step):
            solver.add(*self.part.reading.assumptions.values())
        base.add(*(self._at(term, 0) for term in self.part.initially()))
        queries: list[Query] = []
        for k in range(1, self.deepest + 1):
            bad = z3.Not(self._at(self.part.good, k - 1))
            if not self._excluded(base, f"no run of {k - 1} steps breaks it", bad, queries):
                said = f"a run of {k - 1} steps over the slice breaks it, or nobody knows"
                return Unrolled(UNKNOWN, said, time.perf_counter() - start)
            step.add(*(self._at(term, k - 1) for term in self.known))
            moved = self._moved(k - 1)
            base.add(moved)
            step.add(moved)
            for earlier in range(k):
                step.add(self._differ(earlier, k))
            bad = z3.Not(self._at(self.part.good, k))
            if self._excluded(step, f"{k} steps keep it", bad, queries):
                said = f"{k} steps through different states keep it, over {len(self.keys)} keys"
                return Unrolled(HOLDS, said, time.perf_counter() - start, k, tuple(queries))
            if self.deadline.over:
                break
        said = f"not kept by up to {self.deepest} steps"
        return Unrolled(UNKNOWN, said, time.perf_counter() - start)

    def _excluded(self, solver: z3.Solver, name: str, bad: Any, queries: list[Query]) -> bool:
        solver.push()
        solver.add(bad)
        query = Query(name, solver.to_smt2())
        if self.somebody is not None:
            found = self.somebody(query) == "unsat"
        else:
            found = self._twice(solver, query)
        if found:
            queries.append(query)
        solver.pop()
        return found

    def _twice(self, solver: z3.Solver, query: Query) -> bool:
        """Whether z3 says, and says again, that there is no such path."""
        if check(solver, rlimit=self.rlimit, deadline=self.deadline) != z3.unsat:
            return False
        again = check_again(query.text, rlimit=self.rlimit, deadline=self.deadline)
        if again == z3.sat:
            raise EngineError(f"{query.name}: z3 says so and, asked again, that it is not so")
        return bool(again == z3.unsat)

    def _state(self, place: int) -> list[Any]:
        """The constants of the state at a place of the path, in the order of the keys."""
        while len(self.states) <= place:
            here = len(self.states)
            self.states.append([z3.Const(f"{k}@{here}", k.sort()) for k in self.keys])
        return self.states[place]

    def _at(self, term: Any, place: int, tag: str = "") -> Any:
        """`term` over the state at a place; what is not in the slice is a constant of its own."""
        known = {k.get_id(): v for k, v in zip(self.keys, self._state(place), strict=True)}
        known.update((p.get_id(), p) for p in self.part.parameters)
        swap = []
        for c in constants(term):
            new = known.get(c.get_id())
            swap.append((c, z3.Const(f"{c}@{place}{tag}", c.sort()) if new is None else new))
        return z3.substitute(term, *swap)

    def _moved(self, place: int) -> Any:
        """One of the steps leads from the state at a place to the next."""
        old, new = self._state(place), self._state(place + 1)
        return z3.Or(*(self._by(step, place, old, new) for step in self.part.steps))

    def _by(self, step: GroundedStep, place: int, old: list[Any], new: list[Any]) -> Any:
        tag = f"({step.label})"
        effects = step.effects
        after = [
            n == (self._at(effects[k], place, tag) if k in effects else o)
            for k, o, n in zip(self.part.keys, old, new, strict=True)
        ]
        return z3.And(*(self._at(term, place, tag) for term in self.part.taken(step)), *after)

    def _differ(self, one: int, other: int) -> Any:
        """The states at two places differ."""
        pairs = zip(self._state(one), self._state(other), strict=True)
        return z3.Or(*(a != b for a, b in pairs))
