"""Points in time: `42` (an event), an RFC 3339 time, `-5m` (that long before now), `90s` (that long
after creation), `NodeFailed~1` (the last such event), `NodeFailed~2` (the one before it).

A point stands for the number of the last event at or before it. Times are simulated ones. Must not
import the service.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from ..cluster.config import starts_at
from ..errors import PointMalformed, PointNotFound
from ..record.events import TOPIC_PREFIX
from ..store.store import Store

_UNITS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+\Z")
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_EVENT = re.compile(r"([A-Za-z][A-Za-z0-9]*)(?:~(\d+))?\Z")


def duration_ms(text: str) -> int:
    """`30s`, `1h30m`, `250ms` or `7d` in ms. Raises `PointMalformed`."""
    if not _DURATION.match(text):
        raise PointMalformed(f"{text!r} is not a duration", "Write 250ms, 30s, 5m, 1h30m or 7d")
    found = sum(float(amount) * _UNITS[unit] for amount, unit in _PART.findall(text))
    if found != int(found) or found > 2**53:
        raise PointMalformed(
            f"{text!r} is not a whole number of milliseconds", "Write 250ms, 30s, 5m, 1h30m or 7d"
        )
    return int(found)


def date_of(starts: str, time_ms: int) -> str:
    """A simulated time as RFC 3339, in UTC."""
    when = starts_at(starts) + timedelta(milliseconds=time_ms)
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def number_of(store: Store, cluster: str, point: str, starts: str, now_ms: int) -> int:
    """The number of the event that a point stands for, in a cluster that began at `starts` and is
    at `now_ms`.

    Raises `PointMalformed`, or `PointNotFound` for what lies before event 1 or after the last
    event.
    """
    text = point.strip()
    if text.isdigit():
        return _numbered(store, cluster, int(text))
    if text.startswith("-"):
        return _timed(store, cluster, point, now_ms - duration_ms(text[1:]))
    if _DURATION.match(text):
        return _timed(store, cluster, point, duration_ms(text))
    named = _EVENT.match(text)
    if named:
        return _named(store, cluster, named.group(1), int(named.group(2) or 1))
    return _timed(store, cluster, point, _date_ms(text, starts))


def _numbered(store: Store, cluster: str, number: int) -> int:
    last = store.head(cluster).number
    if not 1 <= number <= last:
        raise PointNotFound(
            f"cluster {cluster} has no event {number}", f"It has events 1 to {last}"
        )
    return number


def _timed(store: Store, cluster: str, point: str, time_ms: int) -> int:
    number = store.number_at(cluster, time_ms)
    if number == 0:
        raise PointNotFound(f"{point} is before cluster {cluster} was created")
    return number


def _named(store: Store, cluster: str, event: str, which: int) -> int:
    if which == 0:
        raise PointMalformed(f"{event}~0 is not a point", f"{event}~1 is the last one")
    found = store.number_of(cluster, TOPIC_PREFIX + event, which - 1)
    if found is None:
        last = store.number_of(cluster, TOPIC_PREFIX + event, 0)
        said = "no" if last is None else f"fewer than {which} times"
        raise PointNotFound(
            f"cluster {cluster}: {event} happened {said}".replace("happened no", "never happened")
        )
    return found


def _date_ms(text: str, starts: str) -> int:
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise PointMalformed(
            f"{text!r} is not a point in time",
            "Write 42, 2007-01-01T00:05:00Z, -5m, 90s or NodeFailed~1",
        ) from None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return (when - starts_at(starts)) // timedelta(milliseconds=1)
