"""A record that cannot be read: one line that names file, line and field, with a code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccr_es.errors import CcrError, FileUnreadable, RecordMalformed
from ccr_es.observations import (
    INCIDENT_2020,
    ObservationReport,
    audit_observations,
    is_observations,
)
from tests.observations.twins import Fact, incident

GOOD = INCIDENT_2020.read_bytes()
CAS = {
    "ts": "21:17:48.802",
    "node": "SVR13",
    "kind": "witness_cas",
    "seen": "86:86:31879",
    "proposed": "86:86:31907",
    "ok": True,
}


def refused(tmp_path: Path, content: bytes) -> str:
    """The one line that refuses the content as a record."""
    file = tmp_path / "record.jsonl"
    file.write_bytes(content)
    with pytest.raises(RecordMalformed) as caught:
        audit_observations(file)
    text = str(caught.value)
    assert "\n" not in text
    assert str(file) in text
    assert caught.value.code == "CCR170"
    assert caught.value.exit_code == 4
    assert file.read_bytes() == content
    return text


def outcome(file: Path, leads: dict[str, float] | None = None) -> ObservationReport | str:
    """The audit of a file, rendered too, or the code of the one line that refuses it."""
    try:
        report = audit_observations(file, leads)
    except CcrError as error:
        return error.code if "\n" not in str(error) else str(error)
    report.text()
    return report


def line(fact: Fact) -> bytes:
    return json.dumps(fact).encode() + b"\n"


@pytest.mark.parametrize("key", ["ts", "node", "kind", "seen", "proposed", "ok"])
def test_a_missing_field_is_named_with_its_line(tmp_path, key):
    fact = {k: v for k, v in CAS.items() if k != key}
    text = refused(tmp_path, line(CAS) + line(fact))
    assert f'line 2 field "{key}" is missing' in text


@pytest.mark.parametrize(
    ("key", "value", "wanted"),
    [
        ("ts", 5, "must be a time of day"),
        ("ts", "25:00:00", "must be a time of day"),
        ("ts", "21:17:60.000", "must be a time of day"),
        ("ts", "21:17:48.8020001", "must be a time of day"),
        ("ts", "2020-05-12T21:17:48Z", "must be a time of day"),
        ("ts", "２１:17:48", "must be a time of day"),
        ("ts", None, "must be a time of day"),
        ("node", "", "must be a text"),
        ("node", ["SVR13"], "must be a text"),
        ("node", "A\u001b[2J", "must be printable"),
        ("node", "\ud800", "must be printable"),
        ("node", "N" * 600, "must be a text"),
        ("kind", "coffee", "which a Windows failover cluster record does not have"),
        ("kind", {}, "must be a text"),
        ("seen", "86:x:1", "must be an epoch tag"),
        ("seen", "-86:1", "must be an epoch tag"),
        ("seen", "9" * 40, "must be an epoch tag"),
        ("proposed", 7, "must be an epoch tag"),
        ("ok", "true", "must be true or false"),
        ("ok", 1, "must be true or false"),
        ("source", 7, "must be a text"),
    ],
)
def test_a_field_of_the_wrong_kind_is_named_with_what_it_must_be(tmp_path, key, value, wanted):
    text = refused(tmp_path, line(CAS) + b"\n" + line({**CAS, key: value}))
    assert f'line 3 field "{key}"' in text
    assert wanted in text


@pytest.mark.parametrize(
    ("fact", "wanted"),
    [
        ({"kind": "view", "members": "1"}, "must be a list"),
        ({"kind": "view", "members": [1, True]}, "must be a whole number"),
        ({"kind": "epoch_next", "value": -1, "tag": "1"}, "must be a whole number"),
        ({"kind": "epoch_next", "value": 2**80, "tag": "1"}, "must be a whole number"),
        ({"kind": "witness_lock_release", "seconds": "6"}, "must be a number of seconds"),
        ({"kind": "witness_lock_release", "seconds": 1e300}, "must be a number of seconds"),
        ({"kind": "death_timer_start", "seconds": -1}, "must be a number of seconds"),
        ({"kind": "death_timer_start", "seconds": True}, "must be a number of seconds"),
    ],
)
def test_the_facts_of_each_kind_are_checked(tmp_path, fact, wanted):
    assert wanted in refused(tmp_path, line({"ts": "01:02:03", "node": "A", **fact}))


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        (b'{"ts": "21:17:48.802", "node": "A", "kind": "one_off_', "line 2 is not a JSON object"),
        (b'{"ts": "21:17:48", "ts": "21:17:49"}', 'line 2 field "ts" is there twice'),
        (b'{"a": {"b": 1, "b": 2}}', 'line 2 field "b" is there twice'),
        (b'{"ts": "\xff"}', "line 2 is not UTF-8 at byte 9"),
        (b"[1, 2]", "line 2 is a list, not a JSON object"),
        (b'"text"', "line 2 is a text"),
        (b"true", "line 2 is a truth value"),
        (b"null", "line 2 is null"),
        (b"7", "line 2 is a number"),
        (b'{"ts": NaN}', "line 2 has NaN"),
        (b'{"ts": ' + b"9" * 5000 + b"}", "line 2 has a number with too many digits"),
        (b"[" * 30_000 + b"]" * 30_000, "line 2 is nested too deeply"),
        (b'{"ts": "' + b"x" * 70_000 + b'"}', "line 2 is longer than 65,536 bytes"),
    ],
)
def test_a_line_that_is_not_an_object_is_named(tmp_path, raw, wanted):
    assert wanted in refused(tmp_path, line(CAS) + raw + b"\n")


@pytest.mark.parametrize(
    ("meta", "wanted"),
    [
        ([], 'field "_meta" must be an object'),
        ({"complete": "role"}, 'field "complete" must be a list'),
        ({"complete": ["roles"]}, 'field "complete" names "roles"'),
        ({"complete": [{}]}, 'field "complete" names {}'),
        ({"clock_offset_max_s": "5"}, 'field "clock_offset_max_s" must be a number of seconds'),
        ({"outage_s": None}, 'field "outage_s" must be a number of seconds'),
        ({"clock_drift_max_ppm": 100_001}, "parts per million up to 100000"),
        ({"date": "yesterday"}, 'field "date" must be a date such as 2024-05-01'),
        ({"repo": 5}, 'field "repo" must be a text'),
    ],
)
def test_what_a_record_states_about_itself_is_checked(tmp_path, meta, wanted):
    assert wanted in refused(tmp_path, line({"_meta": meta}) + line(CAS))


def test_a_record_states_its_source_once(tmp_path):
    meta = line({"_meta": {}})
    assert 'line 3 field "_meta" is there twice' in refused(tmp_path, meta + line(CAS) + meta)


@pytest.mark.parametrize("content", [b"", b"\n\n", b'{"_meta": {}}\n'])
def test_a_record_without_an_observation_is_refused(tmp_path, content):
    assert "there is no observation in it" in refused(tmp_path, content)


def test_more_parties_than_a_cluster_has_are_refused(tmp_path):
    facts = [{"ts": "01:02:03", "node": f"N{i}", "kind": "reboot"} for i in range(40)]
    assert "more than 32 parties" in refused(tmp_path, b"".join(map(line, facts)))


def test_a_directory_a_missing_file_and_one_without_leave_are_named(tmp_path, monkeypatch):
    with pytest.raises(FileUnreadable, match="is a directory") as caught:
        audit_observations(tmp_path)
    assert caught.value.code == "CCR151"
    with pytest.raises(FileUnreadable, match="no such file"):
        audit_observations(tmp_path / "none.jsonl")

    def closed(*_args: object, **_kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", closed)
    with pytest.raises(FileUnreadable, match="permission denied"):
        audit_observations(tmp_path / "closed.jsonl")
    assert not is_observations(tmp_path / "closed.jsonl")


def test_nothing_that_is_not_a_record_is_taken_for_one(tmp_path):
    (tmp_path / "noise").write_bytes(bytes(range(256)) * 100)
    (tmp_path / "array").write_text("[1, 2]\n")
    (tmp_path / "empty").touch()
    for name in ("noise", "array", "empty", ".", "none", "with\0nul"):
        assert not is_observations(tmp_path / name)


def test_a_byte_order_mark_and_blank_lines_do_no_harm(tmp_path):
    file = tmp_path / "record.jsonl"
    file.write_bytes(b"\xef\xbb\xbf" + GOOD.replace(b"\n", b"\r\n\r\n"))
    assert audit_observations(file).verdict == audit_observations(INCIDENT_2020).verdict


def test_every_cut_of_the_record_is_audited_or_refused_with_a_code(tmp_path):
    file = tmp_path / "record.jsonl"
    for end in range(0, len(GOOD), 7):
        file.write_bytes(GOOD[:end])
        found = outcome(file)
        assert found in ("CCR170", "CCR231") or not isinstance(found, str)


@given(st.binary(max_size=200))
def test_random_bytes_are_refused_with_a_code(tmp_path_factory, content):
    file = tmp_path_factory.mktemp("bytes") / "record.jsonl"
    file.write_bytes(content)
    is_observations(file)
    assert outcome(file) in ("CCR170", "CCR231")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(st.data())
def test_a_record_with_one_value_replaced_is_audited_or_refused_with_a_code(tmp_path_factory, data):
    facts = incident()
    i = data.draw(st.integers(0, len(facts) - 1))
    key = data.draw(st.sampled_from(sorted(facts[i])))
    tags = st.sampled_from(["21:17:48.000", "86:86:31879", "87:87:31907", "SVR14", "role", 0, 6])
    facts[i] = {**facts[i], key: data.draw(_JSON | tags)}
    file = tmp_path_factory.mktemp("fuzz") / "record.jsonl"
    file.write_text("".join(json.dumps(f) + "\n" for f in facts))
    report = outcome(file)
    if isinstance(report, str):
        assert report in ("CCR170", "CCR171", "CCR231")
        return
    assert max(map(len, report.text().splitlines())) <= 100 or max(map(len, report.parties)) > 20
    json.dumps(report.as_json(), allow_nan=False)


@given(st.lists(st.sampled_from(range(38)), max_size=38, unique=True), st.floats(-9, 9))
def test_any_part_of_the_record_with_any_lead_is_audited_or_refused(tmp_path_factory, kept, lead):
    facts = [f for f in incident() if "_meta" not in f]
    file = tmp_path_factory.mktemp("part") / "record.jsonl"
    file.write_text("".join(json.dumps(facts[i]) + "\n" for i in kept))
    report = outcome(file, {"SVR14": lead})
    if isinstance(report, str):
        assert report in ("CCR170", "CCR171", "CCR172", "CCR231")
    else:
        assert report.verdict in ("cannot be known", "does not conform")
