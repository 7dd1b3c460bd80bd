"""Vacuity: is every rule ever fired, and does what a property is about ever happen?

A property "if a then b" says nothing if no run makes a true, and a rule that can never fire proves
nothing about its guards. Witnesses are runs found by sweeps and confirmed on plain values.
Sits above `bounded`; imports z3, never `ccr_es` or `cli`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from models.language.model import LEMMA, SOMETIMES, Instance, Model, Property
from models.language.rule import Rule
from models.language.terms import Term, negate

from ..runs import Run
from ..verdict import HOLDS, UNKNOWN, Obligation
from .bounded import RLIMIT, Bounded, Found

FIRED, ANTECEDENT = "fired", "antecedent"


@dataclass
class Witnesses:
    """What was shown to happen: obligations, and the run behind each that holds, by its subject."""

    obligations: list[Obligation] = field(default_factory=list)
    runs: dict[str, Run] = field(default_factory=dict)


def antecedents(term: Term) -> list[Term]:
    """The conditions of the implications in `term`; under `each` one becomes `some`."""
    if term.op == "or" and term.args and term.args[0].op == "not":
        return [term.args[0].args[0]]
    if term.op == "and":
        return [a for part in term.args for a in antecedents(part)]
    if term.op == "each":
        return [Term("some", a.sort, (a,), term.value) for a in antecedents(term.args[0])]
    return []


def about(prop: Property) -> list[Property]:
    """A property per antecedent that is broken exactly where that antecedent comes true."""
    found = antecedents(prop.term)
    names = [f"{prop.number}:{i}" for i in range(1, len(found) + 1)]
    return [
        replace(prop, number=name, term=negate(term))
        for name, term in zip(names, found, strict=True)
    ]


def vacuity(
    model: Model,
    instance: Instance,
    *,
    fixed: Mapping[str, int] | None = None,
    sweeps: int = 3,
    properties: Iterable[Property] | None = None,
    rlimit: int = RLIMIT,
) -> Witnesses:
    """Look for a run that fires each rule, and one for each antecedent of each promise.

    What is not found within `sweeps` is unknown, not proved impossible.
    """
    asked = model.properties if properties is None else tuple(properties)
    conditions = [c for p in asked if p.kind not in (SOMETIMES, LEMMA) for c in about(p)]
    engine = Bounded(model, instance, fixed, sweep=True, rlimit=rlimit)
    result = Witnesses()
    rules = dict(model.rules)
    while (rules or conditions) and engine.depth < sweeps and engine.deepen():
        for name in list(rules):
            if name in rules:  # an earlier witness may have fired it
                found = engine.ask_fired(name)
                _fired(result, rules, found, found.seconds)
        for condition in list(conditions):
            found = engine.ask(condition)
            if found.run is not None:
                conditions.remove(condition)
                result.runs[condition.number] = found.run
                result.obligations.append(_came_true(condition, found))
    for rule in rules.values():
        detail = f"not fired within {engine.depth} sweeps"
        result.obligations.append(Obligation(rule.label, "", FIRED, UNKNOWN, 0.0, detail))
    for condition in conditions:
        detail = f"not true within {engine.depth} sweeps"
        number = condition.number.partition(":")[0]
        result.obligations.append(Obligation("", number, ANTECEDENT, UNKNOWN, 0.0, detail))
    return result


def _fired(result: Witnesses, rules: dict[str, Rule], found: Found, seconds: float) -> None:
    if found.run is None:
        return
    for step in found.run.steps:
        rule = rules.pop(step.rule, None)
        if rule is not None:
            result.runs[rule.name] = found.run
            result.obligations.append(Obligation(rule.label, "", FIRED, HOLDS, seconds))


def _came_true(condition: Property, found: Found) -> Obligation:
    number = condition.number.partition(":")[0]
    return Obligation("", number, ANTECEDENT, HOLDS, found.seconds)
