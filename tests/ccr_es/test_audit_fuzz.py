"""Bad input, by Hypothesis: whatever the bytes are, an audit ends with a verdict or one line, never
with a traceback, and nothing is written.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccr_es.audit.audit import UNKNOWN, VIOLATED, audit
from ccr_es.audit.keep_going import audit_going_on
from ccr_es.audit.parts import PartsSource, first_of
from ccr_es.audit.sealing import Seal, checked, make_key
from ccr_es.audit.sources import FileSource
from ccr_es.errors import CcrError
from ccr_es.partial.report import CANNOT, CONFORMS, DOES_NOT
from tests.ccr_es.making import exported, made
from tests.ccr_es.partial_making import creation, failed_over, judged, without
from tests.cli.calling import call
from tests.models.teaching import MODEL

pytestmark = pytest.mark.slow

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
NAMES = [
    "args",
    "time",
    "number",
    "row",
    "actor",
    "schema",
    "version",
    "previous",
    "model",
    "event",
]
PARTIAL = without(failed_over().lines, (), ())
PLACES = st.integers(1, len(PARTIAL) - 1)


@pytest.fixture(name="lines", scope="module")
def _lines(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    return exported(made(tmp_path_factory.mktemp("fuzzed") / "ccr.db"))


def spoiled(line: bytes, changes: dict[str, Any], attributes: dict[str, Any]) -> bytes:
    """A line with other values in its event and in its attributes."""
    found = json.loads(line)
    found["data"] |= changes
    return json.dumps(found | attributes).encode()


@settings(max_examples=30)
@given(place=st.integers(0, 10), data=st.binary(max_size=60))
def test_random_bytes_in_place_of_a_line_are_found(
    lines: list[bytes], place: int, data: bytes
) -> None:
    bad = [*lines[:place], data, *lines[place + 1 :]]
    for judge in (audit, audit_going_on):
        report = judge(FileSource("bad", bad), MODEL)
        assert report.verdict == VIOLATED
    assert audit(PartsSource([FileSource("bad", bad)]), MODEL).verdict in (VIOLATED, UNKNOWN)
    assert len(first_of(data)) == 3


@settings(max_examples=40)
@given(
    place=st.integers(1, 10),
    changes=st.dictionaries(st.sampled_from(NAMES), VALUES, min_size=1, max_size=2),
    attributes=st.dictionaries(st.sampled_from(["id", "type", "ccrhash", "subject"]), VALUES),
)
def test_wrong_values_in_an_event_are_found(
    lines: list[bytes], place: int, changes: dict[str, Any], attributes: dict[str, Any]
) -> None:
    line = spoiled(lines[place], changes, attributes)
    if json.loads(line) == json.loads(lines[place]):
        return
    bad = [*lines[:place], line, *lines[place + 1 :]]
    for judge in (audit, audit_going_on):
        assert judge(FileSource("bad", bad), MODEL).verdict == VIOLATED


@settings(max_examples=40)
@given(
    place=PLACES,
    changes=st.dictionaries(st.sampled_from(NAMES[:5]), VALUES, min_size=1, max_size=2),
    data=st.none() | st.binary(max_size=40),
)
def test_a_partial_record_ends_with_a_verdict_or_one_line(
    place: int, changes: dict[str, Any], data: bytes | None
) -> None:
    found = json.loads(PARTIAL[place])
    found["data"] |= changes
    line = json.dumps(found).encode() if data is None else data
    said = told([*PARTIAL[:place], line, *PARTIAL[place + 1 :]])
    assert "\n" not in said
    assert said in (CONFORMS, DOES_NOT, CANNOT) or f"line {place + 1}" in said


def told(lines: list[bytes]) -> str:
    """What is said of a record: its verdict, or why it cannot be used."""
    try:
        return judged(lines, ("PathCut",), width=16).said
    except CcrError as error:
        return str(error)


@settings(max_examples=40)
@given(first=st.binary(max_size=60))
def test_a_partial_record_with_another_beginning_is_refused(first: bytes) -> None:
    with pytest.raises(CcrError, match="line 1"):
        judged([first, *PARTIAL[1:]])


@settings(max_examples=40)
@given(data=st.binary(max_size=200), changes=st.dictionaries(st.sampled_from(
    list(Seal.__struct_fields__)), VALUES, min_size=1))  # fmt: skip
def test_no_bytes_pass_for_a_seal(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, changes: dict[str, Any]
) -> None:
    folder = tmp_path_factory.mktemp("seal")
    key = make_key(folder / "k.pem")
    fields = dict.fromkeys(Seal.__struct_fields__, "") | {"number": 1, "time": 1, "version": 1}
    for content in (data, json.dumps(fields | changes).encode()):
        (folder / "x.seal").write_bytes(content)
        with pytest.raises(CcrError):
            checked(folder / "x.seal", key)


BAD = {
    "empty": b"",
    "bytes": bytes(range(256)) * 9,
    "nested": b"[" * 200_000,
    "huge": b'{"specversion":"1.0","type":"ccr:X","ccrhash":"","data":{"number":'
    + b"9" * 5_000
    + b"}}",
    "text": "höchst ungültig\n".encode("latin-1"),
    "cut": creation()[:-200],
    "null": b"null\n" * 5,
}


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize(
    "words", [("audit",), ("audit", "--keep-going"), ("audit", "--partial", "--complete", "all")]
)
def test_the_command_says_in_one_line_or_one_report_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, words: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad").write_bytes(BAD[name])
    result = call("audit", *words, "bad")
    assert result.exit_code in (1, 3, 4), result.output
    if result.exit_code == 4:
        assert result.stderr.startswith("ccr: CCR")
        assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.output
    assert [p.name for p in tmp_path.iterdir()] == ["bad"]


@pytest.mark.parametrize("words", [("audit",), ("audit", "--partial", "--complete", "all")])
def test_a_directory_and_a_file_that_is_not_there_are_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in (".", "nothing.ndjson"):
        result = call(*words, name)
        assert (result.exit_code, result.stderr.count("\n")) == (4, 1), result.output
        assert "CCR151" in result.stderr
