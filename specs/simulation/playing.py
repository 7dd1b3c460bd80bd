"""One random run being played: what comes next, and when the weather changes.

A run has a temper of its own (how often there are faults, how long what follows at once waits,
which places it is about), and many runs go through weather: calm, in which all that is due happens;
lag, in which one member is slow to do what it should; storm, in which anything may come between.
Races need both: a failover that comes to its end, then a fault in the middle of the next.

Sits above `machine`; imports no z3.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from models.plain.layout import State, Value
from models.plain.reader import Step

from .aims import Held
from .choosing import Chooser, Taken
from .corpus import Corpus, Place
from .guiding import Guide
from .machine import Machine, Move

URGENT = (0.0, 0.5, 0.9, 0.97, 1.0)
"""How sure it is that what follows at once comes before anything else, drawn for each run."""
SPELL = 40
"""Steps of one weather, at most."""
PLANNED = 0.5
"""Runs in which all goes as it should but for one thing at a time."""
CALM = 24
"""Steps between two such things, at most."""
Pairs = dict[int, int]
"""For each control state, by its hash, the places that fired in it."""


@dataclass
class Played:
    """One run: what was taken, and whether the last step broke something."""

    number: int
    begin: tuple[Step, ...]
    taken: list[tuple[Move, tuple[Value, ...]]] = field(default_factory=list)
    broke: bool = False
    steps: int = 0
    """How many of those it took itself: the others led to where it began."""


class Play(Chooser):
    """One run being played. `most` is how many faults may still happen; -1 is any number."""

    def __init__(
        self, machine: Machine, draw: Random, state: State, enabled: int, guide: Guide | None
    ) -> None:
        super().__init__(machine, draw, state, guide)
        self.enabled = enabled
        about = self._about()
        masks = {trigger: mask & about for trigger, mask in machine.masks.items()}
        self.consequences, self.time = masks["consequence"], machine.masks["time"]
        self.temper = URGENT[int(draw.random() * len(URGENT))], draw.random()
        self.urgent, self.punctual = self.temper
        self.held = 0
        """The places that are slow."""
        self.curious = draw.random() < 0.8
        near = self._layer(0)
        faults = masks["fault"] & self._some(near, draw)
        commands = masks["command"] & self._some(near, draw)
        self.shares = [
            (self.time, 0.2 + draw.random()),
            (self.consequences, 0.5 + 2 * draw.random()),
            (masks["beat"], draw.random()),
            (commands, draw.random()),
            (faults, 0.5 * draw.random() ** 2),
        ]
        self._wheels: dict[float, list[tuple[float, int]]] = {}
        self.wheel = self._wheel(1.0)
        self.spell = 0 if draw.random() < 0.6 else -1
        """Steps until the weather changes; below 0 it never does."""
        self.forced = 0
        """The places of which one comes next."""
        self.planned = draw.random() < PLANNED
        self.faults, self.commands = faults, commands
        if self.planned:
            self.spell = 0
            self.shares[2] = masks["beat"], 3.0
            self._wheels.clear()

    def _layer(self, depth: int) -> int:
        layers = self.machine.layers
        return layers[int(self.random() * len(layers))][depth] if layers else 0

    def _about(self) -> int:
        """The places that the run is about: all, or those near one property, or near those."""
        kind = self.random()
        return self.machine.all if kind < 0.4 else self._layer(1 if kind < 0.8 else 2)

    def _some(self, near: int, draw: Random) -> int:
        """Some places: a run in which not everything happens goes deeper. Often those near the
        property that the run is about, and a few others.
        """
        kind, size = draw.random(), len(self.machine.moves)
        if kind < 0.2:
            return self.machine.all
        if kind < 0.45:
            return draw.getrandbits(size)
        few = draw.getrandbits(size) & draw.getrandbits(size)
        return near | few if kind < 0.75 else near & draw.getrandbits(size) | few

    def _wheel(self, eager: float) -> list[tuple[float, int]]:
        """What comes when nothing is urgent, each with the sum of the shares so far: commands and
        faults have this part of what they have in a storm.
        """
        if eager in self._wheels:
            return self._wheels[eager]
        parts = [s * (1.0 if i < 3 else eager) for i, (_, s) in enumerate(self.shares)]
        total, upto, wheel = sum(parts), 0.0, list[tuple[float, int]]()
        for (mask, _), part in zip(self.shares, parts, strict=True):
            upto += part / total
            wheel.append((upto, mask))
        self._wheels[eager] = wheel
        return wheel

    def _turn(self) -> None:
        """The weather changes."""
        if self.planned:
            self._disturb()
            return
        kind, machine = self.random(), self.machine
        self.spell = 1 + int(SPELL * self.random())
        self.held = 0
        if kind < 0.35:
            self.urgent, self.punctual, self.wheel = 1.0, 1.0, self._wheel(0.02)
        elif kind < 0.65 and machine.owned:
            self.held = self._slow()
            self.urgent, self.punctual, self.wheel = 0.97, 0.9, self._wheel(0.3)
        else:
            self.urgent, self.punctual = self.temper
            self.wheel = self._wheel(1.0)

    def _disturb(self) -> None:
        """All goes as it should, and now one thing: a fault, a command, a lag or its end, haste."""
        self.spell = 1 + int(CALM * self.random() ** 2)
        self.urgent, self.punctual, self.wheel = 1.0, 1.0, self._wheel(0.0)
        kind = self.random()
        if kind < 0.35:
            self.forced = self.faults
        elif kind < 0.6:
            self.forced = self.commands
        elif kind < 0.8 and self.machine.owned:
            self.held = 0 if self.held else self._slow()
        elif kind < 0.9:
            self.punctual, self.urgent = 0.0, 0.5

    def _slow(self) -> int:
        """What is not done in a lag: what one member should, or some things, a message here and
        there.
        """
        owned = self.machine.owned
        if self.random() < 0.8:
            return owned[int(self.random() * len(owned))]
        bits, size = self.draw.getrandbits, len(self.machine.moves)
        return bits(size) & bits(size) & self.consequences

    def go(
        self, run: Played, steps: int, most: int, fired: list[int], pairs: Pairs, corpus: Corpus
    ) -> None:
        """Take steps until one breaks a property, nothing may happen, or there are enough."""
        state, taken, control = self.state, run.taken, self.machine.control
        times = self.times
        near, seen, told_by = corpus.aim.near, corpus.shelf.seen, corpus.aim.told_by
        holding, held, close = corpus.aim.held(state), -1, -1
        where, begun, led = hash(control(state)), len(taken), self.guide is not None
        here = pairs.get(where, 0)
        if not most:
            self._no_more_faults()
        for _ in range(steps):
            if self.guide is not None and self.guide.idle(self.enabled):
                self._look(self.guide, run, most, holding, corpus)
            if not self.spell:
                self._turn()
            self.spell -= 1
            found = self._next()
            if found is None:
                break
            move, values, changes = found
            taken.append((move, values))
            place = move.place
            fired[place] += 1
            here |= 1 << place
            if move.breaks is not None and move.breaks(state, changes):
                run.broke = True
                break
            state.update(changes)
            if move.steers:
                pairs[where] = here
                where = hash(control(state))
                here = pairs.get(where, 0)
            self.enabled = (self.enabled & move.kept) | move.again(state)
            for at, moment in move.moments:
                times[at] = moment(state, state)
            if most >= 0 and move.trigger == "fault":
                most -= 1
                if most <= 0:
                    self._no_more_faults()
            told = told_by[place]
            if told is not None:
                holding = holding & told[0] | told[1].ask(state)
            if led or (holding == held and self.enabled & near == close):
                continue
            held, close = holding, self.enabled & near
            situation = holding, close
            if situation not in seen:
                seen.add(situation)
                corpus.keep(self._place(run, most), holding)
        pairs[where] = here
        run.steps += len(taken) - begun

    def _place(self, run: Played, most: int) -> Place:
        return Place(run.begin, tuple(run.taken), tuple(self.state.values()), self.enabled, most)

    def _look(self, guide: Guide, run: Played, most: int, holding: Held, corpus: Corpus) -> None:
        """A new plan; where there is none, or as soon as there is none, nobody leads any more."""
        level = guide.look(self.state, most)
        if level is None:
            self.guide = None
            return
        situation = holding, self.enabled & corpus.aim.near, level
        if situation not in corpus.shelf.seen:
            corpus.shelf.seen.add(situation)
            corpus.shelf.put(self._place(run, most), level)

    def _no_more_faults(self) -> None:
        none = ~self.machine.masks["fault"]
        self.shares = [(mask & none, share) for mask, share in self.shares]
        self._wheels.clear()
        self.wheel = [(upto, mask & none) for upto, mask in self.wheel]
        self.faults &= none
        self.forced &= none

    def _next(self) -> Taken | None:
        enabled, random = self.enabled, self.random
        if self.held:
            enabled &= ~self.held
        wanted = 0 if self.guide is None else self.guide.next(self.enabled)
        if self.guide is not None and wanted:
            found = self._from(wanted)
            if found is not None:
                self.guide.took(found[0].place)
                return found
        if self.forced & enabled:
            found = self._from(self.forced & enabled)
            self.forced = 0
            if found is not None:
                return found
        at_once = enabled & self.consequences
        if at_once and random() < self.urgent:
            found = self._from(at_once)
            if found is not None:
                return found
        at = random()
        for upto, mask in self.wheel:
            if at < upto and (some := enabled & mask):
                found = self._from(some)
                if found is not None:
                    return found
        return self._from(enabled & self.time) or self._from(at_once)
