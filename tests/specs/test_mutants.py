"""Mutants: what is caught and by which property, what is redundant and why, what nobody misses."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.language.model import ALWAYS, LEMMA, Instance
from models.language.terms import Bool, Int, lift
from models.plain.reader import Reader
from specs.mutation.bank import Bank
from specs.mutation.mutants import EFFECT, GUARD, NUMBER, Mutant, mutants_of, runnable
from specs.mutation.mutation import (
    BY_PAIR,
    BY_PROOF,
    BY_RUN,
    CAUGHT,
    INVALID,
    NOTICED,
    REDUNDANT,
    UNCONSTRAINED,
    Judged,
    Mutation,
)
from specs.proof.generic import CHANGES, ENDS, FIRES
from specs.runs import confirm
from specs.verdict import EngineError
from tests.models import teaching
from tests.specs import storage
from tests.specs.runs import prop

STORY = ("claim_lock n=A", "wait 5", "crash n=A", "wait 20000")


@pytest.fixture(scope="module")
def mutation() -> Mutation:
    """The teaching model, with a story for its takeover."""
    told = replace(prop(teaching.MODEL, "P04"), story=STORY)
    others = tuple(p for p in teaching.MODEL.properties if p.number != "P04")
    return Mutation(replace(teaching.MODEL, properties=(*others, told)), teaching.INSTANCE)


def mutant(rule: str, what: str, kind: str = GUARD) -> Mutant:
    """One mutant of the teaching model."""
    every = mutants_of(teaching.MODEL.rule(rule), teaching.MODEL.schema)
    return next(m for m in every if (m.kind, m.what) == (kind, what))


def test_every_guard_and_every_effect_but_ghosts_is_left_out_once() -> None:
    found = [(m.kind, m.what) for m in mutants_of(teaching.claim_lock, teaching.MODEL.schema)]
    assert found == [
        (GUARD, "its node is up"),
        (GUARD, "the lock answers"),
        (GUARD, teaching.DEFENCE),
        (GUARD, "lock.holder is nobody or peer(n)"),
        (EFFECT, "lock.holder"),
        (EFFECT, "lock.renewed"),
    ]


def test_a_mutant_lacks_one_thing_and_keeps_the_others() -> None:
    whole = teaching.claim_lock
    for m in mutants_of(whole, teaching.MODEL.schema):
        guards, effects = set(m.rule.guards), {repr(f) for f, _ in m.rule.effects}
        gone = (set(whole.guards) - guards, {repr(f) for f, _ in whole.effects} - effects)
        assert gone == (({m.what}, set()) if m.kind == GUARD else (set(), {m.what}))


def test_a_defence_is_caught_by_the_promise_it_defends_in_a_confirmed_run(
    mutation: Mutation,
) -> None:
    judged = mutation.judge(mutant("claim_lock", teaching.DEFENCE))
    assert (judged.outcome, judged.how) == (CAUGHT, BY_RUN)
    assert judged.run is not None
    for number in judged.by:
        assert confirm(teaching.BROKEN, judged.run, prop(teaching.BROKEN, number)) is not None


def test_what_no_run_was_found_for_is_caught_in_a_pair_of_states(
    mutation: Mutation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Bank, "try_out", lambda *_: None)
    judged = mutation.judge(mutant("claim_lock", teaching.DEFENCE))
    assert (judged.outcome, judged.how, judged.by) == (CAUGHT, BY_PAIR, ("P01", "L01"))
    pair = judged.pair
    assert pair is not None
    reader = Reader(teaching.BROKEN, Instance(teaching.INSTANCE.members, pair.parameters))
    assert reader.check(pair.before, pair.step) is None
    assert reader.evolve(pair.before, pair.step) == pair.after
    for p in teaching.MODEL.properties:
        if p.kind in (ALWAYS, LEMMA):
            assert not reader.holds(p, pair.before)
    assert reader.holds(prop(teaching.MODEL, "P01"), pair.after)


def test_a_pair_that_the_plain_reader_does_not_confirm_is_an_internal_error(
    mutation: Mutation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Bank, "try_out", lambda *_: None)
    monkeypatch.setattr("specs.mutation.pairs.judged", lambda *_: [])
    monkeypatch.setattr("specs.mutation.pairs.generic", lambda *_: [])
    with pytest.raises(EngineError, match="breaks nothing where z3 says"):
        mutation.judge(mutant("claim_lock", teaching.DEFENCE))


def test_a_rule_that_can_never_fire_is_caught_by_a_proof(mutation: Mutation) -> None:
    whole = teaching.MODEL.rule("claim_lock")
    never = whole.changed(requires={**whole.requires, "never": mutation.model.state.now < -5})
    dead = Mutant(never, whole.changed(requires={**whole.requires, "never": lift(True, Bool)}),
                  NUMBER, "never", "so")  # fmt: skip
    judged = mutation.judge(dead)
    assert (judged.outcome, judged.how, judged.by) == (CAUGHT, BY_PROOF, (FIRES,))


def test_a_redundant_guard_names_those_that_imply_it(mutation: Mutation) -> None:
    judged = mutation.judge(mutant("renew_lock", "its node is up"))
    assert (judged.outcome, judged.implied_by) == (REDUNDANT, ("it would be granted",))


def test_an_effect_that_changes_nothing_is_redundant() -> None:
    idle = teaching.heal.changed(requires=teaching.cut.requires)  # heals a path that works
    mutation = Mutation(teaching.MODEL.with_rule(idle), teaching.INSTANCE)
    judged = [j for j in mutation.judge_all(["heal"]) if j.mutant.kind == EFFECT]
    assert [(j.outcome, j.implied_by) for j in judged] == [(REDUNDANT, ("the path works",))]


def test_what_nobody_misses_is_unconstrained(mutation: Mutation) -> None:
    judged = mutation.judge(mutant("claim_lock", "the lock answers"))
    assert (judged.outcome, judged.by) == (UNCONSTRAINED, ())


def test_a_story_that_goes_another_way_notices_and_that_counts_apart(mutation: Mutation) -> None:
    idle = Judged(mutant("start_serving", "node[n].mode", EFFECT), UNCONSTRAINED)
    told = mutation.by_stories(idle)
    assert (told.outcome, told.by) == (NOTICED, ("P04",))
    quiet = mutation.by_stories(mutation.judge(mutant("start_serving", "node[n].turns", EFFECT)))
    assert quiet.outcome == NOTICED
    assert quiet.witness == (
        "R011 start_serving(n=A) leaves node.A.turns otherwise in the story of P04, event 2"
    )
    caught = mutation.judge(mutant("claim_lock", teaching.DEFENCE))
    assert mutation.by_stories(caught) is caught
    unheard = mutation.judge(mutant("claim_lock", "the lock answers"))
    assert mutation.by_stories(unheard).outcome == UNCONSTRAINED


def test_every_promise_of_the_teaching_model_is_missed_by_a_mutant_or_ghost(
    mutation: Mutation,
) -> None:
    told: list[Judged] = []
    found = mutation.judge_all(on_judged=told.append)
    assert told == found
    caught = {n for j in found for n in j.by}
    assert {"P01", "L01"} <= caught


def test_mutants_of_rules_for_tracked_members_are_judged_for_the_one_that_stands_for_all() -> None:
    mutation = Mutation(storage.MODEL, storage.instance(1))
    verdicts = {
        (j.mutant.original.name, j.mutant.what): j.outcome for j in mutation.judge_all(["spoil"])
    }
    assert verdicts["spoil", "node is idle"] == CAUGHT


def test_a_whole_number_is_shifted_by_one_either_way() -> None:
    found = [
        (m.what, m.to) for m in mutants_of(teaching.tick, teaching.MODEL.schema) if m.kind == NUMBER
    ]
    assert found == [("time goes forward", "1 as 2"), ("time goes forward", "1 as 0")]


def test_a_rule_that_nothing_can_run_is_invalid(mutation: Mutation) -> None:
    whole = teaching.MODEL.rule("claim_lock")
    free = whole.changed(params=(*whole.params, ("k", Int)))
    assert runnable(free) == "nothing says what k is"
    assert mutation.judge(Mutant(free, whole, GUARD, "k is bound")).outcome == INVALID


def test_an_event_that_changes_nothing_is_noticed(mutation: Mutation) -> None:
    judged = mutation.judge(mutant("heal", "the path is broken"))
    assert (judged.outcome, judged.by) == (CAUGHT, (CHANGES,))


def test_a_consequence_that_enables_itself_is_noticed(mutation: Mutation) -> None:
    whole = teaching.MODEL.rule("start_serving")
    idle = mutation.judge(mutant("start_serving", "node[n].mode", EFFECT))
    assert ENDS in idle.by or CHANGES in idle.by
    assert mutation._generic.failing(whole) == ()
