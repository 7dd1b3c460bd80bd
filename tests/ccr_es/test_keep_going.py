"""Going on after a bad event, and parts of one log: each seeded corruption is found where it is,
what cannot be judged after it is named, and the clean twin holds.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ccr_es.audit.audit import HOLDS, UNKNOWN, VIOLATED, AuditReport, audit
from ccr_es.audit.keep_going import audit_going_on
from ccr_es.audit.parts import OUTSIDE, PartsSource, belongs_to, first_of
from ccr_es.audit.sources import FileSource, StoreSource
from ccr_es.errors_audit import PartsConflict
from ccr_es.record.interchange import export
from ccr_es.record.upcast import SCHEMA_VERSION
from ccr_es.store.store import Store
from models.plain.reader import Step
from tests.ccr_es.making import NAME, exported, forge, made, meddle, opened
from tests.models.teaching import MODEL

Lines = list[bytes]


@pytest.fixture(name="lines", scope="module")
def _lines(tmp_path_factory: pytest.TempPathFactory) -> Lines:
    return exported(made(tmp_path_factory.mktemp("kept") / "ccr.db"))


def going(lines: Lines) -> AuditReport:
    """The report on a file."""
    return audit_going_on(FileSource("log", lines), MODEL)


def edited(line: bytes, **data: object) -> bytes:
    """A line whose event says something else."""
    found = json.loads(line)
    found["data"] |= data
    return json.dumps(found).encode()


def foreign(lines: Lines) -> Lines:
    """An event of another cluster between two of ours."""
    return [*lines[:5], edited(lines[4], cluster="other"), *lines[5:]]


CORRUPTIONS: list[tuple[str, Callable[[Lines], Lines], int, str]] = [
    ("a truncated tail", lambda x: x[:-2], 9, "it ends at event 9, its first line promised 11"),
    ("an edit", lambda x: [*x[:6], edited(x[6], actor="bob"), *x[7:]], 7, "its bytes hash to"),
    ("a gap", lambda x: x[:4] + x[6:], 7, "events 5 to 6 are missing before it"),
    ("reordered", lambda x: [*x[:3], x[4], x[3], *x[5:]], 4, "it stands after event 5"),
    ("a copy", lambda x: [*x[:5], x[2], *x[5:]], 3, "it stands after event 5"),
    ("foreign", foreign, 5, "it belongs to cluster other"),
    (
        "another schema",
        lambda x: [*x[:7], edited(x[7], schema=SCHEMA_VERSION + 1), *x[8:]],
        8,
        "has schema version",
    ),
    ("no JSON", lambda x: [*x[:7], b"\xff\x00{", *x[8:]], 8, "line 8 is not JSON"),
]


def test_the_clean_twin_holds_and_nothing_is_left_unjudged(lines: Lines) -> None:
    report = going(lines)
    assert (report.verdict, report.events, report.unjudged) == (HOLDS, 11, {})


@pytest.mark.parametrize(
    ("what", "spoil", "event", "said"), CORRUPTIONS, ids=[c[0] for c in CORRUPTIONS]
)
def test_a_corruption_is_found_where_it_is_and_the_rest_is_judged(
    lines: Lines, what: str, spoil: Callable[[Lines], Lines], event: int, said: str
) -> None:
    bad = spoil(lines)
    report = going(bad)
    assert report.verdict == VIOLATED
    assert {f.event for f in report.findings} <= {event, event + 1}, (what, report.findings)
    assert (report.findings[-1].event, len(report.findings)) in ((event, 1), (event, 2))
    assert said in report.findings[-1].text
    assert report.events >= len(lines) - 3
    assert report.head.startswith("9:" if what == "a truncated tail" else "11:")


def test_after_a_gap_no_guard_is_held_against_anybody_that_may_rest_on_it(lines: Lines) -> None:
    """Without going on, the same file has guards that only the missing event would make true."""
    gap = lines[:1] + lines[2:]
    stops = audit(FileSource("log", gap), MODEL)
    assert "guard" in {f.kind for f in stops.findings}
    report = going(gap)
    assert {f.kind for f in report.findings} == {"sequence"}
    assert "R011 start_serving: it holds the lock" in report.unjudged
    assert "P01 never_two_serving" in report.unjudged


def test_doubt_ends_where_an_event_sets_what_was_lost(tmp_path: Path) -> None:
    """A lost event of the lock leaves the nodes' power beyond doubt: a second boot is found."""
    path = made(tmp_path / "ccr.db")
    with opened(path) as cluster:
        forge(cluster, Step("boot", {"n": "B"}))
    lines = exported(path)
    late = going([*lines[:1], lines[1].replace(b'"schema":', b'"sch":'), *lines[2:]])
    assert "node[n].power is DOWN" in {f.guard for f in late.findings}
    everything = going(lines[:10] + lines[11:])
    assert "node[n].power is DOWN" not in {f.guard for f in everything.findings}
    assert "R002 boot: node[n].power is DOWN" in everything.unjudged


