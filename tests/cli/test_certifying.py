"""`ccr verify --recheck`, `--emit`, `--collect`: what may go wrong, and one round of each."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.calling import call, document, good
from tests.needs import program

pytestmark = pytest.mark.slow


def store(folder: Path) -> tuple[str, str]:
    """Options that keep everything in `folder`."""
    return "--store", str(folder / "ccr.db")


def test_a_solver_that_is_not_there_is_named_with_what_to_install(tmp_path: Path) -> None:
    result = call(*store(tmp_path), "verify", "P50", "--solver", "nosuchsolver")
    assert result.exit_code == 4
    assert "CCR200" in result.output
    assert "apt-get install cvc5" in result.output


def test_a_second_opinion_needs_the_certificate(tmp_path: Path) -> None:
    assert call(*store(tmp_path), "verify", "P50", "--recheck", "--no-cache").exit_code == 2


def test_a_queue_is_not_written_over_something_else(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    result = call(*store(tmp_path), "verify", "P50", "--emit", str(tmp_path))
    assert (result.exit_code, "CCR204" in result.output) == (1, True)
    assert (tmp_path / "mine").read_text() == "mine"


def test_what_is_no_queue_is_not_collected(tmp_path: Path) -> None:
    result = call(*store(tmp_path), "verify", "P50", "--collect", str(tmp_path))
    assert (result.exit_code, "CCR203" in result.output) == (4, True)


@pytest.mark.slow
def test_the_proof_of_the_cluster_is_confirmed_by_another_solver(tmp_path: Path) -> None:
    program("cvc5", "cvc5")
    found = document(*store(tmp_path), "verify", "P01", "--solver", "cvc5")
    assert (found["verdict"], found["recheck"]["not_confirmed"]) == ("holds", [])
    assert found["recheck"]["confirmed"] > 100
    script = next(Path(found["certificate"]).glob("*r001-tick*"))
    script.write_text(script.read_text()[:-100])
    again = document(*store(tmp_path), "verify", "P01", "--solver", "cvc5", exit_code=3)
    assert again["verdict"] == "unknown"


def test_a_queue_says_how_it_is_answered_and_collected(tmp_path: Path) -> None:
    queue = tmp_path / "queue"
    said = good(*store(tmp_path), "verify", "P50", "--emit", str(queue))
    assert "runs that show what is possible (0)" in said
    assert "xargs -P 8" in said
    assert f"ccr verify --collect {queue}" in said
    assert len(list((queue / "tasks").iterdir())) > 100
