"""Promises about dates: a stamp is of a time that was, is set to the present or forgotten, and each
wait counts from when its cause came about.

They are about the stamps of whole records, whichever rule sets them. A wait that counted from
something older would be over too soon; one from something newer, too late.
"""

from __future__ import annotations

from models.ccr.vocabulary import NEVER, SCHEMA, Cms, Copy, Group, Node, View
from models.ccr.vocabulary_lcr import Lcr, Local, Server
from models.ccr.vocabulary_standby import Target
from models.language.model import ALWAYS, STEP, property_for
from models.language.terms import all_of, any_of, implies, one_of

from .conduct import COPY_STAMPS, STAMPS

promise = property_for(SCHEMA)

NODE = (*STAMPS, "pending_at")
COPY = (*COPY_STAMPS, "replay_from", "named_at")
PIPELINE = ("copy_from", "inspect_from", "replay_from")
STANDBY = (*PIPELINE, "told_at_1", "told_at_2", "told_at_3", "told_at_4")
LOCAL = (*PIPELINE, "written_at", "seed_from")
MAIL = ("seen_at", "kept_at")


def _no_less(row, names, least=NEVER):
    return [getattr(row, name) >= least for name in names]


@promise("P95", kind=ALWAYS, source="D-17")
def no_stamp_is_of_before_the_cluster(s, n: Node, g: Group, t: Target, v: Server, h: Local):
    """Every stamp that a service keeps is of a time since the cluster began, or says never."""
    return all_of(
        s.now >= 0,
        *_no_less(s.node[n], NODE),
        *_no_less(s.copy[n, g], COPY),
        *_no_less(s.shipping[n], ("looked_at",)),
        *_no_less(s.standby[t, g], (*STANDBY, "clear_at", "seed_from")),
        *_no_less(s.remote[t, v, h], (*STANDBY, "clear_at", "seed_from")),
        *_no_less(s.local[v, h], LOCAL),
        *_no_less(s.intake[n, g], MAIL),
    )


@promise("P96", kind=ALWAYS, source="S-078")
def nothing_is_counted_below_none(s, n: Node, g: Group, t: Target, v: Server, h: Local):
    """No count and no generation is less than none: an unknown or undeclared one says never."""
    copy, far = s.copy[n, g], s.standby[t, g]
    return all_of(
        *_no_less(copy, ("attempts", "bad_inbox", "bad_log", "missing_log"), 0),
        *_no_less(copy, ("flushed", "lost_open", "noted", "final_epoch", "backup_to"), 0),
        *_no_less(copy, ("final", "full", "lost")),
        *_no_less(far, ("due", "clear", "base", "notified", "lineage"), 0),
        *_no_less(far, ("lost",)),
        *_no_less(s.remote[t, v, h], ("due", "base", "notified", "lineage"), 0),
        *_no_less(s.remote[t, v, h], ("lost",)),
        *_no_less(s.local[v, h], ("open_records", "lost_open", "copied", "fork", "closed_at"), 0),
        *_no_less(s.local[v, h], ("lost",)),
        *_no_less(s.intake[n, g], ("seen_log", "kept_log"), 0),
    )


def _kept_set_or_cleared(s, before, after, names, *others):
    found = []
    for name in names:
        old, new = getattr(before, name), getattr(after, name)
        found.append(any_of(new == old, new == s.now, new == NEVER, *(new == x for x in others)))
    return found


@promise("P97", kind=STEP, source="D-17")
def no_stamp_is_invented(s, u, n: Node, g: Group, t: Target, v: Server, h: Local):
    """A step leaves a stamp as it is, sets it to the present, or clears it.

    But for the lease, which counts from when the lock was asked for; replay, which waits until a
    cache is built; and the note of an open log, which becomes the one before.
    """
    node, copy, far, note = s.node[n], s.copy[n, g], s.standby[t, g], s.intake[n, g]
    remote = s.remote[t, v, h]
    plain = [x for x in NODE if x != "lock_at"]
    return all_of(
        *_kept_set_or_cleared(s, node, u.node[n], plain),
        *_kept_set_or_cleared(s, node, u.node[n], ("lock_at",), node.asked_at),
        *_kept_set_or_cleared(s, copy, u.copy[n, g], [x for x in COPY if x != "replay_from"]),
        *_kept_set_or_cleared(s, copy, u.copy[n, g], ("replay_from",), s.now + s.p.cache_time),
        *_kept_set_or_cleared(s, far, u.standby[t, g], (*PIPELINE, "clear_at", "seed_from")),
        *_kept_set_or_cleared(s, remote, u.remote[t, v, h], (*PIPELINE, "clear_at", "seed_from")),
        *_kept_set_or_cleared(s, s.local[v, h], u.local[v, h], LOCAL),
        *_kept_set_or_cleared(s, note, u.intake[n, g], ("seen_at",)),
        *_kept_set_or_cleared(s, note, u.intake[n, g], ("kept_at",), note.seen_at),
        *_kept_set_or_cleared(s, s.shipping[n], u.shipping[n], ("looked_at",)),
    )


