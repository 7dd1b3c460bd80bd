"""How long until the clustered mailbox server is served for good, as a number read off a state: the
ranking argument behind V01.

Where all is repaired and nobody wants anything else (`undisturbed`), nothing that a service does
raises the number (`time_left`), it is never more than `WITHIN`, and where nothing is due and nobody
serves for good, each millisecond takes one off. So, where what is due is done before time goes on,
nothing is left after at most that time. Each of these is a property of its own, proved for runs of
any length; together they are the theorem. What is under way before is over in time, too
(`unfinished`). Imports no z3.
"""

from __future__ import annotations

from models.ccr.model import CCR as RULES
from models.ccr.phrases import echoed, renewing
from models.ccr.phrases_networks import addressed
from models.ccr.vocabulary import SCHEMA, Cms, Node, Offer, View
from models.language.model import SOMETIMES, STEP, property_for
from models.language.terms import (
    all_of,
    any_of,
    each,
    if_else,
    implies,
    larger,
    peer,
    some,
)

from .progress import enabled, repaired

promise = property_for(SCHEMA)
_p = SCHEMA.state.p

PROMPT = (
    "start_service", "propose_pair", "accept_pair", "confirm_pair", "lose_peer", "lose_witness",
    "bring_online", "complete_online", "stop_serving",
)  # fmt: skip
"""What must be done when it is due, before time goes on."""
CLIENTS = ("write_records", "save_items", "submit_mail", "write_local", "submit_post")
"""What clients ask for; nobody need stop writing."""
CALM = tuple(
    name
    for name, rule in RULES.rules.items()
    if rule.trigger not in ("command", "fault", "time") or name in CLIENTS
)
"""What services do of themselves and for clients: no fault, no other command, and no time."""
WITHIN = _p.head_start + larger(_p.peer_limit + _p.arbitration_max, _p.lock_lease)
"""What is left at most: a lease that rests on nothing runs out, and a head start."""


def undisturbed(s):
    """All is repaired, clients reach both nodes, and nobody wants anything else: no quorum was
    forced, no move is under way, and no control is on offer.
    """

    def wants_nothing(n):
        node = s.node[n]
        return all_of(~node.forced, ~node.move, node.offer == Offer.NOTHING)

    return each(Node, lambda n: all_of(repaired(s, n), addressed(s, n), wants_nothing(n)))


def served_for_good(s):
    """The CMS is online on a node whose lease needs no stamp: its heartbeats are echoed, or its
    lock is renewed.
    """
    return some(
        Node, lambda n: all_of(s.node[n].cms == Cms.ONLINE, any_of(echoed(s, n), renewing(s, n)))
    )


def nothing_is_due(model, s):
    """No cluster service has anything to do, by the rules of a model, but to wait."""
    return each(Node, lambda n: ~any_of(*(enabled(model, name, n) for name in PROMPT)))


def left_of(now, stamp, duration):
    """The ms from now until `duration` is over since `stamp`, at least 0."""
    return larger(stamp + duration - now, 0)


def agreed(s, n):
    """The peer invited `n`, which accepted: the peer has but to learn it."""
    node, other = s.node[n], s.node[peer(n)]
    return all_of(
        all_of(node.view == View.JOINED, node.stored == node.open, node.open_by == peer(n)),
        all_of(other.stored_by == peer(n), other.stored == node.stored, other.invites),
        other.stored > other.open,
    )


def _leases(s, n, now):
    """Until no stamp carries a lease of `n`; a lock that is renewed carries without."""
    lock = if_else(renewing(s, n), 0, left_of(now, s.node[n].lock_at, s.p.lock_lease))
    return larger(lock, left_of(now, s.node[n].echoed_at, s.p.peer_limit + s.p.arbitration_max))


