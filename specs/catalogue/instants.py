"""How much the cluster services can still do in one instant, as a number read off a state: none
goes round in a circle while time stands still.

Where all is repaired and nobody wants anything else, each step that a cluster service takes of
itself lowers the number, and no step of another service raises it; so after so many steps nothing
is due but what waits for time. It is a sum with weights: what is worth more may set back what is
worth less. See `ranking` for the time that passes. Imports no z3.
"""

from __future__ import annotations

from models.ccr.model import CCR as RULES
from models.ccr.phrases import controls, echoed, invitation_stands, leased, renewing
from models.ccr.vocabulary import CLUSTER, NEVER, SCHEMA, Cms, Node, Offer, View
from models.language.model import STEP, property_for
from models.language.terms import all_of, any_of, if_else, implies, one_of, peer

from .ranking import CALM, undisturbed

promise = property_for(SCHEMA)

OWN = tuple(name for name in CALM if RULES.rules[name].actor == CLUSTER)
OTHERS = tuple(name for name in CALM if name not in OWN)

STEPS = 7_500


def _count(condition):
    return if_else(condition, 1, 0)


def _stage(s, n):
    """How far a node is from acting in a pair, or alone: 8 where it has not started."""
    node = s.node[n]
    held = node.lock_at != NEVER
    lost = if_else(renewing(s, n), 3, if_else(held, 5, 4))
    joined = if_else(echoed(s, n), 0, if_else(node.joined_at == s.now, 1, 6))
    return if_else(
        node.view == View.STOPPED, 8,
        if_else(node.view == View.SEEKING, 7,
        if_else(node.view == View.JOINED, joined,
        if_else(node.view == View.LOST, lost, if_else(renewing(s, n), 2, 6)))),
    )  # fmt: skip


def _rising(s, n):
    """What is left of bringing the CMS up, or of taking it down where no lease is valid."""
    cms = s.node[n].cms
    up = if_else(cms == Cms.OFFLINE, 2, _count(cms == Cms.ONLINE_PENDING))
    return if_else(leased(s, n), up, _count(cms != Cms.OFFLINE))


def _lock(s, n):
    """What is left of asking for the lock, writing the request down, reading it; of giving it back;
    of watching it.
    """
    node, w = s.node[n], s.witness
    return (
        _count(node.asked_at != s.now) * 8
        + _count(w.renewal < node.asked_at) * 3
        + _count(node.lock_at < node.asked_at)
        + _count(all_of(w.holder == n, one_of(node.view, View.JOINED, View.STOPPED)))
        + _count(any_of(node.watch_since == NEVER, node.watch_seen != w.renewal))
    )


def _pending(s, n):
    """The node proposed an epoch for the board, which does not outdo it."""
    node, w = s.node[n], s.witness
    newer = any_of(node.stored > w.epoch, all_of(node.stored == w.epoch, w.by == n))
    return all_of(~node.invites, node.stored_by == n, node.stored > node.open, newer)


def _proposing(s, n):
    """What is left of inviting, and of proposing for the board: the holder of the lock may set back
    an invitation of its peer, once; its own stands until it is accepted.
    """
    a, b = invitation_stands(s, n), invitation_stands(s, peer(n))

    def held(m, own, other):
        before = if_else(other, 3, 4)
        return if_else(own, 0, if_else(_pending(s, m), if_else(other, 1, 2), before))

    holder = s.witness.holder
    idle = if_else(any_of(a, b), 0, 4)
    return if_else(
        holder == n, held(n, a, b), if_else(holder == peer(n), held(peer(n), b, a), idle)
    )


def _noting(s, n):
    """What is left of writing the board, and of what nothing else depends on."""
    node, w = s.node[n], s.witness
    behind = all_of(
        node.view == View.JOINED, controls(s, n), any_of(~w.recorded, w.epoch < node.open)
    )
    return (
        _count(w.epoch < node.stored) + _count(behind) + _count(~node.share_seen)
        + _count(node.checked_at != s.now) + _count(node.echoed_at != s.now)
        + _count(node.taken == Offer.MOVE)
    )  # fmt: skip


def steps_left(s, n):
    """At most so many steps the cluster services of both nodes take of themselves in this instant;
    the same number for both. Each weight is more than all that is worth less can rise by.
    """

    def both(part):
        return part(s, n) + part(s, peer(n))

    return (
        both(_stage) * 441
        + both(_lock) * 13
        + both(_rising) * 13
        + _proposing(s, n) * 3
        + both(_noting)
    )


@promise("P172", kind=STEP, source="S-057", at=OWN)
def nobody_goes_round_in_a_circle(s, t, n: Node):
    """Where all is repaired and nobody wants anything else, each step that a cluster service takes
    of itself leaves fewer that can be taken in the same instant: never more than 7,500.

    Once refuted, before the rules were mended (test_ranking): a node that holds the lock invites
    its peer, outruns that by an epoch of its own, invites the peer again, and so on without end.
    """
    timers = all_of(s.p.peer_limit >= 1, s.p.lock_renew >= 1)
    left, then = steps_left(s, n), steps_left(t, n)
    return implies(all_of(undisturbed(s), timers), all_of(then < left, left <= STEPS, then >= 0))


@promise("P173", kind=STEP, source="S-057", at=OTHERS)
def other_services_start_no_circle(s, t, n: Node):
    """Where all is repaired and nobody wants anything else, no other service gives the cluster
    services more to do in the same instant.
    """
    return implies(undisturbed(s), steps_left(t, n) <= steps_left(s, n))
