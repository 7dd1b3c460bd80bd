"""`ccr verify --sweep`: what may be typed, and what is drawn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import click
import pytest

from cli.frame.base import Settings
from cli.frame.errors import BadSweep
from cli.verify.gridding import grid_picture, show_grid
from cli.verify.sweeping import line_of, picture
from cli.verify.sweepvalues import values_of
from specs.catalogue import CCR
from specs.sweep.grid import Cell, Grid
from specs.sweep.swept import Frontier, Point
from specs.verdict import HOLDS, UNKNOWN, VIOLATED
from tests.cli.calling import call

SEEN = Frontier(
    "head_start", (), [Point(7_000, VIOLATED), Point(8_000, HOLDS), Point(9_000, UNKNOWN)]
)


@pytest.fixture(autouse=True)
def in_a_call() -> Iterator[click.Context]:
    """A call about the CCR model."""
    with click.Context(click.Command("test"), obj=Settings()) as context:
        yield context


@pytest.mark.parametrize(
    ("text", "name", "values"),
    [
        ("head_start=0..2", "head_start", [0, 1_000, 2_000]),
        ("head_start=7s..8s/500ms", "head_start", [7_000, 7_500, 8_000]),
        ("head_start=7000..7001ms", "head_start", [7_000, 7_001]),
        ("head_start=1.5..2.5", "head_start", [1_500, 2_500]),
        ("log_roll_idle=1m..2m", "log_roll_idle", [60_000, 120_000]),
        ("dial=0..6/3", "dial", [0, 3, 6]),
    ],
)
def test_a_time_is_in_seconds_or_in_the_unit_that_is_written(
    text: str, name: str, values: list[int]
) -> None:
    assert values_of(text) == (name, values)


@pytest.mark.parametrize(
    "text",
    ["head_start", "head_start=3", "head_start=-1..2", "head_start=5..1", "heads=0..1",
     "head_start=0..1000", "dial=0..1.5", "dial=0s..3x", "head_start=0..4/0"],
)  # fmt: skip
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(BadSweep):
        values_of(text)


def test_the_values_are_one_line_of_marks() -> None:
    assert line_of(SEEN) == ["head_start  7s xo? 9s   x violated, o proved, ? unknown"]


def test_the_picture_is_a_drawing_with_every_verdict_in_words() -> None:
    root = ElementTree.fromstring(picture(SEEN))
    titles = [e.text for e in root.iter("{http://www.w3.org/2000/svg}title")]
    assert titles[1:] == ["7s: violated", "8s: holds", "9s: unknown"]


def test_a_plot_without_a_sweep_is_a_usage_error(tmp_path: Path) -> None:
    result = call("verify", "P01", "--plot", str(tmp_path / "x.svg"))
    assert result.exit_code == 2


PAIRS = Grid(
    ("head_start", "dial"), CCR.properties[:1],
    [Cell((7_000, 0), VIOLATED, None, "P01"), Cell((8_000, 0), HOLDS), Cell((7_000, 3), UNKNOWN),
     Cell((8_000, 3), HOLDS)],
)  # fmt: skip


def test_a_grid_is_a_table_with_units_and_a_drawing(capsys: pytest.CaptureFixture[str]) -> None:
    show_grid(PAIRS)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines[:3]] == [
        ["DIAL", "\\", "HEAD_START", "7S", "8S"], ["0", "x", "o"], ["3", "?", "o"],
    ]  # fmt: skip
    assert "broken: P01" in lines[-1]
    root = ElementTree.fromstring(grid_picture(PAIRS))
    titles = [e.text for e in root.iter("{http://www.w3.org/2000/svg}title")]
    assert "7s, 0: violated" in titles
    assert len(titles) == 5


@pytest.mark.parametrize(
    "words",
    [("--set", "head_start=9000", "--sweep", "head_start=0..3"),
     ("--sweep", "head_start=0..3", "--sweep", "head_start=0..3"),
     ("--sweep", "head_start=0..20", "--sweep", "peer_limit=0..20"),
     ("--sweep", "head_start=0..1", "--sweep", "peer_limit=0..1", "--sweep", "dial=0..1")],
)  # fmt: skip
def test_what_cannot_be_swept_together_is_refused(words: tuple[str, ...]) -> None:
    assert call("verify", "P01", *words).exit_code == 2


@pytest.mark.slow
def test_the_smallest_safe_head_start_is_derived_for_the_cluster(tmp_path: Path) -> None:
    path = tmp_path / "frontier.svg"
    result = call(
        "--store", str(tmp_path / "x.db"), "verify", "P01", "--sweep", "head_start=6..9",
        "--plot", str(path),
    )  # fmt: skip
    assert result.exit_code == 1
    assert "smallest safe head_start  8s (8000)" in result.stdout
    assert "safe for all  arbitration_max + peer_limit ≤ head_start" in result.stdout
    assert "P01 is violated with head_start=7999" in result.stdout
    assert path.read_text().startswith("<svg")


@pytest.mark.slow
def test_a_dial_is_swept_as_times_are(tmp_path: Path) -> None:
    result = call("--store", str(tmp_path / "x.db"), "verify", "P18", "--sweep", "dial=0..1")
    assert result.exit_code == 0
    assert "Any dial is safe: what was asked is proved" in result.stdout


KEEPING = """
from models.language.model import Instance
from tests.specs.test_settings_swept import keeping

