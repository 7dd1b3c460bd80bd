"""What is under way comes to an end: what each step of the stage in front of V01 rests on, and the
run in which a shutdown stood still.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.ccr.vocabulary import NEVER, Cms, Group, Node
from models.language.model import Model
from models.language.rule import Move
from models.language.terms import Term, any_of, each
from models.plain.driver import Driver
from models.plain.reader import Reader, Step
from specs.catalogue import CCR, SMALL
from specs.catalogue.possible import FORMED
from specs.catalogue.unfinished import ENDING, closes, runs_out
from specs.runs import Run, confirm
from specs.search.story import tell
from tests.specs.runs import doubled, prop

N, G = Term("arg", Node, value="n"), Term("arg", Group, value="g")
NODE = CCR.state.node[N]
STATES = CCR.schema.state, CCR.schema.next_state
MOVED = (*FORMED, "write_records n=A g=SG1 records=7", "request_move n=A", "wait 1000")
HELD_UP = (
    *FORMED, "write_records n=A g=SG1 records=100", "corrupt_log n=A g=SG1 generation=1",
    "request_move n=A", "wait 119999",
)  # fmt: skip
"""A move that waits for a log that no attempt brings over."""
STOOD_STILL = (
    *FORMED, "write_records n=A g=SG1 records=1", "first request_move n=A",
    "first begin_offline n=A", "first freeze_node n=A", "wait 60000", "first thaw_node n=A",
    "first step_down n=A g=SG1", "first fail_node n=B", "first lose_peer n=A",
    "first force_quorum n=A",
)  # fmt: skip
"""A is frozen while it goes offline and finds its copy passive; then B is lost for good."""


def _waits_for(g: Term) -> Term:
    """What a shutdown waited for, before the rules were mended."""
    copy = CCR.state.copy[N, g]
    return any_of(copy.mounted_run != NODE.run, copy.final != NEVER)


def _with(name: str, **changes: object) -> Model:
    """The model with another rule of this name."""
    return CCR.with_rule(CCR.rule(name).changed(**changes))


def _waited(model: Model, story: tuple[str, ...]) -> Run:
    """The run of a story, and a millisecond."""
    run = tell(model, SMALL, story)
    return Run(run.instance, (*run.steps, Step("tick", {"dt": 1})))


def _breaks(model: Model, number: str, story: tuple[str, ...]) -> bool:
    return confirm(model, _waited(model, story), prop(model, number)) is not None


@pytest.mark.seed("S-045", "S-165")
def test_a_shutdown_waited_for_a_passive_copy_and_does_not_any_more() -> None:
    guard = {"every mounted log stream is closed": each(Group, _waits_for)}
    old = _with("finish_offline", requires={**CCR.rule("finish_offline").requires, **guard})
    for model, stands in ((old, True), (CCR, False)):
        run = tell(model, SMALL, STOOD_STILL)
        *_, state = run.states(Reader(model, SMALL))
        driver = Driver(Reader(model, SMALL), dict(state))
        driver.fire(Step("power_on", {"n": "B"}))
        driver.wait(3_600_000)
        assert (driver.state["node.A.cms"] == "OFFLINE_PENDING") == stands
        assert (driver.state["node.A.view"], driver.state["node.B.view"]) == ("JOINED", "JOINED")
    term = closes(CCR, CCR.state, N, G, closed=_waits_for(G))
    promise = replace(prop(CCR, "P180"), term=term)
    assert confirm(old, _waited(old, STOOD_STILL), promise) is not None
    assert not _breaks(CCR, "P180", STOOD_STILL)


@pytest.mark.seed("S-015")
def test_a_storage_group_that_closes_no_last_log_holds_a_shutdown_up() -> None:
    rule = CCR.rule("close_last_log")
    guard = {"CMS is going offline or failed": NODE.cms == Cms.FAILED}
    lazy = _with(rule.name, requires={**rule.requires, **guard})
    term = closes(lazy, CCR.state, N, G)
    for model, late in ((lazy, True), (CCR, False)):
        promise = replace(prop(CCR, "P180"), term=term) if late else prop(CCR, "P180")
        assert (confirm(model, _waited(model, MOVED), promise) is not None) == late


@pytest.mark.seed("S-015")
def test_a_shutdown_in_which_the_mailbox_server_fails_is_found_out() -> None:
    fails = (Move(NODE.cms, Cms.OFFLINE_PENDING, Cms.FAILED),)
    assert _breaks(_with("finish_offline", moves=fails), "P177", MOVED)
    assert not _breaks(CCR, "P177", MOVED)


@pytest.mark.seed("S-015")
def test_a_move_whose_patience_begins_anew_is_found_out() -> None:
    rule = CCR.rule("offer_move")
    anew = _with(rule.name, sets=(*rule.sets, (NODE.moved_at, CCR.state.now)))
    assert _breaks(anew, "P178", MOVED)
    assert not _breaks(CCR, "P178", MOVED)


@pytest.mark.seed("S-015")
def test_a_move_that_is_given_up_too_late_takes_nothing_off() -> None:
    rule = CCR.rule("return_to_source")
    late = {name: doubled(t, "move_patience") for name, t in rule.requires.items()}
    slow = _with(rule.name, requires=late)
    term = runs_out(slow, *STATES, N)
    for model, breaks in ((slow, True), (CCR, False)):
        promise = replace(prop(CCR, "P179"), term=term) if breaks else prop(CCR, "P179")
        waited = _waited(model, (*HELD_UP, "wait 2"))
        assert (confirm(model, waited, promise) is not None) == breaks


@pytest.mark.seed("S-015")
def test_a_move_that_is_given_up_again_and_again_goes_round_in_a_circle() -> None:
    rule = CCR.rule("return_to_source")
    _, offer = rule.sets
    again = _with(rule.name, sets=(offer,))
    begun = tell(again, SMALL, (*HELD_UP, "wait 0")).steps
    run = Run(SMALL, (*begun, Step("tick", {"dt": 1}), Step(rule.name, {"n": "A"})))
    assert confirm(again, run, prop(again, "P172")) is not None
    assert confirm(CCR, Run(SMALL, run.steps), prop(CCR, "P172")) is None


def test_what_must_be_prompt_is_a_consequence_or_what_is_assumed_of_an_operator() -> None:
    triggers = {name: CCR.rule(name).trigger for name in ENDING}
    assert triggers.pop("restart_failed") == "command"
    assert set(triggers.values()) == {"consequence"}
