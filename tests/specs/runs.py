"""Helpers of the engines' tests: the teaching model's properties, and runs made from tuples."""

from __future__ import annotations

from collections.abc import Sequence

from models.language.model import Model, Property
from models.plain.layout import Value
from models.plain.reader import Step
from specs.runs import Run
from tests.models import teaching

DEFAULTS = {n: d for n, (d, _) in teaching.SCHEMA.parameters.items()}


def prop(model: Model, number: str) -> Property:
    """A property by its number."""
    found = model.numbered(number)
    assert isinstance(found, Property)
    return found


def run_of(steps: Sequence[tuple[str, dict[str, Value]]]) -> Run:
    """A run of the teaching model at its default parameters."""
    return Run(teaching.INSTANCE, tuple(Step(rule, args) for rule, args in steps))
