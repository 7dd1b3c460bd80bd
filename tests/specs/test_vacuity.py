"""Every rule fires in some run, and what a property is about comes true; what does not is said."""

from __future__ import annotations

from dataclasses import replace

from models.language.model import ALWAYS, Property
from models.language.terms import all_of, each, implies
from specs.runs import confirm
from specs.search.explore import Explorer
from specs.search.vacuity import about, antecedents, vacuity
from specs.verdict import HOLDS, UNKNOWN
from tests.models import teaching
from tests.specs.runs import prop

S = teaching.SCHEMA.state


def test_every_rule_of_the_teaching_model_is_witnessed_by_a_run_that_fires_it() -> None:
    found = vacuity(teaching.MODEL, teaching.INSTANCE)
    assert {o.verdict for o in found.obligations} == {HOLDS}
    for name in teaching.MODEL.rules:
        assert name in {s.rule for s in found.runs[name].steps}


def test_a_rule_whose_guards_exclude_each_other_is_not_witnessed() -> None:
    dead = teaching.heal.changed(given={"never": S.now < S.now})
    found = vacuity(teaching.MODEL.with_rule(dead), teaching.INSTANCE)
    open_ = [(o.rule, o.method) for o in found.obligations if o.verdict == UNKNOWN]
    assert open_ == [("R005 heal", "fired")]


def test_an_antecedent_that_never_comes_true_is_not_witnessed() -> None:
    early = implies(S.now < 0, S.lock.renewed == 0)
    empty = Property("P92", "empty", ALWAYS, (), early, "Says nothing.", "test")
    model = replace(teaching.MODEL, properties=(empty, prop(teaching.MODEL, "P03")))
    found = vacuity(model, teaching.INSTANCE)
    verdicts = {o.property: o.verdict for o in found.obligations if o.method == "antecedent"}
    assert verdicts == {"P92": UNKNOWN, "P03": HOLDS}


def test_the_run_behind_an_antecedent_makes_it_true() -> None:
    found = vacuity(teaching.MODEL, teaching.INSTANCE)
    (condition,) = about(prop(teaching.MODEL, "P03"))
    assert confirm(teaching.MODEL, found.runs[condition.number], condition) is not None


def test_antecedents_are_found_under_conjunctions_and_quantifiers() -> None:
    early, late = S.now < 1, S.now > 2
    both = all_of(
        implies(early, late), each(teaching.Node, lambda n: implies(S.node[n].turns > 1, late))
    )
    first, second = antecedents(both)
    assert first is early
    assert second.op == "some"
    assert antecedents(early) == []


def test_an_exploration_says_how_deep_it_looked_and_when_it_gave_up() -> None:
    goal = prop(teaching.MODEL, "P01")
    whole = Explorer(teaching.MODEL, teaching.INSTANCE).find(goal, 3)
    assert (whole.run, whole.depth, whole.complete) == (None, 3, True)
    small = Explorer(teaching.MODEL, teaching.INSTANCE, states=20).find(goal, 3)
    assert (small.run, small.complete) == (None, False)


def test_an_exploration_takes_only_the_chosen_rules() -> None:
    explorer = Explorer(teaching.BROKEN, teaching.INSTANCE, ("claim_lock", "start_serving"))
    found = explorer.find(prop(teaching.BROKEN, "P01"), 4)
    assert found.run is not None
    assert len(found.run) == 4
    assert explorer.fired == {"claim_lock", "start_serving"}


def test_an_exploration_finds_what_holds_at_the_start() -> None:
    wrong = Property("P93", "late", ALWAYS, (), S.now > 0, "Time began later.", "test")
    found = Explorer(teaching.MODEL, teaching.INSTANCE).find(wrong, 3)
    assert found.run is not None
    assert len(found.run) == 0


def test_an_exploration_waits_until_just_before_and_just_when_a_guard_changes() -> None:
    explorer = Explorer(teaching.MODEL, teaching.INSTANCE, ("tick", "claim_lock"))
    waits = {
        s.args["dt"] for s, _ in explorer.successors(explorer.reader.initial()) if s.rule == "tick"
    }
    assert waits == {9_999, 10_000}