@promise("P98", kind=STEP, source="D-17")
def what_begins_at_a_node_is_dated(s, t, n: Node):
    """What begins at a node is dated by the present: the service's start, a place in the pair, the
    loss of the peer, a check of the share, the way up or down of the CMS, a move.
    """
    old, new = s.node[n], t.node[n]
    begun = {
        new.started_at: all_of(new.running, ~old.running),
        new.joined_at: all_of(new.view == View.JOINED, new.open != old.open),
        new.lost_at: any_of(
            all_of(new.view == View.LOST, one_of(old.view, View.SEEKING, View.JOINED, View.ALONE)),
            all_of(new.view == View.FORCED, old.view != View.FORCED),
            all_of(new.view == View.LOST, new.lock_at == NEVER, old.lock_at != NEVER),
        ),
        new.checked_at: any_of(new.share_seen != old.share_seen, all_of(new.running, ~old.running)),
        new.pending_at: all_of(
            one_of(new.cms, Cms.ONLINE_PENDING, Cms.OFFLINE_PENDING), new.cms != old.cms
        ),
        new.moved_at: all_of(new.move, ~old.move),
        new.watch_since: new.watch_seen != old.watch_seen,
        new.echoed_at: all_of(new.echoed_at != old.echoed_at, new.echoed_at != NEVER),
    }
    alive = all_of(t.node[n].power == s.node[n].power)
    return implies(alive, all_of(*(implies(when, stamp == s.now) for stamp, when in begun.items())))


def _pipeline(s, old, new, inspected, cache=0):
    """What the stamps of one copy say after a log went one stage on."""
    was, now = getattr(old, inspected), getattr(new, inspected)
    copied = all_of(new.copied == old.copied + 1, now == was)
    looked = all_of(now == was + 1, new.copied == old.copied, new.replayed == old.replayed)
    replayed = all_of(new.replayed == old.replayed + 1, now == was, new.copied == old.copied)
    told = []
    if inspected == "top":
        idle = all_of(old.notified == old.copied, new.copied == old.copied)
        told = [implies(all_of(new.notified > old.notified, idle), new.copy_from == s.now)]
    return all_of(
        *told,
        implies(copied, new.copy_from == s.now),
        implies(all_of(copied, old.copied == was), new.inspect_from == s.now),
        implies(looked, new.inspect_from == s.now),
        implies(all_of(looked, old.replayed == was), new.replay_from == s.now + cache),
        implies(replayed, new.replay_from == s.now),
    )


@promise("P87", kind=STEP, source="S-079")
def each_log_counts_from_the_one_before(s, u, n: Node, g: Group, t: Target, v: Server, h: Local):
    """The time of the next log counts from when the one before was done, or from when it came: of
    copying, of inspection, of replay, at every kind of copy.
    """
    old, new, mine, then = s.copy[n, g], u.copy[n, g], s.local[v, h], u.local[v, h]
    passive = all_of(old.state == Copy.HEALTHY, new.state == Copy.HEALTHY)
    copying = all_of(mine.lcr == Lcr.HEALTHY, then.lcr == Lcr.HEALTHY)
    closed = all_of(then.top == mine.top + 1, mine.copied == mine.top)
    return all_of(
        implies(passive, _pipeline(s, old, new, "top", s.p.cache_time)),
        *(
            implies(a.state == b.state, _pipeline(s, a, b, "top"))
            for a, b in ((s.standby[t, g], u.standby[t, g]), (s.remote[t, v, h], u.remote[t, v, h]))
        ),
        implies(copying, _pipeline(s, mine, then, "inspected")),
        implies(closed, then.copy_from == s.now),
    )
