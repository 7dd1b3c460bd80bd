"""The last logs come in time, a log is closed in time where clients write, a seed is done in time:
what each step rests on.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.ccr.vocabulary import Group, Network, Node
from models.language.model import Model, Property
from models.language.terms import Term
from models.plain.reader import Step
from specs.catalogue import CCR, SMALL
from specs.catalogue.fetching import fetched_in_time
from specs.catalogue.filling import closes_in_time, seeded_in_time
from specs.catalogue.possible import FORMED, SHIPPED
from specs.runs import Run, confirm
from specs.search.story import tell
from tests.specs.runs import doubled, prop

N, G, W = (Term("arg", s, value=v) for s, v in ((Node, "n"), (Group, "g"), (Network, "w")))
STATES = CCR.schema.state, CCR.schema.next_state
WRITTEN = (*FORMED, "write_records n=A g=SG1 records=7")
TAKEN_OVER = (*WRITTEN, "fail_cms n=A")
"""B serves, and fetches the last log of A, which is closed by now."""
SEEDED = (*SHIPPED, "suspend_copy n=B g=SG1", "begin_seed n=B g=SG1 delete=true manual=false")


def _with(name: str, **changes: object) -> Model:
    """The model with another rule of this name."""
    return CCR.with_rule(CCR.rule(name).changed(**changes))


def _slow(name: str, part: str, parameter: str) -> Model:
    """The model in which this rule waits twice as long as the parameter says."""
    guards = getattr(CCR.rule(name), part)
    return _with(name, **{part: {n: doubled(t, parameter) for n, t in guards.items()}})


def _broken(model: Model, promise: Property, story: tuple[str, ...], *then: Step) -> bool:
    run = tell(model, SMALL, story)
    return confirm(model, Run(run.instance, (*run.steps, *then)), promise) is not None


LATER = Step("tick", {"dt": 1})


@pytest.mark.seed("S-019", "S-088")
def test_a_log_that_is_copied_again_and_again_is_found_out() -> None:
    sets = tuple(set_ for set_ in CCR.rule("copy_log").sets if "copied" not in str(set_[0]))
    again = _with("copy_log", sets=sets)
    for model, late in ((again, True), (CCR, False)):
        assert _broken(model, prop(model, "P184"), (*TAKEN_OVER, "wait 1000")) == late


@pytest.mark.seed("S-019", "S-081")
def test_a_log_that_is_inspected_too_slowly_takes_nothing_off() -> None:
    slow = _slow("inspect_log", "requires", "inspect_time")
    late = replace(prop(CCR, "P185"), term=fetched_in_time(slow, *STATES, N, G, W))
    assert _broken(slow, late, (*TAKEN_OVER, "wait 120"), LATER)
    assert not _broken(CCR, prop(CCR, "P185"), (*TAKEN_OVER, "wait 120"), LATER)


@pytest.mark.seed("S-078")
def test_a_log_that_is_never_closed_is_found_out() -> None:
    forgets = _with("roll_idle_log", sets=((CCR.state.copy[N, G].written_at, CCR.state.now),))
    for model, late in ((forgets, True), (CCR, False)):
        assert _broken(model, prop(model, "P186"), (*WRITTEN, "wait 90000")) == late


@pytest.mark.seed("S-078")
def test_a_log_that_is_closed_too_late_takes_nothing_off() -> None:
    slow = _slow("roll_idle_log", "requires", "log_roll_idle")
    late = replace(prop(CCR, "P187"), term=closes_in_time(slow, *STATES, N, G))
    assert _broken(slow, late, (*WRITTEN, "wait 90000"), LATER)
    assert not _broken(CCR, prop(CCR, "P187"), (*WRITTEN, "wait 90000"), LATER)


@pytest.mark.seed("S-008")
def test_a_seed_that_is_given_up_for_nothing_is_found_out() -> None:
    loose = CCR.without_guard("abort_seed", "source does not answer")
    run = tell(CCR, SMALL, SEEDED)
    gone = Run(run.instance, (*run.steps, Step("abort_seed", {"n": "B", "g": "SG1"})))
    assert confirm(loose, gone, prop(loose, "P188")) is not None
    assert confirm(CCR, run, prop(CCR, "P188")) is None


@pytest.mark.seed("S-008")
def test_a_seed_that_takes_longer_than_it_may_takes_nothing_off() -> None:
    slow = _slow("finish_seed", "given", "seed_time")
    late = replace(prop(CCR, "P189"), term=seeded_in_time(slow, *STATES, N, G, W))
    assert _broken(slow, late, (*SEEDED, "wait 60000"), LATER)
    assert not _broken(CCR, prop(CCR, "P189"), (*SEEDED, "wait 60000"), LATER)
