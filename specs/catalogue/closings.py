"""Promises about logs and what frees them: why a log is closed, what a shutdown flushes, what the
local copy does, and what a backup reads. They hold for all rules together.
"""

from __future__ import annotations

from models.ccr.model import CCR as RULES
from models.ccr.phrases import mounted
from models.ccr.phrases_files import backup_after, passive_ready, readable, truncating
from models.ccr.phrases_standby import spared, spared_remote
from models.ccr.vocabulary import NEVER, SCHEMA, Cms, Copy, Group, Node
from models.ccr.vocabulary_files import Backup
from models.ccr.vocabulary_lcr import Base, Lcr, Local, Server
from models.ccr.vocabulary_standby import Target
from models.language.model import STEP, property_for
from models.language.terms import all_of, any_of, if_else, implies, larger, one_of, some

promise = property_for(SCHEMA)


FOR_MAIL = ("close_log_for_mail", "close_local_log_for_post")
"""These close a log for mail that does not fit; which mail that is, is theirs to say."""
CLOSERS = tuple(
    r.name for r in RULES.rules.values()
    if r.name not in FOR_MAIL and r.record in ("copy", "local")
    and {"top", "open_records"} & {f.value[1] for f, _ in r.effects}
)  # fmt: skip


@promise("P136", kind=STEP, source="S-078", at=CLOSERS)
def a_log_is_closed_when_full_idle_or_for_good(s, t, n: Node, g: Group, v: Server, h: Local):
    """An open log is closed, and is empty then, when it is full, or when it holds something and
    nothing was written for log_roll_idle, or for good; records go into the open log of a mounted
    database, and date it.
    """

    def closed(old, new, for_good):
        full = old.open_records >= s.p.log_capacity
        idle = s.elapsed(old.written_at, s.p.log_roll_idle)
        some_open = all_of(old.open_records > 0, any_of(idle, for_good))
        return all_of(new.top == old.top + 1, new.open_records == 0, any_of(full, some_open))

    old, new, mine, then = s.copy[n, g], t.copy[n, g], s.local[v, h], t.local[v, h]
    active = all_of(old.state == Copy.ACTIVE, new.state == Copy.ACTIVE)
    grew = all_of(then.top > mine.top, then.lineage == mine.lineage)
    dismounted = then.base == Base.DISMOUNTED
    return all_of(
        implies(all_of(active, new.top > old.top),
                all_of(closed(old, new, new.final == new.top), new.replayed == new.top)),
        implies(all_of(active, new.open_records > old.open_records), new.written_at == s.now),
        implies(all_of(active, new.open_records > old.open_records, new.backup == old.backup),
                all_of(s.node[n].cms == Cms.ONLINE, new.open_records <= s.p.log_capacity)),
        implies(grew, all_of(closed(mine, then, dismounted), then.closed_at == s.now,
                             mine.base == Base.MOUNTED)),
        implies(then.open_records > mine.open_records,
                all_of(mine.base == Base.MOUNTED, then.written_at == s.now,
                       then.open_records <= s.p.log_capacity)),
    )  # fmt: skip


@promise("P137", kind=STEP, source="S-165")
def a_stream_is_closed_for_good_once(s, t, n: Node, g: Group):
    """The final generation of a stream is declared once in a mount: while the CMS goes down here,
    or when the peer controls a newer epoch; a cache is flushed on the way down, to that generation.
    """
    old, new, node = s.copy[n, g], t.copy[n, g], s.node[n]
    active = all_of(old.state == Copy.ACTIVE, new.state == Copy.ACTIVE)
    same = all_of(active, new.mounted_run == old.mounted_run)
    run = old.mounted_run == node.run
    down = all_of(one_of(node.cms, Cms.OFFLINE_PENDING, Cms.FAILED), run)
    outdone = all_of(node.cms == Cms.OFFLINE, node.others > old.active_epoch)
    final = old.top + if_else(old.open_records != 0, 1, 0)
    why = all_of(old.final == NEVER, new.final == final, any_of(down, outdone))
    flushes = all_of(
        s.p.flush_time > 0, node.cms == Cms.OFFLINE_PENDING, run, old.final == NEVER,
        new.flushed == final, old.flushed < final,
    )  # fmt: skip
    return all_of(
        implies(all_of(same, new.final != old.final, node.cms != Cms.ONLINE_PENDING), why),
        implies(all_of(active, new.flushed != old.flushed), flushes),
    )


