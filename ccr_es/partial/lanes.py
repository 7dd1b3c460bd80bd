"""The parts of one record, each in an order of its own: their lines up to where all go on by
another model, and what each line reads and writes.

Two lines of different parts commute if neither writes what the other reads, writes, or is judged
by: then one order of them stands for both. Sits above `record` and `steps`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from models.plain.agenda import CLOCK

from ..errors_audit import PartsTooLong
from .promises import Promises
from .record import Beside, Seen
from .steps import Ready

LINES_MAX = 200_000
"""Lines of all parts that are held at once."""
NEAR = 64
"""Lines of another part that are looked at one by one; past them, all that are left at once."""

Keys = frozenset[str]


@dataclass(frozen=True)
class Print:
    """What a line reads or is judged by, and what it may write."""

    minds: Keys
    writes: Keys

    def commutes(self, other: Print) -> bool:
        """Whether the order of the two makes no difference."""
        return (
            self.writes.isdisjoint(other.minds)
            and self.writes.isdisjoint(other.writes)
            and other.writes.isdisjoint(self.minds)
        )

    def and_then(self, other: Print) -> Print:
        """Both; this one itself if that adds nothing."""
        if other.minds <= self.minds and other.writes <= self.writes:
            return self
        return Print(self.minds | other.minds, self.writes | other.writes)


NOTHING = Print(frozenset(), frozenset())


@dataclass
class Lane:
    """A part's lines in their order; `until` is the line at which all parts go on by another model,
    None at the part's end.
    """

    name: str
    lines: list[Seen]
    until: Beside | None
    ready: list[list[Ready]] = field(default_factory=list)
    prints: list[Print] = field(default_factory=list)
    rest: list[Print] = field(default_factory=list)
    """Of each line, all from it on."""

    def know(self, find: Callable[[Seen], list[Ready]], promises: Promises) -> None:
        """Find out what each line may stand for, and what it reads and writes."""
        self.ready = [find(seen) for seen in self.lines]
        self.prints = [
            _print(seen, ready, promises)
            for seen, ready in zip(self.lines, self.ready, strict=True)
        ]
        left = NOTHING
        rest = []
        for one in reversed(self.prints):
            left = left.and_then(one)
            rest.append(left)
        self.rest = rest[::-1]


def lanes_of(names: Sequence[str], streams: Sequence[Iterator[Seen | Beside]]) -> list[Lane]:
    """The next lines of each part, up to where it goes on by another model. Raises `PartsTooLong`,
    and what reading a line raises.
    """
    found, left = [], LINES_MAX
    for name, stream in zip(names, streams, strict=True):
        lane = _lane(name, stream, left)
        left -= len(lane.lines)
        found.append(lane)
    return found


def _lane(name: str, stream: Iterable[Seen | Beside], most: int) -> Lane:
    lines = list[Seen]()
    for seen in stream:
        if isinstance(seen, Seen):
            lines.append(seen)
        elif seen.under:
            return Lane(name, lines, seen)
        if len(lines) > most:
            raise PartsTooLong(
                f"{name}: parts without numbers are put together for at most {LINES_MAX:,} lines",
                "Cut all of them at the same event, or export them with their numbers",
            )
    return Lane(name, lines, None)


def _print(seen: Seen, ready: Iterable[Ready], promises: Promises) -> Print:
    minds: set[str] = set()
    writes: set[str] = set()
    if seen.time is not None:
        minds.add(CLOCK)
    for one in ready:
        minds |= one.reads | promises.near(one)[1]
        writes |= one.writes
    return Print(frozenset(minds), frozenset(writes))
