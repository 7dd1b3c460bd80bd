"""What the value of a fact must be, by its sort: values of JSON as they are, texts of other forms
as they are spelled.

Each reader raises ValueError with what the value must be. Sits at the bottom of `reading`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ..kinds import SECOND, Tag

MAX_TEXT = 500
_TAG = re.compile(r"\d{1,15}(?::\d{1,15}){0,7}", re.ASCII)
_WHOLE = re.compile(r"\d{1,16}", re.ASCII)
_NUMBER = re.compile(r"\d{1,12}(\.\d{1,9})?", re.ASCII)
_POSITION = re.compile(r"([0-9A-Fa-f]{1,8})/([0-9A-Fa-f]{1,8})", re.ASCII)
_TRUTHS = {"t": True, "true": True, "yes": True, "f": False, "false": False, "no": False}


def text(value: Any) -> str:
    """A text that can be printed."""
    if not isinstance(value, str) or not value.strip() or len(value) > MAX_TEXT:
        raise ValueError(f"must be a text of 1 to {MAX_TEXT} characters")
    if not value.isprintable():
        raise ValueError("must be printable text")
    return value


def name(value: Any) -> str:
    """The name of a party or a clock: a text, or a number taken as one."""
    return str(whole(value)) if type(value) is int else text(value)


def phrase(value: Any) -> str:
    """A text in somebody's words, cut to what a line of a report can hold."""
    if not isinstance(value, str):
        raise ValueError("must be a text")
    return "".join(c if c.isprintable() else " " for c in value[:MAX_TEXT]).strip()


def whole(value: Any) -> int:
    """A number without sign or fraction."""
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        value = int(value)
    if type(value) is not int or not 0 <= value < 2**53:
        raise ValueError("must be a whole number")
    return value


def seconds(value: Any) -> int:
    """A duration as microseconds."""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        value = float(value)
    if type(value) not in (int, float) or not 0 <= value <= 1e9:
        raise ValueError("must be a number of seconds")
    return round(float(value) * SECOND)


def truth(value: Any) -> bool:
    """True or false."""
    if isinstance(value, str):
        value = _TRUTHS.get(value.lower())
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def tag(value: Any) -> Tag:
    """Numbers with colons between."""
    if not isinstance(value, str) or not _TAG.fullmatch(value):
        raise ValueError("must be an epoch tag such as 7:6:120")
    return tuple(map(int, value.split(":")))


def members(value: Any) -> tuple[int, ...]:
    """Numbers of nodes."""
    if isinstance(value, str):
        value = value.replace(",", " ").split()
    if not isinstance(value, list):
        raise ValueError("must be a list of node numbers")
    return tuple(whole(v) for v in value)


def position(value: Any) -> int:
    """How far a log reaches: a whole number, or PostgreSQL's two in hexadecimal."""
    found = _POSITION.fullmatch(value) if isinstance(value, str) else None
    if found:
        return Position(int(found[1], 16) << 32 | int(found[2], 16))
    try:
        return whole(value)
    except ValueError:
        raise ValueError("must be a position such as 0/4000060 or a whole number") from None


class Position(int):
    """A position that is written in two halves, and shown so."""

    def __str__(self) -> str:
        return f"{self >> 32:X}/{self & 0xFFFFFFFF:X}"


def table(value: Any) -> dict[str, Any]:
    """A JSON object."""
    if not isinstance(value, dict):
        raise ValueError("must be an object")
    return value


def _strictly(read: Callable[[Any], Any], words: str) -> Callable[[Any], Any]:
    """For JSON: a number or a truth value is not spelled as a text."""

    def strict(value: Any) -> Any:
        if isinstance(value, str):
            raise ValueError(words)
        return read(value)

    return strict


LOOSE: dict[str, Callable[[Any], Any]] = {
    "text": text,
    "name": name,
    "phrase": phrase,
    "whole": whole,
    "seconds": seconds,
    "truth": truth,
    "tag": tag,
    "members": members,
    "position": position,
}
"""How each sort is read where every field is a text."""

STRICT = {
    **LOOSE,
    "whole": _strictly(whole, "must be a whole number"),
    "seconds": _strictly(seconds, "must be a number of seconds"),
    "truth": _strictly(truth, "must be true or false"),
    "members": _strictly(members, "must be a list of node numbers"),
}
"""How each sort is read in JSON."""
