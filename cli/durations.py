"""Lengths of simulated time as people write them. Must not import an engine."""

from __future__ import annotations

import re

from cli.errors import BadDuration

_UNITS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_PART = re.compile(r"(\d+(?:\.\d{1,3})?)(ms|s|m|h|d)")


def milliseconds(text: str) -> int:
    """`1m30s` as 90000. Raises `BadDuration`."""
    parts = _PART.findall(text)
    if not parts or "".join(n + u for n, u in parts) != text:
        raise BadDuration(f"{text!r} is not a duration", "Write it as 250ms, 30s, 5m, 2h or 7d")
    total = sum(float(n) * _UNITS[u] for n, u in parts)
    if total > 10 * 366 * _UNITS["d"]:
        raise BadDuration(f"{text} is more than ten years", "Wait for less")
    return round(total)
