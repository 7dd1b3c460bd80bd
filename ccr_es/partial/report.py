"""What the audit of a partial record says: the verdict, what was found, the answers. Pure data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from models.plain.layout import Value

from .frontier import Run

CONFORMS, DOES_NOT, CANNOT = "conforms", "does not conform", "cannot be known"
CERTAIN, POSSIBLE, IMPOSSIBLE, UNKNOWN = "certain", "possible", "impossible", "unknown"
NEVER_NAMED = " of members that the record never names"
"""What is said of a rule that members may have followed of which nothing is known."""


@dataclass(frozen=True)
class Against:
    """A rule that the line may stand for, and why it could not fire in a possible state."""

    rule: str
    args: Mapping[str, Value]
    guard: str
    facts: Mapping[str, Value]
    false: int
    """How many of its guards were false."""


@dataclass(frozen=True)
class Trouble:
    """Something that is wrong, or may be.

    `kind`: step (nothing explains the line), property. `certain` is false if it holds in some of
    the possible states only. `states` are those still possible, as far as they differ; `against`
    the candidates; `nearest` a step that would have passed, in words.
    """

    line: int
    where: str
    kind: str
    text: str
    certain: bool
    states: tuple[Mapping[str, Value], ...] = ()
    against: tuple[Against, ...] = ()
    nearest: str = ""
    run: Run | None = None


@dataclass(frozen=True)
class Answer:
    """Whether a fact held at a moment: certain, possible (with a run), impossible or unknown."""

    key: str
    value: Value
    where: str
    answer: str
    values: tuple[Value, ...]
    run: Run | None = None


@dataclass
class PartialReport:
    """The verdict on one partial record."""

    source: str
    cluster: str = ""
    events: int = 0
    judged_by: list[str] = field(default_factory=list)
    unlogged: tuple[str, ...] = ()
    declared: str = ""
    """What else the source declares, and whether it does so itself."""
    parts: tuple[str, ...] = ()
    """The files that it was put together of, if there are several."""
    unordered: bool = False
    """Nothing but the rules and the clocks puts the parts in order."""
    clocks: dict[str, tuple[int, int]] = field(default_factory=dict)
    """How far each part's clock was ahead of the time that passed, at least and at most (ms)."""
    width: int = 1
    """The most states that were possible at once."""
    troubles: list[Trouble] = field(default_factory=list)
    doubts: dict[str, str] = field(default_factory=dict)
    """Why what is possible was not exhausted, and the rule to log against it."""
    to_log: list[str] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    unchecked: str = ""

    @property
    def said(self) -> str:
        """conforms, does not conform, or cannot be known."""
        if any(t.certain for t in self.troubles):
            return DOES_NOT
        return CANNOT if self.troubles or self.doubts or self.unchecked else CONFORMS

    @property
    def verdict(self) -> str:
        """The same as holds, violated or unknown."""
        return {CONFORMS: "holds", DOES_NOT: "violated", CANNOT: "unknown"}[self.said]
