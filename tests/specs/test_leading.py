"""A plan leads to a broken property: the nearer a state is, the shorter it is; what cannot hold at
once is no way to it.
"""

from __future__ import annotations

from random import Random

import pytest

from models.language.terms import Int, Term
from models.plain.layout import State
from models.plain.nodes import Node, Nodes
from specs.simulation.doubting import Invariants, out_of_order
from specs.simulation.graph import DEEPEST, Graph
from specs.simulation.guiding import Guide
from specs.simulation.leading import SPOILED, Lead
from specs.simulation.machine import Machine
from specs.simulation.ways import alone, apart, between, counted, in_vain, together
from tests.models import teaching
from tests.specs.runs import run_of

MACHINE = Machine(teaching.BROKEN, teaching.INSTANCE, teaching.BROKEN.properties)
LEAD = Lead(MACHINE, "P01")
RUN = run_of(teaching.BROKEN_RUN).steps
ONES = [1] * len(MACHINE.moves)
NODES: Nodes = MACHINE.nodes
NOW, STAMP = NODES.was("clock.now"), NODES.was("lock.renewed")
X = NODES.of(Term("arg", Int, value="x"), {})


def node(op: str, *args: Node | int) -> Node:
    """A node; numbers are constants."""
    return NODES.make(op, tuple(NODES.const(a) if isinstance(a, int) else a for a in args))


def states() -> list[State]:
    """Those of the shortest run that breaks the promise, without the last one."""
    reader, state = MACHINE.reader, MACHINE.reader.initial()
    found = [state]
    for step in RUN[:-1]:
        found.append(reader.evolve(found[-1], step))
    return found


def test_the_nearer_a_broken_promise_is_the_shorter_is_the_plan() -> None:
    far = [min(LEAD.plan(s, ONES, g).far for g in LEAD.goals) for s in states()]
    assert far == sorted(far, reverse=True)
    assert far[0] > 1
    assert far[-1] == 1


def test_the_last_step_of_a_plan_is_the_one_that_breaks_the_promise() -> None:
    state, step = states()[-1], RUN[-1]
    move = MACHINE.move_of(step)
    assert move is not None
    plans = [LEAD.plan(state, ONES, goal) for goal in LEAD.goals]
    assert [p.steps for p in plans if p.far == 1] == [{move.place: 1}]


def test_what_no_step_can_break_has_no_goal() -> None:
    assert Lead(MACHINE, "P99").goals == []


def test_a_step_that_undoes_what_is_needed_in_the_end_makes_the_way_longer() -> None:
    state = states()[-1]
    undone = [LEAD.plan(state, ONES, g).far for g in LEAD.goals]
    assert max(undone) > SPOILED > min(undone)


def test_a_guide_without_faults_plans_none() -> None:
    faults = MACHINE.masks["fault"]
    for number in range(20):
        for goal in LEAD.goals:
            guide = Guide(LEAD, goal, Random(number))
            if guide.look(states()[0], 0) is not None:
                assert not guide.next(faults)


def test_time_is_awaited_exactly_or_off_by_one() -> None:
    state = states()[-1] | {"clock.now": 0}
    (at,) = {d for g in LEAD.goals for d in LEAD.plan(state, ONES, g).due} or {None}
    if at is not None:
        waits = set[int | None]()
        for number in range(60):
            guide = Guide(LEAD, LEAD.goals[0], Random(number))
            guide.look(state, -1)
            waits.add(guide.wait(0))
        assert waits <= {None, at - 1, at, at + 1}


def test_a_place_is_reached_by_all_or_by_one_of_those_before_it() -> None:
    graph = Graph()
    one, two = graph.place(True), graph.place(True)
    step = graph.place(True, [one], 0)
    both, either = graph.place(True, [step, two]), graph.place(False, [step, two])
    for begin, weight, place, so in (
        ([one], 1, both, False),
        ([one], 1, either, True),
        ([one, two], 1, both, True),
        ([one], DEEPEST, either, False),
    ):
        reached = graph.reached(begin, [weight])
        assert (reached.via[place] >= 0) == so
        assert (place in reached.when) == so


def test_between_two_bounds_there_is_a_number_if_they_are_in_order() -> None:
    low, high = node("lt", STAMP, X), node("le", X, NOW)
    (asked,) = between(NODES, [low, high])
    truth = MACHINE.writing.of_state(asked)
    for stamp, now in ((0, 0), (0, 1), (5, 9), (9, 5), (6, 5), (4, 5)):
        every = any(stamp < x <= now for x in range(12))
        assert truth({"lock.renewed": stamp, "clock.now": now}) == every


