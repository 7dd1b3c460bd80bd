"""The plain reader: what a rule does not set it keeps, and a refusal names guard and fact."""

from __future__ import annotations

import random

import pytest

from models.language.misuse import BadRule
from models.language.model import Instance
from models.plain.layout import Layout, State
from models.plain.reader import Reader, Step
from tests.models.teaching import (
    BROKEN,
    BROKEN_RUN,
    DEFENCE,
    FAILOVER_RUN,
    INSTANCE,
    MODEL,
    never_two_serving,
    taken_over,
)


@pytest.fixture
def reader() -> Reader:
    return Reader(MODEL, INSTANCE)


def played(reader: Reader, run: tuple[tuple[str, dict[str, bool | int | str]], ...]) -> State:
    """The state after a run in which nothing may be refused."""
    state = reader.initial()
    for name, args in run:
        assert reader.advance(state, Step(name, args)) is None
    return state


def test_the_initial_state_has_every_field_of_every_row(reader: Reader) -> None:
    assert reader.initial() == {
        "clock.now": 0,
        "lock.holder": "",
        "lock.renewed": 0,
        "lock.reach.A": True,
        "lock.reach.B": True,
        "node.A.power": "UP",
        "node.A.mode": "IDLE",
        "node.A.lease_at": -1,
        "node.A.turns": 0,
        "node.B.power": "UP",
        "node.B.mode": "IDLE",
        "node.B.lease_at": -1,
        "node.B.turns": 0,
        "history.turns": 0,
    }


def test_a_step_sets_what_the_rule_names_and_keeps_everything_else(reader: Reader) -> None:
    before = reader.initial()
    after = reader.evolve(before, Step("claim_lock", {"n": "B"}))
    changed = {k: v for k, v in after.items() if v != before[k]}
    assert changed == {"lock.holder": "B", "history.turns": 1}
    assert after.keys() == before.keys()


def test_a_crash_resets_exactly_what_is_volatile(reader: Reader) -> None:
    before = played(reader, FAILOVER_RUN[:2])
    assert before["node.A.turns"] == 1
    after = reader.evolve(before, Step("crash", {"n": "A"}))
    changed = {k: v for k, v in after.items() if v != before[k]}
    assert changed == {"node.A.power": "DOWN", "node.A.mode": "IDLE", "node.A.lease_at": -1}


def test_evolve_leaves_the_state_before_it_alone(reader: Reader) -> None:
    before = reader.initial()
    kept = dict(before)
    reader.evolve(before, Step("crash", {"n": "A"}))
    assert before == kept


def test_evolve_never_looks_at_a_guard(reader: Reader) -> None:
    down = reader.evolve(reader.initial(), Step("crash", {"n": "A"}))
    twice = Step("crash", {"n": "A"})
    assert reader.check(down, twice) is not None
    assert reader.evolve(down, twice) == down


def test_a_refusal_names_each_false_guard_and_the_facts_against_it(reader: Reader) -> None:
    state = played(reader, FAILOVER_RUN[:2])
    refusal = reader.check(state, Step("claim_lock", {"n": "B"}))
    assert refusal is not None
    assert refusal.rule == "R010 claim_lock"
    (guard,) = refusal.guards
    assert guard.name == DEFENCE
    assert guard.text.startswith("lock.holder = nobody or (expiry passed since lock.renewed and")
    assert guard.facts["lock.holder"] == "A"
    assert guard.facts["node.A.mode"] == "HOLDING"
    assert set(guard.facts) == {
        *("clock.now", "lock.holder", "lock.renewed", "lock.reach.A"),
        *("node.A.mode", "node.A.power"),
    }


def test_a_refusal_names_every_guard_that_is_false_and_none_that_holds(reader: Reader) -> None:
    state = played(reader, FAILOVER_RUN[:3])
    refusal = reader.check(state, Step("start_serving", {"n": "A", "renewed": 7}))
    assert refusal is not None
    found = {g.name: g.facts for g in refusal.guards}
    assert found == {
        "its node is up": {"node.A.power": "DOWN"},
        "that is its renewal": {"lock.renewed": 0, "renewed": 7},
    }


@pytest.mark.parametrize("seed", range(5))
def test_check_then_apply_and_advance_are_the_same(seed: int) -> None:
    reader, draw = Reader(MODEL, INSTANCE), random.Random(seed)
    state = reader.initial()
    taken = refused = 0
    for _ in range(400):
        g = draw.choice(list(reader.all_grounded()))
        given = {"dt": draw.choice((-1, 1, 5_999, 6_000, 10_000)), "renewed": state["lock.renewed"]}
        args = {n: g.binding.get(n, given.get(n, 0)) for n, _ in g.rule.params}
        step = Step(g.rule.name, args)
        refusal, after, copy = reader.check(state, step), reader.evolve(state, step), dict(state)
        assert reader.advance(copy, step) == refusal
        assert copy == (after if refusal is None else state)
        apply = dict(state)
        reader.apply(apply, step)
        assert apply == after
        assert (refusal is None) == all(
            f(state, *(args[n] for n in g.names)) for f in g.guards.values()
        )
        taken, refused = taken + (refusal is None), refused + (refusal is not None)
        state = copy
    assert taken > 40
    assert refused > 40


