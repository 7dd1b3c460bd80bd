"""A cluster whose model has an open sort: stored, kept, read back and judged like any other."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ccr_es.audit.audit import StoreSource, audit
from ccr_es.audit.cases import Sight
from ccr_es.cluster import plan as planning
from ccr_es.cluster.cluster import Cluster
from ccr_es.cluster.config import ClusterConfig
from ccr_es.record.interchange import export
from ccr_es.store.store import Store
from models.language.model import Instance
from models.language.schema import Record, Schema
from models.language.terms import Bool, lift
from models.plain.layout import Layout
from tests.ccr_es.making import in_segments
from tests.models.opened import MODEL


@pytest.fixture(name="many", params=["compiled", "asleep"], autouse=True)
def _many(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each ticket's cases, one by one or as those of many members."""
    monkeypatch.setattr(
        sys.modules[Sight.__module__], "MANY", 0 if request.param == "asleep" else 9
    )


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store in which tickets come and go, with a kept state every three events."""
    monkeypatch.setattr(planning, "CHECKPOINT_EVERY", 3)
    found = tmp_path / "desk.db"
    with Store.create(found) as store:
        cluster = Cluster.create(store, ClusterConfig("desk"), MODEL)
        for ticket in ("t3", "t1", "t2"):
            cluster.do("open_ticket", {"t": ticket})
            assert cluster.do("close_ticket", {"t": f"{ticket}-unheard-of"}).refusal is not None
            cluster.wait(20)
        cluster.do("close_ticket", {"t": "t1"})
    return found


def test_it_reads_the_same_from_kept_states_and_from_the_start(path: Path) -> None:
    with Store.open(path) as store:
        cluster = Cluster.open(store, None, MODEL)
        now = cluster.now
        assert now.state["ticket.t1.state"] == "CLOSED"
        assert [m for _, m in now.joined] == ["t3", "t1", "t2"]
        assert {k for k in now.state if "unheard" in k} == set()
        early = cluster.at("2")
        assert (early.number, early.state["ticket.t3.state"]) == (2, "OPEN")


def test_the_audit_finds_nothing_in_it_and_the_kept_states_right(path: Path) -> None:
    with Store.open(path) as store:
        report = audit(StoreSource(store, "desk"), MODEL)
        stored = audit(StoreSource(store, "desk"))
    assert (report.verdict, report.findings) == ("holds", [])
    assert in_segments(path, "desk", MODEL) == report
    assert (stored.verdict, stored.findings) == ("holds", [])


def test_the_audit_judges_properties_of_members_that_joined(path: Path) -> None:
    with Store.open(path, write=True) as store:
        cluster = Cluster.open(store, None, MODEL)
        for ticket in ("t2", "t3"):
            cluster.do("close_ticket", {"t": ticket})
        cluster.settle()
        assert cluster.state()["desk.home"] is True
        cluster.do("open_ticket", {"t": "t4"})
        cluster.wait(20)
        report = audit(StoreSource(store, "desk"), MODEL)
    assert in_segments(path, "desk", MODEL) == report
    assert [(f.kind, f.property) for f in report.findings] == [
        ("property", "P01 no_ticket_is_closed_at_home")
    ]
    assert "t=t4" in report.findings[0].text


def test_export_is_the_same_whenever_it_is_asked(path: Path) -> None:
    with Store.open(path) as store:
        first = list(export(store, "desk"))
        Cluster.open(store, None, MODEL).can("close_ticket")
        assert list(export(store, "desk")) == first


def test_a_past_that_is_told_again_knows_nothing_of_what_was_done_to_it_before(path: Path) -> None:
    with Store.open(path) as store:
        cluster = Cluster.open(store, None, MODEL)
        want = cluster.state(3)
        for _ in range(2):
            (told,) = cluster.folds_at([3])
            assert told.state == want
            assert set(want) == set(told.reader.initial())
            told.reader.join(next(s for s in MODEL.schema.identities if s.open), "t9")
            told.reader.fill(told.state)
            told.state["desk.home"] = not told.state["desk.home"]
        (later,) = cluster.folds_at([cluster.head.number])
        assert (later.state, later.set_by) == (cluster.now.state, cluster.now.set_by)


@pytest.mark.parametrize("unheard", [False, True])
def test_a_newer_model_with_the_same_keys_goes_on_from_what_is_laid_out(
    path: Path, monkeypatch: pytest.MonkeyPatch, unheard: bool
) -> None:
    newer = MODEL.with_rule(MODEL.rule("close_ticket").changed(event="TicketShut"))
    with Store.open(path) as store:
        old, stamp = Cluster.open(store, None, MODEL).now.copy(), store.book.add(newer).fingerprint
        if unheard:
            old.reader.join(next(s for s in MODEL.schema.identities if s.open), "t9")
        fast, slow = old.apart(), old.apart()
        joins = list[str]()
        plain = Layout.join
        monkeypatch.setattr(Layout, "join", lambda self, s, m: (joins.append(m), plain(self, s, m)))
        fast.under(stamp)
        assert joins == (["t3", "t1", "t2"] if unheard else [])
        slow.under(stamp, slow.joined)
    assert list(fast.state.items()) == list(slow.state.items())
    assert (fast.set_by, fast.joined, fast.model) == (slow.set_by, slow.joined, slow.model)
    assert fast.reader.model == newer
    assert dict(fast.reader.layout.rows) == dict(slow.reader.layout.rows)
    assert list(fast.reader.initial().items()) == list(slow.reader.initial().items())


def test_a_newer_model_with_another_value_at_first_is_laid_out_anew(path: Path) -> None:
    with Store.open(path) as store:
        layout = Cluster.open(store, None, MODEL).now.reader.layout

    def turned(**changed: Any) -> Layout | None:
        desk = MODEL.schema.records["desk"]
        home = replace(desk.fields["home"], **changed)
        told = Record("desk", desk.keys, {**desk.fields, "home": home}, desk.about)
        schema = Schema({**MODEL.schema.records, "desk": told}, MODEL.schema.parameters)
        return layout.under(schema, layout.instance)

    assert turned(initial=lift(True, Bool)) is None
    assert layout.under(MODEL.schema, Instance({"Desk": ("other",)})) is None
    assert layout.fields["desk.home"].owner != "somebody else"
    same = turned(owner="somebody else")
    assert same is not None
    assert same.fields["desk.home"].owner == "somebody else"
    assert list(same.initial.items()) == list(layout.initial.items())
