"""Whatever somebody changes in the file, the audit says so and names the event; so does the first
command that reads it.
"""

from __future__ import annotations

import json
import sqlite3
from hashlib import sha256
from pathlib import Path

import pytest

from ccr_es.audit.audit import VIOLATED, Finding, StoreSource, audit
from ccr_es.cluster import plan as planning
from ccr_es.errors import CcrError
from ccr_es.store.store import Store
from tests.ccr_es.making import digest, in_segments, made, opened
from tests.models.teaching import MODEL

WHERE = "WHERE originator_id='exch/node.A' AND originator_version=3"
"""Event 7, the crash of A."""
AT_7 = "WHERE cluster='exch' AND number=7"


@pytest.fixture(name="path")
def _path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(planning, "CHECKPOINT_EVERY", 5)
    path = made(tmp_path / "ccr.db")
    monkeypatch.undo()
    return path


def findings(path: Path) -> list[Finding]:
    """What the audit finds; it must not write."""
    before = digest(path)
    with Store.open(path) as store:
        report = audit(StoreSource(store, "exch"), MODEL)
    assert in_segments(path) == report
    assert digest(path) == before
    assert (report.verdict == VIOLATED) == bool(report.findings)
    return report.findings


def refused(path: Path) -> str:
    """What a command says that folds the whole log; empty if it does not notice."""
    try:
        with opened(path, write=False) as cluster:
            for number in range(1, cluster.head.number + 1):
                cluster._stream.fold_to(number)
            list(cluster.events())
    except CcrError as error:
        return f"{error.code} {error}"
    return ""


def alter(path: Path, *statements: str) -> None:
    """Run statements behind our back."""
    connection = sqlite3.connect(path)
    for statement in statements:
        assert connection.execute(statement).rowcount != 0
    connection.commit()
    connection.close()


def state_of(path: Path) -> bytes:
    """The stored bytes of event 7."""
    connection = sqlite3.connect(path)
    (state,) = connection.execute(f"SELECT state FROM stored_events {WHERE}").fetchone()
    connection.close()
    return bytes(state)


def quoted(state: bytes) -> str:
    """A blob literal."""
    return f"x'{state.hex()}'"


def test_an_untouched_store_holds(path: Path) -> None:
    assert findings(path) == []
    assert refused(path) == ""


FIELDS = {
    "actor": "bob",
    "args": {"n": "B"},
    "caused_by": 5,
    "cluster": "other",
    "event": "NodeBooted",
    "model": "0" * 64,
    "number": 8,
    "previous": "0" * 64,
    "reason": "none",
    "row": "node.B",
    "rule": "boot",
    "rule_number": 2,
    "schema": 1,
    "time": 999,
    "version": 4,
}


def test_every_field_of_an_event_is_tried() -> None:
    from ccr_es.record.events import Event

    assert set(FIELDS) == set(Event.__struct_fields__)


@pytest.mark.parametrize("name", FIELDS)
def test_a_changed_field_is_found_at_its_event(path: Path, name: str) -> None:
    data = {**json.loads(state_of(path)), name: FIELDS[name]}
    state = json.dumps(data, sort_keys=True, separators=(",", ":")).encode()
    alter(path, f"UPDATE stored_events SET state={quoted(state)} {WHERE}")
    found = findings(path)
    assert found[0].event in (7, data["number"])
    said = refused(path)
    assert said.startswith("CCR140 event 7 was changed after it was recorded")


@pytest.mark.parametrize("name", FIELDS)
def test_a_changed_field_is_found_though_its_hash_was_made_to_fit(path: Path, name: str) -> None:
    data = {**json.loads(state_of(path)), name: FIELDS[name]}
    state = json.dumps(data, sort_keys=True, separators=(",", ":")).encode()
    alter(
        path,
        f"UPDATE stored_events SET state={quoted(state)} {WHERE}",
        f"UPDATE ccr_stream SET hash=x'{sha256(state).hexdigest()}' {AT_7}",
    )
    assert {f.event for f in findings(path)} & {7, 8}
    assert refused(path)[:6] in ("CCR140", "CCR142", "CCR144", "CCR146")


def test_every_changed_byte_of_an_event_is_found(path: Path) -> None:
    state = state_of(path)
    for place in range(0, len(state), 17):
        bad = state[:place] + bytes([state[place] ^ 1]) + state[place + 1 :]
        alter(path, f"UPDATE stored_events SET state={quoted(bad)} {WHERE}")
        assert findings(path), place
        assert "event 7" in refused(path), place


