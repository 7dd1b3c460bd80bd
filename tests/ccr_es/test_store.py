"""The store's file: several clusters, nothing made by reading, and every unusable file refused."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from ccr_es.cluster.cluster import Cluster
from ccr_es.cluster.config import ClusterConfig
from ccr_es.errors import (
    BadConfig,
    CcrError,
    ClusterExists,
    ClusterNotNamed,
    ClusterUnknown,
    StoreDamaged,
    StoreLocked,
    StoreMissing,
    StoreNotOurs,
    StoreVersion,
)
from ccr_es.store import fresh
from ccr_es.store.recorder import Head
from ccr_es.store.store import Store
from tests.ccr_es.making import digest, made, meddle, opened
from tests.models.teaching import MODEL


def test_reading_a_store_that_is_not_there_makes_no_file(tmp_path: Path) -> None:
    with pytest.raises(StoreMissing, match="there is no store at"):
        Store.open(tmp_path / "ccr.db")
    with pytest.raises(StoreMissing):
        Store.open(tmp_path / "ccr.db", write=True)
    assert list(tmp_path.iterdir()) == []


def test_a_store_is_one_file_that_reading_leaves_as_it_was(tmp_path: Path) -> None:
    path = made(tmp_path / "ccr.db")
    before = digest(path)
    with opened(path, write=False) as cluster:
        assert len(list(cluster.events())) == cluster.head.number == 11
    assert digest(path) == before
    assert [p.name for p in tmp_path.iterdir()] == ["ccr.db"]


def test_clusters_of_one_store_have_numbers_and_chains_of_their_own(tmp_path: Path) -> None:
    with Store.create(tmp_path / "ccr.db") as store:
        one = Cluster.create(store, ClusterConfig("one"), MODEL)
        two = Cluster.create(store, ClusterConfig("two"), MODEL)
        one.settle()
        two.wait(10)
        one.wait(10)
        assert [r.event.number for r in one.events()] == [1, 2, 3, 4]
        assert [r.event.number for r in two.events()] == [1, 2, 3, 4]
        assert store.clusters() == ["one", "two"]
        assert one.head != two.head


def test_a_cluster_is_named_unless_it_is_the_only_one(tmp_path: Path) -> None:
    path = made(tmp_path / "ccr.db")
    with Store.create(path) as store:
        assert Cluster.open(store, None, MODEL).name == "exch"
        with pytest.raises(ClusterUnknown, match=r"has no cluster other\. It has exch"):
            Cluster.open(store, "other", MODEL)
        Cluster.create(store, ClusterConfig("other"), MODEL)
        with pytest.raises(ClusterNotNamed, match="has 2 clusters: exch, other"):
            Cluster.open(store, None, MODEL)


def test_a_cluster_that_exists_is_not_made_again(tmp_path: Path) -> None:
    path = made(tmp_path / "ccr.db")
    before = digest(path)
    with Store.create(path) as store, pytest.raises(ClusterExists):
        Cluster.create(store, ClusterConfig("exch"), MODEL)
    assert digest(path) == before


def test_a_file_that_was_made_for_nothing_goes_again(tmp_path: Path) -> None:
    config = ClusterConfig("exch", nodes=("A",))
    with Store.create(tmp_path / "ccr.db") as store, pytest.raises(BadConfig):
        Cluster.create(store, config, MODEL)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_file_becomes_a_store_and_is_none_before(tmp_path: Path) -> None:
    path = tmp_path / "ccr.db"
    path.touch()
    with pytest.raises(StoreNotOurs):
        Store.open(path)
    made(path)
    with opened(path) as cluster:
        assert cluster.head.number == 11


def test_a_store_that_came_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "ccr.db"
    assert fresh.make_if_missing(path)
    before = path.stat().st_ino
    assert not fresh._make(path, tmp_path / "late")
    assert not fresh.make_if_missing(path)
    assert (path.stat().st_ino, list(tmp_path.iterdir())) == (before, [path])


def test_a_store_that_somebody_used_meanwhile_is_not_taken_away(tmp_path: Path) -> None:
    path = tmp_path / "ccr.db"
    with Store.create(path):
        made(path, name="other")
    with Store.open(path) as store:
        assert store.clusters() == ["other"]


def test_whoever_still_has_a_store_that_was_taken_away_is_told(tmp_path: Path) -> None:
    path = tmp_path / "ccr.db"
    unused = Store.create(path)
    with Store.open(path, write=True) as store:
        assert store.clusters() == []
        unused.close()
        with pytest.raises(StoreDamaged, match="lacks a table"):
            Cluster.create(store, ClusterConfig("exch"), MODEL)


@pytest.mark.parametrize("write", [False, True])
@pytest.mark.parametrize(
    ("what", "kind", "said"),
    [
        ("directory", StoreNotOurs, "is a directory"),
        ("pipe", StoreNotOurs, "is not a regular file"),
        ("text", StoreNotOurs, "is not a ccr store"),
        ("other database", StoreNotOurs, "database of another program"),
        ("other format", StoreVersion, "store format 99"),
        ("cut header", StoreDamaged, "ends after 40 bytes"),
        ("truncated", StoreDamaged, "is truncated"),
    ],
)
def test_a_file_that_is_no_store_is_refused_and_left_as_it_was(
    tmp_path: Path, what: str, kind: type[CcrError], said: str, write: bool
) -> None:
    path = tmp_path / "ccr.db"
    _make(what, path)
    before = digest(path) if path.is_file() else ""
    with pytest.raises(kind, match=said):
        Store.open(path, write=write)
    if what not in ("directory", "pipe"):
        with pytest.raises(kind, match=said):
            Store.create(path)
        assert digest(path) == before


def _make(what: str, path: Path) -> None:
    if what == "directory":
        path.mkdir()
    elif what == "pipe":
        os.mkfifo(path)
    elif what == "text":
        path.write_text("SQLite is not what this is\n" * 10)
    elif what == "other database":
        meddle(path, "CREATE TABLE t (x)")
    else:
        made(path)
        if what == "other format":
            meddle(path, "PRAGMA user_version=99")
        else:
            whole = path.read_bytes()
            path.write_bytes(whole[: 40 if what == "cut header" else len(whole) - 5_000])


def test_a_damaged_page_is_reported_with_the_file(tmp_path: Path) -> None:
    path = made(tmp_path / "ccr.db")
    data = bytearray(path.read_bytes())
    for page in range(4096, len(data), 4096):
        data[page : page + 100] = b"\xff" * 100
    path.write_bytes(bytes(data))
    with pytest.raises(StoreDamaged, match=r"ccr\.db is damaged"), opened(path):
        pass


def test_a_store_without_its_tables_is_damaged(tmp_path: Path) -> None:
    path = made(tmp_path / "ccr.db")
    meddle(path, "DROP TABLE ccr_heads")
    with pytest.raises(StoreDamaged, match="lacks a table"), opened(path):
        pass


def test_a_locked_store_is_refused_after_the_busy_timeout(tmp_path: Path) -> None:
    path = made(tmp_path / "ccr.db")
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with Store.open(path, write=True, timeout_seconds=0.05) as store:
        cluster = Cluster.open(store, None, MODEL)
        head = cluster.head
        with pytest.raises(StoreLocked, match="is locked by another process"):
            cluster.wait(1_000)
        assert store.head("exch") == head
        holder.execute("ROLLBACK")
        cluster.wait(1_000)
        assert cluster.head.number == head.number + 1
    holder.close()


def test_synchronous_is_full_and_the_journal_a_write_ahead_log(tmp_path: Path) -> None:
    with Store.open(made(tmp_path / "ccr.db"), write=True) as store:
        assert [tuple(r) for r in store._rows("PRAGMA synchronous")] == [(2,)]
        assert [tuple(r) for r in store._rows("PRAGMA journal_mode")] == [("wal",)]


def test_the_head_of_no_cluster_is_before_event_1(tmp_path: Path) -> None:
    with Store.open(made(tmp_path / "ccr.db")) as store:
        assert store.head("nobody") == Head()


def test_following_gives_what_comes(tmp_path: Path) -> None:
    path = made(tmp_path / "ccr.db")
    with opened(path) as cluster, Store.open(path) as watching:
        news = watching.follow("exch", after=9)
        assert [next(news).number, next(news).number] == [10, 11]
        cluster.wait(5)
        assert next(news).number == 12


def test_a_path_with_odd_characters_is_a_path(tmp_path: Path) -> None:
    folder = tmp_path / "a b?mode=memory#%41"
    folder.mkdir()
    path = made(folder / ":memory:.db")
    assert path.is_file()
    with opened(path, write=False) as cluster:
        assert cluster.head.number == 11
