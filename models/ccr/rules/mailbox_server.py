"""The clustered mailbox server (CMS): it comes online where control is and a lease is valid, stops,
fails, changes hands.

The host follows control (A8): only the controller of the newest epoch brings the CMS up.
PartiallyOnline is a view: online, with a storage group that is not mounted.
"""

from __future__ import annotations

from models.language.rule import Body, Move, rule_for
from models.language.terms import Bool, all_of, any_of, one_of, peer

from ..phrases import controls, echoed, leased, renewing, streams_closed
from ..phrases_networks import addressed
from ..vocabulary import CLUSTER, SCHEMA, WORLD, Cms, Node, Offer, View

rule = rule_for(SCHEMA, "mailbox server")


@rule(301, trigger="consequence", actor=CLUSTER, source="S-085")
def bring_online(s, n: Node):
    """The controller begins to bring the CMS up; one that acts alone waits its head start first.

    Why: by then the peer, wherever it is and whatever it believes, has run out of leases (Q6).
    """
    node = s.node[n]
    return Body(
        "CmsOnlinePending",
        moves=Move(node.cms, Cms.OFFLINE, Cms.ONLINE_PENDING),
        requires={
            "node is the controller": controls(s, n),
            "CMS is not stopped by intent": ~node.stopped,
            "node is not paused": ~node.paused,
            "control is not on its way out": all_of(~node.move, node.offer == Offer.NOTHING),
            "node is joined, or alone for its head start": any_of(
                node.view == View.JOINED,
                all_of(
                    one_of(node.view, View.ALONE, View.FORCED),
                    s.elapsed(node.lost_at, s.p.head_start),
                ),
            ),
        },
        given={"lease is valid": leased(s, n)},
        sets={node.run: node.run + 1, node.pending_at: s.now},
    )


@rule(302, trigger="consequence", actor=CLUSTER, source="S-085")
def complete_online(s, n: Node):
    """The network name and address of the CMS are up: clients can connect."""
    node = s.node[n]
    return Body(
        "CmsOnline",
        moves=Move(node.cms, Cms.ONLINE_PENDING, Cms.ONLINE),
        requires={"node is the controller": controls(s, n)},
        given={"lease is valid": leased(s, n)},
    )


@rule(303, trigger="consequence", actor=CLUSTER, source="S-045")
def stop_serving(s, n: Node):
    """Both leases ran out: the node stops the CMS by itself, at once and without flushing.

    Why: it no longer knows that it has a majority; without a flush its databases can still heal
    incrementally.
    """
    node = s.node[n]
    return Body(
        "CmsSelfStopped",
        moves=Move(node.cms, (Cms.ONLINE_PENDING, Cms.ONLINE, Cms.OFFLINE_PENDING), Cms.OFFLINE),
        requires={
            "peer lease ran out": s.elapsed(node.echoed_at, s.p.peer_limit + s.p.arbitration_max),
            "witness lease ran out": s.elapsed(node.lock_at, s.p.lock_lease),
            "quorum is not forced": node.view != View.FORCED,
        },
        given={"no echo comes": ~echoed(s, n), "no renewal is granted": ~renewing(s, n)},
        sets={node.move: False, node.offer: Offer.NOTHING},
    )


@rule(304, trigger="fault", actor=WORLD, source="D-05")
def fail_cms(s, n: Node):
    """The CMS loses its network name or address: a reason to fail over though no node failed."""
    return Body(
        "CmsFailed", moves=Move(s.node[n].cms, (Cms.ONLINE, Cms.ONLINE_PENDING), Cms.FAILED)
    )


@rule(663, trigger="consequence", actor=CLUSTER, source="S-094")
def lose_address(s, n: Node):
    """No public network carries what the CMS sends, so its name and address fail; the peer has
    both, and is heard over another network.

    Why: with the public network gone at both ends, or the peer out of reach, giving the CMS away
    would help nobody.
    """
    return Body(
        "CmsAddressLost",
        moves=Move(s.node[n].cms, (Cms.ONLINE, Cms.ONLINE_PENDING), Cms.FAILED),
        requires={"node is the controller": controls(s, n)},
        given={
            "clients do not reach it": ~addressed(s, n),
            "clients reach the peer": addressed(s, peer(n)),
            "peer may host the CMS": all_of(echoed(s, n), ~s.node[peer(n)].paused),
        },
    )


@rule(305, trigger="consequence", actor=CLUSTER, source="T3")
def finish_offline(s, n: Node):
    """Every mounted database is closed: the CMS is offline."""
    node = s.node[n]
    return Body(
        "CmsOffline",
        moves=Move(node.cms, Cms.OFFLINE_PENDING, Cms.OFFLINE),
        requires={
            "every mounted log stream is closed": streams_closed(s, n),
        },
    )


