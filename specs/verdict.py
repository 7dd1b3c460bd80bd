"""Verdicts: holds, violated, unknown; merged violated > unknown > holds. Unknown is never rounded
to holds.

The record every proof engine fills in is an `Obligation`. Imports nothing but the standard
library.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

HOLDS, VIOLATED, UNKNOWN = "holds", "violated", "unknown"

BY_SWEEP, BY_STEPS, BY_STORY = "sweep", "steps", "story"
SEARCHES = (BY_STORY, BY_SWEEP, BY_STEPS)
"""The methods that find runs; what they find settles a property."""
BY_INDUCTION, BY_K, BY_SPACER = "induction", "k-induction", "spacer"
"""The methods that prove: per rule; by k steps through different states; an invariant that z3 found
and that is checked again. Each of the latter two settles what induction left open.
"""
SEARCH = "(search)"
"""What stands for the rule where the whole model is asked about."""
LADDER = "ladder"
METHODS = (LADDER, BY_INDUCTION, BY_K, BY_SPACER, BY_STEPS)
"""Every rung in turn, or one alone; `steps` stands for all searches."""


def merge(verdicts: Iterable[str]) -> str:
    """The verdict on the whole; nothing asked is `unknown`, because nothing was shown."""
    found = set(verdicts)
    for verdict in (VIOLATED, UNKNOWN, HOLDS):
        if verdict in found:
            return verdict
    return UNKNOWN


@dataclass(frozen=True)
class Obligation:
    """One thing asked of one rule (or of the initial state) for one property, by one method, and
    what came of it.
    """

    rule: str
    property: str
    method: str
    verdict: str
    seconds: float = 0.0
    detail: str = ""
    uses: tuple[str, ...] = ()
    """Numbers of the properties that the proof assumed in the old state and needed (from the unsat
    core).
    """
    under: tuple[str, ...] = ()
    """Names of the model's constraints that it needed."""
    cached: bool = False
    """Known from an earlier verification."""
    rlimit: int = 0
    """What z3 counted: its cost, the same on every machine."""
    conflicts: int = 0

    def as_json(self) -> dict[str, object]:
        """The `ccr verify --json` form."""
        return {
            "rule": self.rule,
            "property": self.property,
            "method": self.method,
            "verdict": self.verdict,
            "seconds": round(self.seconds, 4),
            "detail": self.detail,
            "uses": list(self.uses),
            "under": list(self.under),
            "cached": self.cached,
            "rlimit": self.rlimit,
            "conflicts": self.conflicts,
        }


class EngineError(Exception):
    """Two readers of one model disagree: a bug in an engine, never a verdict. The command line
    reports it as exit 70.
    """
