"""What the proofs of the data plane lean on: where the record can be, and how two copies relate
after a mount.
"""

from __future__ import annotations

from models.ccr.phrases import controls
from models.ccr.vocabulary import NEVER, SCHEMA, Cms, Copy, Group, Node
from models.language.model import LEMMA, property_for
from models.language.terms import NOBODY, all_of, any_of, implies, one_of, peer

from .data import attested, follows, holds, prefix

lemma = property_for(SCHEMA)


@lemma("L50", kind=LEMMA, source="design")
def positions_are_sane(s, n: Node, g: Group):
    """Positions of any copy: nothing negative, nothing replayed beyond the log directory, a fork
    within it.
    """
    a = s.copy[n, g]
    return all_of(
        a.replayed >= 0,
        a.replayed <= a.top,
        a.fork >= 0,
        a.fork <= a.top,
        a.open_records >= 0,
        any_of(a.active_epoch == 0, a.active_epoch >= 2),
        a.active_epoch <= s.node[n].open,
        a.mounted_run <= s.node[n].run,
        implies(prefix(s, n, g), all_of(a.open_records == 0, a.final == NEVER)),
        implies(a.final >= 0, a.final == a.top),
        a.final_epoch <= s.node[n].open,
        implies(a.state == Copy.ACTIVE, a.lineage_by != peer(n)),
    )


@lemma("L51", kind=LEMMA, source="design")
def mounted_is_active(s, n: Node, g: Group):
    """A copy that is not active is not mounted, and will not be without a new run of the CMS."""
    a, node = s.copy[n, g], s.node[n]
    closed = one_of(node.cms, Cms.OFFLINE, Cms.FAILED, Cms.OFFLINE_PENDING)
    return all_of(
        any_of(a.state == Copy.ACTIVE, a.mounted_run < node.run, closed),
        any_of(a.final == NEVER, a.mounted_run < node.run, closed),
    )


@lemma("L52", kind=LEMMA, source="design")
def record_is_written_once(s, n: Node, g: Group):
    """The record is acknowledged once, into one open log, and gets its generation when that is
    closed.
    """
    rec = s.record[g]
    placed = any_of(
        *(any_of(rec.in_inbox[x], rec.in_logs[x], rec.in_database[x]) for x in (n, peer(n)))
    )
    return all_of(
        rec.count >= 0,
        implies(rec.acked, rec.count >= s.p.tracked_record),
        implies(~rec.acked, rec.count < s.p.tracked_record),
        implies(any_of(placed, rec.in_open[n]), rec.acked),
        implies(rec.in_open[n], all_of(rec.generation == NEVER, s.copy[n, g].open_records > 0)),
        implies(placed, rec.generation >= 1),
        any_of(rec.generation == NEVER, rec.generation >= 1),
        implies(~rec.acked, rec.generation == NEVER),
    )


@lemma("L53", kind=LEMMA, source="design")
def record_is_where_positions_say(s, n: Node, g: Group):
    """A record in the log directory or the database is not beyond their positions; one in the
    inspector directory is.
    """
    a, rec = s.copy[n, g], s.record[g]
    return all_of(
        implies(rec.in_logs[n], rec.generation <= a.top),
        implies(rec.in_database[n], rec.generation <= a.replayed),
        implies(all_of(rec.in_inbox[n], prefix(s, n, g)), rec.generation <= a.copied),
    )


@lemma("L54", kind=LEMMA, source="design")
def later_mounted_is_active(s, n: Node, g: Group):
    """The copy that was mounted later is active; two copies were never mounted in one epoch."""
    a, b = s.copy[n, g], s.copy[peer(n), g]
    return implies(
        attested(s),
        all_of(
            implies(b.active_epoch > a.active_epoch, b.state == Copy.ACTIVE),
            any_of(a.active_epoch != b.active_epoch, a.active_epoch == 0),
        ),
    )


@lemma("L55", kind=LEMMA, source="design")
def follower_has_what_it_passed(s, n: Node, g: Group):
    """A follower has the record where its positions say, and what it has not copied lies at the
    source as a closed log.
    """
    a, rec = s.copy[n, g], s.record[g]
    at_source = rec.in_database[peer(n)]
    return implies(
        all_of(attested(s), follows(s, n, g)),
        all_of(
            implies(any_of(rec.in_inbox[n], holds(s, n, g)), at_source),
            implies(all_of(at_source, rec.generation <= a.replayed), rec.in_database[n]),
            implies(
                all_of(at_source, rec.generation > a.replayed, rec.generation <= a.top),
                rec.in_logs[n],
            ),
            implies(
                all_of(at_source, rec.generation > a.top, rec.generation <= a.copied),
                rec.in_inbox[n],
            ),
            implies(all_of(at_source, rec.generation > a.replayed), rec.in_logs[peer(n)]),
        ),
    )


