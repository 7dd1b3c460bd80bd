"""Random runs: the same for a seed, exact about what is enabled, confirmed, and never green by
accident.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from models.language.model import Instance, Model
from models.language.terms import Bool, Term
from models.plain.agenda import CLOCK
from models.plain.compile import step_function
from models.plain.layout import State
from specs.catalogue import CCR, SMALL
from specs.runs import BadRun, confirm, shown_at
from specs.search.story import tell
from specs.simulation import fleet, judging
from specs.simulation.choosing import Chooser
from specs.simulation.factored import breaches
from specs.simulation.fleet import Simulated, simulate
from specs.simulation.judging import Judging
from specs.simulation.machine import Machine
from specs.simulation.simulation import Settings, Simulator
from specs.verdict import EngineError
from tests.models import teaching
from tests.specs.runs import prop


def played(model: Model, settings: Settings, **more: Any) -> Simulated:
    """A simulation of the teaching model or a variant."""
    return simulate(model, teaching.INSTANCE, model.properties, settings, **more)


def test_the_missing_defence_is_found_confirmed_and_made_smaller() -> None:
    found = played(teaching.BROKEN, Settings(seed=1), runs=50)
    assert found.run is not None
    assert [p.number for p in found.broken] == ["P01"]
    assert len(found.run) == len(teaching.BROKEN_RUN) <= found.played
    assert confirm(teaching.BROKEN, found.run, prop(teaching.BROKEN, "P01")) is not None
    assert found.run.notes["shows"] == "P01"


def test_nothing_is_found_in_the_sound_model_and_every_rule_fires() -> None:
    found = played(teaching.MODEL, Settings(), runs=50)
    assert (found.run, found.runs, found.events) == (None, 50, 10_000)
    assert all(found.coverage.rules.values())
    assert sum(found.coverage.rules.values()) == found.events
    assert found.coverage.pairs > len(teaching.MODEL.rules)


@pytest.mark.parametrize("jobs", [2, 3])
def test_the_answer_does_not_depend_on_the_number_of_workers(jobs: int) -> None:
    for model in (teaching.MODEL, teaching.BROKEN):
        one, many = (played(model, Settings(3, 40), runs=30, jobs=n) for n in (1, jobs))
        assert (one.number, one.run) == (many.number, many.run)
        if one.run is None:
            assert one.coverage == many.coverage


def test_a_run_is_the_same_when_it_is_played_alone() -> None:
    found = played(teaching.BROKEN, Settings(7, 12), runs=200)
    assert found.number is not None
    again = played(teaching.BROKEN, Settings(7, 12), first=found.number, runs=1)
    assert (again.number, again.run, again.played) == (found.number, found.run, found.played)


def test_another_seed_gives_other_runs() -> None:
    seen = {played(teaching.MODEL, Settings(seed, 50), runs=1).coverage.rules["tick"]
            for seed in range(8)}  # fmt: skip
    assert len(seen) > 1


@pytest.mark.slow
@pytest.mark.parametrize("most", [0, 1, 3])
def test_no_run_has_more_faults_than_it_may(most: int) -> None:
    machine = Machine(CCR, SMALL, CCR.properties)
    simulator = Simulator(machine, Settings(0, 60, most), fleet.told(CCR, SMALL))
    for number in range(15):
        run = simulator.run_of(simulator.play(number))
        assert fleet.Run is type(run)
        assert sum(CCR.rules[s.rule].trigger == "fault" for s in run.steps) <= most


OFTEN = pytest.mark.parametrize("often", [1, 10**9], ids=["in one function", "one by one"])


@OFTEN
def test_what_is_kept_as_enabled_is_what_the_reader_allows(
    often: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "OFTEN", often)
    machine = Machine(CCR, SMALL, CCR.properties)
    draw, state = Random(5), machine.reader.initial()
    enabled = machine.enabled(state)
    for _ in range(250):
        allowed = [m for m in machine.moves if not m.free and m.g.ready(state, int(state[CLOCK]))]
        exact = sum(1 << m.place for m in allowed)
        free = sum(1 << m.place for m in machine.moves if m.free)
        assert enabled & ~free == exact
        move = draw.choice([m for m in machine.moves if enabled >> m.place & 1])
        values = [draw.choice([True, False]) if c[1] == (False, True) else draw.randrange(1, 9)
                  for c in move.choices]  # fmt: skip
        changes = move.fire(state, *values)
        if changes is None:
            continue
        step = machine.reader.complete(
            state, move.g.rule.name, {**move.g.binding, **dict(zip(move.free, values, strict=True))}
        )
        assert machine.reader.check(state, step) is None
        assert machine.reader.changes(state, step) == changes
        state = state | changes
        enabled = (enabled & move.kept) | move.again(state)


def test_a_step_is_enabled_if_some_arguments_do_and_those_are_found() -> None:
    machine = Machine(CCR, SMALL, [])
    simulator, told = Simulator(machine, Settings(4, 60), fleet.told(CCR, SMALL)), Counter[bool]()
    few = [m for m in machine.moves if m.combinations]
    for number in range(6):
        state = machine.reader.initial()
        for step in simulator.run_of(simulator.play(number)).steps:
            machine.reader.apply(state, step)
            enabled, chooser = machine.enabled(state), Chooser(machine, Random(1), state)
            for move in few:
                some = any(move.fire(state, *values) for values in move.combinations)
                assert some == bool(enabled >> move.place & 1), move.g.rule.name
                told[some] += 1
                taken = chooser._from(1 << move.place) if some else None
                assert some == (taken is not None)
    assert min(told.values()) > 100


def test_a_number_is_tried_only_if_one_is_allowed() -> None:
    machine = Machine(CCR, SMALL, [])
    (lost,) = (m for m in machine.moves if m.g.rule.name == "lose_log" and m.g.binding["n"] == "A")
    state = machine.reader.initial() | {"copy.A.SG1.low": 3}
    for top in (1, 2, 3, 4):
        state["copy.A.SG1.top"] = top
        allowed = any(lost.fire(state, generation) for generation in range(6))
        assert allowed == bool(machine.enabled(state) >> lost.place & 1) == (top >= 3)


def test_judging_after_a_step_agrees_with_the_reader_on_every_property() -> None:
    model = CCR.without_guard("write_records", "lease is valid")
    machine = Machine(model, SMALL, model.properties)
    reader, simulator = machine.reader, Simulator(machine, Settings(4, 100))
    for number in range(3):
        result = simulator.play(number)
        states = list(simulator.run_of(result).states(reader))
        broken = [
            any(shown_at(reader, p, old, new, move.g.rule.name) for p in machine.properties)
            for old, new, (move, _) in zip(states, states[1:], result.taken, strict=False)
        ]
        assert not any(broken[:-1])
        assert broken[-1] == result.broke


@pytest.mark.slow
def test_a_story_that_breaks_something_on_the_way_is_a_run_that_does() -> None:
    model = CCR.without_guard("mount_lossy", "copy is neither failed nor suspended")
    found = simulate(model, SMALL, model.properties, Settings(0, 1), runs=2_000)
    assert found.run is not None
    assert "P34" in [p.number for p in found.broken]


def test_only_the_asked_properties_are_judged() -> None:
    others = [p for p in teaching.BROKEN.properties if p.number != "P01"]
    found = simulate(teaching.BROKEN, teaching.INSTANCE, others, Settings(1), runs=50)
    assert found.run is None


def test_parameters_are_those_of_the_instance() -> None:
    loose = Instance(teaching.INSTANCE.members, {"lease": 6_000, "expiry": 5_000})
    model = teaching.MODEL
    found = simulate(model, loose, model.properties, Settings(), runs=400)
    assert found.run is not None
    assert found.run.instance.parameters["expiry"] == 5_000


def test_a_worker_that_is_killed_is_an_error_and_no_result(monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(fleet, "_work", killed)
    with pytest.raises(EngineError, match="a worker of the simulation died"):
        played(teaching.MODEL, Settings(), runs=20, jobs=2)


def test_a_wrong_judge_ends_as_an_internal_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Judging, "ways", lambda self, g: ((),))
    with pytest.raises(EngineError, match="breaks nothing"):
        played(teaching.MODEL, Settings(), runs=2)


MUTANTS_OF_TIME = {"lease": 6_000, "expiry": 5_999}


def test_an_inequality_missed_by_one_tick_is_found() -> None:
    close = Instance(teaching.INSTANCE.members, MUTANTS_OF_TIME)
    found = simulate(teaching.MODEL, close, teaching.MODEL.properties, Settings(), runs=1_000)
    assert found.run is not None


def test_a_promise_that_is_broken_from_the_beginning_is_found_there() -> None:
    never = replace(prop(teaching.MODEL, "P01"), term=Term("const", Bool, value=False))
    model = replace(teaching.MODEL, properties=(never,))
    found = simulate(model, teaching.INSTANCE, model.properties, Settings(), runs=5)
    assert found.number == 0
    assert found.run is not None
    assert len(found.run) == 0


def test_a_story_in_which_something_is_tried_without_end_is_given_up() -> None:
    story = ("power_on n=A", "wait 60000")
    assert len(tell(CCR, SMALL, story).steps) > 10
    with pytest.raises(BadRun, match="takes more than 10 steps"):
        tell(CCR, SMALL, story, most=10)


def test_what_is_asked_of_a_step_is_what_is_left_of_every_promise() -> None:
    machine = Machine(CCR, SMALL, CCR.properties)
    judging = machine.judging
    for move in machine.moves[::13]:
        left = [machine.left(i, move.g) for i in range(len(machine.promises))]
        ways = {way for node in left for way in breaches(machine.nodes, node)}
        assert set(judging.ways(move.g)) == ways, move.g.rule.name


@OFTEN
def test_the_judge_says_what_the_promises_say_one_by_one(
    often: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "OFTEN", often)
    machine, draw = Machine(CCR, SMALL, CCR.properties), Random(7)
    layout = machine.reader.layout
    promises = [
        (p, step_function(p.term, layout, b))
        for p in machine.properties
        for b in layout.groundings(p.params)
    ]

    def kept(rule: str, before: State, after: State) -> bool:
        return all(
            holds(after if p.kind == "always" else before, after)
            for p, holds in promises
            if not p.at or rule in p.at
        )

    def elsewise(changes: State) -> State:
        key = draw.choice([k for k in changes if k != CLOCK] or [CLOCK])
        value = changes[key]
        if isinstance(value, bool):
            return changes | {key: not value}
        return changes | {key: value + 1 if isinstance(value, int) and key != CLOCK else value}

    simulator, seen = Simulator(machine, Settings(seed=7, steps=60)), set[bool]()
    for number in range(8):
        state = machine.reader.initial()
        for move, values in simulator.play(number).taken:
            changes = move.fire(state, *values)
            assert changes is not None
            for tried in (changes, elsewise(changes)):
                said = move.breaks is None or not move.breaks(state, tried)
                assert said == kept(move.g.rule.name, state, state | tried), move.g.rule.name
                seen.add(said)
            state |= changes
    assert seen == {False, True}
