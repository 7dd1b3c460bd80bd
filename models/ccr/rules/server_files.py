"""Backup and truncation on a server outside the cluster: what frees its logs (S-028, T5).

Never by age or space. A local copy that is failed, suspended or being seeded pins every log, and so
does a standby target that has not inspected it.
"""

from __future__ import annotations

from models.language.rule import Body, Move, rule_for
from models.language.terms import Int, all_of, any_of, each, if_else, larger, smaller

from ..phrases_files import backup_after, truncating
from ..phrases_standby import spared_remote
from ..vocabulary import NEVER, SCHEMA
from ..vocabulary_files import Backup, Kind
from ..vocabulary_lcr import LOCAL, Base, Lcr, Local, Server
from ..vocabulary_standby import Standby, Target

rule = rule_for(SCHEMA, "files of a server")


@rule(676, trigger="consequence", actor=LOCAL, source="T5")
def advance_local_checkpoint(s, v: Server, h: Local, generation: Int):
    """The database file of a server's storage group is written up to llr_depth logs behind.

    Why: logs up to the checkpoint are not needed to recover from a crash.
    """
    mine = s.local[v, h]
    return Body(
        "LocalCheckpointAdvanced",
        requires={
            "database is mounted": mine.base == Base.MOUNTED,
            "that is progress": generation > mine.checkpoint,
            "a backed-up log waits for it": mine.backed > mine.checkpoint,
            "its changes are in the file": generation == mine.top - s.p.llr_depth,
        },
        sets={mine.checkpoint: generation},
    )


@rule(677, trigger="command", actor=LOCAL, source="S-033")
def begin_local_backup(s, v: Server, h: Local, kind: Kind):
    """The store begins a backup of a server's storage group, from its live files."""
    mine = s.local[v, h]
    return Body(
        "LocalBackupBegun",
        moves=Move(mine.backup, Backup.IDLE, Backup.RUNNING),
        requires={
            "database is mounted": mine.base == Base.MOUNTED,
            "a full backup came first": any_of(
                kind == Kind.FULL, kind == Kind.COPY, mine.full != NEVER
            ),
            "no log that it needs is missing": mine.low <= backup_after(mine, kind, mine.top) + 1,
        },
        sets={mine.backup_kind: kind, mine.backup_to: mine.top, mine.backup_at: s.now},
    )


@rule(678, trigger="consequence", actor=LOCAL, source="T5")
def finish_local_backup(s, v: Server, h: Local):
    """The backup is complete, and recorded in the header if it is full or incremental."""
    mine, shelf = s.local[v, h], s.shelf[v, h]
    kind, to, tracked = mine.backup_kind, mine.backup_to, s.p.tracked_generation
    full, whole = kind == Kind.FULL, any_of(kind == Kind.FULL, kind == Kind.COPY)
    took = all_of(mine.low <= tracked, tracked <= to, kind == Kind.INCREMENTAL)
    return Body(
        "LocalBackupFinished",
        moves=Move(mine.backup, Backup.RUNNING, Backup.IDLE),
        requires={
            "database is mounted": mine.base == Base.MOUNTED,
            "backup took its time": s.elapsed(
                mine.backup_at, if_else(whole, s.p.backup_full_time, s.p.backup_logs_time)
            ),
        },
        sets={
            mine.full: if_else(full, to, mine.full),
            mine.backed: if_else(truncating(kind), to, mine.backed),
        },
        ghost={shelf.saved: if_else(full, False, any_of(shelf.saved, took))},
    )


@rule(679, trigger="consequence", actor=LOCAL, source="T5")
def fail_local_backup(s, v: Server, h: Local):
    """The database was dismounted, or its disks are lost: the backup fails and is not recorded."""
    mine = s.local[v, h]
    return Body(
        "LocalBackupFailed",
        moves=Move(mine.backup, Backup.RUNNING, Backup.IDLE),
        requires={"database is not mounted": mine.base != Base.MOUNTED},
    )


def _deleting(s, v, h, generation):
    """What allows a server to delete its logs up to a generation, and how many there are that only
    a standby target may want.
    """
    mine = s.local[v, h]
    copied = all_of(mine.lcr == Lcr.HEALTHY, ~mine.suspended, generation <= mine.replayed)
    requires = {
        "database is mounted": mine.base == Base.MOUNTED,
        "there are such logs": generation >= mine.low,
        "they are backed up": generation <= mine.backed,
        "they are older than the checkpoint": generation <= mine.checkpoint,
        "no backup is running": mine.backup == Backup.IDLE,
        "local copy has them in its database": any_of(mine.lcr == Lcr.OFF, copied),
    }
    given = {
        "every standby target has inspected them": each(
            Target, lambda t: spared_remote(s, t, v, h, generation)
        )
    }
    behind = if_else(mine.lcr == Lcr.OFF, mine.backed, mine.replayed)
    return requires, given, smaller(smaller(mine.backed, mine.checkpoint), behind)


def _gone(mine, generation):
    """Both log directories of the server without the logs up to a generation."""
    return {mine.low: generation + 1, mine.copy_low: larger(mine.copy_low, generation + 1)}


@rule(680, trigger="consequence", actor=LOCAL, source="T5")
def delete_local_logs(s, v: Server, h: Local, generation: Int):
    """A server deletes the logs that are backed up, older than its checkpoint, in the database of
    its local copy, and inspected by every standby target.
    """
    mine = s.local[v, h]
    requires, given, most = _deleting(s, v, h, generation)
    return Body(
        "LocalLogsDeleted",
        requires={**requires, "as many as may be": generation == most},
        given=given,
        sets=_gone(mine, generation),
    )


@rule(681, trigger="consequence", actor=LOCAL, source="T5")
def delete_local_logs_inspected(s, v: Server, h: Local, t: Target, generation: Int):
    """A server deletes the logs that the slowest standby target has inspected."""
    mine = s.local[v, h]
    requires, given, most = _deleting(s, v, h, generation)
    return Body(
        "InspectedLocalLogsDeleted",
        requires=requires,
        given={
            **given,
            "as many as that target has inspected": generation == s.remote[t, v, h].top,
            "that target lags behind": all_of(
                s.remote[t, v, h].state == Standby.HEALTHY, generation < most
            ),
        },
        sets=_gone(mine, generation),
    )
