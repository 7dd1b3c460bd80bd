"""What reasoning finds: findings with their status and evidence, durations, and orders that stay
open. Values.

Sits above `clocks`.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor

from ..vocabulary import Observation
from .clocks import Clocks

KEPT, BROKEN, OPEN, NOT_MET, NOTE = "kept", "broken", "unknown", "not met", "note"


@dataclass(frozen=True)
class Finding:
    """One thing found. `name` is the promise, rule or question; `lines` are the evidence.

    Of a promise the status is kept, broken or unknown, and counts for the verdict. A defence (a
    timer inequality) is met or not met: that nothing came of it is not its merit, so it does not
    count. A note is neither.
    """

    name: str
    status: str
    text: str
    lines: tuple[int, ...] = ()
    unless: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Duration:
    """From one observation to another. Across two clocks it is true only less the lead of the one
    over the other.
    """

    name: str
    start: Observation
    end: Observation

    @property
    def stamped(self) -> int:
        """As the clocks read, in microseconds."""
        return self.end.at - self.start.at

    @property
    def one_clock(self) -> bool:
        """Whether it needs no comparison of clocks."""
        return self.start.clock == self.end.clock

    @property
    def slack(self) -> int:
        """How far the resolutions let it be off, either way."""
        return max(self.end.latest - self.end.earliest, self.start.latest - self.start.earliest) + 1

    def least(self, clocks: Clocks) -> int | None:
        """The least that the bounds on the clocks allow; None if they set no limit."""
        most = None if self.one_clock else clocks.most(self.end.clock, self.start.clock)
        if most is None and not self.one_clock:
            return None
        shown = self.stamped - (most.stamped if most else 0)
        return floor(shown / (1 + clocks.drift if shown >= 0 else 1 - clocks.drift))

    def most(self, clocks: Clocks) -> int | None:
        """The most that the bounds on the clocks allow; None if they set no limit."""
        most = None if self.one_clock else clocks.most(self.start.clock, self.end.clock)
        if most is None and not self.one_clock:
            return None
        shown = self.stamped + (most.stamped if most else 0)
        return ceil(shown / (1 - clocks.drift if shown >= 0 else 1 + clocks.drift))


@dataclass(frozen=True)
class Unsure:
    """Two observations of which the record does not say which came first; they change places
    where it says.
    """

    first: Observation
    second: Observation
    turns: int
    """The lead of the second's clock over the first's from which on the order is the other one."""
    question: str
    """What a reader would ask, answered as the clocks read."""


@dataclass(frozen=True)
class Turning:
    """What a solver says of the clocks: a sentence, the least skew that changes it (microseconds),
    the lines that it is about, and those that force it.
    """

    text: str
    skew: int | None = None
    lines: tuple[int, ...] = ()
    core: tuple[int, ...] = ()
