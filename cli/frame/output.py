"""How answers look: tables, one JSON document, durations, times, and colour that never carries the
meaning alone.

stdout is the answer (`answer`, `table`, `document`); stderr is the conversation (`say`). Colour is
settled once, in the root group. Must not import any engine. Sits beside `base`.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click

VERSION = 1
"""The version of every `--json` document: raised when a key is renamed or removed, not when one
is added.
"""

_GOOD = {"online", "healthy", "holds", "up", "active", "certain", "mounted", "proved", "yes", "ok"}
_BAD = {
    "offline",
    "failed",
    "violated",
    "down",
    "refused",
    "impossible",
    "cut",
    "error",
    "no",
    "servicedown",
}
_ODD = {
    "unknown",
    "frozen",
    "paused",
    "pending",
    "possible",
    "initializing",
    "synchronizing",
    "lossy",
}


def answer(text: str = "") -> None:
    """One piece of the answer, on stdout."""
    click.echo(text)


def say(text: str) -> None:
    """One piece of the conversation, on stderr."""
    click.echo(text, err=True)


def document(kind: str, body: Mapping[str, Any]) -> None:
    """The answer as one JSON document: `kind` and `version` first, then the body's keys."""
    click.echo(json.dumps({"kind": kind, "version": VERSION, **body}, indent=2, ensure_ascii=False))


def tint(word: str) -> str:
    """A status word in its colour: green, red or yellow; other words as they are."""
    key = word.strip().lower()
    for words, colour in ((_GOOD, "green"), (_BAD, "red"), (_ODD, "yellow")):
        if key in words:
            return click.style(word, fg=colour)
    return word


def room() -> int:
    """Columns for text that may be as wide as the terminal: 79 where nobody says, at most 100."""
    return max(79, min(100, shutil.get_terminal_size((80, 24)).columns - 1))


def strong(text: str) -> str:
    """A heading."""
    return click.style(text, bold=True)


def faint(text: str) -> str:
    """Something that may be skipped at first reading."""
    return click.style(text, dim=True)


def table(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Aligned columns; numbers to the right, headings in capitals, no frame."""
    found = [["" if c is None else str(c) for c in row] for row in rows]
    numeric = [_all_numbers(row[i] for row in found) for i in range(len(headers))]
    widths = [max([len(h), *(_width(row[i]) for row in found)]) for i, h in enumerate(headers)]
    click.echo(strong(_line([_heading(h) for h in headers], widths, numeric)))
    for row in found:
        click.echo(_line([tint(c) for c in row], widths, numeric))


def _heading(name: str) -> str:
    """In capitals, unless it is a name of Exchange's (`SummaryCopyStatus`)."""
    return name.upper() if name.islower() else name


def _all_numbers(cells: Iterable[str]) -> bool:
    found = [c for c in cells if c]
    return bool(found) and all(c.lstrip("-").isdigit() for c in found)


def _width(cell: str) -> int:
    return len(click.unstyle(cell))


def _line(cells: Sequence[str], widths: Sequence[int], numeric: Sequence[bool]) -> str:
    padded = []
    for cell, width, right in zip(cells, widths, numeric, strict=True):
        room = " " * (width - _width(cell))
        padded.append(room + cell if right else cell + room)
    return "  ".join(padded).rstrip()


_UNITS = (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000))


def duration(ms: int) -> str:
    """A length of time as people write it: `7d`, `1h30m`, `1m05s`, `12.5s`, `300ms`."""
    if ms < 0:
        return "-" + duration(-ms)
    if 0 < ms < 1000:
        return f"{ms}ms"
    parts, rest = [], ms
    for unit, size in _UNITS:
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count}{unit}")
    if rest or not parts:
        parts.append(f"{rest / 1000:.3f}".rstrip("0").rstrip(".") + "s")
    return "".join(parts)


def clock(ms: int) -> str:
    """A simulated time since the cluster was created: `+00:01:05.250`, with days in front when
    there are any.
    """
    days, rest = divmod(ms, 86_400_000)
    hours, rest = divmod(rest, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    head = f"{days}d " if days else ""
    return f"+{head}{hours:02}:{minutes:02}:{rest // 1000:02}.{rest % 1000:03}"
