"""Every question about a record can be asked as of a point, and is answered as text, JSON, CSV and
a page.
"""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import click
import pytest

from cli.main import root
from tests.accessibility import troubles
from tests.browser import opened
from tests.cli.calling import call
from tests.cli.test_page import HOSTILE, store

__all__ = ["store"]

QUESTIONS = {
    "audit": (),
    "history": (),
    "why": ("failover",),
    "who": (),
    "loss": (),
    "diff": ("NodeFailed",),
    "what-if": ("NodeFailed", "--without"),
    "foresee": ("--depth", "1", "P01", "P08"),
}
"""Each command that asks a record something, with a question."""
FORMS = ("--as-of", "--json", "--csv", "--html")


@pytest.fixture
def at(store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the store in a folder of its own."""
    shutil.copy(store, tmp_path / "ccr.db")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", QUESTIONS)
def test_no_command_lacks_a_form(name: str, form: str) -> None:
    command = root.get_command(click.Context(root), name)
    assert command is not None
    assert form in {o for p in command.params if not getattr(p, "hidden", False) for o in p.opts}


@pytest.mark.parametrize(("name", "words"), QUESTIONS.items())
def test_every_form_gives_the_same_answer(at: Path, name: str, words: tuple[str, ...]) -> None:
    as_of = ("--as-of", "NodeStarted")
    text = call(name, *words, *as_of)
    assert text.exit_code in (0, 1), text.output
    found = call(name, *words, *as_of, "--json", "--html", "page.html")
    rows = call(name, *words, *as_of, "--csv")
    assert {found.exit_code, rows.exit_code} == {text.exit_code}
    assert json.loads(found.stdout)["version"] == 1
    lines = list(csv.DictReader(rows.stdout.splitlines()))
    assert lines
    assert all(None not in row and None not in row.values() for row in lines)
    page = Path("page.html").read_text()
    assert troubles(page) == []
    assert HOSTILE not in page
    assert 'id="e20"' in page
    # It is a page as of the point, and the store was only read.
    last = json.loads(call("log", "check", "--json").stdout)["events"]
    assert f'id="e{last}"' not in page


@pytest.mark.slow
@pytest.mark.parametrize("name", ["why", "diff", "what-if", "foresee"])
def test_the_page_of_an_answer_opens_without_a_complaint(at: Path, name: str) -> None:
    assert call(name, *QUESTIONS[name], "--html", "page.html").exit_code in (0, 1)
    found = opened(at / "page.html", fragment="#e20")
    assert found.console == ()
    assert 'id="answer"' in found.dom
    assert "data-owned" not in found.dom


def test_how_to_do_it_again_names_the_store_that_the_environment_named(
    at: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert call("history", "--html", "a.html").exit_code == 0
    assert "<code>ccr history --html a.html</code>" in Path("a.html").read_text()
    monkeypatch.setenv("CCR_STORE", "ccr.db")
    assert call("history", "--html", "b.html").exit_code == 0
    assert "CCR_STORE=ccr.db ccr history --html b.html" in Path("b.html").read_text()
