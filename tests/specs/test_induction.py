"""Induction: proves what is so, and never what is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.language.misuse import BadRule
from models.language.model import LEMMA, Model, Property
from specs.proof.induction import INIT, Induction
from specs.proof.settling import Result
from specs.reading.asking import OUT_OF_TIME, Deadline
from specs.reading.grounding import all_grounded, canonical
from specs.reading.symbolic import Reading
from specs.verdict import HOLDS, UNKNOWN
from tests.models import teaching
from tests.specs.runs import DEFAULTS, prop


def induct(model: Model, **settings: int) -> list[Result]:
    """Every obligation of a variant of the teaching model."""
    fixed = {**DEFAULTS, **settings} if settings else {}
    return Induction(model, teaching.INSTANCE, fixed).prove()


def failed(results: list[Result]) -> set[tuple[str, str]]:
    """Property and rule of each obligation that does not hold."""
    return {
        (r.obligation.property, r.obligation.rule) for r in results if r.obligation.verdict != HOLDS
    }


def without(model: Model, number: str) -> Model:
    """The model without one of its properties."""
    return replace(model, properties=tuple(p for p in model.properties if p.number != number))


def test_the_teaching_model_is_proved_for_any_timers_that_obey_the_constraint() -> None:
    results = induct(teaching.MODEL)
    assert failed(results) == set()
    assert {r.obligation.method for r in results} == {"init", "induction", "frame"}


def test_a_dropped_guard_opens_the_rule_that_lost_it() -> None:
    assert failed(induct(teaching.BROKEN)) >= {
        ("P01", "R010 claim_lock(n=A)"),
        ("L01", "R010 claim_lock(n=A)"),
    }


def test_a_timer_that_is_one_too_short_is_not_excused_by_the_constraint_it_breaks() -> None:
    assert failed(induct(teaching.MODEL, expiry=6_000)) == set()
    assert ("L01", "R010 claim_lock(n=A)") in failed(induct(teaching.MODEL, expiry=5_999))


def test_without_the_constraint_free_timers_are_too_free() -> None:
    free = replace(teaching.MODEL, constraints={})
    assert failed(induct(free))


def test_the_counterexample_to_induction_is_a_step_that_breaks_the_property() -> None:
    found = [r for r in induct(teaching.BROKEN) if r.cti is not None]
    for result in found:
        cti = result.cti
        assert cti is not None
        instance = replace(teaching.INSTANCE, parameters=cti.parameters)
        from models.plain.reader import Reader, Step

        reader = Reader(teaching.BROKEN, instance)
        step = Step("claim_lock", dict(cti.args))
        assert reader.check(cti.before, step) is None
        assert reader.changes(cti.before, step) == cti.changed
        judged = prop(teaching.BROKEN, cti.property)
        assert not reader.holds(judged, cti.before)
        assert reader.holds(judged, {**cti.before, **cti.changed})
    assert {r.obligation.property for r in found} >= {"P01", "L01"}


def test_a_counterexample_shows_what_was_read_and_all_on_request() -> None:
    cti = next(r.cti for r in induct(teaching.BROKEN) if r.cti is not None)
    short, full = cti.lines(), cti.lines(full=True)
    assert "  step R010 claim_lock n=A" in short
    assert any("lock.holder: B -> A" in line for line in short)
    assert not any("node.A.turns" in line for line in short)
    assert any("node.A.turns" in line for line in full)


def test_a_property_false_at_the_start_is_found_there() -> None:
    wrong = replace(prop(teaching.MODEL, "L01"), term=~prop(teaching.MODEL, "L01").term)
    model = replace(teaching.MODEL, properties=(wrong,))
    assert ("L01", INIT) in failed(induct(model))


def test_what_rests_on_an_unproved_lemma_is_not_proved() -> None:
    results = induct(without(teaching.MODEL, "L02"))
    details = {r.obligation.property: r.obligation.detail for r in results if r.obligation.detail}
    assert "not kept" in details["L01"]
    assert "rests on L01, which is not proved" in details["P01"]


def test_a_circle_of_false_lemmas_proves_nothing() -> None:
    def claims(number: str, value: int) -> Property:
        small = teaching.SCHEMA.state.history.turns <= value
        return Property(number, f"small_{value}", LEMMA, (), small, "Few turns.", "test")

    model = replace(teaching.MODEL, properties=(claims("L91", 1), claims("L92", 2)))
    assert {number for number, _ in failed(induct(model))} == {"L91", "L92"}


def test_lemmas_that_were_not_asked_are_proved_before_anything_rests_on_them() -> None:
    engine = Induction(teaching.MODEL, teaching.INSTANCE)
    results = engine.prove([prop(teaching.MODEL, "P01")])
    assert {r.obligation.property for r in results} == {"P01", "L01", "L02"}
    broken = Induction(without(teaching.MODEL, "L02"), teaching.INSTANCE)
    assert failed(broken.prove([prop(teaching.MODEL, "P01")]))


def test_a_step_property_that_a_rule_breaks_is_open_at_that_rule() -> None:
    backwards = teaching.renew_lock.changed(
        sets=tuple((f, v - v) for f, v in teaching.renew_lock.sets)
    )
    opened = failed(induct(teaching.MODEL.with_rule(backwards)))
    assert ("P02", "R013 renew_lock(n=A)") in opened
    uncounted = teaching.MODEL.with_rule(teaching.claim_lock.changed(ghost=()))
    assert ("P03", "R010 claim_lock(n=A)") in failed(induct(uncounted))


def test_a_rule_that_writes_nothing_the_property_reads_is_passed_by_its_frame() -> None:
    frames = {
        (r.obligation.property, r.obligation.rule)
        for r in induct(teaching.MODEL)
        if r.obligation.method == "frame"
    }
    assert ("L01", "R005 heal(n=A)") in frames
    assert ("P01", "R005 heal(n=A)") not in frames


@pytest.mark.parametrize("model", [teaching.MODEL, teaching.BROKEN])
def test_one_binding_of_each_kind_stands_for_its_renamings(model: Model) -> None:
    engine = Induction(model, teaching.INSTANCE)
    few = failed(engine.prove())
    engine.steps = all_grounded(engine.reading)
    both = failed(engine.prove())
    assert {(p, r) for p, r in both if "n=B" not in r} == few
    assert {(p, r.replace("n=B", "n=A")) for p, r in both} == few


def test_canonical_bindings_name_members_in_order_of_first_use() -> None:
    reading = Reading(teaching.MODEL, teaching.INSTANCE)
    params = (("n", teaching.Node), ("m", teaching.Node))
    kept = [(a, b) for a in "AB" for b in "AB" if canonical(reading, params, {"n": a, "m": b})]
    assert kept == [("A", "A"), ("A", "B")]


def test_constraints_that_exclude_each_other_are_refused_not_proved_from() -> None:
    p = teaching.SCHEMA.state.p
    never = replace(teaching.MODEL, constraints={"never": p.lease > p.lease})
    with pytest.raises(BadRule, match=r"no parameters obey all of: .*never"):
        Induction(never, teaching.INSTANCE)


def test_an_unknown_parameter_is_refused_with_those_there_are() -> None:
    with pytest.raises(BadRule, match="no parameter leese; there are lease, expiry"):
        Induction(teaching.MODEL, teaching.INSTANCE, {"leese": 1})


def test_a_query_that_exceeds_its_limit_is_unknown() -> None:
    results = Induction(teaching.MODEL, teaching.INSTANCE, rlimit=1).prove()
    found = {r.obligation.verdict for r in results if r.obligation.method == "induction"}
    assert UNKNOWN in found


def test_what_is_not_asked_in_time_is_unknown() -> None:
    engine = Induction(teaching.MODEL, teaching.INSTANCE, deadline=Deadline.after(0))
    late = [r for r in engine.prove() if r.obligation.detail == OUT_OF_TIME]
    assert {r.obligation.verdict for r in late} == {UNKNOWN}


def test_whoever_wants_only_the_first_result_leaves_the_solver_as_it_was() -> None:
    engine = Induction(without(teaching.MODEL, "L02"), teaching.INSTANCE)
    solver, literals = engine.solver()
    step = next(s for s in engine.steps if s.rule.name == "claim_lock")
    before = len(solver.assertions())
    next(engine.of_rule(step, engine.invariants, solver, literals))
    assert len(solver.assertions()) == before