@lemma("L56", kind=LEMMA, source="design")
def fork_shares_its_past(s, n: Node, g: Group):
    """Two copies, one forked from the other's stream, hold the same records up to the fork, as far
    as the older reaches.
    """
    a, b, rec = s.copy[n, g], s.copy[peer(n), g], s.record[g]
    forked = all_of(
        b.parent == a.lineage,
        b.parent_by == a.lineage_by,
        b.active_epoch > a.active_epoch,
        ~one_of(a.state, Copy.SEEDING, Copy.FAILED),
    )
    there, past = rec.in_database[peer(n)], rec.generation <= b.fork
    inbox = all_of(past, rec.generation > a.top, rec.generation <= a.copied)
    healthy = prefix(s, n, g)
    return implies(
        all_of(attested(s), forked),
        all_of(
            implies(a.state == Copy.ACTIVE, a.top >= b.fork),
            implies(all_of(holds(s, n, g), past), there),
            implies(all_of(there, past, rec.generation <= a.top), holds(s, n, g)),
            implies(
                all_of(there, any_of(~past, rec.generation > a.replayed)), rec.in_logs[peer(n)]
            ),
            implies(all_of(healthy, rec.in_inbox[n], past), there),
            implies(all_of(healthy, there, inbox), rec.in_inbox[n]),
        ),
    )


@lemma("L57", kind=LEMMA, source="design")
def lineage_is_named_after_its_fork(s, n: Node, g: Group):
    """A node's lineages carry epochs in which it mounted; what a copy follows, its source has."""
    a, b = s.copy[n, g], s.copy[peer(n), g]
    return all_of(
        a.lineage >= 1,
        implies(a.lineage_by == n, a.lineage <= a.active_epoch),
        implies(a.lineage_by == peer(n), a.lineage <= b.active_epoch),
        implies(a.lineage_by == NOBODY, a.lineage == 1),
        implies(a.parent_by == n, a.parent <= a.active_epoch),
        implies(a.parent_by == peer(n), a.parent <= b.active_epoch),
        implies(a.active_epoch == s.node[n].open, any_of(controls(s, n), a.active_epoch == 0)),
    )


@lemma("L63", kind=LEMMA, source="design")
def declared_final_holds_what_is_due(s, n: Node, g: Group):
    """A copy that declared its final generation has in its database what it held then."""
    rec = s.record[g]
    return implies(all_of(s.copy[n, g].final >= 0, rec.due[n]), rec.in_database[n])


@lemma("L65", kind=LEMMA, source="design")
def replayed_logs_are_in_the_database(s, n: Node, g: Group):
    """What was in a log up to the replayed position is in the database; an active copy has
    everything replayed.
    """
    a, rec = s.copy[n, g], s.record[g]
    return all_of(
        implies(all_of(rec.in_logs[n], rec.generation <= a.replayed), rec.in_database[n]),
        implies(a.state == Copy.ACTIVE, a.replayed == a.top),
    )


@lemma("L67", kind=LEMMA, source="design")
def lineages_grow(s, n: Node, g: Group):
    """A lineage is newer than the one it forked from."""
    return implies(attested(s), s.copy[n, g].parent < s.copy[n, g].lineage)


@lemma("L68", kind=LEMMA, source="design")
def never_mounted_is_empty(s, n: Node, g: Group):
    """As long as a storage group was mounted nowhere both copies are the empty baseline."""
    a, b, rec = s.copy[n, g], s.copy[peer(n), g], s.record[g]
    empty = all_of(
        a.top == 0,
        a.copied == 0,
        a.notified == 0,
        a.state == Copy.HEALTHY,
        a.lineage_by == NOBODY,
        a.parent == 0,
    )
    return implies(all_of(a.active_epoch == 0, b.active_epoch == 0), all_of(empty, ~rec.acked))


@lemma("L72", kind=LEMMA, source="design")
def only_followers_share_a_lineage(s, n: Node, g: Group):
    """Two copies are of one lineage only while one of them follows it, or is out of it for good
    (failed, or being seeded).
    """
    a, b = s.copy[n, g], s.copy[peer(n), g]

    def own(copy):
        return one_of(copy.state, Copy.ACTIVE, Copy.INITIALIZING)

    neither = all_of(attested(s), own(a), own(b))
    return implies(neither, any_of(a.lineage != b.lineage, a.lineage_by != b.lineage_by))
