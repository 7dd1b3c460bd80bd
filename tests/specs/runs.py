"""Helpers of the engines' tests: the teaching model's properties, and runs made from tuples."""

from __future__ import annotations

from collections.abc import Sequence

from models.language.model import Model, Property
from models.language.terms import Term
from models.plain.layout import Value
from models.plain.reader import Reader, Step
from specs.catalogue import SMALL
from specs.runs import Run
from tests.models import teaching

DEFAULTS = {n: d for n, (d, _) in teaching.SCHEMA.parameters.items()}


def prop(model: Model, number: str) -> Property:
    """A property by its number."""
    found = model.numbered(number)
    assert isinstance(found, Property)
    return found


def taken(model: Model, steps: str) -> Run:
    """These steps of the CCR model (`RULE name=value | ...`), each checked."""
    reader, found = Reader(model, SMALL), list[Step]()
    state = reader.initial()
    for line in steps.replace("\n", "|").split("|"):
        if line.strip():
            rule, *words = line.split()
            pairs = [word.split("=") for word in words]
            args: dict[str, Value] = {k: int(v) if v.isdigit() else v for k, v in pairs}
            found.append(reader.complete(state, rule, args))
            assert reader.check(state, found[-1]) is None, line
            reader.apply(state, found[-1])
    return Run(SMALL, tuple(found))


def doubled(term: Term, parameter: str) -> Term:
    """A term in which this parameter counts twice."""
    if term.op == "parameter" and term.value == parameter:
        return Term("add", term.sort, (term, term))
    return Term(term.op, term.sort, tuple(doubled(a, parameter) for a in term.args), term.value)


def run_of(steps: Sequence[tuple[str, dict[str, Value]]]) -> Run:
    """A run of the teaching model at its default parameters."""
    return Run(teaching.INSTANCE, tuple(Step(rule, args) for rule, args in steps))
