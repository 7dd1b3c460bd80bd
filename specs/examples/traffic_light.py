"""A small model from nothing: two lights at a crossing, one of them green at a time.

    ccr verify --model specs/examples/traffic_light.py
    ccr simulate --model specs/examples/traffic_light.py --runs 1000
    ccr explain --model specs/examples/traffic_light.py turn_green

A model is a schema (records, fields, parameters), rules and properties. A light turns green when it
sees the other one red, and yellow before red. The clock and `tick` let time pass. Take the guard
"the crossing is clear" away and P1 is violated by a run of two steps.
"""

from __future__ import annotations

from models.language.model import ALWAYS, SOMETIMES, STEP, Instance, model_of, property_for
from models.language.rule import Actor, Body, Move, rule_for
from models.language.schema import Schema, field_of
from models.language.terms import Int, enum, identity, implies, peer

Light = identity("Light")
Colour = enum("Colour", "RED", "GREEN", "YELLOW")

SCHEMA = Schema()
CONTROLLER = Actor("controller", Light)
TIME = Actor("time")

SCHEMA.record("clock", now=field_of(Int, 0, owner="time", probe="clock"))
SCHEMA.record(
    "light",
    Light,
    colour=field_of(Colour, Colour.RED, owner="controller", probe="its lamp"),
    since=field_of(Int, 0, owner="controller", about="when it took that colour"),
)
SCHEMA.parameter("green_min", 10_000, "ms that a light stays green at least")
SCHEMA.parameter("clearing", 3_000, "ms of yellow")

rule = rule_for(SCHEMA, "crossing")
promise = property_for(SCHEMA)


@rule(1, trigger="time", actor=TIME, source="example")
def tick(s, dt: Int):
    """Time passes."""
    return Body("TimePassed", requires={"time goes on": dt >= 1}, sets={s.clock.now: s.now + dt})


@rule(2, trigger="consequence", actor=CONTROLLER, source="example")
def turn_green(s, x: Light):
    """A light turns green when the other one is red."""
    return Body(
        "TurnedGreen",
        moves=Move(s.light[x].colour, Colour.RED, Colour.GREEN),
        given={"the crossing is clear": s.light[peer(x)].colour == Colour.RED},
        sets={s.light[x].since: s.now},
    )


@rule(3, trigger="consequence", actor=CONTROLLER, source="example")
def turn_yellow(s, x: Light):
    """A light that was green long enough turns yellow."""
    return Body(
        "TurnedYellow",
        moves=Move(s.light[x].colour, Colour.GREEN, Colour.YELLOW),
        requires={"it was green long enough": s.elapsed(s.light[x].since, s.p.green_min)},
        sets={s.light[x].since: s.now},
    )


@rule(4, trigger="consequence", actor=CONTROLLER, source="example")
def turn_red(s, x: Light):
    """A light turns red when those under way have passed."""
    return Body(
        "TurnedRed",
        moves=Move(s.light[x].colour, Colour.YELLOW, Colour.RED),
        requires={"the crossing has cleared": s.elapsed(s.light[x].since, s.p.clearing)},
        sets={s.light[x].since: s.now},
    )


@promise("P1", kind=ALWAYS, source="example")
def never_two_open(s, x: Light):
    """While one light is green or yellow the other one is red."""
    return implies(s.light[x].colour != Colour.RED, s.light[peer(x)].colour == Colour.RED)


@promise("P2", kind=STEP, source="example")
def yellow_comes_before_red(s, t, x: Light):
    """No light turns from green to red at once."""
    return implies(s.light[x].colour == Colour.GREEN, t.light[x].colour != Colour.RED)


@promise("S1", kind=SOMETIMES, source="example")
def the_second_gets_its_turn(s, x: Light):
    """A light can be green after the other one was."""
    return (s.light[x].colour == Colour.GREEN) & (s.light[peer(x)].since > 0)


MODEL = model_of("traffic light", SCHEMA, (tick, turn_green, turn_yellow, turn_red)).promising(
    (never_two_open, yellow_comes_before_red, the_second_gets_its_turn)
)
INSTANCE = Instance({"Light": ("NORTH", "EAST")})
