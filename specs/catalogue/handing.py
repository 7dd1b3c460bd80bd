"""Promises about the clustered mailbox server and about control: how the one comes and goes, and
why the other is offered.

Each is a row of a truth table: what may become of a state, and why. They hold for all rules
together.
"""

from __future__ import annotations

from models.ccr.phrases import (
    controls,
    echoed,
    leased,
    renewing,
    replicates,
    same_stream,
    streams_closed,
)
from models.ccr.vocabulary import SCHEMA, Cms, Group, Node, Offer, Power, View
from models.language.model import STEP, property_for
from models.language.terms import all_of, any_of, each, implies, one_of, peer

promise = property_for(SCHEMA)


@promise("P123", kind=STEP, source="T3")
def the_cms_changes_as_it_can(s, t, n: Node):
    """The CMS comes up from offline and is online after it was coming up; it goes down by request,
    because it failed, or because the lease is over; an orderly shutdown ends when every mounted
    stream is closed.
    """
    old, new, node = s.node[n].cms, t.node[n].cms, s.node[n]
    up = (Cms.ONLINE_PENDING, Cms.ONLINE)
    unechoed = all_of(
        s.elapsed(node.echoed_at, s.p.peer_limit + s.p.arbitration_max), ~echoed(s, n)
    )
    over = all_of(unechoed, ~renewing(s, n), node.view != View.FORCED)
    shut = any_of(old == Cms.FAILED, over, all_of(old == Cms.OFFLINE_PENDING, streams_closed(s, n)))
    fresh = all_of(t.node[n].run == node.run + 1)
    return implies(
        all_of(new != old, t.node[n].power == Power.UP),
        all_of(
            implies(new == Cms.ONLINE_PENDING, all_of(old == Cms.OFFLINE, fresh)),
            implies(new == Cms.ONLINE, all_of(old == Cms.ONLINE_PENDING, leased(s, n))),
            implies(new == Cms.OFFLINE_PENDING, all_of(one_of(old, *up),
                                                       any_of(node.stopped, node.move))),
            implies(new == Cms.FAILED, one_of(old, *up)),
            implies(new == Cms.OFFLINE, shut),
        ),
    )  # fmt: skip


@promise("P124", kind=STEP, source="S-154")
def the_cms_comes_up_where_it_may(s, t, n: Node):
    """The CMS does not begin to come up on a node that is paused, or gives control away; a node is
    paused only while the CMS is not up there. A move begins while the CMS is online and every copy
    on a target that may host it is healthy and close behind; it is given up when it takes too long.
    """
    node, new = s.node[n], t.node[n]
    begins = all_of(new.cms == Cms.ONLINE_PENDING, node.cms != Cms.ONLINE_PENDING)
    keeps = all_of(~node.move, node.offer == Offer.NOTHING)
    other, moves = s.node[peer(n)], all_of(new.move, ~node.move)

    def ready(g):
        mine, theirs = s.copy[n, g], s.copy[peer(n), g]
        return all_of(
            same_stream(s, n, g),
            mine.top - theirs.top <= s.p.move_queue_max,
            theirs.top - theirs.replayed <= s.p.move_queue_max,
        )  # fmt: skip

    healthy = each(Group, lambda g: replicates(s, peer(n), g))
    target = all_of(
        node.cms == Cms.ONLINE, echoed(s, n), ~other.paused, healthy, each(Group, ready)
    )  # fmt: skip
    returned = all_of(
        node.move, ~new.move, new.cms == node.cms, new.stopped == node.stopped,
        new.view == node.view, new.offer == Offer.NOTHING, new.open == node.open,
    )  # fmt: skip
    late = s.elapsed(node.moved_at, s.p.move_patience)
    return all_of(
        implies(moves, target),
        implies(returned, any_of(node.view != View.JOINED, late)),
        implies(begins, all_of(~node.paused, keeps)),
        implies(all_of(new.paused, ~node.paused), one_of(node.cms, Cms.OFFLINE, Cms.FAILED)),
    )


@promise("P125", kind=STEP, source="S-015")
def control_is_offered_for_a_reason(s, t, n: Node):
    """A controller offers control when its CMS failed or it is paused, or for a move once the
    target has inspected every declared final log; every stream mounted here is closed by then.
    """
    node, new = s.node[n], t.node[n]
    offers = all_of(new.offer != Offer.NOTHING, node.offer == Offer.NOTHING)

    def fetched(g):
        mine, theirs = s.copy[n, g], s.copy[peer(n), g]
        return any_of(
            mine.mounted_run != node.run, all_of(same_stream(s, n, g), theirs.top >= mine.final)
        )

    moved = all_of(node.move, node.cms == Cms.OFFLINE, each(Group, fetched))
    failed = any_of(node.cms == Cms.FAILED, all_of(node.paused, node.cms == Cms.OFFLINE))
    why = any_of(
        all_of(new.offer == Offer.MOVE, moved),
        all_of(new.offer == Offer.FAILOVER, failed, ~new.move),
    )
    here = all_of(controls(s, n), node.view == View.JOINED, streams_closed(s, n))
    given = all_of(node.open_by == n, new.open_by == peer(n), node.view == View.JOINED,
                   new.view == View.JOINED)  # fmt: skip
    gone = all_of(node.taken == Offer.MOVE, new.taken == Offer.FAILOVER, node.view == View.LOST,
                  new.view == View.LOST, new.open == node.open)  # fmt: skip
    return all_of(
        implies(offers, all_of(why, here)),
        implies(given, all_of(node.offer != Offer.NOTHING,
                              one_of(node.cms, Cms.OFFLINE, Cms.FAILED))),
        implies(gone, controls(s, n)),
    )  # fmt: skip
