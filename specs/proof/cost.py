"""What a verification cost, per property and per rule: questions, what z3 counted, seconds.

Sits above `verdict`; imports no z3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import astuple, dataclass, fields

from ..verdict import Obligation


@dataclass
class Cost:
    """A sum. `rlimit` and `conflicts` are the same on every machine; seconds are not."""

    obligations: int = 0
    frames: int = 0
    cached: int = 0
    asked: int = 0
    rlimit: int = 0
    conflicts: int = 0
    seconds: float = 0.0

    def add(self, o: Obligation) -> None:
        """One obligation more."""
        self.obligations += 1
        self.frames += o.method == "frame"
        if o.method != "frame":
            self.cached += o.cached
            self.asked += not o.cached
        if not o.cached:
            self.rlimit += o.rlimit
            self.conflicts += o.conflicts
            self.seconds += o.seconds

    def as_json(self) -> dict[str, float]:
        """As `ccr verify --json` says it."""
        names = [f.name for f in fields(self)]
        found: dict[str, float] = dict(zip(names, astuple(self), strict=True))
        return {**found, "seconds": round(self.seconds, 4)}


def total(obligations: Iterable[Obligation]) -> Cost:
    """All of it."""
    cost = Cost()
    for o in obligations:
        cost.add(o)
    return cost


def by(obligations: Iterable[Obligation], name: Callable[[Obligation], str]) -> dict[str, Cost]:
    """The sums by some name, the dearest first."""
    found: dict[str, Cost] = {}
    for o in obligations:
        found.setdefault(name(o), Cost()).add(o)
    return dict(sorted(found.items(), key=lambda pair: (-pair[1].seconds, pair[0])))
