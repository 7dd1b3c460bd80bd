"""A small model for tests: two nodes share one lock, and the holder of the lock serves on a lease.

It has one of everything an engine meets: a clock with `tick`, a passive lock changed by
compare-and-set, a lease with parameters, a crash that resets what is volatile, commands, faults,
consequences with deadlines, beats (renewals), a ghost, an always, a step and a sometimes property,
the lemmas an induction needs, and the constraint on the timers.

Dropping the guard `DEFENCE` of `claim_lock` breaks P01: B seizes the lock while the lease of A
still runs. The shortest run is `BROKEN_RUN`; in `MODEL` the same steps are refused. Imports
`models` only, so that every layer's tests may use it.
"""

# mypy: disable-error-code="valid-type"
from __future__ import annotations

from typing import Any

from models.language.model import ALWAYS, LEMMA, SOMETIMES, STEP, Instance, model_of, property_for
from models.language.rule import ENVIRONMENT, GHOST, PASSIVE, Actor, Body, Move, rule_for
from models.language.schema import Schema, field_of
from models.language.terms import (
    NOBODY,
    Bool,
    Int,
    Term,
    all_of,
    any_of,
    each,
    enum,
    identity,
    implies,
    peer,
)

Node = identity("Node")
Power = enum("Power", "DOWN", "UP")
Mode = enum("Mode", "IDLE", "HOLDING")
NEVER = -1
DEFENCE = "nobody holds a running lease"

SCHEMA = Schema()
SERVICE = Actor("lock service", Node, lambda s, n: {"its node is up": s.node[n].power == Power.UP})
WORLD = Actor(ENVIRONMENT)
TIME = Actor("time")

SCHEMA.record("clock", now=field_of(Int, 0, owner="time", probe="clock"))
SCHEMA.record(
    "lock",
    about="a lock on a passive share: it has no clock of its own",
    holder=field_of(Node, NOBODY, owner=PASSIVE, probe="lock", about="who holds it"),
    renewed=field_of(Int, 0, owner=PASSIVE, probe="lock", about="when its holder last renewed it"),
    reach=field_of(Bool, True, owner=ENVIRONMENT, probe="lock", index=Node, about="the path works"),
)
SCHEMA.record(
    "node",
    Node,
    about="a node that wants to serve",
    power=field_of(Power, Power.UP, owner=ENVIRONMENT, probe="ping"),
    mode=field_of(Mode, Mode.IDLE, owner="lock service", durable=False, probe="lock"),
    lease_at=field_of(Int, NEVER, owner="lock service", durable=False, about="newest renewal sent"),
    turns=field_of(Int, 0, owner="lock service", about="how often it began to serve"),
)
SCHEMA.record("history", turns=field_of(Int, 0, owner=GHOST, about="changes of the lock's hands"))
SCHEMA.parameter("lease", 6_000, "ms a renewal lets its sender serve")
SCHEMA.parameter("expiry", 10_000, "ms a renewal must be old until another may seize the lock")

rule = rule_for(SCHEMA, "lock")
world = rule_for(SCHEMA, "world")
promise = property_for(SCHEMA)


def renewing(s: Any, n: Term) -> Term:
    """A renewal sent by `n` now would be granted: while that is so, none need be recorded."""
    node = s.node[n]
    holds = all_of(node.mode == Mode.HOLDING, s.lock.holder == n)
    return all_of(holds, node.power == Power.UP, s.lock.reach[n])


def leased(s: Any, n: Term) -> Term:
    """The newest renewal of `n` is younger than its lease."""
    stamp = s.node[n].lease_at
    return all_of(stamp >= 0, ~s.elapsed(stamp, s.p.lease))


def serving(s: Any, n: Term) -> Term:
    """`n` serves this instant."""
    node = s.node[n]
    return all_of(node.power == Power.UP, node.mode == Mode.HOLDING, renewing(s, n) | leased(s, n))


@world(1, trigger="time", actor=TIME, source="teaching")
def tick(s: Any, dt: Int) -> Body:
    """Time passes."""
    forward: dict[str, Term] = {"time goes forward": dt >= 1}  # type: ignore[dict-item]
    return Body("Ticked", requires=forward, sets={s.clock.now: s.now + dt})


@world(2, trigger="command", actor=WORLD, source="teaching")
def boot(s: Any, n: Node) -> Body:
    """A node comes up."""
    return Body("NodeBooted", moves=Move(s.node[n].power, Power.DOWN, Power.UP))


@world(3, trigger="fault", actor=WORLD, source="teaching")
def crash(s: Any, n: Node) -> Body:
    """A node goes down and forgets what is volatile.

    Why: what a node knew in memory must not be what safety rests on.
    """
    return Body("NodeCrashed", moves=Move(s.node[n].power, Power.UP, Power.DOWN), resets=s.node[n])


@world(4, trigger="fault", actor=WORLD, source="teaching")
def cut(s: Any, n: Node) -> Body:
    """A node's path to the lock breaks."""
    path = s.lock.reach[n]
    return Body("PathCut", requires={"the path works": path}, sets={path: False})


@world(5, trigger="command", actor=WORLD, source="teaching")
def heal(s: Any, n: Node) -> Body:
    """A node's path to the lock is repaired."""
    path = s.lock.reach[n]
    return Body("PathHealed", requires={"the path is broken": ~path}, sets={path: True})


