"""Local continuous replication (LCR): a second set of disks on one server, fed by the same steps as
a passive copy, and activated by hand (T8, S-138).
"""

from __future__ import annotations

from models.language.rule import Body, Move, rule_for
from models.language.terms import all_of, any_of, if_else, one_of

from ..vocabulary import NEVER, SCHEMA
from ..vocabulary_files import Backup
from ..vocabulary_lcr import LOCAL, Base, Lcr, Local, Server
from ..vocabulary_mail import OPEN_LOG

rule = rule_for(SCHEMA, "local continuous replication")


def _readable(mine):
    """The live disks can be read."""
    return one_of(mine.base, Base.MOUNTED, Base.DISMOUNTED)


@rule(855, trigger="command", actor=LOCAL, source="T8")
def enable_lcr(s, v: Server, h: Local):
    """An operator enables LCR of a storage group (Enable-StorageGroupCopy); its copy is seeded."""
    mine = s.local[v, h]
    return Body(
        "LcrEnabled",
        moves=Move(mine.lcr, Lcr.OFF, Lcr.SEEDING),
        requires={"database is mounted": mine.base == Base.MOUNTED},
        given={"server is not clustered": ~s.server[v].clustered},
        sets={mine.seed_from: s.now, mine.suspended: False},
    )


@rule(856, trigger="consequence", actor=LOCAL, source="T4")
def finish_lcr_seed(s, v: Server, h: Local):
    """The seed is complete: the copy stands where the closed logs stand."""
    mine = s.local[v, h]
    return Body(
        "LcrSeedFinished",
        moves=Move(mine.lcr, Lcr.SEEDING, Lcr.HEALTHY),
        requires={
            "live disks can be read": _readable(mine),
            "seeding took its time": s.elapsed(mine.seed_from, s.p.seed_time),
        },
        sets={
            mine.copied: mine.top,
            mine.inspected: mine.top,
            mine.replayed: mine.top,
            mine.copy_low: mine.top + 1,
            mine.whole_at: mine.closed_at,
        },
    )


@rule(857, trigger="consequence", actor=LOCAL, source="D-18")
def abort_lcr_seed(s, v: Server, h: Local):
    """The live disks are lost while a seed runs: the copy is Failed and can never be mounted."""
    mine = s.local[v, h]
    return Body(
        "LcrSeedAborted",
        moves=Move(mine.lcr, Lcr.SEEDING, Lcr.FAILED),
        requires={"live disks are lost": mine.base == Base.BROKEN},
    )


def _replicates(mine):
    return all_of(mine.lcr == Lcr.HEALTHY, ~mine.suspended)


@rule(858, trigger="consequence", actor=LOCAL, source="S-138")
def copy_local_log(s, v: Server, h: Local):
    """The next closed log is copied to the other disks; it took copy_time."""
    mine = s.local[v, h]
    return Body(
        "LocalLogCopied",
        requires={
            "copy replicates": _replicates(mine),
            "live disks can be read": _readable(mine),
            "a closed log is waiting": mine.copied < mine.top,
            "copying took its time": s.elapsed(mine.copy_from, s.p.copy_time),
        },
        sets={
            mine.copied: mine.copied + 1,
            mine.copy_from: s.now,
            mine.inspect_from: if_else(mine.copied == mine.inspected, s.now, mine.inspect_from),
        },
    )


@rule(859, trigger="consequence", actor=LOCAL, source="S-138")
def inspect_local_log(s, v: Server, h: Local):
    """The next copied log is inspected; it took inspect_time."""
    mine = s.local[v, h]
    return Body(
        "LocalLogInspected",
        requires={
            "copy replicates": _replicates(mine),
            "a copied log is waiting": mine.inspected < mine.copied,
            "inspection took its time": s.elapsed(mine.inspect_from, s.p.inspect_time),
        },
        sets={
            mine.inspected: mine.inspected + 1,
            mine.inspect_from: s.now,
            mine.whole_at: if_else(mine.inspected + 1 == mine.top, mine.closed_at, mine.whole_at),
            mine.replay_from: if_else(mine.replayed == mine.inspected, s.now, mine.replay_from),
        },
    )


@rule(860, trigger="consequence", actor=LOCAL, source="S-138")
def replay_local_log(s, v: Server, h: Local):
    """The next inspected log is replayed into the copy's database; it took replay_time."""
    mine = s.local[v, h]
    return Body(
        "LocalLogReplayed",
        requires={
            "copy replicates": _replicates(mine),
            "an inspected log is waiting": mine.replayed < mine.inspected,
            "replay took its time": s.elapsed(mine.replay_from, s.p.replay_time),
        },
        sets={mine.replayed: mine.replayed + 1, mine.replay_from: s.now},
    )


