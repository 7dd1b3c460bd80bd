"""What no parameter is, set and swept as one: a field that a command writes as it is told, and how
many members there are.
"""

from __future__ import annotations

from typing import Any

import pytest

from models.language.model import ALWAYS, LEMMA, SOMETIMES, Instance, Model, model_of, property_for
from models.language.rule import ENVIRONMENT, Actor, Body, Move, rule_for
from models.language.schema import Schema, field_of
from models.language.settings import counted, near, settings_of, with_setting
from models.language.show import show
from models.language.terms import Int, Term, all_of, any_of, enum, identity, implies
from models.plain.reader import Reader
from specs.runs import confirm
from specs.search.search import Hunt
from specs.search.story import tell
from specs.sweep.frontier import Sweep
from specs.sweep.members import sweep_members, with_members
from specs.verdict import HOLDS, VIOLATED

Site = identity("Site")
Use = enum("Use", "OFF", "ON")


def keeping(*, tracked: bool = True) -> Model:
    """Copies that are enabled with a lag, and drop what is older than that; what is dropped must be
    as old as the parameter says.
    """
    schema = Schema()
    schema.record("clock", now=field_of(Int, 0, owner="time", probe="clock"))
    mine: dict[str, Any] = {"owner": ENVIRONMENT, "probe": "site"}
    schema.record(
        "copy", Site,
        use=field_of(Use, Use.OFF, **mine), since=field_of(Int, 0, **mine),
        lag=field_of(Int, 0, **mine, about="ms that what it keeps must be old"),
        dropped=field_of(Int, -1, **mine),
    )  # fmt: skip
    schema.parameter("needed", 7, "ms for which what is lost may be asked for")
    rule, promise = rule_for(schema, "keeping"), property_for(schema)
    world = Actor(ENVIRONMENT)

    @rule(1, trigger="time", actor=Actor("time"), source="test")
    def tick(s: Any, dt: Int) -> Body:  # type: ignore[valid-type]
        """Time passes."""
        return Body("TimePassed", requires={"on": dt >= 1}, sets={s.clock.now: s.now + dt})

    @rule(2, trigger="command", actor=world, source="test")
    def enable(s: Any, x: Site, lag: Int, half: Int) -> Body:  # type: ignore[valid-type]
        """A copy is enabled."""
        copy = s.copy[x]
        halved = all_of(lag <= half * 2, half * 2 <= lag + 1)
        return Body(
            "Enabled", moves=Move(copy.use, Use.OFF, Use.ON),
            requires={"a lag": lag >= 0, "half of it": halved},
            sets={copy.lag: lag, copy.since: s.now},
        )  # fmt: skip

    @rule(3, trigger="consequence", actor=world, source="test")
    def drop(s: Any, x: Site) -> Body:  # type: ignore[valid-type]
        """What is older than the lag is dropped."""
        copy = s.copy[x]
        wanted = {"old": s.elapsed(copy.since, copy.lag), "there": copy.dropped == -1}
        return Body(
            "Dropped", requires={"on": copy.use == Use.ON, **wanted},
            sets={copy.dropped: s.now - copy.since},
        )  # fmt: skip

    @promise("P01", kind=ALWAYS, source="test")
    def what_is_dropped_is_old(s: Any, x: Site) -> Term:  # type: ignore[valid-type]
        """What was dropped was as old as is needed."""
        copy = s.copy[x]
        return any_of(copy.dropped == -1, copy.dropped >= s.p.needed)

    @promise("P02", kind=ALWAYS, source="test")
    def nothing_is_dropped_unused(s: Any, x: Site) -> Term:  # type: ignore[valid-type]
        """What is off dropped nothing."""
        return implies(s.copy[x].use == Use.OFF, s.copy[x].dropped == -1)

    @promise("S01", kind=SOMETIMES, source="test", story=("enable x=X lag=20 half=10", "wait 30"))
    def what_is_old_is_dropped(s: Any, x: Site) -> Term:  # type: ignore[valid-type]
        """Something may be dropped."""
        dropped: Term = s.copy[x].dropped >= 0
        return dropped

    @promise("L01", kind=LEMMA, source="test")
    def begun_in_the_past(s: Any, x: Site) -> Term:  # type: ignore[valid-type]
        """It was enabled before now."""
        return all_of(s.copy[x].since <= s.now, s.copy[x].lag >= 0)

    rules, promises = (tick, enable, drop), (what_is_dropped_is_old, nothing_is_dropped_unused)
    found = model_of("keeping", schema, rules, (Site,) if tracked else ())
    return found.promising((*promises, what_is_old_is_dropped, begun_in_the_past))


