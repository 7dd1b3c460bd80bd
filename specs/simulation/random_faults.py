"""Liveness by simulation: after random faults at random moments, once all is repaired, does what is
promised of that come about in time?

The faults are as many as one likes, where `response` tries every short sequence; the same trial
judges both. What is not found proves nothing. Sits above `response`; imports no z3.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from models.language.model import Instance, Model

from ..runs import Run
from ..search.story import tell
from .response import Response, Slowest, Trial

WAIT_MAX = 90_000
"""Ms after a fault, at most."""


@dataclass
class Tried:
    """What came of one response: how many sequences of faults, the slowest, and the run of the
    first that broke it, with its number.
    """

    response: Response
    runs: int = 0
    events: int = 0
    slowest: Slowest | None = None
    number: int | None = None
    run: Run | None = None
    late: str = ""


def try_faults(
    model: Model,
    instance: Instance,
    response: Response,
    *,
    seed: int = 0,
    faults: int = 6,
    first: int = 0,
    runs: int = 50,
) -> Tried:
    """Play sequences of up to `faults` random faults, up to the first that breaks the response."""
    trial, found = Trial(model, instance, response), Tried(response)
    start = tell(model, instance, response.begin, driver=trial.driver)
    begun = trial.reader.initial()
    for step in start.steps:
        trial.reader.apply(begun, step)
    for number in range(first, first + runs):
        draw = Random(f"{seed}/{number}")  # noqa: S311 - to be repeated, not secret
        state, steps, words = dict(begun), list(start.steps), list[str]()
        for _ in range(1 + draw.randrange(faults)):
            possible = trial.faults(state)
            if not possible:
                break
            fault, wait = draw.choice(possible), draw.choice((0, draw.randrange(WAIT_MAX)))
            state, steps = trial.after(state, steps, fault, wait)
            words.append(f"{fault.rule}({', '.join(map(str, fault.args.values()))}), {wait} ms")
        took, late = trial.settle(state, steps)
        found.runs += 1
        found.events += len(trial.steps) - len(start.steps)
        if late:
            found.number, found.late = number, late
            found.run = Run(start.instance, tuple(trial.steps))
            return found
        if found.slowest is None or took > found.slowest.ms:
            found.slowest = Slowest(took, tuple(words))
    return found
