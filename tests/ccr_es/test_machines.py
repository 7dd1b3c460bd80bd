"""The state machines: built from the moves, agreeing with the guards, refusing ambiguity."""

from __future__ import annotations

import random

import pytest
from transitions import MachineError

from ccr_es.state.machines import FieldMachine, Machines, named
from models.language.misuse import BadRule
from models.language.rule import Move
from models.plain.reader import Reader
from tests.models.teaching import INSTANCE, MODEL

READER = Reader(MODEL, INSTANCE)
MACHINES = Machines(READER)


def test_every_field_that_moves_has_one_shared_machine() -> None:
    assert set(MACHINES.by_field) == {("node", "power"), ("node", "mode"), ("lock", "holder")}
    assert Machines(READER).by_field.keys() == MACHINES.by_field.keys()
    machine = MACHINES.by_field["node", "power"]
    assert machine.machine is machine.machine


def test_the_machine_has_the_arrows_of_the_rules_and_no_others() -> None:
    power = MACHINES.by_field["node", "power"]
    assert power.arrows == {("boot", "DOWN"): "UP", ("crash", "UP"): "DOWN"}
    assert list(power.states) == ["UP", "DOWN"]
    assert sorted(power.machine.get_triggers("UP")) == ["crash"]
    assert not hasattr(power.machine, "to_UP")


def test_a_move_between_identities_has_a_trigger_per_member() -> None:
    holder = MACHINES.by_field["lock", "holder"]
    assert holder.arrows["claim_lock_A", "nobody"] == "A"
    assert holder.arrows["claim_lock_A", "B"] == "A"
    assert ("claim_lock_A", "A") not in holder.arrows


def test_firing_moves_and_an_arrow_that_is_not_there_is_refused() -> None:
    power = MACHINES.by_field["node", "power"]
    assert power.fire("UP", "crash") == "DOWN"
    with pytest.raises(MachineError):
        power.fire("DOWN", "crash")
    assert not power.may("PAINTED", "crash")


def test_a_second_arrow_for_one_state_and_trigger_is_refused() -> None:
    machine = FieldMachine("node", "power", "UP")
    machine.add("crash", "UP", "DOWN")
    with pytest.raises(BadRule, match=r"node\.power: two arrows for crash from UP"):
        machine.add("crash", "UP", "BROKEN")
    with pytest.raises(BadRule, match="two arrows"):
        machine.add("crash", "UP", "DOWN")


def test_a_rule_that_moves_one_field_two_ways_is_refused() -> None:
    crash = MODEL.rule("crash")
    move = crash.moves[0]
    twice = crash.changed(moves=(move, Move(move.field, move.sources, move.sources[0])))
    with pytest.raises(BadRule, match="two arrows for crash from UP"):
        Machines(Reader(MODEL.with_rule(twice), INSTANCE))


def test_the_machines_are_an_oracle_for_the_guards() -> None:
    """On random walks: what the guards allow the machines accept, and with the same result."""
    draw = random.Random(20_07)
    tried = 0
    for _ in range(30):
        state = READER.initial()
        for _ in range(40):
            steps = list(_steps(state))
            for step in steps:
                assert MACHINES.accept(state, step)
                after = READER.evolve(state, step)
                for machine, key, trigger in MACHINES.needs(step):
                    assert machine.fire(named(state[key]), trigger) == named(after[key])
                    tried += 1
            state = READER.evolve(state, draw.choice(steps))
    assert tried > 500


def test_what_the_machine_refuses_the_guards_refuse() -> None:
    for g in READER.all_grounded():
        if g.rule.moves and not [n for n in g.names if n not in g.rule.bindings]:
            state = READER.initial()
            step = READER.complete(state, g.rule.name, g.binding)
            if not MACHINES.accept(state, step):
                assert READER.check(state, step) is not None


def _steps(state: dict[str, bool | int | str]) -> object:
    for g in READER.all_grounded():
        free = {n: 3_000 for n in g.names if n not in g.rule.bindings}
        step = READER.complete(state, g.rule.name, {**g.binding, **free})
        if READER.check(state, step) is None:
            yield step


def test_may_says_what_an_aggregate_can_do_next() -> None:
    state = READER.initial()
    assert MACHINES.may(state, "node.A") == ["crash", "start_serving"]
    assert MACHINES.may(state, "lock") == ["claim_lock_A", "claim_lock_B"]


def test_the_diagram_is_mermaid_and_names_every_arrow() -> None:
    drawn = MACHINES.by_field["node", "mode"].mermaid()
    assert "stateDiagram-v2" in drawn
    assert "IDLE --> HOLDING: start_serving" in drawn
    assert "HOLDING --> IDLE: stop_serving" in drawn
    assert "[*] --> IDLE" in drawn
