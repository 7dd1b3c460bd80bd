"""The hunt for runs: where to look, in which order, for what a proof leaves open.

Sweeps from the initial state, first with the rules that write what the goal reads about; then
sweeps from the ends of the model's stories, which reach what is too many steps away; both at the
given parameters. If any parameters will do, sweeps with all of them free. Single steps, which tell
how many steps are certainly safe, come last, when everything else was tried.

Sits above `bounded` and `story`; imports z3, never `ccr_es` or `cli`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from models.language.model import SOMETIMES, Instance, Model, Property
from models.language.terms import walk
from models.plain.driver import Driver
from models.plain.layout import Layout

from ..reading.asking import NEVER, Deadline
from ..runs import SHORTEST, Run, found_in
from ..verdict import BY_STEPS, BY_STORY, BY_SWEEP
from .bounded import RLIMIT, Bounded
from .minimal import ONE_MORE, one_more, smallest
from .shrink import shrink
from .story import driver_of, shown_by

SWEEPS = 4
MANY = 150
"""A story of so many steps is not made smaller: that takes longer with each."""


@dataclass(frozen=True)
class Looked:
    """What one way of looking said of one goal: a confirmed run, or how deep there is none."""

    goal: Property
    method: str
    run: Run | None
    detail: str
    seconds: float


@dataclass
class Hunt:
    """Looks for runs that break properties, or show those that are `sometimes`.

    `defaults` are the parameters to try first; `free` allows any others. `depth` counts the single
    steps, `sweeps` the sweeps.
    """

    model: Model
    instance: Instance
    defaults: Mapping[str, int]
    free: bool
    depth: int = 8
    sweeps: int = SWEEPS
    rlimit: int = RLIMIT
    deadline: Deadline = NEVER
    on_looked: Callable[[Looked], None] = lambda _: None

    def __post_init__(self) -> None:
        self._settings = Instance(self.instance.members, self.defaults)
        self._told: dict[str, Run | None] = {}

    @cached_property
    def _driver(self) -> Driver:
        return driver_of(self.model, self._settings)

    def look(self, goals: Sequence[Property]) -> dict[str, Run]:
        """A confirmed run for each goal for which one was found, by number."""
        found: dict[str, Run] = {}
        for goal in goals:
            self._tell(goal, found)
        fixed = dict(self.defaults)
        for rules, some in self._near(goals).items():
            self._grow(some, found, fixed, self.sweeps, rules=rules)
        self._grow(goals, found, fixed, self.sweeps)
        self._waypoints(goals, found)
        if self.free:
            self._grow(goals, found, {}, self.sweeps)
        return found

    def step_by_step(self, goals: Sequence[Property], found: dict[str, Run]) -> None:
        """How many steps are certainly safe, for goals that no run was `found` for."""
        safety = [g for g in goals if g.kind != SOMETIMES]
        fixed = {} if self.free else dict(self.defaults)
        self._grow(safety, found, fixed, self.depth, sweep=False)

    def shortest(self, goal: Property, run: Run) -> Run:
        """A run that breaks `goal`, noted as the shortest at its parameters if every run of fewer
        steps was excluded: step by step, no further than `depth`. If one is shorter, that one.
        """
        engine = Bounded(
            self.model, self.instance, run.instance.parameters, rlimit=ONE_MORE,
            deadline=self.deadline,
        )  # fmt: skip
        while len(run) <= self.depth + 1 and not self.deadline.over:
            asked = engine.ask(goal)
            if asked.run is not None:
                run = smallest(engine, goal, asked.run, ONE_MORE)
            if asked.run is not None or (asked.complete and engine.depth >= len(run) - 1):
                return replace(run, notes={**run.notes, SHORTEST: True})
            if not asked.complete or not engine.deepen():
                break
        return run

    def _near(self, goals: Sequence[Property]) -> dict[frozenset[str], list[Property]]:
        """The goals by the rules that write to the records they read: few rules are soon swept."""
        groups: dict[frozenset[str], list[Property]] = {}
        for goal in goals:
            read = {t.value[0] for t in walk(goal.term) if t.op in ("field", "next")}
            rules = frozenset(
                r.name for r in self.model.rules.values() if r.trigger == "time" or r.record in read
            )
            if len(rules) < len(self.model.rules):
                groups.setdefault(rules, []).append(goal)
        return groups

    def _tell(self, goal: Property, found: dict[str, Run]) -> None:
        start = time.perf_counter()
        run = self._story(goal)
        if run is not None:
            found[goal.number] = run
            detail = f"its story, a confirmed run of {len(run)} steps, {_verb(goal)} it"
            self._say(goal, BY_STORY, run, detail, time.perf_counter() - start)

    def _say(
        self, goal: Property, method: str, run: Run | None, detail: str, seconds: float
    ) -> None:
        self.on_looked(Looked(goal, method, run, detail, seconds))

    def _grow(
        self, goals: Sequence[Property], found: dict[str, Run], fixed: Mapping[str, int],
        depth: int, *, sweep: bool = True, rules: frozenset[str] | None = None,
    ) -> None:  # fmt: skip
        """Unroll from the initial state until every goal is found or given up.

        With `rules`, only these are taken, and what is not found is not worth saying.
        """
        waiting = {g.number: g for g in goals if g.number not in found}
        if not waiting or not depth or self.deadline.over:
            return
        engine = Bounded(
            self.model, self.instance, fixed, sweep=sweep, rlimit=self.rlimit,
            rules=rules, deadline=self.deadline,
        )  # fmt: skip
        method, what = (BY_SWEEP, "sweeps over all rules") if sweep else (BY_STEPS, "steps")
        spent = dict.fromkeys(waiting, 0.0)
        reached = dict.fromkeys(waiting, 0)
        here: list[Property] = []
        while True:
            for goal in list(waiting.values()):
                asked = engine.ask(goal)
                spent[goal.number] += asked.seconds
                reached[goal.number] = asked.depth
                if asked.run is not None:
                    found[goal.number] = self._minimal(engine, goal, asked.run)
                    here.append(goal)
                if asked.run is not None or not asked.complete:
                    del waiting[goal.number]
            stop = not waiting or engine.depth >= depth or self.deadline.over
            if stop or not engine.deepen():
                break
        if not waiting and not self.deadline.over:
            one_more(engine, here, found)
        for goal in here:
            run = found[goal.number]
            detail = f"a confirmed run of {len(run)} steps {_verb(goal)} it"
            self._say(goal, method, run, detail, spent[goal.number])
        for goal in goals:
            if rules is None and goal.number in spent and goal.number not in found:
                detail = f"no run of up to {reached[goal.number]} {what}"
                self._say(goal, method, None, detail, spent[goal.number])

    def _minimal(self, engine: Bounded, goal: Property, run: Run) -> Run:
        """Counterexamples are made minimal; a witness need not be."""
        if goal.kind == SOMETIMES:
            return shrink(self.model, run, goal)
        return smallest(engine, goal, run)

    def _waypoints(self, goals: Sequence[Property], found: dict[str, Run]) -> None:
        """Look into each story, then sweep on from its end."""
        self.in_stories(goals, found, self.deadline)
        for prop in self.model.properties:
            waiting = [g for g in goals if g.number not in found]
            if not waiting or self.deadline.over:
                return
            story = self._story(prop)
            if story is not None and self._within(story):
                self._on_from(story, waiting, found)

    def in_stories(
        self, goals: Sequence[Property], found: dict[str, Run], deadline: Deadline = NEVER
    ) -> None:
        """Whether a story goes through what is looked for on the way to what it shows."""
        for prop in self.model.properties:
            if deadline.over:
                return
            waiting = [g for g in goals if g.number not in found and g.kind != SOMETIMES]
            story = self._story(prop) if waiting else None
            if story is None or not self._within(story):
                continue
            reader = self._driver.reader
            states = list(story.states(reader))
            for goal in waiting:
                began = time.perf_counter()
                there = found_in(reader, story, states, goal)
                if there is not None:
                    run = replace(story, steps=story.steps[: there.step])
                    found[goal.number] = run = self._polished(goal, run) if len(run) < MANY else run
                    detail = f"the story of {prop.number} breaks it, in {len(run)} steps"
                    self._say(goal, BY_STORY, run, detail, time.perf_counter() - began)

    def _within(self, story: Run) -> bool:
        """Whether the story names only members of the instance, and is told under its parameters: a
        sweep has no others.
        """
        if story.instance.parameters != self._driver.reader.layout.parameters:
            return False
        known = Layout(self.model.schema, self.instance).fields
        return all(key in known for state in story.states(self._driver.reader) for key in state)

    def _story(self, prop: Property) -> Run | None:
        """The property's own story up to where it shows; told once."""
        if prop.number not in self._told:
            run = shown_by(self.model, self._settings, prop, self._driver)
            self._told[prop.number] = run
        return self._told[prop.number]

    def _on_from(self, start: Run, goals: list[Property], found: dict[str, Run]) -> None:
        engine = Bounded(
            self.model, self.instance, self.defaults, sweep=True, rlimit=self.rlimit,
            deadline=self.deadline, start=start,
        )  # fmt: skip
        waiting = list(goals)
        for _ in range(max(0, self.sweeps - 2)):
            if self.deadline.over or not engine.deepen():
                return
            for goal in list(waiting):
                began = time.perf_counter()
                asked = engine.ask(goal)
                if asked.run is None:
                    continue
                waiting.remove(goal)
                found[goal.number] = run = self._polished(goal, asked.run)
                detail = f"a confirmed run of {len(run)} steps {_verb(goal)} it"
                self._say(goal, BY_SWEEP, run, detail, time.perf_counter() - began)

    def _polished(self, goal: Property, run: Run) -> Run:
        """A run found on the way from a story, made smaller with its own rules from the start."""
        best = shrink(self.model, run, goal)
        if goal.kind == SOMETIMES:
            return best
        rules = {s.rule for s in best.steps}
        engine = Bounded(
            self.model, self.instance, self.defaults, sweep=True, rules=rules,
            rlimit=self.rlimit, deadline=self.deadline,
        )  # fmt: skip
        while engine.depth < self.sweeps and engine.deepen():
            asked = engine.ask(goal)
            if asked.run is not None:
                shorter = smallest(engine, goal, asked.run)
                return min(best, shorter, key=len)
            if not asked.complete:
                break
        return best


def _verb(goal: Property) -> str:
    return "shows" if goal.kind == SOMETIMES else "breaks"
