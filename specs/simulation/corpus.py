"""Places that runs were in and others go on from: what is rare, and what is near a broken property.

The runs of a lane (every `LANES`th run) share a corpus that aims at one property. A situation is
which of the conditions for its breaking hold, and which of the rules that write what it reads are
enabled. The first state of each situation is kept. Parts of later runs begin at such a place, half
of them at one where much is so that seldom is, so that what takes many coincidences is reached one
by one.

A run depends on the runs of its lane before it and on nothing else; the lane begins anew after
`RUNS` of them. Sits above `aims`; imports no z3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2
from operator import attrgetter
from random import Random

from models.plain.layout import Value
from models.plain.reader import Step

from .aims import Aim, Held, Nearness, spread
from .guiding import Guide
from .machine import Move

LANES = 8
FEW = 8
"""Properties, at most, so that runs are led to them."""
LEADING = 4
"""Every so manieth lane is then led to a step that can break the property: a plan takes as long as
some hundred steps.
"""
GOALS, LIKELY = 3, 0.9
"""Goals of which the most promising is taken; how often they are of those that are likely."""
RUNS = 250
"""Runs of a lane with one corpus."""
SPAN = LANES * RUNS
MOST = 60
"""Places of a corpus that are as near as one another."""
LONG = 600
"""Steps after which a place is too far away to be kept."""
WEIGHED = 8
"""Places after which it is worked out anew how rare each condition is: so many, and once there are
many an eighth of them.
"""
TRIED = 4
"""Places among which the least used is taken."""
LED, NEARER = 0.5, 0.5
"""Choices that begin with the nearest places, and how often each of the near ones is left for the
next.
"""
Taken = tuple[tuple[Move, tuple[Value, ...]], ...]


@dataclass
class Place:
    """Where a run can go on: the way there, the state, how many faults may still come."""

    begin: tuple[Step, ...]
    taken: Taken
    values: tuple[Value, ...]
    enabled: int
    faults: int
    used: int = 0


_USED = attrgetter("used")


class Shelf:
    """Places by how near they are."""

    def __init__(self) -> None:
        self.seen: set[tuple[int, ...]] = set()
        """The situations that were met: what holds, what is enabled, how near it is."""
        self._places: dict[int, list[Place]] = {}
        self._turn = self._asked = 0

    def put(self, place: Place, level: int) -> None:
        """Keep a place; once there are many the most used of a few gives way."""
        if len(place.taken) > LONG:
            return
        self._turn += 1
        near = self._places.setdefault(level, [])
        if len(near) < MOST:
            near.append(place)
            return
        some = [(7 * self._turn + 17 * i) % MOST for i in range(TRIED)]
        near[max(some, key=lambda i: near[i].used)] = place

    def choose(self, draw: Random) -> Place | None:
        """A place to go on from; None if there is none yet."""
        self._asked += 1
        if not self._places:
            return None
        levels = sorted(self._places, reverse=True)
        random = draw.random
        at = 0 if random() < LED else int(random() * len(levels))
        while at < len(levels) - 1 and random() > NEARER:
            at += 1
        near = self._places[levels[at]]
        size = len(near)
        found = min([near[int(random() * size)] for _ in range(TRIED)], key=_USED)
        found.used += 1
        return found

    @property
    def doubt(self) -> int:
        """How little is to be hoped for: how often it was asked, how far away its places are."""
        return self._asked - max(self._places, default=0)


class Corpus:
    """The places of one lane."""

    def __init__(self, aims: Sequence[Aim], draw: Random, lane: int) -> None:
        self.aim = draw.choice(aims)
        led = len(aims) <= FEW and lane % LEADING == 1
        self._goals = {goal: Shelf() for goal in self.aim.lead.goals} if led else {}
        self.shelf = Shelf()
        self._held = list[Held]()
        """In how many situations each condition held: a digit after the other, for all at once."""
        self._turn = self._next = 0
        self._nearness = Nearness(self.aim)

    def guide(self, draw: Random) -> Guide | None:
        """Who leads the next part of a run; None if nobody does."""
        if not self._goals:
            return None
        lead = self.aim.lead
        goals = lead.likely if draw.random() < LIKELY else lead.goals
        some = [draw.choice(goals) for _ in range(GOALS)]
        goal = min(some, key=lambda g: self._goals[g].doubt)
        self.shelf = self._goals[goal]
        return Guide(lead, goal, draw)

    def keep(self, place: Place, held: Held) -> None:
        """Keep a place by how much holds in it of what breaks the property."""
        if len(place.taken) > LONG:
            return
        self._turn += 1
        self._count(held)
        if self._turn >= self._next:
            self._next = self._turn + max(WEIGHED, self._turn // WEIGHED)
            self._weigh()
        self.shelf.put(place, self._nearness.score(held))

    def _count(self, held: Held) -> None:
        """One more situation in which these conditions held."""
        for i, digit in enumerate(self._held):
            self._held[i], held = digit ^ held, digit & held
            if not held:
                return
        self._held.append(held)

    def _weigh(self) -> None:
        """The weights: what is so seldom counts for more."""
        size, turn = self.aim.size, self._turn
        counts = [0] * size
        for i, digit in enumerate(self._held):
            counts = [n + (bit << i) for n, bit in zip(counts, spread(digit, size), strict=True)]
        weighs = {n: log2(2 + turn / (1 + n)) for n in set(counts)}
        self._nearness.weigh([weighs[n] for n in counts])
