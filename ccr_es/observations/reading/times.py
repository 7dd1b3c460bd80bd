"""A time as it is written, and all times of a record on one scale.

A stamp has what was written: a time of day, or a time with its date, with or without a zone. The
mapping supplies what is missing. Sits beside `values`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from ..kinds import DAY, SECOND
from ..mappings.language import Times
from ..mappings.zones import OFFSET, zone_named

_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d{1,6}))?", re.ASCII)
_ISO = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?\s?(Z|z|[+-]\d\d(?::?\d\d)?)?",
    re.ASCII,
)
_EPOCH = re.compile(r"(\d{1,14})(?:\.(\d{1,9}))?", re.ASCII)
_FRACTION = re.compile(r"\d[.,](\d{1,9})(?!.*\d[.,]\d)", re.ASCII)
_ZERO = datetime(1970, 1, 1)
LATEST = 2**33 * SECOND


@dataclass(frozen=True)
class Stamp:
    """A time in microseconds since 1970 or, without a date, since midnight; on its own wall.

    `digits` are those of the fraction; `offset` is the zone's, in seconds, None if not known.
    """

    at: int
    digits: int
    dated: bool = True
    offset: int | None = None


def stamp_of(value: Any, times: Times, day: str) -> Stamp:
    """The stamp that a value is. `day` is the date to supply, if there is one. Raises ValueError
    with what it must be.
    """
    if times.format == "time of day":
        found = _time_of_day(value)
    elif times.format == "iso":
        found = _iso(value)
    elif times.format.startswith("epoch "):
        found = _epoch(value, times.format.endswith("milliseconds"))
    else:
        found = _by_pattern(value, times.format, day)
    if not found.dated and day:
        found = replace(found, at=found.at + _since_1970(_noon(day)) - DAY // 2, dated=True)
    if found.dated and not 0 <= found.at < LATEST:
        raise ValueError("must be a time from 1970 to 2242")
    if found.dated and found.offset is None and times.zone:
        found = replace(found, offset=_offset(found.at, times.zone))
    return found


def _noon(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), datetime.min.time()) + timedelta(hours=12)


def _since_1970(when: datetime) -> int:
    return (when - _ZERO) // timedelta(microseconds=1)


def _time_of_day(value: Any) -> Stamp:
    found = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise ValueError("must be a time of day such as 09:30:00.250")
    hours, minutes, whole, rest = found.groups()
    at = ((int(hours) * 60 + int(minutes)) * 60 + int(whole)) * SECOND
    return Stamp(at + int((rest or "").ljust(6, "0")), len(rest or ""), dated=False)


def _iso(value: Any) -> Stamp:
    found = _ISO.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise ValueError("must be a time such as 2024-05-01T09:30:00.250Z")
    day, hour, minute, second, rest, zone = found.groups()
    try:
        when = datetime.fromisoformat(f"{day}T{hour}:{minute}:{second}")
    except ValueError as error:
        raise ValueError(f"must be a time that exists ({error})") from None
    at = _since_1970(when) + int((rest or "")[:6].ljust(6, "0"))
    return Stamp(at, min(6, len(rest or "")), offset=_written_offset(zone))


def _written_offset(zone: str | None) -> int | None:
    if zone is None:
        return None
    if zone in "Zz":
        return 0
    digits = zone[1:].replace(":", "").ljust(4, "0")
    return (1 if zone[0] == "+" else -1) * (int(digits[:2]) * 60 + int(digits[2:])) * 60


def _epoch(value: Any, milliseconds: bool) -> Stamp:
    found = _EPOCH.fullmatch(str(value)) if type(value) in (int, float, str) else None
    if not found:
        raise ValueError("must be a number since 1970")
    whole, rest = int(found[1]), found[2] or ""
    if milliseconds:
        return Stamp(whole * 1000 + int(rest[:3].ljust(3, "0")), min(6, 3 + len(rest)), offset=0)
    return Stamp(whole * SECOND + int(rest[:6].ljust(6, "0")), min(6, len(rest)), offset=0)


def _by_pattern(value: Any, pattern: str, day: str) -> Stamp:
    """A time by a strptime pattern; one without a year takes that of `day`."""
    wanted = f"must be a time written {pattern}"
    if not isinstance(value, str):
        raise ValueError(wanted)
    has_year = any(f"%{c}" in pattern for c in "YyGcx")
    has_day = has_year or any(f"%{c}" in pattern for c in "djaAbBm")
    if has_day and not has_year:
        if not day:
            raise ValueError("has no year, and the mapping's `date` does not supply it")
        value, pattern = f"{day[:4]} {value}", f"%Y {pattern}"
    try:
        when = datetime.strptime(value, pattern)
    except (ValueError, re.error, OverflowError, IndexError):
        raise ValueError(wanted) from None
    fraction = _FRACTION.search(value) if "%f" in pattern else None
    zone = when.utcoffset()
    at = _since_1970(when.replace(tzinfo=None))
    if not has_day:
        at %= DAY
    digits = min(6, len(fraction[1])) if fraction else 0
    return Stamp(at, digits, has_day, None if zone is None else int(zone.total_seconds()))


def _offset(at: int, zone: str) -> int:
    if OFFSET.fullmatch(zone):
        return 0 if zone in ("UTC", "Z") else _written_offset(zone) or 0
    where = zone_named(zone)
    wall = _ZERO + timedelta(microseconds=at)
    found = {wall.replace(tzinfo=where, fold=fold).utcoffset() for fold in (0, 1)}
    if len(found) != 1:
        raise ValueError(f"is a time that {zone} had twice or never, when its clocks were changed")
    return int((found.pop() or timedelta()).total_seconds())


def zone_text(offset: int) -> str:
    """`UTC` or `+01:00`."""
    if not offset:
        return "UTC"
    minutes = abs(offset) // 60
    return f"{'+' if offset > 0 else '-'}{minutes // 60:02d}:{minutes % 60:02d}"


def day_of(at: int) -> str:
    """The date of a stamp."""
    return (_ZERO + timedelta(microseconds=at)).date().isoformat()