@rule(861, trigger="command", actor=LOCAL, source="S-138")
def suspend_lcr(s, v: Server, h: Local):
    """An operator suspends the LCR copy: it copies, inspects and replays nothing."""
    mine = s.local[v, h]
    return Body(
        "LcrSuspended",
        requires={
            "LCR is enabled": one_of(mine.lcr, Lcr.HEALTHY, Lcr.FAILED),
            "copy is not suspended": ~mine.suspended,
        },
        sets={mine.suspended: True},
    )


@rule(862, trigger="command", actor=LOCAL, source="S-138")
def resume_lcr(s, v: Server, h: Local):
    """An operator resumes the LCR copy."""
    mine = s.local[v, h]
    return Body(
        "LcrResumed",
        requires={"copy is suspended": mine.suspended},
        sets={
            mine.suspended: False,
            mine.copy_from: s.now,
            mine.inspect_from: s.now,
            mine.replay_from: s.now,
        },
    )


@rule(863, trigger="command", actor=LOCAL, source="S-138")
def update_lcr(s, v: Server, h: Local):
    """An operator seeds the LCR copy again (Update-StorageGroupCopy); what it held is deleted."""
    mine = s.local[v, h]
    return Body(
        "LcrSeedBegun",
        moves=Move(mine.lcr, (Lcr.HEALTHY, Lcr.FAILED), Lcr.SEEDING),
        requires={
            "copy does not replicate": any_of(mine.lcr == Lcr.FAILED, mine.suspended),
            "database is mounted": mine.base == Base.MOUNTED,
        },
        sets={mine.seed_from: s.now, mine.suspended: False},
    )


@rule(864, trigger="command", actor=LOCAL, source="T8")
def disable_lcr(s, v: Server, h: Local):
    """An operator disables LCR of a storage group (Disable-StorageGroupCopy)."""
    mine = s.local[v, h]
    return Body(
        "LcrDisabled",
        moves=Move(mine.lcr, (Lcr.SEEDING, Lcr.HEALTHY, Lcr.FAILED), Lcr.OFF),
        sets={mine.suspended: False},
    )


@rule(865, trigger="command", actor=LOCAL, source="S-129")
def restore_lcr(s, v: Server, h: Local):
    """An operator makes the LCR copy the live one (Restore-StorageGroupCopy with ReplaceLocations)
    and asks every hub of the site for the mail that it may lack; replication ends.

    Why: the database has to be dismounted, or lost. Logs that can be read are copied first, the one
    that was open included. The window begins when all that was written is known to be in the copy.
    """
    mine, ghost, parcel = s.local[v, h], s.diary[v, h], s.parcel[v, h]
    kept = all_of(ghost.generation >= 1, ghost.generation <= mine.inspected)
    stays = all_of(parcel.at != OPEN_LOG, parcel.at <= mine.inspected)
    return Body(
        "LcrRestored",
        moves=(
            Move(mine.lcr, Lcr.HEALTHY, Lcr.OFF),
            Move(mine.base, (Base.DISMOUNTED, Base.BROKEN), Base.DISMOUNTED),
        ),
        requires={
            "remaining logs are here, or the live disks are lost": any_of(
                mine.base == Base.BROKEN, mine.inspected == mine.top
            ),
            "everything copied is inspected and replayed": all_of(
                mine.copied == mine.inspected, mine.replayed == mine.inspected
            ),
            "no backup is running": mine.backup == Backup.IDLE,
        },
        sets={
            mine.disks: if_else(mine.disks == 1, 2, 1),
            mine.lost: mine.top - mine.inspected,
            mine.lost_open: mine.open_records,
            mine.top: mine.inspected,
            mine.low: mine.copy_low,
            mine.checkpoint: mine.inspected,
            mine.full: NEVER,
            mine.backed: mine.copy_low - 1,
            mine.lineage: mine.lineage + 1,
            mine.fork: mine.inspected,
            mine.open_records: 0,
            mine.suspended: False,
            mine.request_from: mine.whole_at,
            mine.request_to: s.now,
        },
        ghost={
            ghost.in_open: False,
            ghost.generation: if_else(kept, ghost.generation, NEVER),
            parcel.holds: all_of(parcel.holds, stays),
        },
    )
