"""Control changes hands inside a pair: offered, proposed, handed over, confirmed; after a failure,
or as a scheduled move.

A move ships every last log while the source still controls; only then does it offer control. So a
move that fails costs nothing but time, and one that completes has lost nothing (S-015, S-019).
Confirming is membership's `confirm_pair`.
"""

from __future__ import annotations

from models.language.rule import Body, Move, rule_for
from models.language.terms import Int, all_of, any_of, each, larger, one_of, peer

from ..phrases import controls, echoed, replicates, same_stream, streams_closed, talks
from ..vocabulary import CLUSTER, SCHEMA, Cms, Group, Node, Offer, View

rule = rule_for(SCHEMA, "handover and move")


@rule(331, trigger="consequence", actor=CLUSTER, source="D-05")
def offer_after_failure(s, n: Node):
    """The controller whose CMS failed, or that is paused, offers control to its peer."""
    node = s.node[n]
    return Body(
        "ControlOffered",
        requires={
            "node is the controller of the pair": all_of(controls(s, n), node.view == View.JOINED),
            "it cannot host the CMS": any_of(
                node.cms == Cms.FAILED, all_of(node.paused, node.cms == Cms.OFFLINE)
            ),
            "CMS is not stopped by intent": ~node.stopped,
            "every mounted log stream is closed": streams_closed(s, n),
            "it offers nothing yet": node.offer == Offer.NOTHING,
        },
        given={"peer may host the CMS": all_of(echoed(s, n), ~s.node[peer(n)].paused)},
        sets={node.offer: Offer.FAILOVER, node.move: False},
    )


@rule(332, trigger="consequence", actor=CLUSTER, source="S-022")
def propose_handover(s, n: Node, number: Int, why: Offer):
    """The node that is offered control writes down a newer epoch of its own."""
    node, other = s.node[n], s.node[peer(n)]
    return Body(
        "HandoverProposed",
        requires={
            "node is joined and not the controller": all_of(
                node.view == View.JOINED, node.open_by == peer(n)
            ),
            "node is not paused": ~node.paused,
            "no proposal of its own is pending": ~all_of(
                node.stored_by == n, node.stored > node.open
            ),
        },
        given={
            "nodes talk": talks(s, n),
            "controller offers control": all_of(
                why == other.offer, other.offer != Offer.NOTHING, other.open == node.open
            ),
            "number is above both": number == larger(node.stored, other.stored) + 1,
        },
        sets={node.stored: number, node.stored_by: n, node.invites: True, node.taken: why},
    )


@rule(333, trigger="consequence", actor=CLUSTER, source="S-022")
def accept_handover(s, n: Node, number: Int):
    """The controller that offered control writes the peer's epoch down: the epoch is open, the peer
    controls.

    Why: it does so only when its own CMS is offline, so control never has two holders that serve.
    """
    node, other = s.node[n], s.node[peer(n)]
    return Body(
        "ControlHandedOver",
        moves=Move(node.cms, (Cms.OFFLINE, Cms.FAILED), Cms.OFFLINE),
        requires={
            "it offers control": node.offer != Offer.NOTHING,
            "node is the controller of the pair": all_of(controls(s, n), node.view == View.JOINED),
            "number is newer": number > node.stored,
        },
        given={
            "nodes talk": talks(s, n),
            "peer invites to it": all_of(
                number == other.stored,
                other.stored_by == peer(n),
                other.stored > other.open,
                other.invites,
            ),
            "peer echoes": other.echoes,
        },
        sets={
            node.stored: number,
            node.stored_by: peer(n),
            node.open: number,
            node.open_by: peer(n),
            node.others: number,
            node.offer: Offer.NOTHING,
            node.move: False,
            node.joined_at: s.now,
        },
        ghost={
            s.history.newest: larger(s.history.newest, number),
            s.history.unsettled[n]: False,
        },
    )


@rule(341, trigger="command", actor=CLUSTER, source="S-013")
def request_move(s, n: Node):
    """An operator moves the CMS from here to the other node, if replication there is ready to be
    activated quickly.

    Why: the checks keep a move short and lossless (S-015, S-016, D-07).
    """
    node, other = s.node[n], s.node[peer(n)]

    def ready(g):
        mine, theirs = s.copy[n, g], s.copy[peer(n), g]
        return all_of(
            same_stream(s, n, g),
            mine.top - theirs.top <= s.p.move_queue_max,
            theirs.top - theirs.replayed <= s.p.move_queue_max,
        )

    return Body(
        "MoveRequested",
        requires={
            "node is the controller of the pair": all_of(controls(s, n), node.view == View.JOINED),
            "CMS is online here": node.cms == Cms.ONLINE,
            "no move is under way": all_of(~node.move, node.offer == Offer.NOTHING),
            "CMS is not stopped by intent": ~node.stopped,
        },
        given={
            "target may host the CMS": all_of(echoed(s, n), ~other.paused),
            "every copy on the target is healthy": each(Group, lambda g: replicates(s, peer(n), g)),
            "copy and replay queues are short": each(Group, ready),
        },
        sets={node.move: True, node.moved_at: s.now},
    )


@rule(342, trigger="consequence", actor=CLUSTER, source="S-015")
def offer_move(s, n: Node):
    """The source of a move offers control once the target has inspected every declared final log.

    Why: if the fetch fails, nothing was given away and the source takes the CMS back (D-06).
    """
    node = s.node[n]

    def fetched(g):
        mine, theirs = s.copy[n, g], s.copy[peer(n), g]
        return any_of(
            mine.mounted_run != node.run, all_of(same_stream(s, n, g), theirs.top >= mine.final)
        )

    return Body(
        "MoveOffered",
        requires={
            "node is the controller of the pair": all_of(controls(s, n), node.view == View.JOINED),
            "a move is under way": node.move,
            "CMS is offline here": node.cms == Cms.OFFLINE,
            "every mounted log stream is closed": streams_closed(s, n),
            "it offers nothing yet": node.offer == Offer.NOTHING,
        },
        given={
            "target may host the CMS": all_of(echoed(s, n), ~s.node[peer(n)].paused),
            "target has every final log": each(Group, fetched),
        },
        sets={node.offer: Offer.MOVE},
    )


@rule(343, trigger="consequence", actor=CLUSTER, source="D-06")
def return_to_source(s, n: Node):
    """A move that cannot finish is given up: the source, which still controls, brings the CMS up
    again.
    """
    node = s.node[n]
    return Body(
        "MoveReturned",
        requires={
            "a move is under way": node.move,
            "it cannot finish": any_of(
                node.view != View.JOINED, s.elapsed(node.moved_at, s.p.move_patience)
            ),
        },
        sets={node.move: False, node.offer: Offer.NOTHING},
    )


@rule(344, trigger="consequence", actor=CLUSTER, source="D-06")
def abandon_move(s, n: Node):
    """The source of a move died after handing over: what is left is a failover, decided by the
    dial.
    """
    node = s.node[n]
    return Body(
        "MoveAbandoned",
        moves=Move(node.taken, Offer.MOVE, Offer.FAILOVER),
        requires={
            "node is the controller": controls(s, n),
            "source is gone": one_of(node.view, View.LOST, View.ALONE),
        },
    )
