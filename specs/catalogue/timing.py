"""Promises about what a shutdown does to the database file, which decides how long it takes and
what heals afterwards.
"""

from __future__ import annotations

from models.ccr.vocabulary import SCHEMA, Copy, Group, Node
from models.language.model import STEP, property_for
from models.language.terms import all_of, implies, larger

promise = property_for(SCHEMA)


@promise("P56", kind=STEP, source="S-165")
def sp1_shutdown_flushes_nothing(s, t, n: Node, g: Group):
    """Where the cache is not flushed (SP1), an orderly shutdown leaves what is held back from the
    database file held back.
    """
    return implies(s.p.flush_time <= 0, t.copy[n, g].flushed <= larger(s.copy[n, g].flushed, 0))


@promise("P57", kind=STEP, source="S-165", at=("begin_incremental_reseed",))
def a_flushed_file_is_not_healed_incrementally(s, t, n: Node, g: Group):
    """What an orderly shutdown flushed below the fork of the newer stream needs a full copy of the
    database: no incremental reseed begins.
    """
    began = all_of(
        s.copy[n, g].state == Copy.INITIALIZING, t.copy[n, g].state == Copy.SYNCHRONIZING
    )
    return implies(began, s.copy[n, g].flushed <= t.copy[n, g].top)
