"""A record up to a point: a line, or a time as the clocks read. Sits above `vocabulary`."""

from __future__ import annotations

import re
from dataclasses import replace

from ccr_es.errors import PointMalformed, PointNotFound

from .kinds import SECOND
from .vocabulary import Record

_TIME = re.compile(r"(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?\Z", re.ASCII)


def upto(record: Record, point: str) -> Record:
    """The record without what comes after a point. Raises `PointMalformed`, `PointNotFound`."""
    time = _TIME.match(point)
    if point.isdecimal() and point.isascii() and len(point) < 16:
        found = [o for o in record.observations if o.line <= int(point)]
    elif time is not None:
        hours, minutes, seconds = (int(t) for t in time.groups()[:3])
        at = ((hours * 60 + minutes) * 60 + seconds) * SECOND
        at += int((time[4] or "").ljust(6, "0"))
        # A time without a fraction is that second as a whole.
        at += 0 if time[4] else SECOND - 1
        found = [o for o in record.observations if o.at <= at]
    else:
        raise PointMalformed(
            f"{point[:40]!r} is no point of a record", "Write a line, or a time of day: 12:57:30"
        )
    if not found:
        raise PointNotFound(f"{record.provenance.path} has nothing up to {point}")
    return replace(record, observations=tuple(found), _index={})
