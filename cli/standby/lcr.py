"""`ccr lcr`: local continuous replication on a stand-alone mailbox server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from cli.frame.base import Group, json_option, reading

Decorator = Callable[[Any], Any]
_SG = click.argument("storage_group", metavar="SG")
_SERVER = click.option("--server", metavar="SERVER", required=True, help="The mailbox server.")
_REASON = click.option("--reason", metavar="TEXT", default="", help="Why; it is kept.")
_DRY: Decorator = click.option(
    "--dry-run", is_flag=True, help="Say whether it may be done and write nothing."
)


@click.group("lcr", cls=Group)
def lcr() -> None:
    """Local copies (LCR): a second set of disks on one server, activated by hand.

    `ccr server` installs a stand-alone server and dismounts or mounts its databases.
    """


def _act(name: str, rule: str, cmdlet: str, about: str, example: str) -> None:
    """One command that fires one rule on one copy."""

    @lcr.command(name, example=example, cmdlet=cmdlet, help=about)
    @_SG
    @_SERVER
    @_DRY
    @_REASON
    @json_option
    def run(storage_group: str, server: str, dry_run: bool, reason: str, as_json: bool) -> None:
        from cli.standby import local

        local.act(rule, storage_group, server, reason, dry_run, as_json)


_act(
    "enable", "enable_lcr", "Enable-StorageGroupCopy",
    "Let a storage group have a copy on the server's other disks; it is seeded, which takes"
    " simulated time.",
    "ccr lcr enable SG1 --server MBX1",
)  # fmt: skip
_act(
    "disable", "disable_lcr", "Disable-StorageGroupCopy",
    "End local replication of a storage group.",
    "ccr lcr disable SG1 --server MBX1",
)  # fmt: skip


@lcr.command("status", example="ccr lcr status SG1", cmdlet="Get-StorageGroupCopyStatus")
@click.argument("storage_group", metavar="[SG]", required=False)
@click.option("--server", metavar="SERVER", help="Only this server.")
@reading
def status(storage_group: str | None, server: str | None, as_of: str | None, as_json: bool) -> None:
    """Each storage group of the stand-alone servers: its database, its copy, both queues."""
    from cli.standby import local

    local.show_status(storage_group, server, as_of, as_json)


_act(
    "suspend", "suspend_lcr", "Suspend-StorageGroupCopy",
    "Stop copying, inspection and replay of the local copy; suspending twice is no error.",
    "ccr lcr suspend SG1 --server MBX1 --reason 'disk work'",
)  # fmt: skip
_act(
    "resume", "resume_lcr", "Resume-StorageGroupCopy",
    "Let a suspended local copy go on.",
    "ccr lcr resume SG1 --server MBX1",
)  # fmt: skip
_act(
    "update", "update_lcr", "Update-StorageGroupCopy",
    "Seed the local copy again; what it held is deleted. It must be failed or suspended.",
    "ccr lcr update SG1 --server MBX1",
)  # fmt: skip


@lcr.command(
    "restore",
    example="ccr lcr restore SG1 --server MBX1 --replace-locations --reason 'disks lost'",
    cmdlet="Restore-StorageGroupCopy -ReplaceLocations",
)
@_SG
@_SERVER
@click.option(
    "--replace-locations", is_flag=True, required=True,
    help="The copy's paths become the live ones; moving the files back is not modelled.",
)  # fmt: skip
@_DRY
@click.option("--reason", metavar="TEXT", required=True, help="Why; it is kept.")
@json_option
def restore(
    storage_group: str, server: str, replace_locations: bool, dry_run: bool, reason: str,
    as_json: bool,
) -> None:  # fmt: skip
    """Make the local copy the live one; then `ccr server mount SG` mounts it.

    The database must be dismounted, or its disks lost. Logs that can be read are copied first.
    Every hub of the site is asked for the mail of the window that the copy may lack. Replication
    ends.
    """
    from cli.standby import local

    assert replace_locations
    local.act("restore_lcr", storage_group, server, reason, dry_run, as_json)
