"""Mutants of what is assumed: a constraint on the parameters left out or weaker by one, and a
default one greater or less.

A constraint is missed if, where it does not hold, the first state lacks a property, or some rule
breaks one in a confirmed pair of states (see `pairs`), though all the other constraints hold. One
that nothing misses is not needed. A default is a number of the source document, or a decision: what
is wrong with another one is only that it is not that number, so each is compared with a table that
names the row. Sits above `pairs`; imports z3, never `ccr_es` or `cli`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import z3

from models.language.model import ALWAYS, LEMMA, Instance, Model
from models.language.terms import Int, Term, lift
from models.plain.reader import Reader

from ..proof.induction import Induction
from ..proof.siblings import OTHER
from ..reading.asking import check
from ..reading.symbolic import Scope
from .outcomes import Row, Texts, assumed_rows
from .pairs import GENERIC, Pairs

CONSTRAINT, DEFAULT = "constraint", "default"
TABLE = "(the table of numbers)"


@dataclass(frozen=True)
class Assumed:
    """One thing that is assumed, changed: what, and what became of it, if it was not left out."""

    kind: str
    what: str
    to: str = ""

    @property
    def label(self) -> str:
        """`without constraint 'a head start outlasts every peer lease'`."""
        if self.to:
            return f"{self.kind} {self.what!r} {self.to}"
        return f"without {self.kind} {self.what!r}"


def mutants_of_constraints(model: Model) -> Iterator[tuple[Assumed, Term | None]]:
    """Each constraint left out, and weaker by one."""
    for name, term in model.constraints.items():
        yield Assumed(CONSTRAINT, name), None
        if term.op == "le":
            small, large = term.args
            weaker = Term("le", term.sort, (small, large + lift(1, Int)), term.value)
            yield Assumed(CONSTRAINT, name, "weaker by one"), weaker


def of_defaults(
    model: Model, table: Mapping[str, tuple[int, str]]
) -> Iterator[tuple[Assumed, Row]]:
    """Each default one greater, and one less: caught by the table, if that has this number."""
    for name, (default, _) in model.schema.parameters.items():
        number, source = table.get(name, (None, ""))
        for by in (1, -1):
            if default + by < 0:
                continue
            said = Assumed(DEFAULT, name, f"{default} as {default + by}")
            if number == default:
                yield said, Row("caught", "table", (f"{TABLE[:-1]}: {source})",))
            else:
                yield said, Row("unconstrained")


def assumed(
    model: Model,
    instance: Instance,
    table: Mapping[str, tuple[int, str]],
    shelves: Iterable[Mapping[str, list[list[Any]]]] = (),
) -> list[tuple[Assumed, Row]]:
    """Every mutant of what is assumed, and what became of it; what is kept is not asked again."""
    texts = Texts(model)
    weaker = [said for said, _ in mutants_of_constraints(model)]
    kept = (assumed_rows(shelf, texts, len(weaker)) for shelf in shelves)
    rows = next((r for r in kept if r is not None), None)
    if rows is None:
        found = list(of_constraints(model, instance))
    else:
        found = list(zip(weaker, rows, strict=True))
    return [*found, *(of_defaults(model, table) if table else ())]


def _possible(engine: Induction, conditions: list[z3.BoolRef]) -> Row | None:
    """What becomes of a constraint without asking a rule: redundant, if no parameters are so;
    caught, if the first state lacks a property under some that are, as the plain reader confirms.
    """
    reading, solver = engine.reading, z3.Solver()
    solver.add(*reading.assumptions.values(), *conditions)
    if check(solver, rlimit=engine.rlimit) == z3.unsat:
        return Row("redundant", implied_by=("no parameter is below 0",))
    model = solver.model()
    chosen = {
        n: model.eval(p, model_completion=True).as_long() for n, p in reading.parameters.items()
    }
    reader = Reader(engine.model, Instance(engine.instance.members, chosen))
    states = [p for p in engine.model.properties if p.kind in (ALWAYS, LEMMA)]
    lacking = tuple(p.number for p in states if reader.holds(p, reader.initial()))
    return Row("caught", "run", lacking) if lacking else None


def of_constraints(model: Model, instance: Instance) -> Iterator[tuple[Assumed, Row]]:
    """What becomes of each weakened constraint: rule by rule, until a rule breaks something."""
    engine = Induction(replace(model, constraints={}), instance)
    pairs, reading = Pairs(engine), engine.reading
    written = {n: reading.encode(t, Scope({})) for n, t in model.constraints.items()}
    left: dict[Assumed, list[z3.BoolRef]] = {}
    found: dict[Assumed, Row] = {}
    for said, weaker in mutants_of_constraints(model):
        others = [w for n, w in written.items() if n != said.what]
        mine = [z3.Not(written[said.what])]
        mine += [reading.encode(weaker, Scope({}))] if weaker is not None else []
        left[said] = [*others, *mine]
        row = _possible(engine, left[said])
        if row is not None:
            found[said] = row
    for i, step in enumerate(engine.steps):
        if OTHER in step.binding.values():
            continue
        for said in [x for x in left if x not in found]:
            conditions = [*step.guards.values(), *left[said]]
            name = f"step {i}"
            pair = pairs.broken(step.rule, step, conditions, usual=GENERIC, goals=name)
            if pair is not None:
                found[said] = Row("caught", "pair", pair.by)
    for said in left:
        yield said, found.get(said, Row("unconstrained"))
