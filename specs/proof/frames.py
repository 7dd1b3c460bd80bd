"""Frames, checked again without a solver and by another way into the terms: a rule keeps what reads
nothing that it writes.

The keys are read off the terms as the plain layout names them, a quantifier with all its members
and with the sibling that stands for the others. Imports no z3.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product

from models.language.model import Instance, Model, Property
from models.language.rule import Rule
from models.plain.layout import Layout

from ..verdict import Obligation
from .siblings import OTHER, keys


def written(model: Model, instance: Instance) -> dict[str, set[str]]:
    """The keys that each rule writes under each binding, siblings' rows included, by its label."""
    layout = Layout(model.schema, instance)
    tracked = {s.name for s in model.tracked}
    found = {}
    for rule in model.rules.values():
        for binding in _bindings(layout, rule, tracked):
            named = ", ".join(f"{k}={v}" for k, v in binding.items())
            label = f"{rule.label}({named})" if named else rule.label
            found[label] = {layout.key(f, binding) for f, _ in rule.effects}
    return found


def _bindings(layout: Layout, rule: Rule, tracked: set[str]) -> Iterator[dict[str, str]]:
    ranges = [
        (*layout.members(sort), *((OTHER,) if sort.name in tracked else ()))
        for _, sort in rule.keyed
    ]
    for values in product(*ranges):
        yield dict(zip((n for n, _ in rule.keyed), values, strict=True))


def read_by(model: Model, instance: Instance, prop: Property) -> set[str]:
    """The keys that a property reads, under any binding."""
    layout = Layout(model.schema, instance)
    return {k for b in layout.groundings(prop.params) for k in keys(prop.term, layout, b)}


def wrong_frames(
    model: Model, instance: Instance, obligations: Iterable[Obligation]
) -> dict[tuple[str, str], str]:
    """Which of these obligations, said to hold by their frame, do not: by rule and property."""
    properties = {p.number: p for p in model.properties}
    writes = written(model, instance)
    reads: dict[str, set[str]] = {}
    found = {}
    for o in obligations:
        if o.property not in reads:
            reads[o.property] = read_by(model, instance, properties[o.property])
        if o.rule not in writes:
            found[o.rule, o.property] = "there is no such rule"
        elif both := writes[o.rule] & reads[o.property]:
            found[o.rule, o.property] = f"the rule writes {', '.join(sorted(both))}"
    return found
