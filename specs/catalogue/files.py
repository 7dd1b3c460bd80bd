"""Promises about backup and truncation: a deleted log is never needed again (I12).

The tracked generation is any: proofs leave the parameter free. After a forced quorum the promises
that compare two copies hold as long as the operator's attestation does.
"""

from __future__ import annotations

from models.ccr.phrases import leased, mounted, replicates, source_answers
from models.ccr.phrases_files import backing_up, backup_after, truncating
from models.ccr.vocabulary import SCHEMA, Copy, Group, Node
from models.ccr.vocabulary_files import Backup
from models.language.model import ALWAYS, STEP, property_for
from models.language.terms import all_of, any_of, implies, larger, negate, one_of, peer

from .data import attested, follows

promise = property_for(SCHEMA)


def kept(s, n, g):
    """The log of the tracked generation is in the log directory on n, if it ever was."""
    return s.copy[n, g].low <= s.p.tracked_generation


def after(s, position):
    """The tracked generation is above a position."""
    return s.p.tracked_generation > position


def upto(s, position):
    """The tracked generation is not above a position."""
    return s.p.tracked_generation <= position


def usable(s, n, g):
    """The copy on n is active, or a healthy passive copy: it may be mounted."""
    return one_of(s.copy[n, g].state, Copy.ACTIVE, Copy.HEALTHY)


@promise("P40", kind=ALWAYS, source="I12")
def recovery_has_its_logs(s, n: Node, g: Group):
    """Every log that a crash recovery or a replay of this copy needs is there: all above its
    checkpoint.
    """
    a = s.copy[n, g]
    return all_of(
        implies(all_of(usable(s, n, g), after(s, a.checkpoint), upto(s, a.top)), kept(s, n, g)),
        a.checkpoint <= a.replayed,
    )


@promise("P41", kind=ALWAYS, source="I12")
def follower_finds_its_logs(s, n: Node, g: Group):
    """Every log that a following passive copy has not inspected yet is on the active node."""
    mine, theirs = s.copy[n, g], s.copy[peer(n), g]
    wanted = all_of(after(s, mine.top), upto(s, theirs.top))
    return implies(all_of(attested(s), follows(s, n, g), wanted), kept(s, peer(n), g))


@promise("P42", kind=ALWAYS, source="I12")
def returning_copy_finds_its_logs(s, n: Node, g: Group):
    """Every log that a returning copy lacks is on the active node, if the newer stream forked from
    its own at or after its last log and it is neither failed nor being seeded.
    """
    mine, theirs = s.copy[n, g], s.copy[peer(n), g]
    forked = all_of(
        theirs.active_epoch > mine.active_epoch,
        theirs.parent == mine.lineage,
        theirs.parent_by == mine.lineage_by,
        mine.top <= theirs.fork,
        negate(one_of(mine.state, Copy.FAILED, Copy.SEEDING)),
    )
    wanted = all_of(after(s, mine.top), upto(s, theirs.top))
    return implies(all_of(attested(s), forked, wanted), kept(s, peer(n), g))


@promise("P43", kind=STEP, source="I12", at=("delete_logs", "delete_passive_logs"))
def unhealthy_passive_pins_all_logs(s, t, n: Node, g: Group):
    """A log of an active copy is deleted only where it is mounted, and never while the other node's
    copy is suspended, being seeded, failed or not back yet.
    """
    gone = all_of(kept(s, n, g), negate(kept(t, n, g)), s.copy[n, g].state == Copy.ACTIVE)
    return implies(gone, all_of(mounted(s, n, g), replicates(s, peer(n), g)))


@promise("P44", kind=ALWAYS, source="I12")
def next_backup_finds_its_logs(s, n: Node, g: Group):
    """Every log that is not backed up, as this copy's header says, is in its log directory, if it
    is newer than the copy's seed.
    """
    a = s.copy[n, g]
    return implies(all_of(after(s, larger(a.backed, a.base)), upto(s, a.top)), kept(s, n, g))


@promise("P45", kind=ALWAYS, source="I12")
def chain_has_no_gap(s, n: Node, g: Group):
    """Every log between the last full backup and the newest generation that the header calls
    backed up is in an incremental backup: the chain restores.
    """
    a = s.copy[n, g]
    chained = all_of(a.full >= 0, after(s, a.full), upto(s, a.backed))
    return implies(chained, s.archive[g].saved[n])


@promise("P46", kind=STEP, source="T5", at=("finish_backup",))
def copy_and_differential_free_no_log(s, t, n: Node, g: Group):
    """A copy or differential backup leaves the header as it was: no log may be deleted for it."""
    a, b = s.copy[n, g], t.copy[n, g]
    done = all_of(a.backup == Backup.RUNNING, b.backup == Backup.IDLE)
    same = all_of(a.full == b.full, a.backed == b.backed, a.noted == b.noted)
    return implies(all_of(done, ~truncating(a.backup_kind)), same)


@promise("P47", kind=STEP, source="I12", at=("delete_logs", "delete_passive_logs"))
def running_backup_keeps_its_logs(s, t, n: Node, g: Group):
    """No log that a running incremental or differential backup is to take from this copy is
    deleted.
    """
    gone = all_of(kept(s, n, g), negate(kept(t, n, g)))

    def takes(m):
        a = s.copy[m, g]
        needed = all_of(after(s, backup_after(a, a.backup_kind, a.backup_to)), upto(s, a.backup_to))
        return all_of(backing_up(s, m, g), a.backup_of == n, needed)

    return implies(gone, negate(any_of(takes(n), takes(peer(n)))))


@promise("P48", kind=STEP, source="T5", at=("delete_passive_logs",))
def passive_deletes_after_its_source(s, t, n: Node, g: Group):
    """A passive copy deletes no log that its source, the active copy of its stream, still has, and
    none while the source does not answer: what others could fetch before a failover they can
    fetch after it.
    """
    gone = all_of(kept(s, n, g), negate(kept(t, n, g)), negate(mounted(s, n, g)))
    allowed = all_of(follows(s, n, g), source_answers(s, n), ~kept(s, peer(n), g))
    return implies(all_of(gone, attested(s)), allowed)


@promise("P49", kind=STEP, source="T5")
def header_changes_by_the_store_only(s, t, n: Node, g: Group):
    """The header changes only where the storage group is mounted under a valid lease, by a backup
    that ends there, with the log stream, or with a whole seed: replication never writes it (the
    copies would diverge).
    """
    a, b, theirs = s.copy[n, g], t.copy[n, g], s.copy[peer(n), g]
    changed = any_of(a.full != b.full, a.backed != b.backed)
    recorded = all_of(a.backup == Backup.RUNNING, backing_up(s, n, g), leased(s, n))
    streamed = all_of(b.full == theirs.full, b.backed == theirs.backed, b.noted == theirs.noted)
    replayed = all_of(follows(s, n, g), b.noted <= a.replayed)
    seeded = any_of(a.state == Copy.SEEDING, b.state == Copy.SEEDING)
    return implies(changed, any_of(recorded, seeded, all_of(streamed, replayed)))