def test_without_its_defence_the_model_lets_two_nodes_serve() -> None:
    broken = Reader(BROKEN, INSTANCE)
    state = played(broken, BROKEN_RUN)
    assert broken.holds(never_two_serving, state) == [{"n": "A"}, {"n": "B"}]
    sound = Reader(MODEL, INSTANCE)
    state = played(sound, BROKEN_RUN[:2])
    refusal = sound.check(state, Step(*BROKEN_RUN[2]))
    assert refusal is not None
    assert [g.name for g in refusal.guards] == [DEFENCE]


def test_the_failover_run_ends_where_the_sometimes_property_says(reader: Reader) -> None:
    state = played(reader, FAILOVER_RUN)
    assert {"n": "B"} not in reader.holds(taken_over, state)
    assert reader.holds(never_two_serving, state) == []


def test_arguments_that_a_guard_binds_are_completed(reader: Reader) -> None:
    state = played(reader, FAILOVER_RUN[:5])
    step = reader.complete(state, "start_serving", {"n": "B"})
    assert step == Step("start_serving", {"n": "B", "renewed": 10_000})


@pytest.mark.parametrize(
    ("rule", "args", "said"),
    [
        ("crash", {}, "R003 crash needs n, one of A, B; got nothing"),
        ("crash", {"n": "C"}, "R003 crash needs n, one of A, B; got 'C'"),
        ("crash", {"n": ["A"]}, r"R003 crash needs n, one of A, B; got \['A'\]"),
        ("crash", {"n": "A", "m": "B"}, "R003 crash has no argument m"),
        ("tick", {}, "R001 tick needs dt .Int.: write dt=..."),
        ("tick", {"dt": "5"}, "R001 tick needs dt as a whole number, not '5'"),
        ("tick", {"dt": True}, "R001 tick needs dt as a whole number, not True"),
        ("crush", {}, "there is no rule crush; did you mean crash"),
        ("zzz", {}, "there is no rule zzz$"),
    ],
)
def test_a_step_that_cannot_be_read_is_refused_in_words(
    reader: Reader, rule: str, args: dict[str, object], said: str
) -> None:
    with pytest.raises(BadRule, match=said):
        reader.complete(reader.initial(), rule, args)  # type: ignore[arg-type]


def test_an_argument_that_keys_a_row_is_enumerated_though_a_guard_equates_it() -> None:
    rule = MODEL.rule("start_serving")
    assert [n for n, _ in rule.keyed] == ["n"]
    assert list(rule.bindings) == ["renewed"]


def test_parameters_of_an_instance_override_the_defaults() -> None:
    early = Reader(MODEL, Instance({"Node": ("A", "B")}, {"expiry": 10}))
    state = played(early, (*FAILOVER_RUN[:3], ("tick", {"dt": 10})))
    assert early.check(state, Step("claim_lock", {"n": "B"})) is None
    with pytest.raises(BadRule, match="there is no parameter patience; there are lease, expiry"):
        Layout(MODEL.schema, Instance({"Node": ("A", "B")}, {"patience": 1}))


def test_only_one_of_two_has_a_peer() -> None:
    three = Reader(MODEL, Instance({"Node": ("A", "B", "C")}))
    with pytest.raises(BadRule, match=r"there is no peer n: peer\(\) needs two members"):
        three.check(three.initial(), Step("claim_lock", {"n": "A"}))


def test_an_instance_without_members_for_a_sort_is_refused() -> None:
    with pytest.raises(BadRule, match="the instance names no members of Node"):
        Reader(MODEL, Instance({}))


@pytest.mark.parametrize("names", [("A", "A"), ("A", ""), ("A", "B\0")])
def test_members_need_names_that_differ_and_can_be_printed(names: tuple[str, str]) -> None:
    with pytest.raises(BadRule, match="the members of Node need names that differ"):
        Reader(MODEL, Instance({"Node": names}))


def test_a_member_may_have_any_name_that_can_be_printed() -> None:
    odd = Reader(MODEL, Instance({"Node": ("100%s", "node 'B'")}))
    state = odd.evolve(odd.initial(), Step("claim_lock", {"n": "100%s"}))
    assert state["lock.holder"] == "100%s"
    refusal = odd.check(state, Step("claim_lock", {"n": "node 'B'"}))
    assert refusal is not None
    assert refusal.guards[0].facts["lock.holder"] == "100%s"


def test_a_variant_reads_the_rules_that_it_changed() -> None:
    twice = MODEL.rule("tick").changed(requires={})
    reader = Reader(MODEL.with_rule(twice), INSTANCE)
    assert reader.check(reader.initial(), Step("tick", {"dt": -5})) is None
    assert Reader(MODEL, INSTANCE).check(reader.initial(), Step("tick", {"dt": -5})) is not None
    with pytest.raises(BadRule, match="there is no rule tick"):
        Reader(MODEL.without_rule("tick"), INSTANCE).grounded("tick", {})


def test_what_a_grounding_reads_and_writes_is_what_its_terms_name(reader: Reader) -> None:
    g = reader.grounded("stop_serving", {"n": "A"})
    assert g.row == "node.A"
    assert g.writes == {"node.A.mode", "node.A.lease_at"}
    assert g.reads == {
        *("clock.now", "lock.holder", "lock.reach.A"),
        *("node.A.mode", "node.A.lease_at", "node.A.power"),
    }
