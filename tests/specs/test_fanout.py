"""A work queue: what any solver answers is merged as if it had been asked; what is missing is
unknown.
"""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest

from models.language.model import SOMETIMES, Model
from specs.options import Options
from specs.proof.fanout import ANSWERS, MANIFEST, TASKS, QueueUnusable
from specs.report import Report
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


def answer_all(folder: Path, answer: str = "unsat", canary: str = "sat") -> None:
    """Answers as a solver would print them."""
    for path in (folder / TASKS).iterdir():
        names = [x[7:-2] for x in path.read_text().splitlines() if x.startswith('(echo "')]
        lines = [f'"{n}"\n{canary if n == "canary" else answer}' for n in names]
        (folder / ANSWERS / f"{path.name}.out").write_text("\n".join(lines) + "\n")


def test_many_processes_answer_and_the_verdicts_are_those_of_one(tmp_path: Path) -> None:
    cvc5 = program("cvc5", "cvc5")
    assert emitted(teaching.MODEL, tmp_path) > 5
    work = f"{shlex.quote(cvc5)} --incremental tasks/{{}} > answers/{{}}.out"
    command = f"ls tasks | xargs -P 2 -I{{}} sh -c {shlex.quote(work)}"
    subprocess.run(command, shell=True, cwd=tmp_path, check=True)
    report = collected(teaching.MODEL, tmp_path)
    assert {report.verdict_on(p.number) for p in PROVED} == {HOLDS}


def test_gnu_parallel_hands_them_out_as_well(tmp_path: Path) -> None:
    parallel = program("parallel", "parallel")
    cvc5 = program("cvc5", "cvc5")
    emitted(teaching.MODEL, tmp_path)
    command = [parallel, f"{cvc5} --incremental tasks/{{}} > answers/{{.}}.out", ":::"]
    names = [p.name for p in (tmp_path / TASKS).iterdir()]
    subprocess.run([*command, *names], cwd=tmp_path, check=True, capture_output=True)
    assert collected(teaching.MODEL, tmp_path).verdict == HOLDS


def test_what_is_missing_is_unknown(tmp_path: Path) -> None:
    emitted(teaching.MODEL, tmp_path)
    answer_all(tmp_path)
    assert collected(teaching.MODEL, tmp_path).verdict == HOLDS
    next((tmp_path / ANSWERS).iterdir()).unlink()
    assert collected(teaching.MODEL, tmp_path).verdict == UNKNOWN


@pytest.mark.parametrize(
    ("answer", "canary"), [("unknown", "sat"), ("", "sat"), ("unsat", "unsat"), ("unsat", "")]
)
def test_an_answer_that_is_none_or_has_no_canary_is_unknown(
    answer: str, canary: str, tmp_path: Path
) -> None:
    emitted(teaching.MODEL, tmp_path)
    answer_all(tmp_path, answer, canary)
    report = collected(teaching.MODEL, tmp_path)
    assert {report.verdict_on(n) for n in ("P01", "P02", "P03")} == {UNKNOWN}


def test_an_answer_that_is_cut_off_is_unknown(tmp_path: Path) -> None:
    emitted(teaching.MODEL, tmp_path)
    answer_all(tmp_path)
    path = next((tmp_path / ANSWERS).iterdir())
    path.write_text(path.read_text()[:-12])
    assert collected(teaching.MODEL, tmp_path).verdict == UNKNOWN


def test_a_wrong_sat_is_an_internal_error(tmp_path: Path) -> None:
    emitted(teaching.MODEL, tmp_path)
    answer_all(tmp_path, "sat")
    with pytest.raises(EngineError, match="is not kept"):
        collected(teaching.MODEL, tmp_path)


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
