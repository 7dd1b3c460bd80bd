"""A plan takes late what makes another of its steps impossible, and is no way to what is undone for
good.
"""

from __future__ import annotations

from random import Random

from specs.catalogue import SMALL
from specs.search.story import tell
from specs.simulation.guiding import Guide
from specs.simulation.leading import SPOILED, Lead
from specs.simulation.machine import Machine
from tests.models import teaching
from tests.specs.test_defences import without

MACHINE = Machine(teaching.BROKEN, teaching.INSTANCE, teaching.BROKEN.properties)
LEAD = Lead(MACHINE, "P01")


def place(machine: Machine, rule: str, **keys: str) -> int:
    """The place of a rule for these members."""
    (found,) = (m.place for m in machine.moves if (m.g.rule.name, m.g.binding) == (rule, keys))
    return found


def hindered(rule: str, **keys: str) -> set[tuple[str, str]]:
    """What a step makes impossible."""
    by = LEAD.hindering.by(place(MACHINE, rule, **keys))
    moves = [m.g for m in MACHINE.moves if by >> m.place & 1]
    return {(g.rule.name, g.binding.get("n", "")) for g in moves}


def test_a_step_hinders_those_of_which_a_guard_is_false_after_it() -> None:
    assert hindered("cut", n="A") == {
        (rule, "A") for rule in ("claim_lock", "start_serving", "renew_lock", "note_renewal")
    }
    assert ("start_serving", "A") in hindered("crash", n="A")
    assert ("boot", "A") not in hindered("crash", n="A")
    assert not LEAD.hindering.by(place(MACHINE, "tick"))


def test_what_a_step_hinders_is_not_enabled_after_it_in_any_run() -> None:
    draw, state = Random(1), MACHINE.reader.initial()
    hindering, enabled = LEAD.hindering, MACHINE.enabled(state)
    for _ in range(300):
        move = draw.choice([m for m in MACHINE.moves if enabled >> m.place & 1 and not m.free])
        changes = move.fire(state)
        assert changes is not None
        state.update(changes)
        enabled = MACHINE.enabled(state)
        assert not hindering.by(move.place) & enabled


def test_of_a_plan_comes_first_what_hinders_nothing_else_of_it() -> None:
    crash, claim = place(MACHINE, "crash", n="A"), place(MACHINE, "claim_lock", n="A")
    cut, boot = place(MACHINE, "cut", n="B"), place(MACHINE, "boot", n="A")
    steps = 1 << crash | 1 << claim | 1 << cut
    assert LEAD.hindering.harmless(steps, steps) == 1 << claim | 1 << cut
    assert LEAD.hindering.harmless(1 << crash, steps) == 0
    assert LEAD.hindering.harmless(1 << crash, 1 << crash | 1 << boot) == 1 << crash


def test_a_patient_guide_leaves_for_later_what_hinders() -> None:
    state = MACHINE.reader.initial()
    crash, claim = place(MACHINE, "crash", n="A"), place(MACHINE, "claim_lock", n="A")
    both, told = 1 << crash | 1 << claim, set[int]()
    for number in range(80):
        guide = Guide(LEAD, LEAD.goals[0], Random(number))
        guide.look(state, -1)
        guide._steps = both
        told |= {guide.next(both), guide.next(1 << crash)}
    assert told == {0, 1 << claim, both, 1 << crash}


def test_what_can_not_come_about_again_makes_the_way_longer() -> None:
    model = without(("accept_pair", "peer knows the newest epoch"))
    (prop,) = (p for p in model.properties if p.number == "P07")
    machine = Machine(model, SMALL, [prop])
    lead, state = Lead(machine, "P07"), machine.reader.initial()
    lines = ("power_on n=A", "power_on n=B", "wait 20000", "stop_cms n=A", "wait 20000")
    for step in tell(model, SMALL, lines).steps:
        machine.reader.apply(state, step)
    assert state["history.stop_acked"]
    plans = [lead.plan(state, [1] * len(machine.moves), goal) for goal in lead.goals]
    assert min(p.far for p in plans) > SPOILED, "a start asks for another stop, and undoes it"
