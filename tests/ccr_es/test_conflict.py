"""Another writer goes first: the step is decided again on the new head, but not for ever."""

from __future__ import annotations

from pathlib import Path

import pytest

from ccr_es.audit.audit import HOLDS, StoreSource, audit
from ccr_es.cluster import writer
from ccr_es.cluster.cluster import Act, Cluster, Pause
from ccr_es.errors import ConflictPersists
from ccr_es.store.store import Store
from tests.ccr_es.making import made, opened
from tests.models.teaching import MODEL


class Meddler:
    """Stands before a store and lets another writer go first, a number of times."""

    def __init__(self, cluster: Cluster, other: Cluster, acts: list[Act]) -> None:
        self.real, self.other, self.acts = cluster.store.append, other, acts
        cluster.store.append = self  # type: ignore[method-assign,assignment]

    def __call__(self, batch: object) -> object:
        if self.acts:
            act = self.acts.pop(0)
            assert self.other.do(act.rule, act.args).refusal is None
        return self.real(batch)  # type: ignore[arg-type]


def test_after_a_conflict_the_step_is_decided_again(tmp_path: Path) -> None:
    path = made(tmp_path / "ccr.db")
    with opened(path) as cluster, opened(path) as other:
        Meddler(cluster, other, [Act("cut", {"n": "A"}), Act("heal", {"n": "A"})])
        outcome = cluster.do("boot", {"n": "A"})
        assert [r.event.number for r in outcome.events] == [14]
        assert cluster.state() == other.state()


def test_a_step_that_is_no_longer_allowed_after_a_conflict_is_refused(tmp_path: Path) -> None:
    path = made(tmp_path / "ccr.db")
    with opened(path) as cluster, opened(path) as other:
        Meddler(cluster, other, [Act("boot", {"n": "A"})])
        outcome = cluster.do("boot", {"n": "A"})
        assert outcome.refusal is not None
        assert cluster.head.number == 12


def test_a_wait_goes_on_from_the_new_head_and_ends_when_it_should(tmp_path: Path) -> None:
    path = made(tmp_path / "ccr.db")
    with opened(path) as cluster, opened(path) as other:
        end = cluster.now.time + 5_000
        Meddler(cluster, other, [Act("tick", {"dt": 2_000}), Act("cut", {"n": "A"})])
        cluster.wait(5_000)
        assert cluster.now.time == end


def test_conflict_after_conflict_ends_in_an_error_and_nothing_written(tmp_path: Path) -> None:
    path = made(tmp_path / "ccr.db")
    with opened(path) as cluster, opened(path) as other:
        pairs = [Act(r, {"n": "A"}) for _ in range(writer.ATTEMPTS) for r in ("cut", "heal")]
        Meddler(cluster, other, pairs[: writer.ATTEMPTS])
        with pytest.raises(ConflictPersists, match=f"before each of {writer.ATTEMPTS} attempts"):
            cluster.do("boot", {"n": "A"})
        assert "boot" not in [r.event.rule for r in other.events()]


def test_many_acts_are_saved_in_batches_and_stop_at_a_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "BATCH", 3)
    path = made(tmp_path / "ccr.db")
    sizes: list[int] = []
    with opened(path) as cluster:
        real = cluster.store.append
        monkeypatch.setattr(
            cluster.store, "append", lambda b: (sizes.append(len(b.events)), real(b))[1]
        )
        acts = [*(Act(r, {"n": "A"}) for _ in range(4) for r in ("cut", "heal")), Pause(10)]
        acts += [Act("crash", {"n": "A"}), Act("cut", {"n": "A"})]
        outcomes = list(cluster.run(acts))
        assert sum(len(o.events) for o in outcomes) == sum(sizes) == 9
        assert sizes == [3, 3, 3]
        assert [o.refusal is None for o in outcomes] == [True] * 9 + [False]
        assert cluster.head.number == 20
    with Store.open(path) as store:
        assert audit(StoreSource(store, "exch"), MODEL).verdict == HOLDS


def test_a_batch_that_met_a_conflict_is_played_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "BATCH", 4)
    path = made(tmp_path / "ccr.db")
    with opened(path) as cluster, opened(path) as other:
        Meddler(cluster, other, [Act("boot", {"n": "A"}), Act("crash", {"n": "A"})])
        acts = [Act(r, {"n": "A"}) for r in ("cut", "heal", "cut", "heal", "cut")]
        outcomes = list(cluster.run(acts))
        assert [len(o.events) for o in outcomes] == [1] * 5
        assert cluster.state() == other.state()
        assert [r.event.number for o in outcomes for r in o.events] == [14, 15, 16, 17, 18]
