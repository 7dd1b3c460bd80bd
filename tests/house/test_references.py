"""The generated references say what the code says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house import references
from tests.house.references import REFERENCES, current
from tests.house.sources import ROOT, python_files, shown


@pytest.mark.parametrize("name", REFERENCES)
def test_a_generated_reference_is_current(name: str) -> None:
    assert current(name), "run: make docs"


def test_a_change_of_one_letter_makes_a_reference_stale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(references, "ROOT", tmp_path)
    monkeypatch.setitem(REFERENCES, "REFERENCE.md", lambda: "as the code says\n")
    path = tmp_path / "REFERENCE.md"
    assert not current(path.name)
    path.write_text("as the code says\n")
    assert current(path.name)
    path.write_text("as the code says\nx")
    assert not current(path.name)


@pytest.mark.parametrize("name", REFERENCES)
def test_a_reference_does_not_depend_on_where_the_project_lies(name: str) -> None:
    text = REFERENCES[name]()
    assert str(ROOT) not in text
    assert not any(f"{shown(path)}:" in text for path in python_files())


def test_the_reference_of_the_command_line_has_every_command_with_its_help() -> None:
    text = REFERENCES["cli/REFERENCE.md"]()
    for command in ("ccr", "ccr cluster create", "ccr node fail", "ccr verify", "ccr demo"):
        assert f"## {command}\n\n```\nUsage: {command} " in text
