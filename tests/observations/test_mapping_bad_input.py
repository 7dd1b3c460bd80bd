"""A mapping or a record that is unusable: one line that names file, line and key, and a code."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest

from ccr_es.errors import FileUnreadable, RecordMalformed
from ccr_es.observations import audit_observations, mapping_named
from ccr_es.observations.errors import MappingMalformed, MappingsFit, MappingUnknown, NoMappingFits
from ccr_es.observations.mappings.load import load_mapping
from ccr_es.observations.mappings.patterns import LONGEST, Pattern
from ccr_es.observations.mappings.shipped import FOLDER
from tests.cli.calling import call
from tests.observations.samples import FAILOVER, HISTORY, LEADER_KILL, REPMGR

SHIPPED = sorted(FOLDER.glob("*.toml"))
GOOD = (FOLDER / "pg_auto_failover.toml").read_text()
TINY = """\
mapping = 1
system = "tiny"

[read]
form = "json lines"

[time]
field = "t"

[party]
field = "p"

[[kind]]
when = { k = "up" }
is = "role"
set = { role_to = "k" }
"""
CODES = {"CCR151", "CCR170", "CCR171", "CCR230", "CCR231", "CCR232"}


def refused(folder: Path, content: str | bytes) -> str:
    """The one line that refuses a mapping."""
    file = folder / "mine.toml"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(MappingMalformed) as caught:
        load_mapping(file)
    text = str(caught.value)
    assert "\n" not in text
    assert text.isprintable()
    assert str(file) in text
    return text


@pytest.mark.parametrize(
    ("old", "new", "line", "wanted"),
    [
        ("mapping = 1", "mapping = 2", 1, "key mapping must be 1"),
        ("mapping = 1", "", 1, "key mapping is missing"),
        ('system = "tiny"', "", 1, "key system is missing"),
        ('system = "tiny"', "system = 7", 2, "key system must be a text"),
        ('system = "tiny"', 'system = "a\\u001b[2J"', 2, "must be printable"),
        ('form = "json lines"', 'form = "xml"', 5, "key read.form must be one of: json lines"),
        ('form = "json lines"', 'form = "text"', 4, "key read.pattern must have named groups"),
        ('form = "json lines"', 'form = "csv"\ndelimiter = ";;"', 6, "must be one character"),
        ('form = "json lines"', 'form = "csv"\nheader = false', 4, "key read.columns must name"),
        ('form = "json lines"', 'form = "text"\npattern = ["("]', 6, "is no pattern: missing )"),
        ('form = "json lines"', 'form = "text"\npattern = ["(?=x)"]', 6, "is no pattern"),
        ('field = "t"', 'field = "t"\nformat = "odd"', 9, "key time.format must be one of iso"),
        ('field = "t"', 'field = "t"\nzone = "Mars/Base"', 9, "key time.zone is 'Mars/Base'"),
        ('field = "t"', 'field = "t"\ndate = "31.12."', 9, "key time.date must be a date"),
        ('field = "t"', 'field = "t"\nresolution_s = -1', 9, "must be a number from 0"),
        ('field = "t"', "field = []", 8, "key time.field must be a text"),
        ('field = "p"', 'field = "p"\nnames = { a = "\\u0007" }', 12, "key party.names must give"),
        ('field = "p"', 'field = "p"\nfeild = "q"', 12, "key party.feild is not known here"),
        ("[party]", "[clock]\ndrift_max_ppm = 1e7\n[party]", 11, "must be at most 100000"),
        ("[party]", '[source]\ntold = { x = 1 }\n[party]', 11, "needs `field`"),
        ("[party]", "[order]\nlines = 1\n[party]", 11, "key order.lines must be true or false"),
        ('is = "role"', 'is = "roll"', 15, "key kind 1.is must be one of"),
        ('is = "role"', "", 13, "key kind 1.is is missing"),
        ('{ role_to = "k" }', '{ role_too = "k" }', 16, "set.role_too is no fact; there are peer"),
        ('{ role_to = "k" }', '{ peer = "k" }', 16, "kind 1.set must give role_to"),
        ('{ role_to = "k" }', '{ role_to = { value = {} } }', 16, "must be a text, a number"),
        ('{ role_to = "k" }', '{ role_to = { field = "k", match = "[" } }', 16, "is no pattern"),
        ('when = { k = "up" }', "when = { k = [] }", 14, "kind 1.when.k must be a value"),
        ('when = { k = "up" }', "when = { k = { like = 1 } }", 14, "must say what the field"),
        ("[[kind]]", "[kind]", 13, "key kind must be written [[kind]]"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_mapping_is_named_by_line_and_key(tmp_path, old, new, line, wanted):
    assert old in TINY
    text = refused(tmp_path, TINY.replace(old, new, 1))
    assert f"line {line} " in text
    assert wanted in text


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (b"\xff\xfe", "line 1 is not UTF-8"),
        (b"mapping = 1\nsystem = \"\xff\"", "line 2 is not UTF-8"),
        (b"mapping = ", "not TOML"),
        (b"a = 1\na = 2", "not TOML: Cannot overwrite a value"),
        (b"a = " + b"[" * 50_000, "nested too deeply"),
        (b"x = " + b"9" * 6_000, "not TOML"),
        (b"", "line 1 key mapping is missing"),
        (b"#" * (2 << 20), "is larger than"),
    ],
)  # fmt: skip
def test_what_is_no_toml_is_named(tmp_path, content, wanted):
    assert wanted in refused(tmp_path, content)


def test_a_mapping_that_is_a_directory_or_not_there_or_has_no_name_is_refused(tmp_path):
    for bad in (tmp_path, tmp_path / "none.toml", Path("with\0nul.toml")):
        with pytest.raises(FileUnreadable):
            load_mapping(bad)
    with pytest.raises(MappingUnknown, match="or one of patroni, "):
        mapping_named("oracle")
    assert mapping_named(str(SHIPPED[0])).name == SHIPPED[0].stem


def test_no_pattern_can_take_longer_than_the_line_is_long():
    hostile = ("(a+)+$", "(a|a)*b", "(a|aa)+$", "(.*)(.*)(.*)(.*)=", "(x+x+)+y")
    start = time.process_time()
    for text in hostile:
        assert Pattern(text).named("a" * 60_000 + "!") in (None, {})
    assert time.process_time() - start < 5
    for text in ("((a{100}){100}){100}", "a" * (LONGEST + 1), "\ud800"):
        with pytest.raises(ValueError, match="is"):
            Pattern(text)


def test_a_record_that_fits_no_mapping_names_line_and_field_and_the_nearest(tmp_path):
    file = tmp_path / "record.jsonl"
    rows = [{"_meta": {}}, {"ts": "2031-01-01T00:00:00Z", "node": "a", "kind": "sneezed"}]
    file.write_text("".join(json.dumps(r) + "\n" for r in rows))
    with pytest.raises(NoMappingFits) as caught:
        audit_observations(file)
    text = str(caught.value)
    assert 'line 2 field "' in text
    assert "Nearest is" in text
    assert "ccr explain mapping" in text


def test_a_record_that_two_mappings_read_is_refused_with_their_names(tmp_path):
    file = tmp_path / "record.jsonl"
    both = {"ts": "10:00:00", "node": "a", "kind": "reboot", "reported": "primary"}
    file.write_text(json.dumps(both) + "\n")
    with pytest.raises(MappingsFit, match="2 mappings read it: pg_auto_failover, wsfc"):
        audit_observations(file)
    named = [{"_meta": {"system": "Windows failover cluster"}}, both]
    file.write_text("".join(json.dumps(r) + "\n" for r in named))
    report = audit_observations(file)
    assert report.record.mapping == "wsfc"
    assert report.record.chosen == "the record names its system"


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        ('[["x"]]', 'item 1 field "time" is missing'),
        ("[[1, 2, 3, 4, 5, 6]]", "item 1 has 6 columns, the mapping names 5"),
        ("[7]", "item 1 is a number"),
        ('{"other": []}', 'line 1 begins an object that has no field "history"'),
        ('{"history": 7}', "line 1 begins a number, not a list"),
        ("[\n[\n", "line 3 is not a JSON object"),
        ("[" * 60_000, "nested too deeply"),
        ('{"history": [], "history": []}', 'field "history" is there twice'),
        ('{"_meta": 7, "history": []}', 'document field "_meta" must be an object'),
        ('{"_meta": {"complete": ["x"]}, "history": []}', 'field "complete" names "x"'),
        ("[]", "there is no observation in it"),
    ],
)
def test_what_is_wrong_with_a_list_is_named_by_its_item(tmp_path, content, wanted):
    file = tmp_path / "history.json"
    file.write_text(content)
    with pytest.raises(RecordMalformed) as caught:
        audit_observations(file, None, mapping_named("patroni_history"))
    assert wanted in str(caught.value)


CSV = TINY.replace('form = "json lines"', 'form = "csv"')
TABLE = TINY.replace('form = "json lines"', 'form = "table"')


@pytest.mark.parametrize(
    ("mapping", "content", "wanted"),
    [
        (CSV, "t,p,k\n2031-01-01 00:00:00,a\n", "line 2 has 2 columns, the header 3"),
        (CSV, 't,p,k\n"2031\n', "line 2 is not CSV"),
        (CSV, "t,t,k\n", 'line 1 field "t" is there twice'),
        (CSV, "t,p,k\n2031-01-01 00:00:00,,up\n", 'line 2 field "p" is missing'),
        (CSV, "t,p,k\n2031-01-01 00:00:00,a,down\n", 'line 2 field "k" is "down", which a tiny'),
        (CSV, "t,p,k\na\0b,a,up\n", "line 2 has a NUL in it"),
        (CSV, f"t,p,k\n{'x' * 70_000}\n", "line 2 is longer than 65,536 bytes"),
        (TABLE, " t | p | k\n---+---+---\n x | y \n", "line 3 has 2 columns, the header 3"),
        (TABLE, " t | p | k\n---+---+---\n x+| y | z\n", "line 3 ends in the middle of a row"),
        (TABLE, "(0 rows)\n", "there is no observation in it"),
    ],
)
def test_what_is_wrong_with_a_table_is_named_by_its_line(tmp_path, mapping, content, wanted):
    (tmp_path / "m.toml").write_text(mapping)
    (tmp_path / "r").write_text(content)
    with pytest.raises(RecordMalformed) as caught:
        audit_observations(tmp_path / "r", None, load_mapping(tmp_path / "m.toml"))
    assert wanted in str(caught.value)
    assert str(tmp_path / "r") in str(caught.value)


def test_at_the_command_line_it_is_one_line_and_exit_code_4_and_nothing_is_written(tmp_path):
    (tmp_path / "m.toml").write_text(TINY.replace("[[kind]]", "[[knid]]"))
    before = sorted(p.name for p in tmp_path.iterdir())
    for words in (
        ["audit", str(FAILOVER), "--mapping", str(tmp_path / "m.toml")],
        ["audit", str(FAILOVER), "--mapping", str(tmp_path)],
        ["audit", str(tmp_path), "--mapping", "patroni"],
        ["audit", str(HISTORY), "--mapping", "repmgr"],
        ["audit", str(LEADER_KILL), "--mapping", "repmgr"],
    ):
        found = call(*words)
        assert found.exit_code == 4, words
        assert len(found.stderr.splitlines()) == 1
        assert re.match(r"ccr: CCR(151|170|230): /", found.stderr), found.stderr
        assert found.stdout == ""
    assert sorted(p.name for p in tmp_path.iterdir()) == before
    assert call("audit", str(REPMGR), "--mapping", "oracle").exit_code == 2
    assert call("audit", str(REPMGR), "--drift", "-3").exit_code == 2


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        ("a,b\n1,2\n", "line 2 field"),
        ('{"time": 1, "host": "a"}\n', 'line 1 field "ts" is missing'),
        ("hello world\n", "line 1 "),
        ('{"_meta": {"system": "Oracle"}}\n', "it names the system 'Oracle', of which no mapping"),
    ],
)
def test_a_text_that_nothing_reads_is_not_taken_for_a_log_that_was_tampered_with(
    tmp_path, content, wanted
):
    (tmp_path / "file").write_text(content)
    found = call("audit", str(tmp_path / "file"))
    assert found.exit_code == 4
    assert wanted in found.stderr
    assert found.stderr.startswith("ccr: CCR231: ")
    assert "explain mapping" in found.stderr
