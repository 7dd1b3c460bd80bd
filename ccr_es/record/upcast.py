"""Old events: how the data of an event of schema version n becomes data of version n + 1.

Hashes are over the bytes as they were written, so an old event is never rewritten, only read anew.
Each step takes the decoded object of its version and returns that of the next; steps are never
changed once released.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

SCHEMA_VERSION = 2
"""What is written today."""

Data = dict[str, Any]


def _v1_to_v2(data: Data) -> Data:
    """Version 1 said `by` for `actor`, and `why`, null when not given, for `reason`."""
    rest = {k: v for k, v in data.items() if k not in ("by", "why")}
    return {**rest, "actor": data["by"], "reason": data["why"] or "", "schema": 2}


STEPS: Mapping[int, Callable[[Data], Data]] = {1: _v1_to_v2}


def upcast(data: Data) -> Data:
    """`data` in today's schema. Raises `KeyError` if a version lacks a field it should have."""
    while data["schema"] < SCHEMA_VERSION:
        data = STEPS[data["schema"]](data)
    return data
