"""Response: once faults stop and all is repaired, something comes about in time, and stays.

Liveness as a bound that a clock can show. The assumption is fairness: after the last repair no more
faults happen and every service does what is due when it is due. It is tried from every situation
that up to so many faults lead to, each at several moments after the one before; so what is said is
*bounded*: no such sequence of faults breaks it. It is no proof for longer ones, and is never called
one. Sits above `story` and `runs`; imports no z3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from models.language.model import Instance, Model
from models.language.terms import Int, Term
from models.plain.compile import function, source
from models.plain.driver import Driver, Fired, Refused
from models.plain.layout import State, Value
from models.plain.reader import Reader, Step

from ..runs import Run
from ..search.story import tell

WAITS = (0, 4_000, 40_000)
"""Ms after each fault: at once, before a peer is declared lost, and long after."""
NUMBERS = (1, 2)
"""What is tried for a number that somebody must choose."""


BOUND = (
    f"Tried after every sequence of up to two faults (--faults sets how many), {WAITS[0]}, "
    f"{WAITS[1] // 1000} and {WAITS[2] // 1000} s after one another, from one pair that serves, at "
    "the default timers, and after random sequences of up to six by `ccr simulate --liveness`. "
    "Not covered: more faults, other moments, other parameters, another order among services that "
    "are due. What is only tried is a bound, and never called a proof."
)
"""What is tried of a response."""


Situation = tuple[State, list[Step], tuple[str, ...]]
"""A state, the steps that led to it, and the faults among them, in words."""


@dataclass(frozen=True)
class Response:
    """What comes about (`goal`) within so many ms of the last repair, and then lasts for `steady`.

    `repairs` are rules that undo faults; each is fired wherever it may. `traffic` is a rule that is
    fired `calm` ms later, wherever it may: what clients do. `begin` are the story lines before the
    first fault.
    """

    number: str
    name: str
    sentence: str
    source: str
    goal: Term
    within: Term
    steady: int
    repairs: tuple[str, ...]
    begin: tuple[str, ...]
    traffic: str = ""
    calm: int = 60_000
    why: str = ""
    """Why it is a bound and not proved; or how it is proved, and what that assumes."""
    proved: tuple[str, ...] = ()
    """The properties that together say it, of runs of any length; none: it is a bound."""

    @property
    def label(self) -> str:
        """`V01 service_returns`."""
        return f"{self.number} {self.name}"


@dataclass(frozen=True)
class Slowest:
    """How long the goal took at most, in ms, and the faults before it."""

    ms: int
    after: tuple[str, ...]


@dataclass
class Answered:
    """What was found of one response. `run` breaks it; `late` says how, in words."""

    response: Response
    faults: int
    within: int
    situations: int = 0
    slowest: Slowest | None = None
    run: Run | None = None
    late: str = ""


def respond(
    model: Model,
    instance: Instance,
    response: Response,
    faults: int,
    *,
    on_situation: Callable[[int], None] = lambda _: None,
) -> Answered:
    """Try a response after every sequence of up to `faults` faults; stops at the first that breaks
    it.
    """
    trial = Trial(model, instance, response)
    found = Answered(response, faults, trial.within)
    start = tell(model, instance, response.begin, driver=trial.driver)
    state = trial.reader.initial()
    for step in start.steps:
        trial.reader.apply(state, step)
    for at, steps, words in trial.situations(state, list(start.steps), faults):
        found.situations += 1
        took, late = trial.settle(at, steps)
        if late:
            found.late = late
            found.run = Run(start.instance, tuple(trial.steps))
            return found
        if found.slowest is None or took > found.slowest.ms:
            found.slowest = Slowest(took, words)
        on_situation(found.situations)
    return found


class Trial:
    """One driver that is put at one situation after another."""

    def __init__(self, model: Model, instance: Instance, response: Response) -> None:
        self.model, self.response = model, response
        self.reader = Reader(model, instance)
        layout = self.reader.layout
        self._goal = function(source(response.goal, layout, {}), ())
        self.within = int(function(source(response.within, layout, {}), ())({}))
        self.driver = Driver(self.reader, self.reader.initial())
        self.steps: list[Step] = []

    def situations(self, state: State, steps: list[Step], faults: int) -> Iterator[Situation]:
        """Every state after up to `faults` faults, with the steps that led there."""
        level: list[Situation] = [(state, steps, ())]
        for _ in range(faults):
            further: list[Situation] = []
            for at, trail, words in level:
                for fault, wait in product(self.faults(at), WAITS):
                    after = self.after(at, trail, fault, wait)
                    said = f"{_said(fault)}, {wait // 1000} s"
                    further.append((*after, (*words, said)))
                    yield further[-1]
            level = further

    def faults(self, state: State) -> list[Step]:
        """Every fault that may happen in a state."""
        found = []
        for rule in self.model.rules.values():
            if rule.trigger != "fault":
                continue
            free = [n for n, s in rule.valued if n not in rule.bindings and s == Int]
            for binding in self.reader.layout.groundings(rule.keyed):
                for numbers in product(NUMBERS, repeat=len(free)):
                    given: dict[str, Value] = {**binding, **dict(zip(free, numbers, strict=True))}
                    step = self.reader.complete(state, rule.name, given)
                    if self.reader.check(state, step) is None:
                        found.append(step)
        return found

    def _at(self, state: State, steps: Sequence[Step]) -> None:
        self.driver.rewind(state, len(steps))
        self.steps = list(steps)

    def after(
        self, state: State, steps: Sequence[Step], fault: Step, wait: int
    ) -> tuple[State, list[Step]]:
        """The state, and the steps that led to it, once a fault happened and so many ms passed."""
        self._at(state, steps)
        self._fire(fault)
        self.steps += [f.step for f in self.driver.waiting(wait)]
        return dict(self.driver.state), self.steps

    def _fire(self, step: Step) -> None:
        self.steps += [f.step for f in (*self.driver.fire(step), *self.driver.settling())]

    def settle(self, state: State, steps: Sequence[Step]) -> tuple[int, str]:
        """Repair, and let time pass: after how many ms the goal came about for good; and if it did
        not in time, or did not stay, what happened instead.
        """
        self._at(state, steps)
        self._everywhere(self.response.repairs)
        begin, since = self.driver.now, self.driver.now if self._holds() else None
        end = begin + self.within + self.response.steady
        for fired in self._passing(end):
            self.steps.append(fired.step)
            if not self._holds():
                since = None
            elif since is None:
                since = fired.time
        if since is None:
            return 0, f"not so {(end - begin) // 1000} s after the last repair"
        if since - begin > self.within:
            return 0, f"so only {(since - begin) / 1000} s after the last repair"
        return since - begin, ""

    def _holds(self) -> bool:
        return bool(self._goal(self.driver.state))

    def _passing(self, end: int) -> Iterator[Fired]:
        """What happens until `end`, the traffic in it."""
        if self.response.traffic:
            yield from self.driver.waiting(self.response.calm)
            for step in self._allowed(self.response.traffic):
                yield from (*self.driver.fire(step), *self.driver.settling())
        yield from self.driver.waiting(end - self.driver.now)

    def _everywhere(self, names: Sequence[str]) -> None:
        """Fire rules in this order wherever they may, until none may any more."""
        again = True
        while again:
            again = False
            for name in names:
                for step in self._allowed(name):
                    try:
                        self._fire(step)
                    except Refused:
                        continue
                    again = True

    def _allowed(self, name: str) -> list[Step]:
        rule, state = self.model.rule(name), self.driver.state
        free = {n: NUMBERS[0] for n, s in rule.valued if n not in rule.bindings and s == Int}
        bindings = self.reader.layout.groundings(rule.keyed)
        steps = [self.reader.complete(state, name, {**b, **free}) for b in bindings]
        return [s for s in steps if self.reader.check(state, s) is None]


def _said(step: Step) -> str:
    args = ", ".join(str(v) for v in step.args.values())
    return f"{step.rule}({args})" if args else step.rule
