"""A small model with an open sort, for tests: a desk where tickets are opened, called and closed.

A ticket needs no declaration: it is there once somebody opens it. The desk calls every open
ticket, one at a time, and goes home when all that were called are closed. Imports `models` only.
"""

# mypy: disable-error-code="valid-type"
from __future__ import annotations

from models.language.model import ALWAYS, Instance, model_of, property_for
from models.language.rule import ENVIRONMENT, Actor, Body, Move, rule_for
from models.language.schema import Schema, field_of
from models.language.terms import Bool, Int, each, enum, implies, one_of, open_identity

Ticket = open_identity("Ticket")
State = enum("State", "ABSENT", "OPEN", "CALLED", "CLOSED")

SCHEMA = Schema()
WORLD = Actor(ENVIRONMENT)
TIME = Actor("time")
SCHEMA.record("clock", now=field_of(Int, 0, owner="time", probe="clock"))
SCHEMA.record(
    "ticket",
    Ticket,
    state=field_of(State, State.ABSENT, owner=ENVIRONMENT, probe="board"),
    since=field_of(Int, 0, owner=ENVIRONMENT, probe="board"),
)
SCHEMA.record(
    "desk",
    home=field_of(Bool, False, owner=ENVIRONMENT, probe="desk"),
    calls=field_of(Bool, False, owner=ENVIRONMENT, probe="desk", index=Ticket),
)
SCHEMA.parameter("patience", 10, "ms a ticket waits until it is called")

rule = rule_for(SCHEMA, "desk")
promise = property_for(SCHEMA)


@rule(1, trigger="time", actor=TIME, source="test")
def tick(s, dt: Int):
    """Time passes."""
    return Body("TimePassed", requires={"forward": dt >= 0}, sets={s.clock.now: s.now + dt})


@rule(2, trigger="command", actor=WORLD, source="test")
def open_ticket(s, t: Ticket):
    """Somebody opens a ticket."""
    ticket = s.ticket[t]
    return Body(
        "TicketOpened",
        moves=Move(ticket.state, State.ABSENT, State.OPEN),
        sets={ticket.since: s.now},
    )


@rule(3, trigger="consequence", actor=WORLD, source="test")
def call_ticket(s, t: Ticket):
    """A ticket that waited is called."""
    ticket = s.ticket[t]
    return Body(
        "TicketCalled",
        moves=Move(ticket.state, State.OPEN, State.CALLED),
        requires={"it waited": s.elapsed(ticket.since, s.p.patience)},
    )


@rule(4, trigger="command", actor=WORLD, source="test")
def close_ticket(s, t: Ticket):
    """A called ticket is closed."""
    return Body("TicketClosed", moves=Move(s.ticket[t].state, State.CALLED, State.CLOSED))


@rule(5, trigger="consequence", actor=WORLD, source="test")
def go_home(s):
    """All tickets are closed."""
    done = each(Ticket, lambda t: one_of(s.ticket[t].state, State.ABSENT, State.CLOSED))
    return Body(
        "WentHome",
        requires={
            "it works": ~s.desk.home,
            "every ticket is closed": done,
            "time has passed": s.now > 0,
        },
        sets={s.desk.home: True},
    )


@rule(6, trigger="command", actor=WORLD, source="test")
def note_call(s, t: Ticket):
    """The desk notes that it calls a ticket."""
    return Body("CallNoted", sets={s.desk.calls[t]: True})


@promise("P01", kind=ALWAYS, source="test")
def no_ticket_is_closed_at_home(s, t: Ticket):
    """At home nobody holds a called ticket. (Not so: a ticket may be opened later.)"""
    return implies(s.desk.home, s.ticket[t].state != State.CALLED)


MODEL = model_of(
    "desk", SCHEMA, (tick, open_ticket, call_ticket, close_ticket, go_home, note_call), (Ticket,)
).promising((no_ticket_is_closed_at_home,))
INSTANCE = Instance({})
