"""The vocabulary of backup and truncation: what lies on a node's disks beside the newest logs.

These are fields of the record `copy`: which logs its directory still has, how far its database file
is written, what its header says of backups, and the backup that runs. Imported by `vocabulary`; no
behaviour.
"""

from __future__ import annotations

from typing import Any

from models.language.rule import GHOST
from models.language.schema import Field, Schema, field_of
from models.language.terms import NOBODY, Bool, Int, Sort, enum

Backup = enum("Backup", "IDLE", "RUNNING")
Kind = enum("Kind", "FULL", "INCREMENTAL", "DIFFERENTIAL", "COPY")


def file_fields(node: Sort, own: dict[str, Any]) -> dict[str, Field]:
    """The fields of a copy, for its owner. A stamp or position of -1 means never."""
    return {
        "low": field_of(Int, 1, **own, about="oldest generation still in the log directory"),
        "checkpoint": field_of(
            Int, 0, **own, about="newest generation wholly written to the database file"
        ),
        "base": field_of(Int, 0, **own, about="the generation it was seeded at"),
        "flushed": field_of(
            Int, 0, **own, about="newest generation that an orderly shutdown flushed to the file"
        ),
        "full": field_of(Int, -1, **own, about="header: what the last full backup reaches"),
        "backed": field_of(Int, 0, **own, about="header: newest generation that is backed up"),
        "noted": field_of(
            Int, 0, **own, about="header: the generation whose log carries its last change"
        ),
        "backup": field_of(Backup, Backup.IDLE, **own, about="the backup that its store runs"),
        "backup_kind": field_of(Kind, Kind.FULL, **own),
        "backup_of": field_of(node, NOBODY, **own, about="the node whose copy it reads"),
        "backup_to": field_of(Int, 0, **own, about="newest generation that it holds"),
        "backup_at": field_of(Int, -1, **own, about="when it began"),
        "backup_run": field_of(Int, 0, **own, about="the run of the CMS that it began in"),
    }


def file_parameters(schema: Schema) -> None:
    """Declare the durations and the generation that proofs follow."""
    for name, default, about in (
        ("backup_full_time", 600_000, "ms a full or copy backup takes"),
        ("backup_logs_time", 60_000, "ms an incremental or differential backup takes"),
        (
            "tracked_generation",
            1,
            "which generation the ghost of backups follows (any: proofs leave it free)",
        ),
    ):
        schema.parameter(name, default, about)


def file_ghosts(schema: Schema, group: Sort, node: Sort) -> None:
    """Declare the ghost: where the tracked generation is saved."""
    schema.record(
        "archive",
        group,
        about="ghost: the tracked generation on the backup media",
        saved=field_of(
            Bool,
            False,
            owner=GHOST,
            index=node,
            about="it is in the chain that the header on this node names",
        ),
    )
