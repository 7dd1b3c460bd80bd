"""Simulation finds what the prover finds: variants without a defence, within some runs.

Which run finds which, and which are not found, is measured by `tests.bench.simulating`. Not found
in 3,000 runs: a write without a lease, the lock that expires a tick early, an invitation of a node
that missed an epoch; these need the prover.
"""

from __future__ import annotations

import pytest

from models.language.model import Model
from specs.runs import confirm
from tests.bench.simulating import hunted
from tests.specs.test_defences import FAST, SLOW

FOUND = {
    "an echo, not hearing, carries the lease": 1_500,
    "a lossless mount has the declared final log": 1_500,
    "a stopped CMS is not brought up": 500,
    "a lone controller reads its epoch on the board": 500,
    "a wipe begins a new incarnation": 500,
    "only the controller hosts the CMS": 500,
    "only what was notified is copied": 500,
    "only what was inspected is replayed": 500,
    "a loss is stated as it is": 500,
}
"""Those that are found in few runs, with a budget of runs for whatever seed."""
CASES = [case for case in FAST + SLOW if case[0] in FOUND]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("says", "model", "number", "parameters"), CASES, ids=[c[0] for c in CASES]
)
def test_a_missing_defence_is_found_by_random_runs(
    says: str, model: Model, number: str, parameters: dict[str, int]
) -> None:
    found = hunted(model, number, parameters, FOUND[says])
    assert found.run is not None, f"{found.runs} runs"
    (prop,) = found.broken
    assert confirm(model, found.run, prop) is not None


def test_every_case_is_one_of_the_variants_that_the_prover_refutes() -> None:
    assert len(CASES) == len(FOUND)
