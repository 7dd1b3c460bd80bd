"""k-induction: proves what one step alone does not, and nothing that is false."""

# mypy: disable-error-code="valid-type"
from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import z3

from models.language.misuse import BadRule
from models.language.model import ALWAYS, STEP, Instance, Model, Property, model_of, property_for
from models.language.rule import ENVIRONMENT, Actor, Body, Rule, rule_for
from models.language.schema import Schema, field_of
from models.language.terms import Int, Term
from specs.options import Options
from specs.proof.fanout import ANSWERS, TASKS
from specs.proof.kinduction import DEEPEST, KInduction
from specs.report import Report
from specs.verdict import HOLDS, UNKNOWN, VIOLATED, EngineError
from specs.verify import Verifier, verify
from tests.needs import program

SCHEMA = Schema()
WORLD = Actor(ENVIRONMENT)
SCHEMA.record("clock", now=field_of(Int, 0, owner=ENVIRONMENT, probe="clock"))
SCHEMA.record("dial", at=field_of(Int, 0, owner=ENVIRONMENT, probe="dial"))
rule = rule_for(SCHEMA, "dial")
promise = property_for(SCHEMA)
NOBODY = Instance({})


def turn(number: int, old: int, new: int) -> Rule:
    """A rule that turns the dial from one place to another."""

    def turned(s: Any) -> Body:
        """The dial turns."""
        return Body(f"Turned{number}", requires={"there": s.dial.at == old}, sets={s.dial.at: new})

    turned.__name__ = f"turn_{old}_to_{new}"
    made: Rule = rule(number, trigger="fault", actor=WORLD, source="test")(turned)
    return made


@promise("P01", kind=ALWAYS, source="test")
def never_five(s: Any) -> Term:
    """The dial never stands at five."""
    found: Term = ~(s.dial.at == 5)
    return found


@promise("P02", kind=STEP, source="test")
def moves(s: Any, t: Any) -> Term:
    """The dial always moves."""
    found: Term = ~(s.dial.at == t.dial.at)
    return found


ROUND = [turn(1, 0, 1), turn(2, 1, 2), turn(3, 2, 0)]
AWAY = [turn(4, 3, 4), turn(5, 4, 5)]
SPIN = turn(6, 3, 3)
FALL = turn(7, 2, 3)


def model(*rules: Rule) -> Model:
    """A dial with these rules."""
    return model_of("dial", SCHEMA, rules).promising((never_five,))


def test_what_one_step_does_not_keep_three_do() -> None:
    dial = model(*ROUND, *AWAY)
    induct = verify(dial, NOBODY, options=Options(method="induction"))
    assert induct.verdict == UNKNOWN
    found = KInduction(dial, NOBODY, never_five).prove()
    assert (found.verdict, found.k) == (HOLDS, 3)
    assert len(found.queries) == found.k + 1
    assert KInduction(dial, NOBODY, never_five, deepest=2).prove().verdict == UNKNOWN


def test_a_path_that_stays_where_it_is_is_no_path() -> None:
    assert KInduction(model(*ROUND, *AWAY, SPIN), NOBODY, never_five).prove().k == 3


def test_what_a_run_breaks_is_not_proved() -> None:
    broken = model(*ROUND, *AWAY, FALL)
    assert KInduction(broken, NOBODY, never_five).prove().verdict == UNKNOWN
    report = verify(broken, NOBODY, options=Options(sweeps=2))
    assert (report.verdict, len(report.runs["P01"])) == (VIOLATED, 5)


def test_an_unsat_about_paths_is_believed_only_if_z3_says_it_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = KInduction(model(*ROUND, *AWAY), NOBODY, never_five)
    monkeypatch.setattr("specs.proof.kinduction.check_again", lambda *_, **__: z3.unknown)
    assert asked.prove().verdict == UNKNOWN
    monkeypatch.setattr("specs.proof.kinduction.check_again", lambda *_, **__: z3.sat)
    with pytest.raises(EngineError, match="asked again"):
        KInduction(model(*ROUND, *AWAY), NOBODY, never_five).prove()


