"""What a store promises, on a SQLite file and on a real PostgreSQL server: the same tests."""

from __future__ import annotations

import itertools
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ccr_es.audit.audit import HOLDS, VIOLATED, StoreSource, audit
from ccr_es.cluster import plan as planning
from ccr_es.cluster.cluster import Act, Cluster
from ccr_es.cluster.config import ClusterConfig
from ccr_es.errors import BadConfig, ClusterExists, ClusterUnknown, StoreMissing
from ccr_es.record.interchange import export, import_log
from ccr_es.store.store import Store
from tests.ccr_es.making import failover
from tests.ccr_es.test_conflict import Meddler
from tests.cli.calling import HOME
from tests.models.teaching import MODEL
from tests.servers import postgres

Place = Callable[[], str]
_NAMES = itertools.count(1)


def schema() -> str:
    """The URL of a schema that nobody has used."""
    return f"{postgres()}&schema=s{next(_NAMES)}"


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Gives the name of one unused store after another."""
    if request.param == "postgresql":
        return schema
    return lambda: str(tmp_path / f"store{next(_NAMES)}.db")


@pytest.fixture
def name(place: Place) -> str:
    """A store with one cluster after a failover."""
    found = place()
    with Store.create(found) as store:
        failover(Cluster.create(store, ClusterConfig("exch"), MODEL))
    return found


def change(name: str, statement: str) -> None:
    """Change a store behind our back."""
    if name.startswith("postgresql"):
        import psycopg

        url, _, own = name.partition("&schema=")
        with psycopg.connect(url, options=f"-c search_path={own}", autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[call-overload]
    else:
        with sqlite3.connect(name) as file:
            file.execute(statement)
        file.close()


def test_what_was_saved_is_read_back_and_judged(name: str) -> None:
    with Store.open(name) as store:
        cluster = Cluster.open(store, None, MODEL)
        assert [r.event.number for r in cluster.events()] == list(range(1, 12))
        assert audit(StoreSource(store, "exch"), MODEL).findings == []
        assert cluster.at("NodeCrashed").number == 7
        assert cluster.at("3").state["node.A.mode"] == "HOLDING"
        assert cluster.aggregate("lock").version == 3


def test_the_same_acts_give_the_same_chain_everywhere(name: str, tmp_path: Path) -> None:
    with Store.create(tmp_path / "other.db") as store:
        failover(Cluster.create(store, ClusterConfig("exch"), MODEL))
        head = store.head("exch")
    with Store.open(name) as store:
        assert store.head("exch") == head


def test_clusters_of_one_store_have_chains_of_their_own(name: str) -> None:
    with Store.create(name) as store:
        other = Cluster.create(store, ClusterConfig("Other"), MODEL)
        other.wait(10)
        assert store.clusters() == ["Other", "exch"]
        assert store.rows_of("exch") == 11
        with pytest.raises(ClusterExists):
            Cluster.create(store, ClusterConfig("exch"), MODEL)
        with pytest.raises(ClusterUnknown):
            Cluster.open(store, "nobody", MODEL)


def test_a_store_made_for_nothing_goes_again_and_reading_makes_none(place: Place) -> None:
    found = place()
    with pytest.raises(StoreMissing, match="there is no store"):
        Store.open(found)
    with Store.create(found) as store, pytest.raises(BadConfig):
        Cluster.create(store, ClusterConfig("exch", nodes=("A",)), MODEL)
    with pytest.raises(StoreMissing, match="there is no store"):
        Store.open(found)


def test_after_a_conflict_the_step_is_decided_again(name: str) -> None:
    with Store.open(name, write=True) as one, Store.open(name, write=True) as two:
        cluster, other = Cluster.open(one, None, MODEL), Cluster.open(two, None, MODEL)
        Meddler(cluster, other, [Act("cut", {"n": "A"}), Act("heal", {"n": "A"})])
        outcome = cluster.do("boot", {"n": "A"})
        assert [r.event.number for r in outcome.events] == [14]


def test_following_gives_what_comes(name: str) -> None:
    with Store.open(name, write=True) as store, Store.open(name) as watching:
        news = watching.follow("exch", after=10)
        assert next(news).number == 11
        Cluster.open(store, None, MODEL).wait(5)
        assert next(news).number == 12


def test_a_log_goes_to_the_other_kind_of_store_and_back_unchanged(
    name: str, tmp_path: Path
) -> None:
    there = str(tmp_path / "there.db") if name.startswith("postgresql") else schema()
    back = str(tmp_path / "back.db")
    with Store.open(name) as store:
        head, lines = store.head("exch"), list(export(store, "exch"))
    with Store.create(there) as copy:
        assert import_log(copy, lines) == ("exch", head)
    with Store.open(there) as copy, Store.create(back) as last:
        assert import_log(last, export(copy, "exch")) == ("exch", head)
        assert list(export(last, "exch")) == lines


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("UPDATE stored_events SET state = 'x' WHERE topic = 'ccr:NodeCrashed'", "decode"),
        ("DELETE FROM stored_events WHERE topic = 'ccr:NodeCrashed'", "decode"),
        ("DELETE FROM ccr_stream WHERE number = 11", "decode"),
        ("UPDATE ccr_stream SET time = 1 WHERE number = 5", "record"),
        ("UPDATE ccr_heads SET number = 10", "head"),
    ],
)
def test_whoever_changes_the_tables_is_found_out(name: str, statement: str, kind: str) -> None:
    change(name, statement)
    with Store.open(name) as store:
        report = audit(StoreSource(store, "exch"), MODEL)
    assert report.verdict == VIOLATED
    assert kind in {f.kind for f in report.findings}


def test_kept_states_are_used_and_judged(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "CHECKPOINT_EVERY", 4)
    found = place()
    with Store.create(found) as store:
        failover(Cluster.create(store, ClusterConfig("exch"), MODEL))
        assert store.checkpoints("exch") == [4, 8]
    with Store.open(found) as store:
        assert store.kept("exch", 10) is not None
        assert audit(StoreSource(store, "exch"), MODEL).verdict == HOLDS


WRITER = """
import sys
from ccr_es.cluster.cluster import Cluster
from ccr_es.errors import ConflictPersists
from ccr_es.store.store import Store
from tests.models.teaching import MODEL
with Store.open(sys.argv[1], write=True, timeout_seconds=60) as store:
    cluster = Cluster.open(store, None, MODEL)
    for _ in range(int(sys.argv[2])):
        while True:
            try:
                cluster.do("tick", {"dt": 1}, reason=sys.argv[3])
                break
            except ConflictPersists:
                pass
