"""Conditions asked together say what they say one by one, in every state."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import combinations, product

import pytest

from models.language.terms import Bool, Term, all_of, any_of, implies
from models.plain.compile import Writer, function
from models.plain.layout import Layout
from models.plain.nodes import Nodes
from models.plain.writing import Writing
from specs.simulation.factored import Written, any_of_all, breaches, conditions
from tests.models import teaching

LAYOUT = Layout(teaching.SCHEMA, teaching.INSTANCE)
NAMES = ("a", "b", "c")
A, B, C = (Term("arg", Bool, value=name) for name in NAMES)
VALUES = list(product((False, True), repeat=3))
FORMS = [
    A, ~A, ~~A, A & B, A | B, ~(A & B), ~(A | B), implies(A, B & C), implies(A & B, C), A == B,
    any_of(A & ~B, ~(B | C)), all_of(A | B, ~(A & B), C), ~implies(A, B | ~C), A == A, ~(A == A),
]  # fmt: skip


def union(cases: Iterable[Written]) -> Callable[..., int]:
    """What the statements for these cases give."""
    head = ", ".join(["s", *(f"a_{name}" for name in NAMES)])
    return Writing(Nodes(LAYOUT)).function(head, any_of_all(cases))


@pytest.mark.parametrize("form", FORMS, ids=repr)
def test_the_parts_of_a_form_are_the_form_and_its_breaches_its_opposite(form: Term) -> None:
    nodes = Nodes(LAYOUT)
    text, node = Writing(nodes).text, nodes.of(form, {})
    whole = function(Writer(LAYOUT).write(form, {}), NAMES)
    parts = function(" and ".join(map(text, conditions(nodes, node))) or "True", NAMES)
    ways = [(tuple(map(text, way)), 1) for way in breaches(nodes, node)]
    broken = union(ways)
    for values in VALUES:
        assert parts({}, *values) == whole({}, *values) != bool(broken({}, *values))


def test_shared_conditions_change_no_case() -> None:
    texts = [f"a_{name}" for name in NAMES] + [f"(not a_{name})" for name in NAMES]
    cases = [ps for size in range(4) for ps in combinations(texts, size)]
    together = union((ps, 1 << i) for i, ps in enumerate(cases))
    alone = [function(" and ".join(ps) or "True", NAMES) for ps in cases]
    for values in VALUES:
        assert together({}, *values) == sum(1 << i for i, f in enumerate(alone) if f({}, *values))