def test_what_is_proved_already_shortens_the_path() -> None:
    at_most_two = ~(SCHEMA.state.dial.at > 2)
    small: Property = replace(never_five, number="L01", name="small", term=at_most_two)
    dial = replace(model(*ROUND, *AWAY), properties=(never_five, small))
    assert KInduction(dial, NOBODY, never_five, proved=[small]).prove().k == 1


def test_the_ladder_says_which_rung_held() -> None:
    report = verify(model(*ROUND, *AWAY), NOBODY, options=Options(sweeps=2))
    assert (report.verdict, report.rung("P01")) == (HOLDS, "k-induction")
    assert "3 steps through different states" in report.as_json()["certificates"]["P01"]
    assert report.as_json()["properties"][0]["rung"] == "k-induction"


def test_only_what_always_holds_can_be_asked() -> None:
    with pytest.raises(BadRule, match="P02 moves is a step property"):
        KInduction(model(*ROUND).promising((moves,)), NOBODY, moves)


def test_there_is_no_other_method() -> None:
    with pytest.raises(BadRule, match="no method guess"):
        Options(method="guess")


BY_PATHS = Options(method="k-induction")


def queue(folder: Path, *, wrong: str = "", leave_out: int = -1) -> Report:
    """The questions about the dial, answered by z3 from their files, and merged. `wrong` is said
    instead of each answer; one file is left without any.
    """
    dial, asked = model(*ROUND, *AWAY), (never_five,)
    assert Verifier(dial, NOBODY, asked, None, BY_PATHS).emit(folder) == 2 * DEEPEST
    for number, path in enumerate(sorted((folder / TASKS).iterdir())):
        if number != leave_out:
            said = z3_says(path.read_text(encoding="utf-8"), wrong)
            (folder / ANSWERS / f"{path.stem}.out").write_text(said, encoding="utf-8")
    return verify(dial, NOBODY, asked, options=replace(BY_PATHS, collect=folder))


def z3_says(text: str, wrong: str) -> str:
    """What z3 prints about a script; its answers replaced if others are to be believed."""
    context = z3.Context()
    said = str(z3.Z3_eval_smtlib2_string(context.ref(), text))
    for number, answer in zip(("asked", "canary"), wrong.split(), strict=False):
        said = re.sub(rf"({number}\"?)\n\w+", rf"\1\n{answer}", said)
    return said


def test_others_answer_the_questions_and_the_verdict_is_the_same(tmp_path: Path) -> None:
    report = queue(tmp_path)
    assert (report.verdict, report.rung("P01")) == (HOLDS, "k-induction")
    assert len(report.queries["P01"]) == 4


def test_another_solver_reads_the_questions_about_paths(tmp_path: Path) -> None:
    cvc5 = program("cvc5", "cvc5")
    queue(tmp_path, leave_out=0)
    first = min((tmp_path / TASKS).iterdir())
    done = subprocess.run([cvc5, "--incremental", str(first)], capture_output=True, check=True)
    (tmp_path / ANSWERS / f"{first.stem}.out").write_bytes(done.stdout)
    options = replace(BY_PATHS, collect=tmp_path)
    assert verify(model(*ROUND, *AWAY), NOBODY, (never_five,), options=options).verdict == HOLDS


@pytest.mark.parametrize("wrong", ["sat sat", "unsat sat", "unsat unsat", "unsat unknown"])
def test_a_wrong_answer_to_a_question_about_paths_leaves_unknown(
    wrong: str, tmp_path: Path
) -> None:
    assert queue(tmp_path, wrong=wrong).verdict == UNKNOWN


@pytest.mark.parametrize("number", [1, 2])
def test_a_missing_answer_about_a_short_path_is_unknown(number: int, tmp_path: Path) -> None:
    assert queue(tmp_path, leave_out=number).verdict == (HOLDS if number == 1 else UNKNOWN)


def test_spacer_and_what_is_about_steps_have_no_questions_for_others(tmp_path: Path) -> None:
    dial = model(*ROUND).promising((moves,))
    for method, asked, said in (
        ("spacer", (never_five,), "it stays here"), ("k-induction", (moves,), "none of these"),
    ):  # fmt: skip
        with pytest.raises(BadRule, match=said):
            Verifier(dial, NOBODY, asked, None, Options(method=method)).emit(tmp_path)
