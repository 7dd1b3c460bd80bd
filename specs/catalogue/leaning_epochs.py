"""What the proofs about epochs lean on: two of {node, node, board} know the newest, by one name.

Also what a forced quorum leaves behind, and why a confirmed stop is where no failover can miss it.
"""

from __future__ import annotations

from models.ccr.phrases import controls
from models.ccr.vocabulary import SCHEMA, Cms, Node, View
from models.language.model import LEMMA, property_for
from models.language.terms import NOBODY, all_of, any_of, implies, one_of, peer

from .control import excused
from .leaning_control import peer_lease_left, witness_lease_left

lemma = property_for(SCHEMA)


@lemma("L22", kind=LEMMA, source="design")
def forced_is_unsettled(s, n: Node):
    """A node that acts on the operator's word has an unsettled epoch; an unsettled epoch is its
    proposer's newest.
    """
    unsettled = s.history.unsettled[n]
    return all_of(
        implies(s.node[n].forced, unsettled),
        implies(unsettled, s.node[n].stored_by == n),
    )


@lemma("L23", kind=LEMMA, source="design")
def attested_peer_is_off(s, n: Node):
    """While the attestation holds, the peer of a node with an unsettled epoch hosts nothing."""
    other = s.node[peer(n)]
    return implies(
        all_of(s.history.unsettled[n], ~s.history.attestation_broken),
        all_of(
            one_of(other.view, View.STOPPED, View.SEEKING, View.LOST, View.JOINED),
            implies(other.view == View.JOINED, ~controls(s, peer(n))),
            other.cms == Cms.OFFLINE,
            ~other.forced,
        ),
    )


@lemma("L24", kind=LEMMA, source="design")
def newest_epoch_has_a_majority(s, n: Node):
    """Of two nodes and a recorded board, two have the newest epoch."""
    other, w, newest = s.node[peer(n)], s.witness, s.history.newest
    return any_of(
        excused(s, n),
        s.node[n].stored >= newest,
        all_of(other.stored >= newest, any_of(~w.recorded, w.epoch >= newest)),
    )


@lemma("L25", kind=LEMMA, source="design")
def newest_epoch_is_somewhere(s, n: Node):
    """No epoch was ever opened that neither node wrote down; the board names none that its proposer
    did not.
    """
    a, b, w = s.node[n], s.node[peer(n)], s.witness
    return all_of(
        any_of(s.history.newest <= a.stored, s.history.newest <= b.stored),
        any_of(w.epoch <= a.stored, w.epoch <= b.stored),
        a.open <= s.history.newest,
        w.epoch <= s.history.newest,
    )


@lemma("L26", kind=LEMMA, source="design")
def pair_is_newest(s, n: Node):
    """A pair that echoes in one epoch is in the newest one."""
    a, b = s.node[n], s.node[peer(n)]
    same = all_of(
        a.view == View.JOINED, b.view == View.JOINED, a.open == b.open, a.open_by == b.open_by
    )
    return implies(all_of(same, ~excused(s, n)), s.history.newest <= a.open)


@lemma("L27", kind=LEMMA, source="design")
def controller_epoch_is_at_two(s, n: Node):
    """The epoch of a controller was accepted by the peer, or is on the board, unless that was
    wiped.
    """
    a, b, w = s.node[n], s.node[peer(n)], s.witness
    return implies(
        all_of(controls(s, n), ~excused(s, n)),
        any_of(b.others >= a.open, ~w.recorded, w.epoch >= a.open),
    )


@lemma("L28", kind=LEMMA, source="design")
def confirmed_stop_is_known(s, n: Node):
    """After a confirmed stop a node has the Stopped intent, or it is stale and without any lease,
    and its peer has it.
    """
    a, b, w = s.node[n], s.node[peer(n)], s.witness
    stale = all_of(
        b.stopped,
        controls(s, peer(n)),
        a.open < b.open,
        ~peer_lease_left(s, n),
        ~witness_lease_left(s, n),
        a.view != View.FORCED,
        ~a.forced,
        w.holder != n,
        any_of(~w.recorded, w.epoch > a.open),
    )
    return implies(s.history.stop_acked, any_of(a.stopped, stale))


@lemma("L29", kind=LEMMA, source="design")
def lone_holder_is_newest(s, n: Node):
    """While a lone controller has its lock, or a lease on it, nobody opened an epoch newer than
    what it wrote down.
    """
    a, w = s.node[n], s.witness
    lock = any_of(w.holder == n, witness_lease_left(s, n))
    return implies(all_of(a.view == View.ALONE, lock, ~excused(s, n)), s.history.newest <= a.stored)


@lemma("L30", kind=LEMMA, source="design")
def newest_epoch_has_one_name(s, n: Node):
    """Whoever knows the newest epoch to be open, a node or the board, knows it under one
    proposer.
    """
    a, b, w, newest = s.node[n], s.node[peer(n)], s.witness, s.history.newest
    return implies(
        all_of(a.open == newest, ~excused(s, n)),
        all_of(
            implies(b.open == newest, b.open_by == a.open_by),
            implies(all_of(w.recorded, w.epoch == newest), w.by == a.open_by),
        ),
    )


@lemma("L31", kind=LEMMA, source="design")
def board_names_what_was_stored(s, n: Node):
    """An epoch on the board was written down by its proposer, and is none that the proposer
    accepted from its peer.
    """
    a, w = s.node[n], s.witness
    return all_of(
        implies(w.by == n, all_of(a.stored >= w.epoch, a.others != w.epoch)),
        implies(all_of(w.recorded, w.by == NOBODY), w.epoch == 1),
    )


@lemma("L32", kind=LEMMA, source="design")
def board_epochs_are_not_accepted(s, n: Node):
    """A node accepts only what its peer wrote down, and never an epoch meant for the board."""
    a, b = s.node[n], s.node[peer(n)]
    return all_of(
        b.others <= a.stored,
        implies(all_of(a.stored_by == n, ~a.invites), b.others < a.stored),
        implies(a.stored_by == peer(n), b.stored >= a.stored),
        implies(all_of(a.view == View.ALONE, a.stored == a.open), ~a.invites),
    )
