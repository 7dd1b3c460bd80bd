"""Progress: what is repaired does not stand still. Promised of states, so it is proved for runs of
any length; how soon something comes about is said in `responses`, and proved in `ranking`.

What may be done is read off the rules themselves: those of `models.ccr`, also where a variant of
the model is asked about. Imports no z3.
"""

from __future__ import annotations

from models.ccr.model import CCR as RULES
from models.ccr.phrases import alive, carried, controls, reaches_share, serving, talks
from models.ccr.vocabulary import CLUSTER, SCHEMA, Cms, Node, Offer, View
from models.language.model import ALWAYS, LEMMA, SOMETIMES, STEP, Model, property_for
from models.language.terms import (
    NOBODY,
    Bool,
    Term,
    all_of,
    any_of,
    each,
    implies,
    lift,
    one_of,
    peer,
    some,
    substitute,
)

promise = property_for(SCHEMA)

JOINING = ("propose_pair", "accept_pair", "confirm_pair")
CLUSTERING = tuple(
    name
    for name, rule in RULES.rules.items()
    if rule.trigger == "consequence" and rule.actor == CLUSTER
)
"""What the cluster service does of itself."""


def enabled(model: Model, name: str, *members: Term) -> Term:
    """Every guard of a rule about these members, one of a sort; bound arguments filled in."""
    rule, of = model.rule(name), {member.sort: member for member in members}
    about = {argument: of[sort] for argument, sort in rule.keyed}
    return all_of(*(substitute(guard, about) for guard in rule.freely))


def due(model: Model, name: str, *members: Term) -> Term:
    """A rule is enabled, or will be once its timers have run out if nothing else happens."""
    now = enabled(model, name, *members)
    return any_of(now, _later(now))


def _later(term: Term) -> Term:
    if term.op == "elapsed":
        return lift(True, Bool)
    if term.op in ("field", "next"):
        return term
    return Term(term.op, term.sort, tuple(map(_later, term.args)), term.value)


def sound(s, n):
    """Nothing is broken: the node is up, is heard, reaches the share, and may host the CMS."""
    node = s.node[n]
    return all_of(
        all_of(alive(s, n), carried(s, n), reaches_share(s, n)),
        all_of(~node.left, ~node.paused, ~node.stopped),
    )


def repaired(s, n):
    """Nothing is broken and nobody wants anything else: the CMS is not failed and not on its way
    down.
    """
    up = one_of(s.node[n].cms, Cms.OFFLINE, Cms.ONLINE_PENDING, Cms.ONLINE)
    return all_of(sound(s, n), up)


def _idle(s):
    return each(Node, lambda n: all_of(repaired(s, n), ~serving(s, n)))


def _asking(s):
    return each(Node, lambda n: all_of(talks(s, n), s.node[n].asks, s.node[n].cms == Cms.OFFLINE))


def joining(model, s):
    """Of two nodes that ask to join, one may do something about it, by the rules of a model."""
    moves = some(Node, lambda n: any_of(*(enabled(model, name, n) for name in JOINING)))
    return implies(_asking(s), moves)


def going_on(model, s):
    """Where all is repaired and nobody serves, something is due, by the rules of a model."""
    moves = some(Node, lambda n: any_of(*(due(model, name, n) for name in CLUSTERING)))
    return implies(_idle(s), moves)


@promise("V03", kind=ALWAYS, source="S-057")
def no_invitation_is_waited_for_in_vain(s):
    """Two nodes that hear each other, ask to join and have the CMS offline do not wait for each
    other: one of them may invite, accept or confirm, now.

    Once refuted, twice, before the rules were mended (test_progress). By: the inviting node is cut
    off, the other opens an epoch alone, crashes and returns; each waits for an invitation that it
    may not accept. And by: a node accepts an invitation and crashes before the other hears of it;
    the invitation was waited for as if it could still be confirmed.
    """
    return joining(RULES, s)


@promise("L88", kind=LEMMA, source="design")
def two_accept_no_epoch_of_one_number(s, n: Node):
    """Of two epochs that the nodes accepted from each other one is the newer: its proposer had
    written down at least what the other accepted.
    """
    mine, theirs = s.node[n], s.node[peer(n)]
    return all_of(
        mine.others <= theirs.stored,
        any_of(mine.others != theirs.others, mine.others == 0),
    )


@promise("V05", kind=STEP, source="S-045", at=("tick",))
def what_is_repaired_does_not_stand_still(s, t):
    """Whenever time passes while everything is repaired and the clustered mailbox server is not
    served, the cluster service of some node has something to do, now or once its timers have run
    out.

    Whatever faults there were, in whatever order, forced quorums and wiped boards among them. That
    these steps come to an end, and how soon, is V01 (P169 to P173).
    """
    return going_on(RULES, s)


@promise("L89", kind=LEMMA, source="design")
def what_is_half_done_goes_on(s, n: Node):
    """Control is offered by a joined node only, a move while it is under way; who is joined knows
    an epoch, invites to what it proposed, and proposes nothing while it controls and its peer is
    in its epoch; who acts alone holds the lock.
    """
    node, other = s.node[n], s.node[peer(n)]
    joined = node.view == View.JOINED
    proposed = node.stored > node.open
    together = all_of(joined, other.view == View.JOINED, node.open == other.open)
    return all_of(
        implies(node.offer != Offer.NOTHING, joined),
        implies(node.offer == Offer.MOVE, node.move),
        implies(node.view == View.ALONE, node.lock_at >= 0),
        implies(joined, node.open_by != NOBODY),
        implies(all_of(joined, proposed), node.invites),
        implies(all_of(together, controls(s, n)), ~proposed),
    )


@promise("V07", kind=SOMETIMES, source="S-057", story=("power_on n=A", "power_on n=B"))
def two_ask_to_join(s):
    """Two nodes that hear each other both ask to join."""
    return _asking(s)


@promise("V08", kind=SOMETIMES, source="S-045", story=("power_on n=A", "power_on n=B"))
def all_is_repaired_and_nobody_serves(s):
    """Everything is repaired, and the clustered mailbox server is not served yet."""
    return _idle(s)
