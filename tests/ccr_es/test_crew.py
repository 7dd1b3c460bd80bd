"""Logs judged by several processes and in segments: what one audit says, or unknown; never more."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from ccr_es.audit.audit import HOLDS, UNKNOWN, VIOLATED, AuditReport, StoreSource, audit
from ccr_es.audit.crew import Crew
from ccr_es.audit.judge import Judge
from ccr_es.audit.keep_going import audit_going_on
from ccr_es.audit.segments import Desk, Segment, Standing
from ccr_es.audit.working import LogAt
from ccr_es.cluster import plan as planning
from ccr_es.errors import StoreMissing
from ccr_es.state import keeping
from ccr_es.store.store import Store
from tests.ccr_es.making import NAME, exported, forge, in_segments, made, meddle, opened
from tests.house.sources import ROOT
from tests.models.teaching import BROKEN, MODEL


@pytest.fixture(name="path")
def _path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(planning, "CHECKPOINT_EVERY", 4)
    path = made(tmp_path / "ccr.db")
    with opened(path) as cluster:
        for _ in range(3):
            for rule in ("boot", "cut", "heal", "crash"):
                cluster.do(rule, {"n": "A"})
    return path


def plain(path: Path) -> object:
    """What one audit says."""
    with Store.open(path) as store:
        return audit(StoreSource(store, NAME), MODEL)


def desk(store: Store) -> Desk:
    """Where segments of the log are judged."""
    return Desk(store, NAME, MODEL)


def test_two_processes_say_what_one_audit_says(path: Path) -> None:
    report = in_segments(path, jobs=2)
    assert report == plain(path)
    assert (report.verdict, report.events) == (HOLDS, 23)


def test_a_segment_ends_where_the_next_one_begins(path: Path) -> None:
    with Store.open(path) as store:
        first, second = (desk(store).judged(Segment(*s)) for s in ((0, 4), (4, 8)))
    assert first is not None
    assert second is not None
    assert first.begin == Standing()
    assert first.end == second.begin
    assert first.end.kept
    assert first.end.wording


def test_nobody_begins_with_a_kept_state_that_was_not_proved(path: Path) -> None:
    """Somebody keeps another state, with a digest that fits: the segment that begins there finds
    nothing wrong with itself, but the one before it does not end there.
    """
    with Store.open(path) as store:
        number, head, data = store.kept(NAME, 8) or (0, "", b"")
        fold = keeping.from_bytes(store.book, number, head, data)
        fold.state["lock.reach.B"] = not fold.state["lock.reach.B"]
        forged = keeping.to_bytes(fold)
    meddle(path, "UPDATE ccr_checkpoints SET state=? WHERE number=8", forged)
    with Store.open(path) as store:
        assert desk(store).judged(Segment(4, 8)) is None
    report = in_segments(path, jobs=2)
    assert report == plain(path)
    assert [f.kind for f in report.findings] == ["checkpoint"]


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_finding_late_in_the_log_is_told_as_ever(path: Path, jobs: int) -> None:
    with opened(path) as cluster:
        forge(cluster, cluster.complete("heal", {"n": "A"}))
    report = in_segments(path, jobs=jobs)
    assert report == plain(path)
    assert [f.kind for f in report.findings] == ["guard"]


def test_a_log_that_changed_its_model_is_judged_in_segments_too(path: Path) -> None:
    with opened(path, model=BROKEN) as cluster:
        for rule in ("boot", "cut", "heal", "crash") * 2:
            cluster.do(rule, {"n": "A"})
    report = in_segments(path)
    assert report == plain(path)
    assert len(report.judged_by) == 2


def test_a_head_is_looked_for_in_every_segment(path: Path) -> None:
    with Store.open(path) as store:
        rows = list(store.read(NAME))
    for head, found in ((f"6:{rows[5].hash}", 0), (f"6:{rows[6].hash}", 1), ("99:" + "0" * 64, 1)):
        with Store.open(path) as store:
            one = audit(StoreSource(store, NAME), MODEL, head=head)
        several = in_segments(path, head=head)
        assert several == one
        assert len(one.findings) == found


def test_many_logs_are_answered_in_order(path: Path, tmp_path: Path) -> None:
    file = tmp_path / "log.ndjson"
    file.write_bytes(b"".join(exported(path)))
    meddle(path, "UPDATE stored_events SET topic='ccr:PathCut' WHERE rowid=9")
    logs = [
        LogAt("bad", str(path), NAME),
        LogAt("good", files=(str(file),)),
        LogAt("further", str(path), NAME, keep_going=True),
    ]
    crew = Crew(MODEL, 2)
    try:
        bad, good, further = crew.judge(logs)
    finally:
        crew.close()
    assert (bad.verdict, good.verdict) == (VIOLATED, HOLDS)
    with Store.open(path) as store:
        assert further == audit_going_on(StoreSource(store, NAME), MODEL)


def test_what_was_compiled_for_one_log_is_lent_to_the_next_and_changes_no_answer(
    tmp_path: Path,
) -> None:
    """Other clusters, other members' doings, and properties that the log before left broken."""
    lines = exported(made(tmp_path / "ccr.db"))
    texts = {
        "good": lines,
        "short": lines[:6],
        "gap": [*lines[:4], *lines[5:]],
        "double": [line.replace(b'"n":"A"', b'"n":"B"') for line in lines],
        "other": exported(made(tmp_path / "other.db", "other"), "other"),
    }
    logs = []
    for name, text in [*texts.items(), ("again", lines)]:
        file = tmp_path / f"{name}.ndjson"
        file.write_bytes(b"".join(text))
        logs += [LogAt(name, files=(str(file),), keep_going=going) for going in (False, True)]

    def judged(some: list[LogAt]) -> list[AuditReport]:
        crew = Crew(MODEL, 1)
        try:
            return list(crew.judge(some))
        finally:
            crew.close()

    with pytest.MonkeyPatch.context() as patch:
        count: list[object] = []
        real = Judge.__init__

        def begins(self: Judge, *args: Any) -> None:
            count.append(self)
            real(self, *args)

        patch.setattr(Judge, "__init__", begins)
        together = judged(logs)
    assert len(count) == 1
    assert together == [report for log in logs for report in judged([log])]
    assert {report.verdict for report in together} == {HOLDS, VIOLATED}


