"""Open sorts: members that nobody declares. When one is named first must make no difference."""

from __future__ import annotations

import random

import pytest

from models.language.canonical import fingerprint, from_data, to_data
from models.language.misuse import BadRule
from models.plain.agenda import Agenda
from models.plain.driver import Driver, Refused
from models.plain.reader import Reader, Step
from tests.models.opened import INSTANCE, MODEL


def opening(ticket: str) -> Step:
    """The step that opens a ticket."""
    return Step("open_ticket", {"t": ticket})


def driven(*tickets: str) -> Driver:
    """A run in which these tickets were opened."""
    reader = Reader(MODEL, INSTANCE)
    driver = Driver(reader, reader.initial())
    for ticket in tickets:
        driver.fire(opening(ticket))
    return driver


def test_a_member_is_there_once_a_step_names_it() -> None:
    driver = driven("t1")
    assert driver.state["ticket.t1.state"] == "OPEN"
    assert driver.reader.layout.members(MODEL.rule("open_ticket").params[0][1]) == ("t1",)
    fired = driver.wait(10)
    assert [(f.step.rule, f.step.args) for f in fired][1:] == [("call_ticket", {"t": "t1"})]


def test_a_refused_step_may_name_anybody_and_changes_nothing() -> None:
    driver = driven("t1")
    with pytest.raises(Refused):
        driver.fire(Step("close_ticket", {"t": "t9"}))
    called = [f.step.args["t"] for f in driver.wait(10) if f.step.rule == "call_ticket"]
    assert called == ["t1"]


@pytest.mark.parametrize("name", ["", "a.b", "a b", "-a", "x" * 64, "ä", "a%b"])
def test_a_name_that_cannot_be_part_of_a_key_is_refused(name: str) -> None:
    with pytest.raises(BadRule, match="not a name of a Ticket"):
        driven(name)


def test_which_member_acts_first_does_not_depend_on_who_was_named_first() -> None:
    def calls(*tickets: str) -> list[object]:
        return [f.step.args["t"] for f in driven(*tickets).wait(10) if f.step.rule != "tick"]

    assert calls("t2", "t10", "t1") == calls("t1", "t10", "t2") == ["t1", "t2", "t10"]


def test_an_agenda_that_grew_is_one_that_was_made_afresh() -> None:
    for seed in range(20):
        draw = random.Random(seed)
        reader = Reader(MODEL, INSTANCE)
        state = reader.initial()
        agenda = Agenda(reader, state)
        for _ in range(60):
            name = draw.choice(["tick", "open_ticket", "call_ticket", "close_ticket", "go_home"])
            args = {
                "tick": {"dt": draw.randrange(8)},
                "go_home": {},
            }.get(name, {"t": f"t{draw.randrange(12)}"})
            before = dict(state)
            if reader.advance(state, Step(name, args)) is None:
                agenda.changed(k for k in state if before.get(k) != state[k])
            fresh = Agenda(Reader(MODEL, INSTANCE), dict(reader.initial()))
            assert fresh.enabled() == []
            again = Agenda(reader, dict(state))
            said = [(g.rule.name, g.binding) for g in agenda.enabled()]
            assert said == [(g.rule.name, g.binding) for g in again.enabled()], f"seed {seed}"
            assert agenda.next_deadline() == again.next_deadline(), f"seed {seed}"


def test_a_quantifier_ranges_over_those_that_joined() -> None:
    driver = driven("t1", "t2")
    driver.wait(10)
    for ticket in ("t1", "t2"):
        assert driver.state["desk.home"] is False
        driver.fire(Step("close_ticket", {"t": ticket}))
        driver.settle()
    assert driver.state["desk.home"] is True


def test_a_field_indexed_by_an_open_sort_grows_with_it() -> None:
    driver = driven("t1")
    driver.fire(Step("note_call", {"t": "t2"}))
    assert (driver.state["desk.calls.t1"], driver.state["desk.calls.t2"]) == (False, True)


def test_a_stored_model_keeps_which_sorts_are_open() -> None:
    again = from_data(to_data(MODEL))
    assert fingerprint(again) == fingerprint(MODEL)
    assert again.rule("open_ticket").params[0][1].open
