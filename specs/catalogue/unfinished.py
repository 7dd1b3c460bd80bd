"""How long until nothing is under way any more, as a number read off a state: the stage in front of
the ranking argument behind V01 (`ranking`).

Where all is repaired and clients reach both nodes (`mended`), a scheduled move, an offer of
control, a CMS on its way down, a forced quorum or a failed CMS may still be there. Nothing that a
service does makes the number (`ending_in`) larger, and where nothing is due and something is under
way, each millisecond takes one off; a CMS that failed is restarted by an operator. None of it
begins again by itself, so then all is `undisturbed`, from where V01 goes on. Imports no z3.
"""

from __future__ import annotations

from models.ccr.model import CCR as RULES
from models.ccr.phrases import alive, echoed, stream_closed, streams_closed
from models.ccr.phrases_networks import addressed
from models.ccr.vocabulary import SCHEMA, Cms, Group, Node, Offer, View
from models.language.model import LEMMA, SOMETIMES, STEP, property_for
from models.language.terms import (
    all_of,
    any_of,
    each,
    if_else,
    implies,
    larger,
    one_of,
    peer,
)

from .data import attested
from .possible import FORMED
from .progress import enabled, sound
from .ranking import CALM, PROMPT, agreed, left_of, undisturbed

promise = property_for(SCHEMA)
_p = SCHEMA.state.p

ENDING = (
    *PROMPT, "begin_offline", "finish_offline", "return_to_source", "propose_handover",
    "accept_handover", "restart_failed",
)  # fmt: skip
"""What must be done when it is due, before time goes on: by a cluster service, and by an operator
who restarts a failed CMS."""
CLOSING = ("flush_cache", "close_last_log")
"""The same, by the services of a storage group."""
ENDS_WITHIN = larger(_p.move_patience, larger(_p.flush_time, _p.peer_limit))
"""What is left at most: the patience of a move, a shutdown, and until a peer is declared lost."""


def mended(s):
    """Nothing is broken, clients reach both nodes, which may host the CMS, and the operator's
    attestation of a forced quorum holds.
    """
    return all_of(attested(s), each(Node, lambda n: all_of(sound(s, n), addressed(s, n))))


def unheard(s, n, now):
    """Until a joined node that hears nothing declares its peer lost."""
    node = s.node[n]
    heard = larger(
        left_of(now, node.joined_at, s.p.peer_limit), left_of(now, node.echoed_at, s.p.peer_limit)
    )
    return if_else(all_of(node.view == View.JOINED, ~echoed(s, n), ~agreed(s, n)), heard, 0)


def ending_in(s, n, now):
    """At most so many ms until on this node nothing is under way: what is left of the patience of a
    move, of a shutdown, and until who waits for an answer to an offer, or for a node that was
    forced and does not know it, declares it lost.
    """
    node = s.node[n]
    patience = if_else(node.move, left_of(now, node.moved_at, s.p.move_patience), 0)
    up = one_of(node.cms, Cms.ONLINE_PENDING, Cms.ONLINE)
    goes = if_else(
        node.cms == Cms.OFFLINE_PENDING,
        left_of(now, node.pending_at, s.p.flush_time),
        if_else(all_of(node.move, up), larger(s.p.flush_time, 0), 0),
    )
    waits = any_of(node.offer != Offer.NOTHING, s.node[peer(n)].forced)
    return larger(larger(patience, goes), if_else(waits, unheard(s, n, now), 0))


def both_ending_in(s, n, now):
    """The same for both nodes."""
    return larger(ending_in(s, n, now), ending_in(s, peer(n), now))


def shut(s, n):
    """Until nothing is left to be closed for a shutdown: none, where it may still flush."""
    flushes = left_of(s.now, s.node[n].pending_at, s.p.flush_time) >= 1
    return any_of(s.node[n].cms != Cms.OFFLINE_PENDING, flushes, streams_closed(s, n))


def nothing_is_due(model, s):
    """Nobody has anything to do, by the rules of a model, but to wait: no cluster service, and no
    storage group, which is not due only where its last log is closed (P180).
    """
    return each(
        Node, lambda n: all_of(shut(s, n), ~any_of(*(enabled(model, r, n) for r in ENDING)))
    )


@promise("P177", kind=STEP, source="D-06", at=(*CALM, "restart_failed", "tick"))
def what_is_mended_stays_so(s, t, n: Node):
    """Where all is repaired, nothing that a service does, of itself or for clients, changes that,
    and an operator who restarts a failed clustered mailbox server does not, nor does time; and no
    move begins, no quorum is forced, and the clustered mailbox server does not fail.
    """
    old, new = s.node[n], t.node[n]
    begins = any_of(
        all_of(~old.move, new.move),
        all_of(~old.forced, new.forced),
        all_of(old.cms != Cms.FAILED, new.cms == Cms.FAILED),
    )
    return implies(all_of(mended(s), attested(t)), all_of(mended(t), ~begins))


