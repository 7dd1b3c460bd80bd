"""`ccr copy`: the storage group copies."""

from __future__ import annotations

import click

from cli.base import Group, json_option, reading


@click.group("copy", cls=Group)
def copy() -> None:
    """Status of the storage group copies, and a full reseed."""


@copy.command("status", example="ccr copy status SG1", cmdlet="Get-StorageGroupCopyStatus")
@click.argument("storage_group", metavar="[SG]", required=False)
@reading
def status(storage_group: str | None, as_of: str | None, as_json: bool) -> None:
    """The passive copy of each storage group: its state, its queues and its log positions.

    A log is in the copy queue until it is inspected, and in the replay queue until it is replayed.
    """
    from cli.showing import show_copies

    show_copies(storage_group, as_of, as_json)


@copy.command("update", example="ccr copy update SG1", cmdlet="Update-StorageGroupCopy")
@click.argument("storage_group", metavar="SG")
@click.option("--reason", metavar="TEXT", default="", help="Why; it is kept.")
@json_option
def update(storage_group: str, reason: str, as_json: bool) -> None:
    """Begin a full copy of the database to the passive node (a reseed); it takes simulated time."""
    from cli.acting import perform
    from cli.session import Session

    def steps(session: Session) -> list[tuple[str, dict[str, str]]]:
        group = session.member("Group", storage_group)
        target = session.lens.peer(session.lens.source(session.state, group))
        return [("begin_seed", {"n": target, "g": group})]

    perform(steps, reason=reason, as_json=as_json)
