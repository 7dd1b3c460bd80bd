"""ccr simulate through the command line: what it says, and that its own words repeat it."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from tests.cli.calling import HOME, call, document, good

LIGHT = str(HOME / "specs" / "examples" / "traffic_light.py")
WINDOW = str(HOME / "specs" / "examples" / "change_window.py")


@pytest.mark.slow
def test_nothing_found_is_said_as_such_and_is_no_proof() -> None:
    said = good("simulate", "--runs", "20", "--steps", "50")
    assert "20 runs, 1,000 events: none broke a promise" in said
    assert "this proves nothing of other runs" in said
    assert "holds" not in said


@pytest.fixture
def broken(tmp_path: Path) -> str:
    """The traffic light without its guard."""
    guard = '        given={"the crossing is clear": s.light[peer(x)].colour == Colour.RED},\n'
    path = tmp_path / "broken light.py"
    path.write_text(Path(LIGHT).read_text().replace(guard, ""))
    return str(path)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_run_that_breaks_something_is_shown_with_the_command_that_repeats_it(
    broken: str, jobs: str
) -> None:
    words = ("--model", broken, "--set", "clearing=7", "--seed", "4", "--steps", "9", "--faults")
    result = call("simulate", "P1", *words, "2", "--from-start", "--jobs", jobs)
    assert result.exit_code == 1, result.output
    assert "made smaller, 2 steps" in result.stdout
    again = next(x for x in result.stdout.splitlines() if x.startswith("again"))
    repeated = call(*shlex.split(again.removeprefix("again"))[1:])
    assert repeated.exit_code == 1
    shown = [line for line in result.stdout.splitlines() if not line.startswith(("cov", "speed"))]
    assert shown == repeated.stdout.splitlines()[: len(shown)]


def test_another_model_is_not_simulated_under_an_old_fingerprint() -> None:
    result = call("simulate", "--runs", "1", "--fingerprint", "0123456789ab")
    assert result.exit_code == 4
    assert "CCR212" in result.stderr


def test_a_model_of_ones_own_is_simulated() -> None:
    found = document("simulate", "--model", LIGHT, "--runs", "50", "--jobs", "1")
    assert found["verdict"] == "nothing found"
    assert all(found["coverage"]["rules"].values())


@pytest.mark.slow
def test_a_variant_of_the_model_is_simulated() -> None:
    variant = document("simulate", "X01", "--model", WINDOW, "--runs", "5", "--steps", "20")
    assert variant["coverage"]["rules"].keys() >= {"open_window", "close_window"}


def test_rules_that_never_fired_are_named() -> None:
    said = good("simulate", "--runs", "2", "--steps", "5", "--from-start", "--uncovered")
    assert " rules fired" in said
    assert "mount_lossy" in said.replace("\n          ", " ")


def test_what_cannot_be_asked_is_usage() -> None:
    assert call("simulate", "P999").exit_code == 2
    assert call("simulate", "S01").exit_code == 2
    assert call("simulate", "--set", "nothing=1").exit_code == 2
    assert call("simulate", "--set", "dial").exit_code == 2
    assert call("simulate", "--runs", "0").exit_code == 2


def test_after_random_faults_and_repair_service_returns_in_time_or_the_run_is_shown() -> None:
    found = document("simulate", "--liveness", "V01", "--runs", "4", "--faults", "3")
    (answer,) = found["responses"]
    assert (answer["number"], answer["verdict"], answer["runs"]) == ("V01", "nothing found", 4)
    late = ("V01", "--set", "forced_mount_after=0", "--runs", "2", "--seed", "3")
    assert "this proves nothing of other runs" in good("simulate", "--liveness", *late)
    assert call("simulate", "--liveness", "P01").exit_code == 2
