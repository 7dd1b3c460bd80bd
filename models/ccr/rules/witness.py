"""The witness: a lock and a note board on a share, used by compare-and-set when a node has no peer
(S-051 to S-065).

The share is a passive folder without a clock. The holder's lease counts from the send time of its
request; a challenger times it out by watching the renewal number stand still for share_expiry by
its own clock.
"""

from __future__ import annotations

from models.language.rule import Body, Move, rule_for
from models.language.terms import NOBODY, Int, all_of, any_of, negate, one_of, peer

from ..phrases import reaches_share, renewing
from ..vocabulary import CLUSTER, NEVER, SCHEMA, Node, View

rule = rule_for(SCHEMA, "witness")


def _stood_still(s, n):
    node = s.node[n]
    return all_of(
        node.watch_since != NEVER,
        node.watch_seen == s.witness.renewal,
        s.elapsed(node.watch_since, s.p.share_expiry),
    )


def _admits(s, n):
    """The board lets this node in: it is recorded and no newer than what the node knows; a forced
    node may find it wiped.
    """
    node, w = s.node[n], s.witness
    return any_of(
        all_of(w.recorded, w.epoch <= node.open),
        all_of(node.forced, any_of(w.recorded, _stood_still(s, n))),
    )


@rule(201, trigger="consequence", actor=CLUSTER, source="S-053")
def ask_for_lock(s, n: Node):
    """A node without its peer asks for the lock; the recorded controller at once, the other after
    claim_defer.

    Why: the owner wins a partition in which both reach the share (Q4, S-053, S-054).
    """
    node, w = s.node[n], s.witness
    free = any_of(
        one_of(w.holder, NOBODY, n), all_of(_stood_still(s, n), negate(renewing(s, peer(n))))
    )
    return Body(
        "LockAsked",
        requires={
            "node lost its peer": one_of(node.view, View.LOST, View.FORCED),
            "it holds no lock": node.lock_at == NEVER,
            "the owner went first": any_of(
                node.open_by == n, s.elapsed(node.lost_at, s.p.claim_defer)
            ),
            "no newer request is out": s.elapsed(node.asked_at, s.p.lock_renew),
        },
        given={
            "share answers": reaches_share(s, n),
            "lock can be had": free,
            "board admits it": _admits(s, n),
        },
        sets={node.asked_at: s.now},
    )


@rule(202, trigger="consequence", actor=CLUSTER, source="S-053")
def claim_lock(s, n: Node, stamp: Int):
    """A node takes the lock that nobody else holds: with the share it is a majority of the
    three.
    """
    node, w = s.node[n], s.witness
    return Body(
        "WitnessClaimed",
        moves=Move(w.holder, (NOBODY, n), n),
        requires={
            "it asked": all_of(
                node.asked_at != NEVER, stamp == node.asked_at, node.lock_at == NEVER
            ),
            "node lost its peer": one_of(node.view, View.LOST, View.FORCED),
        },
        given={
            "share answers": reaches_share(s, n),
            "board admits it": _admits(s, n),
            "request is newer": w.renewal < stamp,
        },
        sets={w.renewal: stamp},
    )


@rule(203, trigger="consequence", actor=CLUSTER, source="Q6")
def seize_lock(s, n: Node, stamp: Int):
    """A challenger takes the lock from a holder whose renewal stood still for share_expiry.

    Why: by then the holder's lease has run out, whatever became of it.
    """
    node, w = s.node[n], s.witness
    return Body(
        "WitnessSeized",
        moves=Move(w.holder, peer(n), n),
        requires={
            "it asked": all_of(stamp == node.asked_at, node.lock_at == NEVER),
            "node lost its peer": one_of(node.view, View.LOST, View.FORCED),
        },
        given={
            "share answers": reaches_share(s, n),
            "board admits it": any_of(all_of(w.recorded, w.epoch <= node.open), node.forced),
            "renewal stood still for share_expiry": _stood_still(s, n),
            "no renewal comes": negate(renewing(s, peer(n))),
            "request is newer": w.renewal < stamp,
        },
        sets={w.renewal: stamp},
    )


