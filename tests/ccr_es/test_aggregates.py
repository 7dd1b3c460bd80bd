"""Aggregates, read through the library, agree with the plain reader on every row, always."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ccr_es.cluster.cluster import Cluster
from ccr_es.cluster.config import ClusterConfig
from ccr_es.errors import ChainBroken
from ccr_es.record.events import CREATED
from ccr_es.state.machines import named
from ccr_es.store.store import Store
from models.language.rule import GHOST
from models.plain.layout import State
from models.plain.reader import Reader, Step
from tests.ccr_es.making import made, meddle, opened
from tests.models.teaching import INSTANCE, MODEL

READER = Reader(MODEL, INSTANCE)
GROUNDED = [
    (g.rule.name, dict(g.binding)) for g in READER.all_grounded() if g.rule.trigger != "time"
]
ROWS = sorted(set(READER.layout.rows.values()))
GHOSTS = {key for key, declared in READER.layout.fields.items() if declared.owner == GHOST}


def own_fields(state: State, row: str) -> State:
    """What an aggregate has of a state: its own fields, ghosts left out."""
    return {k: v for k, v in state.items() if READER.layout.rows[k] == row and k not in GHOSTS}


class Agreement(RuleBasedStateMachine):
    """Random commands, waits and re-openings; the plain reader walks along on the events alone."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.path = self.folder / "ccr.db"
        self.store = Store.create(self.path)
        self.cluster = Cluster.create(self.store, ClusterConfig("exch", seed=3), MODEL)
        self.plain = READER.initial()
        self.seen = 1

    @rule(which=st.sampled_from(GROUNDED))
    def fire(self, which: tuple[str, dict[str, str]]) -> None:
        name, args = which
        step = READER.complete(self.plain, name, args)
        refusal = READER.check(self.plain, step)
        outcome = self.cluster.do(name, args, actor="hypothesis")
        if refusal is not None:
            assert outcome.refusal == refusal
            assert outcome.events == ()
        elif outcome.refusal is None:
            assert outcome.events[-1].event.rule == name

    @rule(ms=st.integers(1, 30_000))
    def wait(self, ms: int) -> None:
        before = self.cluster.now.time
        self.cluster.wait(ms)
        assert self.cluster.now.time == before + ms

    @rule()
    def settle(self) -> None:
        self.cluster.settle()

    @precondition(lambda self: self.seen > 3)
    @rule()
    def open_again(self) -> None:
        self.store.close()
        self.store = Store.open(self.path, write=True)
        self.cluster = Cluster.open(self.store, "exch", MODEL)

    @invariant()
    def every_reading_agrees(self) -> None:
        for recorded in self.cluster.events(self.seen + 1):
            step = recorded.event.step
            assert READER.check(self.plain, step) is None
            machines = self.cluster.machines
            assert machines.accept(self.plain, step)
            before, self.plain = self.plain, READER.evolve(self.plain, step)
            for machine, key, trigger in machines.needs(step):
                assert machine.fire(named(before[key]), trigger) == named(self.plain[key])
            self.seen = recorded.event.number
        assert self.cluster.state() == self.plain
        assert self.cluster.state(self.seen) == self.plain
        for row in ROWS:
            assert self.cluster.aggregate(row).fields == own_fields(self.plain, row)

    def teardown(self) -> None:
        self.store.close()
        shutil.rmtree(self.folder)


TestAgreement = Agreement.TestCase
TestAgreement.settings = settings(max_examples=20, stateful_step_count=15)


def test_an_aggregate_can_be_read_as_of_each_of_its_versions(tmp_path: Path) -> None:
    with opened(made(tmp_path / "ccr.db"), write=False) as cluster:
        state = READER.initial()
        versions = dict.fromkeys(ROWS, 0)
        for recorded in cluster.events(2):
            event = recorded.event
            state = READER.evolve(state, event.step)
            versions[event.row] += 1
            found = cluster.aggregate(event.row, versions[event.row])
            assert (found.version, found.fields) == (event.version, own_fields(state, event.row))


def test_a_row_without_events_is_as_the_model_begins(tmp_path: Path) -> None:
    with Store.create(tmp_path / "ccr.db") as store:
        cluster = Cluster.create(store, ClusterConfig("exch"), MODEL)
        found = cluster.aggregate("node.B")
        assert (found.version, found.fields) == (0, own_fields(READER.initial(), "node.B"))


def test_the_events_of_a_row_stand_alone(tmp_path: Path) -> None:
    """No aggregate needs another one's events: each is folded from its own rows of the table."""
    with opened(made(tmp_path / "ccr.db"), write=False) as cluster:
        rows = [r.event.row for r in cluster.events() if r.event.event != CREATED]
        expected = {row: own_fields(cluster.state(), row) for row in set(rows)}
        for row in expected:
            mine = list(cluster.store.repository.event_store.get(f"exch/{row}"))
            assert len(mine) == rows.count(row)
            assert cluster.aggregate(row).fields == expected[row]


def test_an_aggregate_that_lost_an_event_is_noticed(tmp_path: Path) -> None:
    path = made(tmp_path / "ccr.db")
    meddle(
        path,
        "DELETE FROM stored_events WHERE originator_id='exch/node.A' AND originator_version=2",
    )
    with Store.open(path) as store:
        # The stream has a hole too; the aggregate is asked for by itself here.
        from ccr_es.state.aggregates import Aggregates
        from ccr_es.state.replaying import Row, recorded_from

        created = recorded_from(store.book, Row(*next(store.chunks("exch", 1, 1))[0])).event
        found = Aggregates("exch", created.args, lambda stamp: store.book.codec(stamp).model)
        with pytest.raises(ChainBroken, match=r"exch/node\.A: version 3 follows version 1"):
            found.get(store.repository, "node.A", created.model)


def test_the_clock_an_event_is_judged_by_is_its_own_time() -> None:
    """`start_serving` sets a stamp from its argument, `claim_lock` from the clock: both agree."""
    step = Step("claim_lock", {"n": "A"})
    state = {**READER.initial(), "clock.now": 77}
    assert READER.changes(state, step)["lock.renewed"] == 77
