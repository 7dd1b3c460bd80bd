"""What the proofs about mounting lean on: who was outdone by a newer mount has no lease left.

It has no lease left and gets none, so that of two streams only one grows.
"""

from __future__ import annotations

from models.ccr.phrases import controls
from models.ccr.vocabulary import SCHEMA, Cms, Copy, Group, Node, View
from models.language.model import LEMMA, property_for
from models.language.terms import all_of, any_of, implies, one_of, peer

from .data import attested, follows
from .leaning_control import peer_lease_left, up, witness_lease_left

lemma = property_for(SCHEMA)


def _outdone(s, n):
    """n cannot mount anything before it knows a newer epoch: it hosts nothing and acts on nothing,
    or has no lease left.
    """
    a, w = s.node[n], s.witness
    idle = all_of(one_of(a.view, View.STOPPED, View.SEEKING, View.LOST), a.cms == Cms.OFFLINE)
    spent = all_of(~peer_lease_left(s, n), ~witness_lease_left(s, n), w.holder != n)
    barred = any_of(~w.recorded, w.epoch > a.open)
    return all_of(a.view != View.FORCED, ~a.forced, barred, any_of(idle, spent))


@lemma("L58", kind=LEMMA, source="design")
def outdone_controller_has_no_lease(s, n: Node, g: Group):
    """A node that still thinks itself the controller after its peer mounted in a newer epoch has no
    lease and gets none.
    """
    later = s.copy[peer(n), g].active_epoch > s.node[n].open
    return implies(
        all_of(attested(s), controls(s, n), later),
        any_of(_outdone(s, n), s.history.unsettled[peer(n)]),
    )


@lemma("L59", kind=LEMMA, source="design")
def final_seen_is_final(s, n: Node, g: Group):
    """While the epoch lasts in which a controller read its source's final generation, the source
    does not go on.
    """
    a, b = s.copy[n, g], s.copy[peer(n), g]
    return implies(
        all_of(
            attested(s), controls(s, n), a.final_epoch == s.node[n].open, a.state == Copy.HEALTHY
        ),
        all_of(
            s.node[peer(n)].open >= s.node[n].open,
            any_of(
                b.active_epoch > s.node[n].open,
                all_of(
                    b.final == a.final_seen,
                    b.final >= 0,
                    follows(s, n, g),
                ),
            ),
        ),
    )


@lemma("L60", kind=LEMMA, source="design")
def controllers_epochs_differ(s, n: Node, g: Group):
    """Two nodes never control epochs of one number, and no node controls one in which its peer
    mounted.
    """
    a, b = s.node[n], s.node[peer(n)]
    return implies(
        all_of(attested(s), controls(s, n)),
        all_of(
            implies(controls(s, peer(n)), a.open != b.open),
            s.copy[peer(n), g].active_epoch != a.open,
        ),
    )


@lemma("L61", kind=LEMMA, source="design")
def controlled_epoch_is_at_two(s, n: Node, g: Group):
    """An epoch that a node controls, or mounted in, its peer accepted, or the board holds unless
    wiped, or it was forced.
    """
    a, b, w = s.node[n], s.node[peer(n)], s.witness
    mounted = s.copy[n, g].active_epoch

    def at_two(epoch):
        outnumbered = all_of(s.history.unsettled[peer(n)], b.open > epoch)
        board = any_of(~w.recorded, w.epoch >= epoch)
        return any_of(b.others >= epoch, board, s.history.unsettled[n], outnumbered)

    return implies(
        attested(s),
        all_of(
            implies(controls(s, n), at_two(a.open)), any_of(a.others > mounted, at_two(mounted))
        ),
    )


@lemma("L62", kind=LEMMA, source="design")
def newer_controller_that_is_up_outdoes(s, n: Node):
    """Where both think themselves the controller and the CMS is up on the newer, the older has no
    lease and gets none.
    """
    a, b = s.node[n], s.node[peer(n)]
    return implies(
        all_of(attested(s), controls(s, n), controls(s, peer(n)), up(s, peer(n)), a.open < b.open),
        any_of(_outdone(s, n), s.history.unsettled[peer(n)]),
    )


@lemma("L64", kind=LEMMA, source="design")
def forced_epoch_outnumbers(s, n: Node):
    """As long as the attestation holds, an unsettled forced epoch is newer than any that its peer
    controls.
    """
    a, b = s.node[n], s.node[peer(n)]
    return implies(
        all_of(attested(s), s.history.unsettled[n]),
        all_of(b.open <= a.stored, implies(controls(s, peer(n)), b.open < a.open)),
    )


@lemma("L66", kind=LEMMA, source="design")
def writer_of_the_board_was_newest(s, n: Node):
    """Who wrote the board and has not yet read it back was the newest controller when it wrote."""
    a, b, w = s.node[n], s.node[peer(n)], s.witness
    wrote = all_of(w.recorded, w.by == n, w.epoch > a.open, ~a.forced)
    return implies(
        all_of(attested(s), wrote, controls(s, peer(n)), ~s.history.unsettled[peer(n)]),
        any_of(b.open <= a.open, all_of(b.open > w.epoch, b.forced_at > w.epoch)),
    )


@lemma("L69", kind=LEMMA, source="design")
def controller_accepted_what_was_mounted(s, n: Node, g: Group):
    """A controller accepted every older epoch in which its peer mounted since, unless quorum was
    forced after it.
    """
    a, mine, theirs = s.node[n], s.copy[n, g], s.copy[peer(n), g]
    between = all_of(mine.active_epoch < theirs.active_epoch, theirs.active_epoch < a.open)
    accepted = any_of(a.others >= theirs.active_epoch, a.forced_at > theirs.active_epoch)
    return implies(all_of(attested(s), controls(s, n), between), accepted)


@lemma("L70", kind=LEMMA, source="design")
def newer_controller_accepted_the_older(s, n: Node):
    """Who controls a newer epoch than its peer controls accepted the peer's, unless it was forced
    after it.
    """
    a, b = s.node[n], s.node[peer(n)]
    both = all_of(attested(s), controls(s, n), controls(s, peer(n)), b.open > a.open)
    return implies(both, any_of(b.others >= a.open, b.forced_at > a.open))


@lemma("L71", kind=LEMMA, source="design")
def invited_by_one_who_knew(s, n: Node, g: Group):
    """Who accepted an epoch had mounted nothing that its proposer neither accepted, nor outdid."""
    a, b, mine, theirs = s.node[n], s.node[peer(n)], s.copy[n, g], s.copy[peer(n), g]
    knew = any_of(
        theirs.active_epoch <= a.others,
        theirs.active_epoch < a.forced_at,
        theirs.active_epoch < mine.active_epoch,
    )
    return implies(all_of(attested(s), b.open_by == n), knew | (theirs.active_epoch == 0))