def test_a_process_that_is_lost_leaves_its_log_unknown(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged = Desk.judged

    def dies(self: Desk, segment: Segment) -> object:
        return os._exit(9) if segment.start == 8 else judged(self, segment)

    monkeypatch.setattr(Desk, "judged", dies)
    report = in_segments(path, jobs=2)
    assert report.verdict == UNKNOWN
    assert "the process that judged it was lost" in report.unchecked


def test_an_error_of_a_worker_is_the_error_of_the_call(tmp_path: Path) -> None:
    crew = Crew(MODEL, 2)
    try:
        with pytest.raises(StoreMissing) as told:
            list(crew.judge([LogAt("no", str(tmp_path / "no.db"), NAME, by_given=True)]))
        assert (told.value.hint, str(told.value).count(told.value.hint)) != ("", 0)
    finally:
        crew.close()


def test_stored_events_are_followed_without_asking_a_rule(path: Path) -> None:
    with Store.open(path) as store:
        first = desk(store).followed(Segment(0, 4))
        second = desk(store).followed(Segment(4, None))
        head = store.head(NAME)
    assert first is not None
    assert second is not None
    assert first[1] == second[0]
    assert second[1] == head.hash
    connection = sqlite3.connect(path)
    connection.execute("UPDATE ccr_stream SET time=time+1 WHERE number=6")
    connection.commit()
    connection.close()
    with Store.open(path) as store:
        assert desk(store).followed(Segment(4, None)) is None


LEFT_ALONE = """
import sys, time, multiprocessing
from ccr_es.audit.crew import Crew
from tests.models.teaching import MODEL
sys.modules[Crew.__module__].ALONE = 0.2
crew = Crew(MODEL, 2)
print(crew._ask(time.sleep, 0).result() or multiprocessing.active_children()[0].pid, flush=True)
time.sleep(60)
"""


@pytest.mark.slow
def test_a_worker_ends_when_whoever_started_it_is_gone() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", LEFT_ALONE], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        parent.kill()
    for _ in range(100):
        if not Path(f"/proc/{worker}").exists():
            return
        time.sleep(0.1)
    pytest.fail("the worker is still there")
