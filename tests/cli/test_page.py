"""The page of an audit: what is on it, that it is inert and stands alone, that everybody can use
it.
"""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from ccr_es.audit.sources import StoreSource
from ccr_es.store.store import Store
from cli.page import matter as matters
from cli.page import timeline
from cli.page.plots import EDGE, Scale
from cli.page.words import embedded, esc
from specs.catalogue import CCR
from tests.accessibility import parsed, troubles
from tests.cli.calling import call, good

DATA = Path(__file__).parents[1] / "data"
HOSTILE = "</script><img src=x onerror=document.documentElement.dataset.owned=1>"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A failover with a hostile reason, and a node that freezes."""
    path = tmp_path_factory.mktemp("page") / "ccr.db"
    for words in (
        ("cluster", "create", "MAIL", "--witness", "//HUB/MAIL"),
        ("workload", "--logs", "6", "--every", "85ms"),
        ("node", "fail", "A", "--reason", HOSTILE),
        ("wait", "60s"),
        ("node", "start", "A", "--reason", HOSTILE),
        ("wait", "5m"),
    ):
        good("--store", str(path), *words)
    return path


@pytest.fixture
def at(store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it in a folder of its own."""
    shutil.copy(store, tmp_path / "ccr.db")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def page(*words: str, exit_code: int = 0) -> str:
    """The page that a call writes."""
    result = call(*words, "--html", "page.html")
    assert result.exit_code == exit_code, result.output
    return Path("page.html").read_text()


def event_ids(text: str) -> list[str]:
    """The anchors of events."""
    return re.findall(r'<li id="(e\d+)"', text)


def test_the_page_says_what_the_text_says(at: Path) -> None:
    text = page("audit")
    head = good("audit").splitlines()[2].split()[2]
    for said in ("holds", head, "cluster MAIL", "ccr audit --html page.html", "ccr 0"):
        assert said in text
    order = re.findall(r'<section id="([a-z]+)"', text)
    assert order == [
        *("findings", "history", "served", "unjudged", "provenance", "timeline", "queues"),
        *("rules", "events"),
    ]
    for line in good("who").splitlines()[1:3]:
        assert line.split()[1] in text
    assert "never two serving at once" in good("who")
    assert "Never did two serve at once" in text


def test_every_event_has_an_anchor_and_is_embedded(at: Path) -> None:
    text = page("audit")
    log = json.loads(good("log", "list", "--json"))["events"]
    assert event_ids(text) == [f"e{e['number']}" for e in log]
    inside = re.search(r'<script type="application/json" id="events-json">(.*?)</script>', text)
    assert inside is not None
    assert json.loads(inside[1]) == log


def test_the_same_log_gives_the_same_page(at: Path) -> None:
    assert page("audit") == page("audit")


def test_nothing_on_the_page_points_outside(at: Path) -> None:
    elements = list(parsed(page("audit")).all())
    assert all(e.attributes.get("href", "#").startswith("#") for e in elements)
    assert not any({"src", "srcset", "style", "data"} & set(e.attributes) for e in elements)
    assert not any(name.startswith("on") for e in elements for name in e.attributes)
    assert not any("url(http" in e.text or "@import" in e.text for e in elements)


def test_a_violation_comes_before_the_timeline_and_links_to_its_event(at: Path) -> None:
    good("log", "export", "log.ndjson")
    lines = Path("log.ndjson").read_text().splitlines()
    failed = next(i for i, x in enumerate(lines, 1) if "ccr:NodeFailed" in x)
    lines[failed - 1] = lines[failed - 1].replace("onerror", "onload")
    Path("log.ndjson").write_text("\n".join(lines) + "\n")
    text = page("audit", "log.ndjson", exit_code=1)
    assert text.index('id="f1"') < text.index('id="timeline"')
    assert f'<a href="#e{failed}">Event {failed}</a>' in text
    assert re.search(rf'<li id="e{failed}" class="stop row wrong"', text)
    assert "SHA-256 of log.ndjson" in text
    assert troubles(text) == []


def test_what_a_record_holds_is_only_text(at: Path) -> None:
    text = page("audit")
    assert HOSTILE not in text
    assert esc(HOSTILE) in text
    assert not any(e.name == "img" for e in parsed(text).all())


