"""Promises about a node on its own: what it does first when its peer is lost, what it may write,
and what it notes. They hold for all rules together.
"""

from __future__ import annotations

from models.ccr.phrases import controls, echoed, witness_lease
from models.ccr.vocabulary import NEVER, SCHEMA, Cms, Node, Offer, View
from models.language.model import STEP, property_for
from models.language.terms import NOBODY, all_of, any_of, implies, larger, one_of, peer

promise = property_for(SCHEMA)


@promise("P129", kind=STEP, source="S-051")
def the_board_is_written_by_whom_it_may(s, t, n: Node):
    """The board is written by the holder of the lock that lost its peer, or by the controller of a
    pair that echoes while nobody holds the lock; a renewal on it is newer than the one before. A
    wipe begins a new incarnation, with nobody's lock and no epoch.
    """
    w, then, node = s.witness, t.witness, s.node[n]
    kept = w.incarnation == then.incarnation
    written = all_of(kept, any_of(then.epoch != w.epoch, then.recorded != w.recorded))
    alone = all_of(node.view == View.LOST, node.lock_at != NEVER, w.holder == n)
    pair = all_of(node.view == View.JOINED, controls(s, n), echoed(s, n), w.holder == NOBODY)
    wiped = all_of(
        w.recorded, ~then.recorded, then.incarnation == w.incarnation + 1, then.epoch == 0,
        then.renewal == w.incarnation * -1 - 1, then.holder == NOBODY, then.by == NOBODY,
    )  # fmt: skip
    return all_of(
        implies(all_of(written, then.by == n), any_of(alone, pair)),
        implies(kept, then.renewal >= w.renewal),
        implies(~kept, wiped),
    )


@promise("P130", kind=STEP, source="S-044")
def a_node_that_lost_its_peer_starts_anew(s, t, n: Node):
    """A node that has lost its peer, found none or was forced has asked for nothing yet, watches no
    lock and offers no control; one that stops serving by itself gives up a move and an offer; one
    that says goodbye, or joins, offers nothing. Only a holder of the lock acts alone.
    """
    node, new = s.node[n], t.node[n]
    lost = all_of(new.view == View.LOST, one_of(node.view, View.SEEKING, View.JOINED))
    forced = all_of(new.view == View.FORCED, node.view != View.FORCED)
    alone = all_of(new.view == View.ALONE, node.view == View.LOST)
    stopped = all_of(
        node.power == new.power,
        one_of(node.cms, Cms.ONLINE_PENDING, Cms.ONLINE),
        new.cms == Cms.OFFLINE,
    )
    left = all_of(node.running, ~new.running, node.power == new.power)
    joined = all_of(new.view == View.JOINED, new.open != node.open)
    dropped = all_of(
        node.lock_at != NEVER, new.lock_at == NEVER, new.view == View.LOST,
        node.power == new.power,
    )  # fmt: skip
    relies = all_of(node.view == View.FORCED, new.view == View.LOST)
    nothing = all_of(new.asked_at == NEVER, new.watch_since == NEVER)
    return all_of(
        implies(any_of(lost, forced), nothing),
        implies(
            any_of(all_of(lost, node.view == View.JOINED), stopped), new.offer == Offer.NOTHING
        ),
        implies(any_of(alone, stopped), ~new.move),
        implies(any_of(forced, alone), new.taken == Offer.FAILOVER),
        implies(all_of(new.running, ~node.running), ~node.left),
        implies(left, all_of(new.left, new.offer == Offer.NOTHING, ~new.move)),
        implies(joined, new.offer == Offer.NOTHING),
        implies(dropped, all_of(nothing, one_of(node.view, View.LOST, View.ALONE))),
        implies(any_of(alone, relies), node.lock_at != NEVER),
    )


@promise("P131", kind=STEP, source="S-060")
def what_a_node_notes_is_due(s, t, n: Node):
    """A failed access check is noted by a service that runs, when a check is due or the share is
    needed; a lock is watched by a node that lost its peer, holds none and cannot have it; a stop is
    confirmed by the controller once the CMS is down and nothing can bring it up elsewhere.
    """
    node, new, w = s.node[n], t.node[n], s.witness
    failed = all_of(node.share_seen, ~new.share_seen)
    checked = all_of(new.power == node.power, new.checked_at != node.checked_at)
    due = any_of(node.view == View.LOST, s.elapsed(node.checked_at, s.p.witness_check))
    watches = all_of(new.watch_since != node.watch_since, new.watch_since != NEVER)
    others = any_of(w.holder == peer(n), all_of(w.holder == NOBODY, ~w.recorded))
    challenger = all_of(one_of(node.view, View.LOST, View.FORCED), node.lock_at == NEVER, others)
    confirmed = all_of(new.stop_confirmed, ~node.stop_confirmed)
    lone = all_of(
        node.view == View.ALONE, witness_lease(s, n), s.elapsed(node.lost_at, s.p.head_start)
    )
    told = all_of(node.view == View.JOINED, echoed(s, n), s.node[peer(n)].stopped)
    safe = all_of(
        controls(s, n), node.stopped, one_of(node.cms, Cms.OFFLINE, Cms.FAILED),
        node.stored == node.open, any_of(lone, told),
    )  # fmt: skip
    return all_of(
        implies(failed, all_of(node.running, due)),
        implies(checked, any_of(node.running, new.running)),
        implies(
            all_of(new.stopped != node.stopped, new.view == node.view, controls(s, n)), node.running
        ),
        implies(watches, challenger),
        implies(confirmed, safe),
        implies(all_of(new.stopped != node.stopped, new.view == node.view), ~new.stop_confirmed),
    )


@promise("P99", kind=STEP, source="S-057")
def a_proposal_is_one_above_what_its_proposer_sees(s, t, n: Node):
    """A node proposes an epoch one above the newest that it sees: to a peer that asks to join and
    has its CMS offline, if it knows the newest; to take control that the peer offers; or for the
    board, while it holds the lock. It does not propose again what is still pending.
    """
    node, new, other, w = s.node[n], t.node[n], s.node[peer(n)], s.witness
    proposes = all_of(new.stored_by == n, new.stored != node.stored, new.view != View.FORCED)
    invites = all_of(
        other.asks,
        other.cms == Cms.OFFLINE,
        any_of(
            node.open > other.open,
            all_of(node.open == other.open, one_of(node.open_by, n, NOBODY)),
            other.open_by == n,
            node.forced,
        ),
    )
    takes = all_of(
        node.view == View.JOINED, node.open_by == peer(n), ~node.paused,
        other.offer != Offer.NOTHING, other.open == node.open, new.taken == other.offer,
    )  # fmt: skip
    sent = all_of(
        new.invites, any_of(invites, takes), new.stored == larger(node.stored, other.stored) + 1,
        ~all_of(node.stored_by == n, node.stored > node.open, node.invites,
                other.stored < node.stored),
    )  # fmt: skip
    written = all_of(
        ~new.invites, node.view == View.LOST, node.lock_at != NEVER,
        any_of(w.recorded, node.forced), new.stored == larger(node.stored, w.epoch) + 1,
    )  # fmt: skip
    return implies(proposes, any_of(sent, written))
