"""A task: some SMT-LIB text with goals that must be unsatisfiable, one per obligation.

Text only: what it means is said by `script`, who asks it is said by `pool`. Imports the standard
library only.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

_UNKNOWN = re.compile(r"\?(\d+)")


@dataclass(frozen=True)
class Goal:
    """One obligation on the property `number`: `formula` must be false."""

    number: str
    formula: str
    unknowns: tuple[str, ...]
    """Declarations of the unknowns in it."""
    needs: frozenset[str]
    """Keys whose new values it reads."""

    @property
    def literal(self) -> str:
        """The literal under which the formula is asserted."""
        return quoted(f"goal {self.number}")


@dataclass(frozen=True)
class Task:
    """One grounded rule and its goals. `invariants`: whether they are assumed of the old state."""

    label: str
    method: str
    head: tuple[str, ...]
    """Declarations and guards."""
    defined: Mapping[str, str]
    """The new value of each key that a goal reads."""
    goals: tuple[Goal, ...]
    invariants: bool = True

    @property
    def text(self) -> str:
        """Everything but the question; the preamble comes before."""
        needed = frozenset[str]().union(*(g.needs for g in self.goals))
        lines = [*self.head, *(d for k, d in self.defined.items() if k in needed)]
        for goal in self.goals:
            lines.append(f"(declare-const {goal.literal} Bool)")
            lines.append(f"(assert (=> {goal.literal} {goal.formula}))")
        return "\n".join(lines)

    def only(self, numbers: Iterable[str]) -> Task:
        """The task with the goals on these properties."""
        wanted = set(numbers)
        return replace(self, goals=tuple(g for g in self.goals if g.number in wanted))

    def identity(self, goal: Goal) -> str:
        """What the answer to a goal depends on, besides the header and what is assumed."""
        defined = [self.defined[k] for k in sorted(goal.needs) if k in self.defined]
        return "\n".join([self.method, *self.head, *defined, *goal.unknowns, goal.formula])


@dataclass(frozen=True)
class Query:
    """A whole SMT-LIB script with one question, which must be unsatisfiable."""

    name: str
    text: str


@dataclass(frozen=True)
class Answer:
    """What a solver said of one goal."""

    said: str
    """`sat`, `unsat` or `unknown`."""
    needed: tuple[str, ...] = ()
    """Names of the assumptions that an `unsat` needed."""
    seconds: float = 0.0
    rlimit: int = 0
    conflicts: int = 0
    why: str = ""
    """Why it is unknown."""
    cached: bool = False


def assume(name: str) -> str:
    """The literal that stands for an assumption."""
    return quoted(f"assume {name}")


def quoted(name: str) -> str:
    """A name as an SMT-LIB symbol."""
    return "|" + re.sub(r"[|\\]", "_", name) + "|"


def digest(text: str) -> str:
    """A hash for keys: 128 bits of SHA-256, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def renumbered(text: str, owner: str, numbers: dict[str, str]) -> str:
    """`text` with its unknowns numbered from 0 within their owner; `numbers` is remembered."""

    def renamed(found: re.Match[str]) -> str:
        number = numbers.setdefault(found[1], str(len(numbers)))
        return f"?{owner}.{number}" if owner else f"?{number}"

    return _UNKNOWN.sub(renamed, text)
