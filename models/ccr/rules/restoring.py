"""A database that the mount dial holds back: noted, mounted after a set time, or made viable by an
operator's restore.

A restore overrides the dial and ends replication: the other copy needs a full reseed. Nothing here
mounts a copy that is no prefix of the newest stream.
"""

from __future__ import annotations

from models.language.rule import Body, Move, rule_for
from models.language.terms import Int, all_of, any_of, if_else, larger

from ..phrases import leased, peers_newest
from ..vocabulary import SCHEMA, STORAGE, Copy, Group, Node, Offer
from ..vocabulary_copies import Trouble
from .letters import letter_cut
from .mounting import forking, hosting, unfetched

rule = rule_for(SCHEMA, "restoring")


def _held(s, n, g, epoch):
    """After a failover this copy of the peer's stream is not mounted on the node that hosts."""
    copy = s.copy[n, g]
    return {
        **hosting(s, n, g),
        "peer's copy was the newest": peers_newest(s, n, g),
        "control was taken by failover": s.node[n].taken == Offer.FAILOVER,
        "copy is a prefix of the stream": copy.state == Copy.HEALTHY,
        "epoch is this node's": epoch == s.node[n].open,
    }


@rule(550, trigger="consequence", actor=STORAGE, source="T2")
def hold_back(s, n: Node, g: Group, epoch: Int):
    """The dial does not allow the known loss: the database stays dismounted, because of the
    failover.
    """
    copy = s.copy[n, g]
    return Body(
        "DatabaseHeldBack",
        requires={
            **_held(s, n, g, epoch),
            "copy is neither failed nor suspended": all_of(
                copy.trouble == Trouble.NONE, ~copy.suspended
            ),
            "everything inspected is replayed": all_of(
                copy.copied == copy.top, copy.replayed == copy.top
            ),
            "dial does not allow it": any_of(s.p.dial == 0, copy.notified - copy.top > s.p.dial),
            "final generation is not known": copy.final_epoch != epoch,
            "that is news": all_of(copy.waits_epoch != epoch, copy.restored != epoch),
        },
        given={"lease is valid": leased(s, n), "no more logs can be fetched": unfetched(s, n, g)},
        sets={copy.waits_from: s.now, copy.waits_epoch: epoch},
    )


def _lossy(s, n, g, epoch, run, ended=False):
    copy = s.copy[n, g]
    return {
        **forking(copy, n, epoch, run, ended),
        copy.lost: larger(copy.notified - copy.top, 0),
        copy.loss_exact: False,
        copy.lost_open: 0,
    }


@rule(551, trigger="consequence", actor=STORAGE, source="T2")
def mount_overdue(s, n: Node, g: Group, epoch: Int, run: Int):
    """A database that was held back for ForcedDatabaseMountAfter is mounted, whatever it lost.

    Why: the administrator chose, beforehand, availability after that time over data.
    """
    copy = s.copy[n, g]
    return Body(
        "DatabaseMountedOverdue",
        moves=Move(copy.state, Copy.HEALTHY, Copy.ACTIVE),
        requires={
            **_held(s, n, g, epoch),
            "run is this node's": run == s.node[n].run,
            "copy is neither failed nor suspended": all_of(
                copy.trouble == Trouble.NONE, ~copy.suspended
            ),
            "everything inspected is replayed": all_of(
                copy.copied == copy.top, copy.replayed == copy.top
            ),
            "it is held back in this epoch": copy.waits_epoch == epoch,
            "a forced mount is configured": s.p.forced_mount_after != 0,
            "it waited that long": s.elapsed(copy.waits_from, s.p.forced_mount_after),
            "final generation is not known": copy.final_epoch != epoch,
        },
        given={"lease is valid": leased(s, n), "no more logs can be fetched": unfetched(s, n, g)},
        sets=_lossy(s, n, g, epoch, run),
        ghost={s.record[g].due[n]: False},
    )


@rule(555, trigger="command", actor=STORAGE, source="T4")
def restore_copy(s, n: Node, g: Group, epoch: Int):
    """An operator makes a copy viable as it is (Restore-StorageGroupCopy): the dial is overridden,
    and what cannot be replayed is cut off.

    Why: loss is expected and accepted; a copy that could still fetch logs is not given up.
    """
    copy, rec = s.copy[n, g], s.record[g]
    top = if_else(copy.trouble == Trouble.REPLAY_FAILED, copy.replayed, copy.top)
    return Body(
        "CopyRestored",
        requires={**_held(s, n, g, epoch), "it is not restored": copy.restored != epoch},
        given={
            "no more logs can be fetched": any_of(unfetched(s, n, g), copy.trouble != Trouble.NONE)
        },
        sets={
            copy.restored: epoch,
            copy.suspended: False,
            copy.checking: False,
            copy.top: top,
            copy.copied: top,
            copy.notified: larger(copy.notified, top),
            copy.fork: if_else(copy.fork > top, top, copy.fork),
            copy.bad_inbox: 0,
            copy.replay_from: s.now,
        },
        ghost={
            rec.in_inbox[n]: False,
            rec.in_logs[n]: all_of(rec.in_logs[n], rec.generation <= top),
            **letter_cut(s, n, g, top),
        },
    )


@rule(556, trigger="consequence", actor=STORAGE, source="T4")
def mount_restored(s, n: Node, g: Group, epoch: Int, run: Int):
    """A restored copy is mounted once what it holds is replayed; replication ends until the other
    copy is reseeded.
    """
    copy = s.copy[n, g]
    return Body(
        "DatabaseMountedRestored",
        moves=Move(copy.state, Copy.HEALTHY, Copy.ACTIVE),
        requires={
            **_held(s, n, g, epoch),
            "run is this node's": run == s.node[n].run,
            "it is restored": copy.restored == epoch,
            "copy is not suspended": ~copy.suspended,
            "everything inspected is replayed": all_of(
                copy.copied == copy.top, copy.replayed == copy.top
            ),
        },
        given={"lease is valid": leased(s, n)},
        sets=_lossy(s, n, g, epoch, run, ended=True),
        ghost={s.record[g].due[n]: False},
    )
