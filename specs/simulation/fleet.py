"""Many simulated runs at once: on every core, the same whatever the number of workers.

Each worker plays lanes of its own (see `corpus`) and stops at its first run that breaks something,
or once another worker has found an earlier one. The run told of is the first by number; it is
confirmed by the plain reader and made smaller before anybody sees it. A worker that dies is an
error, never a result. Sits above `simulation`; imports no z3.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from typing import Any

from models.language.misuse import ModelError
from models.language.model import Instance, Model, Property
from models.plain.reader import Step

from ..runs import Finding, Run, confirm
from ..search.shrink import shrink
from ..search.story import apart, driver_of, tell
from ..verdict import EngineError
from .corpus import LANES, SPAN
from .machine import Machine
from .playing import Pairs
from .simulation import Coverage, Settings, Simulator

NOTHING = 2**62
RESTLESS = 300
"""Consequences at one instant after which a story of a changed model is given up."""
TEDIOUS = 1_000
"""Steps of one wait after which it is given up: something is tried again and again in vain."""


@dataclass
class Simulated:
    """What a simulation saw. `broken` are properties that the `run` breaks, its own run made
    smaller for the first of them; `played` is how long it was before.
    """

    runs: int
    events: int
    seconds: float
    coverage: Coverage
    number: int | None = None
    broken: tuple[Property, ...] = ()
    run: Run | None = None
    played: int = 0


def told(model: Model, instance: Instance) -> list[tuple[Step, ...]]:
    """The steps of every story of the model that can be told of it, under this instance."""
    driver, found = driver_of(model, instance), list[tuple[Step, ...]]()
    for prop in model.properties:
        if prop.story and not apart(prop.story):
            try:
                told = tell(model, instance, prop.story, 0, RESTLESS, driver, TEDIOUS)
                found.append(told.steps)
            except ModelError:
                continue  # a changed model may not go that way any more
    return found


def simulate(
    model: Model,
    instance: Instance,
    properties: Sequence[Property],
    settings: Settings,
    *,
    first: int = 0,
    runs: int = 1_000,
    jobs: int = 1,
) -> Simulated:
    """Play `runs` runs from number `first` on, up to the first that breaks a property.

    Raises `EngineError` if a worker dies, or the plain reader does not confirm what was found.
    """
    began = time.perf_counter()
    machine = Machine(model, instance, properties)
    simulator = Simulator(machine, settings, told(model, instance) if settings.stories else ())
    jobs = max(1, min(jobs, runs))
    parts = [_played(simulator, first, runs, 0, 1, None)] if jobs == 1 else _spread(
        simulator, first, runs, jobs)  # fmt: skip
    fired = [sum(counts) for counts in zip(*(p.fired for p in parts), strict=True)]
    rules: dict[str, int] = {}
    for move, count in zip(machine.moves, fired, strict=True):
        rules[move.g.rule.name] = rules.get(move.g.rule.name, 0) + count
    pairs = Pairs()
    for part in parts:
        for where, places in part.pairs.items():
            pairs[where] = pairs.get(where, 0) | places
    found = Simulated(
        sum(p.runs for p in parts), sum(p.events for p in parts), 0.0, Coverage(rules, pairs)
    )
    best = min(parts, key=lambda p: p.number)
    if best.run is not None:
        _tell(simulator, best.number, best.run, found)
    found.seconds = time.perf_counter() - began
    return found


def _tell(simulator: Simulator, number: int, run: Run, found: Simulated) -> None:
    """The run of this number: confirmed, and made smaller."""
    machine = simulator.machine
    broken: dict[str, Finding] = {}
    for prop in machine.properties:
        shown = confirm(machine.model, run, prop)
        if shown is not None:
            broken[prop.number] = shown
    if not broken:
        raise EngineError(f"run {number} of seed {simulator.settings.seed} breaks nothing")
    found.number, found.played = number, len(run)
    found.broken = tuple(p for p in machine.properties if p.number in broken)
    prop = found.broken[0]
    smaller = shrink(machine.model, run, prop)
    notes = {"shows": prop.number, "verdict": "violated", "says": prop.sentence, **run.notes}
    found.run = replace(smaller, notes=notes)


@dataclass(frozen=True)
class _Part:
    """What one worker saw."""

    runs: int
    events: int
    fired: list[int]
    pairs: Pairs
    number: int
    run: Run | None


def _played(
    simulator: Simulator, first: int, runs: int, worker: int, jobs: int, best: Any
) -> _Part:
    number, count, run = NOTHING, 0, None
    for at in range(first, first + runs):
        if (at // SPAN * LANES + at % LANES) % jobs != worker:
            continue
        if best is not None and best.value < at:
            break
        count += 1
        played = simulator.play(at)
        if played.broke:
            number, run = at, simulator.run_of(played)
            if best is not None:
                with best.get_lock():
                    best.value = min(best.value, at)
            break
    return _Part(count, simulator.events, simulator.fired, simulator.pairs, number, run)


def _spread(simulator: Simulator, first: int, runs: int, jobs: int) -> list[_Part]:
    """The parts of so many workers. They are forked, and share the machine made before."""
    context = multiprocessing.get_context("fork")
    best = context.Value("q", NOTHING)
    workers = []
    for worker in range(jobs):
        here, there = context.Pipe(duplex=False)
        arguments = (there, simulator, first, runs, worker, jobs, best)
        process = context.Process(target=_work, args=arguments, daemon=True)
        process.start()
        there.close()
        workers.append((process, here))
    try:
        parts = [here.recv() for _, here in workers]
    except EOFError:
        raise EngineError("a worker of the simulation died; its runs are unknown") from None
    finally:
        for process, here in workers:
            here.close()
            process.terminate()
            process.join()
    return parts


def _work(
    there: Connection, simulator: Simulator, first: int, runs: int, worker: int, jobs: int,
    best: Any,
) -> None:  # fmt: skip
    try:
        there.send(_played(simulator, first, runs, worker, jobs, best))
    except KeyboardInterrupt:
        there.close()
