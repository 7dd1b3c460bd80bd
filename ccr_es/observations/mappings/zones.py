"""Time zones by name or by offset. Sits at the bottom of `mappings`."""

from __future__ import annotations

import re
from datetime import tzinfo
from zoneinfo import ZoneInfo

OFFSET = re.compile(r"[+-]([01]\d|2[0-3]):?[0-5]\d|UTC|Z", re.ASCII)
"""A zone that is an offset."""


def zone_named(zone: str) -> tzinfo:
    """A time zone by name. Raises ValueError if there is none."""
    try:
        return ZoneInfo(zone)
    except (OSError, ValueError, KeyError):
        raise ValueError(f"is to be read in the zone {zone}, which is not known here") from None
