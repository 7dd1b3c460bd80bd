"""The driver: what follows is taken, in one order per seed; a quiet week is a handful of events."""

from __future__ import annotations

import pytest

from models.language.misuse import BadRule
from models.plain.driver import Driver, Fired, Refused, Unsettled
from models.plain.reader import Reader, Step
from tests.models.teaching import INSTANCE, MODEL

DAY = 86_400_000


def driver(seed: int = 0) -> Driver:
    """A run of the teaching model from its beginning."""
    reader = Reader(MODEL, INSTANCE)
    return Driver(reader, reader.initial(), seed)


def told(fired: list[Fired]) -> list[str]:
    """Events as `time rule args <- cause`."""
    return [
        f"{f.time} {f.step.rule} {' '.join(str(v) for v in f.step.args.values())} <- {f.cause}"
        for f in fired
    ]


def test_a_story_of_a_lease_that_runs_out_is_told_event_by_event() -> None:
    d = driver()
    story = [*d.settle(), *d.wait(5_000), *d.fire(Step("cut", {"n": "A"})), *d.wait(20_000)]
    assert told(story) == [
        "0 claim_lock A <- None",
        "0 start_serving A 0 <- 1",
        "5000 tick 5000 <- None",
        "5000 renew_lock A <- 2",
        "5000 note_renewal A 5000 <- 4",
        "5000 cut A <- None",
        "11000 tick 6000 <- None",
        "11000 stop_serving A <- 6",
        "15000 tick 4000 <- None",
        "15000 claim_lock B <- 8",
        "15000 start_serving B 15000 <- 10",
        "25000 tick 10000 <- None",
    ]
    assert [f.number for f in story] == list(range(1, 13))


def test_a_fired_step_says_what_it_changed_and_in_which_row() -> None:
    d = driver()
    claim, start = d.settle()
    assert claim.row == "lock"
    assert claim.changes == {"lock.holder": ("", "A"), "history.turns": (0, 1)}
    assert start.row == "node.A"
    assert start.changes["node.A.lease_at"] == (-1, 0)


def test_a_quiet_week_is_one_event() -> None:
    d = driver()
    d.settle()
    assert told(d.wait(7 * DAY)) == [f"{7 * DAY} tick {7 * DAY} <- None"]


def test_a_renewal_is_recorded_just_before_what_breaks_it_and_not_otherwise() -> None:
    d = driver()
    d.wait(DAY)
    unrelated = d.fire(Step("cut", {"n": "B"}))
    assert [f.step.rule for f in unrelated] == ["cut"]
    broken = d.fire(Step("crash", {"n": "A"}))
    assert [f.step.rule for f in broken] == ["renew_lock", "note_renewal", "crash"]
    assert d.state["lock.renewed"] == DAY


def test_a_beat_that_would_change_nothing_is_not_recorded() -> None:
    d = driver()
    d.settle()
    assert [f.step.rule for f in d.fire(Step("crash", {"n": "A"}))] == ["crash"]


@pytest.mark.parametrize("seed", [0, 1, 2, 99])
def test_one_seed_gives_one_run_however_it_is_cut_into_calls(seed: int) -> None:
    whole, parts = driver(seed), driver(seed)
    crash = Step("crash", {"n": "A"})
    one = [*whole.wait(9_000), *whole.fire(crash), *whole.settle()]
    two = list(parts.settling())
    two += parts.wait(9_000)
    again = Driver(parts.reader, parts.state, seed, last=parts.last, wrote=parts.wrote)
    two += [*again.fire(crash), *again.settle()]
    assert two == one
    assert again.state == whole.state


def test_seeds_explore_different_orders() -> None:
    first = {driver(seed).settle()[0].step.args["n"] for seed in range(12)}
    assert first == {"A", "B"}
    assert driver(0).settle()[0].step.args["n"] == "A"


def test_a_refused_step_changes_nothing_and_says_why() -> None:
    d = driver()
    d.wait(100)
    before, last = dict(d.state), d.last
    with pytest.raises(Refused, match=r"R002 boot: not so: node\[n\].power is DOWN") as caught:
        d.fire(Step("boot", {"n": "A"}))
    assert caught.value.refusal.guards[0].facts == {"node.A.power": "UP"}
    assert (d.state, d.last) == (before, last)


def test_a_step_that_its_own_beat_forbids_is_refused_and_the_beat_is_not_recorded() -> None:
    d = driver()
    d.wait(12_000)
    before, last = dict(d.state), d.last
    stale = MODEL.rule("claim_lock")
    # A claim that would take the lock from a holder whose renewals it does not ask about.
    rude = stale.changed(
        trigger="command",
        given={**stale.given, "nobody holds a running lease": _expired()},
    )
    reader = Reader(MODEL.with_rule(rude), INSTANCE)
    d = Driver(reader, before, last=last)
    with pytest.raises(Refused, match="nobody holds a running lease"):
        d.fire(Step("claim_lock", {"n": "B"}))
    assert d.state == before
    assert d.last == last


