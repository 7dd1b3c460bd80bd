"""How long until the two nodes are a pair again, as a number read off a state: what a copy waits
for before it can follow its source, beside that the clustered mailbox server is served (`ranking`).

Where all is repaired and nothing is under way, nothing that a service does raises the number
(`apart_for`), and where nothing is due and there is no pair, each millisecond takes one off.
Imports no z3.
"""

from __future__ import annotations

from models.ccr.model import CCR as RULES
from models.ccr.phrases import echoed, renewing
from models.ccr.vocabulary import SCHEMA, Node
from models.language.model import LEMMA, SOMETIMES, STEP, property_for
from models.language.terms import all_of, any_of, each, if_else, implies, larger, peer

from .control import excused
from .data import attested
from .progress import enabled
from .ranking import CALM, PROMPT, stale, undisturbed

promise = property_for(SCHEMA)
_p = SCHEMA.state.p

JOINING = (*PROMPT, "propose_alone", "write_board", "open_alone")
"""What must be done when it is due, before time goes on."""
PAIR_WITHIN = larger(_p.peer_limit + _p.arbitration_max, _p.lock_lease)
"""What is left at most: the longer of the two leases."""


def nothing_is_due(model, s):
    """No cluster service has anything to do about it, by the rules of a model, but to wait."""
    return each(Node, lambda n: ~any_of(*(enabled(model, name, n) for name in JOINING)))


def apart_for(s, n, now):
    """At most so many ms until the nodes are a pair: until both gave up what they hold from before,
    but for a lock that is renewed. It is the same number for both nodes.
    """

    def holds(m):
        return if_else(renewing(s, m), 0, stale(s, m, now))

    return if_else(echoed(s, n), 0, larger(holds(n), holds(peer(n))))


@promise("P182", kind=STEP, source="S-057", at=CALM)
def a_pair_is_not_put_off(s, t, n: Node):
    """Where all is repaired and nothing is under way, nothing that a service does, of itself or for
    clients, makes the time longer until the nodes are a pair; and a pair stays one.
    """
    kept = implies(echoed(s, n), echoed(t, n))
    return implies(
        all_of(undisturbed(s), attested(s)),
        all_of(kept, apart_for(t, n, t.now) <= apart_for(s, n, s.now)),
    )


def comes_together(model, s, t, n):
    """Where nothing is due by the rules of a model, a ms is taken off until there is a pair."""
    idle = all_of(undisturbed(s), attested(s), ~echoed(s, n), nothing_is_due(model, s))
    left, then = apart_for(s, n, s.now), apart_for(t, n, t.now)
    off = all_of(left >= 1, left <= PAIR_WITHIN, then == left - 1)
    return implies(all_of(idle, t.now == s.now + 1), off)


@promise("P183", kind=STEP, source="S-057", at=("tick",))
def a_pair_comes_together(s, t, n: Node):
    """Where all is repaired, nothing is under way, the nodes are no pair and nothing is due, some
    time is left, at most the longer of the two leases, and a millisecond that passes is taken off.

    Once refuted, before the rules were mended (test_pairing): a node that acts alone invites its
    peer, which accepts and crashes at once; when it is back neither might invite the other.
    """
    return comes_together(RULES, s, t, n)


@promise(
    "S83",
    kind=SOMETIMES,
    source="S-057",
    story=(
        "with claim_defer=0", "power_on n=A", "power_on n=B", "wait 20000",
        "cut_network w=net1 n=A", "cut_network w=net1 n=B", "cut_share n=A", "wait 6000",
        "heal_network w=net1 n=A", "heal_network w=net1 n=B", "heal_share n=A",
    ),
)  # fmt: skip
def a_pair_waits_for_a_lease(s, n: Node):
    """Everything is repaired, the nodes are no pair, nothing is due, and time must pass."""
    waits = all_of(nothing_is_due(RULES, s), apart_for(s, n, s.now) >= 1)
    return all_of(undisturbed(s), ~echoed(s, n), waits)


@promise("L139", kind=LEMMA, source="design")
def a_holder_was_outdone_by_nobody(s, n: Node):
    """While a node has its lock, its peer knows no newer epoch to be open but one that it accepted
    from this node.
    """
    node, other = s.node[n], s.node[peer(n)]
    holds = all_of(s.witness.holder == n, ~excused(s, n))
    return implies(holds, any_of(other.open <= node.open, other.open_by == n))
