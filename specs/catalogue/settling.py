"""How long until a copy is at rest, as a number read off a state: what V02 rests on.

While the other node serves for good and has the storage group mounted, has closed a log since its
stream forked, and nobody suspended or seeds the copy (`returning`), nothing that a service does
raises the number (`rest_left`), and where nothing is due and the copy is not at rest each
millisecond takes one off. See `ranking`, which leads there. Imports no z3.
"""

from __future__ import annotations

from models.ccr.model import CCR as RULES
from models.ccr.phrases import (
    echoed,
    mounted,
    mounted_later,
    renewing,
    same_stream,
    source_answers,
)
from models.ccr.vocabulary import SCHEMA, Cms, Copy, Group, Node
from models.ccr.vocabulary_copies import Trouble
from models.language.model import SOMETIMES, STEP, property_for
from models.language.terms import all_of, any_of, if_else, implies, one_of, peer

from .data import attested
from .possible import BEHIND
from .progress import enabled
from .ranking import CALM, left_of, undisturbed

promise = property_for(SCHEMA)

PROMPT = (
    "step_down", "resume_stream", "detect_divergence", "begin_incremental_reseed",
    "finish_incremental_reseed", "verify_stream", "count_loss",
)  # fmt: skip
"""What must be done for a copy when it is due, before time goes on."""


def returning(s, n, g):
    """All is repaired; the CMS is served for good by the other node, which has the storage group
    mounted, later than this one, and has closed a log since its stream forked (S-140). The copy is
    neither suspended nor being seeded.
    """
    copy, other = s.copy[n, g], s.node[peer(n)]
    carried = any_of(echoed(s, peer(n)), renewing(s, peer(n)))
    served = all_of(attested(s), undisturbed(s), other.cms == Cms.ONLINE, carried)
    later = all_of(mounted(s, peer(n), g), mounted_later(s, n, g), ~mounted(s, n, g))
    theirs = s.copy[peer(n), g]
    heard = all_of(source_answers(s, peer(n)), theirs.top > theirs.fork)
    return all_of(served, later, heard, ~copy.suspended, copy.state != Copy.SEEDING)


def apart(s, n, g):
    """The copy stands in a stream that its source has left."""
    stands = one_of(s.copy[n, g].state, Copy.ACTIVE, Copy.HEALTHY, Copy.SYNCHRONIZING)
    return all_of(stands, ~same_stream(s, n, g))


def unrest(s, n, g):
    """How many stages a copy is from rest: none where it is healthy, or failed and latched."""
    copy = s.copy[n, g]
    near = if_else(copy.state == Copy.SYNCHRONIZING, 2, if_else(copy.checking, 1, 0))
    stage = if_else(apart(s, n, g), 4, if_else(copy.state == Copy.INITIALIZING, 3, near))
    return if_else(any_of(copy.state == Copy.FAILED, copy.trouble != Trouble.NONE), 0, stage)


def rest_left(s, n, g, now):
    """At most so many ms until a copy is at rest: what is left of its incremental reseed, or all of
    one that may begin.
    """
    begun = left_of(now, s.copy[n, g].resync_from, s.p.resync_time)
    stage = unrest(s, n, g)
    return if_else(stage >= 3, s.p.resync_time, if_else(stage == 2, begun, 0))


def steps_to_rest(s, n, g):
    """At most so many steps bring a copy to rest; that its source counts what was lost is one."""
    return unrest(s, n, g) * 2 + if_else(s.copy[peer(n), g].loss_exact, 0, 1)


@promise("P174", kind=STEP, source="S-143", at=(*CALM, "tick"))
def a_copy_that_returns_is_let(s, t, n: Node, g: Group):
    """While all is repaired, the other node serves for good and has the storage group mounted, and
    nobody suspends or seeds the copy, nothing that a service does, of itself or for clients,
    changes that, and time does not.
    """
    return implies(returning(s, n, g), returning(t, n, g))


@promise("P175", kind=STEP, source="S-143", at=CALM)
def a_copy_that_comes_to_rest_does_not_go_back(s, t, n: Node, g: Group):
    """While a copy returns, nothing that a service does, of itself or for clients, takes it further
    from rest, or makes the time longer until it is; each step that changes how it stands leaves
    fewer, of nine at most.
    """
    old, new = s.copy[n, g], t.copy[n, g]
    counts = s.copy[peer(n), g].loss_exact != t.copy[peer(n), g].loss_exact
    changes = any_of(old.state != new.state, old.checking != new.checking)
    moved = any_of(all_of(changes, unrest(s, n, g) >= 1), counts)
    left, then = steps_to_rest(s, n, g), steps_to_rest(t, n, g)
    return implies(
        returning(s, n, g),
        all_of(
            rest_left(t, n, g, t.now) <= rest_left(s, n, g, s.now),
            unrest(t, n, g) <= unrest(s, n, g),
            implies(moved, all_of(then < left, left <= 9)),
        ),
    )


def settles(model, s, t, n, g):
    """Where nothing is due for a copy by the rules of a model, a ms is taken off its time."""
    due = any_of(*(enabled(model, name, m, g) for m in (n, peer(n)) for name in PROMPT))
    idle = all_of(returning(s, n, g), unrest(s, n, g) >= 1, ~due, t.now == s.now + 1)
    left, then = rest_left(s, n, g, s.now), rest_left(t, n, g, t.now)
    return implies(idle, all_of(left >= 1, left <= s.p.resync_time, then == left - 1))


@promise("P176", kind=STEP, source="S-143", at=("tick",))
def a_copy_comes_to_rest_in_time(s, t, n: Node, g: Group):
    """While a copy returns and is not at rest, and nothing is due for it, some time is left, at
    most that of an incremental reseed, and a millisecond that passes is taken off.

    So it is healthy or latched failed after that time at the latest, by P174 and P175, if what is
    due is done before time goes on.
    """
    return settles(RULES, s, t, n, g)


@promise(
    "S78",
    kind=SOMETIMES,
    source="S-147",
    story=(
        *BEHIND, "fail_node n=A", "wait 60000", "power_on n=A", "wait 1000",
        "write_records n=B g=SG1 records=100", "wait 1000",
    ),
)  # fmt: skip
def a_returning_copy_needs_its_time(s, n: Node, g: Group):
    """A copy returns, nothing is due for it, and it is not at rest: its incremental reseed runs."""
    begun = all_of(s.copy[n, g].state == Copy.SYNCHRONIZING, rest_left(s, n, g, s.now) >= 1)
    return all_of(returning(s, n, g), begun)
