"""One row of a file: named fields, and refusals that name the line (of a JSON list: the item) and
the field.

Sits at the bottom of `reading`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NoReturn

from ccr_es.errors import RecordMalformed

META = "_meta"
MISSING: Any = object()
"""What a field is that is not there."""


def refuse(number: int, why: str, unit: str = "line") -> NoReturn:
    """Raise `RecordMalformed` for a line."""
    where = f"{unit} {number}" if number else unit
    raise RecordMalformed(f"{where} {why}")


def quoted(value: Any) -> str:
    """A value as a message shows it: JSON, cut."""
    found = json.dumps(value)
    return found if len(found) <= 60 else f"{found[:57]}..."


@dataclass
class Row:
    """One row. `textual` says that every value is a text, and an empty one is missing."""

    number: int
    keys: dict[str, Any]
    unit: str = "line"
    textual: bool = False
    skipped: bool = field(default=False, repr=False)

    def refuse(self, key: str, why: str) -> NoReturn:
        """Raise `RecordMalformed` for a field."""
        refuse(self.number, f"field {quoted(key)} {why}", self.unit)

    def get(self, key: str) -> Any:
        """The field of this name, or at this path (`a.b.0`); None where there is none."""
        found = self.keys.get(key, MISSING)
        if found is MISSING and "." in key:
            found = at_path(self.keys, key)
        return None if found is MISSING or (self.textual and found == "") else found

    def has(self, key: str) -> bool:
        """Whether the field is there; a null counts as there in JSON."""
        if self.textual:
            return self.get(key) is not None
        return key in self.keys or ("." in key and at_path(self.keys, key) is not MISSING)

    def value(self, key: str, read: Callable[[Any], Any]) -> Any:
        """The field's value as `read` gives it; a missing field or a ValueError is refused."""
        if not self.has(key):
            self.refuse(key, "is missing")
        return self.read(key, self.get(key), read)

    def read(self, key: str, value: Any, read: Callable[[Any], Any]) -> Any:
        """A value as `read` gives it; a ValueError is refused under the field's name."""
        try:
            return read(value)
        except ValueError as error:
            self.refuse(key, f"{error}, not {quoted(value)}")


def at_path(found: Any, path: str) -> Any:
    """What a JSON value has at a path of keys and places; a mark of its own where nothing is."""
    for part in path.split("."):
        if isinstance(found, dict) and part in found:
            found = found[part]
        elif isinstance(found, list) and part.isdecimal() and int(part[:9]) < len(found):
            found = found[int(part)]
        else:
            return MISSING
    return found
