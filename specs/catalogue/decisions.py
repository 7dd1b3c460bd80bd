"""Promises about decisions: a copy fails, a move goes on and a database is mounted for the reason
that the source document gives, and what was decided says so.

Each is a row of a truth table: what may become of a state, and why. They do not say which rule does
it, and hold for all rules together.
"""

from __future__ import annotations

from models.ccr.phrases import (
    agrees,
    controls,
    forced_newest,
    leased,
    mounted,
    mounted_earlier,
    own_newest,
    peers_newest,
    replicates,
    reseeds_incrementally,
    same_stream,
    shows_itself,
    source_answers,
)
from models.ccr.phrases_networks import operational
from models.ccr.rules.mounting import unfetched
from models.ccr.vocabulary import NEVER, SCHEMA, Cms, Copy, Group, Network, Node, Offer
from models.ccr.vocabulary_copies import Trouble
from models.language.model import STEP, property_for
from models.language.terms import all_of, any_of, if_else, implies, larger, one_of, peer

promise = property_for(SCHEMA)


def _within(log, upto):
    """A damaged or missing log, if it is not cut off."""
    return if_else(log > upto, 0, log)


@promise("P119", kind=STEP, source="S-143")
def a_copy_fails_for_its_reason(s, t, n: Node, g: Group):
    """A copy is Failed only because it diverged and cannot be healed incrementally, because a log
    failed its last inspection, is missing at the source or cannot be replayed, or because its seed
    was interrupted.
    """
    old, new, theirs = s.copy[n, g], t.copy[n, g], s.copy[peer(n), g]
    diverged = all_of(
        old.state == Copy.INITIALIZING, ~old.suspended, shows_itself(s, n, g),
        any_of(old.open_records > 0, ~agrees(s, n, g), theirs.ended),
        ~reseeds_incrementally(s, n, g), new.state == Copy.FAILED,
    )  # fmt: skip
    uninspected = all_of(
        replicates(s, n, g), old.copied > old.top, old.bad_inbox == old.top + 1,
        old.attempts + 1 >= s.p.inspection_attempts,
        s.elapsed(old.inspect_from, s.p.inspect_time),
    )  # fmt: skip
    missing = all_of(
        replicates(s, n, g), same_stream(s, n, g), old.copied == old.top,
        old.copied < old.notified, theirs.missing_log == old.copied + 1,
        s.elapsed(old.copy_from, s.p.copy_time),
        any_of(old.failed_from == NEVER, s.elapsed(old.failed_from, s.p.copy_retry)),
    )  # fmt: skip
    unreplayed = all_of(
        old.state == Copy.HEALTHY, ~old.suspended, old.replayed < old.top,
        old.bad_log == old.replayed + 1, s.elapsed(old.replay_from, s.p.replay_time),
    )  # fmt: skip
    interrupted = all_of(old.state == Copy.SEEDING, new.state == Copy.FAILED, new.suspended)
    reasons = {
        Trouble.DIVERGED: diverged,
        Trouble.INSPECTION_FAILED: uninspected,
        Trouble.LOG_MISSING: missing,
        Trouble.REPLAY_FAILED: unreplayed,
        Trouble.SEED_INTERRUPTED: interrupted,
    }
    changed = new.trouble != old.trouble
    return all_of(
        *(implies(all_of(changed, new.trouble == x), why) for x, why in reasons.items()),
        implies(
            all_of(new.state == Copy.FAILED, old.state != Copy.FAILED),
            one_of(new.trouble, Trouble.DIVERGED, Trouble.SEED_INTERRUPTED),
        ),
    )


@promise("P120", kind=STEP, source="S-081")
def a_damaged_log_is_taken_for_one(s, t, n: Node, g: Group):
    """A damaged log is neither inspected as sound nor replayed; one that is copied is as damaged as
    at the source, and one that is missing there is not copied. What failed inspection is discarded,
    and counted as an attempt; what passed forgets the attempts.
    """
    old, new, theirs = s.copy[n, g], t.copy[n, g], s.copy[peer(n), g]
    passive = all_of(old.state == Copy.HEALTHY, new.state == Copy.HEALTHY,
                     new.restored == old.restored)  # fmt: skip
    copied = all_of(new.copied == old.copied + 1, new.top == old.top)
    inspected = all_of(new.top == old.top + 1)
    replayed = all_of(new.replayed == old.replayed + 1, new.top == old.top)
    discarded = all_of(new.copied < old.copied, new.top == old.top, new.checking == old.checking)
    damaged = theirs.bad_log == new.copied
    again = all_of(new.copy_from == s.now, new.attempts < s.p.inspection_attempts)
    failed = all_of(
        new.attempts == old.attempts + 1, new.copied == old.top, new.bad_inbox == 0,
        old.bad_inbox == old.top + 1, old.top < old.copied, replicates(s, n, g),
        s.elapsed(old.inspect_from, s.p.inspect_time),
        any_of(new.trouble == Trouble.INSPECTION_FAILED, again),
    )  # fmt: skip
    return implies(
        passive,
        all_of(
            implies(
                copied,
                all_of(
                    theirs.missing_log != new.copied,
                    new.failed_from == NEVER,
                    implies(all_of(damaged, old.bad_inbox == 0), new.bad_inbox == new.copied),
                    implies(new.bad_inbox != old.bad_inbox, all_of(damaged, old.bad_inbox == 0,
                                                                   new.bad_inbox == new.copied)),
                    any_of(old.failed_from == NEVER, s.elapsed(old.failed_from, s.p.copy_retry)),
                ),
            ),
            implies(inspected, all_of(old.bad_inbox != new.top, new.attempts == 0)),
            implies(replayed, old.bad_log != new.replayed),
            implies(any_of(discarded, new.attempts > old.attempts), failed),
        ),
    )  # fmt: skip


