"""The ranking argument behind V01: what each of its steps rests on, and the runs that refute it
where that is missing.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import takewhile

import pytest

from models.ccr.vocabulary import Node
from models.language.terms import Bool, Term, lift
from models.plain.compile import function, source
from models.plain.reader import Reader, Step
from specs.catalogue import CCR, SMALL
from specs.catalogue.instants import OWN
from specs.catalogue.ranking import PROMPT, taken_off, time_left, undisturbed
from specs.runs import Run, confirm
from specs.search.story import tell
from tests.specs.runs import prop, taken
from tests.specs.test_progress import FAULTY, after, waiting_for

N = Term("arg", Node, value="n")
HOLDS_THE_LOCK = """
power_on n=A | start_service n=A | tick dt=5000 | form_alone n=A | tick dt=3000
ask_for_lock n=A | claim_lock n=A | learn_grant n=A | power_on n=B | start_service n=B
"""
"""A holds the lock and has opened no epoch yet when B comes up and asks to join."""
OUTLIVED = """
power_on n=A | start_service n=A | tick dt=5000 | form_alone n=A | tick dt=3000
ask_for_lock n=A | claim_lock n=A | learn_grant n=A | cut_share n=A
cut_network w=net1 n=A | cut_network w=net1 n=B | power_on n=B | start_service n=B
tick dt=5000 | form_alone n=B | watch_lock n=B | tick dt=10000
ask_for_lock n=B | seize_lock n=B | learn_grant n=B
heal_share n=A | heal_network w=net1 n=A | heal_network w=net1 n=B | propose_pair n=B
"""
"""B seized the lock, whose lease A has not given up yet, and invites A."""
OUTRUNS = {
    "in vain": ("no invitation can be accepted", HOLDS_THE_LOCK, "propose_pair n=A"
                " | accept_pair n=B | propose_alone n=A", "P170"),
    "in a circle": ("no invitation can be accepted", HOLDS_THE_LOCK, "propose_pair n=A"
                    " | propose_alone n=A | propose_pair n=A | propose_alone n=A", "P172"),
    "without the lock": ("lock is its own", OUTLIVED, "propose_alone n=A", "P172"),
}  # fmt: skip
"""The guard that is missing, the situation, what then follows, and what that breaks."""


@pytest.mark.seed("S-045", "S-057")
@pytest.mark.parametrize("case", OUTRUNS.values(), ids=OUTRUNS)
def test_an_invitation_was_outrun_and_is_not_any_more(case: tuple[str, str, str, str]) -> None:
    guard, before, then, broken = case
    loose = CCR.without_guard("propose_alone", guard)
    run = taken(loose, f"{before} | {then}")
    assert confirm(loose, run, prop(loose, broken)) is not None
    with pytest.raises(AssertionError, match="propose_alone"):
        taken(CCR, f"{before} | {then}")


@pytest.mark.seed("S-045")
def test_a_served_mailbox_server_that_stops_by_itself_breaks_what_stays_undisturbed() -> None:
    loose = CCR.without_guard("stop_serving", "no echo comes")
    run = tell(CCR, SMALL, ("power_on n=A", "power_on n=B", "wait 60000"))
    served = Run(SMALL, (*run.steps, Step("stop_serving", {"n": "A"})))
    assert confirm(loose, served, prop(loose, "P169")) is not None


@pytest.mark.seed("S-045", "S-057")
@pytest.mark.parametrize(("steps", "believed"), FAULTY, ids=["outrun", "cut short"])
def test_of_a_wait_in_vain_nothing_is_taken_off(steps: str, believed: Term) -> None:
    model = waiting_for(believed)
    states = CCR.schema.state, CCR.schema.next_state
    promise = replace(prop(CCR, "P171"), term=taken_off(model, *states, N))
    begun = taken(model, steps).steps
    then = after(model, steps)[0].steps[len(begun) :]
    instant = takewhile(lambda step: step.rule != "tick", then)
    waited = Run(SMALL, (*begun, *instant, Step("tick", {"dt": 1})))
    assert confirm(model, waited, promise) is not None
    assert confirm(CCR, taken(CCR, steps), prop(CCR, "P171")) is None


@pytest.mark.seed("S-057")
def test_another_service_that_sends_the_cluster_service_back_starts_a_circle() -> None:
    rule, forgot = CCR.rule("mount_own"), CCR.state.node[N].share_seen
    model = CCR.with_rule(rule.changed(sets=(*rule.sets, (forgot, lift(False, Bool)))))
    for variant, breaks in ((model, True), (CCR, False)):
        run = tell(variant, SMALL, ("power_on n=A", "power_on n=B"))
        assert (confirm(variant, run, prop(variant, "P173")) is not None) == breaks


def test_the_number_never_says_less_than_what_comes_about() -> None:
    """Told on plain values: where a step is not slower than it may be, what is left runs out."""
    run = tell(CCR, SMALL, (*prop(CCR, "S77").story[1:], "wait 20000"), limit=400)
    reader = Reader(CCR, run.instance)
    left = function(source(time_left(CCR.state, N, CCR.state.now), reader.layout, {"n": "A"}), ())
    calm = function(source(undisturbed(CCR.state), reader.layout, {}), ())
    seen = [left(state) for state in run.states(reader) if calm(state)]
    assert seen == sorted(seen, reverse=True)
    assert seen[-1] == 0


def test_what_must_be_prompt_and_what_counts_is_read_off_the_rules() -> None:
    consequences = {r.name for r in CCR.rules.values() if r.trigger == "consequence"}
    assert set(PROMPT) <= consequences & set(OWN)
    assert {"check_share", "propose_alone"} <= set(OWN)
    assert not {"tick", "fail_node", "force_quorum"} & set(OWN)
