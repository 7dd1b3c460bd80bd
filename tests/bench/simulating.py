"""Simulation: events a second on one core, and which mutants it finds within so many runs.

`python -m tests.bench.simulating` measures the speed on the CCR model; with `--mutants N` it also
plays up to N runs of each variant that the prover refutes, and says which run found it, or that
none did.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Mapping

from models.language.model import Instance, Model
from specs.catalogue import CCR, SMALL
from specs.simulation.fleet import Simulated, simulate, told
from specs.simulation.machine import Machine
from specs.simulation.simulation import Settings, Simulator
from tests.specs.test_defences import FAST, SLOW

AIM = 50_000


def rate(steps: int, warm: int, runs: int) -> tuple[float, float]:
    """Events and runs a second of processor time, each property judged after every event, after
    so many runs: expressions are compiled once they pay.
    """
    machine = Machine(CCR, SMALL, CCR.properties)
    simulator = Simulator(machine, Settings(steps=steps), told(CCR, SMALL))
    for number in range(warm):
        simulator.play(number)
    before, began = simulator.events, time.process_time()
    for number in range(warm, warm + runs):
        assert not simulator.play(number).broke
    spent = time.process_time() - began
    return (simulator.events - before) / spent, runs / spent


def hunted(
    model: Model, number: str, parameters: Mapping[str, int], runs: int, seed: int = 0
) -> Simulated:
    """A simulation of a variant that breaks this property."""
    prop = [p for p in model.properties if p.number == number]
    instance = Instance(SMALL.members, parameters)
    return simulate(model, instance, prop, Settings(seed), runs=runs, jobs=2)


def needed(runs: int) -> Iterator[tuple[str, str, int | None, int | None]]:
    """For each variant: the property, what is missing, the run that found it, its length."""
    for says, model, number, parameters in FAST + SLOW:
        found = hunted(model, number, parameters, runs)
        yield number, says, found.number, len(found.run) if found.run else None


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.simulating")
    parser.add_argument("--mutants", type=int, default=0, metavar="N")
    runs = parser.parse_args().mutants
    print(f"{'simulation, one core':<36}{'events/s':>13}{'runs/s':>13}")
    for steps, warm, count in ((200, 0, 500), (200, 2_000, 1_000), (20, 4_000, 4_000)):
        events, played = rate(steps, warm, count)
        what = f"{count:,} runs of {steps} events, after {warm:,}"
        said = f"aim {AIM:,}: {'met' if events >= AIM else 'missed'}"
        print(f"{what:<36}{events:>13,.0f}{played:>13,.0f}  {said}")
    if runs:
        print(f"\n{'without this defence':<62}{'run':>6}{'steps':>7}")
        for number, says, at, steps in needed(runs):
            shown = "none" if at is None else str(at)
            print(f"{number} {says[:57]:<58}{shown:>6}{steps or '':>7}", flush=True)


if __name__ == "__main__":
    main()
