"""What the hand-written documents name is there: files, make targets, commands."""

from __future__ import annotations

import re
import subprocess

import click
import pytest

from cli.main import root
from tests.house.sources import ROOT

DOCUMENTS = ("README.md", "CONTRIBUTING.md")
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def dead_links(text: str) -> list[str]:
    """Links to files of the project that are not there."""
    links = re.findall(r"\]\(([^)#:]+)[^)]*\)", text)
    return [link for link in links if not (ROOT / link).exists()]


def missing_targets(text: str) -> list[str]:
    """`make` targets that the Makefile does not have."""
    named = re.findall(r"(?:^|`)make ([a-z]+)", text, re.MULTILINE)
    return [target for target in named if target not in TARGETS]


def unknown_commands(text: str) -> list[str]:
    """Lines and inline code `ccr WORD...` whose words are no command."""
    lines = re.findall(r"(?:^[$ ]*|`)ccr ([a-z][a-z-]*)(?: ([a-z][a-z-]*))?", text, re.MULTILINE)
    found = []
    for first, second in lines:
        with click.Context(root, info_name="ccr") as context:
            command = root.get_command(context, first)
            if isinstance(command, click.Group) and second:
                command = command.get_command(context, second)
        if command is None:
            found.append(f"ccr {first} {second}".strip())
    return found


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_names_only_what_is_there(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert dead_links(text) == []
    assert missing_targets(text) == []
    assert unknown_commands(text) == []


def test_what_is_not_there_is_found() -> None:
    text = "see [a](gone.md), [b](README.md#top)\n`make gone`\nmake test\n"
    assert dead_links(text) == ["gone.md"]
    assert missing_targets(text) == ["gone"]
    assert unknown_commands("  ccr gone\n$ ccr node gone\n`ccr node fail A`") == [
        "ccr gone",
        "ccr node gone",
    ]


def test_every_make_target_is_listed_by_make_help() -> None:
    done = subprocess.run(
        ["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert set(re.findall(r"make ([a-z]+)", done.stdout)) == TARGETS - {"environment"}
