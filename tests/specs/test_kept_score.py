"""The mutation score of the model: what is kept of it is current, says the same when a sample of it
is asked again, and no promise is one that no mutant breaks.
"""

from __future__ import annotations

from random import Random

import pytest

from models.language.model import LEMMA, SOMETIMES
from models.language.rule import Rule
from specs.catalogue import CCR, SMALL
from specs.mutation.mutants import EFFECT, NUMBER, mutants_of
from specs.mutation.outcomes import SHIPPED, Row, Texts, read, rows_of
from specs.mutation.score import score

SAMPLE = 3
"""Rules whose mutants are asked again, drawn anew with every change of the file."""
UNCONSTRAINED = 0
"""How many mutants nothing notices: never more."""


@pytest.fixture(scope="module")
def kept() -> dict[str, list[Row]]:
    """The outcomes that are kept and still rest on what the model says."""
    lines, texts = read(SHIPPED), Texts(CCR)
    found = {name: rows_of(lines, texts, rule) for name, rule in CCR.rules.items()}
    return {name: rows for name, rows in found.items() if rows is not None}


def test_what_is_kept_of_the_score_is_current(kept: dict[str, list[Row]]) -> None:
    stale = [r.label for n, r in CCR.rules.items() if n not in kept]
    assert not stale, f"make mutants: {', '.join(stale)}"


def test_no_more_mutants_go_unnoticed_than_did(kept: dict[str, list[Row]]) -> None:
    quiet = [
        mutant.label
        for name, rows in kept.items()
        for mutant, row in zip(mutants_of(CCR.rule(name), CCR.schema), rows, strict=True)
        if row.outcome == "unconstrained"
    ]
    assert len(quiet) <= UNCONSTRAINED, quiet


def test_every_promise_about_conduct_is_broken_by_a_mutant(kept: dict[str, list[Row]]) -> None:
    broken = {n for rows in kept.values() for row in rows for n in row.by}
    asked = {p.number for p in CCR.properties if p.kind not in (SOMETIMES, LEMMA)}
    ranges = (*range(87, 149), *range(155, 190))
    conduct = {n for n in asked if n[0] == "P" and int(n[1:]) in ranges}
    never_at_rest = {"P167"}  # a step that breaks it enables itself again, which is seen first
    # Of these the proofs are about more than one change: test_ranking, test_unfinished,
    # test_pairing, test_filling and test_settling break them.
    elsewhere = {f"P{n}" for n in (169, 171, *range(173, 190))}
    assert never_at_rest <= conduct - broken <= never_at_rest | elsewhere


def test_what_a_step_leaves_in_files_and_queues_is_left_out_and_ghosts_are_not() -> None:
    found = [(m.kind, m.what) for m in mutants_of(CCR.rule("deliver_mail"), CCR.schema)]
    assert (EFFECT, "mail[m].stamp") in found
    assert (NUMBER, "mail[m].generation") in found
    assert not [what for _, what in found if what.startswith(("letter[", "record["))]


@pytest.mark.slow
def test_a_sample_of_the_score_says_the_same_when_it_is_asked_again(
    kept: dict[str, list[Row]],
) -> None:
    draw = Random(SHIPPED.read_bytes())
    rules: list[Rule] = draw.sample([CCR.rule(n) for n in kept], SAMPLE)
    found = score(CCR, SMALL, [r.name for r in rules], shipped=None)
    again: dict[str, list[Row]] = {}
    for told in found.told:
        again.setdefault(told.mutant.original.name, []).append(told.row)
    for rule in rules:
        before = [(r.outcome, r.how) for r in kept[rule.name]]
        assert [(r.outcome, r.how) for r in again[rule.name]] == before, rule.label
