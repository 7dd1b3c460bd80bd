"""What is foreseen without idle mail is what is foreseen with all of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ccr_es.cluster.cluster import Cluster
from ccr_es.cluster.options import enabled, options
from ccr_es.store.store import Store
from cli.health.foresight import Stand, outlooks
from cli.health.idle_mail import stirring, without
from cli.network import backlog
from cli.network.backlog import resynchronized
from cli.places.siting import places
from cli.session.session import Session
from models.ccr.model import CCR
from models.ccr.vocabulary_mail import Hub, Mail
from models.language.rule import Rule
from models.language.terms import Term, walk
from tests.cli.calling import good

STORY = (
    "cluster create MAIL --storage-groups SG1,SG2 --site A=HQ --site B=DR --witness-site HQ",
    "hub add HUB1",
    "hub add HUB2",
    "mail burst --count 40 --every 1s",
    "workload --logs 2",
    "mail burst --count 60 --every 30ms",
    "hub fail HUB2",
    "node fail A",
    "wait 3m",
    "node start A",
    "wait 10m",
    "mail burst --count 20 --every 30ms",
    "network cut LAN",
    "wait 1m",
    "network heal LAN",
    "hub start HUB2",
    "wait 2h",
)


@pytest.fixture(name="store", scope="module")
def _store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    path = tmp_path_factory.mktemp("idle") / "ccr.db"
    for line in STORY:
        good("--store", str(path), *line.split())
    with Store.open(path) as store:
        yield store


def sessions(store: Store, every: int) -> Iterator[Session]:
    """The cluster after each so many events, those in the middle of what follows included."""
    cluster = Cluster.open(store, None, CCR)
    for number in range(every, cluster.head.number + 1, every):
        yield Session(cluster, cluster.at(str(number)))


@pytest.mark.seed("S-121", "S-161")
@pytest.mark.slow
def test_one_fault_does_the_same_without_idle_mail(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    left_out = 0
    for session in sessions(store, every=9):
        at = places(session)
        found = outlooks(session.stand, at)
        left_out += session.stand.light() is not session.stand
        session = Session(session.cluster, session.past)
        with monkeypatch.context() as patch:
            patch.setattr(Stand, "light", lambda self, *_: self)
            assert outlooks(session.stand, at) == found, session.fold.number
    assert left_out


@pytest.mark.slow
def test_copies_catch_up_at_the_same_time_without_idle_mail_and_all_at_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for session in sessions(store, every=4):
        groups, every_one = session.lens.groups, dict[str, Any]()
        found = resynchronized(session, groups)
        with monkeypatch.context() as patch:
            patch.setattr(backlog, "without", lambda reader, state, **_: (reader, state))
            for g in groups:
                every_one |= resynchronized(session, [g])
        assert every_one == found, session.fold.number


@pytest.mark.slow
def test_what_may_be_done_is_found_without_looking_at_every_lot(store: Store) -> None:
    for session in sessions(store, every=101):
        every_one = [o for o in options(session.reader, session.state) if o.refusal is None]
        assert enabled(session.reader, session.state) == every_one


@pytest.mark.slow
def test_mail_is_left_out_that_waits_for_nothing(store: Store) -> None:
    cluster = Cluster.open(store, None, CCR)
    reader, state = cluster.now.reader, cluster.now.state
    assert reader.layout.members(Mail)
    assert not stirring(reader, state)
    smaller, part = without(reader, state)
    assert not smaller.layout.members(Mail)
    assert not smaller.layout.members(Hub)
    assert part.items() <= state.items()


def test_all_that_mail_does_to_a_cluster_is_to_fill_and_close_logs() -> None:
    found = {
        field.value[:2]
        for rule in CCR.rules.values()
        if any(sort in (Mail, Hub) for _, sort in rule.params)
        for field, _ in (*((m.field, m.target) for m in rule.moves), *rule.sets)
        if not _of_mail(field) and field.value[0] not in ("transport", "local")
    }
    logs = {("copy", name) for name in ("open_records", "written_at", "top", "replayed")}
    assert found == logs | {("intake", "dropped"), ("intake", "missed")}
    readers = {rule.name for rule in CCR.rules.values() if _reads_mail(rule)}
    assert readers == {"note_open_log", "configure_dumpster"}


def _of_mail(term: Term) -> bool:
    return any(a.sort in (Mail, Hub) for a in term.args)


def _reads_mail(rule: Rule) -> bool:
    """It says nothing of mail or hubs by its arguments, but reads what mail or hubs leave."""
    if any(sort in (Mail, Hub) for _, sort in rule.params):
        return False
    terms = [*rule.guards.values(), *(value for _, value in rule.effects)]
    return any(
        _of_mail(t) or t.value[0] in ("intake", "transport")
        for term in terms
        for t in walk(term)
        if t.op == "field"
    )