MODEL = keeping()
INSTANCE = Instance({"Site": ("X",)})
"""


@pytest.fixture
def keeping(tmp_path: Path) -> str:
    """A model file with a setting, `lag`."""
    path = tmp_path / "keeping.py"
    path.write_text(KEEPING)
    return str(path)


def test_a_setting_is_swept_and_its_inequality_is_told(keeping: str) -> None:
    result = call("verify", "--model", keeping, "P01", "--sweep", "lag=5ms..8ms", "--no-cache")
    assert result.exit_code == 1
    assert "safe for all  needed ≤ lag" in result.stdout
    assert "lag is set by enable; until then it is 0" in result.stdout
    result = call("verify", "--model", keeping, "P02", "--sweep", "lag=5ms..8ms", "--no-cache")
    assert (result.exit_code, "Any lag is safe" in result.stdout) == (0, True)


def test_a_run_found_at_a_setting_is_a_run_of_the_model(keeping: str, tmp_path: Path) -> None:
    said = ("verify", "--model", keeping, "P01", "--no-cache", "--save", str(tmp_path))
    assert call(*said, "--set", "copy.lag=7").exit_code == 0
    assert call(*said, "--set", "copy.lag=5").exit_code == 1
    assert call(*said, "--set", "copy_lag=5").exit_code == 1
    path = tmp_path / "P01.ndjson"
    assert "copy_lag" not in path.read_text()
    assert "P01" in call("explain", "--model", keeping, str(path)).stdout


def test_how_many_members_there_are_is_swept(keeping: str) -> None:
    result = call("verify", "--model", keeping, "P02", "--sweep", "sites=0..2", "--no-cache")
    assert result.exit_code == 0
    assert "one Site stands for any number" in result.stdout


def test_a_sweep_that_does_not_settle_a_value_does_not_call_another_the_smallest(
    keeping: str,
) -> None:
    said = ("verify", "--model", keeping, "P01", "--sweep", "lag=5ms..8ms", "--no-cache")
    result = call(*said, "--timeout", "0")
    assert (result.exit_code, "smallest" in result.stdout) == (3, False)
    assert "the time is up" in result.stdout


@pytest.mark.parametrize(
    ("words", "near"),
    [(("--set", "dumpsterlifetime=3"), "dumpster_lifetime"),
     (("--sweep", "standby.lagg=0..1"), "standby.lag"), (("--sweep", "nodes=1..2"), "two members")],
)  # fmt: skip
def test_a_name_or_a_number_that_cannot_be_is_told_what_can(
    words: tuple[str, str], near: str
) -> None:
    result = call("verify", "P62", *words)
    assert (result.exit_code, near in result.output) == (2, True)
