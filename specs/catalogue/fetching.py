"""How long until the last logs of a source that is back are here and the storage group is mounted
without loss, as numbers read off a state: the stage of V02 before `filling` and `settling`.

There are as many steps as there are logs, each with a time of its own, so this is not one number:
what is left to do (`left_to_do`, compared part by part) becomes less with each step, and the time
until the next (`next_in`) with each millisecond. Imports no z3.
"""

from __future__ import annotations

from models.ccr.model import CCR as RULES
from models.ccr.phrases import echoed, mounted, mounted_later, peers_newest, replicates, same_stream
from models.ccr.vocabulary import NEVER, SCHEMA, Group, Network, Node
from models.ccr.vocabulary_copies import Trouble
from models.language.model import STEP, property_for
from models.language.terms import Bool, all_of, any_of, if_else, implies, larger, lift, peer

from .filling import stays_up
from .hosted import HERE, THERE, hosts, leads
from .progress import enabled
from .ranking import CALM, left_of

promise = property_for(SCHEMA)


def follows_on(s, n, g):
    """The copy on `n` follows the stream of the other node, mounted there before, is not mounted
    yet, and nobody stops it or restored it.
    """
    source = all_of(peers_newest(s, n, g), mounted_later(s, n, g), same_stream(s, n, g))
    free = all_of(replicates(s, n, g), s.copy[n, g].restored != s.node[n].open)
    return all_of(source, free, ~mounted(s, n, g))


def fetching(s, n, g, w):
    """All is repaired; the pair serves the CMS on `n`, whose copy follows on, and a network leads
    to the other node.
    """
    return all_of(hosts(s, n), leads(s, n, w), follows_on(s, n, g))


def _count(condition):
    return if_else(condition, 1, 0)


def left_to_do(s, n, g):
    """What is left, the weightiest first: the source declares its final generation, which is read;
    logs are to be inspected, tried again, noticed, copied, and replayed.
    """
    mine, theirs = s.copy[n, g], s.copy[peer(n), g]
    return (
        _count(theirs.final == NEVER),
        _count(mine.final_epoch != s.node[n].open),
        theirs.top - mine.top,
        s.p.inspection_attempts - mine.attempts,
        theirs.top - mine.notified,
        theirs.top - mine.copied,
        mine.top - mine.replayed,
    )


def less(now, before):
    """Whether a list of numbers is less than another, the first that differ deciding."""
    found = lift(False, Bool)
    for a, b in zip(reversed(now), reversed(before), strict=True):
        found = any_of(a < b, all_of(a == b, found))
    return found


def same(now, before):
    """Whether two lists of numbers are the same."""
    return all_of(*(a == b for a, b in zip(now, before, strict=True)))


def _copies_in(s, n, g, w, now):
    """Until the next log may be copied over this network, or found missing, a retry included."""
    mine, said = s.copy[n, g], s.interface[w].log_time
    took = larger(if_else(said != 0, said, s.p.copy_time), s.p.copy_time)
    again = if_else(mine.failed_from == NEVER, 0, left_of(now, mine.failed_from, s.p.copy_retry))
    return larger(left_of(now, mine.copy_from, took), again)


def next_in(s, n, g, w, now):
    """At most so many ms until the next step: a log is copied, inspected or replayed; or, once all
    are, the storage group is mounted.
    """
    mine = s.copy[n, g]
    copies = _copies_in(s, n, g, w, now)
    inspects = left_of(now, mine.inspect_from, s.p.inspect_time)
    replays = left_of(now, mine.replay_from, s.p.replay_time)
    ready = larger(s.node[n].pending_at, mine.replay_from)
    rest = if_else(mine.replayed < mine.top, replays, left_of(now, ready, s.p.mount_time))
    there = s.copy[peer(n), g].missing_log != mine.copied + 1
    may_copy = all_of(mine.copied < mine.notified, any_of(there, mine.copied == mine.top))
    return if_else(may_copy, copies, if_else(mine.top < mine.copied, inspects, rest))


@promise("P184", kind=STEP, source="S-019", at=CALM)
def last_logs_come_one_by_one(s, t, n: Node, g: Group, w: Network):
    """While the last logs of a source that is back are fetched, the pair serving the clustered
    mailbox server, a step that a service takes, of itself or for clients, leaves that so, with less
    to do than before, or as much and no longer until the next; or the copy fails; or it is mounted,
    without loss. (That all stays repaired is P169, that the pair stays one is P182.)
    """
    before, after = left_to_do(s, n, g), left_to_do(t, n, g)
    waits = all_of(same(after, before), next_in(t, n, g, w, t.now) <= next_in(s, n, g, w, s.now))
    goes_on = all_of(follows_on(t, n, g), any_of(less(after, before), waits))
    copy = t.copy[n, g]
    whole = all_of(mounted(t, n, g), copy.lost == 0, copy.loss_exact)
    failed = all_of(copy.trouble != Trouble.NONE, ~mounted(t, n, g))
    served = all_of(stays_up(s, n), echoed(s, n), leads(s, n, w), follows_on(s, n, g))
    return implies(served, any_of(goes_on, failed, whole))


def fetched_in_time(model, s, t, n, g, w):
    """Where nothing is due by the rules of a model, a ms is taken off until the next step."""
    here = any_of(*(enabled(model, name, n, g) for name in HERE))
    there = any_of(*(enabled(model, name, peer(n), g) for name in THERE))
    left, then = next_in(s, n, g, w, s.now), next_in(t, n, g, w, t.now)
    bounded = all_of(*(part >= 0 for part in left_to_do(s, n, g)))
    waits = implies(all_of(~here, ~there, t.now == s.now + 1), all_of(left >= 1, then == left - 1))
    return implies(fetching(s, n, g, w), all_of(bounded, waits))


@promise("P185", kind=STEP, source="S-019", at=("tick",))
def the_next_log_comes_in_time(s, t, n: Node, g: Group, w: Network):
    """While the last logs are fetched as in P184 and nothing is due, some time is left until the
    next step, and a millisecond that passes is taken off: what a log takes to be copied over that
    network (a retry included), inspected or replayed, or a mount. What is left to do is never less
    than nothing.
    """
    return fetched_in_time(RULES, s, t, n, g, w)
