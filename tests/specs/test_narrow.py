"""A part of the model is enough for some properties; what it cannot prove is asked of the whole."""

from __future__ import annotations

import pytest

from models.language.model import Model
from specs.catalogue import CCR, SMALL
from specs.options import Options
from specs.proof.frames import read_by, written, wrong_frames
from specs.proof.induction import RLIMIT, Induction
from specs.proof.narrow import narrowed
from specs.proof.pool import Inline, Pool, Setup
from specs.proof.proving import Prover
from specs.proof.script import Script
from specs.report import Report
from specs.verdict import HOLDS
from specs.verify import verify
from tests.models import teaching
from tests.specs.runs import prop


def induced(number: str) -> Report:
    """What induction alone says of a property of the CCR model."""
    return verify(CCR, SMALL, [prop(CCR, number)], options=Options(method="induction"))


def test_a_promise_is_proved_with_a_part_and_what_was_left_out_keeps_it_by_its_frame() -> None:
    part = narrowed(CCR, [prop(CCR, "P01")])
    assert part is not None
    assert len(part.left) > len(CCR.rules) / 2
    report = induced("P01")
    assert report.verdict == HOLDS
    asked = {o.rule for o in report.obligations if o.property == "P01"}
    assert {label.split("(")[0] for label in asked} >= {rule.label for rule in part.left}
    frames = [o for o in report.obligations if o.method == "frame"]
    assert wrong_frames(CCR, SMALL, frames) == {}
    assert not {o.property for o in report.obligations} - {p.number for p in part.model.properties}


def in_part(model: Model, number: str) -> bool:
    """Whether the part of the model for this property is enough to prove it."""
    part = narrowed(model, [prop(model, number)])
    assert part is not None
    engine = Induction(part.model, SMALL)
    script = Script(engine)
    asker = Inline(Setup(script.preamble(), script.canary, RLIMIT))
    prover = Prover(engine, script, asker)
    return part.prove(prover, [prop(model, number)], lambda _: None) is not None


@pytest.mark.slow
def test_a_missing_guard_is_missed_in_the_part() -> None:
    assert in_part(CCR, "P20")
    assert not in_part(CCR.without_guard("bring_online", "node is the controller"), "P20")


@pytest.mark.slow
def test_what_a_part_does_not_prove_the_whole_model_does() -> None:
    assert not in_part(CCR, "P04")
    assert induced("P04").verdict == HOLDS


def test_nothing_is_left_out_that_writes_what_is_read() -> None:
    writes = written(CCR, SMALL)
    reads = {p.number: read_by(CCR, SMALL, p) for p in CCR.properties}
    some = CCR.properties[::9]
    parts = [part for p in some if (part := narrowed(CCR, [p])) is not None]
    assert len(parts) > len(some) / 2
    for part in parts:
        read = set[str]().union(*(reads[p.number] for p in part.model.properties))
        left = {rule.label for rule in part.left}
        assert all(read.isdisjoint(w) for at, w in writes.items() if at.split("(")[0] in left)


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_was_given_up_is_not_taken_for_an_answer_to_the_next_question(jobs: int) -> None:
    engine = Induction(teaching.MODEL, teaching.INSTANCE)
    script = Script(engine)
    pool = Pool(jobs)
    pool.setup = Setup(script.preamble(), script.canary, RLIMIT)
    tasks = [script.step(s, list(engine.planned(s, engine.invariants))) for s in engine.steps]
    tasks = [task for task in tasks if task.goals]
    abandoned = pool.ask([(task, list(script.assumed)) for task in tasks * 9])
    next(abandoned)
    abandoned.close()
    first = script.initial(engine.invariants)
    assert [task.label for task, _ in pool.ask([(first, [])])] == [first.label]
    pool.close()
