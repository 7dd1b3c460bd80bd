"""The least value at which difference constraints allow something, against every cycle by hand."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specs.sweep import differences
from specs.sweep.differences import Difference, least
from specs.verdict import EngineError

NAMES = "abcd"


def bound(later, earlier, at_most, per_unit=0, name=""):
    """A constraint with whole numbers."""
    return Difference(later, earlier, Fraction(at_most), Fraction(per_unit), name)


def by_hand(system, goal=()):
    """The least value by every simple cycle of every choice of ways; None if there is none."""
    found = [_of_cycles([*system, *(d for w in ways for d in w)]) for ways in product(*goal)]
    return min((f for f in found if f is not None), default=None)


def _of_cycles(edges):
    value = Fraction(0)
    for size in range(1, len(NAMES) + 1):
        for nodes in permutations(NAMES, size):
            steps = [
                [d for d in edges if (d.earlier, d.later) == (nodes[i], nodes[(i + 1) % size])]
                for i in range(size)
            ]
            for cycle in product(*steps):
                limit = sum(d.at_most for d in cycle)
                units = sum(d.per_unit for d in cycle)
                if limit < 0 and not units:
                    return None
                if limit < 0:
                    value = max(value, -limit / units)
    return value


_CONSTRAINT = st.builds(
    bound,
    st.sampled_from(NAMES),
    st.sampled_from(NAMES),
    st.integers(-6, 6),
    st.integers(0, 2),
)
_WAY = st.lists(_CONSTRAINT, max_size=2)


@given(
    st.lists(_CONSTRAINT, max_size=6),
    st.lists(st.lists(_WAY, min_size=1, max_size=2), max_size=2),
)
def test_the_answer_is_that_of_every_cycle_by_hand(system, goal):
    assert least(system, goal).value == by_hand(system, goal)


def test_the_answer_is_exact_where_it_is_a_fraction():
    system = [bound("a", "b", -1, 1), bound("b", "c", 0, 2), bound("c", "a", -1)]
    assert least(system).value == Fraction(2, 3)


def test_the_core_names_what_forbids_less_and_without_any_of_it_less_would_do():
    system = [
        bound("b", "a", -5, 1, "late"),
        bound("a", "b", 2, 0, "early"),
        bound("c", "a", 9, 0, "loose"),
    ]
    answer = least(system)
    assert answer.value == 3
    assert answer.core == ("early", "late")
    for name in answer.core:
        assert least([d for d in system if d.name != name]).value == 0
    assert least([d for d in system if d.name != "loose"]).value == 3


def test_what_no_value_allows_has_a_core_too():
    answer = least([bound("a", "b", -1, 0, "one"), bound("b", "a", 0, 0, "other")])
    assert (answer.value, answer.core) == (None, ("one", "other"))


def test_a_part_without_a_way_is_never_met():
    assert least([], [[]]).value is None


def test_a_limit_that_is_too_small_is_an_answer_that_was_not_found():
    system = [bound(f"v{i}", f"v{(i * 7 + 3) % 40}", i % 5 - 2, i % 2) for i in range(200)]
    answer = least(system, rlimit=1)
    assert not answer.decided
    assert "limit" in answer.why


def test_an_answer_that_plain_arithmetic_refutes_is_an_error(monkeypatch):
    system = [bound("b", "a", -5, 1), bound("a", "b", 2)]
    for wrong in (Fraction(2), Fraction(4)):
        monkeypatch.setattr(differences, "_fraction", lambda _found, wrong=wrong: wrong)
        with pytest.raises(EngineError):
            least(system)
