"""Wordings of promises that were found false: each has a run that refutes it.

The catalogue says beside each promise how it was first worded; these runs are why it no longer is.
"""

from __future__ import annotations

from typing import Any

import pytest

from models.ccr.phrases import echoed, renewing, serving
from models.ccr.vocabulary import SCHEMA, Cms, Node
from models.language.model import ALWAYS, Instance, Property, property_for
from models.language.terms import Term, any_of, implies, one_of
from specs.catalogue import CCR, SMALL
from specs.runs import confirm
from specs.search.story import tell

FORMED = ("power_on n=A", "power_on n=B", "wait 20000")
CUT = ("cut_network w=net1 n=A", "cut_network w=net1 n=B")

wording = property_for(SCHEMA)


@wording("W01", kind=ALWAYS, source="S-045", story=(*FORMED, *CUT))
def a_serving_node_has_a_majority_at_every_instant(s: Any, n: Node) -> Term:
    """A serving node is echoed by its peer or renews the lock, this very instant."""
    return implies(serving(s, n), any_of(echoed(s, n), renewing(s, n)))


@wording("W04", kind=ALWAYS, source="S-058", story=(*FORMED, "cut_share n=A", *CUT, "wait 20000"))
def a_serving_node_is_in_the_newest_epoch(s: Any, n: Node) -> Term:
    """A serving node has written down the newest epoch."""
    return implies(serving(s, n), s.node[n].stored >= s.history.newest)


@wording(
    "W07",
    kind=ALWAYS,
    source="D-11",
    story=(*FORMED, "freeze_node n=A", "wait 60000", "stop_cms n=B", "wait 20000"),
)
def a_confirmed_stop_means_up_nowhere(s: Any, n: Node) -> Term:
    """Once a stop is confirmed the CMS is up on no node."""
    up = one_of(s.node[n].cms, Cms.ONLINE_PENDING, Cms.ONLINE)
    return implies(s.history.stop_acked, ~up)


REFUTED = [
    (a_serving_node_has_a_majority_at_every_instant, {}),
    (a_serving_node_is_in_the_newest_epoch, {"claim_defer": 1_000}),
    (a_confirmed_stop_means_up_nowhere, {}),
]


@pytest.mark.seed("S-045", "S-058")
@pytest.mark.parametrize(("prop", "parameters"), REFUTED, ids=[p.name for p, _ in REFUTED])
def test_the_old_wording_is_refuted(prop: Property, parameters: dict[str, int]) -> None:
    run = tell(CCR, Instance(SMALL.members, parameters), prop.story)
    assert confirm(CCR.promising([prop]), run, prop) is not None
