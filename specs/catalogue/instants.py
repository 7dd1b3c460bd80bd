"""How much the cluster services can still do in one instant, as a number read off a state: none
goes round in a circle while time stands still.

Where all is repaired, a move or an offer perhaps under way, each step that a cluster service takes
of itself lowers the number, and no step of another service raises it; so after so many steps
nothing is due but what waits for time. It is a sum with weights: what is worth more may set back
what is worth less. See `ranking` for the time that passes. Imports no z3.
"""

from __future__ import annotations

from models.ccr.model import CCR as RULES
from models.ccr.phrases import controls, echoed, invitation_stands, leased, renewing
from models.ccr.vocabulary import CLUSTER, NEVER, SCHEMA, Cms, Node, Offer, View
from models.language.model import STEP, property_for
from models.language.terms import all_of, any_of, if_else, implies, one_of, peer

from .data import attested
from .ranking import CALM
from .unfinished import mended

promise = property_for(SCHEMA)

OWN = tuple(name for name in CALM if RULES.rules[name].actor == CLUSTER)
OTHERS = tuple(name for name in CALM if name not in OWN)

STEPS = 140_000


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
        if_else(node.view == View.FORCED, 6,
        if_else(node.view == View.JOINED, joined,
        if_else(node.view == View.LOST, lost, if_else(renewing(s, n), 2, 6))))),
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


def _wanted(s, n):
    """Whether control may yet change hands: it is offered, or a move or a failure may offer it."""
    node = s.node[n]
    offering = any_of(node.move, node.cms == Cms.FAILED)
    return if_else(offering, 2, _count(node.offer != Offer.NOTHING))


def _leaving(s, n):
    """What is left of a shutdown, of giving up a move, of offering control, and of the peer's
    taking it.
    """
    node, other = s.node[n], s.node[peer(n)]
    up = one_of(node.cms, Cms.ONLINE_PENDING, Cms.ONLINE)
    goes = if_else(all_of(node.move, up), 2, _count(node.cms == Cms.OFFLINE_PENDING))
    proposed = all_of(other.stored_by == peer(n), other.stored > other.open)
    may_offer = all_of(node.view == View.JOINED, any_of(node.move, node.cms == Cms.FAILED))
    offers = if_else(node.offer != Offer.NOTHING, _count(~proposed), if_else(may_offer, 2, 0))
    return goes + _count(node.move) + offers


def steps_left(s, n):
    """At most so many steps the cluster services of both nodes take of themselves in this instant;
    the same number for both. Each weight is more than all that is worth less can rise by.
    """

    def both(part):
        return part(s, n) + part(s, peer(n))

    return (
        both(_wanted) * 28_000
        + both(_stage) * 1_641
        + both(_leaving) * 100
        + both(_lock) * 13
        + both(_rising) * 13
        + _proposing(s, n) * 3
        + both(_noting)
    )


@promise("P172", kind=STEP, source="S-057", at=OWN)
def nobody_goes_round_in_a_circle(s, t, n: Node):
    """Where all is repaired, each step that a cluster service takes of itself leaves fewer that can
    be taken in the same instant, also while a move, an offer or a forced quorum is under way.

    Once refuted, before the rules were mended (test_ranking): a node that holds the lock invites
    its peer, outruns that by an epoch of its own, invites the peer again, and so on without end.
    """
    timers = all_of(s.p.peer_limit >= 1, s.p.lock_renew >= 1)
    return implies(all_of(mended(s), attested(t), timers), steps_left(t, n) < steps_left(s, n))


@promise("P173", kind=STEP, source="S-057", at=OTHERS)
def other_services_start_no_circle(s, t, n: Node):
    """Where all is repaired, no other service gives the cluster services more to do in the same
    instant, which is never more than 140,000 steps.
    """
    left, then = steps_left(s, n), steps_left(t, n)
    never_more = all_of(then <= left, left >= 0, left <= STEPS)
    return implies(all_of(mended(s), attested(t)), never_more)
