"""A TOML table as it is taken apart: each key is read once, by what it must be; what is left over
is refused.

Sits below `load`.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn, TypeVar

from ..kinds import SECOND
from .patterns import Pattern

_C = TypeVar("_C", bound=str)
MOST = 200
_MISSING: Any = object()


class Wrong(Exception):
    """A key that is not what it must be. `path` leads to it."""

    def __init__(self, path: tuple[str | int, ...], why: str) -> None:
        super().__init__(why)
        self.path, self.why = path, why

    @property
    def key(self) -> str:
        """`kind 3 set.role_to`."""
        found = ""
        for part in map(_printable, self.path):
            joint = "." if found else ""
            found += f" {part}" if isinstance(part, int) else f"{joint}{part}"
        return found

    def line_in(self, text: str) -> int:
        """The line of the file that has the key, or else the nearest that leads to it."""
        lines = text.splitlines()
        best, start = 1, 0
        for i, part in enumerate(self.path):
            if isinstance(part, int):
                continue
            number = self.path[i + 1] if i + 1 < len(self.path) else 1
            wanted = number if isinstance(number, int) else 1
            name = rf'"?{re.escape(part)}"?\s*'
            shape = re.compile(rf"^\s*\[\[?\s*{name}[\].]|(^|[\s{{,]){name}=")
            hits = [n for n in range(start, len(lines)) if shape.search(lines[n])]
            if len(hits) < wanted:
                break
            start = hits[wanted - 1]
            best = start + 1
        return best


def _printable(part: str | int) -> str | int:
    return part if isinstance(part, int) or part.isprintable() else json.dumps(part)


class Table:
    """One table. `data` is what it holds; every reader marks its key as known."""

    def __init__(self, data: Any, path: tuple[str | int, ...] = ()) -> None:
        self.data: dict[str, Any] = data
        self.path = path
        self.known: set[str] = set()

    def wrong(self, key: str, why: str) -> NoReturn:
        """Refuse a key."""
        raise Wrong((*self.path, key), why)

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        return key in self.data

    def take(self, key: str, default: Any = _MISSING) -> Any:
        """The raw value of a key."""
        self.known.add(key)
        if key in self.data:
            return self.data[key]
        if default is _MISSING:
            self.wrong(key, "is missing")
        return default

    def text(self, key: str, default: str | None = None) -> str:
        """A text, not empty and not long."""
        found = self.take(key, _MISSING if default is None else default)
        if not isinstance(found, str) or len(found) > 500 or (key in self.data and not found):
            self.wrong(key, "must be a text of 1 to 500 characters")
        if not found.isprintable() and found != "\t":
            self.wrong(key, "must be printable text")
        return found

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; nothing where it is missing."""
        found = self.take(key, [])
        if isinstance(found, str):
            found = [found]
        if not isinstance(found, list) or len(found) > MOST:
            self.wrong(key, f"must be a list of at most {MOST} texts")
        if not all(isinstance(v, str) and v and v.isprintable() for v in found):
            self.wrong(key, "must be a list of printable texts")
        return tuple(found)

    def choice(self, key: str, choices: tuple[_C, ...], default: _C | None = None) -> _C:
        """One of some words."""
        found = self.take(key, _MISSING if default is None else default)
        choice = next((c for c in choices if isinstance(found, str) and found == c), None)
        if choice is None:
            self.wrong(key, f"must be one of: {', '.join(choices)}")
        return choice

    def whole(self, key: str) -> int:
        """A whole number."""
        found = self.take(key)
        if type(found) is not int:
            self.wrong(key, "must be a whole number")
        return found

    def number(self, key: str) -> float | None:
        """A number that is not negative, None where it is missing."""
        found = self.take(key, None)
        if found is None:
            return None
        if type(found) not in (int, float) or not 0 <= found <= 1e9:
            self.wrong(key, "must be a number from 0 to 1e9")
        return float(found)

    def truth(self, key: str, default: bool = False) -> bool:
        """True or false."""
        found = self.take(key, default)
        if not isinstance(found, bool):
            self.wrong(key, "must be true or false")
        return found

    def maybe(self, key: str) -> bool | None:
        """True, false, or None where it is missing."""
        return self.truth(key) if self.has(key) else None

    def pattern(self, key: str) -> Pattern | None:
        """A pattern, None where it is missing."""
        return self._compiled(key, self.text(key)) if self.has(key) else None

    def patterns(self, key: str) -> tuple[Pattern, ...]:
        """A list of patterns."""
        return tuple(self._compiled(key, p) for p in self.texts(key))

    def _compiled(self, key: str, text: str) -> Pattern:
        try:
            return Pattern(text)
        except ValueError as error:
            self.wrong(key, str(error))

    def plain(self, key: str) -> dict[str, Any]:
        """A table taken as it is."""
        found = self.take(key, {})
        if not isinstance(found, dict) or len(found) > MOST:
            self.wrong(key, f"must be a table of at most {MOST} keys")
        return found

    def table(self, key: str, required: bool = False) -> Table:
        """A table within; an empty one where it is missing."""
        found = self.take(key, _MISSING if required else {})
        if not isinstance(found, dict):
            self.wrong(key, "must be a table")
        return Table(found, (*self.path, key))

    def names(self, key: str) -> dict[str, str]:
        """A table of names: texts or whole numbers that stand for printable texts."""
        found = {k: str(v) for k, v in self.plain(key).items()}
        if not all(v and v.isprintable() for v in found.values()):
            self.wrong(key, "must give each name as printable text")
        return found

    def tables(self, key: str) -> list[Table]:
        """A list of tables: every [[key]]."""
        found = self.take(key, [])
        if not isinstance(found, list) or not all(isinstance(t, dict) for t in found):
            self.wrong(key, f"must be written [[{key}]]")
        return [Table(t, (*self.path, key, i)) for i, t in enumerate(found, 1)]

    def finish(self) -> None:
        """Refuse what no reader asked for."""
        for key in self.data:
            if key not in self.known:
                known = ", ".join(sorted(self.known))
                self.wrong(key, f"is not known here; known are {known}")


def seconds(table: Table, key: str) -> int | None:
    """A number of seconds as microseconds, None where it is missing."""
    found = table.number(key)
    return None if found is None else round(found * SECOND)
