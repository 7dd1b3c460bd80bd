"""Numbers of a frontier are known by their place: no answer changes, whatever hangs on them.

A model in which stamps decide what is read, written and broken: rules that compare one with
another, with the clock, or read further facts only if one has run out.
"""

# mypy: disable-error-code="valid-type"
from __future__ import annotations

from typing import Any
from unittest import mock

from hypothesis import example, given, settings
from hypothesis import strategies as st

from ccr_es.partial import Asked, Declared, audit_partial
from ccr_es.partial.again import Known
from models.language.model import ALWAYS, STEP, model_of, property_for
from models.language.rule import ENVIRONMENT, Actor, Body, rule_for
from models.language.schema import Schema, field_of
from models.language.terms import Bool, Int, Term, all_of, any_of
from tests.ccr_es.partial_making import Told, rules, without
from tests.ccr_es.test_partial_again import plainly, said

SCHEMA = Schema()
WORLD = Actor(ENVIRONMENT)
SCHEMA.record("clock", now=field_of(Int, 0, owner="time", probe="clock"))
NUMBERS = {n: field_of(Int, 0, owner=ENVIRONMENT, probe="box", about="a stamp") for n in "abc"}
FLAGS = {n: field_of(Bool, False, owner=ENVIRONMENT, probe="box") for n in ("lit", "shut")}
SCHEMA.record("box", about="a box with stamps", **NUMBERS, **FLAGS)
world = rule_for(SCHEMA, "box")
promise = property_for(SCHEMA)


@world(1, trigger="time", actor=Actor("time"), source="test")
def tick(s: Any, dt: Int) -> Body:
    """Time passes."""
    forward: dict[str, Term] = {"time goes forward": dt >= 1}  # type: ignore[dict-item]
    return Body("Ticked", requires=forward, sets={s.clock.now: s.now + dt})


def changed(name: str, guard: Any, sets: Any) -> Any:
    """A rule of the world."""

    def body(s: Any) -> Body:
        """Something happens."""
        return Body(
            name.title().replace("_", ""), requires={"it can": guard(s.box, s)}, sets=sets(s.box, s)
        )

    body.__name__ = name
    return world(len(MADE) + 2, trigger="command", actor=WORLD, source="test")(body)


MADE: list[Any] = []
for _name, _guard, _sets in (
    ("stamp_a", lambda b, s: ~b.shut, lambda b, s: {b.a: s.now}),
    ("stamp_b", lambda b, s: b.lit, lambda b, s: {b.b: s.now}),
    ("copy_a", lambda b, s: any_of(b.c < b.a, b.lit), lambda b, s: {b.c: b.a}),
    ("swap", lambda b, s: b.a > b.b, lambda b, s: {b.a: b.b, b.b: b.a}),
    ("open_box", lambda b, s: b.shut, lambda b, s: {b.shut: False}),
    ("shut_box", lambda b, s: ~b.shut, lambda b, s: {b.shut: True}),
    ("light", lambda b, s: ~b.lit & (s.elapsed(b.a, 3_000) | b.shut), lambda b, s: {b.lit: True}),
    (
        "darken",
        lambda b, s: all_of(b.lit, s.elapsed(b.b, 2_000), ~b.shut | (b.a == b.b)),
        lambda b, s: {b.lit: False, b.b: -1},
    ),
    ("look", lambda b, s: b.shut, lambda b, s: {b.lit: s.elapsed(b.b, 4_000), b.shut: False}),
    ("tell", lambda b, s: all_of(s.elapsed(b.a, 2_000), ~b.lit), lambda b, s: {b.c: s.now}),
    ("set_a", lambda b, s: ~b.lit, lambda b, s: {b.a: 3_000}),
    ("turn", lambda b, s: ~b.lit, lambda b, s: {b.a: s.now, b.b: 3_000}),
    ("level", lambda b, s: b.a == b.b, lambda b, s: {b.shut: False}),
    ("rise", lambda b, s: b.a < b.b, lambda b, s: {b.c: b.a}),
    ("say", lambda b, s: (b.b >= b.c) | (b.a == b.c), lambda b, s: {b.c: b.b}),
):
    MADE.append(changed(_name, _guard, _sets))


