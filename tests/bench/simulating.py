"""Simulation: events a second on one core, and which mutants it finds within so many runs.

`python -m tests.bench.simulating` measures the speed on the CCR model; with `--mutants N` it also
plays up to N runs of each variant that the prover refutes (of all tables of defences, or of those
named: `--table mail`), and says which run found it, how long that took, or that none did and why.
"""

from __future__ import annotations

import argparse
import gc
import time
from collections import Counter

from cli.main import GARBAGE
from specs.catalogue import CCR, SMALL
from specs.simulation.fleet import Simulated, simulate, told
from specs.simulation.machine import Machine
from specs.simulation.simulation import Settings, Simulator
from tests.specs.seeded import RARE, Seeded, seeded

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


def hunted(variant: Seeded, runs: int, seed: int = 0, jobs: int = 2) -> Simulated:
    """A simulation of a variant, about the promise that it breaks."""
    prop = [p for p in variant.model.properties if p.number == variant.number]
    return simulate(variant.model, variant.instance, prop, Settings(seed), runs=runs, jobs=jobs)


def speed() -> None:
    """Print how fast the CCR model is played, with the collector set as the program sets it."""
    gc.set_threshold(GARBAGE)
    print(f"{'simulation, one core':<36}{'events/s':>13}{'runs/s':>13}")
    for steps, warm, count in ((200, 0, 500), (200, 2_000, 1_000), (20, 4_000, 4_000)):
        events, played = rate(steps, warm, count)
        what = f"{count:,} runs of {steps} events, after {warm:,}"
        said = f"aim {AIM:,}: {'met' if events >= AIM else 'missed'}"
        print(f"{what:<36}{events:>13,.0f}{played:>13,.0f}  {said}")


def mutants(runs: int, seed: int, tables: list[str]) -> None:
    """Print what is found of each table within so many runs."""
    print(f"\n{'without this defence':<75}{'run':>6}{'steps':>7}{'seconds':>9}")
    found, every = Counter[str](), Counter[str]()
    for variant in seeded():
        if tables and variant.table not in tables:
            continue
        result = hunted(variant, runs, seed)
        every[variant.table] += 1
        found[variant.table] += result.run is not None
        what = f"{variant.table:<11}{variant.number:<5}{variant.says[:58]}"
        at = "none" if result.number is None else str(result.number)
        steps = len(result.run) if result.run is not None else ""
        print(f"{what:<75}{at:>6}{steps:>7}{result.seconds:>9.1f}", flush=True)
        if result.run is None and variant.name in RARE:
            print(f"{'':<16}{RARE[variant.name]}")
    for table, count in every.items():
        print(f"{table:<11}{found[table]} of {count} within {runs:,} runs")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.simulating")
    parser.add_argument("--mutants", type=int, default=0, metavar="N")
    parser.add_argument("--table", action="append", default=[], metavar="NAME")
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    asked = parser.parse_args()
    if not asked.table:
        speed()
    if asked.mutants:
        mutants(asked.mutants, asked.seed, asked.table)


if __name__ == "__main__":
    main()
