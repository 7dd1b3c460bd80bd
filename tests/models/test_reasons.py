"""What a reason says a property rests on is all that it rests on."""

from __future__ import annotations

import random

import pytest

from models.language.model import ALWAYS, STEP, Property
from models.plain.compile import step_function
from models.plain.layout import Layout, State
from models.plain.reader import Reader, quantified
from models.plain.reasons import Reasons
from specs.catalogue import CCR, SMALL

MEMBERS = [
    p
    for p in CCR.properties
    if p.kind in (ALWAYS, STEP) and any(s.open for _, s in p.params) and not quantified(p.term)
]


@pytest.fixture(name="layout", scope="module")
def _layout() -> Layout:
    layout = Reader(CCR, SMALL).layout
    for sort in {s for p in MEMBERS for _, s in p.params if s.open}:
        for n in range(2):
            layout.join(sort, f"{sort.name}{n}")
    return layout


def drawn(layout: Layout, keys: frozenset[str], draw: random.Random) -> State:
    """Values of these keys, few of each kind, so that they are often the same."""
    found: State = {}
    for key in sorted(keys):
        sort = layout.fields[key].sort
        if sort.kind == "bool":
            found[key] = draw.random() < 0.5
        elif sort.kind == "int":
            found[key] = draw.choice((-1, 0, 0, 1, 2, 60_000))
        else:
            found[key] = draw.choice([*layout.members(sort), *(("",) if sort.kind == "id" else ())])
    return found


@pytest.mark.parametrize("prop", MEMBERS, ids=lambda p: p.number)
def test_while_no_key_of_its_reason_changes_a_property_holds(
    layout: Layout, prop: Property
) -> None:
    """In states that nobody reaches too; against the property as it stands under a binding."""
    draw = random.Random(prop.number)
    reasons = Reasons(layout, prop.term, prop.params)
    binding = draw.choice(list(layout.groundings(prop.params)))
    plain = step_function(prop.term, layout, binding)
    holds, why, keys = reasons.holds(binding), reasons.why(binding), reasons.keys(binding)
    short = 0
    for _ in range(40):
        state = drawn(layout, keys, draw)
        rests = why(state)
        assert (rests is not None) == plain(state, state)
        fixed = {key: state[key] for key in rests or ()}
        for _ in range(5):
            before, after = (drawn(layout, keys, draw) | fixed for _ in "st")
            said = plain(before, after)
            assert holds(before, after) == said
            assert said or rests is None
        short += len(fixed) < len(keys)
    assert short