def test_a_row_that_is_gone_from_a_store_is_passed_over(tmp_path: Path) -> None:
    path = made(tmp_path / "ccr.db")
    meddle(path, "DELETE FROM stored_events WHERE rowid = 5")
    meddle(path, "UPDATE stored_events SET state = ? WHERE rowid = 8", b"{}")
    with Store.open(path) as store:
        report = audit_going_on(StoreSource(store, NAME), MODEL)
    assert report.verdict == VIOLATED
    assert {f.event for f in report.findings if f.kind == "decode"} == {5, 8}
    assert report.events == 9


def part(path: Path, name: str) -> Lines:
    """One part of the log of a store."""
    with Store.open(path) as store:
        return list(export(store, NAME, name, belongs_to(name, lambda stamp: MODEL)))


@pytest.fixture(name="parts", scope="module")
def _parts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Lines]:
    path = made(tmp_path_factory.mktemp("parts") / "ccr.db")
    return {name: part(path, name) for name in ("A", "B", OUTSIDE)}


def merged(parts: dict[str, Lines]) -> PartsSource:
    """The parts as one source."""
    return PartsSource([FileSource(name, lines) for name, lines in parts.items()])


def test_the_parts_of_a_log_say_what_the_whole_says(parts: dict[str, Lines], lines: Lines) -> None:
    report = audit(merged(parts), MODEL)
    whole = audit(FileSource("log", lines), MODEL)
    assert (report.verdict, report.head, report.events) == (HOLDS, whole.head, 11)
    assert first_of(parts["A"][0])[1:] == (NAME, "A")
    assert sum(len(x) for x in parts.values()) == 11 + 2, "the creation is in each of them"


def test_a_part_that_is_missing_leaves_the_verdict_open_and_the_gap_is_named(
    parts: dict[str, Lines],
) -> None:
    two = {name: parts[name] for name in ("A", "B")}
    report = audit(merged(two), MODEL)
    assert (report.verdict, report.findings) == (UNKNOWN, [])
    assert "in none of the parts (A; B)" in report.unchecked
    further = audit_going_on(merged(two), MODEL)
    assert (further.verdict, further.findings) == (UNKNOWN, [])
    assert further.events == len({line for x in two.values() for line in x[1:]}) + 1
    assert any("in none of the parts" in text for text in further.unjudged)


def test_parts_that_contradict_each_other_are_found_in_both(parts: dict[str, Lines]) -> None:
    number = json.loads(parts["A"][1])["data"]["number"]
    other = {**parts, "B": [parts["B"][0], edited(parts["A"][1], reason="me"), *parts["B"][1:]]}
    report = audit(merged(other), MODEL)
    assert report.verdict == VIOLATED
    assert f"event {number} is another one in A line 2" in [f.text for f in report.findings]
    assert {f.where for f in report.findings if f.event == number} == {"B line 2"}


def test_a_part_that_was_reordered_is_found_by_its_line(parts: dict[str, Lines]) -> None:
    outside = parts[OUTSIDE]
    swapped = {**parts, OUTSIDE: [outside[0], outside[2], outside[1], *outside[3:]]}
    report = audit(merged(swapped), MODEL)
    assert report.verdict == VIOLATED
    second = json.loads(outside[1])["data"]["number"]
    assert f"outside line 3: event {second} after event" in report.findings[0].text


def test_parts_of_two_clusters_are_no_log(parts: dict[str, Lines], tmp_path: Path) -> None:
    path = made(tmp_path / "other.db", name="other")
    with Store.open(path) as store:
        lines = list(export(store, "other", "B", belongs_to("B", lambda stamp: MODEL)))
    report = audit(merged({**parts, "B": lines}), MODEL)
    assert PartsConflict.code in report.findings[0].text
