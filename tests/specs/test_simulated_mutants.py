"""Simulation finds what the prover finds: variants without a defence, within some runs.

Which run finds which, and what is not found, is printed by `python -m tests.bench.simulating
--mutants 8000`; those that take thousands of runs are looked for there only.
"""

from __future__ import annotations

import pytest

from models.language.model import Model
from specs.runs import confirm
from tests.bench.simulating import hunted
from tests.specs.test_defences import FAST, SLOW

FOUND = {
    "an echo, not hearing, carries the lease": 2_000,
    "a lossless mount has the declared final log": 300,
    "a stopped CMS is not brought up": 300,
    "a lone controller reads its epoch on the board": 300,
    "a wipe begins a new incarnation": 300,
    "only the controller hosts the CMS": 300,
    "only what was notified is copied": 300,
    "only what was inspected is replayed": 300,
    "no open log is copied": 500,
    "a loss is stated as it is": 300,
    "a returning copy that diverged does not resume": 1_000,
    "what diverged enters no newer lineage": 1_000,
    "a move offers control only once the target has every final log, and mounts only then": 300,
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
