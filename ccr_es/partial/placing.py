"""When a line of a part can have happened, by the clock that stamped it.

Nothing is known of how far a part's clock is ahead of the model's until a line of it is placed:
from then on that is its offset, for the clocks are taken to run alike, but for a drift that is
assumed. If no two clocks are further apart than is assumed, the offsets that are known bound those
that are not. An offset is remembered in the state, for each order in which the lines can have
happened has its own. All times in ms. Pure data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from models.plain.agenda import CLOCK
from models.plain.layout import State, Value

from .lanes import Lane
from .promises import MARK
from .record import Seen

OFFSET = MARK + "clock."
"""What a state's memory of an offset begins with; `SINCE`: of when that was."""


@dataclass(frozen=True)
class Clocks:
    """What is assumed of the parts' clocks: how far any two can be apart, if that is bounded (ms),
    and by how many parts per million a clock's rate can be off.
    """

    skew_max: int | None = None
    drift_ppm: float = 0.0

    def words(self) -> list[str]:
        """What is assumed, in words."""
        said = []
        if self.skew_max is not None:
            said.append(f"no two clocks are taken to be more than {self.skew_max / 1000:g} s apart")
        if self.drift_ppm:
            said.append(f"a clock is taken to be off by at most {self.drift_ppm:g} ppm")
        return said

    def wander(self, ms: int) -> int:
        """How far two clocks can move apart in a time."""
        rate = self.drift_ppm / 1_000_000
        return ceil(2 * rate * abs(ms) / (1 - rate))


ANY = Clocks()
"""Clocks of which nothing is assumed."""


def offset_key(name: str) -> str:
    """Under which a state remembers how far a part's clock is ahead."""
    return OFFSET + name


def offset_of(name: str, own: Mapping[str, Value]) -> int | None:
    """How far a part's clock is ahead in a state; None if no line of it was placed."""
    found = own.get(offset_key(name))
    return None if found is None else int(found)


class Placing:
    """When the next lines of the parts can have happened in a state."""

    def __init__(self, lanes: Sequence[Lane], clocks: Clocks) -> None:
        self.lanes, self.clocks = lanes, clocks
        self._first = [
            next((s.time for s in lane.lines if s.time is not None), None) for lane in lanes
        ]

    def range(self, i: int, seen: Seen, state: State) -> tuple[int | None, int | None]:
        """The earliest and the latest time, by the model's clock, at which a line of lane `i` can
        have happened; None where there is no bound.
        """
        if seen.time is None:
            return None, None
        known = offset_of(self.lanes[i].name, state)
        if known is not None:
            first = self._first[i]
            by = self.clocks.wander(seen.time - (seen.time if first is None else first))
            return seen.time - known - by, seen.time - known + by
        least, most = self._bounds(state)
        earliest = None if most is None else seen.time - most
        return earliest, None if least is None else seen.time - least

    def _bounds(self, state: State) -> tuple[int | None, int | None]:
        """Between what an offset must be that is not known."""
        skew = self.clocks.skew_max
        known = [o for lane in self.lanes if (o := offset_of(lane.name, state)) is not None]
        if skew is None or not known:
            return None, None
        return max(known) - skew, min(known) + skew

    def placed(self, i: int, seen: Seen, state: State) -> dict[str, Value] | None:
        """What is to be remembered once a line was placed, `state` being that after it; None if it
        cannot have happened then.
        """
        if seen.time is None:
            return {}
        now = int(state[CLOCK])
        earliest, latest = self.range(i, seen, state)
        if (earliest is not None and now < earliest) or (latest is not None and now > latest):
            return None
        name = self.lanes[i].name
        return {} if offset_of(name, state) is not None else {offset_key(name): seen.time - now}

    def alive(self, at: Sequence[int], state: State) -> bool:
        """Whether no next line is too late already."""
        now = int(state[CLOCK])
        for i, lane in enumerate(self.lanes):
            if at[i] < len(lane.lines):
                latest = self.range(i, lane.lines[at[i]], state)[1]
                if latest is not None and latest < now:
                    return False
        return True

    def is_due(self, i: int, seen: Seen, state: State) -> bool:
        """Whether a line must happen before time passes."""
        latest = self.range(i, seen, state)[1]
        return latest is not None and latest <= int(state[CLOCK])

    def is_later(self, i: int, seen: Seen, state: State) -> bool:
        """Whether a line cannot happen before time passes."""
        earliest = self.range(i, seen, state)[0]
        return earliest is not None and earliest > int(state[CLOCK])
