"""The difference of two states."""

from __future__ import annotations

from pathlib import Path

from ccr_es.state.views import Difference, diff
from tests.ccr_es.making import made, opened


def test_a_difference_names_key_and_both_values(tmp_path: Path) -> None:
    with opened(made(tmp_path / "ccr.db"), write=False) as cluster:
        found = diff(cluster.state(6), cluster.state(7))
    assert found == [
        Difference("node.A.power", "UP", "DOWN"),
        Difference("node.A.mode", "HOLDING", "IDLE"),
        Difference("node.A.lease_at", 1_000, -1),
    ]


def test_a_key_of_one_side_only_has_none_on_the_other() -> None:
    assert diff({"a": 1, "b": False}, {"a": 1, "c": 0}) == [
        Difference("c", None, 0),
        Difference("b", False, None),
    ]


def test_equal_states_do_not_differ() -> None:
    assert diff({"a": 1}, {"a": 1}) == []