@rule(306, trigger="command", actor=CLUSTER, source="T3")
def restart_failed(s, n: Node):
    """A failed CMS is made ready to come up again here."""
    return Body("CmsRepaired", moves=Move(s.node[n].cms, Cms.FAILED, Cms.OFFLINE))


@rule(311, trigger="command", actor=CLUSTER, source="T3")
def stop_cms(s, n: Node):
    """An operator stops the CMS: it is shut cleanly and stays so until it is started, whatever
    fails meanwhile (D-11).
    """
    node = s.node[n]
    return Body(
        "CmsStopAsked",
        requires={
            "node is the controller": controls(s, n),
            "service runs": node.running,
            "CMS is not stopped by intent": ~node.stopped,
        },
        sets={
            node.stopped: True,
            node.stop_confirmed: False,
            node.move: False,
            node.offer: Offer.NOTHING,
        },
    )


@rule(312, trigger="consequence", actor=CLUSTER, source="T3")
def begin_offline(s, n: Node):
    """A CMS that is stopped by intent, or about to move, begins to go offline."""
    node = s.node[n]
    return Body(
        "CmsOfflinePending",
        moves=Move(node.cms, (Cms.ONLINE, Cms.ONLINE_PENDING), Cms.OFFLINE_PENDING),
        requires={"it is to stop or to move": any_of(node.stopped, node.move)},
        sets={node.pending_at: s.now},
    )


@rule(313, trigger="consequence", actor=CLUSTER, source="S-057")
def adopt_intent(s, n: Node, stopped: Bool):
    """The other node of the pair takes over the Stopped intent of the controller."""
    node, other = s.node[n], s.node[peer(n)]
    return Body(
        "IntentAdopted",
        requires={
            "node is joined and not the controller": all_of(
                node.view == View.JOINED, node.open_by == peer(n)
            ),
            "that is news": node.stopped != stopped,
        },
        given={
            "controller echoes in the same epoch": echoed(s, n),
            "its Stopped intent": stopped == other.stopped,
        },
        sets={node.stopped: stopped, node.stop_confirmed: False},
    )


@rule(314, trigger="consequence", actor=CLUSTER, source="D-11")
def confirm_stop(s, n: Node):
    """The stop is confirmed once no failover can miss it: the peer has it too, or nobody but this
    node may act.

    Why: an unconfirmed stop may be lost with the node that took it; a confirmed one may not.
    """
    node, other = s.node[n], s.node[peer(n)]
    return Body(
        "CmsStopped",
        requires={
            "node is the controller": controls(s, n),
            "it is stopped by intent": all_of(node.stopped, ~node.stop_confirmed),
            "CMS is offline here": one_of(node.cms, Cms.OFFLINE, Cms.FAILED),
            "nothing is proposed": node.stored == node.open,
        },
        given={
            "no failover can miss it": any_of(
                all_of(
                    node.view == View.ALONE,
                    any_of(renewing(s, n), ~s.elapsed(node.lock_at, s.p.lock_lease)),
                    s.elapsed(node.lost_at, s.p.head_start),
                ),
                all_of(node.view == View.JOINED, echoed(s, n), other.stopped),
            ),
        },
        sets={node.stop_confirmed: True},
        ghost={s.history.stop_acked: ~any_of(s.history.unsettled[n], s.history.unsettled[peer(n)])},
    )


@rule(315, trigger="command", actor=CLUSTER, source="T3")
def start_cms(s, n: Node):
    """An operator starts a stopped CMS again; only this does."""
    node = s.node[n]
    return Body(
        "CmsStartAsked",
        requires={
            "node is the controller": controls(s, n),
            "service runs": node.running,
            "it is stopped by intent": node.stopped,
        },
        sets={node.stopped: False, node.stop_confirmed: False},
        ghost={s.history.stop_acked: False},
    )


@rule(321, trigger="command", actor=CLUSTER, source="S-154")
def pause_node(s, n: Node):
    """A paused node votes but does not host the CMS."""
    node = s.node[n]
    return Body(
        "NodePaused",
        requires={
            "node is not paused": ~node.paused,
            "CMS is offline here": one_of(node.cms, Cms.OFFLINE, Cms.FAILED),
        },
        sets={node.paused: True},
    )


@rule(322, trigger="command", actor=CLUSTER, source="S-154")
def resume_node(s, n: Node):
    """A paused node may host the CMS again."""
    return Body(
        "NodeResumed", requires={"node is paused": s.node[n].paused}, sets={s.node[n].paused: False}
    )
