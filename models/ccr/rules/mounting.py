"""Mounting a storage group on the controller: its own newest stream, or the other node's, by the
mount dial (0, 3, 6).

A copy that has everything is mounted without loss. After a failover one that lacks something is
mounted if the known loss is within the dial; under a move never. Where the loss is unknown,
Lossless stays dismounted.
"""

from __future__ import annotations

from models.language.rule import Body, Move, rule_for
from models.language.terms import Int, all_of, any_of, larger, one_of, peer

from ..phrases import (
    controls,
    forced_newest,
    leased,
    mounted,
    mounted_earlier,
    mounted_later,
    own_newest,
    peers_newest,
    same_stream,
    source_answers,
)
from ..vocabulary import NEVER, SCHEMA, STORAGE, Cms, Copy, Group, Node, Offer, View
from ..vocabulary_copies import Trouble

rule = rule_for(SCHEMA, "mounting")


def hosting(s, n, g):
    """The CMS is coming up or up on this node, which controls, and the storage group is not mounted
    yet.
    """
    node = s.node[n]
    ready = larger(node.pending_at, s.copy[n, g].replay_from)
    return {
        "node is the controller": controls(s, n),
        "CMS is coming up here": one_of(node.cms, Cms.ONLINE_PENDING, Cms.ONLINE),
        "storage group is not mounted": ~mounted(s, n, g),
        "mounting took its time": s.elapsed(ready, s.p.mount_time),
    }


def _mounted_whole(copy):
    """A mounted copy has no flag of a passive one left."""
    return {
        copy.trouble: Trouble.NONE,
        copy.suspended: False,
        copy.checking: False,
        copy.attempts: 0,
        copy.bad_inbox: 0,
    }


@rule(601, trigger="consequence", actor=STORAGE, source="S-083")
def mount_own(s, n: Node, g: Group, epoch: Int, run: Int):
    """The copy that was last mounted here, and nowhere since, is mounted again; crash recovery
    keeps what was acknowledged.
    """
    copy, rec = s.copy[n, g], s.record[g]
    return Body(
        "DatabaseMounted",
        moves=Move(copy.state, (Copy.ACTIVE, Copy.HEALTHY), Copy.ACTIVE),
        requires={
            **hosting(s, n, g),
            "stream is not the peer's": copy.lineage_by != peer(n),
            "copy is neither failed nor suspended": all_of(
                copy.trouble == Trouble.NONE, ~copy.suspended
            ),
            "epoch and run are this node's": all_of(epoch == s.node[n].open, run == s.node[n].run),
        },
        given={
            "lease is valid": leased(s, n),
            "copy is the newest": any_of(
                own_newest(s, n, g), all_of(peers_newest(s, n, g), mounted_earlier(s, n, g))
            ),
        },
        sets={
            copy.active_epoch: epoch,
            copy.mounted_run: run,
            copy.final: NEVER,
            copy.replayed: copy.top,
            **_mounted_whole(copy),
        },
        ghost={
            rec.due[n]: False,
            rec.in_database[n]: rec.in_database[n] | rec.in_logs[n],
        },
    )


def _taking_over(s, n, g, epoch, run):
    copy = s.copy[n, g]
    return {
        **hosting(s, n, g),
        "peer's copy was the newest": peers_newest(s, n, g),
        "copy is neither failed nor suspended": all_of(
            copy.trouble == Trouble.NONE, ~copy.suspended
        ),
        "everything inspected is replayed": all_of(
            copy.copied == copy.top, copy.replayed == copy.top
        ),
        "epoch and run are this node's": all_of(epoch == s.node[n].open, run == s.node[n].run),
    }


def unfetched(s, n, g):
    """No more logs can be fetched: nobody answers, or who answers has no more of this stream."""
    return any_of(
        ~source_answers(s, n),
        all_of(~same_stream(s, n, g), ~mounted_earlier(s, n, g)),
        all_of(
            s.node[n].view == View.ALONE,
            same_stream(s, n, g),
            s.copy[peer(n), g].top <= s.copy[n, g].top,
        ),
    )


def forking(copy, n, epoch, run, ended=False):
    """A mounted stream forks from the one it was copied from."""
    return {
        **_mounted_whole(copy),
        copy.ended: ended,
        copy.lineage: epoch,
        copy.lineage_by: n,
        copy.parent: copy.lineage,
        copy.parent_by: copy.lineage_by,
        copy.fork: copy.top,
        copy.active_epoch: epoch,
        copy.mounted_run: run,
        copy.notified: copy.top,
        copy.final: NEVER,
    }


