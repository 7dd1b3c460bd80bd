"""Membership: the cluster service starts, finds its peer, opens an epoch with it, loses it, and
stops.

An epoch is named {number, proposer}; it is open once two of {node, node, board} have written it
down. A pair opens one in two messages: the proposer writes it, the other accepts (it is open now),
the proposer learns that. Any of the three may be the last.
"""

from __future__ import annotations

from models.language.rule import Body, Move, rule_for
from models.language.terms import NOBODY, Bool, Int, all_of, any_of, larger, one_of, peer

from ..phrases import alive, carried, echoed, talks, taught_by_peer
from ..vocabulary import CLUSTER, NEVER, SCHEMA, Cms, Node, Offer, View

rule = rule_for(SCHEMA, "membership")


def _losing(s, n):
    node = s.node[n]
    return {
        node.echoes: False,
        node.asks: True,
        node.lost_at: s.now,
        node.asked_at: NEVER,
        node.watch_since: NEVER,
        node.offer: Offer.NOTHING,
    }


@rule(101, trigger="consequence", actor=CLUSTER, source="S-062")
def start_service(s, n: Node):
    """The cluster service of a node that is up starts and looks for its peer."""
    node = s.node[n]
    return Body(
        "ClusterServiceStarted",
        moves=Move(node.view, View.STOPPED, View.SEEKING),
        requires={"it was not asked to stop": ~node.left},
        sets={node.running: True, node.asks: True, node.started_at: s.now, node.checked_at: s.now},
    )


@rule(102, trigger="command", actor=CLUSTER, source="S-064")
def stop_service(s, n: Node):
    """The cluster service stops and says goodbye; it waits until it is started again."""
    node = s.node[n]
    return Body(
        "ClusterServiceStopped",
        moves=Move(
            node.view, (View.SEEKING, View.JOINED, View.LOST, View.ALONE, View.FORCED), View.STOPPED
        ),
        requires={"CMS is offline here": node.cms == Cms.OFFLINE},
        sets={
            node.running: False,
            node.asks: False,
            node.echoes: False,
            node.left: True,
            node.lock_at: NEVER,
            node.renews: False,
            node.forced: False,
            node.offer: Offer.NOTHING,
            node.move: False,
        },
    )


@rule(103, trigger="command", actor=CLUSTER, source="S-062")
def restart_service(s, n: Node):
    """An operator lets a stopped cluster service start again."""
    node = s.node[n]
    return Body(
        "ClusterServiceAllowed",
        requires={"it was asked to stop": node.left},
        sets={node.left: False},
    )


@rule(104, trigger="beat", actor=CLUSTER, source="S-044")
def exchange_heartbeat(s, n: Node):
    """A heartbeat goes out and its echo comes back: the peer hears me, in this epoch.

    Why: a lease may rest on an echo only. Hearing the peer is not enough: in a one-way cut each
    side would hear without being heard, and both would serve.
    """
    node = s.node[n]
    return Body(
        "HeartbeatEchoed",
        requires={
            "node is joined": node.view == View.JOINED,
            "newest echo is older": node.echoed_at < s.now,
        },
        given={"peer echoes in the same epoch": echoed(s, n)},
        sets={node.echoed_at: s.now},
    )


@rule(105, trigger="consequence", actor=CLUSTER, source="S-044")
def lose_peer(s, n: Node):
    """No heartbeat was echoed for peer_limit: the node declares its peer lost and stops echoing.

    Why: it stops echoing before anything else, so that the peer's lease can only run out from here
    on.
    """
    node = s.node[n]
    return Body(
        "PeerLost",
        moves=Move(node.view, View.JOINED, View.LOST),
        requires={
            "no echo for peer_limit": s.elapsed(node.echoed_at, s.p.peer_limit),
            "not joined just now": s.elapsed(node.joined_at, s.p.peer_limit),
        },
        given={"no echo comes": ~echoed(s, n)},
        sets={**_losing(s, n)},
    )


@rule(106, trigger="consequence", actor=CLUSTER, source="S-064")
def note_goodbye(s, n: Node):
    """The peer said that it leaves; there is no need to wait for the limit."""
    return Body(
        "PeerLeft",
        moves=Move(s.node[n].view, View.JOINED, View.LOST),
        given={
            "peer said goodbye": all_of(
                carried(s, peer(n)), alive(s, peer(n)), s.node[peer(n)].left
            ),
        },
        sets={**_losing(s, n)},
    )


@rule(107, trigger="consequence", actor=CLUSTER, source="S-062")
def form_alone(s, n: Node):
    """A node that came up and found no peer tries to form the cluster alone; its head start counts
    from here.
    """
    node = s.node[n]
    return Body(
        "PeerNotFound",
        moves=Move(node.view, View.SEEKING, View.LOST),
        requires={"it looked for peer_limit": s.elapsed(node.started_at, s.p.peer_limit)},
        given={"peer does not answer": ~all_of(talks(s, n), s.node[peer(n)].running)},
        sets={node.lost_at: s.now, node.asked_at: NEVER, node.watch_since: NEVER},
    )


