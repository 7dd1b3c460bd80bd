"""What is read of a long log, instead of all: the same passages, spans and losses come of it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from ccr_es.cluster import cluster as clusters
from ccr_es.cluster import plan as planning
from ccr_es.cluster.cluster import Cluster
from ccr_es.questions.watching import watched
from ccr_es.record.book import Book
from ccr_es.state import keeping
from ccr_es.state.fold import Fold
from ccr_es.store.store import Store
from cli.history.looking import chronicle
from cli.history.passages import Telling, passages
from cli.history.whos import conditions, spans_of
from cli.mail import reckoning
from cli.mail.ledger import Ledger
from cli.mail.losing import mounts_of
from cli.session.session import Session
from models.ccr.model import CCR
from tests.cli.calling import good

STORY = (
    "cluster create MAIL --storage-groups SG1,SG2",
    "hub add HUB1",
    "workload --logs 4",
    "mail burst --count 40 --every 1s",
    "workload --logs 2",
    "mail burst --count 60 --every 30ms",
    "node fail A",
    "wait 3m",
    "node start A",
    "wait 10m",
    "workload --logs 2",
    "move --yes --comment back",
)


@pytest.fixture(name="path", scope="module")
def _path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("looking") / "ccr.db"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planning, "CHECKPOINT_EVERY", 40)
        patch.setattr(clusters, "CHECKPOINT_EVERY", 40)
        for line in STORY:
            good("--store", str(path), *line.split())
    return path


def test_passages_and_spans_are_those_of_the_whole_log(path: Path) -> None:
    with Store.open(path) as store:
        session = Session(Cluster.open(store, None, CCR))
        telling = Telling(store.book, session.lens)
        for recorded in session.cluster.events():
            telling.take(recorded)
        whole = passages(telling.end(), session.lens.nodes)
        assert passages(chronicle(session), session.lens.nodes) == whole
        assert len(whole) == 2
        for what in ("serving", "controlling"):
            events = session.cluster.events()
            first = Fold(store.book)
            first.apply(next(events))
            spans, _ = watched(events, first, conditions(session.lens, what))
            assert spans_of(session, what) == spans
            assert len(spans) > 2


def test_losses_are_those_of_the_whole_log_and_not_all_of_it_is_read(path: Path) -> None:
    with Store.open(path) as store:
        session = Session(Cluster.open(store, None, CCR))
        whole = Ledger(session.reader, session.reader.initial()).take(session.cluster.events())
        found = mounts_of(session, reckoning.ledger_of(session))
        assert found == mounts_of(session, whole)
        assert sum(x["messages"]["redelivered"] for x in found) > 0
        mounts = [r.event for r in reckoning._of(session, reckoning.LOSSY, 1, session.fold.number)]
        begin, last, _ = reckoning._stretch(session, mounts)
        assert 0 < begin < mounts[0].number <= last < session.fold.number


@pytest.mark.parametrize("as_of", [(), ("--as-of", "DatabaseMountedLossy~1")])
def test_a_kept_state_is_read_once_for_a_command(
    path: Path, monkeypatch: pytest.MonkeyPatch, as_of: tuple[str, ...]
) -> None:
    read = list[int]()

    def from_bytes(book: Book, number: int, head: str, data: bytes) -> Fold:
        read.append(number)
        return unpack(book, number, head, data)

    unpack = keeping.from_bytes
    monkeypatch.setattr(keeping, "from_bytes", from_bytes)
    for command in ("history", "why failover", "loss"):
        read.clear()
        good("--store", str(path), *command.split(), *as_of)
        assert len(read) > 1, command
        assert sorted(read) == sorted(set(read)), command


def test_a_store_without_the_index_gives_the_same_answers(path: Path, tmp_path: Path) -> None:
    old = tmp_path / "old.db"
    old.write_bytes(path.read_bytes())
    with sqlite3.connect(old) as connection:
        connection.execute("DROP INDEX ccr_topics")
    connection.close()
    for command in ("history", "loss", "who --serving"):
        words = command.split()
        assert good("--store", str(old), *words) == good("--store", str(path), *words)
    assert "states kept" in good("--store", str(old), "store", "checkpoint")
    with Store.open(old) as store:
        assert store._database.indexed
