"""Induction through workers: the same answers as inline, whoever gives them; and never a green one
from a worker that lies, breaks off or dies.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from models.language.model import SOMETIMES, Model
from models.language.terms import Term, enum
from specs.proof.induction import RLIMIT, Induction
from specs.proof.pool import LOST, TIME_IS_UP, WORKER, Inline, Pool, Setup
from specs.proof.proving import Prover
from specs.proof.script import Script
from specs.proof.settling import Result
from specs.reading.asking import OUT_OF_TIME, Deadline
from specs.verdict import HOLDS, UNKNOWN, EngineError
from tests.models import teaching

WRAPPER = """
import subprocess, sys, json, os, time
inner = subprocess.Popen({command!r}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
for line in sys.stdin:
    inner.stdin.write(line)
    inner.stdin.flush()
    for task in json.loads(line)[1]:
        reply = inner.stdout.readline()
        {fault}
        print(reply, end="", flush=True)
"""


def faulty(folder: Path, fault: str) -> list[str]:
    """A worker that does something to each reply of a good one."""
    path = folder / "worker.py"
    path.write_text(WRAPPER.format(command=list(WORKER), fault=fault))
    return [sys.executable, str(path)]


def proved(model: Model, command: list[str] | None = None, jobs: int = 1) -> list[Result]:
    """Every obligation, asked of worker processes; `jobs` 0 asks inline."""
    engine = Induction(model, teaching.INSTANCE)
    script = Script(engine)
    setup = Setup(script.preamble(), script.canary, RLIMIT)
    wanted = [p for p in model.properties if p.kind != SOMETIMES]
    if not jobs:
        return Prover(engine, script, Inline(setup), None).prove(wanted, lambda _: None)
    pool = Pool(jobs, command or WORKER)
    pool.setup = setup
    try:
        return Prover(engine, script, pool, None).prove(wanted, lambda _: None)
    finally:
        pool.close()


def verdicts(results: list[Result]) -> dict[tuple[str, str], str]:
    """The verdict on each obligation."""
    return {(r.obligation.rule, r.obligation.property): r.obligation.verdict for r in results}


@pytest.mark.parametrize("model", [teaching.MODEL, teaching.BROKEN], ids=["holds", "broken"])
@pytest.mark.parametrize("jobs", [0, 1, 2])
def test_workers_answer_as_z3_does_inline(model: Model, jobs: int) -> None:
    assert verdicts(proved(model, jobs=jobs)) == verdicts(
        Induction(model, teaching.INSTANCE).prove(
            [p for p in model.properties if p.kind != SOMETIMES]
        )
    )


def test_what_was_needed_does_not_depend_on_the_number_of_workers() -> None:
    def needed(jobs: int) -> set[tuple[str, str, tuple[str, ...]]]:
        found = [r.obligation for r in proved(teaching.MODEL, jobs=jobs)]
        return {(o.rule, o.property, (*o.uses, *o.under)) for o in found}

    assert needed(1) == needed(2) == needed(0)


def test_an_answer_says_which_constraint_it_needed() -> None:
    under = {u for r in proved(teaching.MODEL, jobs=0) for u in r.obligation.under}
    assert under == {"expiry covers the lease"}


FAULTS = {
    "killed": ("os._exit(9)", LOST),
    "cut off": ("reply = reply[: len(reply) // 2] + chr(10)", "cannot be read"),
    "late in a line": ("reply = reply.replace(']]', ']')", "cannot be read"),
    "empty": ("r = json.loads(reply); r[1] = r[1][:1]; reply = json.dumps(r) + chr(10)", "cut off"),
    "of another form": ("reply = json.dumps([[1]]) + chr(10)", "cannot be read"),
    "said twice": ("reply = reply * 2", "cannot be read"),
    "to something else": ("reply = '[7' + reply[1:]", "cannot be read"),
    "made up": ("reply = reply.replace('L01', 'L77')", "not confirmed: the solver refused"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_worker_leaves_what_it_was_asked_unknown(fault: str, tmp_path: Path) -> None:
    code, said = FAULTS[fault]
    results = proved(teaching.MODEL, faulty(tmp_path, code))
    opened = [r.obligation for r in results if r.obligation.verdict != HOLDS]
    assert {o.verdict for o in opened} == {UNKNOWN}
    assert any(said in o.detail for o in opened)


def test_one_of_two_workers_may_die_and_the_other_finishes(tmp_path: Path) -> None:
    pool = Pool(2)
    pool.workers[0].process.kill()
    engine = Induction(teaching.MODEL, teaching.INSTANCE)
    script = Script(engine)
    pool.setup = Setup(script.preamble(), script.canary, RLIMIT)
    prover = Prover(engine, script, pool, None)
    asked = [p for p in teaching.MODEL.properties if p.kind != SOMETIMES]
    opened = [r for r in prover.prove(asked, lambda _: None) if r.obligation.verdict != HOLDS]
    pool.close()
    assert all(LOST in r.obligation.detail for r in opened)
    assert len(opened) < len(asked) * len(engine.steps)


def test_a_worker_that_says_unsat_to_everything_is_found_by_its_canary(tmp_path: Path) -> None:
    liar = faulty(tmp_path, """reply = reply.replace('"sat"', '"unsat"')""")
    asked = [r.obligation for r in proved(teaching.BROKEN, liar) if r.obligation.method != "frame"]
    assert {o.verdict for o in asked} == {UNKNOWN}
    assert all("the canary" in o.detail for o in asked)


UNSAT_BUT_FOR_THE_CANARY = """
        if "canary" not in str(task):
            reply = reply.replace('"sat"', '"unsat"')
"""
NEEDING_NOTHING = """
        identity, found = json.loads(reply)
        reply = json.dumps([identity, [[said, [], *rest] for said, _, *rest in found]]) + chr(10)
"""


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_wrong_unsat_is_an_internal_error(jobs: int, tmp_path: Path) -> None:
    liar = faulty(tmp_path, UNSAT_BUT_FOR_THE_CANARY)
    with pytest.raises(EngineError, match="asked again with nothing but what that needed"):
        proved(teaching.BROKEN, liar, jobs)


def test_an_unsat_that_needed_more_than_it_says_is_an_internal_error(tmp_path: Path) -> None:
    liar = faulty(tmp_path, NEEDING_NOTHING)
    with pytest.raises(EngineError, match="asked again with nothing but what that needed"):
        proved(teaching.MODEL, liar)


@pytest.mark.parametrize("jobs", [0, 1])
def test_what_cannot_be_confirmed_is_unknown(jobs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("specs.proof.worker.Second.otherwise", "(set-option :nonsense 2)")
    results = [r.obligation for r in proved(teaching.MODEL, jobs=jobs)]
    asked = [o for o in results if o.method != "frame"]
    assert {o.verdict for o in asked} == {UNKNOWN}
    assert all("not confirmed" in o.detail for o in asked)


def test_a_wrong_sat_is_an_internal_error(tmp_path: Path) -> None:
    liar = faulty(tmp_path, "reply = reply.replace('unsat', 'sat')")
    with pytest.raises(EngineError, match="a worker says that it is not kept"):
        proved(teaching.MODEL, liar)


def broken_setup(script: Script, what: str) -> Setup:
    """A setup under which everything would be unsatisfiable, or nothing is understood."""
    setup = Setup(script.preamble(), script.canary, RLIMIT)
    return replace(setup, preamble=f"{setup.preamble}\n{what}")


@pytest.mark.parametrize(
    ("what", "said"),
    [("(assert false)", "the canary"), ("(assert nonsense)", "refused its input")],
)
def test_a_solver_in_which_everything_would_hold_is_found_by_its_canary(
    what: str, said: str
) -> None:
    engine = Induction(teaching.BROKEN, teaching.INSTANCE)
    script = Script(engine)
    prover = Prover(engine, script, Inline(broken_setup(script, what)), None)
    results = prover.prove(engine.invariants, lambda _: None)
    asked = [r.obligation for r in results if r.obligation.method != "frame"]
    assert {o.verdict for o in asked} == {UNKNOWN}
    assert all(said in o.detail for o in asked)


def test_what_a_worker_is_too_late_with_is_unknown(tmp_path: Path) -> None:
    slow = faulty(tmp_path, "time.sleep(60)")
    engine = Induction(teaching.MODEL, teaching.INSTANCE, deadline=Deadline.after(0.5))
    script = Script(engine)
    pool = Pool(1, slow)
    pool.setup, pool.deadline = Setup(script.preamble(), script.canary, RLIMIT), engine.deadline
    results = Prover(engine, script, pool, None).prove(engine.invariants, lambda _: None)
    pool.close()
    asked = [r.obligation for r in results if r.obligation.method != "frame"]
    assert {o.verdict for o in asked} == {UNKNOWN}
    assert TIME_IS_UP in "".join(o.detail for o in asked)


def test_what_nobody_has_time_to_ask_is_not_made_into_a_question(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = Induction(teaching.MODEL, teaching.INSTANCE, deadline=Deadline.after(0))
    script = Script(engine)
    monkeypatch.setattr(script, "step", None)
    setup = Setup(script.preamble(), script.canary, RLIMIT)
    results = Prover(engine, script, Inline(setup, engine.deadline), None).first_pass(
        engine.invariants
    )
    asked = [r.obligation for r in results if r.obligation.method != "frame"]
    assert {(o.verdict, o.detail) for o in asked if o.method == "induction"} == {
        (UNKNOWN, OUT_OF_TIME)
    }


Colour = enum("Colour", "RED", "GREEN")


def test_a_sort_that_only_an_argument_has_is_declared() -> None:
    cut = teaching.MODEL.rule("cut")
    c = Term("arg", Colour, value="c")
    coloured = teaching.MODEL.with_rule(
        cut.changed(
            params=(*cut.params, ("c", Colour)),
            requires={**cut.requires, "it is red": c == Colour.RED},
        )
    )
    results = proved(coloured, jobs=0)
    assert {r.obligation.verdict for r in results} == {HOLDS}
    assert "R004 cut(n=A)" in {r.obligation.rule for r in results}