@pytest.mark.parametrize(
    ("value", "shown"),
    [("a<b>&\"'", "a&lt;b&gt;&amp;&quot;&#x27;"), ("\u202eabc\x00", "\\u202eabc\\u0000")],
)
def test_text_is_made_inert_and_what_cannot_be_seen_is_spelled_out(value: str, shown: str) -> None:
    assert esc(value) == shown


def test_embedded_json_ends_no_element_and_reads_back() -> None:
    value = [HOSTILE, "<!--<script>", "]]>", "\u2028", "\ud800"]
    assert not set("<>&") & set(embedded(value))
    assert json.loads(embedded(value)) == value


@pytest.mark.parametrize(
    "words",
    [
        ("audit",),
        ("audit", str(DATA / "wsfc_2020" / "record.jsonl")),
        ("audit", str(DATA / "patroni_2024" / "leader_kill.jsonl")),
        ("audit", "ccr.db", str(DATA / "wsfc_2020" / "record.jsonl")),
        ("audit", "--partial", "log.ndjson", "--complete", "all"),
    ],
    ids=["own", "windows", "patroni", "two", "partial"],
)
def test_everybody_can_use_the_page(at: Path, words: tuple[str, ...]) -> None:
    good("log", "export", "log.ndjson")
    result = call(*words, "--html", "page.html")
    assert result.exit_code in (0, 1, 3), result.output
    assert troubles(Path("page.html").read_text()) == []


