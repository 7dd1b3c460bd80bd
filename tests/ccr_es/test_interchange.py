"""Event files: CloudEvents out and in again with the same head; nothing written for a bad one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ccr_es.audit.sources import FileSource
from ccr_es.errors import (
    ClusterExists,
)
from ccr_es.record.interchange import as_written, export, import_log, line_of
from ccr_es.store.store import Store
from models.language.canonical import fingerprint
from tests.ccr_es.making import digest, exported, failover, made, opened
from tests.models.teaching import BROKEN, MODEL


def imported(path: Path, lines: list[bytes]) -> None:
    """Import into a store at `path`."""
    with Store.create(path) as store:
        import_log(store, lines)


@pytest.fixture(name="lines", scope="module")
def _lines(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    return exported(made(tmp_path_factory.mktemp("exported") / "ccr.db"))


def test_export_then_import_gives_the_same_head_and_the_same_export(
    tmp_path: Path, lines: list[bytes]
) -> None:
    path = tmp_path / "other.db"
    with Store.create(path) as store:
        name, head = import_log(store, lines)
        assert (name, head.number, store.head("exch")) == ("exch", 11, head)
    with opened(made(tmp_path / "ccr.db")) as cluster, opened(path) as other:
        assert cluster.head == other.head
        assert cluster.state() == other.state()
        assert cluster.aggregate("node.A") == other.aggregate("node.A")
    assert exported(path) == lines


def test_an_imported_cluster_goes_on(tmp_path: Path, lines: list[bytes]) -> None:
    imported(tmp_path / "ccr.db", lines)
    with opened(tmp_path / "ccr.db") as cluster:
        failover(cluster)
        assert cluster.head.number > 11


def test_a_line_is_a_cloud_event(lines: list[bytes]) -> None:
    line = json.loads(lines[6])
    data = line.pop("data")
    assert line == {
        "specversion": "1.0",
        "id": "7",
        "source": "/clusters/exch",
        "type": "ccr:NodeCrashed",
        "subject": "node.A",
        "time": "2007-01-01T00:00:01.000Z",
        "datacontenttype": "application/json",
        "sequence": "00000000000000000007",
        "ccrhash": line["ccrhash"],
    }
    assert (data["actor"], data["reason"]) == ("alice", "a test of the plug")
    assert data["previous"] == json.loads(lines[5])["ccrhash"]


def test_attribute_names_are_those_that_cloud_events_allow(lines: list[bytes]) -> None:
    for line in lines:
        for name in json.loads(line):
            assert name.isalnum()
            assert name == name.lower()
            assert len(name) <= 20


def test_the_first_line_brings_the_model_and_the_head(lines: list[bytes]) -> None:
    first = json.loads(lines[0])
    assert first["type"] == "ccr:ClusterCreated"
    assert first["data"]["model_data"]["format"] == "ccr-model"
    assert first["ccrhead"] == f"11:{json.loads(lines[-1])['ccrhash']}"
    assert all("model_data" not in json.loads(line)["data"] for line in lines[1:])


def test_the_layout_of_a_line_does_not_matter(tmp_path: Path, lines: list[bytes]) -> None:
    other = [json.dumps(json.loads(x), indent=None, sort_keys=True).encode() for x in lines]
    assert other != lines
    imported(tmp_path / "ccr.db", other)
    assert exported(tmp_path / "ccr.db") == lines


def test_an_attribute_that_somebody_added_on_the_way_is_left_aside(
    tmp_path: Path, lines: list[bytes]
) -> None:
    imported(tmp_path / "ccr.db", [x.replace(b"{", b'{"traceparent":"00-1",', 1) for x in lines])
    assert exported(tmp_path / "ccr.db") == lines


def test_a_log_of_several_models_brings_each_once(tmp_path: Path) -> None:
    path = made(tmp_path / "ccr.db")
    for model in (BROKEN, MODEL):
        with opened(path, model=model) as cluster:
            cluster.wait(1_000)
    lines = exported(path)
    bringing = [i for i, x in enumerate(lines) if "model_data" in json.loads(x)["data"]]
    assert bringing == [0, 11]
    imported(tmp_path / "other.db", lines)
    assert exported(tmp_path / "other.db") == lines
    with Store.open(tmp_path / "other.db") as store:
        assert store.models() == sorted([fingerprint(MODEL), fingerprint(BROKEN)])


def test_an_import_beside_other_clusters_leaves_those_alone(
    tmp_path: Path, lines: list[bytes]
) -> None:
    path = made(tmp_path / "ccr.db", name="first")
    before = exported(path, "first")
    imported(path, lines)
    assert exported(path, "first") == before
    assert exported(path, "exch") == lines
    saved = digest(path)
    with pytest.raises(ClusterExists, match="has a cluster exch already"):
        imported(path, lines)
    assert digest(path) == saved


def test_an_export_stops_at_the_head_it_promised(tmp_path: Path) -> None:
    path = made(tmp_path / "ccr.db")
    with Store.open(path) as store, opened(path) as cluster:
        lines = export(store, "exch")
        first = next(lines)
        cluster.wait(1_000)
        assert len([first, *lines]) == 11


def _spaced(text: bytes) -> bytes:
    return b" " + text


def _renumbered(text: bytes) -> bytes:
    return text.replace(b'"id":"7"', b'"id":"8"')


@pytest.mark.parametrize("change", [bytes, _spaced, _renumbered])
def test_a_line_is_read_at_once_or_taken_apart_with_the_same_result(
    lines: list[bytes], change: Callable[[bytes], bytes]
) -> None:
    told = [*lines[:6], change(lines[6]), *lines[7:]]
    source, slowly = FileSource("log", told), FileSource("log", told)
    items = list(source.items())
    apart = [slowly._item(line_of(n, text)) for n, text in enumerate(told, 1)]
    assert [repr(item) for item in items] == [repr(item) for item in apart]
    starts = items[0].recorded.event.args.starts
    at_once = [as_written(text, source.book, starts) is not None for text in told]
    assert at_once == [n not in ({1} if change is bytes else {1, 7}) for n in range(1, 12)]