@promise("P138", kind=STEP, source="S-138")
def a_local_copy_does_as_it_is_told(s, t, v: Server, h: Local):
    """A local copy copies, inspects and replays while it is healthy, not suspended and its source
    can be read; it is seeded from a mounted database if it does not replicate; what is resumed
    counts its times anew; a restore takes all that it has, swaps the disks and begins a new stream.
    """
    old, new = s.local[v, h], t.local[v, h]
    readable_here = one_of(old.base, Base.MOUNTED, Base.DISMOUNTED)
    same = all_of(old.lcr == Lcr.HEALTHY, new.lcr == Lcr.HEALTHY)
    copied, inspected = new.copied != old.copied, new.inspected != old.inspected
    replayed = new.replayed != old.replayed
    restored = new.lineage != old.lineage
    seeded = all_of(old.lcr == Lcr.SEEDING, new.lcr == Lcr.HEALTHY)
    seeds = all_of(old.lcr != Lcr.SEEDING, new.lcr == Lcr.SEEDING)
    resumed = all_of(old.suspended, ~new.suspended, new.lcr == old.lcr)
    suspended = all_of(~old.suspended, new.suspended)
    caught_up = new.inspected == old.top
    takes = all_of(
        old.lcr == Lcr.HEALTHY, new.lcr == Lcr.OFF, new.base == Base.DISMOUNTED,
        one_of(old.base, Base.DISMOUNTED, Base.BROKEN), new.disks == if_else(old.disks == 1, 2, 1),
        new.top == old.inspected, new.fork == old.inspected, new.lineage == old.lineage + 1,
        new.low == old.copy_low,
        new.lost == old.top - old.inspected, new.lost_open == old.open_records,
        new.open_records == 0, new.request_from == old.whole_at, new.request_to == s.now,
    )  # fmt: skip
    return all_of(
        implies(all_of(same, any_of(copied, inspected, replayed)), ~old.suspended),
        implies(all_of(same, copied), readable_here),
        implies(all_of(same, inspected),
                new.whole_at == if_else(caught_up, old.closed_at, old.whole_at)),
        implies(seeded, all_of(readable_here, new.copied == old.top, new.inspected == old.top,
                               new.replayed == old.top, new.whole_at == old.closed_at)),
        implies(all_of(old.lcr == Lcr.SEEDING, new.lcr == Lcr.FAILED), old.base == Base.BROKEN),
        implies(seeds, all_of(old.base == Base.MOUNTED, any_of(old.lcr != Lcr.HEALTHY,
                                                               old.suspended))),
        implies(resumed, all_of(*(x == s.now for x in (new.copy_from, new.inspect_from,
                                                       new.replay_from)))),
        implies(suspended, one_of(old.lcr, Lcr.HEALTHY, Lcr.FAILED)),
        implies(all_of(new.lcr != old.lcr, one_of(new.lcr, Lcr.OFF, Lcr.SEEDING)), ~new.suspended),
        implies(restored, takes),
    )  # fmt: skip


@promise("P139", kind=STEP, source="S-028")
def a_backup_reads_what_it_needs(s, u, n: Node, g: Group, v: Server, h: Local, t: Target):
    """A backup begins on a copy that answers and has every log that the backup needs, and is to
    hold all that is closed there; the record that it leaves is one more of the open log, whose log
    carries the header's change. A checkpoint advances as far as a backed-up log waits for it, and
    logs are freed where the database is mounted and nobody else needs them.
    """
    old, new, mine, then = s.copy[n, g], u.copy[n, g], s.local[v, h], u.local[v, h]
    begins = all_of(old.backup == Backup.IDLE, new.backup == Backup.RUNNING)
    here = all_of(mine.backup == Backup.IDLE, then.backup == Backup.RUNNING)
    after = backup_after(old, new.backup_kind, new.backup_to)
    needs = some(
        Node,
        lambda m: all_of(
            new.backup_of == m, readable(s, n, g, m), new.backup_to == s.copy[m, g].top,
            s.copy[m, g].low <= after + 1,
        ),
    )  # fmt: skip
    ended = all_of(old.backup == Backup.RUNNING, new.backup == Backup.IDLE)
    recorded = all_of(ended, any_of(new.backed != old.backed, new.full != old.full))
    whole = some(Node, lambda m: all_of(old.backup_of == m, readable(s, n, g, m)))
    leaves = all_of(
        truncating(old.backup_kind), new.open_records == old.open_records + 1,
        new.noted == old.top + 1, new.written_at == s.now, whole,
    )  # fmt: skip
    local = all_of(
        mine.base == Base.MOUNTED, then.backup_to == mine.top,
        mine.low <= backup_after(mine, then.backup_kind, mine.top) + 1, then.backup_at == s.now,
    )  # fmt: skip
    advances = all_of(new.checkpoint > old.checkpoint, new.state == old.state)
    far_advances = all_of(then.checkpoint > mine.checkpoint, then.lineage == mine.lineage)
    written = any_of(mounted(s, n, g), old.state == Copy.HEALTHY)
    frees = all_of(new.low > old.low, old.state == Copy.ACTIVE)
    upto = new.low - 1
    free = all_of(
        mounted(s, n, g), old.backup == Backup.IDLE, upto <= old.backed, upto <= old.checkpoint,
        passive_ready(s, n, g), spared(s, t, n, g, upto),
    )  # fmt: skip
    far_frees = all_of(then.low > mine.low, then.lineage == mine.lineage)
    to = then.low - 1
    doubled = all_of(mine.lcr == Lcr.HEALTHY, ~mine.suspended, to <= mine.replayed)
    far_free = all_of(
        mine.base == Base.MOUNTED, mine.backup == Backup.IDLE, any_of(mine.lcr == Lcr.OFF, doubled),
        then.copy_low == larger(mine.copy_low, then.low),
        spared_remote(s, t, v, h, to),
    )  # fmt: skip
    return all_of(
        implies(begins, needs),
        implies(recorded, leaves),
        implies(here, local),
        implies(advances, all_of(written, old.backed > old.checkpoint)),
        implies(far_advances, all_of(mine.base == Base.MOUNTED, mine.backed > mine.checkpoint)),
        implies(frees, free),
        implies(far_frees, far_free),
    )
