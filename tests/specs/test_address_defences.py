"""P59 with two networks, as it takes to lose the one that clients use and still be heard: what it
is about happens, and each guard of the rule that it is about is missed.
"""

from __future__ import annotations

import pytest

from models.language.model import Instance
from models.plain.reader import Step
from specs.catalogue import CCR, SMALL
from specs.catalogue.possible import FORMED
from specs.runs import BadRun, Run, confirm
from specs.search.story import tell
from tests.specs.runs import prop

TWO = Instance({**SMALL.members, "Network": ("net1", "net2")})
APART = ("configure_network w=net2 role=PRIVATE public=false",)
LOST = (*APART, *FORMED, "cut_network w=net1 n=A", "wait 100")
MISSED = {
    "clients do not reach it": (*APART, *FORMED),
    "clients reach the peer": (*APART, *FORMED, "cut_network w=net1 n=B", "cut_network w=net1 n=A"),
    "peer may host the CMS": (
        *APART, *FORMED, "fail_node n=B", "wait 60000", "cut_network w=net1 n=A",
    ),
}  # fmt: skip


@pytest.mark.seed("S-094")
def test_a_node_that_clients_do_not_reach_gives_the_cms_to_one_that_they_do() -> None:
    run = tell(CCR, TWO, (*LOST, "wait 60000"))
    assert [s.args for s in run.steps if s.rule == "lose_address"] == [{"n": "A"}]
    assert [s.args["n"] for s in run.steps if s.rule == "bring_online"] == ["A", "B"]
    assert confirm(CCR, run, prop(CCR, "P59")) is None


@pytest.mark.parametrize("guard", MISSED)
def test_each_guard_of_it_is_missed_in_a_confirmed_run(guard: str) -> None:
    weaker = CCR.without_guard("lose_address", guard)
    before = tell(CCR, TWO, MISSED[guard])
    run = Run(before.instance, (*before.steps, Step("lose_address", {"n": "A"})))
    found = confirm(weaker, run, prop(CCR, "P59"))
    assert found is not None
    assert found.step == len(run)
    with pytest.raises(BadRun, match=guard):
        confirm(CCR, run, prop(CCR, "P59"))