@rule(204, trigger="consequence", actor=CLUSTER, source="S-053")
def learn_grant(s, n: Node):
    """The node reads its own request on the share: the lock is granted, and the lease counts from
    when it asked.
    """
    node, w = s.node[n], s.witness
    return Body(
        "LockGranted",
        requires={
            "node has no peer": one_of(node.view, View.LOST, View.ALONE, View.FORCED),
            "it asked since": node.asked_at > node.lock_at,
        },
        given={
            "share answers": reaches_share(s, n),
            "lock is its own": w.holder == n,
            "renewal is its newest request": w.renewal == node.asked_at,
        },
        sets={node.lock_at: node.asked_at, node.renews: True},
    )


@rule(205, trigger="beat", actor=CLUSTER, source="S-053")
def ask_renewal(s, n: Node):
    """The holder asks to renew its lock."""
    node = s.node[n]
    return Body(
        "RenewalAsked",
        requires={
            "node has no peer": one_of(node.view, View.LOST, View.ALONE, View.FORCED),
            "newest request is older": node.asked_at < s.now,
        },
        given={"a renewal is granted": renewing(s, n)},
        sets={node.asked_at: s.now},
    )


@rule(206, trigger="beat", actor=CLUSTER, source="S-053")
def renew_lock(s, n: Node, stamp: Int):
    """The holder's newer request is written to the lock it holds."""
    node, w = s.node[n], s.witness
    return Body(
        "LockRenewed",
        requires={
            "node has no peer": one_of(node.view, View.LOST, View.ALONE, View.FORCED),
            "stamp is its request": stamp == node.asked_at,
        },
        given={"a renewal is granted": renewing(s, n), "request is newer": w.renewal < stamp},
        sets={w.renewal: stamp},
    )


@rule(207, trigger="consequence", actor=CLUSTER, source="S-054")
def watch_lock(s, n: Node, seen: Int):
    """A challenger notes the renewal that it sees; if it stands still for share_expiry the lock may
    be seized.
    """
    node, w = s.node[n], s.witness
    return Body(
        "LockWatched",
        requires={
            "node lost its peer": one_of(node.view, View.LOST, View.FORCED),
            "it holds no lock": node.lock_at == NEVER,
            "that is news": any_of(node.watch_since == NEVER, node.watch_seen != seen),
        },
        given={
            "share answers": reaches_share(s, n),
            "lock is not its own": any_of(
                w.holder == peer(n), all_of(w.holder == NOBODY, ~w.recorded)
            ),
            "renewal as seen": seen == w.renewal,
        },
        sets={node.watch_seen: seen, node.watch_since: s.now},
    )


@rule(208, trigger="consequence", actor=CLUSTER, source="S-045")
def lose_witness(s, n: Node):
    """The lease on the lock ran out and cannot be renewed: one vote is no majority.

    Why: if it gets a majority again its head start counts anew.
    """
    node = s.node[n]
    return Body(
        "WitnessLost",
        moves=Move(node.view, (View.LOST, View.ALONE), View.LOST),
        requires={
            "it held the lock": node.lock_at != NEVER,
            "lease ran out": s.elapsed(node.lock_at, s.p.lock_lease),
        },
        given={"no renewal is granted": negate(renewing(s, n))},
        sets={
            node.lock_at: NEVER,
            node.renews: False,
            node.asks: True,
            node.lost_at: s.now,
            node.asked_at: NEVER,
            node.watch_since: NEVER,
        },
    )


@rule(209, trigger="consequence", actor=CLUSTER, source="S-055")
def release_lock(s, n: Node):
    """A node that has its peer again gives the lock back: while the nodes interact the board is not
    needed.
    """
    node, w = s.node[n], s.witness
    return Body(
        "WitnessReleased",
        moves=Move(w.holder, n, NOBODY),
        requires={
            "it needs no lock": one_of(node.view, View.JOINED, View.STOPPED),
            "it gave up its lease": node.lock_at == NEVER,
        },
        given={"share answers": reaches_share(s, n)},
    )
