"""Promises about durations: nothing is over before the time that it takes, and no deadline passes
for somebody who was heard in time.
"""

from __future__ import annotations

from models.ccr.phrases import controls, echoed, mounted, renewing, replicates, talks
from models.ccr.phrases_networks import copied_in_time, seed_path, seeded_in_time
from models.ccr.vocabulary import NEVER, SCHEMA, Cms, Copy, Group, Node, View
from models.ccr.vocabulary_files import Backup, Kind
from models.ccr.vocabulary_lcr import Lcr, Local, Server
from models.ccr.vocabulary_standby import Standby, Target
from models.language.model import STEP, property_for
from models.language.terms import all_of, any_of, if_else, implies, larger, one_of, peer

promise = property_for(SCHEMA)


def _in_time(s, old, new, inspected, over=None):
    was, now = getattr(old, inspected), getattr(new, inspected)
    taken = s.elapsed(old.copy_from, s.p.copy_time) if over is None else over
    copied = all_of(new.copied == old.copied + 1, now == was)
    looked = all_of(now == was + 1, new.copied == old.copied)
    replayed = all_of(new.replayed == old.replayed + 1, now == was, new.copied == old.copied)
    return all_of(
        implies(copied, taken),
        implies(looked, s.elapsed(old.inspect_from, s.p.inspect_time)),
        implies(replayed, s.elapsed(old.replay_from, s.p.replay_time)),
    )


@promise("P100", kind=STEP, source="S-079")
def each_log_takes_its_time(s, u, n: Node, g: Group, t: Target, v: Server, h: Local):
    """A log is copied, inspected and replayed no sooner than it takes, at every kind of copy; but
    for the logs that a restore or a seed brings at once.
    """
    copy, mine, then = s.copy[n, g], s.local[v, h], u.local[v, h]
    copying = all_of(mine.lcr == Lcr.HEALTHY, then.lcr == Lcr.HEALTHY)
    passive = all_of(copy.state == Copy.HEALTHY, u.copy[n, g].state == Copy.HEALTHY)
    over = copied_in_time(s, n, copy.copy_from, controls(s, n))
    return all_of(
        implies(passive, _in_time(s, copy, u.copy[n, g], "top", over)),
        *(
            implies(a.state == b.state, _in_time(s, a, b, "top"))
            for a, b in ((s.standby[t, g], u.standby[t, g]), (s.remote[t, v, h], u.remote[t, v, h]))
        ),
        implies(copying, _in_time(s, mine, then, "inspected")),
    )


@promise("P101", kind=STEP, source="S-008")
def a_seed_takes_its_time(s, u, n: Node, g: Group, t: Target, v: Server, h: Local):
    """A full seed and an incremental reseed end no sooner than they take, counted from when they
    began, which is when the copy was given up for them.
    """
    old, new = s.copy[n, g], u.copy[n, g]
    far, then = s.standby[t, g], u.standby[t, g]
    local, after = s.local[v, h], u.local[v, h]
    seeded = all_of(old.state == Copy.SEEDING, new.state == Copy.HEALTHY)
    begun = all_of(old.state != Copy.SEEDING, new.state == Copy.SEEDING)
    resynced = all_of(old.state == Copy.SYNCHRONIZING, new.state == Copy.HEALTHY)
    sent = all_of(far.state == Standby.SEEDING, then.state == Standby.HEALTHY)
    doubled = all_of(local.lcr == Lcr.SEEDING, after.lcr == Lcr.HEALTHY)
    return all_of(
        implies(seeded, seeded_in_time(s, n, old)),
        implies(begun, all_of(seed_path(s, n, old), ~replicates(s, n, g))),
        implies(resynced, s.elapsed(old.resync_from, s.p.resync_time)),
        implies(sent, s.elapsed(far.seed_from, s.p.seed_time)),
        implies(doubled, s.elapsed(local.seed_from, s.p.seed_time)),
        *(implies(all_of(b == state, a != state), stamp == s.now) for a, b, state, stamp in (
            (old.state, new.state, Copy.SEEDING, new.seed_from),
            (old.state, new.state, Copy.SYNCHRONIZING, new.resync_from),
            (far.state, then.state, Standby.SEEDING, then.seed_from),
            (local.lcr, after.lcr, Lcr.SEEDING, after.seed_from),
        )),
    )  # fmt: skip


