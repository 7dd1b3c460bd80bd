"""The generated references that ship with the packages. `python -m tests.house.references` writes
them (`make docs`); a test checks that each is current.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import specs.catalogue
from cli.frame.reference import reference
from models.ccr.model import CCR
from models.language.document import properties_markdown, rules_markdown
from tests.house.sources import ROOT

REFERENCES: dict[str, Callable[[], str]] = {
    "models/RULES.md": lambda: rules_markdown(CCR),
    "specs/PROPERTIES.md": lambda: properties_markdown(specs.catalogue.CCR),
    "cli/REFERENCE.md": reference,
}


def current(name: str) -> bool:
    """Whether the file says what the code says."""
    path: Path = ROOT / name
    return path.is_file() and path.read_text(encoding="utf-8") == REFERENCES[name]()


if __name__ == "__main__":
    for name, write in REFERENCES.items():
        (ROOT / name).write_text(write(), encoding="utf-8")