@rule(111, trigger="consequence", actor=CLUSTER, source="S-057")
def propose_pair(s, n: Node, number: Int):
    """The node with the newest epoch writes down a newer one and offers it to a peer that asks to
    join.

    Why: the newest known epoch decides, so that whoever missed changes learns them before it may
    act (S-058). A peer whose CMS is not down cannot accept: it would be invited again and again
    by a node that could act alone. A node that never heard that the peer accepted its epoch
    invites again: it may act alone, and then nobody could invite it.
    """
    node, other = s.node[n], s.node[peer(n)]
    return Body(
        "PairProposed",
        requires={
            "node takes part": one_of(
                node.view, View.SEEKING, View.LOST, View.ALONE, View.FORCED, View.JOINED
            ),
        },
        given={
            "nodes talk": talks(s, n),
            "peer asks to join": other.asks,
            "CMS is offline there": other.cms == Cms.OFFLINE,
            "node knows the newest epoch": any_of(
                node.open > other.open,
                all_of(node.open == other.open, one_of(node.open_by, n, NOBODY)),
                other.open_by == n,
                node.forced,
            ),
            "no invitation of its own is pending": ~all_of(
                node.invites,
                node.stored_by == n,
                node.stored > node.open,
                other.stored < node.stored,
            ),
            "no invitation of the peer is pending": ~all_of(
                other.invites,
                other.stored_by == peer(n),
                other.stored > other.open,
                any_of(
                    all_of(
                        node.asks,
                        node.cms == Cms.OFFLINE,
                        other.stored > node.stored,
                        taught_by_peer(s, n),
                    ),
                    all_of(other.stored == node.open, node.echoes),
                ),
            ),
            "number is above both": number == larger(node.stored, other.stored) + 1,
        },
        sets={node.stored: number, node.stored_by: n, node.invites: True},
    )


@rule(112, trigger="consequence", actor=CLUSTER, source="S-057")
def accept_pair(s, n: Node, number: Int, stopped: Bool):
    """A node that asks to join writes down the epoch its peer proposes; with two writers the epoch
    is open.

    Why: it takes the peer's configuration over with it: all configuration passes between the two
    nodes.
    """
    node, other = s.node[n], s.node[peer(n)]
    return Body(
        "PairAccepted",
        moves=Move(node.view, (View.SEEKING, View.LOST), View.JOINED),
        requires={
            "CMS is offline here": node.cms == Cms.OFFLINE,
            "number is newer": number > node.stored,
        },
        given={
            "nodes talk": talks(s, n),
            "peer runs": other.running,
            "peer invites to it": all_of(
                number == other.stored,
                other.stored_by == peer(n),
                other.stored > other.open,
                other.invites,
            ),
            "peer knows the newest epoch": taught_by_peer(s, n),
            "peer's Stopped intent": stopped == other.stopped,
        },
        sets={
            node.stored: number,
            node.stored_by: peer(n),
            node.open: number,
            node.open_by: peer(n),
            node.others: number,
            node.echoes: True,
            node.asks: False,
            node.joined_at: s.now,
            node.lock_at: NEVER,
            node.renews: False,
            node.forced: False,
            node.stopped: stopped,
            node.offer: Offer.NOTHING,
            node.move: False,
        },
        ghost={s.history.newest: larger(s.history.newest, number), s.history.unsettled[n]: False},
    )


@rule(113, trigger="consequence", actor=CLUSTER, source="S-057")
def confirm_pair(s, n: Node):
    """The proposer learns that its peer accepted: both are joined in the new epoch, and it is the
    controller.
    """
    node, other = s.node[n], s.node[peer(n)]
    return Body(
        "PairConfirmed",
        requires={
            "node takes part": one_of(
                node.view, View.SEEKING, View.LOST, View.ALONE, View.FORCED, View.JOINED
            ),
            "it invited": all_of(node.stored_by == n, node.stored > node.open, node.invites),
        },
        given={
            "nodes talk": talks(s, n),
            "peer wrote it down": all_of(
                other.stored == node.stored, other.stored_by == n, other.open == node.stored
            ),
            "peer echoes": other.echoes,
        },
        sets={
            node.view: View.JOINED,
            node.open: node.stored,
            node.open_by: n,
            node.echoes: True,
            node.asks: False,
            node.joined_at: s.now,
            node.lock_at: NEVER,
            node.renews: False,
            node.forced: False,
            node.offer: Offer.NOTHING,
        },
        ghost={s.history.unsettled[n]: False},
    )
