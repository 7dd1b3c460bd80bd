"""What is folded, learned and written of nodes comes to what the operators say."""

from __future__ import annotations

import random
from collections import Counter
from itertools import product
from typing import Any

import pytest

from models.plain.agenda import CLOCK
from models.plain.asking import Asking
from models.plain.changing import Changing
from models.plain.folding import Facts, Folding, learn
from models.plain.layout import Layout, State
from models.plain.nodes import Node, Nodes
from models.plain.writing import Writing
from tests.models.teaching import INSTANCE, MODEL

NUMBERS = ("x", CLOCK)
STATES: list[State] = [
    {"x": x, CLOCK: now, "p": p} for x, now, p in product((0, 1, 2), (0, 1, 2), (False, True))
]


@pytest.fixture(name="writing")
def _writing() -> Writing:
    return Writing(Nodes(Layout(MODEL.schema, INSTANCE)))


def number(nodes: Nodes, draw: random.Random, steps: bool, depth: int) -> tuple[Node, str]:
    """A random node that is a number, and the same as Python over `s` and `t`."""
    kind = draw.randrange(5 if depth else 2)
    if kind == 0:
        value = draw.choice((0, 1, 2))
        return nodes.const(value), str(value)
    if kind == 1 or depth == 0:
        key, after = draw.choice(NUMBERS), steps and draw.random() < 0.5
        return (nodes.now if after else nodes.was)(key), f"{'t' if after else 's'}[{key!r}]"
    if kind == 2:
        (c, said), (a, one), (b, two) = (
            truth(nodes, draw, steps, depth - 1),
            number(nodes, draw, steps, depth - 1),
            number(nodes, draw, steps, depth - 1),
        )
        return nodes.make("ite", (c, a, b)), f"({one} if {said} else {two})"
    op, sign = draw.choice((("add", "+"), ("sub", "-"), ("mul", "*")))
    (a, one), (b, two) = (number(nodes, draw, steps, depth - 1) for _ in "ab")
    return nodes.make(op, (a, b)), f"({one} {sign} {two})"


def truth(nodes: Nodes, draw: random.Random, steps: bool, depth: int) -> tuple[Node, str]:
    """A random node that is true or false, and the same as Python over `s` and `t`."""
    kind = draw.randrange(6 if depth else 2)
    if kind == 0:
        after = steps and draw.random() < 0.5
        return (nodes.now if after else nodes.was)("p"), f"{'t' if after else 's'}['p']"
    if kind == 1:
        (a, one), (b, two) = (number(nodes, draw, steps, draw.choice((0, 0, 1))) for _ in "ab")
        if steps and draw.random() < 0.3:
            key = draw.choice(NUMBERS)
            a, b, one, two = nodes.now(key), nodes.was(key), f"t[{key!r}]", f"s[{key!r}]"
        op, sign = draw.choice((("eq", "=="), ("le", "<="), ("lt", "<")))
        return nodes.make(op, (a, b)), f"({one} {sign} {two})"
    if kind == 2:
        (a, one), (b, two), (c, three) = (number(nodes, draw, steps, 1) for _ in "abc")
        return nodes.make("elapsed", (a, b, c)), f"({three} - {one} >= {two})"
    if kind == 3:
        a, one = truth(nodes, draw, steps, depth - 1)
        return nodes.make("not", (a,)), f"(not {one})"
    op = draw.choice(("and", "or"))
    parts = [truth(nodes, draw, steps, depth - 1) for _ in range(draw.choice((1, 2, 3)))]
    text = f" {op} ".join(said for _, said in parts)
    return nodes.make(op, tuple(node for node, _ in parts)), f"({text})"


def said(text: str, before: State, after: State) -> Any:
    """What Python says of it."""
    return eval(text, {}, {"s": before, "t": after})


