"""What the audit compiles for many events says what each guard and each property says by itself."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest

from ccr_es.audit.cases import Sight
from ccr_es.audit.fusing import planned
from ccr_es.audit.judge import Judge
from ccr_es.audit.steady import Steady
from models.language.model import STEP
from models.language.terms import Bool, Term, implies
from models.plain.agenda import CLOCK
from models.plain.compile import step_function
from models.plain.ground import Grounded
from models.plain.layout import State, Value
from models.plain.reader import Reader
from specs.catalogue import CCR
from tests.ccr_es.test_ccr import CONFIG


@pytest.mark.slow
def test_a_sight_says_what_the_cases_say_one_by_one() -> None:
    """Random steps between states, reached or not: compiled and folded, or case by case."""
    draw = random.Random(3)
    reader = Reader(CCR, CONFIG.instance(CCR))
    judge = Judge(reader, CCR.properties)
    seen = [0, 0]
    for before in _states(reader, draw):
        every = list(range(len(judge._always.all)))
        for _ in range(4):
            keys = tuple(sorted(draw.sample(sorted(before), draw.randint(0, 3))))
            if draw.random() < 0.4 and CLOCK not in keys:
                keys = (*keys, CLOCK)
            after = {**before, **{k: _other(reader, k, before[k], draw) for k in keys}}
            keys = tuple(k for k in keys if after[k] != before[k])
            rule = draw.choice(list(CCR.rules))
            sight = Sight(judge._always, judge._steps, rule, keys)
            here = [judge._always.all[i] for i in every]
            if not all(c.holds(before, before) for c in here):
                continue
            said = all(c.holds(after, after) for c in here)
            for i in judge._steps.near(keys) | set(judge._steps.at.get(rule, ())):
                case = judge._steps.all[i]
                if case.prop.at and rule not in case.prop.at:
                    continue
                said &= case.holds(before, after) and (
                    bool(case.prop.at) or case.holds(after, after)
                )
            assert sight._each(before, after) == said
            assert sight._as_left()(before, after) == said
            assert judge.writing.of_step(sight.left())(before, after) == said
            seen[said] += 1
    assert min(seen) > 5


def test_a_sight_sees_what_a_step_that_changes_nothing_would_break() -> None:
    """Steps that keep a property, after which standing still breaks it."""
    one, two = "share.up", "witness.recorded"
    before, after = (
        Term(op, Bool, value=(*key.split("."), 0)) for op, key in (("field", one), ("next", two))
    )
    step = next(p for p in CCR.properties if p.kind == STEP and not p.params)
    reader = Reader(CCR, CONFIG.instance(CCR))
    judge = Judge(reader, (replace(step, at=(), term=implies(before, after)),))
    seen = Counter[tuple[bool, bool]]()
    for values in product((False, True), repeat=4):
        old = reader.initial() | {one: values[0], two: values[1]}
        new = old | {one: values[2], two: values[3]}
        sight = judge.sight("", tuple(k for k in (one, two) if old[k] != new[k]))
        between, rest = not old[one] or new[two], not new[one] or new[two]
        if old == new:
            continue
        for well in (sight._each, sight._as_left(), judge.writing.of_step(sight.left())):
            assert well(old, new) == (between and rest)
        seen[bool(between), bool(rest)] += 1
    assert seen[True, False]
    assert seen[False, True]


@pytest.mark.slow
def test_a_case_says_what_its_property_says() -> None:
    """Every property under every binding, folded when it was read or evaluated as it stands."""
    draw = random.Random(8)
    reader = Reader(CCR, CONFIG.instance(CCR))
    judge = Judge(reader, CCR.properties)
    cases = [*judge._always.all, *judge._steps.all]
    plain = [step_function(c.prop.term, reader.layout, c.binding) for c in cases]
    said = Counter[bool]()
    for before in _states(reader, draw):
        after = dict(before)
        for key in draw.sample(sorted(before), 12):
            after[key] = _other(reader, key, before[key], draw)
        for case, holds in zip(cases, plain, strict=True):
            assert case.holds(before, after) == holds(before, after), (case.prop, case.binding)
            said[case.holds(before, after)] += 1
    assert min(said[True], said[False]) > 100


@pytest.mark.slow
def test_a_plan_takes_what_rule_and_properties_allow_and_nothing_else() -> None:
    """In states that were reached, and in others: the function for any state, and the one for what
    stands still, against guards, effects and cases asked one by one.
    """
    draw = random.Random(12)
    reader = Reader(CCR, CONFIG.instance(CCR))
    judge = Judge(reader, CCR.properties)
    steady = Steady(judge.writing)
    seen = Counter[bool]()
    for at in _states(reader, draw):
        ready = [g for g in reader.all_grounded() if g.bind is not None and not g.rule.moves]
        ready = [g for g in ready if g.ready(at, int(at[CLOCK]))]
        for g in draw.sample(ready, min(6, len(ready))):
            values = g.bind(at) if g.bind is not None else ()
            changes = g.attempt(at, *values) or {}
            keys = tuple(k for k, v in changes.items() if at[k] != v)
            sight = judge.sight(g.rule.name, keys)
            plan = planned(g, keys, sight)
            assert plan is not None
            read = sorted(g.reads | g.writes | sight.left().reads)
            for _ in range(6):
                changed = draw.sample(read, min(len(read), draw.choice((0, 1, 2, 4))))
                before = {**at, **{k: _other(reader, k, at[k], draw) for k in changed}}
                quiet = frozenset(draw.sample(sorted(at), len(at) * 2 // 3))
                steady.quiet, steady.state = quiet, before
                steady.stir()
                # What was made for the quiet keys of one state serves whatever the others are.
                short, busy = plan.under(steady.ask), [k for k in read if k not in quiet]
                moved = draw.sample(busy, min(len(busy), draw.choice((0, 1, 2))))
                before |= {k: _other(reader, k, before[k], draw) for k in moved}
                said = _allowed(judge, sight, g, values, keys, before)
                if said is None:
                    continue
                for taken in (plan.general(), short):
                    state, set_by = dict(before), dict[str, int]()
                    passed = int((changes | before)[CLOCK]) - int(before[CLOCK])
                    assert taken(state, set_by, 7, passed, tuple(values)) == said
                    after = before | (g.effects(before, *values) if said else {})
                    assert state == after
                    assert set_by == (dict.fromkeys(keys, 7) if said else {})
                seen[said] += 1
    assert min(seen[True], seen[False]) > 20


def _allowed(
    judge: Judge,
    sight: Sight,
    g: Grounded,
    values: tuple[Value, ...],
    keys: tuple[str, ...],
    before: State,
) -> bool | None:
    """Whether an event that changes `keys` is in order; None if a case did not hold before."""
    if not all(judge._always.all[i].holds(before, before) for i in sight.always):
        return None
    changes = g.attempt(before, *values)
    if changes is None or {k for k, v in changes.items() if before[k] != v} != set(keys):
        return False
    return sight._each(before, before | changes)


def _states(reader: Reader, draw: random.Random) -> Iterator[State]:
    state = reader.initial()
    for _ in range(16):
        yield dict(state)
        enabled = [g for g in reader.all_grounded() if g.bind is not None]
        draw.shuffle(enabled)
        for g in enabled:
            bound = g.bind
            assert bound is not None
            changes = g.attempt(state, *bound(state))
            if changes:
                state.update(changes)
                break
        state[CLOCK] = int(state[CLOCK]) + draw.choice((1, 500, 9_000))


def _other(reader: Reader, key: str, value: Value, draw: random.Random) -> Value:
    sort = reader.layout.fields[key].sort
    if sort.kind == "bool":
        return not value
    if sort.kind == "int":
        return int(value) + draw.choice((1,) if key == CLOCK else (-1, 1, 1, 5_000))
    members = [*reader.layout.members(sort), *(("",) if sort.kind == "id" else ())]
    return draw.choice([m for m in members if m != value] or [value])
