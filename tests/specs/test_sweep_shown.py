"""What is possible, value by value: shown by a run, proved impossible, or unknown; never green
because nothing was asked.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.language.model import SOMETIMES, Instance, Model, Property
from specs.catalogue import CCR, SMALL
from specs.runs import confirm
from specs.search.story import shown_by
from specs.sweep.shown import sweep_shown
from specs.sweep.swept import Frontier
from specs.verdict import HOLDS, UNKNOWN, VIOLATED
from tests.cli.calling import call
from tests.models import teaching
from tests.specs.runs import prop
from tests.specs.test_verify import never


def waited(model: Model, wait: int, *values: int) -> Frontier:
    """A sweep over `expiry` of a takeover that is waited for so long."""
    story = ("claim_lock n=A", "wait 5", "crash n=A", f"wait {wait}")
    told = replace(prop(model, "P04"), story=story)
    return sweep_shown(model, teaching.INSTANCE, "expiry", [told], values)


def test_a_value_is_possible_if_a_run_shows_it_there() -> None:
    found = waited(teaching.MODEL, 20_000, 10_000, 10_001)
    assert [p.verdict for p in found.points] == [HOLDS, HOLDS]
    assert (found.verdict, found.edge) == (HOLDS, None)
    for point in found.points:
        assert point.run is not None
        assert point.run.instance.parameters["expiry"] == point.value
        assert confirm(teaching.MODEL, point.run, prop(teaching.MODEL, "P04")) is not None


def test_the_edge_is_named_where_two_neighbours_differ() -> None:
    found = waited(teaching.MODEL, 10_000, 9_999, 10_000, 10_001)
    assert [p.verdict for p in found.points] == [HOLDS, HOLDS, UNKNOWN]
    assert (found.side, found.edge) == ("at most", 10_000)


def test_what_no_run_of_any_length_shows_is_impossible_at_each_value() -> None:
    model = teaching.MODEL.promising((never("P90"),))
    found = sweep_shown(model, teaching.INSTANCE, "expiry", [prop(model, "P90")], [9_000, 10_000])
    assert [p.verdict for p in found.points] == [VIOLATED, VIOLATED]


def test_what_is_neither_shown_nor_impossible_is_unknown() -> None:
    s = teaching.SCHEMA.state
    often = Property("P91", "often", SOMETIMES, (), s.history.turns >= 9, "Nine turns.", "test")
    model = teaching.MODEL.promising((often,))
    found = sweep_shown(model, teaching.INSTANCE, "expiry", [often], [10_000])
    assert [p.verdict for p in found.points] == [UNKNOWN]
    assert not found.anything


def test_what_is_possible_is_not_swept_together_with_what_is_promised() -> None:
    result = call("verify", "S20", "P01", "--sweep", "dial=0..2")
    assert result.exit_code == 2
    assert "S20 says what is possible" in result.stderr


def test_the_command_line_says_at_which_values_it_was_shown() -> None:
    result = call("verify", "S12", "--sweep", "dial=5..6", "--no-cache")
    assert result.exit_code == 0
    assert "S12 shown by a run of" in result.stdout
    assert "dial  5 oo 6   x impossible, o shown, ? unknown" in result.stdout


@pytest.mark.seed("S-085")
def test_a_copy_is_healed_incrementally_from_a_log_resilience_depth_of_one_on() -> None:
    heals = prop(CCR, "S20")
    found = sweep_shown(CCR, SMALL, "llr_depth", [heals], [1, 2])
    assert [p.verdict for p in found.points] == [HOLDS, HOLDS]
    assert shown_by(CCR, Instance(SMALL.members, {"llr_depth": 0}), heals) is None
