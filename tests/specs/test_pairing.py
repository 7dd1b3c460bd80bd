"""The nodes become a pair again in time, and what a pair serves is mounted, on its way, or held
back for a reason: what each step rests on, and the run in which two nodes stayed apart.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.ccr.vocabulary import Copy, Group, Network, Node
from models.language.model import Model
from models.language.rule import Move
from models.language.terms import Term
from models.plain.driver import Driver
from models.plain.reader import Reader, Step
from specs.catalogue import CCR, SMALL
from specs.catalogue.hosted import HERE, THERE, comes
from specs.catalogue.pairing import JOINING, comes_together
from specs.catalogue.possible import FORMED
from specs.runs import Run, confirm
from specs.search.story import tell
from tests.specs.runs import prop
from tests.specs.test_progress import NEWEST

N, G, W = (Term("arg", s, value=v) for s, v in ((Node, "n"), (Group, "g"), (Network, "w")))
STAYED_APART = (
    "power_on n=A", "wait 30000", "first power_on n=B", "first start_service n=B",
    "first propose_pair n=A", "first accept_pair n=B", "first fail_node n=B", "first power_on n=B",
)  # fmt: skip
"""A acts alone and invites B, which accepts, and crashes before A hears of it."""


def _with(name: str, **changes: object) -> Model:
    """The model with another rule of this name."""
    return CCR.with_rule(CCR.rule(name).changed(**changes))


@pytest.mark.seed("S-057")
def test_two_nodes_stayed_apart_and_do_not_any_more() -> None:
    given = {**CCR.rule("propose_pair").given, "node knows the newest epoch": NEWEST}
    old = _with("propose_pair", given=given)
    term = comes_together(old, CCR.schema.state, CCR.schema.next_state, N)
    promise = replace(prop(CCR, "P183"), term=term)
    for model, apart in ((old, True), (CCR, False)):
        run = tell(model, SMALL, STAYED_APART)
        waited = Run(SMALL, (*run.steps, Step("tick", {"dt": 1})))
        assert (confirm(model, waited, promise) is not None) == apart
        *_, state = run.states(Reader(model, SMALL))
        driver = Driver(Reader(model, SMALL), dict(state))
        driver.wait(3_600_000)
        assert driver.state["node.B.view"] == ("SEEKING" if apart else "JOINED")
    assert confirm(CCR, tell(CCR, SMALL, STAYED_APART), prop(CCR, "P183")) is None


@pytest.mark.seed("S-044", "S-057")
def test_a_pair_that_comes_apart_by_itself_is_found_out() -> None:
    loose = CCR.without_guard("lose_peer", "no echo comes")
    run = tell(CCR, SMALL, ("power_on n=A", "power_on n=B", "wait 60000"))
    lost = Run(SMALL, (*run.steps, Step("lose_peer", {"n": "A"})))
    assert confirm(loose, lost, prop(loose, "P182")) is not None
    assert confirm(CCR, run, prop(CCR, "P182")) is None


@pytest.mark.seed("S-083")
def test_a_storage_group_that_nobody_mounts_again_is_found_out() -> None:
    healthy = (Move(CCR.state.copy[N, G].state, Copy.HEALTHY, Copy.ACTIVE),)
    lazy = _with("mount_own", moves=healthy)
    promise = replace(prop(CCR, "P181"), term=comes(lazy, CCR.state, N, G, W))
    story = (*FORMED, "stop_cms n=A", "wait 1000", "start_cms n=A", "wait 1000")
    for model, late in ((lazy, True), (CCR, False)):
        asked = promise if late else prop(CCR, "P181")
        run = tell(model, SMALL, story)
        waited = Run(SMALL, (*run.steps, Step("tick", {"dt": 1})))
        assert (confirm(model, waited, asked) is not None) == late


def test_what_must_be_prompt_or_leads_to_a_mount_is_a_consequence() -> None:
    assert {CCR.rule(name).trigger for name in (*JOINING, *HERE, *THERE)} == {"consequence"}