def stale(s, n, now):
    """Until `n`, which has no pair, has given up what it holds from before: its view of a peer that
    is elsewhere, its leases, and so its CMS.
    """
    node = s.node[n]
    heard = larger(
        left_of(now, node.joined_at, s.p.peer_limit), left_of(now, node.echoed_at, s.p.peer_limit)
    )
    joined = if_else(agreed(s, n), 0, larger(heard, _leases(s, n, now)))
    holds = any_of(node.view == View.ALONE, node.cms != Cms.OFFLINE)
    return if_else(node.view == View.JOINED, joined, if_else(holds, _leases(s, n, now), 0))


def time_left(s, n, now):
    """At most so many ms until the CMS is served for good: none in a pair, what is left of its head
    start where a node acts alone, else a head start and until both nodes gave up what is stale. It
    is the same number for both nodes.
    """

    def alone(m):
        return all_of(s.node[m].view == View.ALONE, renewing(s, m))

    def start(m):
        return left_of(now, s.node[m].lost_at, s.p.head_start)

    apart = s.p.head_start + larger(stale(s, n, now), stale(s, peer(n), now))
    single = if_else(alone(peer(n)), start(peer(n)), apart)
    done = any_of(echoed(s, n), served_for_good(s))
    return if_else(done, 0, if_else(alone(n), start(n), single))


@promise("P169", kind=STEP, source="S-045", at=(*CALM, "tick"))
def what_is_undisturbed_stays_so(s, t):
    """Where all is repaired and nobody wants anything else, nothing that a service does, of itself
    or for clients, changes that, and time does not; and the clustered mailbox server, once served
    for good, stays so.
    """
    kept = implies(served_for_good(s), served_for_good(t))
    return implies(undisturbed(s), all_of(undisturbed(t), kept))


@promise("P170", kind=STEP, source="S-045", at=CALM)
def nothing_that_is_done_takes_longer(s, t, n: Node):
    """Where all is repaired and nobody wants anything else, nothing that a service does, of itself
    or for clients, makes the time longer until the clustered mailbox server is served for good.

    Once refuted, before the rules were mended (test_ranking): a node that holds the lock invites
    its peer, which accepts, and then opens an epoch alone; the peer waits for a pair that is not to
    be until it declares it lost.
    """
    return implies(undisturbed(s), time_left(t, n, t.now) <= time_left(s, n, s.now))


def taken_off(model, s, t, n):
    """Where nothing is due by the rules of a model, a millisecond is taken off the time left."""
    idle = all_of(undisturbed(s), ~served_for_good(s), nothing_is_due(model, s))
    left, then = time_left(s, n, s.now), time_left(t, n, t.now)
    off = all_of(left >= 1, left <= WITHIN, then == left - 1)
    return implies(all_of(idle, t.now == s.now + 1), off)


@promise("P171", kind=STEP, source="S-045", at=("tick",))
def time_that_passes_is_taken_off(s, t, n: Node):
    """Where all is repaired, nobody wants anything else, the clustered mailbox server is not served
    for good and nothing is due, some time is left, at most a head start and the longer of the two
    leases, and a millisecond that passes is taken off.

    So it is served for good after that time at the latest, by P169 and P170, if what is due is done
    before time goes on; P172 and P173 say that this comes to an end.
    """
    return taken_off(RULES, s, t, n)


@promise(
    "S77",
    kind=SOMETIMES,
    source="S-045",
    story=(
        "with claim_defer=0", "power_on n=A", "power_on n=B", "wait 20000",
        "cut_network w=net1 n=A", "cut_network w=net1 n=B", "cut_share n=A", "wait 6000",
        "heal_network w=net1 n=A", "heal_network w=net1 n=B", "heal_share n=A",
    ),
)  # fmt: skip
def all_is_repaired_and_time_must_pass(s):
    """Everything is repaired, the clustered mailbox server is not served for good, nothing is due,
    and time is left: one node acts alone, the other still has the server up by an old lease.
    """
    apart = some(Node, lambda n: all_of(time_left(s, n, s.now) >= 1, s.node[n].cms == Cms.ONLINE))
    return all_of(undisturbed(s), ~served_for_good(s), nothing_is_due(RULES, s), apart)