@promise("P178", kind=STEP, source="D-06", at=(*CALM, "restart_failed"))
def what_is_under_way_ends_no_later(s, t, n: Node):
    """Where all is repaired, nothing that a service does, of itself or for clients, makes the time
    longer until no move, no offer of control, no shutdown, no forced quorum and no failure is
    under way, nor does an operator who restarts a failed clustered mailbox server.
    """
    return implies(
        all_of(mended(s), attested(t)), both_ending_in(t, n, t.now) <= both_ending_in(s, n, s.now)
    )


def runs_out(model, s, t, n):
    """Where nothing is due by the rules of a model, a ms is taken off what is under way."""
    idle = all_of(mended(s), ~undisturbed(s), nothing_is_due(model, s), t.now == s.now + 1)
    left, then = both_ending_in(s, n, s.now), both_ending_in(t, n, t.now)
    return implies(idle, all_of(left >= 1, left <= ENDS_WITHIN, then == left - 1))


@promise("P179", kind=STEP, source="D-06", at=("tick",))
def what_is_under_way_comes_to_an_end(s, t, n: Node):
    """Where all is repaired, a move, an offer, a shutdown, a forced quorum or a failure is under
    way and nothing is due, some time is left, at most the longest of the patience of a move, a
    shutdown and the limit of a peer, and a millisecond that passes is taken off.

    So nothing is under way after that time at the latest, and V01 goes on from there.
    """
    return runs_out(RULES, s, t, n)


def closes(model, s, n, g, closed=None):
    """A storage group closes its last log when the CMS goes offline, or the CMS stops by itself, by
    the rules of a model; `closed` is what that waits for.
    """
    node = s.node[n]
    over = s.elapsed(node.pending_at, s.p.flush_time)
    going = all_of(node.cms == Cms.OFFLINE_PENDING, alive(s, n), over, attested(s))
    due = any_of(*(enabled(model, name, n, g) for name in CLOSING))
    closed = stream_closed(s, n, g) if closed is None else closed
    return implies(going, any_of(closed, due, enabled(model, "stop_serving", n)))


@promise("P180", kind=STEP, source="T3", at=("tick",))
def a_shutdown_does_not_stand_still(s, t, n: Node, g: Group):
    """Whenever time passes, a clustered mailbox server that goes offline waits for no storage group
    in vain: once flush_time is over, each that was mounted in this run is closed, or passive, or is
    flushed or closed now; or the clustered mailbox server stops by itself.

    Once refuted, before the rules were mended (test_unfinished): a node that is frozen while it
    goes offline finds, when it goes on, that its copy is passive, before it stops by itself; its
    peer is lost for good and quorum is forced here. It waited for a last log for ever.
    """
    return closes(RULES, s, n, g)


@promise(
    "S79",
    kind=SOMETIMES,
    source="D-06",
    story=(*FORMED, "write_records n=A g=SG1 records=7", "request_move n=A", "wait 50"),
)
def a_move_waits_for_its_logs(s, n: Node):
    """Everything is repaired, a move is under way with its CMS offline, nothing is due, and time
    must pass: the last log is fetched.
    """
    node = s.node[n]
    waits = all_of(mended(s), nothing_is_due(RULES, s), ending_in(s, n, s.now) >= 1)
    return all_of(waits, node.move, node.cms == Cms.OFFLINE)


@promise(
    "S80",
    kind=SOMETIMES,
    source="D-16",
    story=(
        "power_on n=A", "cut_share n=A", "wait 6000", "force_quorum n=A", "wait 20000",
        "heal_share n=A", "first power_on n=B",
    ),
)  # fmt: skip
def a_forced_quorum_is_repaired(s, n: Node):
    """Everything is repaired, and a quorum that was forced is not on the board yet."""
    return all_of(mended(s), s.node[n].forced)


@promise(
    "S81",
    kind=SOMETIMES,
    source="S-165",
    story=("with flush_time=5000", *FORMED, "write_records n=A g=SG1 records=7",
           "request_move n=A", "wait 50"),
)  # fmt: skip
def a_shutdown_waits_for_its_flush(s, n: Node):
    """Everything is repaired, the clustered mailbox server goes offline, nothing is due, and time
    must pass: the cache is flushed.
    """
    going = s.node[n].cms == Cms.OFFLINE_PENDING
    return all_of(mended(s), nothing_is_due(RULES, s), going, ending_in(s, n, s.now) >= 1)


@promise("S82", kind=SOMETIMES, source="D-05", story=(*FORMED, "fail_cms n=A"))
def nothing_but_the_mailbox_server_failed(s, n: Node):
    """Everything is repaired but the clustered mailbox server, which failed."""
    return all_of(mended(s), s.node[n].cms == Cms.FAILED)


@promise("L137", kind=LEMMA, source="design")
def a_shutdown_began_before_now(s, n: Node):
    """What came up or goes down began no later than now; who offers control, or looks for its peer,
    has its CMS down; where it failed the offer is not for a move, and no move is under way.
    """
    node = s.node[n]
    down = any_of(node.cms == Cms.OFFLINE, all_of(node.cms == Cms.FAILED, node.offer != Offer.MOVE))
    return all_of(
        node.pending_at <= s.now,
        implies(node.offer != Offer.NOTHING, down),
        implies(node.offer == Offer.FAILOVER, ~node.move),
        implies(node.view == View.SEEKING, node.cms == Cms.OFFLINE),
    )
