"""Stories: what may stand in a line, and that a mutant which a story tries in vain is noticed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.language.model import ALWAYS, SOMETIMES
from specs.mutation.assumptions import of_constraints
from specs.mutation.mutants import GUARD, mutants_of
from specs.mutation.mutation import NOTICED, UNCONSTRAINED, Judged, Mutation
from specs.runs import BadRun, confirm
from specs.search.story import apart, tell
from specs.simulation.fleet import told
from tests.models.teaching import INSTANCE, MODEL
from tests.specs.runs import prop

OWN = ("with expiry=7000 Node=C,D", "claim_lock n=C", "wait 5")


def rules(*story: str) -> list[str]:
    """The rules that a story fires, time apart."""
    return [s.rule for s in tell(MODEL, INSTANCE, story).steps if s.rule != "tick"]


def test_a_story_may_be_told_under_parameters_and_members_of_its_own() -> None:
    run = tell(MODEL, INSTANCE, OWN)
    assert run.instance.parameters == {"lease": 6000, "expiry": 7000}
    assert run.instance.members["Node"] == ("C", "D")
    assert run.steps[0].args == {"n": "C"}
    assert apart(OWN)
    assert not apart(OWN[1:])
    assert confirm(MODEL, run, prop(MODEL, "P01")) is None


def test_what_a_simulation_begins_with_is_no_story_of_another_instance() -> None:
    own = replace(prop(MODEL, "P04"), kind=SOMETIMES, story=OWN)
    others = tuple(p for p in MODEL.properties if p.number != "P04")
    assert told(replace(MODEL, properties=(*others, own)), INSTANCE) == []


def test_what_comes_first_comes_before_what_would_follow() -> None:
    assert rules("claim_lock n=A", "crash n=A") == ["claim_lock", "start_serving", "crash"]
    assert rules("claim_lock n=A", "first crash n=A") == ["claim_lock", "crash"]


def test_what_is_refused_is_tried_and_leaves_no_event() -> None:
    assert rules("claim_lock n=A", "refused claim_lock n=B") == ["claim_lock", "start_serving"]
    with pytest.raises(BadRun, match="'refused claim_lock n=B': it is not refused"):
        tell(MODEL, INSTANCE, ("refused claim_lock n=B",))


def test_a_mutant_that_allows_what_a_story_tries_in_vain_is_noticed() -> None:
    story = ("claim_lock n=A", "refused heal n=A", "wait 5")
    mine = replace(prop(MODEL, "P04"), story=story)
    others = tuple(p for p in MODEL.properties if p.number != "P04")
    mutation = Mutation(replace(MODEL, properties=(*others, mine)), INSTANCE)
    (mutant,) = (m for m in mutants_of(MODEL.rule("heal"), MODEL.schema) if m.kind == GUARD)
    found = mutation.by_stories(Judged(mutant, UNCONSTRAINED))
    assert (found.outcome, found.by) == (NOTICED, ("P04",))
    assert found.witness == "R005 heal is refused in the story of P04"


def test_a_constraint_that_the_first_state_needs_is_missed() -> None:
    p = MODEL.state.p
    needs = replace(prop(MODEL, "L02"), number="P09", kind=ALWAYS, term=p.lease <= p.expiry)
    rows = dict(of_constraints(replace(MODEL, properties=(needs,)), INSTANCE))
    assert {(r.outcome, r.how, r.by) for r in rows.values()} == {("caught", "run", ("P09",))}
