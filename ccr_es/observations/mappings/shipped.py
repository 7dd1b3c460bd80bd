"""The mappings that come with the package, by name. `ccr audit --mappings` lists them.

Sits above `load`.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from ..errors import MappingUnknown
from .language import RecordMapping
from .load import load_mapping

FOLDER = Path(__file__).parent
REFERENCE = FOLDER / "LANGUAGE.md"
"""The description of the language, with a complete worked example."""


@cache
def shipped() -> tuple[RecordMapping, ...]:
    """Every shipped mapping, in the order of their names."""
    return tuple(load_mapping(path) for path in sorted(FOLDER.glob("*.toml")))


def named(name: str) -> RecordMapping:
    """A shipped mapping, or the one in a file. Raises `MappingUnknown`, `FileUnreadable` or
    `MappingMalformed`.
    """
    for mapping in shipped():
        if mapping.name == name:
            return mapping
    if Path(name).suffix == ".toml" or "/" in name:
        return load_mapping(Path(name))
    known = ", ".join(m.name for m in shipped())
    raise MappingUnknown(f"there is no mapping {name}", f"Name a .toml file, or one of {known}")


def language() -> str:
    """The reference of the mapping language, as text."""
    return REFERENCE.read_text(encoding="utf-8")
