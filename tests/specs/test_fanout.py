"""A work queue: what two solvers agree on counts, or one and z3 here; nothing else is proved."""

from __future__ import annotations

import shlex
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from models.language.model import SOMETIMES, Model
from specs.options import Options
from specs.proof.collecting import sheets
from specs.proof.fanout import ANSWERS, CANARY, MANIFEST, TASKS, QueueUnusable
from specs.report import Merged, Report
from specs.verdict import HOLDS, UNKNOWN, VIOLATED, EngineError
from specs.verify import Verifier, verify
from tests.models import teaching
from tests.needs import program

PROVED = [p for p in teaching.MODEL.properties if p.kind != SOMETIMES]


def emitted(model: Model, folder: Path, method: str = "induction") -> int:
    """The queue of a variant of the teaching model."""
    asked = tuple(p for p in model.properties if p.kind != SOMETIMES)
    return Verifier(model, teaching.INSTANCE, asked, None, Options(method=method)).emit(folder)


def collected(model: Model, folder: Path, method: str = "induction") -> Report:
    """The verdicts that its answers lead to."""
    asked = tuple(p for p in model.properties if p.kind != SOMETIMES)
    options = Options(method=method, collect=folder)
    return verify(model, teaching.INSTANCE, asked, options=options)


def answer_all(
    folder: Path, answer: str = "unsat", canary: str = "sat", solver: str = "one 1.0",
    only: str = "",
) -> None:  # fmt: skip
    """Answers as a solver would print them. `only` this property is answered so, the others are
    found unsatisfiable.
    """
    name, _, version = solver.partition(" ")
    for path in (folder / TASKS).iterdir():
        lines = [f'(:name "{name}")', f'(:version "{version}")']
        for label in (x[7:-2] for x in path.read_text().splitlines() if x.startswith('(echo "')):
            number = label.split()[1]
            said = answer if only in ("", number) else "unsat"
            lines += [f'"{label}"', canary if number == CANARY else said]
        text = "\n".join(lines) + "\n"
        (folder / ANSWERS / f"{name}{version}-{path.name}.out").write_text(text)


def merged(report: Report) -> Merged:
    """How its answers were merged."""
    assert report.merged is not None
    return report.merged


def test_many_processes_answer_and_the_verdicts_are_those_of_one(tmp_path: Path) -> None:
    cvc5 = program("cvc5", "cvc5")
    assert emitted(teaching.MODEL, tmp_path) > 5
    work = f"{shlex.quote(cvc5)} --incremental tasks/{{}} > answers/{{}}.out"
    command = f"ls tasks | xargs -P 2 -I{{}} sh -c {shlex.quote(work)}"
    subprocess.run(command, shell=True, cwd=tmp_path, check=True)
    report = collected(teaching.MODEL, tmp_path)
    assert {report.verdict_on(p.number) for p in PROVED} == {HOLDS}
    assert next(iter(merged(report).solvers)).startswith("cvc5 ")


def test_gnu_parallel_hands_them_out_as_well(tmp_path: Path) -> None:
    parallel = program("parallel", "parallel")
    cvc5 = program("cvc5", "cvc5")
    emitted(teaching.MODEL, tmp_path)
    names = [f"{TASKS}/{p.name}" for p in (tmp_path / TASKS).iterdir()]
    with (tmp_path / ANSWERS / "machine1").open("wb") as file:
        command = [parallel, cvc5, "--incremental", ":::", *names]
        subprocess.run(command, cwd=tmp_path, check=True, stdout=file, stderr=subprocess.DEVNULL)
    assert collected(teaching.MODEL, tmp_path).verdict == HOLDS


def test_what_two_solvers_agree_on_is_proved_and_nothing_is_asked_here(tmp_path: Path) -> None:
    emitted(teaching.MODEL, tmp_path)
    answer_all(tmp_path)
    answer_all(tmp_path, solver="two 1.0")
    report = collected(teaching.MODEL, tmp_path)
    found = merged(report)
    assert report.verdict == HOLDS
    assert found.solvers == {"one 1.0", "two 1.0"}
    assert (found.agreed > 20, found.again, found.alone, found.missing) == (True, 0, 0, 0)


