"""A time during which a party served, did not, or may have. A value; sits above `vocabulary`."""

from __future__ import annotations

from dataclasses import dataclass

from ..kinds import clock_text
from ..vocabulary import Observation


@dataclass(frozen=True)
class Stretch:
    """A time during which a party served, did not, or (None) may have. An open end is None."""

    party: str
    serving: bool | None
    start: Observation | None
    end: Observation | None

    @property
    def clock(self) -> str:
        """Whose clock says so; none if its two ends are on two clocks."""
        names = {o.clock for o in (self.start, self.end) if o is not None}
        return names.pop() if len(names) == 1 else ""

    @property
    def words(self) -> str:
        """`A until 09:30:00 [12]`: the line in brackets."""
        if self.start is not None and self.start is self.end:
            return f"{self.party} at {_at(self.start)}"
        start = f" from {_at(self.start)}" if self.start else ""
        end = f" until {_at(self.end)}" if self.end else ""
        return f"{self.party}{start}{end}" if start or end else f"{self.party} throughout"


def _at(o: Observation) -> str:
    return f"{clock_text(o.at, o.resolution)} [{o.line}]"
