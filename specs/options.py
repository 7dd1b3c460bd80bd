"""How to verify: rungs, bounds, workers, where answers are kept. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from models.language.misuse import BadRule

from .proof.induction import RLIMIT
from .search.bounded import RLIMIT as SEARCH_RLIMIT
from .search.search import SWEEPS
from .verdict import LADDER, METHODS

SPACER_RLIMIT = 60_000_000


@dataclass(frozen=True)
class Options:
    """How to verify, and within which bounds."""

    depth: int = 8
    """Single steps of the search that comes last."""
    sweeps: int = SWEEPS
    rlimit: int = RLIMIT
    """What z3 may spend on one obligation of an induction."""
    search_rlimit: int = SEARCH_RLIMIT
    spacer_rlimit: int = SPACER_RLIMIT
    method: str = LADDER
    """All rungs, or only one: see `METHODS`."""
    seed: int = 0
    """z3's random seed."""
    seconds: float | None = None
    """When to stop asking; what was not asked is unknown."""
    jobs: int = 0
    """Worker processes; 0 asks in this process."""
    collect: Path | None = None
    """A work queue whose answers are taken instead of asking z3."""
    folder: Path | None = None
    """Where answers are kept and found again."""

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise BadRule(f"there is no method {self.method}; there are {', '.join(METHODS)}")

    def tries(self, rung: str) -> bool:
        """Whether this rung is to be tried."""
        return self.method in (LADDER, rung)
