"""Certificates and the second opinion: what another solver does not confirm is unknown."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from models.language.model import Model
from specs.options import Options
from specs.proof.certificate import MANIFEST, Damaged, read
from specs.proof.frames import wrong_frames
from specs.proof.pool import Pool
from specs.proof.recheck import Solver, recheck
from specs.report import Report
from specs.verdict import HOLDS, UNKNOWN, VIOLATED, Obligation
from specs.verify import verify
from tests.models import teaching
from tests.needs import program
from tests.specs.runs import prop
from tests.specs.test_proving import faulty
from tests.specs.test_verify import never

ECHO = """
import sys, re
for line in open(sys.argv[-1]):
    said = re.match(r'\\(echo "(.*)"\\)', line)
    if said:
        print(said[1])
    elif line.startswith("(check-sat"):
        print("{answer}")
"""


def checked(model: Model, folder: Path, *numbers: str, method: str = "ladder") -> Report:
    """A verification with a certificate."""
    asked = [prop(model, n) for n in numbers or ("P01", "P02", "P03")]
    options = Options(depth=3, sweeps=3, folder=folder, method=method)
    return verify(model, teaching.INSTANCE, asked, options=options)


def again(report: Report, model: Model, solver: Solver) -> Report:
    """The same with a second opinion."""
    assert report.place is not None
    return recheck(report, report.place, model, teaching.INSTANCE, solver)


def saying(folder: Path, answer: str) -> Solver:
    """A solver that gives one answer to everything."""
    path = folder / "solver.py"
    path.write_text(ECHO.format(answer=answer))
    return Solver((sys.executable, str(path)), "parrot 1.0")


def test_another_solver_confirms_every_obligation(tmp_path: Path) -> None:
    solver = Solver.at(program("cvc5", "cvc5"))
    report = again(checked(teaching.MODEL, tmp_path), teaching.MODEL, solver)
    assert report.opinion is not None
    assert (report.verdict, report.opinion.against) == (HOLDS, {})
    asked = [o for o in report.obligations if o.method in ("init", "induction")]
    frames = [o for o in report.obligations if o.method == "frame"]
    stills = [s for s in read(report.place or tmp_path)[1] if s.rule == "(no change)"]
    assert report.opinion.confirmed == len(asked) + len(stills[0].claims)
    assert report.opinion.frames == len(frames) > 0
    assert report.opinion.solver.startswith("cvc5 ")


def test_that_standing_still_keeps_a_promise_about_certain_steps_is_confirmed_too(
    tmp_path: Path,
) -> None:
    named = replace(prop(teaching.MODEL, "P02"), at=("boot", "renew_lock"))
    others = (p for p in teaching.MODEL.properties if p.number != "P02")
    model = replace(teaching.MODEL, properties=(named, *others))
    report = again(checked(model, tmp_path, "P02"), model, saying(tmp_path, "unsat"))
    assert report.opinion is not None
    assert (report.verdict, report.opinion.against) == (HOLDS, {})
    assert report.opinion.frames > 0


@pytest.mark.parametrize("method", ["k-induction", "spacer"])
def test_what_the_other_rungs_proved_is_confirmed_too(method: str, tmp_path: Path) -> None:
    solver = Solver.at(program("cvc5", "cvc5"))
    number = {"k-induction": "L02", "spacer": "L01"}[method]
    lone = replace(teaching.MODEL, properties=(prop(teaching.MODEL, number),))
    report = again(checked(lone, tmp_path, number, method=method), lone, solver)
    assert (report.verdict, report.rung(number)) == (HOLDS, method)
    assert report.opinion is not None
    assert report.opinion.confirmed > 0


@pytest.mark.parametrize("answer", ["sat", "unknown", "nonsense"])
def test_what_is_not_confirmed_is_unknown(answer: str, tmp_path: Path) -> None:
    report = checked(teaching.MODEL, tmp_path)
    report = again(report, teaching.MODEL, saying(tmp_path, answer))
    assert {report.verdict_on(n) for n in ("P01", "P02", "P03")} == {UNKNOWN}
    assert report.opinion is not None
    assert report.opinion.confirmed == 0


def test_a_property_that_leans_on_what_is_not_confirmed_is_unknown_too(tmp_path: Path) -> None:
    report = checked(teaching.MODEL, tmp_path)
    assert report.place is not None
    path = next(p for p in report.place.glob("*claim*") if '"L01"' in p.read_text())
    path.write_text(path.read_text().replace('(echo "L01")', ""))
    report = again(report, teaching.MODEL, saying(tmp_path, "unsat"))
    assert report.verdict_on("P01") == UNKNOWN
    details = [o.detail for o in report.open_of("P01")]
    assert any("which is not confirmed" in d for d in details)


DAMAGE = {
    "cut off": lambda path: path.write_text(path.read_text()[:-40]),
    "emptied": lambda path: path.write_text(""),
    "gone": lambda path: path.unlink(),
    "weaker": lambda path: path.write_text(path.read_text() + "(assert false)"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_script_that_is_not_what_was_written_confirms_nothing(
    damage: str, tmp_path: Path
) -> None:
    report = checked(teaching.MODEL, tmp_path)
    assert report.place is not None
    DAMAGE[damage](next(iter(report.place.glob("*r001-tick*"))))
    report = again(report, teaching.MODEL, saying(tmp_path, "unsat"))
    assert report.verdict == UNKNOWN
    assert report.opinion is not None
    assert {rule for rule, _ in report.opinion.against} == {"R001 tick"}
    assert set(report.opinion.against.values()) == {"the script is not what was written"}


def test_a_manifest_that_leaves_something_out_confirms_the_rest_only(tmp_path: Path) -> None:
    report = checked(teaching.MODEL, tmp_path)
    assert report.place is not None
    path = report.place / MANIFEST
    manifest = json.loads(path.read_text())
    manifest["scripts"] = [s for s in manifest["scripts"] if s["rule"] != "R001 tick"]
    path.write_text(json.dumps(manifest))
    report = again(report, teaching.MODEL, saying(tmp_path, "unsat"))
    assert report.opinion is not None
    assert set(report.opinion.against.values()) == {"the certificate does not have it"}
    path.write_text(path.read_text()[:-9])
    with pytest.raises(Damaged, match="cannot be read"):
        again(report, teaching.MODEL, saying(tmp_path, "unsat"))


def test_a_wrong_unsat_that_is_confirmed_is_found_by_the_other_solver(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cvc5 = Solver.at(program("cvc5", "cvc5"))
    lie = """reply = reply if "goal canary" in task[1] else reply.replace('"sat"', '"unsat"')"""
    liar = faulty(tmp_path, lie.replace("task[1]", "str(task)"))
    monkeypatch.setattr("specs.verify.Pool", lambda jobs: Pool(jobs, liar))
    monkeypatch.setattr("specs.proof.pool.Inline.confirmed", lambda _, replies: replies)
    asked = [prop(teaching.BROKEN, "P01")]
    options = Options(folder=tmp_path / "kept", jobs=1)
    report = verify(teaching.BROKEN, teaching.INSTANCE, asked, options=options)
    assert report.verdict == HOLDS  # z3 erred twice: nothing but another solver finds it
    report = again(report, teaching.BROKEN, cvc5)
    assert report.verdict == UNKNOWN
    assert report.opinion is not None
    assert "says sat" in " ".join(report.opinion.against.values())


def test_a_frame_is_checked_again_on_the_terms() -> None:
    lie = Obligation("R010 claim_lock(n=A)", "P01", "frame", HOLDS)
    found = wrong_frames(teaching.MODEL, teaching.INSTANCE, [lie])
    assert "lock.holder" in found["R010 claim_lock(n=A)", "P01"]
    nowhere = replace(lie, rule="R999 nothing")
    assert wrong_frames(teaching.MODEL, teaching.INSTANCE, [nowhere])


def test_what_can_never_be_has_a_certificate_and_a_second_opinion_counts(tmp_path: Path) -> None:
    model = teaching.MODEL.promising((never("P90"),))
    report = checked(model, tmp_path, "P90")
    assert report.verdict == VIOLATED
    assert report.place is not None
    manifest, scripts = read(report.place)
    assert "not-P90" in manifest["proved"]
    assert "not-P90" in {c.number for s in scripts for c in s.claims}
    assert "not-P90" in manifest["frames"]["reads"]
    assert again(report, model, saying(tmp_path, "unsat")).verdict == VIOLATED
    assert again(report, model, saying(tmp_path, "unknown")).verdict == UNKNOWN
    assert again(checked(model, tmp_path, "P90"), model, saying(tmp_path, "sat")).verdict == UNKNOWN
    solver = Solver.at(program("cvc5", "cvc5"))
    sure = again(report, model, solver)
    assert sure.verdict == VIOLATED
    assert sure.opinion is not None
    assert not sure.opinion.against
