"""Views that need no knowledge of the model: the difference between two states.

Imports nothing but `models`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from models.plain.layout import Value


@dataclass(frozen=True)
class Difference:
    """One key that differs, and both values (None: that state does not have the key)."""

    key: str
    before: Value | None
    after: Value | None


def diff(before: Mapping[str, Value], after: Mapping[str, Value]) -> list[Difference]:
    """The keys with different values, in the order of `after`; those of `before` alone last."""
    keys = [*after, *(k for k in before if k not in after)]
    values = ((k, before.get(k), after.get(k)) for k in keys)
    return [Difference(k, old, new) for k, old, new in values if old != new]
