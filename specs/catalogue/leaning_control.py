"""What the proofs of the control plane lean on. Nobody is promised these; each is proved like a
promise.

The argument in short. A node echoes only while it is joined, so once it has lost its peer, the
peer's lease only runs out (L11, L12); going online alone waits longer than that (P01's inequality),
so of two nodes with a CMS up neither has a peer lease left (L21). The lock has one holder whose
lease it outlives (L14 to L17), so both cannot serve by the witness either.
"""

from __future__ import annotations

from models.ccr.phrases import controls
from models.ccr.vocabulary import NEVER, SCHEMA, Cms, Node, Offer, Power, View
from models.language.model import LEMMA, property_for
from models.language.terms import NOBODY, all_of, any_of, implies, one_of, peer

lemma = property_for(SCHEMA)


def up(s, n):
    """The CMS is up, or coming up, on n."""
    return one_of(s.node[n].cms, Cms.ONLINE_PENDING, Cms.ONLINE)


def without_peer(s, n):
    """n acts or wants to act without its peer."""
    return one_of(s.node[n].view, View.LOST, View.ALONE, View.FORCED)


def peer_lease_left(s, n):
    """The stamp of the peer lease is young enough (a heartbeat echoed this instant is another
    matter).
    """
    return all_of(
        s.node[n].echoed_at >= 0,
        ~s.elapsed(s.node[n].echoed_at, s.p.peer_limit + s.p.arbitration_max),
    )


def witness_lease_left(s, n):
    """The stamp of the witness lease is young enough."""
    return all_of(s.node[n].lock_at >= 0, ~s.elapsed(s.node[n].lock_at, s.p.lock_lease))


@lemma("L01", kind=LEMMA, source="design")
def stamps_are_past(s, n: Node):
    """No stamp lies in the future."""
    node = s.node[n]
    stamps = (
        node.started_at,
        node.joined_at,
        node.echoed_at,
        node.lost_at,
        node.asked_at,
        node.lock_at,
        node.watch_since,
    )
    return all_of(
        s.now >= 0, s.witness.renewal <= s.now, *(all_of(x >= NEVER, x <= s.now) for x in stamps)
    )


@lemma("L02", kind=LEMMA, source="design")
def off_means_forgotten(s, n: Node):
    """A node without power has the memory of one that never ran."""
    node = s.node[n]
    return implies(
        node.power == Power.DOWN,
        all_of(
            node.view == View.STOPPED,
            node.cms == Cms.OFFLINE,
            ~node.left,
            node.offer == Offer.NOTHING,
            ~node.move,
        ),
    )


@lemma("L03", kind=LEMMA, source="design")
def says_what_it_does(s, n: Node):
    """What a node says on the wire follows from its view."""
    node = s.node[n]
    asking = one_of(node.view, View.SEEKING, View.LOST)
    return all_of(
        any_of(node.echoes, node.view != View.JOINED),
        any_of(~node.echoes, node.view == View.JOINED),
        any_of(node.asks, ~asking),
        any_of(~node.asks, asking),
        any_of(node.running, node.view == View.STOPPED),
        any_of(~node.running, node.view != View.STOPPED),
        any_of(node.renews, node.lock_at < 0),
        any_of(~node.renews, node.lock_at >= 0),
        implies(node.lock_at >= 0, without_peer(s, n)),
        implies(node.view == View.STOPPED, node.cms == Cms.OFFLINE),
        implies(node.view == View.FORCED, node.forced),
        implies(node.forced, one_of(node.view, View.FORCED, View.LOST)),
    )


@lemma("L04", kind=LEMMA, source="design")
def epochs_of_a_node(s, n: Node):
    """A node knows no epoch to be open that it did not write down; it accepted none newer than
    that.
    """
    node = s.node[n]
    return all_of(
        node.open >= 1,
        node.open <= node.stored,
        node.others >= 0,
        node.others <= node.open,
        node.forced_at >= 0,
        node.forced_at <= node.open,
        implies(node.open == node.stored, node.open_by == node.stored_by),
        implies(node.open_by == n, node.others < node.open),
        implies(node.stored_by == n, node.others < node.stored),
        implies(node.open_by == peer(n), node.others == node.open),
        implies(node.stored_by == peer(n), node.others == node.stored),
        implies(node.open_by == NOBODY, node.open == 1),
        implies(node.open_by != NOBODY, node.open >= 2),
        implies(node.stored > node.open, node.stored_by == n),
    )