@pytest.mark.parametrize(
    ("parts", "left"),
    [
        ([node("eq", STAMP, 1), node("eq", STAMP, 2)], None),
        ([node("lt", STAMP, NOW), node("or", node("lt", NOW, STAMP), node("eq", NOW, 3))],
         {node("lt", STAMP, NOW), node("eq", NOW, 3)}),
        ([node("lt", STAMP, NOW), node("or", node("lt", NOW, STAMP), node("eq", NOW, STAMP))],
         None),
    ],
)  # fmt: skip
def test_conditions_together_say_what_is_left_of_each(
    parts: list[Node], left: set[Node] | None
) -> None:
    found = together(NODES, parts)
    assert (None if found is None else set(found)) == left


def test_a_way_is_told_apart_by_the_branches_that_it_depends_on() -> None:
    asked = node("le", STAMP, 5)
    way = (node("le", NODES.make("ite", (asked, NOW, STAMP)), 3),)
    assert list(apart(NODES, way, 1)) == [
        (asked, node("le", NOW, 3)),
        (NODES.negated(asked), node("le", STAMP, 3)),
    ]
    assert list(apart(NODES, way, 0)) == [way]


def test_an_argument_stands_alone_in_a_comparison() -> None:
    more = node("add", X, 1)
    assert alone(NODES, node("le", more, NOW)) is node("le", X, node("sub", NOW, 1))
    assert alone(NODES, NODES.negated(node("le", more, 2))) is NODES.negated(node("le", X, 1))
    assert alone(NODES, node("le", X, NOW)) is node("le", X, NOW)


def test_a_step_counts_if_it_adds_to_what_a_condition_reads() -> None:
    later = node("le", STAMP, 5)
    assert counted(later, {"lock.renewed": node("add", STAMP, 1)})
    assert not counted(later, {"lock.renewed": NOW})


def test_what_only_grows_makes_no_upper_bound_true() -> None:
    later = node("add", NOW, 5)
    assert in_vain(NODES, node("le", NOW, 7), "clock.now", later)
    assert not in_vain(NODES, node("le", 7, NOW), "clock.now", later)
    assert in_vain(NODES, node("le", 7, NOW), "clock.now", node("sub", NOW, 5))
    assert not in_vain(NODES, node("le", NOW, 7), "clock.now", STAMP)


def test_the_smaller_of_two_numbers_makes_no_lower_bound_true() -> None:
    least = NODES.make("ite", (node("le", STAMP, NOW), STAMP, NOW))
    assert in_vain(NODES, node("le", 7, STAMP), "lock.renewed", least)
    assert not in_vain(NODES, node("le", STAMP, 7), "lock.renewed", least)
    other = NODES.make("ite", (node("le", 3, NOW), NOW, STAMP))
    assert not in_vain(NODES, node("le", 7, STAMP), "lock.renewed", other)


def test_what_other_invariants_exclude_is_an_unlikely_way() -> None:
    invariants = Invariants(MACHINE)
    serves, stamp = NODES.was("node.A.mode"), NODES.was("node.A.lease_at")
    holds = node("eq", serves, NODES.const("HOLDING"))
    running = [node("le", 0, stamp), NODES.negated(node("elapsed", stamp, 6_000, NOW))]
    holder = NODES.was("lock.holder")
    assert not invariants.exclude([holds, *running])
    assert not invariants.exclude([*running, node("eq", holder, NODES.const("A"))])
    assert invariants.exclude([*running, node("eq", holder, NODES.const("B"))])
    assert invariants.exclude([*running, node("lt", STAMP, stamp)])
    assert invariants.exclude([node("lt", NOW, stamp)])
    assert len(LEAD.likely) < len(LEAD.goals)


@pytest.mark.parametrize(
    ("parts", "bad"),
    [
        ([node("le", STAMP, NOW), node("lt", NOW, STAMP)], True),
        ([node("le", STAMP, NOW), node("le", NOW, STAMP)], False),
        ([node("eq", STAMP, node("add", NOW, 2)), node("lt", STAMP, node("add", NOW, 2))], True),
        ([node("le", 5, STAMP), node("lt", NOW, 5), node("le", STAMP, NOW)], True),
        ([node("le", 5, STAMP), node("lt", NOW, 6), node("le", STAMP, NOW)], False),
        ([NODES.negated(node("lt", STAMP, NOW)), node("lt", STAMP, NOW)], True),
    ],
)
def test_numbers_are_out_of_order_if_no_three_are_as_it_is_said(
    parts: list[Node], bad: bool
) -> None:
    assert out_of_order(NODES, parts) == bad