def test_a_consequence_that_its_beat_forbids_leaves_the_beat_as_what_happened() -> None:
    start = driver()
    start.wait(12_000)
    stale = MODEL.rule("claim_lock")
    rude = stale.changed(given={**stale.given, "nobody holds a running lease": _expired()})
    d = Driver(Reader(MODEL.with_rule(rude), INSTANCE), start.state, last=start.last)
    assert told(d.settle()) == ["12000 renew_lock A <- None", "12000 note_renewal A 12000 <- 4"]
    assert d.state["lock.holder"] == "A"


def _expired():  # type: ignore[no-untyped-def]
    s = MODEL.state
    return s.elapsed(s.lock.renewed, s.p.expiry)


def test_causes_reach_back_to_events_before_this_run() -> None:
    reader = Reader(MODEL, INSTANCE)
    d = Driver(reader, reader.initial(), last=40, wrote={"lock.reach.A": 7, "clock.now": 39})
    assert told(d.settle()) == ["0 claim_lock A <- 7", "0 start_serving A 0 <- 41"]


def test_the_driver_works_on_a_copy_of_the_state_it_is_given() -> None:
    reader = Reader(MODEL, INSTANCE)
    given = reader.initial()
    Driver(reader, given).wait(DAY)
    assert given == reader.initial()


@pytest.mark.parametrize("seed", [0, 3])
@pytest.mark.parametrize("between", [0, 5_000, DAY])
def test_a_driver_that_is_put_back_goes_on_as_a_new_one_would(seed: int, between: int) -> None:
    d = driver(seed)
    d.wait(5_000)
    begin, last = d.state.copy(), d.last
    new = Driver(d.reader, begin, seed, last=last)
    for step in (Step("cut", {"n": "A"}), Step("crash", {"n": "A"}), Step("cut", {"n": "B"})):
        d.fire(step)
        d.wait(between)
        d.rewind(begin, last)
        assert told([*d.fire(step), *d.wait(20_000)]) == told([*new.fire(step), *new.wait(20_000)])
        assert d.state == new.state
        d.rewind(begin, last)
        new = Driver(d.reader, begin, seed, last=last)


def test_a_run_may_be_interrupted_between_any_two_events() -> None:
    whole = driver()
    whole.settle()
    whole.fire(Step("cut", {"n": "A"}))
    events = whole.wait(20_000)
    for stop in range(len(events) + 1):
        d = driver()
        d.settle()
        d.fire(Step("cut", {"n": "A"}))
        state = dict(d.state)
        kept = [f for f, _ in zip(d.waiting(20_000), range(stop), strict=False)]
        assert kept == events[:stop]
        for fired in kept:
            d.reader.apply(state, fired.step)
        rest = Driver(d.reader, state, last=whole.last - len(events) + stop)
        left = 20_000 - (rest.now - events[0].time + events[0].step.args["dt"])
        rest.wait(int(left))
        assert rest.state == whole.state


def test_rules_that_fire_in_a_circle_are_named() -> None:
    stop = MODEL.rule("stop_serving")
    restless = MODEL.with_rule(stop.changed(requires={}, given={}))
    reader = Reader(restless, INSTANCE)
    with pytest.raises(Unsettled) as caught:
        Driver(reader, reader.initial()).settle(limit=50)
    assert str(caught.value) == (
        "no rest after 50 steps at 0 ms; these rules fire in a circle: "
        "R011 start_serving(n=A), then R012 stop_serving(n=A)."
        " Give one of them a guard that its own effect ends"
    )


def test_a_model_without_one_time_rule_cannot_wait() -> None:
    reader = Reader(MODEL.without_rule("tick"), INSTANCE)
    with pytest.raises(BadRule, match="needs one time rule with one Int argument"):
        Driver(reader, reader.initial()).wait(1)


def test_time_does_not_go_back() -> None:
    with pytest.raises(BadRule, match="time goes forward: cannot wait -1 ms"):
        driver().wait(-1)


def test_waiting_no_time_takes_what_is_due_now() -> None:
    assert told(driver().wait(0)) == ["0 claim_lock A <- None", "0 start_serving A 0 <- 1"]


def test_a_recorded_step_is_taken_without_beats_and_checked_like_any_other() -> None:
    d = driver()
    d.wait(5_000)
    taken = d.take(Step("cut", {"n": "A"}))
    assert taken.step.rule == "cut"
    assert d.state["lock.renewed"] == 0
    with pytest.raises(Refused, match="the path works"):
        d.take(Step("cut", {"n": "A"}))
