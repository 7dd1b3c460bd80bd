"""Simulation finds what the prover finds: variants without a defence, each within some runs.

What is found soon is asked here, and what only another seed than 0 finds, by the run that does;
`python -m tests.bench.simulating --mutants N --seeds K` asks all tables of defences, and prints
which run of which seed found which, and what is not found.
"""

from __future__ import annotations

import pytest

from specs.runs import confirm
from specs.simulation.fleet import simulate
from specs.simulation.simulation import Settings
from tests.bench.simulating import hunted
from tests.specs.seeded import RARE, Rare, Seeded, seeded

RUNS = 2_000
HARD = {
    "control: a write checks the lease, so a thawed node acknowledges nothing",
    "control: only newer epochs are accepted",
    "control: the head start outlasts the peer lease",
    "control: the lock expires after the witness lease",
    "control: the clock goes on in a freeze",
    "control: the dial bounds the known loss",
    "control: a stale node is refused by the board",
    "control: an invitation of a node that missed an epoch is not accepted",
}
"""Those of the control plane that take many runs: they are left to the benchmark."""
LED = {
    "truncation: a log that crash recovery needs stays",
    "truncation: a failed passive copy pins every log",
    "truncation: a source that does not answer allows nothing",
    "mail: the table forgets what came over with its log",
    "mail: a hub forgets what it was still resubmitting",
    "standby: without the floor a restore of a stand-alone source leaves the target ahead",
    "standby: a log younger than the lag is not replayed",
    "standby: a note of age is what shows a log to be old",
    "server: a clustered server is not recovered as a stand-alone one",
    "server: mail that was rolled back is not dropped",
    "lcr: everything copied is inspected and replayed",
}
"""Some that take many steps, and are found by runs that a plan leads."""
EVERY = list(seeded())
SOON = [v for v in EVERY if (v.table == "control" and v.name not in HARD) or v.name in LED]


@pytest.mark.slow
@pytest.mark.parametrize("variant", SOON, ids=[v.name for v in SOON])
def test_a_missing_defence_is_found_by_random_runs(variant: Seeded) -> None:
    found = hunted(variant, RUNS)
    assert found.run is not None
    assert len(found.run) <= found.played
    (prop,) = found.broken
    assert confirm(variant.model, found.run, prop) is not None


FOUND = [(v, RARE[v.name]) for v in EVERY if v.name in RARE and RARE[v.name].run is not None]
"""Those that another seed than 0 finds."""


@pytest.mark.slow
@pytest.mark.parametrize(("variant", "rare"), FOUND, ids=[v.name for v, _ in FOUND])
def test_what_seed_0_does_not_find_is_found_by_the_run_that_is_named(
    variant: Seeded, rare: Rare
) -> None:
    prop = [p for p in variant.model.properties if p.number == variant.number]
    asked = Settings(rare.seed)
    found = simulate(variant.model, variant.instance, prop, asked, first=rare.run or 0, runs=1)
    assert found.run is not None
    assert confirm(variant.model, found.run, prop[0]) is not None


def test_what_is_named_apart_is_a_variant_that_the_prover_refutes() -> None:
    names = [v.name for v in EVERY]
    assert len(set(names)) == len(names)
    assert set(names) >= RARE.keys() | HARD | LED
