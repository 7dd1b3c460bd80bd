"""Watching over the quorum: the periodic access check of the share, and a quorum that was forced.

Both nodes check (S-059 to S-061, S-065). Force rests on the operator's word that the peer is off.
"""

from __future__ import annotations

from models.language.rule import Body, Move, rule_for
from models.language.terms import any_of, larger, peer

from ..phrases import reaches_share
from ..vocabulary import CLUSTER, NEVER, SCHEMA, Node, Offer, View

rule = rule_for(SCHEMA, "quorum")


@rule(231, trigger="beat", actor=CLUSTER, source="S-059")
def check_share(s, n: Node):
    """The periodic access check of the share passes."""
    node = s.node[n]
    return Body(
        "WitnessChecked",
        requires={
            "service runs": node.running,
            "newest check passed": node.share_seen,
            "newest check is older": node.checked_at < s.now,
        },
        given={"share answers": reaches_share(s, n)},
        sets={node.checked_at: s.now},
    )


@rule(232, trigger="consequence", actor=CLUSTER, source="S-060")
def note_share_lost(s, n: Node):
    """The access check fails: at the next period, or at once when the share is needed. Staff can
    act before a second fault.

    Why: both nodes check, so that a share that only the other node cannot reach does not go
    unnoticed.
    """
    node = s.node[n]
    return Body(
        "WitnessCheckFailed",
        requires={
            "service runs": node.running,
            "newest check passed": node.share_seen,
            "a check is due": any_of(
                node.view == View.LOST, s.elapsed(node.checked_at, s.p.witness_check)
            ),
        },
        given={"share does not answer": ~reaches_share(s, n)},
        sets={node.share_seen: False, node.checked_at: s.now},
    )


@rule(233, trigger="consequence", actor=CLUSTER, source="S-061")
def note_share_back(s, n: Node):
    """The access check passes again."""
    node = s.node[n]
    return Body(
        "WitnessCheckPassed",
        requires={"service runs": node.running, "newest check failed": ~node.share_seen},
        given={"share answers": reaches_share(s, n)},
        sets={node.share_seen: True, node.checked_at: s.now},
    )


@rule(241, trigger="command", actor=CLUSTER, source="D-16")
def force_quorum(s, n: Node):
    """An operator attests that the peer is off and stays off until it rejoins, and lets this node
    act without a majority.

    Why: after a site is lost nobody else can decide. Until the board holds the forced epoch a split
    brain is possible.
    """
    node = s.node[n]
    return Body(
        "QuorumForced",
        moves=Move(node.view, (View.SEEKING, View.LOST), View.FORCED),
        sets={
            node.stored: node.stored + s.p.force_step,
            node.stored_by: n,
            node.invites: False,
            node.open: node.stored + s.p.force_step,
            node.open_by: n,
            node.forced_at: node.stored + s.p.force_step,
            node.lost_at: s.now,
            node.lock_at: NEVER,
            node.renews: False,
            node.asked_at: NEVER,
            node.watch_since: NEVER,
            node.asks: False,
            node.forced: True,
            node.taken: Offer.FAILOVER,
        },
        ghost={
            s.history.newest: larger(s.history.newest, node.stored + s.p.force_step),
            s.history.unsettled[n]: True,
            s.history.unsettled[peer(n)]: s.history.unsettled[peer(n)]
            & (s.node[peer(n)].view != View.STOPPED),
            s.history.stop_acked: False,
            s.history.attestation_broken: any_of(
                s.history.attestation_broken,
                s.node[peer(n)].view != View.STOPPED,
                s.node[peer(n)].stored >= node.stored + s.p.force_step,
            ),
        },
    )


@rule(210, trigger="consequence", actor=CLUSTER, source="D-16")
def rely_on_witness(s, n: Node):
    """A forced node that holds the lock lets the witness lease carry it, and no longer the
    operator's word.
    """
    node = s.node[n]
    return Body(
        "ForcedNodeArbitrates",
        moves=Move(node.view, View.FORCED, View.LOST),
        requires={"it holds the lock": node.lock_at != NEVER},
        sets={node.asks: True},
    )
