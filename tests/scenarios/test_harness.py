"""The scenario harness itself: what it reads it writes again, and what differs it tells apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scenarios.harness import parse, run_as_script, run_in_process, unparse
from tests.scenarios.test_scenarios import FILES


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_a_scenario_file_is_written_as_it_was_read(path: Path) -> None:
    assert unparse(parse(path.read_text())) == path.read_text()


def test_output_with_empty_lines_belongs_to_its_command() -> None:
    text = "# prose\nccr one\n----\na\n\nb\n\nccr two\n----\n"
    one, two = parse(text)
    assert (one.prose, one.command, one.expected) == (["# prose"], "ccr one", "a\n\nb")
    assert (two.command, two.expected) == ("ccr two", "")


def test_both_ways_of_running_give_the_same_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for command in ("ccr cluster show", "ccr explain R202", "ccr frobnicate", "ccr move --help"):
        assert run_in_process(command) == run_as_script(command)


def test_stderr_exit_codes_and_hashes_are_marked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run_in_process("ccr cluster show").splitlines()[0].startswith("! ccr: CCR101")
    assert run_in_process("ccr cluster show").splitlines()[-1] == "[exit 4]"
    run_in_process("ccr cluster create MAIL")
    assert run_in_process("ccr log check") == "12 events, one chain, head <hash>"


def test_a_scenario_may_only_run_ccr() -> None:
    with pytest.raises(AssertionError, match="runs ccr, not rm"):
        run_in_process("rm -rf /")