@promise("P121", kind=STEP, source="T4")
def a_resumed_copy_is_looked_at_anew(s, t, n: Node, g: Group):
    """A copy that an operator resumes has its attempts again, and is compared with its source if it
    was healthy; one that was compared, or resumed its stream, has nothing in its inspector
    directory, and its times count anew.
    """
    old, new = s.copy[n, g], t.copy[n, g]
    theirs = s.copy[peer(n), g]
    resumed = all_of(old.suspended, ~new.suspended, new.state == old.state,
                     new.state != Copy.ACTIVE, new.restored == old.restored)  # fmt: skip
    compared = all_of(old.checking, ~new.checking, new.state == Copy.HEALTHY, ~old.suspended,
                      new.restored == old.restored)  # fmt: skip
    verified = all_of(compared, old.state == Copy.HEALTHY)
    joined = all_of(old.state == Copy.INITIALIZING, new.state == Copy.HEALTHY)
    clean = all_of(new.copied == new.top, new.bad_inbox == 0, new.attempts == 0, ~new.checking)
    again = all_of(
        new.trouble == Trouble.NONE, new.failed_from == NEVER, new.copy_from == s.now,
        new.replay_from == s.now, same_stream(s, n, g),
        old.top <= s.copy[peer(n), g].top,
    )  # fmt: skip
    return all_of(
        implies(resumed, all_of(new.attempts == 0, new.checking == (old.state == Copy.HEALTHY))),
        implies(verified, all_of(clean, again)),
        implies(
            joined,
            all_of(
                clean,
                new.final_epoch == 0,
                new.final == NEVER,
                ~old.suspended,
                any_of(theirs.loss_exact, old.top < theirs.fork),
            ),
        ),
    )


@promise("P122", kind=STEP, source="S-147")
def a_healed_copy_is_cut_where_the_streams_part(s, t, n: Node, g: Group):
    """An incremental reseed begins at a copy that returned and differs, once what was lost is
    counted, and cuts it where the newer stream forked: nothing beyond is left, damaged or not.
    """
    old, new, theirs = s.copy[n, g], t.copy[n, g], s.copy[peer(n), g]
    begins = all_of(new.state == Copy.SYNCHRONIZING, old.state != Copy.SYNCHRONIZING)
    ends = all_of(old.state == Copy.SYNCHRONIZING, new.state == Copy.HEALTHY)
    cut = all_of(
        *(x == theirs.fork for x in (new.top, new.notified, new.copied)),
        new.replayed <= theirs.fork, new.checkpoint <= theirs.fork, new.open_records == 0,
        new.bad_log == _within(old.bad_log, theirs.fork),
        new.missing_log == _within(old.missing_log, theirs.fork),
        new.bad_inbox == 0, new.attempts == 0, ~new.checking, new.final == NEVER,
        new.final_epoch == 0, new.lineage == theirs.lineage,
    )  # fmt: skip
    why = all_of(
        ~old.suspended, shows_itself(s, n, g), theirs.loss_exact, reseeds_incrementally(s, n, g),
        any_of(old.open_records > 0, ~agrees(s, n, g)),
    )  # fmt: skip
    return all_of(
        implies(begins, all_of(cut, why)),
        implies(ends, all_of(~old.suspended, same_stream(s, n, g))),
    )


