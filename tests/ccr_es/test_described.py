"""Facts about the surroundings: events that no rule stands behind, and that change no state."""

from __future__ import annotations

from pathlib import Path

import pytest

from ccr_es.cluster import plan
from ccr_es.cluster.config import config_of
from ccr_es.errors import BadConfig
from ccr_es.record.interchange import import_log
from ccr_es.state import keeping
from ccr_es.store.store import Store
from tests.ccr_es.making import exported, made, opened
from tests.ccr_es.test_audit import judged

FACTS = {"witness.role": "hub", "site.A": "HQ"}


def described(path: Path) -> Path:
    """A store whose cluster was described, and then described again."""
    with opened(made(path)) as cluster:
        cluster.describe(FACTS, reason="as built")
        cluster.describe({"site.A": "", "site.B": "DR"})
    return path


def test_facts_are_added_changed_and_taken_back_and_the_past_keeps_its_own(tmp_path: Path) -> None:
    with opened(described(tmp_path / "a.db")) as cluster:
        assert cluster.now.described == {"site.B": "DR", "witness.role": "hub"}
        assert cluster.at("12").described == FACTS
        assert cluster.at("11").described == {}
        event = next(cluster.events(12, 12)).event
        assert (event.actor, event.reason, event.row) == ("operator", "as built", "cluster")


def test_a_fact_changes_no_state_and_the_cluster_goes_on(tmp_path: Path) -> None:
    with opened(described(tmp_path / "a.db")) as cluster:
        assert cluster.state(11) == cluster.state(13)
        cluster.wait(1_000)
        assert cluster.now.number == 14


def test_a_described_log_is_audited_and_keeps_its_facts_in_an_export(tmp_path: Path) -> None:
    path = described(tmp_path / "a.db")
    assert (judged(path).verdict, judged(path).events) == ("holds", 13)
    with Store.create(tmp_path / "b.db") as store:
        import_log(store, exported(path))
    with opened(tmp_path / "b.db") as cluster:
        assert cluster.now.described == {"site.B": "DR", "witness.role": "hub"}


def test_facts_are_in_the_kept_states(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "CHECKPOINT_EVERY", 12)
    path = described(tmp_path / "a.db")
    with Store.open(path) as store:
        number, head, data = store.kept("exch", 12) or (0, "", b"")
        assert keeping.from_bytes(store.book, number, head, data).described["site.A"] == "HQ"
    with opened(path) as cluster:
        assert cluster.now.described == {"site.B": "DR", "witness.role": "hub"}
    assert judged(path).verdict == "holds"


def test_tables_of_a_description_are_joined_and_what_is_not_text_is_refused() -> None:
    nested = {"witness": {"role": "hub"}, "site": {"A": "HQ"}}
    assert config_of({"name": "M", "described": nested}).described == FACTS
    with pytest.raises(BadConfig, match=r"described\.witness\.dfs is text"):
        config_of({"name": "M", "described": {"witness": {"dfs": False}}})
