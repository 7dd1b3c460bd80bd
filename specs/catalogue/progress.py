"""Progress: what is repaired does not stand still. Promised of states, so it is proved for runs of
any length; how soon something comes about is a bound, tried in `responses`.

What may be done is read off the rules themselves. Imports no z3.
"""

from __future__ import annotations

from models.ccr.model import CCR as RULES
from models.ccr.phrases import talks
from models.ccr.vocabulary import SCHEMA, Cms, Node
from models.language.model import ALWAYS, LEMMA, property_for
from models.language.terms import Term, all_of, any_of, each, implies, peer, some
from models.plain.compile import substitute

promise = property_for(SCHEMA)

JOINING = ("propose_pair", "accept_pair", "confirm_pair")


def enabled(name: str, n: Term) -> Term:
    """Every guard of a rule about one node, bound arguments filled in."""
    rule = RULES.rule(name)
    (node,) = [argument for argument, sort in rule.keyed if sort == Node]
    freely = (substitute(guard, rule.bindings) for guard in rule.guards.values())
    return all_of(*(substitute(guard, {node: n}) for guard in freely))


@promise("V03", kind=ALWAYS, source="S-057")
def no_invitation_is_waited_for_in_vain(s):
    """Two nodes that hear each other, ask to join and have the CMS offline do not wait for each
    other: one of them may invite, accept or confirm, now.

    Once refuted, twice, before the rules were mended (test_progress). By: the inviting node is cut
    off, the other opens an epoch alone, crashes and returns; each waits for an invitation that it
    may not accept. And by: a node accepts an invitation and crashes before the other hears of it;
    the invitation was waited for as if it could still be confirmed.
    """
    waiting = each(
        Node, lambda n: all_of(talks(s, n), s.node[n].asks, s.node[n].cms == Cms.OFFLINE)
    )
    moves = some(Node, lambda n: any_of(*(enabled(name, n) for name in JOINING)))
    return implies(waiting, moves)


@promise("V04", kind=LEMMA, source="design")
def two_accept_no_epoch_of_one_number(s, n: Node):
    """Of two epochs that the nodes accepted from each other one is the newer: its proposer had
    written down at least what the other accepted.
    """
    mine, theirs = s.node[n], s.node[peer(n)]
    return all_of(
        mine.others <= theirs.stored,
        any_of(mine.others != theirs.others, mine.others == 0),
    )
