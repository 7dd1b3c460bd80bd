"""What the proofs about standby targets lean on: what is dated, what the active copy of a stream
has, and how lineages at a target are named.
"""

from __future__ import annotations

from models.ccr.vocabulary import NEVER, SCHEMA, Group, Node
from models.ccr.vocabulary_lcr import Local, Server
from models.ccr.vocabulary_standby import Standby, Target
from models.language.model import LEMMA, property_for
from models.language.terms import NOBODY, all_of, any_of, implies, one_of, peer

from .files import after, upto
from .standby import attached, attached_remote

lemma = property_for(SCHEMA)


def _notes(mine):
    return [(getattr(mine, f"told_{k}"), getattr(mine, f"told_at_{k}")) for k in range(1, 5)]


def sane(mine):
    """Positions at a target: nothing negative, nothing replayed that was not inspected."""
    return all_of(
        mine.base >= 0,
        mine.base <= mine.replayed,
        mine.replayed <= mine.top,
        mine.top <= mine.copied,
        mine.copied <= mine.notified,
        mine.due <= mine.notified,
        mine.lineage >= 0,
        mine.lag >= 0,
        mine.low >= 1,
        mine.low <= mine.replayed + 1,
        *(implies(at >= 0, to <= mine.notified) for to, at in _notes(mine)),
        *(at >= NEVER for _, at in _notes(mine)),
    )


def dated(s, mine, ghost):
    """The target had been told of a log when the first note that covers it was made; what counts as
    old enough is.
    """
    since = after(s, mine.base)
    known = all_of(ghost.told_at >= 0, ghost.told_at <= s.now)
    return all_of(
        implies(all_of(since, upto(s, mine.notified)), known),
        *(
            implies(all_of(at >= 0, since, upto(s, to)), ghost.told_at <= at)
            for to, at in _notes(mine)
        ),
        *(at <= s.now for _, at in _notes(mine)),
        implies(all_of(since, upto(s, mine.due)), s.elapsed(ghost.told_at, mine.lag)),
    )


@lemma("L130", kind=LEMMA, source="design")
def standby_positions_are_sane(s, t: Target, g: Group):
    """Positions at a target are in order; no log that is not replayed is deleted."""
    return sane(s.standby[t, g])


@lemma("L131", kind=LEMMA, source="design")
def notes_are_not_older_than_what_they_date(s, t: Target, g: Group):
    """Notes of age at a target of the cluster are true."""
    return dated(s, s.standby[t, g], s.ageing[t, g])


@lemma("L136", kind=LEMMA, source="design")
def remote_copy_is_sane(s, t: Target, v: Server, h: Local):
    """Positions and notes of age at a target of a stand-alone server are in order and true; it
    follows a stream that was there.
    """
    mine, server = s.remote[t, v, h], s.local[v, h]
    return all_of(
        sane(mine),
        dated(s, mine, s.remote_ageing[t, v, h]),
        implies(mine.state == Standby.HEALTHY, mine.lineage >= 1),
        mine.lineage <= server.lineage,
        server.lineage >= 1,
        server.fork >= 0,
        server.fork <= server.top,
        implies(mine.lineage == 0, mine.notified == 0),
        implies(mine.lineage == server.lineage, mine.notified <= server.top),
        implies(
            all_of(mine.lineage > 0, mine.lineage + 1 == server.lineage),
            mine.notified <= server.fork + server.lost,
        ),
    )


def replay_dated(s, mine, ghost):
    """A replayed log in the target's directory was replayed at a time, and before a note that
    covers it.
    """
    there = after(s, mine.low - 1)
    dated = all_of(ghost.replayed_at >= 0, ghost.replayed_at <= s.now)
    covered = all_of(mine.clear_at >= 0, upto(s, mine.clear))
    return all_of(
        implies(all_of(there, upto(s, mine.replayed)), dated),
        implies(all_of(there, covered), ghost.replayed_at <= mine.clear_at),
        implies(mine.clear_at >= 0, mine.clear <= mine.replayed),
        mine.clear_at <= s.now,
    )


@lemma("L132", kind=LEMMA, source="design")
def replayed_log_is_dated(s, t: Target, g: Group, v: Server, h: Local):
    """What says when a log was replayed at a target is true."""
    at, far = s.standby[t, g], s.remote[t, v, h]
    return all_of(
        replay_dated(s, at, s.ageing[t, g]), replay_dated(s, far, s.remote_ageing[t, v, h])
    )


@lemma("L133", kind=LEMMA, source="design")
def standby_lineage_is_named_after_its_fork(s, t: Target, n: Node, g: Group):
    """A target's lineage carries an epoch in which its node mounted."""
    mine = s.standby[t, g]
    return all_of(
        implies(mine.lineage_by == n, mine.lineage <= s.copy[n, g].active_epoch),
        implies(mine.lineage_by == NOBODY, mine.lineage <= 1),
        implies(
            one_of(mine.state, Standby.HEALTHY),
            any_of(s.copy[n, g].active_epoch > 0, s.copy[peer(n), g].active_epoch > 0),
        ),
        implies(mine.state == Standby.HEALTHY, mine.lineage >= 1),
    )


@lemma("L134", kind=LEMMA, source="design")
def active_deleted_nothing_uninspected(s, t: Target, n: Node, g: Group, v: Server, h: Local):
    """The active copy, or a server, has deleted no log that a target of its stream has not
    inspected.
    """
    far, server = s.remote[t, v, h], s.local[v, h]
    return all_of(
        implies(attached(s, t, n, g), s.copy[n, g].low <= s.standby[t, g].top + 1),
        implies(attached_remote(s, t, v, h), server.low <= far.top + 1),
    )


@lemma("L135", kind=LEMMA, source="design")
def declared_stream_has_no_open_log(s, n: Node, g: Group):
    """A stream whose final generation is declared has no record in an open log."""
    a = s.copy[n, g]
    return implies(a.final >= 0, a.open_records == 0)
