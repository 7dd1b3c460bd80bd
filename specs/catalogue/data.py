"""Promises of the data plane: what is shipped and replayed, what a move keeps, what a failover may
lose.

They follow one arbitrary acknowledged record of one arbitrary storage group through every place it
can be in. After a forced quorum they hold as long as the operator's attestation does.
"""

from __future__ import annotations

from models.ccr.phrases import same_stream
from models.ccr.vocabulary import SCHEMA, Copy, Group, Node, Offer
from models.language.model import ALWAYS, STEP, property_for
from models.language.terms import all_of, any_of, implies, negate, one_of, peer

promise = property_for(SCHEMA)


def attested(s):
    """The operator's attestation of every forced quorum held."""
    return negate(s.history.attestation_broken)


def holds(s, n, g):
    """The record is in a closed log or in the database on n."""
    return any_of(s.record[g].in_logs[n], s.record[g].in_database[n])


def follows(s, n, g):
    """The copy on n is a passive copy of the peer's stream: a prefix of it, whether it replicates,
    or is suspended, failed for a log, or synchronizing.
    """
    a, b = s.copy[n, g], s.copy[peer(n), g]
    return all_of(prefix(s, n, g), b.active_epoch > a.active_epoch, same_stream(s, n, g))


def prefix(s, n, g):
    """The copy on n is a prefix of the stream that it follows or followed."""
    return one_of(s.copy[n, g].state, Copy.HEALTHY, Copy.SYNCHRONIZING)


@promise("P11", kind=ALWAYS, source="I3")
def pipeline_in_order(s, n: Node, g: Group):
    """On one lineage: replayed <= inspected <= copied <= notified <= generated."""
    a, b = s.copy[n, g], s.copy[peer(n), g]
    order = all_of(a.replayed >= 0, a.replayed <= a.top, a.top <= a.copied, a.copied <= a.notified)
    return all_of(
        implies(prefix(s, n, g), order),
        implies(follows(s, n, g) & attested(s), a.notified <= b.top),
    )


@promise("P12", kind=STEP, source="S-081", at=("replay_log",))
def nothing_replayed_uninspected(s, t, n: Node, g: Group):
    """A log is replayed only after it was inspected: what reaches the database was in the log
    directory.
    """
    reached = all_of(t.record[g].in_database[n], ~s.record[g].in_database[n])
    return all_of(
        implies(reached, s.record[g].in_logs[n]),
        implies(
            t.copy[n, g].replayed > s.copy[n, g].replayed, t.copy[n, g].replayed <= s.copy[n, g].top
        ),
    )


@promise("P13", kind=ALWAYS, source="S-017")
def no_open_log_shipped(s, n: Node, g: Group):
    """A record in an open log is nowhere else: no open log is shipped."""
    rec = s.record[g]
    elsewhere = any_of(
        *(any_of(rec.in_inbox[x], rec.in_logs[x], rec.in_database[x]) for x in (n, peer(n))),
        rec.in_open[peer(n)],
    )
    return implies(rec.in_open[n], ~elsewhere)


@promise("P14", kind=ALWAYS, source="I7")
def copies_share_one_history(s, n: Node, g: Group):
    """A healthy passive copy is a prefix of the active one: up to what it replayed both databases
    hold the same records.
    """
    rec = s.record[g]
    upto = rec.generation <= s.copy[n, g].replayed
    return implies(
        all_of(attested(s), follows(s, n, g)),
        all_of(
            implies(holds(s, n, g), rec.in_database[peer(n)]),
            implies(all_of(rec.in_database[peer(n)], upto), rec.in_database[n]),
        ),
    )


@promise(
    "P15", kind=STEP, source="design", at=("copy_log", "resume_stream", "begin_incremental_reseed")
)
def no_old_log_in_a_new_lineage(s, t, n: Node, g: Group):
    """What enters a copy of a lineage from its source is in that source's database: no log of an
    older lineage does.
    """
    rec = s.record[g]
    entered = any_of(
        all_of(t.record[g].in_inbox[n], ~rec.in_inbox[n]),
        all_of(t.copy[n, g].lineage != s.copy[n, g].lineage, holds(t, n, g)),
    )
    return implies(all_of(attested(s), entered), rec.in_database[peer(n)])


def _mounts(s, t, n, g):
    """This storage group is mounted in this step on n, from a stream that the peer had mounted
    later.
    """
    new = t.copy[n, g].active_epoch > s.copy[n, g].active_epoch
    return all_of(attested(s), new, s.copy[peer(n), g].active_epoch > s.copy[n, g].active_epoch)


@promise("P16", kind=STEP, source="S-015", at=("mount_own", "mount_lossless", "mount_lossy"))
def completed_move_keeps_every_record(s, t, n: Node, g: Group):
    """When a storage group is mounted on the target of a move, every record that the source held
    when it was dismounted is in the target's database.
    """
    moved = all_of(_mounts(s, t, n, g), s.node[n].taken == Offer.MOVE, s.record[g].due[peer(n)])
    return implies(moved, t.record[g].in_database[n])


@promise("P17", kind=STEP, source="S-019", at=("mount_lossless",))
def lossless_mount_loses_nothing(s, t, n: Node, g: Group):
    """A mount called lossless has every record that the dismounted source held."""
    lost_nothing = all_of(_mounts(s, t, n, g), s.record[g].due[peer(n)])
    return implies(lost_nothing, t.record[g].in_database[n])


@promise("P18", kind=STEP, source="I9", at=("mount_lossy",))
def known_loss_within_the_dial(s, t, n: Node, g: Group):
    """A mount that nobody ordered has a known loss of at most the dial's closed logs; Lossless
    mounts none by itself.
    """
    new = t.copy[n, g].active_epoch > s.copy[n, g].active_epoch
    return implies(new, all_of(t.copy[n, g].lost <= s.p.dial, s.p.dial > 0))


@promise("P19", kind=STEP, source="S-094", at=("mount_lossy",))
def known_loss_is_what_was_notified(s, t, n: Node, g: Group):
    """The loss stated at a mount is every generation the copy had been told of and does not
    hold.
    """
    new = t.copy[n, g].active_epoch > s.copy[n, g].active_epoch
    return implies(new, t.copy[n, g].lost == s.copy[n, g].notified - s.copy[n, g].top)
