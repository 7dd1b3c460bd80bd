"""A plan counts: how often a step is taken, and what it needs each time. Arguments lie between what
the guards allow.
"""

from __future__ import annotations

from random import Random

import pytest

from models.plain.layout import State
from specs.catalogue import CCR
from specs.search.story import tell
from specs.simulation.guiding import Guide
from specs.simulation.leading import Lead
from specs.simulation.machine import Machine
from specs.simulation.spans import Span, Spans
from tests.specs.test_standby_defences import CASES, FORMED, enabled, instance_of, weakened


@pytest.fixture(scope="module")
def machine() -> Machine:
    """The model without the replay lag of a target: what is left is to be far enough behind."""
    case = CASES[2]
    (prop,) = (p for p in CCR.properties if p.number == case.number)
    return Machine(weakened(case), instance_of(case), [prop])


@pytest.fixture(scope="module")
def lead(machine: Machine) -> Lead:
    """How a target would replay a log that is too young."""
    return Lead(machine, "P60")


def after(machine: Machine, *lines: str) -> State:
    """The state after these lines of a story."""
    run = tell(machine.model, machine.instance, (*FORMED, *lines))
    state = machine.reader.initial()
    for step in run.steps:
        machine.reader.apply(state, step)
    return state


def often(machine: Machine, lead: Lead, state: State) -> dict[str, int]:
    """How often each rule is in the plan to a replay at the cluster's target."""
    steps = lead.plan(state, [1] * len(machine.moves), lead.goals[0]).steps
    return {machine.moves[place].g.rule.name: count for place, count in steps.items()}


def test_a_step_is_in_a_plan_as_often_as_it_has_to_be_taken(machine: Machine, lead: Lead) -> None:
    none = often(machine, lead, after(machine, enabled(lag=1000)))
    assert none["inspect_standby_log"] == none["copy_standby_log"] == 4
    written = *("write_records n=A g=SG1 records=1",) * 2, "wait 2000"
    two = often(machine, lead, after(machine, enabled(lag=1000), *written))
    assert two["write_records"] == 2
    assert two["inspect_standby_log"] == two["copy_standby_log"] == 2


def test_each_step_nearer_is_seen(machine: Machine, lead: Lead) -> None:
    run = tell(machine.model, machine.instance, CASES[2].story)
    state, weights = machine.reader.initial(), [1] * len(machine.moves)
    far = list[int]()
    for step in run.steps:
        machine.reader.apply(state, step)
        if step.rule == "replay_standby_log":
            break
        if step.rule in ("copy_standby_log", "inspect_standby_log"):
            far.append(lead.plan(state, weights, lead.goals[0]).far)
    assert far == sorted(far, reverse=True)
    assert len(set(far)) == len(far) > 5


def test_an_argument_lies_between_what_guards_say_of_it_and_those_before_it(
    machine: Machine,
) -> None:
    (move,) = (m for m in machine.moves if m.g.rule.name == "enable_standby")
    spans, state = Spans(machine, move), machine.reader.initial()
    names = [name for name, _, _ in move.choices]
    assert names == ["lag", "truncation", "spacing"]
    week = 7 * 86_400_000
    assert spans.of(state, []) == (0, week)
    assert spans.of(state, [9]) == (0, week)
    assert spans.of(state, [9, 0]) == (3, 3)


def test_numbers_of_every_size_are_tried() -> None:
    draw, span = Random(1), Span(5, 1_000_000)
    found = [span.some(draw) for _ in range(300)]
    assert all(n is not None and span.has(n) for n in found)
    for least, most in ((5, 5), (6, 100), (101, 10_000), (10_001, 999_999), (10**6, 10**6)):
        assert any(n is not None and least <= n <= most for n in found)
    assert Span(None, None).some(draw) is None
    assert Span(7, 6).some(draw) is None
    assert Span(None, 3).some(draw) == 3
    assert Span(3, None).has(4)
    assert not Span(3, None).has(2)


def test_a_guide_offers_what_the_guards_allow(machine: Machine, lead: Lead) -> None:
    (move,) = (m for m in machine.moves if m.g.rule.name == "enable_standby")
    state, lags = machine.reader.initial(), set[int]()
    for number in range(60):
        guide = Guide(lead, lead.goals[0], Random(number))
        lag = guide.value(move, state, [])
        if lag is not None:
            lags.add(lag)
            spacing = guide.value(move, state, [lag, 0])
            assert spacing in (None, -(-lag // 4))
    assert min(lags) < 10
    assert max(lags) > 100_000
