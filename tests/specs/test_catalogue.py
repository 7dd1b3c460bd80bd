"""The catalogue of the CCR model: every promise and lemma proved for runs of any length.

And what must be possible is: each has a run, by its own story or by a search, that is confirmed.
"""

from __future__ import annotations

import pytest

from models.language.model import LEMMA, SOMETIMES, Property
from specs.catalogue import CCR, INEQUALITIES, SMALL
from specs.proof.induction import Induction
from specs.search.story import shown_by
from specs.verdict import BY_INDUCTION, HOLDS
from specs.verify import Options, verify


@pytest.fixture(scope="module")
def open_obligations() -> list[str]:
    """What induction leaves open, with every parameter symbolic under the inequalities."""
    asked = [p for p in CCR.properties if p.kind != SOMETIMES]
    report = verify(CCR, SMALL, asked, options=Options(jobs=2, method=BY_INDUCTION))
    assert len(report.obligations) > 5_000
    return [f"{o.property} {o.rule}" for o in report.obligations if o.verdict != HOLDS]


@pytest.mark.seed("S-043", "S-045", "S-058", "S-015", "S-017", "S-081")
def test_every_promise_is_proved_for_runs_of_any_length(open_obligations: list[str]) -> None:
    assert open_obligations == []


def test_the_proof_assumes_no_timer_value_but_the_inequalities() -> None:
    assert set(CCR.constraints) == set(INEQUALITIES)
    assert Induction(CCR, SMALL).fixed == {}


def test_lemmas_are_proved_like_promises_and_promised_to_nobody() -> None:
    lemmas = [p.number for p in CCR.properties if p.kind == LEMMA]
    assert all(number.startswith("L") for number in lemmas)
    assert all(p.number[0] in "PSV" for p in CCR.properties if p.kind != LEMMA)


TOLD = [p for p in CCR.properties if p.kind == SOMETIMES and p.story]


@pytest.mark.seed("S-085", "S-011", "S-022", "S-041", "S-054", "S-058")
@pytest.mark.parametrize("prop", TOLD, ids=[p.label for p in TOLD])
def test_what_must_be_possible_is_shown_by_its_story(prop: Property) -> None:
    run = shown_by(CCR, SMALL, prop)
    assert run is not None
    assert len(run) > 1


def test_a_story_that_no_longer_shows_its_property_is_no_evidence() -> None:
    failover = CCR.numbered("S01")
    assert failover is not None
    assert shown_by(CCR.without_rule("power_on"), SMALL, failover) is None