def test_past_its_room_the_page_says_what_is_left_out(
    at: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is near a finding, or near where a passage begins and ends, is there all the same."""
    monkeypatch.setattr("cli.page.making.KEPT", 20)
    monkeypatch.setattr("cli.page.matter.NEAR", 2)
    text = page("audit")
    last = json.loads(good("log", "check", "--json"))["events"]
    (passage,) = json.loads(good("history", "--json"))["passages"]
    ends = (passage["cause"]["event"], passage["event"])
    near = {n for e in ends for n in range(e - 2, e + 3)}
    shown = sorted({*range(1, 11), *range(last - 9, last + 1), *near})
    assert event_ids(text) == [f"e{n}" for n in shown]
    assert f'href="#e{ends[0]}"' in text
    left = last - len(shown)
    assert f"{left} events were judged, but this page has no room for them" in text
    assert f"11 to {min(near) - 1}, within" in text
    assert f"{last} events judged" in text
    assert troubles(text) == []
    good("log", "export", "log.ndjson")
    lines = Path("log.ndjson").read_text().splitlines()
    lines[14] = lines[14].replace('"reason":""', '"reason":"?"')
    Path("log.ndjson").write_text("\n".join(lines) + "\n")
    found = page("audit", "log.ndjson", exit_code=1)
    assert {f"e{n}" for n in range(13, 18)} <= set(event_ids(found))
    assert '<a href="#e15">Event 15</a>' in found
    history = page("history")
    assert f'id="e{ends[0]}"' in history


def test_two_that_serve_at_once_stand_out_by_a_pattern(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(DATA.parent / "scenarios" / "windows2003.ndjson", tmp_path)
    monkeypatch.chdir(tmp_path)
    good("log", "import", "windows2003.ndjson", "--cluster", "TIMERS")
    text = page("audit", exit_code=1)
    assert "1 stretch in which two served at once." in text
    assert re.search(r'<rect class="both"[^>]* fill="url\(#both\)">', text)
    assert "B and A were both serving from +00:00:11.200 to +00:00:11.200" in text
    assert "a network is cut" in text
    assert "Promise that was broken" in text
    assert '<a href="#P01">P01 never_two_serving</a>' in text
    assert troubles(text) == []


def test_a_run_has_a_page_without_its_steps_and_no_link_leads_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(DATA.parent / "scenarios" / "windows2003.ndjson", tmp_path)
    monkeypatch.chdir(tmp_path)
    text = page("audit", "windows2003.ndjson", exit_code=1)
    assert "it was given a run, not a log" in text
    assert troubles(text) == []


def test_what_ends_service_is_never_folded(at: Path) -> None:
    """A node cut off from all others goes on until its lease ends, which is no event."""
    for words in (("network", "cut", "LAN"), ("witness", "fail"), ("wait", "60s")):
        good(*words)
    rows = json.loads(good("who", "--json"))["spans"]
    assert rows[-1]["ended_by"] == "time"
    text = page("audit")
    told = next(x for x in text.split("<li ") if f"{rows[-1]['node']} no longer serves" in x)
    assert f'id="e{rows[-1]["until_event"]}"' in told
    folded = "".join(re.findall(r"<details><summary>\d+ routine.*?</details>", text))
    assert "no longer serves" not in folded


def test_time_that_ends_service_amid_routine_splits_the_fold(at: Path) -> None:
    with Store.open(Path("ccr.db")) as store:
        source = StoreSource(store, "MAIL")
        found = matters.Matter(source.book)
        for item in source.items():
            found.take(item.recorded)
    model = found.fold.reader.model
    run = max(
        (r for r, routine in timeline.runs_of(found.moments, model, set()) if routine), key=len
    )
    assert len(run) > 10
    after = [replace(m, standing=("down", *m.standing[1:])) for m in run[5:]]
    split = list(timeline.runs_of([*run[:5], *after], model, set()))
    assert [(len(r), routine) for r, routine in split] == [
        (5, True), (1, False), (len(run) - 6, True),
    ]  # fmt: skip


def test_what_was_lost_is_on_the_page_log_by_log(at: Path) -> None:
    text = page("audit")
    assert call("loss", "--html", "page.html").exit_code == 1
    for x in json.loads(call("loss", "--json").stdout)["failovers"]:
        assert f'<a href="#e{x["event"]}">{x["event"]} {x["mount"]}</a>' in text
        assert {h["file"] for h in x["held"]} <= set(re.findall(r"E0\w+\.log", text))
    assert troubles(Path("page.html").read_text()) == []


def test_a_log_that_could_not_be_judged_whole_is_not_praised(at: Path) -> None:
    for node in ("A", "B"):
        good("log", "export", f"{node}.ndjson", "--node", node)
    text = page("audit", "A.ndjson", "B.ndjson", exit_code=3)
    assert "None in the 1 event that could be judged." in text
    assert "events 2 to 3 are in none of the parts" in text
    assert "The chain is whole" not in text
    assert 'class="verdict unknown"' in text


def test_every_rule_that_is_called_routine_is_a_rule() -> None:
    assert set(CCR.rules) >= timeline.ROUTINE
    assert matters.KEPT == 10_000


def test_a_file_that_is_no_page_of_ours_is_left_as_it_was(at: Path) -> None:
    Path("page.html").write_text("my notes")
    result = call("audit", "--html", "page.html")
    assert (result.exit_code, "CCR240" in result.stderr) == (1, True)
    assert Path("page.html").read_text() == "my notes"
    assert call("audit", "--html", "nowhere/page.html").exit_code == 4


def test_a_page_of_an_edited_store_is_still_written(at: Path) -> None:
    with sqlite3.connect("ccr.db") as db:
        (table,) = db.execute(
            "SELECT name FROM sqlite_master WHERE sql LIKE '%originator_version%' AND type='table'"
        ).fetchone()
        rows = db.execute(f"SELECT rowid, state FROM {table} ORDER BY rowid").fetchall()
        row, state = next((i, s) for i, s in rows if b'"NodeFailed"' in bytes(s))
        new = bytes(state).replace(b"onerror", b"onloads")
        db.execute(f"UPDATE {table} SET state=? WHERE rowid=?", (new, row))
    db.close()
    text = page("audit", exit_code=1)
    assert 'class="verdict violated"' in text
    assert troubles(text) == []


def test_no_two_labels_of_an_axis_overlap() -> None:
    scale = Scale([780, 15_780, 60_780, 105_000, 360_780], 480_780)
    wide = 100
    spans = []
    for time in scale.ticks():
        x = scale.at(time)
        spans.append((x - wide, x) if x > EDGE else (x, x + wide))
    assert len(spans) > 2
    assert all(one[1] <= other[0] for one, other in pairwise(spans))
