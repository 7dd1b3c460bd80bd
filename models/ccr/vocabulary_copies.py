"""Words of the life of a copy: why it failed, what is damaged, what an operator asked of it.

The fields belong to the record `copy` of `vocabulary`, which adds them; whoever reads the schema
sees one record. Imports the language only; sits below `vocabulary`.
"""

from __future__ import annotations

from typing import Any

from models.language.schema import Field, field_of
from models.language.terms import Bool, Int, Sort, enum

Trouble = enum(
    "Trouble",
    "NONE",
    "DIVERGED",
    "SEED_INTERRUPTED",
    "INSPECTION_FAILED",
    "LOG_MISSING",
    "REPLAY_FAILED",
)

NEVER = -1


def copy_life(storage: dict[str, Any], network: Sort) -> dict[str, Field]:
    """The fields, owned by the storage group services (`storage` says so)."""
    return {
        "trouble": field_of(
            Trouble, Trouble.NONE, **storage, about="why this copy is Failed; latched"
        ),
        "suspended": field_of(
            Bool, False, **storage, about="an operator suspended copying, inspection and replay"
        ),
        "checking": field_of(
            Bool, False, **storage, about="resumed, and not yet compared with its source"
        ),
        "attempts": field_of(
            Int, 0, **storage, about="failed attempts to inspect the log that is next"
        ),
        "bad_inbox": field_of(
            Int, 0, **storage, about="a damaged log in the inspector directory; 0: none"
        ),
        "bad_log": field_of(Int, 0, **storage, about="a damaged log in the log directory; 0: none"),
        "missing_log": field_of(
            Int, 0, **storage, about="a log that is gone from the log directory; 0: none"
        ),
        "resync_from": field_of(Int, NEVER, **storage, about="when incremental reseed began"),
        "manual_resume": field_of(
            Bool, False, **storage, about="the running seed is to end suspended"
        ),
        "seeds_over": field_of(
            Bool, False, **storage, index=network, about="it is to be seeded over this network"
        ),
        "seed_names": field_of(Int, 0, **storage, about="how many networks that is said of"),
        "named_at": field_of(Int, NEVER, **storage, about="when the last of them was named"),
        "restored": field_of(
            Int, 0, **storage, about="the epoch in which an operator made this copy viable"
        ),
        "ended": field_of(
            Bool,
            False,
            **storage,
            about="its stream began with a restore: the other copy needs a full reseed",
        ),
        "waits_from": field_of(Int, NEVER, **storage, about="since when the dial holds it back"),
        "waits_epoch": field_of(Int, 0, **storage, about="the epoch in which it does"),
    }


PARAMETERS = (
    ("inspection_attempts", 3, "attempts in all to inspect a log until the copy fails (D-09)"),
    ("llr_depth", 10, "logs that lost log resilience holds back from the database file"),
    ("resync_time", 5_000, "ms an incremental reseed takes"),
    ("forced_mount_after", 0, "ms until a database held back by the dial mounts; 0: never"),
)
