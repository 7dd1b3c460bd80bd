"""Simulation finds what the prover finds: variants without a defence, each within some runs.

The budgets are above what was needed, at least 100 runs. `python -m tests.bench.simulating
--mutants N` prints which run found which for a seed, and what is not found.
"""

from __future__ import annotations

import pytest

from models.language.model import Model
from specs.runs import confirm
from tests.bench.simulating import hunted
from tests.specs.test_defences import FAST, SLOW

NOT_FOUND = {"an invitation of a node that missed an epoch is not accepted"}
"""Eight things must come about one after another, and nothing tells a run that it is on the way."""
HARD = {
    "an echo, not hearing, carries the lease": (0, 300),
    "a write checks the lease, so a thawed node acknowledges nothing": (0, 800),
    "the attestation is worth nothing if hearing is enough": (0, 400),
    "only newer epochs are accepted": (0, 1_000),
    "no open log is copied": (0, 250),
    "the head start outlasts the peer lease": (3, 200),
    "the lock expires after the witness lease": (0, 300),
    "the clock goes on in a freeze": (0, 400),
    "a stale node is refused by the board": (0, 1_600),
    "the dial bounds the known loss": (0, 400),
}
"""A seed, and the runs within which it is found, where it takes more than a hundred."""
CASES = [case for case in FAST + SLOW if case[0] not in NOT_FOUND]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("says", "model", "number", "parameters"), CASES, ids=[c[0] for c in CASES]
)
def test_a_missing_defence_is_found_by_random_runs(
    says: str, model: Model, number: str, parameters: dict[str, int]
) -> None:
    seed, runs = HARD.get(says, (0, 100))
    found = hunted(model, number, parameters, runs, seed)
    assert found.run is not None, f"{found.runs} runs"
    (prop,) = found.broken
    assert confirm(model, found.run, prop) is not None


def test_what_is_not_found_and_what_is_hard_are_variants_that_the_prover_refutes() -> None:
    known = {case[0] for case in FAST + SLOW}
    assert known >= NOT_FOUND | HARD.keys()
