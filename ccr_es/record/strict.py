"""JSON that says nothing twice: of two values under one key, different readers take different ones.
Sits at the bottom of this folder.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec


def decoded(text: bytes) -> Any:
    """The value of a JSON text. Raises `ValueError` (a `msgspec.DecodeError` is one), also for a
    key that stands twice, or `RecursionError`.
    """
    found = msgspec.json.decode(text)
    if isinstance(found, dict) and len(msgspec.json.encode(found)) < len(text.rstrip()):
        # Longer than it need be: by white space, or because something stands there twice.
        json.loads(text, object_pairs_hook=_once)
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice!r} stands twice")
    return found