"""


def test_several_writers_at_once_lose_nothing_and_see_one_order(name: str) -> None:
    writers, each = 4, 25
    running = [
        subprocess.Popen([sys.executable, "-c", WRITER, name, str(each), f"w{i}"], cwd=HOME)
        for i in range(writers)
    ]
    assert [p.wait(120) for p in running] == [0] * writers
    with Store.open(name) as store:
        events = list(Cluster.open(store, None, MODEL).events(12))
        report = audit(StoreSource(store, "exch"), MODEL)
    written = [r.event for r in events if r.event.reason]
    assert len(written) == writers * each
    assert {e.reason: sum(x.reason == e.reason for x in written) for e in written} == {
        f"w{i}": each for i in range(writers)
    }
    assert [r.event.number for r in events] == list(range(12, 12 + len(events)))
    assert (report.verdict, report.findings) == (HOLDS, [])


def test_two_that_create_a_store_at_once_both_find_it(place: Place) -> None:
    found = place()
    script = (
        "import sys; from ccr_es.store.store import Store\n"
        "from ccr_es.cluster.cluster import Cluster\n"
        "from ccr_es.cluster.config import ClusterConfig; from tests.models.teaching import MODEL\n"
        "with Store.create(sys.argv[1], timeout_seconds=60) as s:\n"
        "    Cluster.create(s, ClusterConfig(sys.argv[2]), MODEL)\n"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", script, found, f"c{i}"], cwd=HOME) for i in range(3)
    ]
    assert [p.wait(60) for p in running] == [0, 0, 0]
    with Store.open(found) as store:
        assert store.clusters() == ["c0", "c1", "c2"]