@rule(10, trigger="consequence", actor=SERVICE, source="teaching")
def claim_lock(s: Any, n: Node) -> Body:
    """A node takes the lock when it is free, or when its holder let the lease run out.

    Why: the lock has no clock; whoever wants it waits longer than any lease can last.
    """
    other = peer(n)
    ran_out = s.elapsed(s.lock.renewed, s.p.expiry) & ~renewing(s, other)
    free = any_of(s.lock.holder == NOBODY, ran_out)
    return Body(
        "LockClaimed",
        moves=Move(s.lock.holder, (NOBODY, other), n),
        given={"the lock answers": s.lock.reach[n], DEFENCE: free},
        sets={s.lock.renewed: s.now},
        ghost={s.history.turns: s.history.turns + 1},
    )


@rule(11, trigger="consequence", actor=SERVICE, source="teaching")
def start_serving(s: Any, n: Node, renewed: Int) -> Body:
    """A node that finds itself the holder begins to serve."""
    return Body(
        "ServingStarted",
        moves=Move(s.node[n].mode, Mode.IDLE, Mode.HOLDING),
        given={
            "the lock answers": s.lock.reach[n],
            "it holds the lock": s.lock.holder == n,
            "that is its renewal": renewed == s.lock.renewed,
        },
        sets={s.node[n].lease_at: renewed, s.node[n].turns: s.node[n].turns + 1},
    )


@rule(12, trigger="consequence", actor=SERVICE, source="teaching")
def stop_serving(s: Any, n: Node) -> Body:
    """A node whose lease ran out stops serving."""
    return Body(
        "ServingStopped",
        moves=Move(s.node[n].mode, Mode.HOLDING, Mode.IDLE),
        requires={"its lease ran out": s.elapsed(s.node[n].lease_at, s.p.lease)},
        given={"no renewal gets through": ~renewing(s, n)},
        sets={s.node[n].lease_at: NEVER},
    )


@rule(13, trigger="beat", actor=SERVICE, source="teaching")
def renew_lock(s: Any, n: Node) -> Body:
    """The holder renews the lock."""
    granted = {"it would be granted": renewing(s, n)}
    return Body("LockRenewed", given=granted, sets={s.lock.renewed: s.now})


@rule(14, trigger="beat", actor=SERVICE, source="teaching")
def note_renewal(s: Any, n: Node, renewed: Int) -> Body:
    """The holder learns that its renewal was granted."""
    granted = {"it would be granted": renewing(s, n)}
    return Body(
        "RenewalNoted",
        given={**granted, "that is its renewal": renewed == s.lock.renewed},
        sets={s.node[n].lease_at: renewed},
    )


@promise("P01", kind=ALWAYS, source="teaching")
def never_two_serving(s: Any, n: Node) -> Term:
    """Never two nodes serve at once."""
    return ~(serving(s, n) & serving(s, peer(n)))


@promise("P02", kind=STEP, source="teaching")
def renewals_grow(s: Any, t: Any) -> Term:
    """The lock's renewal never goes back."""
    renewed: Term = t.lock.renewed >= s.lock.renewed
    return renewed


@promise("P03", kind=STEP, source="teaching", at=("claim_lock",))
def hands_are_counted(s: Any, t: Any) -> Term:
    """Every change of hands is counted."""
    changed: Term = t.lock.holder != s.lock.holder
    counted: Term = t.history.turns == s.history.turns + 1
    return implies(changed, counted)


@promise("P04", kind=SOMETIMES, source="teaching")
def taken_over(s: Any, n: Node) -> Term:
    """A node serves after the other one held the lock."""
    second: Term = s.history.turns >= 2
    return serving(s, n) & second & ~serving(s, peer(n))


@promise("L01", kind=LEMMA, source="teaching")
def leases_follow_the_lock(s: Any, n: Node) -> Term:
    """A running lease belongs to the holder, and is not newer than the lock's renewal."""
    mine = all_of(s.lock.holder == n, s.node[n].lease_at <= s.lock.renewed)
    return implies(leased(s, n), mine)


@promise("L02", kind=LEMMA, source="teaching")
def the_past_is_past(s: Any) -> Term:
    """No stamp lies in the future, and time did not begin before zero."""
    stamps = each(Node, lambda n: s.node[n].lease_at <= s.now)
    past: Term = s.lock.renewed <= s.now
    return all_of(s.now >= 0, past, stamps)


RULES = (
    tick, boot, crash, cut, heal, claim_lock, start_serving, stop_serving, renew_lock, note_renewal,
)  # fmt: skip
PROPERTIES = (
    never_two_serving, renewals_grow, hands_are_counted, taken_over,
    leases_follow_the_lock, the_past_is_past,
)  # fmt: skip
MODEL = model_of("teaching lock", SCHEMA, RULES).promising(
    PROPERTIES, {"expiry covers the lease": SCHEMA.state.p.expiry >= SCHEMA.state.p.lease}
)
BROKEN = MODEL.without_guard("claim_lock", DEFENCE)
INSTANCE = Instance({"Node": ("A", "B")})

BROKEN_RUN: tuple[tuple[str, dict[str, bool | int | str]], ...] = (
    ("claim_lock", {"n": "A"}),
    ("start_serving", {"n": "A", "renewed": 0}),
    ("claim_lock", {"n": "B"}),
    ("start_serving", {"n": "B", "renewed": 0}),
)
"""Two nodes serve after these steps of `BROKEN`; the third one is refused in `MODEL`."""

FAILOVER_RUN: tuple[tuple[str, dict[str, bool | int | str]], ...] = (
    ("claim_lock", {"n": "A"}),
    ("start_serving", {"n": "A", "renewed": 0}),
    ("crash", {"n": "A"}),
    ("tick", {"dt": 10_000}),
    ("claim_lock", {"n": "B"}),
    ("start_serving", {"n": "B", "renewed": 10_000}),
)
"""A run of `MODEL` in which B takes over from A: P04 holds at its end."""
