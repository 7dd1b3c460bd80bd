"""The mutation score: by workers or in one process, kept on disk, and asked for at the command
line.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from specs.mutation.mutants import mutants_of
from specs.mutation.outcomes import NAME, Texts, read, rows_of
from specs.mutation.score import Score, score
from tests.cli.calling import call, document
from tests.models.teaching import BROKEN, INSTANCE, MODEL

RULES = ["heal", "renew_lock", "claim_lock"]


def told(found: Score) -> list[tuple[str, str]]:
    """What was said of each mutant."""
    return [(t.mutant.label, t.outcome) for t in found.told]


@pytest.fixture(scope="module")
def alone() -> Score:
    """Three rules of the teaching model, in this process."""
    return score(MODEL, INSTANCE, RULES)


def test_every_mutant_is_told_in_order(alone: Score) -> None:
    labels = [m.label for name in RULES for m in mutants_of(MODEL.rule(name), MODEL.schema)]
    assert [t.mutant.label for t in alone.told] == labels
    assert sum(alone.counts().values()) == len(labels)
    assert {"caught", "redundant"} <= set(alone.counts())
    assert sum(alone.hows().values()) == alone.counts()["caught"]


def test_workers_say_the_same(alone: Score) -> None:
    assert told(score(MODEL, INSTANCE, RULES, jobs=2)) == told(alone)


def test_what_was_judged_is_read_back(alone: Score, tmp_path: Path) -> None:
    first = score(MODEL, INSTANCE, RULES[:2], folder=tmp_path)
    assert first.kept == 0
    again = score(MODEL, INSTANCE, RULES, folder=tmp_path)
    assert again.kept == len(first.told)
    assert told(again) == told(alone)


def test_a_changed_rule_is_judged_anew(tmp_path: Path) -> None:
    score(MODEL, INSTANCE, ["claim_lock"], folder=tmp_path)
    assert score(BROKEN, INSTANCE, ["claim_lock"], folder=tmp_path).kept == 0


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"\xff", b'["heal", 1]', b'[["heal"]]'])
def test_a_file_that_cannot_be_read_is_nothing_kept(tmp_path: Path, damage: bytes) -> None:
    first = score(MODEL, INSTANCE, ["heal"], folder=tmp_path)
    (tmp_path / NAME).write_bytes(damage)
    again = score(MODEL, INSTANCE, ["heal"], folder=tmp_path)
    assert (again.kept, told(again)) == (0, told(first))


def test_a_line_that_says_otherwise_than_it_rests_on_is_nothing_kept(tmp_path: Path) -> None:
    score(MODEL, INSTANCE, ["heal"], folder=tmp_path)
    path = tmp_path / NAME
    path.write_text(path.read_text().replace('"caught"', '"redundant"').replace("P0", "P1"))
    assert score(MODEL, INSTANCE, ["heal"], folder=tmp_path).kept == 0


def test_a_line_rests_on_its_rule_and_on_the_properties_that_it_names(tmp_path: Path) -> None:
    score(MODEL, INSTANCE, RULES, folder=tmp_path)
    kept, claim = read(tmp_path / NAME), MODEL.rule("claim_lock")
    assert rows_of(kept, Texts(MODEL), claim) is not None
    longer = claim.changed(requires={**claim.requires, "so": MODEL.state.now >= 0})
    assert rows_of(kept, Texts(MODEL.with_rule(longer)), longer) is None
    named = {n for _, _, _, by, implied, _ in kept["claim_lock"] for n in (*by, *implied)}
    for p in MODEL.properties:
        others = tuple(replace(q, kind="step") if q is p else q for q in MODEL.properties)
        rows = rows_of(kept, Texts(replace(MODEL, properties=others)), claim)
        assert (rows is None) or p.number not in named


def test_a_folder_that_cannot_be_written_keeps_nothing_and_says_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    found = score(MODEL, INSTANCE, ["heal"], folder=tmp_path / "file" / "x")
    assert found.told


@pytest.mark.slow
def test_the_command_line_lists_what_nothing_notices(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = document("verify", "--mutants", "freeze_node", exit_code=0)
    assert found["counts"].keys() <= {"caught", "redundant"}
    assert sum(found["how"].values()) == found["counts"]["caught"]
    one = found["mutants"][0]
    assert one["rule"] == "R004 freeze_node"
    told = {"rule", "changed", "says", "outcome", "how", "by", "implied_by", "witness"}
    assert set(one) == told
    shown = call("verify", "--mutants", "R004", "--verbose")
    assert shown.exit_code == 0
    assert "R004 freeze_node without effect 'node[n].frozen'" in shown.stdout
    assert "breaks (changes something)" in shown.stdout


def test_a_rule_that_is_not_there_is_named() -> None:
    result = call("verify", "--mutants", "P01")
    assert result.exit_code == 2
    assert "there is no rule P01" in result.stderr
