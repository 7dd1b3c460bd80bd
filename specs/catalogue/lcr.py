"""Promises about local continuous replication, with what their proofs lean on and what must be
possible.

The tracked record is any acknowledged record of one storage group of one stand-alone server.
"""

from __future__ import annotations

from models.ccr.vocabulary import NEVER, SCHEMA
from models.ccr.vocabulary_lcr import Base, Lcr, Local, Server
from models.language.model import LEMMA, SOMETIMES, STEP, property_for
from models.language.terms import all_of, any_of, implies

promise = property_for(SCHEMA)


@promise("P68", kind=STEP, source="T8", at=("restore_lcr",))
def local_restore_keeps_what_was_readable(s, t, v: Server, h: Local):
    """A restore to the LCR copy loses nothing while the live disks can be read: every record is in
    a log that the copy's database has replayed.
    """
    mine, ghost = s.local[v, h], s.diary[v, h]
    restored = all_of(mine.lcr == Lcr.HEALTHY, t.local[v, h].lcr == Lcr.OFF)
    kept = all_of(ghost.generation >= 1, ghost.generation <= mine.replayed)
    placed = any_of(ghost.in_open, ghost.generation >= 1)
    return implies(
        all_of(restored, mine.base != Base.BROKEN),
        all_of(t.local[v, h].lost == 0, implies(placed, kept)),
    )


@promise("P69", kind=STEP, source="S-129", at=("restore_lcr",))
def local_request_covers_what_is_lost(s, t, v: Server, h: Local):
    """A restore to the LCR copy asks the hubs for a window of time in which every record that the
    copy lacks was acknowledged.
    """
    mine, then, ghost = s.local[v, h], t.local[v, h], s.diary[v, h]
    restored = all_of(mine.lcr == Lcr.HEALTHY, then.lcr == Lcr.OFF)
    lost = any_of(ghost.in_open, ghost.generation > mine.inspected)
    covered = all_of(then.request_from <= ghost.wrote_at, ghost.wrote_at <= then.request_to)
    return implies(all_of(restored, lost), covered)


@promise(
    "S44",
    kind=SOMETIMES,
    source="T8",
    story=(
        "install_server v=MBX",
        "create_local v=MBX h=SG1",
        "enable_lcr v=MBX h=SG1",
        "wait 70000",
        *(("write_local v=MBX h=SG1 records=100",) * 3),
        "wait 2000",
        *(("write_local v=MBX h=SG1 records=100",) * 2),
        "lose_local_disks v=MBX h=SG1",
        "restore_lcr v=MBX h=SG1",
        "mount_local v=MBX h=SG1",
    ),
)
def lost_disks_are_replaced_by_the_copy(s, v: Server, h: Local):
    """The live disks are lost, the LCR copy is mounted in their place, and the hubs are asked for
    what is lacking.
    """
    mine = s.local[v, h]
    return all_of(
        mine.base == Base.MOUNTED,
        mine.disks == 2,
        mine.top > 0,
        mine.lost > 0,
        mine.request_from > 0,
        mine.request_to > mine.request_from,
    )


@promise("L160", kind=LEMMA, source="design")
def local_positions_are_sane(s, v: Server, h: Local):
    """A copy is a prefix of its live log stream; a dismounted stream has no open log."""
    mine, ghost = s.local[v, h], s.diary[v, h]
    order = all_of(
        mine.replayed >= 0,
        mine.replayed <= mine.inspected,
        mine.inspected <= mine.copied,
        mine.copied <= mine.top,
    )
    return all_of(
        implies(mine.lcr == Lcr.HEALTHY, order),
        mine.open_records >= 0,
        mine.top >= 0,
        implies(ghost.in_open, all_of(mine.open_records > 0, ghost.generation == NEVER)),
        implies(mine.base == Base.DISMOUNTED, mine.open_records == 0),
        ghost.generation <= mine.top,
        any_of(ghost.generation == NEVER, ghost.generation >= 1),
        ghost.count >= 0,
        implies(
            ghost.count < s.p.tracked_record,
            all_of(~ghost.in_open, ghost.generation == NEVER),
        ),
    )


@promise("L161", kind=LEMMA, source="design")
def local_copy_was_whole(s, v: Server, h: Local):
    """A record that the copy has not inspected was acknowledged after the time up to which the copy
    is whole; one in the open log, after the newest log was closed.
    """
    mine, ghost = s.local[v, h], s.diary[v, h]
    since = all_of(ghost.wrote_at >= mine.whole_at, ghost.wrote_at <= s.now)
    beyond = any_of(ghost.in_open, ghost.generation > mine.inspected)
    return all_of(
        implies(all_of(mine.lcr == Lcr.HEALTHY, beyond), since),
        implies(ghost.in_open, all_of(ghost.wrote_at >= mine.closed_at, ghost.wrote_at <= s.now)),
        implies(ghost.generation >= 1, ghost.wrote_at <= s.now),
        mine.closed_at <= s.now,
        implies(mine.lcr == Lcr.HEALTHY, mine.whole_at <= mine.closed_at),
    )
