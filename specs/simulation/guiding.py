"""Who leads a part of a run to one of the steps that can break a property: mostly the next step is
one of a plan, and time passes until what the plan waits for.

What each step weighs is drawn anew for each part, so that other ways are tried. Sits above
`leading`; imports no z3.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log2
from random import Random

from models.plain.layout import State, Value

from .graph import DEEPEST
from .leading import FAR, Lead
from .machine import Move

HEAVIEST = 4
"""What a step weighs at most; the least is 1."""
AGAIN, SOON = 30, 5
"""Steps after which there is a new plan: at most, and at least."""
ONCE = 0.7
"""How often a step is not taken again in one plan."""
PATIENT, HASTE = 0.7, 0.05
"""How often what makes another step of the plan impossible is left for later; how often it is taken
all the same while nothing else of the plan is possible.
"""
OFFERED = 0.7
"""How often an argument is one of those that it is compared with."""
COMPARED = 0.5
"""How often it is one of those if the guards allow others, too."""
AWAITED, EXACT = 0.6, 0.7
"""How often one waits until something is due, and how often neither too long nor too short."""
FINE = 4
"""Levels between places of which one is twice as far away as the other."""


class Guide:
    """Leads one part of a run to a goal."""

    def __init__(self, lead: Lead, goal: int, draw: Random) -> None:
        self._lead, self._goal, self._draw = lead, goal, draw
        self._weights = [1 + int(HEAVIEST * draw.random() ** 2) for _ in lead.moves]
        self._mild = [
            DEEPEST if m.trigger == "fault" else w
            for m, w in zip(lead.moves, self._weights, strict=True)
        ]
        self._share, self._patient = draw.random() ** 0.3, draw.random() < PATIENT
        self._left = 0
        self._steps = 0
        """The places of the plan that are still to come."""
        self._often: dict[int, int] = {}
        """How often each of them is to come."""
        self._due: tuple[int, ...] = ()

    def far(self, state: State) -> int:
        """How far away a state is."""
        return self._lead.plan(state, self._weights, self._goal).far

    def idle(self, enabled: int) -> bool:
        """Whether it is time for a new plan."""
        self._left -= 1
        return self._left <= 0 or (self._left <= AGAIN - SOON and not self._steps & enabled)

    def look(self, state: State, faults: int) -> int | None:
        """A new plan from a state, if so many faults may happen: its level; None if there is no
        plan.
        """
        weights = self._weights if faults else self._mild
        far, steps, self._due = self._lead.plan(state, weights, self._goal)
        self._often = dict(steps)
        self._steps = sum(1 << place for place in steps)
        self._left = AGAIN
        return None if far == FAR else -int(FINE * log2(1 + far))

    def next(self, enabled: int) -> int:
        """The places of which one comes next; 0 if that is left to chance."""
        near, random = self._steps & enabled, self._draw.random
        if not near or random() >= self._share:
            return 0
        if not self._patient:
            return near
        harmless = self._lead.hindering.harmless(near, self._steps)
        return harmless or (near if random() < HASTE else 0)

    def took(self, place: int) -> None:
        """A step of the plan was taken."""
        self._often[place] -= 1
        if self._often[place] > 0:
            return
        if self._draw.random() < ONCE:
            self._steps &= ~(1 << place)

    def value(self, move: Move, state: State, before: Sequence[Value]) -> int | None:
        """The next argument, if it is a number and those before it are chosen; None if that is left
        to chance.
        """
        name, values, _ = move.choices[len(before)]
        if isinstance(values[0], bool) or self._draw.random() > OFFERED:
            return None
        span = self._lead.span(move, state, before)
        offers = [n for n in self._lead.offers(move, name, state) if span.has(n)]
        if offers and (span == (None, None) or self._draw.random() < COMPARED):
            return self._draw.choice(offers)
        return span.some(self._draw)

    def wait(self, now: int) -> int | None:
        """How long; None if that is left to chance."""
        due = [at - now for at in self._due if at > now]
        if not due or self._draw.random() > AWAITED:
            return None
        at = self._draw.choice(due)
        return at if self._draw.random() < EXACT else max(1, at + self._draw.choice((-1, 1)))
