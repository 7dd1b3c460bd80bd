"""Simulation: events a second on one core, and which mutants it finds within so many runs.

`python -m tests.bench.simulating` measures the speed on the CCR model; with `--mutants N` it also
plays up to N runs of each variant that the prover refutes (of all tables of defences, or of those
named: `--table mail`; with `--rare` only of those that seed 0 was not seen to find), and says which
run found it, how long that took, or that none did and why. What a seed does not find is tried with
the next one, up to `--seeds K` of them.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

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


@dataclass
class Hunt:
    """What was asked of the variants: so many runs of each seed, until one finds it."""

    runs: int
    seeds: range
    tables: list[str] = field(default_factory=list)
    rare: bool = False

    def asked(self, variant: Seeded) -> bool:
        """Whether a variant is one of those that were named."""
        named = not self.tables or variant.table in self.tables
        return named and (not self.rare or variant.name in RARE)

    def result(self, variant: Seeded) -> tuple[int, Simulated, float]:
        """The seed that finds a variant, the last one if none does; what it saw; all seconds."""
        spent = 0.0
        for seed in self.seeds:
            found = hunted(variant, self.runs, seed)
            spent += found.seconds
            if found.run is not None:
                break
        return seed, found, spent


def mutants(hunt: Hunt) -> None:
    """Print what is found of each table within so many runs of a seed, and by which seed."""
    print(f"\n{'without this defence':<75}{'seed':>5}{'run':>6}{'steps':>7}{'seconds':>9}")
    every, found = Counter[str](), Counter[tuple[str, int]]()
    for variant in filter(hunt.asked, seeded()):
        seed, result, seconds = hunt.result(variant)
        every[variant.table] += 1
        what = f"{variant.table:<11}{variant.number:<5}{variant.says[:58]:<59}"
        if result.run is None:
            print(f"{what}{'':>5}{'none':>6}{'':>7}{seconds:>9.1f}")
        else:
            found[variant.table, seed] += 1
            print(f"{what}{seed:>5}{result.number:>6}{len(result.run):>7}{seconds:>9.1f}")
        if variant.name in RARE and seed != hunt.seeds[0]:
            print(f"{'':<16}{RARE[variant.name].why}")
        sys.stdout.flush()
    for table, count in every.items():
        by = {seed: found[table, seed] for seed in hunt.seeds if found[table, seed]}
        said = "".join(f", {n} by seed {seed}" for seed, n in by.items())
        print(f"{table:<11}{sum(by.values())} of {count} within {hunt.runs:,} runs{said}")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.simulating")
    parser.add_argument("--mutants", type=int, default=0, metavar="N")
    parser.add_argument("--table", action="append", default=[], metavar="NAME")
    parser.add_argument("--rare", action="store_true")
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    parser.add_argument("--seeds", type=int, default=1, metavar="K")
    asked = parser.parse_args()
    if not (asked.table or asked.rare):
        speed()
    if asked.mutants:
        seeds = range(asked.seed, asked.seed + max(1, asked.seeds))
        mutants(Hunt(asked.mutants, seeds, asked.table, asked.rare))


if __name__ == "__main__":
    main()
