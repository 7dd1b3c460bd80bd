"""Simulation: random runs over the plain reader, each property judged after every step.

A run is decided by the seed and its own number: how often faults happen, how long consequences
wait, which commands are given, where each part of it begins (the initial state, some way into one
of the model's stories, or a place that an earlier run of its lane was in), and then each step. It
is the same on any machine and with any number of workers; a run that is played alone plays those
of its lane before it first. What it does not find proves nothing.

Sits above `machine` and `corpus`; imports no z3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from models.language.model import Instance
from models.plain.layout import State
from models.plain.reader import Step

from ..runs import Run, faults
from .aims import aims_of
from .corpus import LANES, SPAN, Corpus
from .guiding import Guide
from .machine import Changes, Machine
from .playing import Pairs, Play, Played

SHARE, LED_SHARE = 0.5, 0.7
"""Parts of runs that begin at a place kept of an earlier one; and of those that are led."""
BEGINS = 3
"""Other beginnings of which the nearest is taken where a part is led."""
WHOLE = 0.3
"""Parts of runs that are as long as the run; the others are a quarter."""
SHORT = 25
"""Steps that a part has at least: to begin one costs as much as a few steps."""


Begun = tuple[State, int, bool]
"""A state, what is enabled in it, and whether the way there broke something."""
Way = tuple[list[tuple[Changes, int, bool]], State]
"""What each step of a story changes, with what is enabled after it and whether one broke something
so far; and the state after the last one.
"""


@dataclass(frozen=True)
class Settings:
    """How to simulate. `faults` is the most that happen in one run, None any number."""

    seed: int = 0
    steps: int = 200
    faults: int | None = None
    stories: bool = True
    """Begin some runs on the way of a story of the model."""


@dataclass
class Coverage:
    """What was seen: how often each rule fired, and in which control states."""

    rules: dict[str, int] = field(default_factory=dict)
    places: Pairs = field(default_factory=dict)
    """For each control state, by its hash, the places that fired in it."""

    @property
    def pairs(self) -> int:
        """How many pairs of a place and a control state."""
        return sum(map(int.bit_count, self.places.values()))


class Simulator:
    """Plays runs of one model."""

    def __init__(
        self, machine: Machine, settings: Settings, stories: Sequence[Sequence[Step]] = ()
    ) -> None:
        self.machine, self.settings = machine, settings
        told = stories if settings.stories else ()
        self.stories = [s for s in map(self._mild, told) if s]
        initial = machine.reader.initial()
        broke = not machine.holds(initial)
        self._begins = {(0, 0): (initial, machine.enabled(initial), broke)}
        self._ways: dict[int, Way] = {}
        """How far each story was told, and the state at the end of that."""
        self.fired = [0] * len(machine.moves)
        self.pairs: Pairs = {}
        self.events = 0
        self.aims = aims_of(machine)
        self._keys = tuple(initial)
        self._lanes: dict[tuple[int, int], tuple[int, Corpus]] = {}

    def play(self, number: int) -> Played:
        """The run of this number, up to the first step that breaks a property."""
        lane = number // SPAN, number % LANES
        last, corpus = self._lanes.get(lane, (number, None))
        if corpus is None or last >= number:
            last = lane[0] * SPAN + lane[1] - LANES
            draw = self._draw(f"lane {lane}")
            corpus = Corpus(self.aims, draw, lane[1])
        fired, pairs = [0] * len(self.fired), Pairs()
        for earlier in range(last + LANES, number, LANES):
            self._play(earlier, corpus, fired, pairs)
        self._lanes = {k: v for k, v in self._lanes.items() if k[0] == lane[0]}
        self._lanes[lane] = number, corpus
        run = self._play(number, corpus, self.fired, self.pairs)
        self.events += run.steps
        return run

    def _draw(self, what: str) -> Random:
        return Random(f"{self.settings.seed}/{what}")  # noqa: S311 - to be repeated, not secret

    def _play(self, number: int, corpus: Corpus, fired: list[int], pairs: Pairs) -> Played:
        """One run: parts that each begin somewhere; the last one is what it came to."""
        draw, every = self._draw(str(number)), self.settings.steps
        left = every
        while True:
            steps = left if draw.random() < WHOLE else min(left, max(SHORT, every // 4))
            guide = corpus.guide(draw)
            run, (state, enabled, broke), most = self._from_somewhere(number, draw, corpus, guide)
            if broke:
                run.steps = every - left
                return run
            play = Play(self.machine, draw, state, enabled, guide)
            play.go(run, steps, most, fired, pairs, corpus)
            left -= run.steps
            if run.broke or not left or not run.steps:
                run.steps = every - left
                return run

    def _from_somewhere(
        self, number: int, draw: Random, corpus: Corpus, guide: Guide | None
    ) -> tuple[Played, Begun, int]:
        """A part of a run that begins: with its state, and how many faults may still happen."""
        share = SHARE if guide is None else LED_SHARE
        place = corpus.shelf.choose(draw) if draw.random() < share else None
        if place is not None:
            run = Played(number, place.begin, list(place.taken))
            state = dict(zip(self._keys, place.values, strict=True))
            return run, (state, place.enabled, False), place.faults
        begin, (state, enabled, broke) = self._begin(draw)
        if guide is not None:
            others = [self._begin(draw) for _ in range(BEGINS - 1)]
            every = [(begin, (state, enabled, broke)), *others]
            begin, (state, enabled, broke) = min(every, key=lambda b: guide.far(b[1][0]))
        run = Played(number, begin, broke=broke)
        return run, (state.copy(), enabled, broke), self._faults_left(run)

    def _faults_left(self, run: Played) -> int:
        """How many may still happen; -1 is any number."""
        most = self.settings.faults
        return -1 if most is None else most - faults(self.machine.model, run.begin)

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

    def _begin(self, draw: Random) -> tuple[tuple[Step, ...], Begun]:
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
            self._begins[story, at] = self._after(story, at)
        return steps, self._begins[story, at]

    def _after(self, story: int, at: int) -> Begun:
        """The state so many steps into a story, what is enabled in it, and whether the way there
        broke something.
        """
        initial, enabled, broke = self._begins[0, 0]
        way, end = self._ways.setdefault(story, ([], initial.copy()))
        if way:
            _, enabled, broke = way[-1]
        for step in self.stories[story][len(way) : at]:
            move = self.machine.move_of(step)
            assert move is not None, "a story is cut before what is not there"
            changes = move.fire(end, *(step.args[name] for name, _, _ in move.choices))
            assert changes is not None, "a story takes the steps that it may"
            broke = broke or bool(move.breaks is not None and move.breaks(end, changes))
            end.update(changes)
            enabled = (enabled & move.kept) | move.again(end)
            way.append((changes, enabled, broke))
        state = initial.copy()
        for changes, _, _ in way[:at]:
            state.update(changes)
        return state, *way[at - 1][1:]

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
