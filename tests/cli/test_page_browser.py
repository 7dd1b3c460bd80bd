"""The page of an audit in a real browser: nothing in it runs, nothing is missing, no complaint."""

from __future__ import annotations

import html
import re
import shutil
from pathlib import Path
from time import monotonic

import pytest

from tests.browser import opened
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
