"""Folding fast gives what folding carefully gives, and goes the careful way where it must."""

from __future__ import annotations

from pathlib import Path

import pytest

from ccr_es.errors import ChainBroken, LogTruncated
from ccr_es.record.interchange import import_log
from ccr_es.state.fold import Fold
from ccr_es.state.replaying import Row, recorded_from, replay
from ccr_es.store import store as storing
from ccr_es.store.store import Store
from tests.ccr_es.making import made, meddle, opened
from tests.ccr_es.test_ccr import started, stirred
from tests.ccr_es.test_upcast import lines as old_lines
from tests.models.teaching import BROKEN, MODEL


def both_ways(store: Store, name: str = "exch") -> tuple[int, int]:
    """Fold fast and carefully and compare; events, and how many went the careful way when fast."""
    careful, fast = Fold(store.book), Fold(store.book)
    for chunk in store.chunks(name):
        for row in chunk:
            careful.apply(recorded_from(store.book, Row(*row)))
    applied: list[int] = []
    real = fast.apply
    counted = lambda r: (applied.append(r.event.number), real(r))[1]  # noqa: E731
    fast.apply = counted  # type: ignore[method-assign]
    replay(fast, store.chunks(name))
    for field in ("number", "hash", "model", "written", "state", "set_by", "versions", "created"):
        assert getattr(fast, field) == getattr(careful, field)
    return careful.number, len(applied)


def test_the_ccr_model_is_folded_fast_with_the_same_result(tmp_path: Path) -> None:
    with Store.create(tmp_path / "ccr.db") as store:
        stirred(started(store), 5, 25)
    with Store.open(tmp_path / "ccr.db") as store:
        events, careful = both_ways(store)
        assert events > 60
        assert careful == 1


def test_a_change_of_model_is_taken_on_the_way(tmp_path: Path) -> None:
    path = made(tmp_path / "ccr.db")
    for model in (BROKEN, MODEL, BROKEN):
        with opened(path, model=model) as cluster:
            for rule in ("boot", "cut", "heal", "crash"):
                assert cluster.do(rule, {"n": "A"}).refusal is None
    with Store.open(path) as store:
        assert both_ways(store)[0] == 11 + 3 * 5


def test_an_old_schema_is_taken_on_the_way(tmp_path: Path) -> None:
    with Store.create(tmp_path / "ccr.db") as store:
        import_log(store, old_lines())
        assert both_ways(store) == (11, 11)


def test_a_chunk_may_end_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = made(tmp_path / "ccr.db")
    for size in range(1, 13):
        monkeypatch.setattr(storing, "CHUNK", size)
        with Store.open(path) as store:
            assert both_ways(store)[0] == 11
            assert [s.number for s in store.read("exch", 3, 9)] == list(range(3, 10))


@pytest.mark.parametrize("size", [1, 3, 2_000])
def test_a_hole_is_met_after_what_is_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(storing, "CHUNK", size)
    path = made(tmp_path / "ccr.db")
    meddle(path, "DELETE FROM ccr_stream WHERE number=7")
    with Store.open(path) as store:
        fold = Fold(store.book)
        with pytest.raises(LogTruncated, match="event 7 is missing"):
            replay(fold, store.chunks("exch"))
        assert fold.number == 6
        with pytest.raises(LogTruncated, match="event 7 is missing"):
            list(store.read("exch"))


def test_a_changed_event_stops_the_fold_before_it(tmp_path: Path) -> None:
    path = made(tmp_path / "ccr.db")
    meddle(path, "UPDATE stored_events SET state=replace(state, 'alice', 'mallo') WHERE rowid=7")
    with Store.open(path) as store:
        fold = Fold(store.book)
        with pytest.raises(ChainBroken, match="event 7 was changed after it was recorded"):
            replay(fold, store.chunks("exch"))
        assert fold.number == 6
