"""Kept states save reading, and never change an answer: whatever is done to one, the state is what
folding the events gives, or the reader is told.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ccr_es.audit.audit import HOLDS, VIOLATED, StoreSource, audit
from ccr_es.cluster import cluster as clusters
from ccr_es.cluster import plan as planning
from ccr_es.errors import ChainBroken
from ccr_es.state import keeping
from ccr_es.store.database import SqliteDatabase
from ccr_es.store.store import Store
from tests.ccr_es.making import made, meddle, opened
from tests.cli.calling import call
from tests.models.teaching import MODEL

TEN = "WHERE cluster='exch' AND number=10"


@pytest.fixture(name="path")
def _path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(planning, "CHECKPOINT_EVERY", 5)
    path = made(tmp_path / "ccr.db")
    monkeypatch.undo()
    return path


def kept(path: Path, number: int = 10) -> bytes:
    """The bytes of a kept state."""
    with Store.open(path) as store:
        return store.checkpoint_data("exch", number) or b""


def looked_at(path: Path, number: int = 11) -> tuple[dict[str, Any], dict[int, str]]:
    """The state after an event, and which kept states were passed over."""
    with opened(path, write=False) as cluster:
        return cluster.state(number), cluster.passed_over


def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of the events that are read from now on."""
    read = list[int]()
    plain = SqliteDatabase.rows

    def rows(self: SqliteDatabase, query: str, values: Sequence[Any]) -> list[Any]:
        found = plain(self, query, values)
        if "stored_events" in query:
            read.extend(row[0] for row in found)
        return found

    monkeypatch.setattr(SqliteDatabase, "rows", rows)
    return read


def test_no_event_before_a_kept_state_is_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = counted(monkeypatch)
    looked_at(path)
    assert read
    assert min(read) == 10
    read.clear()
    with opened(path, write=False) as cluster:
        read.clear()
        cluster.at("7")
    assert sorted(set(read)) == [5, 6, 7]


def damaged(data: bytes) -> list[bytes]:
    """A kept state cut off, changed at many places, and of no format at all."""
    cut = [data[:n] for n in (0, 1, len(keeping.MAGIC), len(keeping.MAGIC) + 40, len(data) - 1)]
    places = range(0, len(data), 61)
    return [*cut, *(data[:i] + bytes([data[i] ^ 4]) + data[i + 1 :] for i in places), b"{}"]


def test_a_damaged_kept_state_is_passed_over_and_told(path: Path) -> None:
    state, none = looked_at(path)
    assert none == {}
    for bad in damaged(kept(path)):
        meddle(path, f"UPDATE ccr_checkpoints SET state=? {TEN}", bad)
        found, passed_over = looked_at(path)
        assert found == state
        assert list(passed_over) == [10], bad


def test_the_kept_state_of_another_event_is_passed_over(path: Path) -> None:
    state, _ = looked_at(path)
    meddle(path, f"UPDATE ccr_checkpoints SET state=? {TEN}", kept(path, 5))
    found, passed_over = looked_at(path)
    assert found == state
    assert passed_over == {10: "it was changed, or belongs to another event"}


def forged(path: Path, **changed: Any) -> None:
    """The kept state of event 10 with something changed, and a digest that fits."""
    with opened(path, write=False) as cluster:
        fold = cluster._stream.fold_to(10)
        data = msgspec.structs.replace(keeping._taken(fold), **changed)
    content = msgspec.json.encode(data)
    packed = keeping.MAGIC + keeping._digest(fold.hash, content) + keeping.zlib.compress(content)
    meddle(path, f"UPDATE ccr_checkpoints SET state=? {TEN}", packed)


def test_a_kept_state_of_another_model_is_passed_over(path: Path) -> None:
    state, _ = looked_at(path)
    other = MODEL.with_rule(MODEL.rule("crash").changed(event="NodeDied"))
    with Store.open(path, write=True) as store:
        stamp = store.book.add(other).fingerprint
    with sqlite3.connect(path) as connection:
        from ccr_es.record.book import model_bytes

        row = ("0", stamp, model_bytes(other))
        connection.execute("INSERT INTO ccr_models VALUES (?,?,?)", row)
    connection.close()
    forged(path, model=stamp)
    found, passed_over = looked_at(path)
    assert found == state
    assert passed_over == {10: "it is of another model than its event"}


