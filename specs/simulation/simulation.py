"""Simulation: random runs over the plain reader, each property judged after every step.

A run is decided by the seed and its own number alone: how often faults happen, how long
consequences wait, which commands are given, where it begins (the initial state, or some way into
one of the model's stories), and then each step. It is the same on any machine and with any number
of workers. What it does not find proves nothing. Sits above `machine`; imports no z3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from models.language.model import Instance
from models.plain.agenda import CLOCK
from models.plain.layout import State, Value
from models.plain.reader import Step

from ..runs import Run, faults
from .machine import Changes, Choice, Machine, Move

TRIES = 12
"""How often arguments are chosen anew before another rule gets its turn."""
URGENT = (0.0, 0.5, 0.9, 0.97, 1.0)
"""How sure it is that what follows at once comes before anything else, drawn for each run."""


@dataclass(frozen=True)
class Settings:
    """How to simulate. `faults` is the most that happen in one run, None any number."""

    seed: int = 0
    steps: int = 200
    faults: int | None = None
    stories: bool = True
    """Begin some runs on the way of a story of the model."""


@dataclass
class Played:
    """One run: what was taken, and whether the last step broke something."""

    number: int
    begin: tuple[Step, ...]
    taken: list[tuple[Move, tuple[Value, ...]]] = field(default_factory=list)
    broke: bool = False


@dataclass
class Coverage:
    """What was seen: how often each rule fired, and pairs of a rule and a control state."""

    rules: dict[str, int] = field(default_factory=dict)
    pairs: set[int] = field(default_factory=set)


class Simulator:
    """Plays runs of one model."""

    def __init__(
        self, machine: Machine, settings: Settings, stories: Sequence[Sequence[Step]] = ()
    ) -> None:
        self.machine, self.settings = machine, settings
        told = stories if settings.stories else ()
        self.stories = [s for s in map(self._mild, told) if s]
        self._begins: dict[tuple[int, int], tuple[State, int, bool]] = {}
        self.fired = [0] * len(machine.moves)
        self.pairs: set[int] = set()
        self.events = 0

    def play(self, number: int) -> Played:
        """The run of this number, up to the first step that breaks a property."""
        draw = Random(f"{self.settings.seed}/{number}")  # noqa: S311 - to be repeated, not secret
        begin, (state, enabled, broke) = self._begin(draw)
        run = Played(number, begin, broke=broke)
        if not broke:
            _Play(self, draw, state.copy(), enabled, run).go()
        self.events += len(run.taken)
        return run

    def _mild(self, story: Sequence[Step]) -> tuple[Step, ...]:
        """A story up to where it has too many faults, or is about a member that is not there."""
        left, taken = self.settings.faults, list[Step]()
        for step in story:
            if self.machine.move_of(step) is None:
                break
            if left is not None and self.machine.model.rules[step.rule].trigger == "fault":
                left -= 1
                if left < 0:
                    break
            taken.append(step)
        return tuple(taken)

    def _begin(self, draw: Random) -> tuple[tuple[Step, ...], tuple[State, int, bool]]:
        """Where a run begins: the steps that led there; the state and what is enabled in it."""
        story = at = 0
        if self.stories and draw.random() >= 0.4:
            story = draw.randrange(len(self.stories))
            length = len(self.stories[story])
            at = length - int(length * draw.random() ** 2)
        if not at:
            story = 0
        steps = self.stories[story][:at] if at else ()
        if (story, at) not in self._begins:
            self._begins[story, at] = self._after(steps)
        return steps, self._begins[story, at]

    def _after(self, steps: Sequence[Step]) -> tuple[State, int, bool]:
        """The state after these steps, what is enabled in it, and whether the way there broke
        something.
        """
        reader, broke = self.machine.reader, False
        state = reader.initial()
        for step in steps:
            move, changes = self.machine.move_of(step), reader.changes(state, step)
            assert move is not None, "a story is cut before what is not there"
            broke = broke or (move.judge is not None and not move.judge(state, changes))
            state.update(changes)
        return state, self.machine.enabled(state), broke

    def coverage(self) -> Coverage:
        """What the runs so far have seen."""
        rules: dict[str, int] = {}
        for move, count in zip(self.machine.moves, self.fired, strict=True):
            rules[move.g.rule.name] = rules.get(move.g.rule.name, 0) + count
        return Coverage(rules, self.pairs)

    def run_of(self, played: Played) -> Run:
        """The run as it is kept and confirmed: every argument, from the initial state."""
        reader, state = self.machine.reader, self.machine.reader.initial()
        steps = list(played.begin)
        for step in steps:
            reader.apply(state, step)
        for move, values in played.taken:
            free = dict(zip((n for n, _, _ in move.choices), values, strict=True))
            step = reader.complete(state, move.g.rule.name, {**move.g.binding, **free})
            reader.apply(state, step)
            steps.append(step)
        settled = Instance(self.machine.instance.members, dict(reader.layout.parameters))
        return Run(settled, tuple(steps), {"seed": self.settings.seed, "run": played.number})


class _Play:
    """One run being played."""

    def __init__(
        self, simulator: Simulator, draw: Random, state: State, enabled: int, run: Played
    ) -> None:
        machine = simulator.machine
        self.simulator, self.machine, self.state, self.run = simulator, machine, state, run
        self.random = draw.random
        self.enabled = enabled
        masks = machine.masks
        self.consequences, self.time = masks["consequence"], masks["time"]
        self.urgent = URGENT[int(draw.random() * len(URGENT))]
        self.punctual = draw.random()
        self.curious = draw.random() < 0.8
        self.seen = bytearray(len(machine.moves))
        """How often each place was tried in this run: the curious prefer what is new."""
        near = machine.near[draw.randrange(len(machine.near))] if machine.near else 0
        self.faults = masks["fault"] & self._some(near, draw)
        commands = masks["command"] & self._some(near, draw)
        shares = [
            (self.time, 0.2 + draw.random()), (self.consequences, 0.5 + 2 * draw.random()),
            (masks["beat"], draw.random()), (commands, draw.random()),
            (self.faults, 0.5 * draw.random() ** 2),
        ]  # fmt: skip
        total = sum(share for _, share in shares)
        self.wheel: list[tuple[float, int]] = []
        upto = 0.0
        for mask, share in shares:
            upto += share / total
            self.wheel.append((upto, mask))

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

    def go(self) -> None:
        """Take steps until one breaks a property, nothing may happen, or there are enough."""
        simulator, state = self.simulator, self.state
        fired, pairs, control = simulator.fired, simulator.pairs, self.machine.control
        taken, most = self.run.taken, self._faults_left()
        if not most:
            self._no_more_faults()
        for _ in range(simulator.settings.steps):
            found = self._next()
            if found is None:
                return
            move, values, changes = found
            place = move.place
            taken.append((move, values))
            fired[place] += 1
            pairs.add(hash((place, control(state))))
            if move.judge is not None and not move.judge(state, changes):
                self.run.broke = True
                return
            state.update(changes)
            self.enabled = (self.enabled & move.kept) | move.again(state)
            if most >= 0 and move.trigger == "fault":
                most -= 1
                if most <= 0:
                    self._no_more_faults()

    def _faults_left(self) -> int:
        """How many may still happen; -1 is any number."""
        most = self.simulator.settings.faults
        return -1 if most is None else most - faults(self.machine.model, self.run.begin)

    def _no_more_faults(self) -> None:
        self.wheel = [(upto, mask & ~self.machine.masks["fault"]) for upto, mask in self.wheel]

    def _next(self) -> tuple[Move, tuple[Value, ...], Changes] | None:
        enabled, random = self.enabled, self.random
        at_once = enabled & self.consequences
        if at_once and random() < self.urgent:
            found = self._from(at_once)
            if found is not None:
                return found
        at = random()
        for upto, mask in self.wheel:
            if at < upto and enabled & mask:
                found = self._from(enabled & mask)
                if found is not None:
                    return found
        return self._from(enabled & self.time) or self._from(at_once)

    def _from(self, left: int) -> tuple[Move, tuple[Value, ...], Changes] | None:
        """A step among these enabled places, chosen at random; None if no arguments do."""
        while left:
            count = left.bit_count()
            place = self._nth(left, int(self.random() * count))
            if count > 1 and self.curious:
                other = self._nth(left, int(self.random() * count))
                if self.seen[other] < self.seen[place]:
                    place = other
            if self.seen[place] < 255:
                self.seen[place] += 1
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

    def _chosen(self, move: Move) -> tuple[Move, tuple[Value, ...], Changes] | None:
        """A step whose arguments somebody chooses."""
        if move.trigger == "time":
            dt = self._wait()
            changes = move.fire(self.state, dt)
            return None if changes is None else (move, (dt,), changes)
        value, choices = self._value, move.choices
        for _ in range(TRIES // len(choices)):
            values = tuple([value(c) for c in choices])
            changes = move.fire(self.state, *values)
            if changes is not None:
                return move, values, changes
        return None

    def _value(self, choice: Choice) -> Value:
        _, values, keys = choice
        at = self.random()
        if keys and at < 0.5:
            near = self.state[keys[int(2 * at * len(keys))]]
            return int(near) + int(self.random() * 2)
        return values[int(self.random() * len(values))]

    def _wait(self) -> int:
        """How long: to the next moment at which a guard can change, to some later one, or any."""
        now = int(self.state[CLOCK])
        kind = self.random()
        if kind < 0.05:
            return 1 + int(10 ** (5 * self.random()))
        later = [m for m in self.machine.moments(self.state) if m > now]
        if not later:
            return 1_000
        if kind < self.punctual:
            return min(later) - now
        found = later[int(self.random() * len(later))] - now
        return found - 1 if found > 1 and self.random() < 0.15 else found
