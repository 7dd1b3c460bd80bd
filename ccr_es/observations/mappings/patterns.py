"""Regular expressions whose time is linear in the text: no pattern, however written, can hang.

The syntax is RE2's: no look-around, no back references. Must not import the reasoning. Sits at
the bottom of `mappings`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

LONGEST = 2_000
_MEMORY = 4 << 20


@dataclass(frozen=True)
class Pattern:
    """A compiled pattern. Raises ValueError with one line for one that cannot be."""

    text: str
    _compiled: Any = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        import re2

        if len(self.text) > LONGEST:
            raise ValueError(f"is longer than {LONGEST:,} characters")
        options = re2.Options()
        options.log_errors, options.max_mem = False, _MEMORY
        try:
            compiled = re2.compile(self.text, options=options)
        except re2.error as error:
            why = error.args[0]
            why = why.decode("utf-8", "replace") if isinstance(why, bytes) else str(why)
            raise ValueError(f"is no pattern: {why}") from None
        except UnicodeEncodeError:
            raise ValueError("is no pattern: it is not text") from None
        object.__setattr__(self, "_compiled", compiled)

    @property
    def names(self) -> tuple[str, ...]:
        """The named groups."""
        return tuple(self._compiled.groupindex)

    @property
    def groups(self) -> int:
        """How many groups there are, named or not."""
        return int(self._compiled.groups)

    def found(self, text: str) -> bool:
        """Whether it matches somewhere in the text."""
        return self._search(text) is not None

    def named(self, text: str) -> dict[str, str] | None:
        """The named groups that took part in the first match; None without a match."""
        match = self._search(text)
        if match is None:
            return None
        return {k: v for k, v in match.groupdict().items() if v is not None}

    def part(self, text: str) -> str | None:
        """The first group of the first match, or all of it; None without."""
        match = self._search(text)
        found = None if match is None else match.group(1 if self.groups else 0)
        return None if found is None else str(found)

    def _search(self, text: str) -> Any:
        try:
            return self._compiled.search(text)
        except UnicodeEncodeError:
            return None
