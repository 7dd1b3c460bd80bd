"""What `ccr demo` does: each command of the story is really run, in a temporary folder.

The words between the commands say what to look at; every fact is in the commands' own output. Sits
above all other commands.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from ccr_es.observations import INCIDENT_2020
from cli.explain.wording import wrapped
from cli.frame.output import answer, faint, strong

INCIDENT = "incident-2020.jsonl"


@dataclass(frozen=True)
class Scene:
    """Words, and the commands that follow them. `exits` are the exit codes that belong to it."""

    words: str
    commands: tuple[str, ...]
    exits: tuple[int, ...] = (0,)


STORY = (
    Scene(
        "Two nodes and a file share as the third vote. They find each other, agree on an epoch,"
        " and the clustered mailbox server (CMS) comes up on A.",
        ("ccr cluster create MAIL --nodes A,B --witness //HUB/MAIL --storage-groups SG1",),
    ),
    Scene(
        "Clients write. Every log that A closes is pulled, inspected and replayed by B; B trails"
        " a little, and that is what a failure will cost.",
        ("ccr workload --logs 30 --every 85ms", "ccr copy status"),
    ),
    Scene(
        "A loses power. Time stands still until we let it pass: B misses the heartbeats, takes"
        " the lock on the share, waits until A must have stopped, and mounts with a known loss"
        " that the mount dial allows.",
        ("ccr node fail A --reason 'power supply'", "ccr wait 30s", "ccr cluster show"),
    ),
    Scene(
        "A comes back. Roles are not identities: it is the passive node now. Its files say what"
        " was really lost. What diverged had not reached its database file, so it heals by an"
        " incremental reseed, without a full copy of the database. What shows it is the next log"
        " that B closes.",
        (
            "ccr node start A",
            "ccr workload --logs 1",
            "ccr wait 3s",
            "ccr copy status",
            "ccr wait 30s",
            "ccr cluster show",
        ),
    ),
    Scene(
        "A scheduled move is another matter: nothing is given away before the other node has"
        " every log, so it loses nothing.",
        ("ccr move --to A --comment 'back home' --yes", "ccr copy status"),
    ),
    Scene(
        "Everything that happened is an event with its rule, its cause and a hash. The audit"
        " judges each one again: the chain, the guards of its rule, the properties.",
        ("ccr log list --event NodeFailed --event PeerLost --event WitnessClaimed", "ccr audit"),
    ),
    Scene(
        "That was one run. Of all runs of the same rules, of any length, with any faults at any"
        " moment, two things are proved: never two nodes serving, and no record lost by a move.",
        ("ccr verify never_two_serving completed_move_keeps_every_record",),
    ),
    Scene(
        "And a real one: two Windows nodes with a file share witness, in production, 2020. What"
        " their two logs say for certain, and what they would have to say to know the rest.",
        (f"ccr audit {INCIDENT}",),
        exits=(0, 1, 3),
    ),
)


def tell_story() -> None:
    """Run every scene. An exit code that does not belong to the story is a bug."""
    with _somewhere_else():
        shutil.copy(INCIDENT_2020, INCIDENT)
        for number, scene in enumerate(STORY, 1):
            answer()
            for line in wrapped(f"{number}. {scene.words}"):
                answer(strong(line))
            for command in scene.commands:
                _run(command, scene.exits)
    answer()
    answer("Next: ccr --help, or ccr cluster create in a folder of your own.")


def _run(command: str, exits: tuple[int, ...]) -> None:
    """Print a command and run it as a call of its own."""
    from cli.main import root

    answer(faint(f"\n$ {command}"))
    sys.stdout.flush()
    colour = {None: "auto", True: "always", False: "never"}[click.get_current_context().color]
    try:
        root.main(["--color", colour, *shlex.split(command)[1:]], prog_name="ccr")
    except SystemExit as end:
        if end.code not in exits:
            raise RuntimeError(f"{command} ended with exit code {end.code}") from None


@contextmanager
def _somewhere_else() -> Iterator[None]:
    """In a temporary folder, away from the user's own store and cluster."""
    before = Path.cwd()
    kept = {name: os.environ.pop(name, None) for name in ("CCR_STORE", "CCR_CLUSTER")}
    with tempfile.TemporaryDirectory(prefix="ccr-demo-") as folder:
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)
            os.environ.update({k: v for k, v in kept.items() if v is not None})
