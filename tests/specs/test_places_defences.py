"""What the placement of the witness rests on, weakened: each guard dropped gives a confirmed run.

That the promises hold, and that the stories show what they should, is in test_catalogue.py.
"""

from __future__ import annotations

import pytest

from models.language.model import Property
from models.plain.reader import Step
from specs.catalogue import CCR, SMALL
from specs.catalogue.possible import FORMED, OUT, SHIPPED
from specs.runs import BadRun, Run, confirm
from specs.search.story import tell

CASES = {
    "the share is gone when control is taken": (
        "P85", "open_alone", "share answers", (*FORMED, *OUT, "wait 60000"), "write_board",
        (Step("fail_share", {}), Step("open_alone", {"n": "A"})),
    ),
    "the lease has run out when it comes online": (
        "P86", "bring_online", "lease is valid", (*SHIPPED, "fail_node n=A", "wait 60000"),
        "open_alone",
        (Step("fail_share", {}), Step("tick", {"dt": 60_000}), Step("bring_online", {"n": "B"})),
    ),
    "it has lost its peer, and the vote, when it comes online": (
        "P86", "bring_online", "node is joined, or alone for its head start",
        (*FORMED, "stop_cms n=A", "wait 3000", *OUT, "wait 60000"), "lose_peer",
        (Step("start_cms", {"n": "A"}), Step("bring_online", {"n": "A"})),
    ),
}  # fmt: skip


@pytest.mark.seed("S-002", "S-046", "S-073")
@pytest.mark.parametrize("name", CASES)
def test_without_this_guard_a_node_takes_over_without_a_second_vote(name: str) -> None:
    number, rule, guard, story, cut, steps = CASES[name]
    prop = CCR.numbered(number)
    assert isinstance(prop, Property)
    run = tell(CCR, SMALL, story)
    last = max(i for i, step in enumerate(run.steps) if step.rule == cut)
    run = Run(run.instance, (*run.steps[: last + 1], *steps))
    weaker = CCR.without_guard(rule, guard)
    assert confirm(weaker, run, prop) is not None
    with pytest.raises(BadRun):
        confirm(CCR, run, prop)