@rule(602, trigger="consequence", actor=STORAGE, source="S-015")
def learn_final(s, n: Node, g: Group, final: Int, epoch: Int):
    """The new controller reads the final generation that the dismounted source declared.

    Why: never call a mount lossless unless the old active's final generation was read after it
    stopped.
    """
    mine, theirs = s.copy[n, g], s.copy[peer(n), g]
    return Body(
        "FinalLogLearned",
        requires={
            "node is the controller of the pair": all_of(
                controls(s, n), s.node[n].view == View.JOINED
            ),
            "peer's copy was the newest": peers_newest(s, n, g),
            "copy is healthy": mine.state == Copy.HEALTHY,
            "epoch is this node's": epoch == s.node[n].open,
            "that is news": mine.final_epoch != epoch,
        },
        given={
            "source was mounted later": mounted_later(s, n, g),
            "source accepted this epoch": s.node[peer(n)].open == s.node[n].open,
            "streams are one lineage": same_stream(s, n, g),
            "source declared it": all_of(final == theirs.final, theirs.final != NEVER),
        },
        sets={mine.final_seen: final, mine.final_epoch: epoch},
    )


@rule(603, trigger="consequence", actor=STORAGE, source="S-019")
def mount_lossless(s, n: Node, g: Group, epoch: Int, run: Int):
    """The new controller has every log up to the declared final one: it mounts without loss,
    whatever the dial.
    """
    copy, rec = s.copy[n, g], s.record[g]
    return Body(
        "DatabaseMountedLossless",
        moves=Move(copy.state, Copy.HEALTHY, Copy.ACTIVE),
        requires={
            **_taking_over(s, n, g, epoch, run),
            "final generation is known": copy.final_epoch == epoch,
            "final log is inspected here": copy.top >= copy.final_seen,
        },
        given={"lease is valid": leased(s, n)},
        sets={
            **forking(copy, n, epoch, run),
            copy.lost: 0,
            copy.loss_exact: True,
            copy.lost_open: 0,
        },
        ghost={rec.due[n]: False},
    )


@rule(604, trigger="consequence", actor=STORAGE, source="S-125")
def mount_lossy(s, n: Node, g: Group, epoch: Int, run: Int):
    """After a failover the database is mounted with a loss, if as far as known that is within the
    dial.

    Why: availability with bounded loss is what the operator chose. The true loss may be larger; it
    is known when the old active's files are read.
    """
    copy, rec = s.copy[n, g], s.record[g]
    known = copy.notified - copy.top
    return Body(
        "DatabaseMountedLossy",
        moves=Move(copy.state, Copy.HEALTHY, Copy.ACTIVE),
        requires={
            **_taking_over(s, n, g, epoch, run),
            "control was taken by failover": s.node[n].taken == Offer.FAILOVER,
            "dial allows a loss": s.p.dial != 0,
            "known loss is within the dial": known <= s.p.dial,
            "final generation is not known": copy.final_epoch != epoch,
        },
        given={
            "lease is valid": leased(s, n),
            "no more logs can be fetched": unfetched(s, n, g),
        },
        sets={
            **forking(copy, n, epoch, run),
            copy.lost: known,
            copy.loss_exact: False,
            copy.lost_open: 0,
        },
        ghost={rec.due[n]: False},
    )


@rule(606, trigger="consequence", actor=STORAGE, source="D-16")
def mount_forced(s, n: Node, g: Group, epoch: Int, run: Int):
    """After a forced quorum the database is mounted as it is: what the peer may have written since
    is unknown.

    Why: the operator ordered it. The stream forks, so that a peer that wrote more is found to have
    diverged.
    """
    copy, rec = s.copy[n, g], s.record[g]
    return Body(
        "DatabaseMountedForced",
        moves=Move(copy.state, (Copy.ACTIVE, Copy.HEALTHY), Copy.ACTIVE),
        requires={
            **hosting(s, n, g),
            "quorum was forced here last": forced_newest(s, n, g),
            "everything inspected is replayed": any_of(
                copy.state == Copy.ACTIVE,
                all_of(copy.copied == copy.top, copy.replayed == copy.top),
            ),
            "epoch and run are this node's": all_of(epoch == s.node[n].open, run == s.node[n].run),
        },
        given={"lease is valid": leased(s, n)},
        sets={
            **forking(copy, n, epoch, run),
            copy.lost: larger(copy.notified - copy.top, 0),
            copy.loss_exact: False,
            copy.lost_open: 0,
        },
        ghost={rec.due[n]: False},
    )


@rule(605, trigger="consequence", actor=STORAGE, source="S-139")
def count_loss(s, n: Node, g: Group, final: Int, unclosed: Int):
    """The old active is back: its files tell what was really lost, its open log included."""
    mine, theirs = s.copy[n, g], s.copy[peer(n), g]
    return Body(
        "LossCounted",
        requires={
            "copy is active here": mine.state == Copy.ACTIVE,
            "loss is not known exactly": ~mine.loss_exact,
        },
        given={
            "source answers": source_answers(s, n),
            "old active still has the old stream": all_of(
                theirs.lineage == mine.parent, theirs.lineage_by == mine.parent_by
            ),
            "final generation of the old stream": final == theirs.top,
            "records in its open log": unclosed == theirs.open_records,
            "old stream is not shorter": theirs.top >= mine.fork,
            "its files are there": all_of(
                theirs.state != Copy.SEEDING,
                ~one_of(theirs.trouble, Trouble.SEED_INTERRUPTED, Trouble.DIVERGED),
            ),
        },
        sets={mine.lost: final - mine.fork, mine.lost_open: unclosed, mine.loss_exact: True},
    )