def test_a_node_comes_to_what_its_operators_say(writing: Writing) -> None:
    draw, seen, asking = random.Random(1), Counter[bool](), Asking()
    for _ in range(400):
        node, text = truth(writing.nodes, draw, steps=True, depth=3)
        holds, asked = writing.of_step(node), asking.of(node)
        for _ in range(12):
            before, after = draw.choice(STATES), draw.choice(STATES)
            assert holds(before, after) == asked(before, after) == said(text, before, after), text
            seen[holds(before, after)] += 1
    assert min(seen[True], seen[False]) > 100


def test_what_is_asked_often_is_compiled_once_and_says_the_same(writing: Writing) -> None:
    node = writing.nodes.make("le", (writing.nodes.was("x"), writing.nodes.now("x")))
    made: list[Any] = []
    holds = writing.in_time(node, 3, made.append)
    for before, after in product(STATES, STATES):
        answers = {f(before, after) for f in (holds, *made)}
        assert answers == {before["x"] <= after["x"]}
    assert len(made) == 1


def test_what_is_learned_from_a_true_node_is_so(writing: Writing) -> None:
    draw, nodes, shorter = random.Random(2), writing.nodes, 0
    for _ in range(600):
        known, given = truth(nodes, draw, steps=False, depth=2)
        node, text = truth(nodes, draw, steps=False, depth=2)
        is_so, facts = draw.random() < 0.5, Facts()
        learn(nodes, facts, known, is_so)
        left = Folding(nodes, facts)(node)
        shorter += left is not node
        holds = writing.of_state(left)
        for state in STATES:
            if bool(said(given, state, state)) == is_so:
                assert holds(state) == said(text, state, state), (given, is_so, text)
    assert shorter > 100


@pytest.mark.parametrize("op", ["le", "lt", "eq"])
def test_what_follows_from_a_comparison_is_so(writing: Writing, op: str) -> None:
    nodes = writing.nodes
    x, y = nodes.was("x"), nodes.was(CLOCK)
    for is_so in (True, False):
        facts = Facts()
        learn(nodes, facts, nodes.make(op, (x, y)), is_so)
        assert len(facts) > (op != "eq")
        for state in STATES:
            if writing.of_state(nodes.make(op, (x, y)))(state) == is_so:
                for node, value in facts.items():
                    assert writing.of_state(node)(state) == value.value, (op, is_so, state)


@pytest.mark.parametrize("surely", [True, False])
def test_of_a_step_that_changes_certain_keys_all_is_left_that_matters(
    writing: Writing, surely: bool
) -> None:
    draw, nodes, seen, asking = random.Random(3), writing.nodes, Counter[bool](), Asking()
    changing, of = Changing(nodes, surely=surely), asking.of
    for _ in range(150):
        keys = frozenset(draw.sample(["x", CLOCK, "p"], draw.choice((0, 1, 2))))
        step, step_text = truth(nodes, draw, steps=True, depth=3)
        state, state_text = truth(nodes, draw, steps=False, depth=draw.choice((0, 1, 3)))
        between, rest = of(changing.between(step, keys)), of(changing.after(step, keys))
        parts = [of(p) for p in changing.still(state, keys)]
        for before, after in product(STATES, STATES):
            changed = {k for k in before if before[k] != after[k]}
            if changed != keys if surely else not changed <= keys:
                continue
            assert between(before, after) == said(step_text, before, after), step_text
            assert rest(before, after) == said(step_text, after, after), step_text
            if said(state_text, before, before) and int(before[CLOCK]) <= int(after[CLOCK]):
                found = all(part(before, after) for part in parts)
                assert found == said(state_text, after, after), state_text
                seen[found] += 1
    assert min(seen[True], seen[False]) > 50


def test_what_is_left_reads_only_what_may_have_changed(writing: Writing) -> None:
    draw, nodes = random.Random(4), writing.nodes
    changing, keys = Changing(nodes), frozenset(("x",))
    for _ in range(200):
        step, _text = truth(nodes, draw, steps=True, depth=3)
        assert changing.between(step, keys).after <= keys
        assert changing.after(step, keys).reads.isdisjoint(keys)
