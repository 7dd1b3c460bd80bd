"""Messages: one catalogue, read off the errors; the boundary turns each into a line and a code."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from ccr_es.errors import CcrError
from cli import main
from cli.frame.messages import catalogue, described
from tests.cli.calling import call, good

CODES = catalogue()


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_codes_are_well_formed_and_none_is_used_twice() -> None:
    kinds: list[type[CcrError]] = [CcrError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    used = [k.__dict__["code"] for k in kinds if k.__dict__.get("code")]
    assert sorted(used) == sorted(set(used)) == list(CODES)
    assert all(re.fullmatch(r"CCR\d{3}", code) for code in used)


@pytest.mark.parametrize("code", CODES)
def test_every_message_can_be_explained(code: str) -> None:
    entry = CODES[code]
    assert entry.about
    assert entry.exit_code in (1, 2, 4)
    shown = good("explain", code.lower())
    assert code in shown
    assert entry.about.split()[0] in shown


def test_a_known_error_is_one_line_with_its_code() -> None:
    result = call("cluster", "show")
    assert result.exit_code == 4
    assert result.stderr.splitlines() == [
        "ccr: CCR101: there is no store at ccr.db. Create a cluster first, or name the store with"
        " --store."
    ]


def test_what_is_not_a_known_error_is_a_bug() -> None:
    assert described(ValueError("odd")) is None


def test_a_bug_leaves_a_report_and_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    @click.command("cluster")
    def broken() -> None:
        raise ValueError("odd")

    monkeypatch.setattr(main.Root, "get_command", lambda self, ctx, name: broken)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    result = call("cluster")
    assert result.exit_code == 70
    (line,) = result.stderr.splitlines()
    assert "this is a bug: ValueError: odd" in line
    report = Path(line.rsplit(" ", 1)[1]).read_text()
    assert "call: ccr cluster" in report
    assert 'raise ValueError("odd")' in report


def test_an_interrupt_exits_130(monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command("wait")
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(main.Root, "get_command", lambda self, ctx, name: interrupted)
    result = call("wait")
    assert result.exit_code == 130
    assert "interrupted" in result.stderr


@pytest.mark.parametrize("words", [["frobnicate"], ["wait"], ["node", "fail"], ["--colour"]])
def test_a_usage_error_exits_2_and_names_the_help(words: list[str]) -> None:
    result = call(*words)
    assert result.exit_code == 2
    assert "--help" in result.stderr
    assert len(result.stderr.splitlines()) == 1
