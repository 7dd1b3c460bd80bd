"""Deciding and saving: a step is decided on the head of the stream and saved only if that has not
moved; if it has, the stream is read on and the step decided again, a bounded number of times.

While much happens, events are saved in batches, one transaction each: an interrupt loses the
unfinished batch and leaves the others, a valid chain. Sits above `stream` and `plan`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from models.plain.driver import Driver, Fired, Refused
from models.plain.layout import State, Value
from models.plain.reader import Refusal, Step

from ..errors import Conflict, ConflictPersists
from ..record.events import Recorded
from ..state.machines import Machines
from ..state.stream import Stream
from .plan import NOBODY_ELSE, By, Plan

ATTEMPTS = 16
"""How often something is decided again when other writers move the stream."""
BATCH = 500
"""Events saved in one transaction while much happens."""

_T = TypeVar("_T")


@dataclass(frozen=True)
class Outcome:
    """What came of a command: the events (saved, unless it was a dry run), or why not."""

    events: tuple[Recorded, ...] = ()
    refusal: Refusal | None = None


@dataclass(frozen=True)
class Act:
    """A rule to be fired, and by whom. `settle`: with the consequences that are due at once.

    `exact`: without the beats that it would cut short, as a step of a run that has its own.
    """

    rule: str
    args: Mapping[str, Value] = field(default_factory=dict)
    by: By = NOBODY_ELSE
    settle: bool = True
    exact: bool = False


@dataclass(frozen=True)
class Pause:
    """Time to let pass, in ms."""

    ms: int


Complete = Callable[[str, Mapping[str, Value], State], Step]


class Writer:
    """Writes one cluster's stream. `complete` makes a step of a rule's name, arguments, state."""

    def __init__(self, stream: Stream, complete: Complete) -> None:
        self.stream = stream
        self.machines = Machines(stream.fold.reader)
        self._complete = complete
        self._driver: Driver | None = None

    def do(self, act: Act, dry_run: bool = False) -> Outcome:
        """Fire one rule if its guards hold, after the beats that it cuts short."""

        def attempt() -> Outcome:
            plan, driver = self._begin()
            outcome = self._play(act, plan, driver)
            if dry_run and not plan.empty:
                return outcome
            self._save(plan)
            self._driver = driver
            return outcome

        return self._until_saved(attempt)

    def describe(self, facts: Mapping[str, str], by: By) -> list[Recorded]:
        """Record facts about the surroundings; they change no state."""

        def attempt() -> list[Recorded]:
            plan = self._begin()[0]
            plan.describe(facts, by)
            self._save(plan)
            return plan.recorded

        return self._until_saved(attempt)

    def settle(self) -> list[Recorded]:
        """Fire what is due now."""
        return self._happening(lambda driver: driver.settling())

    def wait(self, ms: int) -> list[Recorded]:
        """Let time pass, and fire what falls due."""
        end = self.stream.catch_up().time + ms
        return self._happening(lambda driver: driver.waiting(max(0, end - driver.now)))

    def run(self, acts: Iterable[Act | Pause]) -> Iterator[Outcome]:
        """Do many things, saved in batches; each outcome is given once its events are saved.

        Stops after the first refusal, which it gives.
        """
        waiting: list[Act | Pause] = []
        outcomes: list[Outcome] = []
        plan, driver = self._begin()
        for act in acts:
            waiting.append(act)
            outcomes.append(self._play(act, plan, driver))
            refused = outcomes[-1].refusal is not None
            if refused or len(plan.recorded) >= BATCH:
                outcomes = self._save_played(waiting, outcomes, plan, driver)
                yield from outcomes
                if outcomes[-1].refusal is not None:
                    return
                waiting, outcomes = [], []
                plan, driver = self._begin()
        yield from self._save_played(waiting, outcomes, plan, driver)

    def _save_played(
        self, acts: list[Act | Pause], outcomes: list[Outcome], plan: Plan, driver: Driver
    ) -> list[Outcome]:
        """Save what was played; on a conflict play it again on the new head."""
        tried: list[tuple[list[Outcome], Plan, Driver]] = [(outcomes, plan, driver)]

        def attempt() -> list[Outcome]:
            found, ready, at = tried.pop() if tried else self._play_all(acts)
            self._save(ready)
            self._driver = at
            return found

        return self._until_saved(attempt)

    def _play_all(self, acts: list[Act | Pause]) -> tuple[list[Outcome], Plan, Driver]:
        plan, driver = self._begin()
        outcomes: list[Outcome] = []
        for act in acts:
            outcomes.append(self._play(act, plan, driver))
            if outcomes[-1].refusal is not None:
                break
        return outcomes, plan, driver

    def _play(self, act: Act | Pause, plan: Plan, driver: Driver) -> Outcome:
        if isinstance(act, Pause):
            return Outcome(tuple(plan.take(f) for f in driver.waiting(act.ms)))
        step = self._complete(act.rule, act.args, driver.state)
        try:
            *beats, fired = [driver.take(step)] if act.exact else driver.fire(step)
        except Refused as refused:
            return Outcome((), refused.refusal)
        events = [*(plan.take(b) for b in beats), plan.take(fired, act.by)]
        if act.settle:
            events += [plan.take(f) for f in driver.settling()]
        return Outcome(tuple(events))

    def _happening(self, happening: Callable[[Driver], Iterator[Fired]]) -> list[Recorded]:
        """Save what happens, in batches; on a conflict go on from the new head."""
        done: list[Recorded] = []

        def attempt() -> list[Recorded]:
            plan, driver = self._begin()
            for fired in happening(driver):
                plan.take(fired)
                if len(plan.recorded) >= BATCH:
                    self._save(plan)
                    done.extend(plan.recorded)
                    plan = self._plan()
            self._save(plan)
            self._driver = driver
            return done if plan.empty else [*done, *plan.recorded]

        return self._until_saved(attempt)

    def _plan(self) -> Plan:
        return Plan(self.stream.name, self.stream.fold, self.stream.codec, self.machines)

    def _begin(self) -> tuple[Plan, Driver]:
        """A plan on the present head, and the driver that goes on from there.

        The driver is kept for the next time once all that it fired is saved.
        """
        self.stream.catch_up()
        plan = self._plan()
        fold = plan.fold
        driver, self._driver = self._driver, None
        if driver is None or driver.last != fold.number:
            driver = Driver(
                fold.reader, fold.state, fold.created.seed, last=fold.number, wrote=fold.set_by
            )
        return plan, driver

    def _until_saved(self, attempt: Callable[[], _T]) -> _T:
        for _ in range(ATTEMPTS):
            try:
                return attempt()
            except Conflict:
                continue
        name = self.stream.name
        raise ConflictPersists(
            f"cluster {name} changed before each of {ATTEMPTS} attempts", "Try again"
        )

    def _save(self, plan: Plan) -> None:
        if not plan.empty:
            if not self.stream.trial:
                self.stream.store.append(plan.batch())
            self.stream.fold = plan.fold