@pytest.mark.parametrize(
    ("statement", "event", "said"),
    [
        (f"UPDATE stored_events SET topic='ccr:NodeBooted' {WHERE}", 7, "stored as ccr:NodeBooted"),
        (f"UPDATE stored_events SET topic='ccr:Nothing' {WHERE}", 7, "has no event Nothing"),
        (f"UPDATE stored_events SET originator_id='exch/node.C' {WHERE}", 7, "aggregate is"),
        (f"UPDATE stored_events SET originator_id='x/node.A' {WHERE}", 7, "aggregate is"),
        (f"UPDATE stored_events SET originator_version=9 {WHERE}", 7, "store's version is 9"),
        (f"DELETE FROM stored_events {WHERE}", 7, "event 7 is missing"),
        (f"UPDATE ccr_stream SET time=0 {AT_7}", 7, "store's time is 0"),
        (f"UPDATE ccr_stream SET hash=zeroblob(32) {AT_7}", 7, "its bytes hash to"),
        (f"UPDATE ccr_stream SET position=1 {AT_7}", 1, "number 1 follows number 6"),
        (f"UPDATE ccr_stream SET number=70 {AT_7}", 7, "event 7 is missing"),
        (f"UPDATE ccr_stream SET cluster='x' {AT_7}", 7, "event 7 is missing"),
        (f"DELETE FROM ccr_stream {AT_7}", 7, "event 7 is missing"),
        ("UPDATE ccr_heads SET number=10", 11, "head on record is event 10"),
        ("UPDATE ccr_heads SET hash=zeroblob(32)", 11, "head on record is event 11 (000000"),
        (
            "INSERT INTO stored_events SELECT originator_id, 99, topic, state FROM stored_events"
            " WHERE rowid=7",
            11,
            "has 12 rows, but the stream 11",
        ),
        ("UPDATE ccr_checkpoints SET state=zeroblob(9) WHERE number=5", 5, "kept after it"),
        (
            "UPDATE ccr_checkpoints SET state=(SELECT state FROM ccr_checkpoints WHERE number=5)"
            " WHERE number=10",
            10,
            "the state that is kept after it is not what folding gives",
        ),
        ("UPDATE ccr_checkpoints SET number=99 WHERE number=5", 11, "kept for event 99"),
        ("DELETE FROM ccr_models", 1, "is not kept here"),
        ("UPDATE ccr_models SET hash='0'", 1, "that it brings in is not kept"),
    ],
)
def test_a_changed_table_is_found(path: Path, statement: str, event: int, said: str) -> None:
    alter(path, statement)
    with Store.open(path) as store:
        # The kept model, not today's: a table of models that was emptied must be noticed.
        report = audit(StoreSource(store, "exch"))
    assert report.verdict == VIOLATED
    assert [f.event for f in report.findings if said in f.text] == [event], report.findings


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Never two nodes", "Often two nodes", "is not what was recorded with it"),
        ("LockClaimed", "LockGrabbed", "has the fingerprint"),
    ],
)
def test_a_changed_model_is_found(path: Path, old: str, new: str, said: str) -> None:
    alter(path, f"UPDATE ccr_models SET data=CAST(replace(data, '{old}', '{new}') AS BLOB)")
    with Store.open(path) as store:
        report = audit(StoreSource(store, "exch"))
    assert [f.event for f in report.findings if said in f.text] == [1], report.findings


def test_a_log_that_lost_its_end_is_found_while_the_head_is_there(path: Path) -> None:
    alter(
        path,
        "DELETE FROM stored_events WHERE rowid > 9",
        "DELETE FROM ccr_stream WHERE number > 9",
    )
    assert [f.event for f in findings(path)] == [10]
    assert "event 10 is missing" in refused(path)


def test_a_log_that_was_rolled_back_altogether_is_told_by_a_head_kept_elsewhere(
    path: Path,
) -> None:
    """The chain alone cannot know; the head that an auditor wrote down can."""
    with Store.open(path) as store:
        before = audit(StoreSource(store, "exch"), MODEL)
        (nine,) = store.read("exch", 9, 9)
    alter(
        path,
        "DELETE FROM stored_events WHERE rowid > 9",
        "DELETE FROM ccr_stream WHERE number > 9",
        "DELETE FROM ccr_checkpoints WHERE number > 9",
        f"UPDATE ccr_heads SET number=9, hash=x'{nine.hash}'",
    )
    with Store.open(path) as store:
        source = StoreSource(store, "exch")
        assert audit(source, MODEL).findings == []
        report = audit(StoreSource(store, "exch"), MODEL, head=before.head)
    assert report.verdict == VIOLATED
    (finding,) = report.findings
    assert (finding.event, finding.kind) == (9, "head")
    assert "it stops at event 9, the head kept elsewhere is event 11" in finding.text


def test_a_head_kept_elsewhere_may_be_an_older_one(path: Path) -> None:
    with Store.open(path) as store:
        before = audit(StoreSource(store, "exch"), MODEL)
    with opened(path) as cluster:
        cluster.wait(1_000)
    with Store.open(path) as store:
        assert audit(StoreSource(store, "exch"), MODEL, head=before.head).findings == []
        report = audit(StoreSource(store, "exch"), MODEL, head="11:" + "0" * 64)
    (finding,) = report.findings
    assert finding.text.startswith("the log does not come by it: the head kept elsewhere")
    assert finding.text.endswith("is event 11 with the hash 000000000000")


def test_one_cluster_does_not_speak_for_another(path: Path) -> None:
    made(path, name="other")
    alter(path, f"UPDATE stored_events SET topic='ccr:NodeBooted' {WHERE}")
    with Store.open(path) as store:
        assert audit(StoreSource(store, "other"), MODEL).findings == []
        assert audit(StoreSource(store, "exch"), MODEL).findings != []
