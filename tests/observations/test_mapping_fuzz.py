"""Mappings and records that Hypothesis makes up or breaks: each is audited, or refused in one line
with a code.
"""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from ccr_es.errors import CcrError
from ccr_es.observations import audit_observations, is_observations
from ccr_es.observations.mappings.load import load_mapping
from tests.observations.samples import RECORDS
from tests.observations.test_mapping_bad_input import CSV, SHIPPED, refused

CODES = {"CCR151", "CCR170", "CCR171", "CCR230", "CCR231", "CCR232"}
JSON_LINES = [p for p in RECORDS if p.suffix == ".jsonl"]


@given(st.binary(max_size=300))
def test_random_bytes_are_no_mapping(tmp_path_factory, content):
    refused(tmp_path_factory.mktemp("m"), content)


@given(st.data())
def test_a_shipped_mapping_with_a_part_replaced_is_read_or_refused(tmp_path_factory, data):
    text = data.draw(st.sampled_from([p.read_text() for p in SHIPPED]))
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 30)))
    junk = st.sampled_from(["[[kind]]", "{}", "1e999", '"', "'''", "[read]", "= 7", "true", "\0"])
    text = text[:start] + data.draw(junk | st.text(max_size=6)) + text[end:]
    file = tmp_path_factory.mktemp("m") / "mine.toml"
    file.write_text(text, encoding="utf-8", errors="replace")
    for record in RECORDS:
        assert outcome(record, file) in {"read", *CODES}


def outcome(record: Path, mapping: Path | None = None) -> str:
    """`read` if the record is audited and rendered, or the code of the line that refuses it."""
    try:
        loaded = None if mapping is None else load_mapping(mapping)
        report = audit_observations(record, None, loaded)
    except CcrError as error:
        return error.code if "\n" not in str(error) else str(error)
    report.text()
    json.dumps(report.as_json(), allow_nan=False)
    return "read"


@given(st.data())
def test_every_record_with_a_part_replaced_is_audited_or_refused(tmp_path_factory, data):
    raw = data.draw(st.sampled_from(RECORDS)).read_bytes()
    start = data.draw(st.integers(0, len(raw)))
    end = data.draw(st.integers(start, min(len(raw), start + 40)))
    file = tmp_path_factory.mktemp("r") / "record"
    file.write_bytes(raw[:start] + data.draw(st.binary(max_size=20)) + raw[end:])
    is_observations(file)
    assert outcome(file) in {"read", *CODES}


@given(st.data())
def test_every_record_with_a_value_of_another_kind_is_audited_or_refused(tmp_path_factory, data):
    rows = [json.loads(x) for x in data.draw(st.sampled_from(JSON_LINES)).read_text().splitlines()]
    i = data.draw(st.integers(0, len(rows) - 1))
    key = data.draw(st.sampled_from(sorted(rows[i])))
    value = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
    odd = st.sampled_from(
        ["primary", "report_lsn", "10:00:00", "2021-07-20T10:13:17", "node1", 10**400]
    )
    rows[i][key] = data.draw(value | odd | st.lists(value, max_size=2))
    file = tmp_path_factory.mktemp("r") / "record.jsonl"
    file.write_text("".join(json.dumps(r) + "\n" for r in rows))
    assert outcome(file) in {"read", *CODES}


@given(st.lists(st.lists(st.text(max_size=8), max_size=4), max_size=4))
def test_any_csv_is_audited_or_refused(tmp_path_factory, cells):
    folder = tmp_path_factory.mktemp("csv")
    out = io.StringIO()
    csv.writer(out).writerows([["t", "p", "k"], *cells])
    (folder / "r.csv").write_text(out.getvalue(), encoding="utf-8", errors="replace")
    (folder / "m.toml").write_text(CSV)
    assert outcome(folder / "r.csv", folder / "m.toml") in {"read", *CODES}