def test_a_wrong_unsat_of_one_solver_is_not_believed(tmp_path: Path) -> None:
    emitted(teaching.BROKEN, tmp_path)
    answer_all(tmp_path)
    report = collected(teaching.BROKEN, tmp_path)
    assert (report.verdict, report.verdict_on("P01")) == (UNKNOWN, UNKNOWN)
    assert "one 1.0 says unsat" in " ".join(merged(report).against.values())
    assert {number for _, number in merged(report).against} >= {"P01"}


@pytest.mark.parametrize("right", ["sat", "unknown"])
def test_a_wrong_unsat_is_no_proof_whatever_another_solver_says(right: str, tmp_path: Path) -> None:
    emitted(teaching.BROKEN, tmp_path)
    answer_all(tmp_path)
    answer_all(tmp_path, right, solver="two 1.0", only="P01")
    report = collected(teaching.BROKEN, tmp_path)
    assert report.verdict_on("P01") == UNKNOWN
    assert merged(report).against


def test_what_two_solvers_contradict_each_other_on_stays_unknown_on_every_rung(
    tmp_path: Path,
) -> None:
    emitted(teaching.MODEL, tmp_path, "ladder")
    answer_all(tmp_path)
    answer_all(tmp_path, "sat", solver="two 1.0", only="P01")
    report = collected(teaching.MODEL, tmp_path, "ladder")
    assert report.verdict_on("P01") == UNKNOWN
    assert set(merged(report).against.values()) == {"one 1.0 says unsat, two 1.0 says sat"}
    [data] = [p for p in report.as_json()["properties"] if p["number"] == "P01"]
    assert data["verdict"] == UNKNOWN


def test_one_answer_that_is_copied_is_no_second_one(tmp_path: Path) -> None:
    emitted(teaching.BROKEN, tmp_path)
    answer_all(tmp_path)
    for path in list((tmp_path / ANSWERS).iterdir()):
        (tmp_path / ANSWERS / f"copy-{path.name}").write_bytes(path.read_bytes())
    report = collected(teaching.BROKEN, tmp_path)
    assert (report.verdict_on("P01"), merged(report).agreed) == (UNKNOWN, 0)


def test_a_solver_that_contradicts_itself_is_not_outvoted(tmp_path: Path) -> None:
    emitted(teaching.MODEL, tmp_path)
    answer_all(tmp_path)
    for path in list((tmp_path / ANSWERS).iterdir()):
        text = path.read_text().replace('P01"\nunsat', 'P01"\nsat')
        (tmp_path / ANSWERS / f"other-{path.name}").write_text(text)
    answer_all(tmp_path, solver="two 1.0")
    report = collected(teaching.MODEL, tmp_path)
    assert report.verdict_on("P01") == UNKNOWN
    assert "one 1.0 says sat and unsat, two 1.0 says unsat" in merged(report).against.values()


def test_what_one_solver_says_is_asked_again_here(tmp_path: Path) -> None:
    emitted(teaching.MODEL, tmp_path)
    answer_all(tmp_path)
    report = collected(teaching.MODEL, tmp_path)
    found = merged(report)
    assert report.verdict == HOLDS
    assert (found.agreed, found.again > 20, found.alone) == (0, True, 0)


def test_what_one_solver_says_and_is_not_decided_here_is_unknown(tmp_path: Path) -> None:
    emitted(teaching.MODEL, tmp_path)
    answer_all(tmp_path)
    asked = tuple(p for p in teaching.MODEL.properties if p.kind != SOMETIMES)
    options = Options(method="induction", collect=tmp_path, seconds=0.0)
    report = verify(teaching.MODEL, teaching.INSTANCE, asked, options=options)
    assert report.verdict == UNKNOWN
    assert merged(report).alone > 5


def test_what_is_missing_is_unknown(tmp_path: Path) -> None:
    emitted(teaching.MODEL, tmp_path)
    for solver in ("one 1.0", "two 1.0"):
        answer_all(tmp_path, solver=solver)
    for path in (tmp_path / ANSWERS).glob("*-0002-*"):
        path.unlink()
    report = collected(teaching.MODEL, tmp_path)
    assert (report.verdict, merged(report).missing > 0) == (UNKNOWN, True)


