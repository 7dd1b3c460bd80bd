"""The service on the CCR model: random operators and faults, recorded, judged, read back, carried.

Seeds are fixed and printed by the test's name; a finding here is a fault of a rule, of a property
or of this layer, and the log it leaves says which.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from ccr_es.audit.audit import HOLDS, StoreSource, audit
from ccr_es.cluster.cluster import Act, Cluster, Pause
from ccr_es.cluster.config import ClusterConfig
from ccr_es.record.interchange import export, import_log
from ccr_es.state.machines import Machines
from ccr_es.store.store import Store
from models.ccr.model import CCR
from models.language.rule import GHOST
from models.plain.reader import Reader
from specs.catalogue import CCR as WITH_PROPERTIES

CONFIG = ClusterConfig(
    "exch", networks={"LAN": "public", "HB": "private"}, storage_groups=("SG1", "SG2"), seed=11
)
PAUSES = (1, 500, 3_000, 10_000, 60_000, 400_000)
VALUES = (0, 1, 50, 100)


def started(store: Store) -> Cluster:
    """Both nodes up, and time to form."""
    cluster = Cluster.create(store, CONFIG, CCR)
    for node in ("A", "B"):
        assert cluster.do("power_on", {"n": node}).refusal is None
    cluster.wait(30_000)
    return cluster


def stirred(cluster: Cluster, seed: int, steps: int) -> None:
    """A random operator with a hammer."""
    draw = random.Random(seed)
    for _ in range(steps):
        option = draw.choice([o for o in cluster.can() if o.refusal is None])
        sorts = dict(cluster.rule(option.rule).params)
        args = dict(option.args)
        for name in option.missing:
            args[name] = draw.choice((False, True) if sorts[name].kind == "bool" else VALUES)
        cluster.do(option.rule, args)
        if draw.random() < 0.7:
            cluster.wait(draw.choice(PAUSES))


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_the_log_obeys_rules_and_properties(tmp_path: Path, seed: int) -> None:
    with Store.create(tmp_path / "ccr.db") as store:
        cluster = started(store)
        stirred(cluster, seed, 30)
        report = audit(StoreSource(store, "exch"), WITH_PROPERTIES)
        assert (report.verdict, report.findings) == (HOLDS, [])
        assert report.events == cluster.head.number > 50


def test_every_aggregate_agrees_with_the_state(tmp_path: Path) -> None:
    with Store.create(tmp_path / "ccr.db") as store:
        cluster = started(store)
        stirred(cluster, 7, 40)
        layout, state = cluster.reader.layout, cluster.state()
        rows = {}
        for key, declared in layout.fields.items():
            if declared.owner != GHOST:
                rows.setdefault(layout.rows[key], {})[key] = state[key]
        assert {row: cluster.aggregate(row).fields for row in rows} == rows
        reader = Reader(CCR, cluster.reader.instance)
        plain = reader.initial()
        for recorded in cluster.events(2):
            plain = reader.evolve(plain, recorded.event.step)
        assert plain == state


def test_a_quiet_week_is_a_handful_of_events(tmp_path: Path) -> None:
    with Store.create(tmp_path / "ccr.db") as store:
        assert len(started(store).wait(7 * 24 * 3_600_000)) < 10


def test_a_run_depends_on_its_seed_alone(tmp_path: Path) -> None:
    lines = []
    for name in ("one.db", "two.db"):
        with Store.create(tmp_path / name) as store:
            stirred(started(store), 3, 15)
            lines.append(list(export(store, "exch")))
    assert lines[0] == lines[1]
    with Store.create(tmp_path / "three.db") as store:
        import_log(store, lines[0])
        assert list(export(store, "exch")) == lines[0]


def test_much_work_is_saved_in_batches_and_holds(tmp_path: Path) -> None:
    with Store.create(tmp_path / "ccr.db") as store:
        cluster = started(store)
        state = cluster.state()
        node = next(n for n in ("A", "B") if state[f"node.{n}.cms"] == "ONLINE")
        acts: list[Act | Pause] = []
        for _ in range(150):
            acts += [Act("write_records", {"n": node, "g": "SG1", "records": 100}), Pause(500)]
        outcomes = list(cluster.run(acts))
        assert len(outcomes) == 300
        assert all(o.refusal is None for o in outcomes)
        assert audit(StoreSource(store, "exch"), WITH_PROPERTIES).verdict == HOLDS
        assert store.checkpoints("exch") == [1_000]
        assert cluster._stream.fold_to(1_500).number == 1_500


def test_every_control_move_has_its_machine() -> None:
    machines = Machines(Reader(CCR, CONFIG.instance(CCR)))
    moved = {m.field.value[:2] for r in CCR.rules.values() for m in r.moves}
    assert set(machines.by_field) == moved
    for machine in machines.by_field.values():
        assert len(machine.machine.events) == len({t for t, _ in machine.arrows})
        assert machine.mermaid().startswith("---\n")
