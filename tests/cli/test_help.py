"""Help: every command explains itself, its example is a call that parses, and asking is quick."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from cli.frame.base import Command, Group
from cli.main import root
from cli.session.acts import ACTS
from models.ccr.model import CCR
from tests.cli.calling import HOME, good


def leaves(group: Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Command]]:
    """Every command with its path."""
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        if isinstance(found, Group):
            yield from leaves(found, (*path, name))
        else:
            assert isinstance(found, Command)
            yield (*path, name), found


LEAVES = dict(leaves(root))
GROUPS_OF_THE_TASK = (
    "cluster create, cluster show, cluster list, can, inject, node fail, node start, node freeze,"
    " node thaw, node pause, node resume, network cut, network heal, witness show, witness fail,"
    " witness restore, witness wipe, witness cut, witness heal, quorum force, cms start, cms stop,"
    " cms status, move, workload, wait, copy status, log list, log show, log check, log export,"
    " log import, replay, diff, audit, verify, explain, demo"
)


def named(path: tuple[str, ...]) -> str:
    return " ".join(path)


def test_every_command_that_was_promised_is_there() -> None:
    assert {name.strip() for name in GROUPS_OF_THE_TASK.split(",")} <= {named(p) for p in LEAVES}


@pytest.mark.parametrize("path", LEAVES, ids=named)
def test_a_command_says_what_it_does_and_gives_one_example(path: tuple[str, ...]) -> None:
    command = LEAVES[path]
    assert command.help
    assert command.example.startswith(f"ccr {named(path)}")
    shown = good(*path, "--help")
    assert "Example:" in shown
    assert all(len(line) <= 80 for line in shown.splitlines())


@pytest.mark.parametrize("path", LEAVES, ids=named)
def test_the_example_parses(path: tuple[str, ...]) -> None:
    words = shlex.split(LEAVES[path].example.replace("\\\n", " "))
    # Below the root: a command keeps the help option that it is first asked for.
    above = click.Context(root, info_name="ccr", **root.context_settings)
    LEAVES[path].make_context(path[-1], words[1 + len(path) :], parent=above)


def test_the_list_of_commands_says_what_each_group_says_of_itself() -> None:
    context = click.Context(root)
    for name, lazy in root.lazy.items():
        command = root.get_command(context, name)
        assert command is not None
        if isinstance(command, Group):
            told = command.get_short_help_str(200).rstrip(".")
            assert told.lower().split("(")[0].strip()[:20] in lazy.about.lower(), name


def test_every_thin_command_names_a_rule_and_its_arguments() -> None:
    for name, act in ACTS.items():
        rule = CCR.rule(name)
        assert set(act.args) <= {n for n, _ in rule.params}, name
        assert rule.trigger in ("command", "fault"), name
        assert any(act.line.startswith(named(path)) for path in LEAVES), act.line


def test_commands_that_mirror_a_cmdlet_name_it() -> None:
    assert "Move-ClusteredMailboxServer" in good("move", "--help")
    assert "Get-StorageGroupCopyStatus" in good("copy", "status", "--help")
    assert "Stop-ClusteredMailboxServer" in good("cms", "stop", "--help")


@pytest.mark.parametrize("words", [["log", "list"], ["explain", "P01"], ["audit"], ["can"]])
def test_nothing_but_a_proof_starts_the_prover(words: list[str], tmp_path: object) -> None:
    code = (
        "import sys\nfrom cli.main import root\n"
        "try:\n    root(prog_name='ccr')\nexcept SystemExit:\n    pass\n"
        "print('heavy:', sorted({'z3', 'rich', 'transitions'} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "--store", f"{tmp_path}/none.db", *words],
        cwd=HOME,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines()[-1] == "heavy: []", done.stdout + done.stderr
