"""Event files that are malformed, truncated, tampered with or foreign: refused by their line, and
nothing is written.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ccr_es.cluster.cluster import Cluster
from ccr_es.cluster.config import ClusterConfig
from ccr_es.errors import (
    CcrError,
    ChainBroken,
    EventMalformed,
    ForeignSchema,
    LineMalformed,
    LogTruncated,
)
from ccr_es.record import interchange
from ccr_es.record.book import Book
from ccr_es.record.interchange import Reading, checked, import_log, lines_of
from ccr_es.record.upcast import SCHEMA_VERSION
from ccr_es.store.store import Store
from tests.ccr_es.making import digest, exported, made
from tests.models.teaching import MODEL


def imported(path: Path, lines: list[bytes]) -> None:
    """Import into a store at `path`."""
    with Store.create(path) as store:
        import_log(store, lines)


@pytest.fixture(name="lines", scope="module")
def _lines(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    return exported(made(tmp_path_factory.mktemp("exported") / "ccr.db"))


def changed(line: bytes, **data: object) -> bytes:
    """A line whose event says something else."""
    found = json.loads(line)
    found["data"] |= data
    return json.dumps(found).encode()


def attributed(line: bytes, **attributes: object) -> bytes:
    """A line with other attributes."""
    return json.dumps(json.loads(line) | attributes).encode()


BAD = [
    ("nothing", lambda x: [], LogTruncated, "there is no event in it"),
    ("the end missing", lambda x: x[:-1], LogTruncated, "ends at event 10, .* promised 11"),
    ("a cut line", lambda x: [*x[:5], x[5][:80]], LineMalformed, "line 6 is not JSON"),
    ("an empty line", lambda x: [*x[:5], b"\n", *x[5:]], LineMalformed, "line 6 is not JSON"),
    ("the start missing", lambda x: x[1:], LineMalformed, "line 1: the model .* is not kept"),
    ("a line missing", lambda x: x[:3] + x[4:], ChainBroken, "line 4: it is chained to"),
    ("a line twice", lambda x: x[:4] + x[3:], ChainBroken, "line 5: it is chained to"),
    ("two lines swapped", lambda x: [*x[:3], x[4], x[3], *x[5:]], ChainBroken, "line 4"),
    ("a list", lambda x: [b"[1]"], LineMalformed, "line 1 is not a CloudEvents"),
    ("deep nesting", lambda x: [b"[" * 100_000], LineMalformed, "line 1 is not JSON"),
    ("not UTF-8", lambda x: [x[0].replace(b"exch", b"\xff\xfe")], LineMalformed, "line 1"),
    (
        "another version of CloudEvents",
        lambda x: [attributed(x[0], specversion="2.0")],
        LineMalformed,
        "line 1 is not a CloudEvents 1.0 object",
    ),
    (
        "an event of another kind",
        lambda x: [*x[:2], attributed(x[2], type="com.example.door")],
        LineMalformed,
        "line 3 is an event of another kind, com.example.door",
    ),
    (
        "no data",
        lambda x: [x[0], attributed(x[1], data=None)],
        LineMalformed,
        "line 2 lacks type, ccrhash or data",
    ),
    (
        "a newer schema",
        lambda x: [x[0], changed(x[1], schema=SCHEMA_VERSION + 1)],
        ForeignSchema,
        "line 2 has schema version",
    ),
    (
        "an unknown event",
        lambda x: [x[0], attributed(x[1], type="ccr:NodePainted")],
        CcrError,
        "line 2: the model has no event NodePainted",
    ),
    (
        "an argument that is not there",
        lambda x: [x[0], changed(x[1], args={"n": "A", "m": 1})],
        EventMalformed,
        "line 2: .*unknown field `m`",
    ),
    (
        "an argument of another member",
        lambda x: [x[0], changed(x[1], args={"n": "C"})],
        ChainBroken,
        "line 2: its bytes hash to",
    ),
    (
        "another actor",
        lambda x: [*x[:6], changed(x[6], actor="bob"), *x[7:]],
        ChainBroken,
        "line 7: its bytes hash to",
    ),
    (
        "another time outside the event",
        lambda x: [*x[:6], attributed(x[6], time="2007-01-01T00:00:02.000Z"), *x[7:]],
        LineMalformed,
        "line 7: time is '2007-01-01T00:00:02.000Z', but its event says",
    ),
    (
        "another subject",
        lambda x: [*x[:6], attributed(x[6], subject="node.B"), *x[7:]],
        LineMalformed,
        "line 7: subject is 'node.B'",
    ),
    (
        "another type",
        lambda x: [*x[:6], attributed(x[6], type="ccr:PathCut"), *x[7:]],
        EventMalformed,
        "line 7: it is stored as ccr:PathCut, but says ccr:NodeCrashed",
    ),
    (
        "another head",
        lambda x: [attributed(x[0], ccrhead="11:" + "0" * 64), *x[1:]],
        LogTruncated,
        "the file is not whole",
    ),
    (
        "a model with another rule",
        lambda x: [x[0].replace(b'"LockClaimed"', b'"LockGrabbed"'), *x[1:]],
        LineMalformed,
        "line 1: the model kept as .* has the fingerprint",
    ),
    (
        "a model with another wording",
        lambda x: [x[0].replace(b"Never two nodes", b"Often two nodes"), *x[1:]],
        LineMalformed,
        "line 1: the data kept of the model .* is not what was recorded with it",
    ),
    (
        "a model of another format",
        lambda x: [x[0].replace(b'"ccr-model"', b'"its-model"'), *x[1:]],
        LineMalformed,
        "line 1: the model .* cannot be read back",
    ),
]


@pytest.mark.parametrize(("what", "spoil", "kind", "said"), BAD, ids=[b[0] for b in BAD])
def test_a_bad_file_is_refused_by_its_line_and_nothing_is_written(
    tmp_path: Path,
    lines: list[bytes],
    what: str,
    spoil: object,
    kind: type[CcrError],
    said: str,
) -> None:
    bad = spoil(lines)  # type: ignore[operator]
    assert bad != lines, what
    path = made(tmp_path / "ccr.db", name="mine")
    before = digest(path)
    with pytest.raises(kind, match=said) as caught:
        imported(path, bad)
    assert caught.value.code.startswith("CCR1")
    assert digest(path) == before
    with pytest.raises(CcrError):
        imported(tmp_path / "fresh.db", bad)
    assert not (tmp_path / "fresh.db").exists()


def test_a_late_error_takes_back_the_batches_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: list[bytes]
) -> None:
    monkeypatch.setattr(interchange, "IMPORT_BATCH", 2)
    monkeypatch.setattr(interchange, "CHECKPOINT_EVERY", 2)
    path = made(tmp_path / "ccr.db", name="mine")
    before = digest(path)
    with pytest.raises(LogTruncated):
        imported(path, lines[:-1])
    assert digest(path) == before
    imported(path, lines)
    with Store.open(path) as store:
        assert store.checkpoints("exch") == [2, 4, 6, 8, 10]
    assert exported(path) == lines


def spoiled(text: bytes, place: int) -> bytes:
    """`text` with one byte changed."""
    other = b"1" if text[place : place + 1] != b"1" else b"2"
    return text[:place] + other + text[place + 1 :]


def test_every_changed_byte_of_a_line_is_noticed(lines: list[bytes]) -> None:
    """Each byte in turn becomes another one; no such line may follow those before it."""
    reading = Reading(Book())
    for line in lines_of(lines[:6]):
        checked(reading, line)
    before = reading.fold.copy()
    for place in range(len(lines[6])):
        with pytest.raises(CcrError):  # noqa: PT012 - either of the two may notice
            (line,) = lines_of([spoiled(lines[6], place)])
            checked(reading, replace(line, number=7))
        reading.fold = before.copy()
    (line,) = lines_of(lines[6:7])
    assert checked(reading, replace(line, number=7)).event.number == 7


def test_changed_bytes_of_the_first_line_are_noticed(tmp_path: Path, lines: list[bytes]) -> None:
    model = lines[0].index(b'"model_data":')
    places = [*range(0, model, 11), *range(model, len(lines[0]), 613)]
    with Store.create(tmp_path / "ccr.db") as store:
        Cluster.create(store, ClusterConfig("mine"), MODEL)
        for place in places:
            with pytest.raises(CcrError):
                import_log(store, [spoiled(lines[0], place), *lines[1:]])
        assert store.clusters() == ["mine"]
