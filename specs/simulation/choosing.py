"""What comes next in a run, among places that are enabled: which of them, with which arguments, how
long a wait. Sits above `machine` and `guiding`; imports no z3.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from models.plain.agenda import CLOCK
from models.plain.layout import State, Value

from .guiding import Guide
from .machine import Changes, Machine, Move

TRIES = 12
"""How often arguments are chosen anew before another rule gets its turn."""
Taken = tuple[Move, tuple[Value, ...], Changes]


class Chooser:
    """Chooses steps at random, in one state after the other; led by a guide if there is one."""

    def __init__(
        self, machine: Machine, draw: Random, state: State, guide: Guide | None = None
    ) -> None:
        self.machine, self.state, self.guide = machine, state, guide
        self.draw, self.random = draw, draw.random
        self.times = machine.times(state)
        """The times at which some guard can change its value if nothing else happens."""
        self.punctual = 0.0
        """How often a wait ends at the next moment at which a guard can change."""
        self.curious = False
        self.seen = bytearray(len(machine.moves))
        """How often each place was tried in this run: the curious prefer what is new."""

    def _from(self, left: int) -> Taken | None:
        """A step among these enabled places, chosen at random; None if no arguments do."""
        random, seen, nth = self.random, self.seen, self._nth
        while left:
            count = left.bit_count()
            place = nth(left, int(random() * count))
            if count > 1 and self.curious:
                other = nth(left, int(random() * count))
                if seen[other] < seen[place]:
                    place = other
            if seen[place] < 255:
                seen[place] += 1
            move = self.machine.moves[place]
            if not move.free:
                changes = move.fire(self.state)
                assert changes is not None
                return move, (), changes
            found = self._chosen(move)
            if found is not None:
                return found
            left ^= 1 << place
        return None

    @staticmethod
    def _nth(places: int, n: int) -> int:
        """The n-th of these places."""
        for _ in range(n):
            places &= places - 1
        return (places & -places).bit_length() - 1

    def _chosen(self, move: Move) -> Taken | None:
        """A step whose arguments somebody chooses."""
        if move.trigger == "time":
            dt = self._wait()
            changes = move.fire(self.state, dt)
            return None if changes is None else (move, (dt,), changes)
        fire, state, every = move.fire, self.state, move.combinations
        if every:
            return self._allowed(move, every)
        for _ in range(TRIES // len(move.choices)):
            values = self._values(move)
            changes = fire(state, *values)
            if changes is not None:
                return move, values, changes
        return None

    def _allowed(self, move: Move, every: Sequence[tuple[Value, ...]]) -> Taken | None:
        """A step with one of these combinations of arguments: the first that does, from one of them
        on.
        """
        fire, state, begin = move.fire, self.state, int(self.random() * len(every))
        for i in range(len(every)):
            values = every[begin - i]
            changes = fire(state, *values)
            if changes is not None:
                return move, values, changes
        return None

    def _values(self, move: Move) -> tuple[Value, ...]:
        """Arguments: what the guide says, a number that is near, or one of those to be tried."""
        random, state, found = self.random, self.state, list[Value]()
        for _, values, keys in move.choices:
            if self.guide is not None:
                offered = self.guide.value(move, state, found)
                if offered is not None:
                    found.append(offered)
                    continue
            at = random()
            if keys and at < 0.5:
                found.append(int(state[keys[int(2 * at * len(keys))]]) + int(random() * 2))
            else:
                found.append(values[int(random() * len(values))])
        return tuple(found)

    def _wait(self) -> int:
        """How long: to the next moment at which a guard can change, to some later one, or any."""
        now = int(self.state[CLOCK])
        awaited = None if self.guide is None else self.guide.wait(now)
        if awaited is not None:
            return awaited
        kind = self.random()
        if kind < 0.05:
            return 1 + int(10 ** (5 * self.random()))
        later = [m for m in self.times if m > now]
        if not later:
            return 1_000
        if kind < self.punctual:
            return min(later) - now
        found = later[int(self.random() * len(later))] - now
        return found - 1 if found > 1 and self.random() < 0.15 else found