@pytest.mark.parametrize(
    ("answer", "canary"), [("unknown", "sat"), ("", "sat"), ("unsat", "unsat"), ("unsat", "")]
)
def test_an_answer_that_is_none_or_has_no_canary_is_unknown(
    answer: str, canary: str, tmp_path: Path
) -> None:
    emitted(teaching.MODEL, tmp_path)
    answer_all(tmp_path, answer, canary)
    answer_all(tmp_path, answer, canary, "two 1.0")
    report = collected(teaching.MODEL, tmp_path)
    assert {report.verdict_on(n) for n in ("P01", "P02", "P03")} == {UNKNOWN}
    assert merged(report).agreed == 0


def test_an_answer_that_is_cut_off_is_unknown(tmp_path: Path) -> None:
    emitted(teaching.MODEL, tmp_path)
    answer_all(tmp_path)
    path = next((tmp_path / ANSWERS).iterdir())
    path.write_text(path.read_text()[:-12])
    assert collected(teaching.MODEL, tmp_path).verdict == UNKNOWN


def test_answers_are_read_from_any_file_and_not_where_they_are_mixed_up(tmp_path: Path) -> None:
    emitted(teaching.MODEL, tmp_path)
    answer_all(tmp_path)
    texts = []
    for path in list((tmp_path / ANSWERS).iterdir()):
        texts.append(path.read_text())
        path.unlink()
    assert len(list(sheets("".join(texts)))) == len(texts)
    (tmp_path / ANSWERS / "machine1").write_text("".join(texts))
    assert collected(teaching.MODEL, tmp_path).verdict == HOLDS
    assert not list(sheets("\n".join(reversed(texts[0].splitlines()))))
    assert not list(sheets(texts[0].replace("\nunsat", "", 1)))
    assert not list(sheets(texts[0].partition("\n")[2]))
    assert not list(sheets(texts[0].replace("unsat", '(error "line 3")\nunsat', 1)))


def test_what_one_solver_wrongly_breaks_is_unknown_and_two_are_an_internal_error(
    tmp_path: Path,
) -> None:
    emitted(teaching.MODEL, tmp_path)
    answer_all(tmp_path, "sat")
    assert collected(teaching.MODEL, tmp_path).verdict == UNKNOWN
    answer_all(tmp_path, "sat", solver="two 1.0")
    with pytest.raises(EngineError, match="is not kept"):
        collected(teaching.MODEL, tmp_path)


def test_what_others_answered_is_not_kept_as_if_it_had_been_asked_here(tmp_path: Path) -> None:
    emitted(teaching.MODEL, tmp_path / "queue")
    for solver in ("one 1.0", "two 1.0"):
        answer_all(tmp_path / "queue", solver=solver)
    asked = tuple(PROVED)
    options = Options(method="induction", collect=tmp_path / "queue", folder=tmp_path / "kept")
    report = verify(teaching.MODEL, teaching.INSTANCE, asked, options=options)
    assert report.verdict == HOLDS
    again = verify(teaching.MODEL, teaching.INSTANCE, asked, options=replace(options, collect=None))
    assert not any(o.cached for o in again.obligations)


def test_what_is_broken_is_refuted_by_a_run(tmp_path: Path) -> None:
    cvc5 = program("cvc5", "cvc5")
    emitted(teaching.BROKEN, tmp_path, "ladder")
    for path in (tmp_path / TASKS).iterdir():
        said = subprocess.run([cvc5, "--incremental", str(path)], capture_output=True, check=False)
        (tmp_path / ANSWERS / f"{path.stem}.out").write_bytes(said.stdout)
    report = collected(teaching.BROKEN, tmp_path, "ladder")
    assert (report.verdict_on("P01"), len(report.runs["P01"])) == (VIOLATED, 4)


def test_a_queue_of_another_model_is_refused(tmp_path: Path) -> None:
    emitted(teaching.MODEL, tmp_path)
    with pytest.raises(QueueUnusable, match="the model or the options differ"):
        collected(teaching.BROKEN, tmp_path)
    (tmp_path / MANIFEST).write_text("{}")
    with pytest.raises(QueueUnusable, match="cannot be read"):
        collected(teaching.MODEL, tmp_path)
    with pytest.raises(QueueUnusable, match="No such file"):
        collected(teaching.MODEL, tmp_path / "nowhere")
