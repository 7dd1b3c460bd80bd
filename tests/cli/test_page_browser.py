"""The page of an audit in a real browser: nothing in it runs, nothing is missing, no complaint."""

from __future__ import annotations

import html
import re
import shutil
from pathlib import Path
from time import monotonic

import pytest

from tests.browser import Printed, opened, printed
from tests.cli.calling import begin, call, good
from tests.cli.test_page import DATA, HOSTILE, event_ids, store

__all__ = ["store"]


@pytest.fixture
def page(store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The page of an audit of a log with a hostile reason."""
    shutil.copy(store, tmp_path / "ccr.db")
    monkeypatch.chdir(tmp_path)
    good("audit", "--html", "page.html")
    return tmp_path / "page.html"


def probed(page: Path, script: str) -> str:
    """The title of the page after a script of the test's own, which its policy lets in."""
    text = page.read_text()
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text, count=1)
    probe = page.with_name("probe.html")
    probe.write_text(text.replace("</body>", f"<script>{script}</script></body>"))
    found = opened(probe)
    assert found.console == ()
    title = re.search(r"<title>(.*?)</title>", found.dom)
    assert title is not None
    return title[1]


def test_the_page_opens_without_a_complaint_and_runs_nothing_of_the_record(page: Path) -> None:
    found = opened(page, fragment="#e20")
    assert found.console == ()
    assert "data-owned" not in found.dom
    assert event_ids(found.dom) == event_ids(page.read_text())
    assert '<p class="keys">' in found.dom, "the script has run"


@pytest.mark.slow
def test_without_a_script_nothing_is_missing_but_the_keys(page: Path) -> None:
    """In a frame whose scripts the browser blocks."""
    text = page.read_text()
    outer = page.with_name("outer.html")
    looks = (
        "const d = document.querySelector('iframe').contentDocument; document.title = ["
        "d.querySelectorAll('.row, .quiet').length, d.querySelector('.keys').hidden,"
        "d.querySelector('#e1').offsetHeight > 9, d.querySelectorAll('svg.plot').length].join();"
    )
    outer.write_text(
        f'<title></title><iframe sandbox="allow-same-origin" srcdoc="{html.escape(text)}"></iframe>'
        f"<script>onload = () => {{ {looks} }}</script>"
    )
    found = opened(outer)
    (complaint,) = found.console
    assert "Blocked script execution" in complaint
    assert f"<title>{len(event_ids(text))},true,true,3</title>" in found.dom


@pytest.mark.slow
def test_the_console_is_heard_and_the_policy_holds(page: Path) -> None:
    """Were a string of the record not inert, this test's way of looking would see it."""
    broken = page.with_name("broken.html")
    broken.write_text(page.read_text().replace("<main", f"<p>{HOSTILE}</p><main"))
    assert opened(broken).console != ()
    assert "data-owned" not in opened(broken).dom, "the policy stops it"
    policy = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
    broken.write_text(policy.sub("", broken.read_text()))
    assert "data-owned" in opened(broken).dom


@pytest.mark.slow
def test_keys_go_from_event_to_event_and_a_link_opens_what_is_folded(page: Path) -> None:
    press = "const press = (k) => document.dispatchEvent(new KeyboardEvent('keydown', {key: k}));"
    script = (
        f"{press} ['j', 'j', 'j', 'k'].forEach(press); document.title = document.activeElement.id;"
    )
    assert probed(page, script) == "e2"
    opens = (
        "location.hash = '#e20'; requestAnimationFrame(() => setTimeout(() => { document.title ="
        " document.querySelector('#e20').closest('details').open; }, 100));"
    )
    assert probed(page, opens) == "true"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["wsfc_2020/record.jsonl", "patroni_2024/leader_kill.jsonl"])
def test_a_record_of_another_system_opens_without_a_complaint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    record = tmp_path / "record.jsonl"
    record.write_text((DATA / name).read_text().replace("SVR13", "<img/src=x/onerror=alert(1)>"))
    assert call("audit", "record.jsonl", "--html", "page.html").exit_code in (1, 3)
    found = opened(tmp_path / "page.html")
    assert found.console == ()
    assert "<img" not in found.dom


@pytest.mark.slow
def test_a_page_of_thousands_of_events_opens_and_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    begin("cluster create MAIL", "workload --logs 1000 --every 200ms")
    good("audit", "--html", "page.html")
    ids = event_ids((tmp_path / "page.html").read_text())
    assert len(ids) > 5_000
    began = monotonic()
    found = opened(tmp_path / "page.html", fragment=f"#{ids[-1]}")
    assert found.console == ()
    assert event_ids(found.dom) == ids
    assert monotonic() - began < 30, "a page that large takes seconds, not minutes"


HEADS = re.compile(r" *time +event +A +B +witness\n")
BEGINS = re.compile(r"\s*(\+\d\d:|\d+ +\S+ pass|\S? *\d+ routine events)")
"""How a row of the timeline begins."""


def faults_in_print(page: Printed) -> list[str]:
    """What is not as it should be on the sheets of a page of findings."""
    found = []
    first, *_ = sheets = page.sheets
    if "Violated" not in first or "Findings" not in first:
        found.append("the verdict and what was found are not on the first sheet")
    at = {title: n for n, s in enumerate(sheets) for title in TITLES if f"\n{title}\n" in s}
    begin, end = at["What happened"], at["Queues and loss window"]
    if not at["Findings"] < begin < end - 1:
        found.append(f"they come in another order, or the timeline is short: {at}")
    for n in range(begin, end):
        heads = HEADS.search(sheets[n])
        if heads is None:
            found.append(f"sheet {n + 1} does not name the parties")
        rest = sheets[n][heads.end() if heads else 0 :].lstrip("\n")
        if n > begin and not BEGINS.match(rest):
            found.append(f"sheet {n + 1} begins within a row: {rest[:60].strip()!r}")
    for n, shades in enumerate(page.shades, 1):
        light, dark = (sum(low <= dot < low + 32 for dot in shades) for low in (224, 0))
        if light < len(shades) * 0.6 or dark > len(shades) * 0.2:
            found.append(f"sheet {n} is no ink on white")
    return found


TITLES = ("Findings", "What happened", "Queues and loss window")


@pytest.mark.slow
def test_in_print_the_verdict_comes_first_and_no_row_is_cut_in_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    begin("cluster create MAIL", "workload --logs 4", "node fail A", "wait 1m", "node start A")
    good("log", "export", "log.ndjson")
    log = tmp_path / "log.ndjson"
    lines = log.read_text().splitlines(keepends=True)
    log.write_text(
        "".join([*lines[:-2], lines[-2].replace('"reason":""', '"reason":"x"'), lines[-1]])
    )
    assert call("audit", "log.ndjson", "--html", "page.html").exit_code == 1
    page = tmp_path / "page.html"
    assert faults_in_print(printed(page)) == []
    # That each of these would be seen: without our rules for print, and with dark paper.
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page.read_text())
    text = re.sub(r"break-(inside|after): avoid", "", text).replace(
        "--paper: #fff", "--paper: #111"
    )
    page.write_text(text)
    said = " ".join(faults_in_print(printed(page)))
    for fault in ("does not name the parties", "begins within a row", "no ink on white"):
        assert fault in said