@promise("P126", kind=STEP, source="S-125")
def a_mount_with_a_loss_is_decided(s, t, n: Node, g: Group):
    """After a failover a copy of the peer's stream is mounted within the dial, after it was held
    back for as long as was set beforehand, or because an operator made it viable; a loss is stated,
    nothing of a passive copy is left, and no final generation stands against it. It is held back,
    or made viable, only while nothing more can be fetched; a node's own stream if it is newest.
    """
    old, new = s.copy[n, g], t.copy[n, g]
    node, lost = s.node[n], s.copy[n, g].notified - s.copy[n, g].top
    mounts = new.active_epoch != old.active_epoch
    forked = all_of(mounts, new.lineage != old.lineage)
    lossy = all_of(forked, ~new.loss_exact, old.state == Copy.HEALTHY, peers_newest(s, n, g))
    dial = all_of(s.p.dial > 0, lost <= s.p.dial)
    overdue = all_of(
        s.p.forced_mount_after > 0, old.waits_epoch == node.open,
        s.elapsed(old.waits_from, s.p.forced_mount_after),
    )  # fmt: skip
    restored = old.restored == node.open
    own = all_of(mounts, old.state == Copy.ACTIVE, ~forced_newest(s, n, g))
    newest = any_of(own_newest(s, n, g), all_of(peers_newest(s, n, g), mounted_earlier(s, n, g)))
    here = all_of(
        one_of(node.cms, Cms.ONLINE_PENDING, Cms.ONLINE), controls(s, n), ~mounted(s, n, g),
        peers_newest(s, n, g), node.taken == Offer.FAILOVER, old.state == Copy.HEALTHY,
        s.elapsed(larger(node.pending_at, old.replay_from), s.p.mount_time),
    )  # fmt: skip
    sound = all_of(old.trouble == Trouble.NONE, ~old.suspended, old.copied == old.top,
                   old.replayed == old.top)  # fmt: skip
    held = all_of(
        here, sound, ~dial, old.final_epoch != node.open, leased(s, n), unfetched(s, n, g),
        new.waits_epoch == node.open, new.waits_from == s.now,
    )  # fmt: skip
    ordered = all_of(
        here, new.restored == node.open, ~new.checking, new.bad_inbox == 0,
        new.replay_from == s.now, ~new.suspended, new.copied == new.top,
        any_of(unfetched(s, n, g), old.trouble != Trouble.NONE),
    )  # fmt: skip
    return all_of(
        implies(own, newest),
        implies(new.waits_epoch != old.waits_epoch, held),
        implies(new.restored != old.restored, ordered),
        implies(all_of(lossy, ~restored), unfetched(s, n, g)),
        implies(mounts, all_of(mounted(t, n, g), ~mounted(s, n, g), new.final == NEVER,
                               new.bad_inbox == 0)),
        implies(forked, all_of(any_of(new.loss_exact, new.lost == larger(lost, 0)),
                               implies(new.loss_exact, new.lost == 0), new.lost_open == 0,
                               implies(new.ended, restored))),
        implies(all_of(lossy, ~dial, ~overdue), new.ended),
        implies(lossy, all_of(node.taken == Offer.FAILOVER, any_of(dial, overdue, restored),
                              any_of(restored, old.final_epoch != node.open), ~old.suspended)),
    )  # fmt: skip


@promise("P127", kind=STEP, source="S-116")
def a_loss_is_counted_from_the_files(s, t, n: Node, g: Group):
    """An unknown loss becomes known by reading the old active's files: what its stream, open log
    included, has beyond the fork.
    """
    old, new, theirs = s.copy[n, g], t.copy[n, g], s.copy[peer(n), g]
    counted = all_of(new.loss_exact, ~old.loss_exact, new.active_epoch == old.active_epoch)
    told = all_of(
        old.state == Copy.ACTIVE, source_answers(s, n),
        theirs.lineage == old.parent, theirs.lineage_by == old.parent_by, theirs.top >= old.fork,
        new.lost == theirs.top - old.fork, new.lost_open == theirs.open_records,
    )  # fmt: skip
    return implies(counted, told)


@promise("P128", kind=STEP, source="S-114")
def at_most_two_networks_are_named_for_a_seed(s, t, n: Node, g: Group, w: Network):
    """A network is named for the next seed only if it is operational, in a release that has
    redundant networks, while no seed runs, and if fewer than two are; it is forgotten after it.
    """
    old, new = s.copy[n, g], t.copy[n, g]
    named = all_of(new.seeds_over[w], ~old.seeds_over[w])
    forgotten = all_of(~new.seeds_over[w], old.seeds_over[w])
    more, less = new.seed_names == old.seed_names + 1, new.seed_names == old.seed_names - 1
    release = s.p.redundant_networks == 1
    why = all_of(old.seed_names < 2, release, operational(s, n, w), old.state != Copy.SEEDING)
    return all_of(
        implies(named, all_of(more, why, new.named_at == s.now)),
        implies(forgotten, all_of(less, old.state != Copy.SEEDING, old.seed_from >= old.named_at)),
        implies(new.seed_names > old.seed_names, all_of(more, old.seed_names < 2)),
        implies(more, release),
    )
