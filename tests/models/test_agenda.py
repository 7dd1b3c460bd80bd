"""The agenda against the naive way: look at every rule, in every millisecond."""

from __future__ import annotations

import random

import pytest

from models.ccr.model import CCR
from models.language.misuse import BadRule
from models.language.model import Instance, Model
from models.language.terms import Term, all_of, any_of, each, peer
from models.plain.agenda import Agenda, step_of
from models.plain.layout import State
from models.plain.reader import Reader, Step
from tests.models.teaching import INSTANCE, MODEL, Node

QUICK = Instance(INSTANCE.members, {"lease": 6, "expiry": 10})
"""Short timers, so that a test can look at every millisecond."""


def naive(reader: Reader, state: State, now: int | None = None) -> list[Step]:
    """Every enabled consequence, by trying them all."""
    if now is not None:
        state = {**state, "clock.now": now}
    found = []
    for g in sorted(reader.all_grounded(), key=lambda g: g.rule.number):
        if g.rule.trigger == "consequence":
            step = reader.complete(state, g.rule.name, g.binding)
            if reader.check(state, step) is None:
                found.append(step)
    return found


def naive_deadline(reader: Reader, state: State, horizon: int = 12) -> int | None:
    """The first later millisecond with a consequence that is not enabled already."""
    now = state["clock.now"]
    assert isinstance(now, int)
    already = [(s.rule, s.args["n"]) for s in naive(reader, state)]
    for later in range(now + 1, now + horizon):
        found = [(s.rule, s.args["n"]) for s in naive(reader, state, later)]
        if set(found) - set(already):
            return later
    return None


def allowed(reader: Reader, state: State) -> list[Step]:
    """Every step that may be taken, time apart, whose arguments guards bind."""
    all_bound = [g for g in reader.all_grounded() if g.bind is not None]
    steps = [step_of(g, state) for g in all_bound]
    return [s for s in steps if reader.check(state, s) is None]


def stopping(**guards: Term) -> Model:
    """A variant in which `stop_serving` waits for this instead of its lease alone."""
    return MODEL.with_rule(MODEL.rule("stop_serving").changed(requires=guards, given={}))


def _since(n: Term, duration: int) -> Term:
    s = MODEL.state
    found: Term = s.elapsed(s.node[n].lease_at, duration)
    return found


ME = MODEL.rule("stop_serving").keys[0]
WINDOW = stopping(window=_since(ME, 3) & ~_since(ME, 7))
EVERY = stopping(all_are_old=each(Node, lambda m: _since(m, 5)))
LATER = stopping(both=any_of(~_since(peer(ME), 4), all_of(_since(ME, 2), ~_since(ME, 3))))


@pytest.mark.parametrize(
    "model", [MODEL, WINDOW, EVERY, LATER], ids=["MODEL", "WINDOW", "EVERY", "LATER"]
)
@pytest.mark.parametrize("seed", range(2))
def test_the_agenda_knows_what_trying_everything_finds(model: Model, seed: int) -> None:
    reader, draw = Reader(model, QUICK), random.Random(seed)
    state = reader.initial()
    agenda = Agenda(reader, state)
    deadlines = set()
    for _ in range(120):
        assert [step_of(g, state) for g in agenda.enabled()] == naive(reader, state)
        due = agenda.next_deadline()
        assert due == naive_deadline(reader, state)
        deadlines.add(due is not None)
        steps = allowed(reader, state)
        follow = [s for s in steps if reader.model.rule(s.rule).trigger != "fault"]
        if draw.random() < 0.4:
            step = Step("tick", {"dt": draw.choice((1, 2, 5, 9))})
        else:
            step = draw.choice(follow if follow and draw.random() < 0.8 else steps)
        changes = reader.changes(state, step)
        state.update(changes)
        agenda.changed(changes)
    assert deadlines == {True, False}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_on_the_full_model_an_old_agenda_knows_what_a_new_one_does(seed: int) -> None:
    members = {"Node": ("A", "B"), "Network": ("N1", "N2"), "Group": ("SG1", "SG2")}
    reader, draw = Reader(CCR, Instance(members)), random.Random(seed)
    state = reader.initial()
    agenda = Agenda(reader, state)
    seen = set()
    for _ in range(60):
        enabled = agenda.enabled()
        due = agenda.next_deadline()
        fresh = Agenda(reader, dict(state))
        assert [g.binding for g in enabled] == [g.binding for g in fresh.enabled()]
        assert due == fresh.next_deadline()
        if enabled and draw.random() < 0.8:
            step = step_of(draw.choice(enabled), state)
        elif due is not None and draw.random() < 0.7:
            step = Step("tick", {"dt": due - int(state["clock.now"])})
        else:
            step = draw.choice(allowed(reader, state))
        seen.add(step.rule)
        changes = reader.changes(state, step)
        state.update(changes)
        agenda.changed(changes)
    assert len(seen) > 12


def test_a_change_that_is_not_reported_goes_unnoticed_which_is_why_it_must_be() -> None:
    reader = Reader(MODEL, INSTANCE)
    state = reader.initial()
    agenda = Agenda(reader, state)
    assert agenda.enabled() != []
    state["lock.reach.A"] = state["lock.reach.B"] = False
    assert agenda.enabled() != []
    agenda.changed(["lock.reach.A", "lock.reach.B"])
    assert agenda.enabled() == []


def test_after_a_change_only_the_groundings_that_read_it_are_looked_at() -> None:
    reader = Reader(MODEL, INSTANCE)
    state = reader.initial()
    state |= {"node.A.mode": "HOLDING", "lock.reach.A": False, "node.B.mode": "HOLDING"}
    agenda = Agenda(reader, state)
    agenda.enabled()
    agenda.changed(["node.A.lease_at"])
    looked_at = {(agenda._all[i].rule.name, agenda._all[i].binding["n"]) for i in agenda._dirty}
    assert looked_at == {("stop_serving", "A")}


def test_a_grounding_is_not_looked_at_while_what_time_cannot_change_is_false() -> None:
    reader = Reader(MODEL, INSTANCE)
    state = reader.initial()
    agenda = Agenda(reader, state)
    agenda.enabled()
    agenda.changed(["node.A.lease_at"])
    assert agenda._dirty == set()
    state |= {"node.A.mode": "HOLDING", "lock.reach.A": False}
    agenda.changed(["node.A.mode", "lock.reach.A"])
    assert "stop_serving" in {agenda._all[i].rule.name for i in agenda._dirty}


def test_a_consequence_with_an_argument_that_nothing_binds_is_refused() -> None:
    rule = MODEL.rule("start_serving")
    loose = rule.changed(given={k: g for k, g in rule.given.items() if k != "that is its renewal"})
    with pytest.raises(BadRule, match="nothing says what renewed is: equate it with something"):
        Agenda(Reader(MODEL.with_rule(loose), INSTANCE), Reader(MODEL, INSTANCE).initial())


def test_other_triggers_may_be_asked_for() -> None:
    reader = Reader(MODEL, INSTANCE)
    faults = Agenda(reader, reader.initial(), ("fault",)).enabled()
    found = [(g.rule.name, g.binding["n"]) for g in faults]
    assert found == [("crash", "A"), ("crash", "B"), ("cut", "A"), ("cut", "B")]
