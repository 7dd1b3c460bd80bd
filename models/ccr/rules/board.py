"""The note board: a lone holder of the lock opens an epoch on it; a pair keeps it from going stale.

An epoch on the board is written by the holder of the lock (S-053), or by the controller of a pair
that echoes, which is a majority by itself.
"""

from __future__ import annotations

from models.language.rule import Body, Move, rule_for
from models.language.terms import NOBODY, Int, all_of, any_of, larger, peer

from ..phrases import echoed, invitation_stands, reaches_share
from ..vocabulary import CLUSTER, NEVER, SCHEMA, Node, Offer, View

rule = rule_for(SCHEMA, "note board")


@rule(211, trigger="consequence", actor=CLUSTER, source="S-053")
def propose_alone(s, n: Node, number: Int):
    """The holder of the lock writes down a newer epoch of its own, before it goes on the board.

    Why: a peer that was invited goes first. An invitation that is outrun is accepted in vain, and
    two that outrun each other would go round in a circle.
    """
    node, w = s.node[n], s.witness
    return Body(
        "EpochProposed",
        requires={
            "node lost its peer": node.view == View.LOST,
            "it holds the lock": node.lock_at != NEVER,
        },
        given={
            "share answers": reaches_share(s, n),
            "lock is its own": w.holder == n,
            "board is recorded, or quorum was forced": w.recorded | node.forced,
            "no proposal of its own is pending": ~all_of(
                ~node.invites,
                node.stored_by == n,
                node.stored > node.open,
                any_of(node.stored > w.epoch, all_of(node.stored == w.epoch, w.by == n)),
            ),
            "no invitation can be accepted": ~invitation_stands(s, n),
            "number is above its own and the board's": number == larger(node.stored, w.epoch) + 1,
        },
        sets={node.stored: number, node.stored_by: n, node.invites: False},
    )


@rule(212, trigger="consequence", actor=CLUSTER, source="S-053")
def write_board(s, n: Node, number: Int):
    """The holder of the lock puts its epoch on a board that is not newer than what it knows: the
    epoch is open.
    """
    node, w = s.node[n], s.witness
    return Body(
        "BoardWritten",
        requires={
            "node lost its peer": node.view == View.LOST,
            "it holds the lock": node.lock_at != NEVER,
            "epoch is its own, new, and for the board": all_of(
                node.stored_by == n, number == node.stored, number > node.open, ~node.invites
            ),
        },
        given={
            "share answers": reaches_share(s, n),
            "lock is its own": w.holder == n,
            "board is older": w.epoch < number,
            "board admits it": any_of(node.forced, all_of(w.recorded, w.epoch <= node.open)),
        },
        sets={w.epoch: number, w.by: n, w.recorded: True},
        ghost={
            s.history.newest: larger(s.history.newest, number),
        },
    )


@rule(213, trigger="consequence", actor=CLUSTER, source="S-053")
def open_alone(s, n: Node):
    """The node reads its epoch on the board under its own lock: it controls the cluster alone."""
    node, w = s.node[n], s.witness
    return Body(
        "ControlTakenAlone",
        moves=Move(node.view, View.LOST, View.ALONE),
        requires={
            "it holds the lock": node.lock_at != NEVER,
            "epoch is its own": all_of(node.stored_by == n, ~node.invites),
        },
        given={
            "share answers": reaches_share(s, n),
            "lock is its own": w.holder == n,
            "board names its epoch": all_of(w.recorded, w.epoch == node.stored, w.by == n),
        },
        sets={
            node.open: node.stored,
            node.open_by: n,
            node.asks: False,
            node.taken: Offer.FAILOVER,
            node.move: False,
            node.forced: False,
        },
        ghost={
            s.history.attestation_broken: any_of(
                s.history.attestation_broken, s.history.unsettled[peer(n)]
            ),
            s.history.unsettled[n]: all_of(
                s.history.unsettled[n], node.stored <= s.node[peer(n)].stored
            ),
        },
    )


@rule(221, trigger="consequence", actor=CLUSTER, source="A6")
def update_board(s, n: Node, number: Int):
    """The controller of a joined pair rewrites a board that is stale or was wiped.

    Why: control may have changed while the share was away; a stale board would let a stale node in.
    The pair is a majority by itself.
    """
    node, w = s.node[n], s.witness
    return Body(
        "BoardUpdated",
        requires={
            "node is the controller of the pair": all_of(
                node.view == View.JOINED, node.open_by == n
            ),
            "epoch is the pair's": number == node.open,
        },
        given={
            "share answers": reaches_share(s, n),
            "peer echoes in the same epoch": echoed(s, n),
            "board is older": any_of(~w.recorded, w.epoch < number),
            "nobody holds the lock": w.holder == NOBODY,
        },
        sets={w.epoch: number, w.by: n, w.recorded: True},
    )
