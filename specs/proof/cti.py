"""Counterexamples to induction: a state that may be unreachable, and a step that breaks a property.

What a person who writes lemmas reads. Sits above `grounding`; imports z3 for its models only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from models.language.model import Property
from models.language.terms import Bool, Sort, walk
from models.plain.layout import Value

from ..reading.grounding import GroundedStep
from ..reading.symbolic import Reading


@dataclass(frozen=True)
class Cti:
    """A state with a property, and a step after which the property is false."""

    rule: str
    property: str
    args: dict[str, Value]
    parameters: dict[str, int]
    """Those that the property or the rule reads."""
    before: dict[str, Value]
    """Every key and bit of the state before the step."""
    changed: dict[str, Value]
    mentioned: frozenset[str]
    """The keys and bits that the property reads and the rule reads or writes."""

    def lines(self, full: bool = False) -> list[str]:
        """For people: parameters, the mentioned keys (`full`: all), the step, what it changed."""
        out = [f"parameters: {_pairs(self.parameters)}"] if self.parameters else []
        for key, value in self.before.items():
            if full or key in self.mentioned:
                out.append(f"    {key} = {show(value)}")
        out.append(f"  step {self.rule} {_pairs(self.args)}".rstrip())
        out += [f"    {k}: {show(self.before[k])} -> {show(v)}" for k, v in self.changed.items()]
        return out


def show(value: Value) -> str:
    """A plain value in a line of text."""
    return "nobody" if value == "" else str(value)


def _pairs(values: dict[str, Any]) -> str:
    return " ".join(f"{k}={show(v)}" for k, v in values.items())


def cti_of(
    reading: Reading, step: GroundedStep, prop: Property, reads: frozenset[str], found: Any
) -> Cti:
    """The z3 model `found` of a failed obligation, in plain values."""
    fields = reading.layout.fields

    def plain(expression: Any, sort: Sort) -> Value:
        return reading.value(found.eval(expression, model_completion=True), sort)

    def sort_of(key: str) -> Sort:
        return fields[key].sort if key in fields else Bool

    terms = [prop.term, *step.rule.guards.values(), *(v for _, v in step.rule.effects)]
    named = {t.value for term in terms for t in walk(term) if t.op == "parameter"}
    valued = dict(step.rule.valued)
    return Cti(
        step.rule.label,
        prop.number,
        {**step.binding, **{n: plain(v, valued[n]) for n, v in step.args.items()}},
        {
            n: found.eval(v, model_completion=True).as_long()
            for n, v in reading.parameters.items()
            if n in named
        },
        {k: plain(v, sort_of(k)) for k, v in reading.old.items()},
        {k: plain(v, sort_of(k)) for k, v in step.effects.items()},
        step.reads | reads | frozenset(step.effects),
    )