def test_a_forged_kept_state_with_a_digest_that_fits_is_found_by_the_audit(path: Path) -> None:
    with opened(path, write=False) as cluster:
        state = dict(cluster._stream.fold_to(10).state)
    forged(path, state={**state, "clock.now": 1})
    with Store.open(path) as store:
        report = audit(StoreSource(store, "exch"), MODEL)
    assert report.verdict == VIOLATED
    assert [f.kind for f in report.findings] == ["checkpoint"]


def test_the_event_under_a_kept_state_is_read_too(path: Path) -> None:
    where = "WHERE rowid=(SELECT position FROM ccr_stream WHERE number=10)"
    meddle(path, f"UPDATE stored_events SET state=replace(state, '1', '2') {where}")
    with pytest.raises(ChainBroken, match="event 10 was changed"):
        looked_at(path)


def test_states_of_an_older_format_are_not_rested_on_and_still_judged(path: Path) -> None:
    state, _ = looked_at(path)
    for number in (5, 10):
        with opened(path, write=False) as cluster:
            fold = cluster._stream.fold_to(number)
        old = msgspec.structs.replace(keeping._taken(fold), set_by=fold.set_by)
        where = f"WHERE number={number}"
        meddle(path, f"UPDATE ccr_checkpoints SET state=? {where}", msgspec.json.encode(old))
    found, passed_over = looked_at(path)
    assert (found, list(passed_over)) == (state, [10, 5])
    with Store.open(path) as store:
        assert audit(StoreSource(store, "exch"), MODEL).verdict == HOLDS


def test_a_log_without_kept_states_is_given_them(path: Path) -> None:
    want = [kept(path, 5), kept(path, 10)]
    meddle(path, "DELETE FROM ccr_checkpoints")
    state, none = looked_at(path)
    assert none == {}
    with opened(path) as cluster:
        assert cluster._stream.keep_again(5) == (5, 10)
    assert [kept(path, 5), kept(path, 10)] == want
    assert looked_at(path) == (state, {})


def test_a_large_state_is_kept_less_often(path: Path) -> None:
    with opened(path, write=False) as cluster:
        fold = cluster.now.copy()
    fold.number, fold.kept = 20, 10
    assert keeping.is_due(fold, 5)
    assert not keeping.is_due(fold, 7)
    fold.state |= {f"more.{i}": 0 for i in range(11 * keeping.KEYS_PER_EVENT)}
    assert not keeping.is_due(fold, 5)
    fold.kept = 0
    assert keeping.is_due(fold, 5)


def test_a_reader_is_told_what_was_passed_over_and_how_to_mend_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "CHECKPOINT_EVERY", 50)
    monkeypatch.setattr(clusters, "CHECKPOINT_EVERY", 50)
    store = ["--store", str(tmp_path / "ccr.db")]
    assert call(*store, "cluster", "create", "MAIL").exit_code == 0
    assert call(*store, "workload", "--logs", "40").exit_code == 0
    read = counted(monkeypatch)
    shown = call(*store, "cluster", "show")
    assert shown.exit_code == 0
    with Store.open(tmp_path / "ccr.db") as opened_:
        last = max(opened_.checkpoints("MAIL"))
    assert min(read) == last
    read.clear()
    assert call(*store, "cluster", "show", "--as-of", "170").exit_code == 0
    before = [n for n in read if n < last]
    assert before
    assert min(before) > 100
    meddle(tmp_path / "ccr.db", "UPDATE ccr_checkpoints SET state=substr(state, 1, 200)")
    told = call(*store, "cluster", "show")
    assert told.stdout == shown.stdout
    assert "CCR260" in told.stderr
    assert "ccr store checkpoint" in told.stderr
    mended = call(*store, "store", "checkpoint")
    assert mended.exit_code == 0
    assert "states kept" in mended.stdout
    again = call(*store, "cluster", "show")
    assert (again.stderr, again.stdout) == ("", shown.stdout)
