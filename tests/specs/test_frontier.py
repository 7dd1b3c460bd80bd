"""The frontier of a parameter: each value proved or refuted, and the inequality derived."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from models.language.misuse import BadRule
from models.language.model import LEMMA, STEP, Instance, Model, model_of, property_for
from models.language.rule import ENVIRONMENT, Actor, Body, rule_for
from models.language.schema import Schema, field_of
from models.language.show import show
from models.language.terms import Int, Term, any_of
from specs.reading.asking import Deadline
from specs.runs import confirm
from specs.sweep.frontier import Sweep
from specs.sweep.grid import grid
from specs.sweep.swept import Frontier, as_json
from specs.verdict import HOLDS, UNKNOWN, VIOLATED
from tests.models import teaching
from tests.specs.runs import prop


def swept(model: Model, parameter: str, *values: int, folder: Path | None = None) -> Frontier:
    """A sweep of the teaching model."""
    return Sweep(model, teaching.INSTANCE, parameter, folder=folder).run(values)


@pytest.mark.parametrize("constraints", [teaching.MODEL.constraints, {}], ids=["its own", "none"])
def test_the_inequality_is_derived_and_not_taken_from_the_model(constraints: object) -> None:
    model = replace(teaching.MODEL, constraints=constraints)
    found = swept(model, "expiry", *range(0, 12_001, 1_000))
    assert [p.verdict for p in found.points] == [VIOLATED] * 6 + [HOLDS] * 7
    assert (found.side, found.edge) == ("at least", 6_000)
    assert found.bound is not None
    assert show(found.bound) == "lease ≤ expiry"
    assert found.beyond is not None
    assert (found.beyond.value, found.beyond.verdict) == (5_999, VIOLATED)


def test_every_refuted_value_has_a_run_at_that_value() -> None:
    found = swept(teaching.MODEL, "expiry", 0, 3_000, 9_000)
    refuted = [p for p in found.points if p.run is not None]
    assert [p.value for p in refuted] == [0, 3_000]
    for point in refuted:
        assert point.run is not None
        assert point.run.instance.parameters["expiry"] == point.value
        assert confirm(teaching.MODEL, point.run, prop(teaching.MODEL, point.shows)) is not None


def test_a_parameter_that_may_not_be_too_large_has_its_edge_above() -> None:
    found = swept(teaching.MODEL, "lease", 0, 8_000, 12_000)
    assert (found.side, found.edge, found.verdict) == ("at most", 10_000, VIOLATED)
    assert found.bound is not None
    assert show(found.bound) == "lease ≤ expiry"
    assert found.beyond is not None
    assert found.beyond.value == 10_001


def test_the_search_for_a_run_is_bounded_and_what_was_not_refuted_is_unknown() -> None:
    found = Sweep(teaching.MODEL, teaching.INSTANCE, "expiry", search=0.0).run([3_000, 7_000])
    assert [p.verdict for p in found.points] == [UNKNOWN, HOLDS]
    assert "the time is up" in found.points[0].tried
    assert (found.bound, found.edge) == (None, 6_000)
    assert found.beyond is not None
    assert (found.beyond.value, found.beyond.verdict) == (5_999, UNKNOWN)


def test_a_sweep_whose_time_is_up_says_nothing_of_any_value() -> None:
    over = Deadline.after(0.0)
    found = Sweep(teaching.MODEL, teaching.INSTANCE, "expiry", deadline=over).run([3_000, 7_000])
    assert [p.verdict for p in found.points] == [UNKNOWN, UNKNOWN]
    assert (found.anything, found.edge, found.bound) == (False, None, None)
    cells = grid(
        teaching.MODEL, teaching.INSTANCE, ("lease", [4_000]), ("expiry", [6_000]), deadline=over
    ).cells
    assert [cell.verdict for cell in cells] == [UNKNOWN]


def later(term: Term) -> Term:
    """A term in which three more milliseconds are waited than the parameter says."""
    if term.op == "parameter" and term.value == "expiry":
        three: Term = term + 3
        return three
    return Term(term.op, term.sort, tuple(later(a) for a in term.args), term.value)


def test_where_no_inequality_fits_the_edge_itself_is_found() -> None:
    rule = teaching.MODEL.rule("claim_lock")
    model = teaching.MODEL.with_rule(
        rule.changed(given={name: later(guard) for name, guard in rule.given.items()})
    )
    lemmas = tuple(replace(p, term=later(p.term)) for p in model.properties)
    found = swept(replace(model, properties=lemmas), "expiry", 0, 12_000)
    assert (found.side, found.bound, found.edge) == ("at least", None, 5_997)
    assert found.beyond is not None
    assert (found.beyond.value, found.beyond.verdict) == (5_996, VIOLATED)


def windows() -> Model:
    """A hub whose clock may be off, and a request that must reach back far enough for it. By how
    much it may be off is said where it is set, and by a lemma, not where a request is made.
    """
    schema = Schema()
    schema.record("clock", now=field_of(Int, 0, owner="time", probe="clock"))
    schema.record(
        "hub",
        skew=field_of(Int, 0, owner=ENVIRONMENT, probe="hub"),
        reach=field_of(Int, 0, owner=ENVIRONMENT, probe="hub"),
    )
    for name, default in (("slack", 9), ("skew_max", 3), ("queue_max", 2)):
        schema.parameter(name, default, "a number")
    rule, promise = rule_for(schema, "hubs"), property_for(schema)
    world = Actor(ENVIRONMENT)

    @rule(1, trigger="fault", actor=world, source="test")
    def drift(s: Any, by: Int) -> Body:  # type: ignore[valid-type]
        """The clock of the hub is off."""
        return Body("Drifted", requires={"bounded": by <= s.p.skew_max}, sets={s.hub.skew: by})

    @rule(2, trigger="command", actor=world, source="test")
    def ask(s: Any) -> Body:
        """A request is made."""
        return Body("Asked", sets={s.hub.reach: s.p.slack - s.hub.skew})

    @promise("P01", kind=STEP, source="test", at=("ask",))
    def reaches_back(s: Any, t: Any) -> Term:
        """A request reaches back to the time that is asked for."""
        back: Term = t.hub.reach >= 0
        return back

    @promise("L01", kind=LEMMA, source="test")
    def clocks_are_bounded(s: Any) -> Term:
        """The clock of the hub is ahead by no more than it may be."""
        bounded: Term = any_of(s.hub.skew <= s.p.skew_max, s.hub.skew == 0)
        return bounded

    return model_of("windows", schema, (drift, ask)).promising((reaches_back, clocks_are_bounded))


def test_an_inequality_with_what_only_a_lemma_speaks_of_is_derived_too() -> None:
    found = Sweep(windows(), Instance({}), "slack").run(range(7))
    assert [p.verdict for p in found.points] == [VIOLATED] * 3 + [HOLDS] * 4
    assert found.bound is not None
    assert (show(found.bound), found.edge) == ("skew_max ≤ slack", 3)
    assert found.beyond is not None
    assert (found.beyond.value, found.beyond.verdict) == (2, VIOLATED)


def test_a_parameter_that_nothing_depends_on_is_safe_at_any_value() -> None:
    asked = [prop(teaching.MODEL, "P02")]
    found = Sweep(teaching.MODEL, teaching.INSTANCE, "expiry", asked).run([0, 1])
    assert (found.anything, found.points, found.verdict) == (True, [], HOLDS)


def test_what_no_value_obeys_proves_nothing() -> None:
    s = teaching.SCHEMA.state
    never = {"impossible": s.p.lease > s.p.expiry + 5_000}
    model = replace(teaching.MODEL, constraints=never)
    found = Sweep(model, teaching.INSTANCE, "expiry").run([9_000])
    assert found.verdict in (HOLDS, UNKNOWN)
    impossible = {"impossible": s.p.lease > 7_000}
    model = replace(teaching.MODEL, constraints=impossible)
    assert Sweep(model, teaching.INSTANCE, "expiry").run([9_000]).verdict == UNKNOWN


def test_a_sweep_is_a_document_and_an_unknown_parameter_is_refused() -> None:
    data = as_json(swept(teaching.MODEL, "expiry", 5_000, 7_000), show)
    assert (data["edge"], data["inequality"], data["verdict"]) == (
        6_000,
        "lease ≤ expiry",
        VIOLATED,
    )
    assert data["beyond"]["value"] == 5_999
    with pytest.raises(BadRule, match="no parameter expirey"):
        swept(teaching.MODEL, "expirey", 1)


def test_two_parameters_are_swept_as_a_grid() -> None:
    values = [4_000, 6_000, 8_000]
    found = grid(teaching.MODEL, teaching.INSTANCE, ("lease", values), ("expiry", values))
    safe = {cell.values for cell in found.cells if cell.verdict == HOLDS}
    assert safe == {(lease, expiry) for lease in values for expiry in values if lease <= expiry}
    assert [cell.values for cell in found.cells[:2]] == [(4_000, 4_000), (6_000, 4_000)]
    refuted = [cell for cell in found.cells if cell.verdict == VIOLATED]
    assert len(refuted) == 3
    for cell in refuted:
        assert cell.run is not None
        parameters = cell.run.instance.parameters
        assert (parameters["lease"], parameters["expiry"]) == cell.values
        assert confirm(teaching.MODEL, cell.run, prop(teaching.MODEL, cell.shows)) is not None
    assert found.verdict == VIOLATED
    assert [c["verdict"] for c in found.as_json()["cells"]] == [c.verdict for c in found.cells]


def test_a_sweep_beside_a_parameter_that_is_set() -> None:
    tight = Instance(teaching.INSTANCE.members, {"lease": 9_000})
    found = Sweep(teaching.MODEL, tight, "expiry").run([8_000, 10_000])
    assert [p.verdict for p in found.points] == [VIOLATED, HOLDS]
    assert found.edge == 9_000
    with pytest.raises(BadRule, match="there is no parameter leas"):
        Sweep(teaching.MODEL, Instance(teaching.INSTANCE.members, {"leas": 1}), "expiry")
