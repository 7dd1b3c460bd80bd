"""Reading some events of a cluster without reading all: those of one aggregate, those of some
kinds, the last one at a time or of a kind.

Rows are picked by what the tables say of them; each comes with the hash that is on record for the
number which the event gives itself, so that whoever decodes it notices one that was changed. That
none is missing only the chain tells. Sits beside `store`, whose queries these are; must not import
it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from heapq import merge
from typing import Any

import msgspec

from ..errors import LogTruncated
from ..state.replaying import Row

Query = Callable[..., list[Any]]
"""Runs a query with values: the rows."""
SECTION = 500
"""Events of one kind that are fetched at a time."""
FIRST = 16
"""As many as that at first: often somebody wants only the next one."""

_OF_TOPICS = """
    SELECT {position}, topic, state FROM stored_events
    WHERE topic IN ({marks}) AND {position} BETWEEN ? AND ?
    AND originator_id COLLATE {binary} >= ? AND originator_id COLLATE {binary} < ?
    ORDER BY {position} LIMIT ?
"""
_ON_RECORD = (
    "SELECT number, position, hash FROM ccr_stream WHERE cluster = ? AND number IN ({marks})"
)


class _Numbered(msgspec.Struct):
    """The one field that says where an event belongs."""

    number: int


def of_row(query: Query, cluster: str, row: str, first: int, last: int) -> list[Row]:
    """The events of an aggregate from version `first` to `last`, both included.

    Raises `LogTruncated` if one is missing.
    """
    found = query(
        "SELECT {position}, topic, state FROM stored_events WHERE originator_id = ?"
        " AND originator_version BETWEEN ? AND ? ORDER BY originator_version",
        f"{cluster}/{row}", first, last,
    )  # fmt: skip
    if len(found) != last - first + 1:
        raise LogTruncated(f"cluster {cluster}: an event of {row} is missing", "See `ccr audit`")
    return _numbered(query, cluster, found)


def of_topics(
    query: Query, cluster: str, topics: Sequence[str], start: int, stop: int, *, indexed: bool
) -> Iterator[Row]:
    """The events of these topics from number `start` to `stop`, both included, in order.

    Without the index by topic all events are passed over, in the database.
    """
    if not topics or start > stop:
        return
    ends = query(
        "SELECT position FROM ccr_stream WHERE cluster = ? AND number IN (?, ?) ORDER BY number",
        cluster, start, stop,
    )  # fmt: skip
    if not ends:
        return
    first, last = ends[0][0], ends[-1][0]
    streams = [(topic,) for topic in topics] if indexed else [tuple(topics)]
    sections = [_sections(query, cluster, kinds, first, last) for kinds in streams]
    waiting: list[Any] = []
    for found in merge(*sections, key=lambda row: int(row[0])):
        waiting.append(found)
        if len(waiting) == SECTION:
            yield from _numbered(query, cluster, waiting)
            waiting = []
    yield from _numbered(query, cluster, waiting)


def _sections(
    query: Query, cluster: str, topics: Sequence[str], first: int, last: int
) -> Iterator[Any]:
    """The rows of these topics by position."""
    size = FIRST
    while True:
        found = query(
            _marked(_OF_TOPICS, topics), *topics, first, last, cluster + "/", cluster + "0", size
        )
        yield from found
        if len(found) < size:
            return
        first, size = found[-1][0] + 1, SECTION


def _marked(text: str, these: Sequence[object]) -> str:
    """A query with as many marks as there are values."""
    return text.replace("{marks}", ",".join("?" * len(these)))


def _numbered(query: Query, cluster: str, found: Sequence[Any]) -> list[Row]:
    """Picked rows with their numbers, and the hashes that are on record for these."""
    numbers = [_number(state) for _, _, state in found]
    hashes: dict[int, tuple[int, bytes]] = {}
    for begin in range(0, len(numbers), SECTION):
        some = numbers[begin : begin + SECTION]
        rows = query(_marked(_ON_RECORD, some), cluster, *some)
        hashes.update((number, (position, digest)) for number, position, digest in rows)
    rows_ = []
    for number, (position, topic, state) in zip(numbers, found, strict=True):
        at, digest = hashes.get(number, (-1, b""))
        rows_.append(Row(number, state, topic, digest if at == position else b""))
    return rows_


def _bytes(column: object) -> bytes:
    return column if isinstance(column, bytes) else str(column).encode()


def _number(state: object) -> int:
    """The number that an event gives itself; 0 if it cannot be read."""
    try:
        return msgspec.json.decode(_bytes(state), type=_Numbered).number
    except msgspec.DecodeError:
        return 0


def number_at(query: Query, cluster: str, time_ms: int, last: int) -> int:
    """The number of the last event at or before a simulated time; 0 if there is none.

    By bisection: time never falls.
    """
    low, high = 0, last
    while low < high:
        middle = (low + high + 1) // 2
        row = query("SELECT time FROM ccr_stream WHERE cluster = ? AND number = ?", cluster, middle)
        low, high = (middle, high) if row and row[0][0] <= time_ms else (low, middle - 1)
    return low


def number_of(query: Query, cluster: str, topic: str, back: int) -> int | None:
    """The number of the last event of a topic, or of the one `back` such events before it; None if
    there is none.
    """
    found = query(
        "SELECT {position}, topic, state FROM stored_events WHERE topic = ?"
        " AND originator_id COLLATE {binary} >= ? AND originator_id COLLATE {binary} < ?"
        " ORDER BY {position} DESC LIMIT 1 OFFSET ?",
        topic, cluster + "/", cluster + "0", back,
    )  # fmt: skip
    return _numbered(query, cluster, found)[0].number if found else None