@lemma("L05", kind=LEMMA, source="design")
def up_means_control(s, n: Node):
    """A node whose CMS is not offline, that acts alone or gives control away, knows itself the
    controller.
    """
    node = s.node[n]
    away = any_of(node.move, node.offer != Offer.NOTHING)
    return all_of(
        implies(
            any_of(node.cms != Cms.OFFLINE, one_of(node.view, View.ALONE, View.FORCED)),
            controls(s, n),
        ),
        implies(away, all_of(controls(s, n), ~node.stopped)),
    )


@lemma("L06", kind=LEMMA, source="design")
def joined_controller_was_accepted(s, n: Node):
    """The controller of a pair knows an epoch that its peer accepted."""
    return implies(
        all_of(s.node[n].view == View.JOINED, controls(s, n)),
        s.node[peer(n)].others >= s.node[n].open,
    )


@lemma("L11", kind=LEMMA, source="design")
def peer_lease_only_runs_out(s, n: Node):
    """Since a node lost its peer, the peer had no echo from it."""
    return implies(
        without_peer(s, n),
        all_of(s.node[n].lost_at >= 0, s.node[peer(n)].echoed_at <= s.node[n].lost_at),
    )


@lemma("L12", kind=LEMMA, source="design")
def own_peer_lease_only_runs_out(s, n: Node):
    """Since a node lost its peer, it had no echo itself."""
    return implies(without_peer(s, n), s.node[n].echoed_at <= s.node[n].lost_at)


@lemma("L14", kind=LEMMA, source="design")
def holder_outlives_lease(s, n: Node):
    """A witness lease that is left rests on the lock, unless the share was wiped since."""
    w = s.witness
    return implies(
        witness_lease_left(s, n),
        any_of(
            all_of(w.holder == n, s.node[n].lock_at <= w.renewal),
            all_of(w.holder == NOBODY, ~w.recorded),
        ),
    )


@lemma("L15", kind=LEMMA, source="design")
def one_witness_lease(s, n: Node):
    """At most one node has a witness lease left."""
    return ~all_of(witness_lease_left(s, n), witness_lease_left(s, peer(n)))


@lemma("L16", kind=LEMMA, source="design")
def watched_renewal_bounds_lease(s, n: Node):
    """While the renewal that a challenger watches stands still, the peer's witness lease is no
    younger than the watch.
    """
    node, w = s.node[n], s.witness
    dead = any_of(s.node[peer(n)].lock_at <= node.watch_since, ~witness_lease_left(s, peer(n)))
    return all_of(
        implies(all_of(node.watch_since >= 0, node.watch_seen == w.renewal), dead),
        implies(node.watch_since >= 0, node.watch_seen <= node.watch_since),
    )


@lemma("L17", kind=LEMMA, source="design")
def wiped_renewals_differ(s, n: Node):
    """The renewal left by a wipe was never seen before."""
    w = s.witness
    return all_of(
        w.incarnation >= 1,
        w.renewal + w.incarnation >= 0,
        s.node[n].watch_seen + w.incarnation >= 0,
        any_of(w.recorded, all_of(w.epoch == 0, w.by == NOBODY)),
        any_of(~w.recorded, w.epoch >= 1),
    )


@lemma("L20", kind=LEMMA, source="design")
def fresh_controller_is_alone_up(s, n: Node):
    """While the controller of a pair has a peer lease left, the CMS is not up on its peer."""
    return implies(
        all_of(s.node[n].view == View.JOINED, controls(s, n), peer_lease_left(s, n)),
        ~up(s, peer(n)),
    )


@lemma("L21", kind=LEMMA, source="design")
def two_up_have_no_peer_lease(s, n: Node):
    """Where the CMS is up on both nodes, no peer lease is left: going online alone waited longer
    than that.
    """
    return implies(all_of(up(s, n), up(s, peer(n))), ~peer_lease_left(s, n))


@lemma("L103", kind=LEMMA, source="design")
def a_held_lock_was_asked_for(s):
    """The lock that somebody holds says when that one asked for it."""
    return implies(s.witness.holder != NOBODY, s.witness.renewal >= 0)
