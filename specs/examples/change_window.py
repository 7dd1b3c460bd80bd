"""CCR where a scheduled move is asked for only inside a change window.

    ccr verify --model specs/examples/change_window.py X01 X02 X03

A variant starts from the whole CCR model with its promises, and changes it: here a record, two
rules, a guard, the default of a timer and three promises are added. X01 and X03 hold. X02 says more
than the guard can keep, and the run that breaks it is shown.
"""

from __future__ import annotations

from models.ccr.vocabulary import WORLD, Cms, Node
from models.language.model import SOMETIMES, STEP
from models.language.rule import ENVIRONMENT, Body
from models.language.schema import field_of
from models.language.terms import Bool, implies
from models.language.variant import Variant
from specs.catalogue import CCR

mine = Variant(CCR, "CCR with a change window")

mine.record("window", open=field_of(Bool, False, owner=ENVIRONMENT, probe="the calendar"))
mine.guard("request_move", "the change window is open", lambda s: s.window.open, where="given")
mine.default(move_queue_max=0)


@mine.rule(901, trigger="command", actor=WORLD)
def open_window(s):
    """The change window opens."""
    closed = {"it is closed": ~s.window.open}
    return Body("WindowOpened", requires=closed, sets={s.window.open: True})


@mine.rule(902, trigger="command", actor=WORLD)
def close_window(s):
    """The change window closes."""
    return Body("WindowClosed", requires={"it is open": s.window.open}, sets={s.window.open: False})


@mine.promise("X01", kind=STEP)
def moves_are_asked_for_in_the_window(s, t, n: Node):
    """No node takes on a move outside the change window."""
    return implies(t.node[n].move & ~s.node[n].move, s.window.open)


@mine.promise("X02", kind=STEP)
def moves_take_the_cms_down_in_the_window(s, t, n: Node):
    """No node takes its CMS down for a move outside the change window."""
    down = (s.node[n].cms == Cms.ONLINE) & (t.node[n].cms == Cms.OFFLINE_PENDING)
    return implies(down & s.node[n].move, s.window.open)


@mine.promise("X03", kind=SOMETIMES)
def a_window_can_be_open(s):
    """A change window can open."""
    return s.window.open


MODEL = mine.model
