"""The generated references say what the code says."""

from __future__ import annotations

from cli.reference import FILE, reference


def test_the_reference_of_the_command_line_is_current() -> None:
    assert FILE.read_text(encoding="utf-8") == reference(), "run: make docs"


def test_the_reference_has_every_command_with_its_help() -> None:
    text = reference()
    for command in ("ccr", "ccr cluster create", "ccr node fail", "ccr verify", "ccr demo"):
        assert f"## {command}\n\n```\nUsage: {command} " in text
