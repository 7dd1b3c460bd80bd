"""How long until a log is closed where clients write, and until a seed is done, as numbers read off
a state: what a copy waits for before it can come to rest (`settling`).

Both are of where all is repaired and the clustered mailbox server is served for good. A client who
writes into the open log sets back the time until it is closed, but leaves less room in it: so it is
closed after so many records at the latest. Imports no z3.
"""

from __future__ import annotations

from models.ccr.model import CCR as RULES
from models.ccr.phrases import alive, echoed, mounted, mounted_later, renewing
from models.ccr.phrases_networks import addressed, carries_seed
from models.ccr.vocabulary import SCHEMA, Cms, Copy, Group, Network, Node
from models.ccr.vocabulary_copies import Trouble
from models.language.model import STEP, property_for
from models.language.terms import all_of, any_of, if_else, implies, peer

from .data import attested
from .progress import enabled
from .ranking import CALM, left_of, undisturbed

promise = property_for(SCHEMA)

CLOSING = ("close_full_log", "roll_idle_log")
"""What closes a log when it is due, before time goes on."""


def stays_up(s, n):
    """The CMS is online on `n` with a lease that needs no stamp, clients reach it, and it is to go
    nowhere: part of what `served` says, and all that a step needs to leave it so.
    """
    node = s.node[n]
    carried = any_of(echoed(s, n), renewing(s, n))
    return all_of(
        node.cms == Cms.ONLINE, carried, addressed(s, n), ~node.move, ~node.stopped, attested(s)
    )


def served(s, n, g):
    """All is repaired, and the storage group is mounted on `n`, which serves the CMS for good."""
    carried = any_of(echoed(s, n), renewing(s, n))
    online = all_of(s.node[n].cms == Cms.ONLINE, carried, mounted(s, n, g))
    return all_of(attested(s), undisturbed(s), online)


def room(s, n, g):
    """How many records still fit the open log."""
    return s.p.log_capacity - s.copy[n, g].open_records


def filled_in(s, n, g, now):
    """At most so many ms until the open log is closed, if nobody writes into it."""
    return left_of(now, s.copy[n, g].written_at, s.p.log_roll_idle)


@promise("P186", kind=STEP, source="T2", at=CALM)
def an_open_log_is_closed_or_fills(s, t, n: Node, g: Group):
    """While a storage group is mounted where the clustered mailbox server is up for good, a step
    that a service takes, of itself or for clients, leaves it mounted (and served: P169); and a log
    that holds a record is closed, which is then the newest since the stream forked; or it has less
    room than before; or the time until it is closed is no longer. One without room is closed now.
    """
    old, new = s.copy[n, g], t.copy[n, g]
    closed = all_of(new.top == old.top + 1, new.top > new.fork)
    fills = room(t, n, g) < room(s, n, g)
    waits = all_of(
        room(t, n, g) == room(s, n, g), filled_in(t, n, g, t.now) <= filled_in(s, n, g, s.now)
    )
    full = implies(room(s, n, g) <= 0, enabled(RULES, "close_full_log", n, g))
    goes_on = implies(old.open_records >= 1, all_of(full, any_of(closed, fills, waits)))
    return implies(all_of(stays_up(s, n), mounted(s, n, g)), all_of(mounted(t, n, g), goes_on))


def closes_in_time(model, s, t, n, g):
    """Where no log is closed now by the rules of a model, a ms is taken off until one is."""
    due = any_of(*(enabled(model, name, n, g) for name in CLOSING))
    waits = all_of(served(s, n, g), s.copy[n, g].open_records >= 1, ~due, t.now == s.now + 1)
    left, then = filled_in(s, n, g, s.now), filled_in(t, n, g, t.now)
    return implies(waits, all_of(left >= 1, left <= s.p.log_roll_idle, then == left - 1))


@promise("P187", kind=STEP, source="T2", at=("tick",))
def an_open_log_is_closed_in_time(s, t, n: Node, g: Group):
    """While a storage group is served, everything repaired, its open log holds a record and is not
    closed now, some time is left, at most log_roll_idle, and a millisecond that passes is taken
    off.

    So, by P186, it is closed after log_roll_idle if nobody writes, and after that for each record
    that fits it if somebody does.
    """
    return closes_in_time(RULES, s, t, n, g)


def passes(s, n, g, w):
    """The copy on `n` is being seeded from one that was mounted later, over the network `w`."""
    copy = s.copy[n, g]
    source = all_of(mounted(s, peer(n), g), mounted_later(s, n, g))
    return all_of(source, copy.state == Copy.SEEDING, carries_seed(s, n, copy, w))


def seeding(s, n, g, w):
    """All is repaired, the peer serves the storage group for good, and the copy is being seeded."""
    return all_of(served(s, peer(n), g), passes(s, n, g, w))


def seeded_in(s, n, g, w, now):
    """At most so many ms until the seed is done, over this network."""
    said = s.interface[w].seed_time
    return left_of(now, s.copy[n, g].seed_from, if_else(said != 0, said, s.p.seed_time))


@promise("P188", kind=STEP, source="S-008", at=(*CALM, "tick"))
def a_seed_goes_on_until_it_is_done(s, t, n: Node, g: Group, w: Network):
    """While a copy is seeded from a storage group that is mounted where the clustered mailbox
    server is up for good, and a network carries the seed, a step that a service takes, of itself or
    for clients, and time, leave that so (that it is served is P169) and the time until it is done
    no longer; or it is done, and the copy is healthy.
    """
    copy = t.copy[n, g]
    done = all_of(copy.state == Copy.HEALTHY, copy.trouble == Trouble.NONE, ~copy.checking)
    left, then = seeded_in(s, n, g, w, s.now), seeded_in(t, n, g, w, t.now)
    goes_on = all_of(passes(t, n, g, w), then <= left)
    before = all_of(stays_up(s, peer(n)), alive(s, n), passes(s, n, g, w))
    return implies(before, any_of(done, goes_on))


def seeded_in_time(model, s, t, n, g, w):
    """Where a seed is not done now by the rules of a model, a ms is taken off until it is."""
    due = enabled(model, "finish_seed", n, g)
    waits = all_of(seeding(s, n, g, w), ~due, t.now == s.now + 1)
    left, then = seeded_in(s, n, g, w, s.now), seeded_in(t, n, g, w, t.now)
    return implies(waits, all_of(left >= 1, then == left - 1))


@promise("P189", kind=STEP, source="S-008", at=("tick",))
def a_seed_is_done_in_time(s, t, n: Node, g: Group, w: Network):
    """While a copy is seeded as in P188 and the seed is not done now, some time is left, at most
    what a seed takes over that network, and a millisecond that passes is taken off.
    """
    return seeded_in_time(RULES, s, t, n, g, w)
