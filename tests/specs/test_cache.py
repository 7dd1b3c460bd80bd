"""What was proved is not asked again while what it rests on is the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from models.language.model import Model
from models.language.terms import Term
from specs.options import Options
from specs.proof import cache as module
from specs.proof.cache import NAME, Cache
from specs.proof.task import Answer
from specs.report import Report
from specs.runs import Run, confirm
from specs.verdict import HOLDS, UNKNOWN, VIOLATED, Obligation
from specs.verify import Interrupted, verify
from tests.models import teaching
from tests.specs.runs import prop

FRAMES = "frame"


def checked(model: Model, folder: Path, **options: object) -> Report:
    """A verification of the safety properties that keeps its answers in `folder`."""
    asked = [prop(model, n) for n in ("P01", "P02", "P03")]
    given = Options(depth=3, sweeps=3, folder=folder, **options)  # type: ignore[arg-type]
    return verify(model, teaching.INSTANCE, asked, options=given)


def asked_again(report: Report) -> set[tuple[str, str]]:
    """Rule and property of every obligation that a solver was asked about."""
    return {
        (o.rule, o.property)
        for o in report.obligations
        if not o.cached and o.method in ("init", "induction")
    }


def with_guard(rule: str, name: str, guard: Term) -> Model:
    """The teaching model with one more guard on a rule."""
    found = teaching.MODEL.rule(rule)
    return teaching.MODEL.with_rule(found.changed(requires={**found.requires, name: guard}))


def test_the_same_question_is_answered_without_a_solver(tmp_path: Path) -> None:
    first = checked(teaching.MODEL, tmp_path)
    again = checked(teaching.MODEL, tmp_path)
    assert asked_again(first)
    assert asked_again(again) == set()
    assert {o.cached for o in again.obligations} == {True}
    assert again.verdict == first.verdict == HOLDS


def test_a_change_of_one_guard_asks_again_only_what_that_rule_can_affect(tmp_path: Path) -> None:
    first = checked(teaching.MODEL, tmp_path)
    s = teaching.SCHEMA.state
    changed = with_guard("heal", "time has passed", s.now >= 0)
    again = checked(changed, tmp_path)
    rules = {rule for rule, _ in asked_again(first)}
    assert len(rules) > 5
    assert {rule for rule, _ in asked_again(again)} == {"R005 heal(n=A)"}
    assert again.verdict == HOLDS
    reused = [o for o in again.obligations if o.cached]
    assert len(reused) + len(asked_again(again)) == len(asked_again(first))


def test_a_changed_lemma_asks_again_what_rested_on_it(tmp_path: Path) -> None:
    first = checked(teaching.MODEL, tmp_path)
    lemma = prop(teaching.MODEL, "L02")
    rested = {(o.rule, o.property) for o in first.obligations if "L02" in o.uses}
    s = teaching.SCHEMA.state
    both = replace(lemma, term=lemma.term & (s.now >= 0))
    properties = tuple(both if p.number == "L02" else p for p in teaching.MODEL.properties)
    again = checked(replace(teaching.MODEL, properties=properties), tmp_path)
    assert again.verdict == HOLDS
    mine = {(rule, number) for rule, number in asked_again(again) if number != "L02"}
    assert rested
    assert mine == {(rule, number) for rule, number in rested if number != "L02"}


def test_what_rested_on_a_lemma_that_is_gone_is_not_green(tmp_path: Path) -> None:
    checked(teaching.MODEL, tmp_path)
    left = tuple(p for p in teaching.MODEL.properties if p.number not in ("L01", "L02"))
    again = checked(replace(teaching.MODEL, properties=left), tmp_path, method="induction")
    assert again.verdict_on("P01") == UNKNOWN


def test_a_constraint_that_is_gone_takes_its_proofs_with_it(tmp_path: Path) -> None:
    checked(teaching.MODEL, tmp_path)
    free = replace(teaching.MODEL, constraints={})
    assert checked(free, tmp_path, method="induction").verdict_on("P01") == UNKNOWN


def test_a_counterexample_is_replayed_before_it_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked(teaching.BROKEN, tmp_path)
    replayed: list[int] = []

    def watched(model: Model, run: Run, *rest: object) -> object:
        replayed.append(len(run))
        return confirm(model, run, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr("specs.proof.kept.confirm", watched)
    again = checked(teaching.BROKEN, tmp_path)
    assert replayed == [4]
    assert (again.verdict, len(again.runs["P01"])) == (VIOLATED, 4)
    monkeypatch.setattr("specs.proof.kept.confirm", lambda *_: None)
    asked = checked(teaching.BROKEN, tmp_path)
    assert {o.cached for o in asked.obligations if o.rule == "(search)"} == {False}


def test_other_limits_or_another_engine_ask_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = asked_again(checked(teaching.MODEL, tmp_path))
    assert asked_again(checked(teaching.MODEL, tmp_path, seed=7)) == first
    monkeypatch.setattr(module, "engine_stamp", lambda: "another")
    monkeypatch.setattr("specs.proof.kept.engine_stamp", lambda: "another")
    assert asked_again(checked(teaching.MODEL, tmp_path)) == first


def test_what_is_unknown_is_asked_again(tmp_path: Path) -> None:
    late = checked(teaching.MODEL, tmp_path, seconds=0.0)
    assert late.verdict == UNKNOWN
    assert checked(teaching.MODEL, tmp_path).verdict == HOLDS


def test_a_damaged_line_is_not_an_answer(tmp_path: Path) -> None:
    cache = Cache.opened(tmp_path, "")
    cache.keep([("one", Answer("unsat")), ("two", Answer("unsat"))], {})
    cache.keep([("three", Answer("sat")), ("four", Answer("unknown"))], {})
    path = tmp_path / NAME
    first, second = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first.replace(b"[]", b"{}").replace(b"0]", b"1]") + second[:-5])
    found = Cache.opened(tmp_path, "")
    assert [found.get(key, {}) for key in ("one", "two", "three", "four")] == [None] * 4
    path.write_bytes(first + second)
    assert Cache.opened(tmp_path, "").get("two", {}) is not None


def test_a_damaged_report_is_asked_again(tmp_path: Path) -> None:
    checked(teaching.BROKEN, tmp_path)
    for path in (tmp_path / "reports").iterdir():
        path.write_bytes(path.read_bytes().replace(b"violated", b"holds"))
    assert checked(teaching.BROKEN, tmp_path).verdict == VIOLATED


def test_a_folder_that_cannot_be_written_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert checked(teaching.MODEL, tmp_path / "file" / "under").verdict == HOLDS


def test_whoever_interrupts_is_told_what_is_known_and_keeps_it(tmp_path: Path) -> None:
    told: list[Obligation] = []

    def stop(obligation: Obligation) -> None:
        told.append(obligation)
        if obligation.method == "induction":
            raise KeyboardInterrupt

    asked = [prop(teaching.MODEL, n) for n in ("P01", "P02", "P03")]
    options = Options(folder=tmp_path)
    with pytest.raises(Interrupted) as stopped:
        verify(teaching.MODEL, teaching.INSTANCE, asked, options=options, on_progress=stop)
    report = stopped.value.report
    assert (report.interrupted, report.verdict) == (True, UNKNOWN)
    assert HOLDS in {o.verdict for o in report.obligations}
    assert [o.cached for o in checked(teaching.MODEL, tmp_path).obligations].count(True) > 0
