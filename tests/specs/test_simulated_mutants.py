"""Simulation finds what the prover finds: variants without a defence, each within some runs.

What is found soon is asked here; `python -m tests.bench.simulating --mutants N` asks all tables of
defences, and prints which run found which, and what is not found.
"""

from __future__ import annotations

import pytest

from specs.runs import confirm
from tests.bench.simulating import hunted
from tests.specs.seeded import RARE, Seeded, seeded

RUNS = 500
HARD = {
    "a write checks the lease, so a thawed node acknowledges nothing",
    "only newer epochs are accepted",
    "the head start outlasts the peer lease",
    "the lock expires after the witness lease",
    "the clock goes on in a freeze",
    "the dial bounds the known loss",
    "a stale node is refused by the board",
    "an invitation of a node that missed an epoch is not accepted",
}
"""Those that take many runs are left to the benchmark."""
EVERY = list(seeded())
SOON = [v for v in EVERY if v.table == "control" and v.says not in RARE.keys() | HARD]


@pytest.mark.slow
@pytest.mark.parametrize("variant", SOON, ids=[v.says for v in SOON])
def test_a_missing_defence_is_found_by_random_runs(variant: Seeded) -> None:
    found = hunted(variant, RUNS)
    assert found.run is not None
    assert len(found.run) <= found.played
    (prop,) = found.broken
    assert confirm(variant.model, found.run, prop) is not None


def test_what_is_said_to_be_rare_is_a_variant_that_the_prover_refutes() -> None:
    assert {v.says for v in EVERY} >= RARE.keys() | HARD