@promise("P102", kind=STEP, source="S-165")
def shutdown_and_mount_take_their_time(s, t, n: Node, g: Group):
    """A storage group is mounted no sooner than mount_time after the CMS began to come up and its
    last log was replayed, and a cache is flushed no sooner than flush_time after it began to go
    down; where a shutdown flushes, the last log is closed after that.
    """
    node, old, new = s.node[n], s.copy[n, g], t.copy[n, g]
    ready = larger(node.pending_at, old.replay_from)
    mounts = all_of(mounted(t, n, g), ~mounted(s, n, g))
    flushed = new.flushed > old.flushed
    final = old.top + if_else(old.open_records != 0, 1, 0)
    declared = all_of(
        new.final != NEVER, old.final == NEVER, s.p.flush_time > 0,
        node.cms == Cms.OFFLINE_PENDING,
    )  # fmt: skip
    return all_of(
        implies(mounts, s.elapsed(ready, s.p.mount_time)),
        implies(flushed, s.elapsed(node.pending_at, s.p.flush_time)),
        implies(declared, old.flushed >= final),
    )


@promise("P103", kind=STEP, source="S-028")
def a_backup_takes_its_time(s, t, n: Node, g: Group):
    """A backup is recorded no sooner than it takes, counted from when it began."""
    old, new = s.copy[n, g], t.copy[n, g]
    whole = one_of(old.backup_kind, Kind.FULL, Kind.COPY)
    took = if_else(whole, s.p.backup_full_time, s.p.backup_logs_time)
    recorded = any_of(new.full != old.full, new.backed != old.backed)
    here = all_of(old.backup == Backup.RUNNING, new.backup == Backup.IDLE)
    began = all_of(old.backup == Backup.IDLE, new.backup == Backup.RUNNING)
    return all_of(
        implies(all_of(recorded, here), s.elapsed(old.backup_at, took)),
        implies(began, new.backup_at == s.now),
    )


@promise("P104", kind=STEP, source="S-044")
def a_peer_is_lost_in_time_or_by_word(s, t, n: Node):
    """A node declares its peer lost when no echo came for peer_limit, though it had that long to
    come, or when the peer said goodbye; a node that starts looks for its peer as long.
    """
    node, other = s.node[n], s.node[peer(n)]
    quiet = all_of(
        ~echoed(s, n),
        s.elapsed(node.echoed_at, s.p.peer_limit),
        s.elapsed(node.joined_at, s.p.peer_limit),
    )
    lost = all_of(node.view == View.JOINED, t.node[n].view == View.LOST)
    alone = all_of(node.view == View.SEEKING, t.node[n].view == View.LOST)
    unheard = ~all_of(talks(s, n), other.running)
    return all_of(
        implies(lost, any_of(quiet, other.left)),
        implies(alone, all_of(s.elapsed(node.started_at, s.p.peer_limit), unheard)),
    )


@promise("P105", kind=STEP, source="S-045")
def a_lease_is_given_up_when_it_is_over(s, t, n: Node):
    """A node takes its CMS down at once, or gives up its lock, only when the lease that it had is
    over and none comes.
    """
    node, new = s.node[n], t.node[n]
    stopped = all_of(
        node.power == new.power,
        one_of(node.cms, Cms.ONLINE_PENDING, Cms.ONLINE),
        new.cms == Cms.OFFLINE,
    )
    unechoed = all_of(
        s.elapsed(node.echoed_at, s.p.peer_limit + s.p.arbitration_max), ~echoed(s, n)
    )
    unrenewed = all_of(s.elapsed(node.lock_at, s.p.lock_lease), ~renewing(s, n))
    dropped = all_of(
        node.lock_at != NEVER, new.lock_at == NEVER, new.view == View.LOST, node.power == new.power
    )
    return all_of(
        implies(stopped, all_of(unechoed, unrenewed, node.view != View.FORCED)),
        implies(dropped, unrenewed),
    )
