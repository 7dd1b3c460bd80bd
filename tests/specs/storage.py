"""A small model with a tracked sort: a node serves once every storage group on it is ready.

Whether a proof for one storage group is a proof for any number shows here. Imports `models` only.
"""

# mypy: disable-error-code="valid-type"
from __future__ import annotations

from typing import Any

from models.language.model import ALWAYS, STEP, Instance, Model, model_of, property_for
from models.language.rule import ENVIRONMENT, Actor, Body, Move, rule_for
from models.language.schema import Schema, field_of
from models.language.terms import Bool, Int, Term, all_of, each, enum, identity, implies, some

Node = identity("Node")
Group = identity("Group")
Mode = enum("Mode", "IDLE", "SERVING", "WARNED")

SCHEMA = Schema()
SERVICE = Actor("service", Node)
WORLD = Actor(ENVIRONMENT)
SCHEMA.record("clock", now=field_of(Int, 0, owner=ENVIRONMENT, probe="clock"))
SCHEMA.record("node", Node, mode=field_of(Mode, Mode.IDLE, owner="service"))
SCHEMA.record("copy", Node, Group, ready=field_of(Bool, False, owner="service"))

rule = rule_for(SCHEMA, "storage")
promise = property_for(SCHEMA)


def every_ready(s: Any, n: Term) -> Term:
    """Every storage group on `n` is ready."""
    return each(Group, lambda g: s.copy[n, g].ready)


@rule(1, trigger="command", actor=SERVICE, source="test")
def make_ready(s: Any, n: Node, g: Group) -> Body:
    """A copy becomes ready."""
    return Body("MadeReady", sets={s.copy[n, g].ready: True})


@rule(2, trigger="fault", actor=SERVICE, source="test")
def spoil(s: Any, n: Node, g: Group) -> Body:
    """A copy of a node that does not serve is no longer ready."""
    idle = {"node is idle": s.node[n].mode == Mode.IDLE}
    return Body("Spoiled", requires=idle, sets={s.copy[n, g].ready: False})


@rule(3, trigger="command", actor=SERVICE, source="test")
def serve(s: Any, n: Node) -> Body:
    """A node with every copy ready serves."""
    ready = {"every copy is ready": every_ready(s, n)}
    return Body("Served", moves=Move(s.node[n].mode, Mode.IDLE, Mode.SERVING), requires=ready)


@rule(4, trigger="consequence", actor=SERVICE, source="test")
def warn(s: Any, n: Node, g: Group) -> Body:
    """A node with a copy that is not ready warns, whichever copy it is."""
    bad = {"copy is not ready": ~s.copy[n, g].ready}
    return Body("Warned", moves=Move(s.node[n].mode, Mode.IDLE, Mode.WARNED), requires=bad)


@promise("P01", kind=ALWAYS, source="test")
def serving_has_this_ready(s: Any, n: Node, g: Group) -> Term:
    """Each copy of a serving node is ready: for any copy."""
    return implies(s.node[n].mode == Mode.SERVING, s.copy[n, g].ready)


@promise("P02", kind=ALWAYS, source="test")
def serving_has_all_ready(s: Any, n: Node) -> Term:
    """Every copy of a serving node is ready: with a quantifier."""
    return implies(s.node[n].mode == Mode.SERVING, every_ready(s, n))


@promise("P03", kind=ALWAYS, source="test")
def serving_has_none_spoilt(s: Any, n: Node) -> Term:
    """No copy of a serving node is spoilt: the same under a negation."""
    spoilt = some(Group, lambda g: ~s.copy[n, g].ready)
    return ~all_of(s.node[n].mode == Mode.SERVING, spoilt)


@promise("P04", kind=STEP, source="test")
def ready_while_serving(s: Any, t: Any, n: Node) -> Term:
    """While a node serves none of its copies is lost."""
    goes_on = all_of(s.node[n].mode == Mode.SERVING, t.node[n].mode == Mode.SERVING)
    return implies(goes_on, every_ready(t, n))


@promise("P05", kind=ALWAYS, source="test")
def warned_about_this(s: Any, n: Node) -> Term:
    """False with two copies: a node warns only while none is ready."""
    warned = s.node[n].mode == Mode.WARNED
    return implies(warned, ~each(Group, lambda g: s.copy[n, g].ready))


@promise("P06", kind=STEP, source="test", at=("warn",))
def warns_about_this(s: Any, t: Any, g: Group, n: Node) -> Term:
    """False with two copies: at a warning each copy of the node is spoilt."""
    warns = all_of(s.node[n].mode == Mode.IDLE, t.node[n].mode == Mode.WARNED)
    return implies(warns, ~s.copy[n, g].ready)


MODEL: Model = model_of(
    "storage", SCHEMA, (make_ready, spoil, serve, warn), tracked=(Group,)
).promising(
    (
        serving_has_this_ready, serving_has_all_ready, serving_has_none_spoilt,
        ready_while_serving, warned_about_this, warns_about_this,
    )
)  # fmt: skip
CARELESS = MODEL.without_guard("spoil", "node is idle")
EAGER = MODEL.without_guard("serve", "every copy is ready")


def instance(groups: int) -> Instance:
    """Two nodes and so many storage groups."""
    return Instance({"Node": ("A", "B"), "Group": tuple(f"SG{i + 1}" for i in range(groups))})