@promise("P01", kind=ALWAYS, source="test")
def never_long_in_the_dark(s: Any) -> Term:
    """A box is not shut and lit for long."""
    return ~all_of(s.elapsed(s.box.a, 6_000), s.box.shut, s.box.lit)


@promise("P02", kind=STEP, source="test")
def told_later(s: Any, t: Any) -> Term:
    """What is told goes back only when it is dark."""
    return any_of(t.box.c >= s.box.c, ~s.box.lit, t.box.b < s.box.b)


MODEL = model_of("box", SCHEMA, (tick, *MADE)).promising((never_long_in_the_dark, told_later), {})
EVENTS = sorted(r.event for r in MODEL.rules.values() if r.trigger != "time")
NAMES = sorted(r.name for r in MODEL.rules.values() if r.trigger != "time")
ACTS = st.one_of(st.sampled_from(NAMES), st.sampled_from([1, 1_000, 2_000, 3_000]))
ASKED = [Asked("box.lit", True), Asked("box.shut", True)]


def lines_of(acts: list[str | int], lacking: set[str]) -> list[bytes]:
    """A record of these steps, as far as they are possible."""
    run = Told(MODEL)
    for act in acts:
        run.tell("tick", dt=act) if isinstance(act, int) else run.act(act)
    return without(run.lines, lacking)


# A rule reads further facts once a stamp is old enough.
@example([3_000, "light", "stamp_b", "shut_box", 1_000, 1_000], 1, {"OpenBox", "Darken"})
# The same step, from the same differences, breaks a property with other numbers.
@example([3_000, "light", "stamp_b", 1_000, "stamp_a", "copy_a", 1_000], 1, {"Say"})
# What is written decides whether an unlogged step breaks a property, not whether it is possible.
@example([2_000, 2_000, "light", "shut_box", "look"], 1, {"Darken", "Say"})
# As a line breaks one in some states, more are possible: with the mark, and without.
@example([2_000, 2_000, 2_000], 1, {"Light", "OpenBox", "ShutBox"})
# Of several numbers not the first ones are left.
@example(["stamp_a", 1, 3_000], 2, {"Light", "StampB", "ShutBox"})
# A guard that is false whatever the numbers are is so by facts, which may change.
@example(["shut_box"], 1, {"OpenBox", "Say"})
# A guard that is false by a number that was not logged either is tried again.
@example([1_000, "level", 3_000, 1_000, "level", "turn", "swap", "rise"], 1, {"Turn", "Swap"})
# So is one that is true by such a number, though what is written is only copied.
@example([1_000, "level", 3_000, 1_000, "level", "shut_box", "light", "say"], 1, {"Turn", "Rise"})
# A number that is always written is the same as another one, or it is not.
@example(["stamp_a", 3_000], 1, {"SetA"})
# Two numbers were the same and are not any more; or two others are.
@example([3_000, "turn", 2_000], 1, {"StampA"})
@example(["turn"], 1, {"Say", "SetA"})
# A rule does something else beside the numbers.
@example([2_000, 2_000], 1, {"Look", "ShutBox"})
@settings(max_examples=80)
@given(
    st.lists(ACTS, min_size=2, max_size=8),
    st.integers(1, 5),
    st.sets(st.sampled_from(EVENTS), min_size=1, max_size=4),
)
def test_numbers_that_are_others_each_time_change_no_answer(
    lap: list[str | int], laps: int, lacking: set[str]
) -> None:
    lines = lines_of(lap * laps, lacking)
    given_args = ("record", lines, MODEL, Declared(rules(lacking, MODEL), 64), ASKED)
    ours = audit_partial(*given_args, by_given=True)
    if not any("states were possible" in doubt for doubt in ours.doubts):
        anew = said(plainly(*given_args, by_given=True))
        assert said(ours) == anew
        with mock.patch.object(Known, "worth", False):
            assert said(audit_partial(*given_args, by_given=True)) == anew
