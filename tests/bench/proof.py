"""The prover, as ratios to what the same solver does bare and as seconds against its aims, in the
same run: `python -m tests.bench.proof`.

The floor of the bounded search is written by hand on z3's own interface: the same rules, grounded
by the same reading, one step a depth, with the same incremental solver and the same question.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import z3

from models.language.model import Property
from specs.catalogue import CCR, SMALL
from specs.options import Options
from specs.reading.grounding import GroundedStep, all_grounded, bindings
from specs.reading.symbolic import Reading, Scope
from specs.search.bounded import Bounded
from specs.verdict import HOLDS
from specs.verify import verify

STEPS = 20
CONTROL = 250
"""Rules numbered below are the control plane: nodes, networks, share, witness, board, quorum."""
RULES = frozenset(r.name for r in CCR.rules.values() if r.number < CONTROL)
DEFAULTS = {name: default for name, (default, _) in CCR.schema.parameters.items()}


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def goal() -> Property:
    """Never two serving."""
    found = CCR.numbered("P01")
    assert isinstance(found, Property)
    return found


def ours(steps: int) -> None:
    """The bounded search of the engine."""
    engine = Bounded(CCR, SMALL, DEFAULTS, rules=RULES)
    for _ in range(steps):
        engine.deepen()
        assert engine.ask(goal()).run is None


def bare(steps: int) -> None:
    """The same unrolling by hand."""
    reading = Reading(CCR, SMALL, DEFAULTS)
    every = [s for s in all_grounded(reading) if s.rule.name in RULES]
    keys = sorted({k for s in every for k in s.effects})
    solver = z3.Solver()
    solver.add(*reading.assumptions.values())
    old = reading.initial()
    for depth in range(1, steps + 1):
        fields = reading.layout.fields
        fresh = {k: reading.constant(f"{k}@{depth}", fields[k].sort) for k in keys}
        new = {**old, **fresh}
        taken = [(z3.Bool(f"{s.label}@{depth}"), _step(reading, s, old, new, depth)) for s in every]
        solver.add(*(z3.Implies(literal, body) for literal, body in taken))
        solver.add(z3.PbEq([(literal, 1) for literal, _ in taken], 1))
        bad = z3.Bool(f"bad@{depth}")
        found = [Scope(new, new, b) for b in bindings(reading, goal().params)]
        false = z3.Or(*(z3.Not(reading.encode(goal().term, scope)) for scope in found))
        solver.add(z3.Implies(bad, false))
        assert solver.check(bad) == z3.unsat
        solver.add(z3.Not(false))
        old = new


def _step(
    reading: Reading, step: GroundedStep, old: dict[str, Any], new: dict[str, Any], depth: int
) -> Any:
    swap = [(reading.old[k], v) for k, v in old.items()]
    swap += [(a, z3.Const(f"{a}@{depth}{step.label}", a.sort())) for a in step.args.values()]
    written = {k: step.effects.get(k, reading.old[k]) for k in new if k in reading.old}
    after = [new[k] == v for k, v in written.items()]
    return z3.substitute(z3.And(*step.guards.values(), *after), *swap)


def whole(folder: Path | None, jobs: int) -> None:
    """Everything that is promised."""
    options = Options(jobs=jobs, folder=folder)
    assert verify(CCR, SMALL, options=options).verdict == HOLDS


def induction(jobs: int) -> None:
    """The induction alone."""
    options = Options(jobs=jobs, method="induction")
    asked = [p for p in CCR.properties if p.kind != "sometimes"]
    assert verify(CCR, SMALL, asked, options=options).verdict == HOLDS


def one() -> None:
    """A process that proves one property, from its start to its verdict."""
    words = [sys.executable, "-m", "cli", "verify", "P01", "--no-cache"]
    subprocess.run(words, check=True, capture_output=True)


def main() -> None:
    """Print the table: seconds against what they should stay under."""
    print(f"{'the prover':<52}{'aim, s':>9}{'ours, s':>9}")
    with TemporaryDirectory() as name:
        folder = Path(name)
        _row("whole catalogue from nothing, two workers", 60, seconds(lambda: whole(folder, 2)))
        _row("whole catalogue from .ccr", 2, seconds(lambda: whole(folder, 2)))
    _row("ccr verify P01, from start to verdict", 1.5, seconds(one))
    single, double = seconds(lambda: induction(1)), seconds(lambda: induction(2))
    print(f"{'induction, one worker and two':<52}{single:>9.2f}{double:>9.2f}")
    floor, found = seconds(lambda: bare(STEPS)), seconds(lambda: ours(STEPS))
    _row(f"bounded search to {STEPS} steps, 3 x a bare unrolling", 3 * floor, found)


def _row(what: str, aim: float, found: float) -> None:
    said = "met" if found <= aim else "missed"
    print(f"{what:<52}{aim:>9.2f}{found:>9.2f}  {said}")


if __name__ == "__main__":
    main()