KEEPING, ONE = keeping(), Instance({"Site": ("X",)})


def test_a_field_that_a_command_sets_as_told_is_a_setting() -> None:
    assert {n: s[0].rule for n, s in settings_of(KEEPING).items()} == {
        "lag": "enable", "copy.lag": "enable",
    }  # fmt: skip
    made = with_setting(KEEPING, "copy.lag")
    assert made.schema.parameters["copy_lag"][1].startswith("ms ")
    assert "copy_lag" not in KEEPING.schema.parameters
    assert [p.number for p in made.properties][-2:] == ["set:copy.lag", "set:copy.lag.use"]


@pytest.mark.parametrize("name", ["lag", "copy.lag"])
def test_a_setting_is_swept_as_a_parameter_and_its_inequality_is_derived(name: str) -> None:
    made = with_setting(KEEPING, name)
    parameter = name.replace(".", "_")
    found = Sweep(made, ONE, parameter).run([5, 6, 7, 8])
    assert [p.verdict for p in found.points] == [VIOLATED, VIOLATED, HOLDS, HOLDS]
    assert found.bound is not None
    assert (found.edge, show(found.bound)) == (7, f"needed ≤ {parameter}")
    assert found.beyond is not None
    run = found.beyond.run
    assert run is not None
    plain = Reader(KEEPING, ONE)
    broken = next(p for p in KEEPING.properties if p.number == "P01")
    assert confirm(KEEPING, run, broken, plain) is not None


def test_what_does_not_depend_on_a_setting_is_safe_at_every_value() -> None:
    asked = [p for p in KEEPING.properties if p.number == "P02"]
    found = Sweep(with_setting(KEEPING, "lag"), ONE, "lag", asked).run([0, 5])
    assert (found.anything, found.verdict) == (True, HOLDS)


def test_a_story_is_told_at_a_setting_and_may_break_what_it_goes_through() -> None:
    made = with_setting(KEEPING, "lag")
    story = next(p for p in made.properties if p.number == "S01").story
    assert story == ("enable x=X half=lag*10/20", "wait 30")
    broken = next(p for p in made.properties if p.number == "P01")
    for lag, steps in ((5, 3), (9, 0)):
        hunt = Hunt(made, ONE, {"needed": 7, "lag": lag}, False, 0, sweeps=0)
        run = hunt.look([broken]).get("P01")
        assert (0 if run is None else len(run)) == steps
        told = tell(made, Instance(ONE.members, {"lag": lag}), story)
        assert told.steps[0].args == {"x": "X", "lag": lag, "half": (lag + 1) // 2}


@pytest.mark.parametrize("tracked", [True, False])
def test_how_many_members_there_are_is_swept(tracked: bool) -> None:
    model = keeping(tracked=tracked)
    found = sweep_members(model, ONE, Site, range(4), parameters={"needed": 7})
    assert [p.verdict for p in found.points] == [HOLDS, VIOLATED, VIOLATED, VIOLATED]
    assert (found.side, found.edge, bool(found.note)) == ("at most", 0, tracked)
    safe = [p for p in model.properties if p.number == "P02"]
    assert sweep_members(model, ONE, Site, range(3), safe).verdict == HOLDS


def test_members_are_those_of_the_instance_and_then_others() -> None:
    assert with_members(ONE, Site, 3).members["Site"] == ("X", "Site1", "Site2")
    assert with_members(ONE, Site, 0).members["Site"] == ()


def test_sorts_are_counted_under_their_name_or_that_of_their_rows() -> None:
    assert [counted(KEEPING, n) for n in ("Site", "sites", "copies", "copy")] == [
        Site, Site, None, Site,
    ]  # fmt: skip


def test_a_name_that_is_nothing_is_told_what_is_like_it() -> None:
    assert near(KEEPING, "lagg") == ["lag"]
    assert near(KEEPING, "lost") == ["needed"]
    assert len(near(KEEPING, "zzz")) == 3
