"""Old logs: a frozen file of schema version 1 is read, judged, led on and exported as it is.

`tests/data/schema_1.jsonl` is never written again. If this test fails, the reader is at fault.
"""

from __future__ import annotations

import json
from pathlib import Path

from ccr_es.audit.audit import HOLDS, FileSource, StoreSource, audit
from ccr_es.cluster.cluster import Cluster
from ccr_es.record.interchange import export, import_log
from ccr_es.record.upcast import SCHEMA_VERSION, STEPS, upcast
from ccr_es.store.store import Store
from tests.ccr_es.making import made, opened
from tests.models.teaching import MODEL

FROZEN = Path(__file__).parents[1] / "data" / "schema_1.jsonl"
HEAD = "11:df92cf386085b89a99787d4f05ac17f4d8982f3948be0ca11ad1219bb5993058"


def lines() -> list[bytes]:
    """The frozen file."""
    return FROZEN.read_bytes().splitlines(keepends=True)


def test_the_frozen_file_is_of_schema_1() -> None:
    data = [json.loads(line)["data"] for line in lines()]
    assert {d["schema"] for d in data} == {1}
    assert all("by" in d and "why" in d and "actor" not in d for d in data)


def test_an_old_file_holds_as_it_is() -> None:
    report = audit(FileSource("frozen", lines()))
    assert (report.verdict, report.findings, report.head) == (HOLDS, [], HEAD)


def test_an_old_log_reads_like_a_new_one(tmp_path: Path) -> None:
    with Store.create(tmp_path / "old.db") as store:
        import_log(store, lines())
        # Read under the model that came along, not under today's.
        (stamp,) = store.models()
        old = Cluster.open(store, None, store.book.codec(stamp).model)
        with opened(made(tmp_path / "new.db")) as new:
            assert old.state() == new.state()
            for one, two in zip(old.events(), new.events(), strict=True):
                assert one.event.step == two.event.step
                assert (one.event.actor, one.event.reason) == (two.event.actor, two.event.reason)
                assert one.event.schema == SCHEMA_VERSION
                assert one.hash != two.hash
            row = old.aggregate("node.A")
            assert row.fields == new.aggregate("node.A").fields


def test_an_old_log_keeps_its_bytes_and_goes_on_in_the_new_schema(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    with Store.create(path) as store:
        import_log(store, lines())
        assert list(export(store, "exch")) == lines()
        Cluster.open(store, None, MODEL).wait(1_000)
        report = audit(StoreSource(store, "exch"), MODEL)
        assert (report.verdict, report.findings) == (HOLDS, [])
        exported = list(export(store, "exch"))
    schemas = [json.loads(line)["data"]["schema"] for line in exported]
    assert schemas[:11] == [1] * 11
    assert set(schemas[11:]) == {SCHEMA_VERSION}
    assert [json.loads(x)["data"] for x in exported[:11]] == [
        json.loads(x)["data"] for x in lines()
    ]


def test_there_is_a_step_from_every_version_to_the_next() -> None:
    assert sorted(STEPS) == list(range(1, SCHEMA_VERSION))
    data = {"by": "alice", "why": None, "schema": 1, "number": 3}
    assert upcast(data) == {"actor": "alice", "reason": "", "schema": 2, "number": 3}
    assert upcast({**data, "why": "so"})["reason"] == "so"
    assert data["schema"] == 1
