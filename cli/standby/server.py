"""`ccr server`: mailbox servers outside the cluster: stand-alone, or on single copy clusters."""

from __future__ import annotations

import click

from cli.frame.base import json_option, reading, trial_option
from cli.session.acts import SERVER
from cli.session.thin import add, group_named

server = group_named(
    "server", "Mailbox servers outside the cluster: install, fail, start; databases, load, backup."
)


@server.command("list", example="ccr server list")
@reading
def list_(as_of: str | None, as_json: bool) -> None:
    """The servers outside the cluster, what runs them, and their databases.

    Their copies, queues and backups: ccr lcr status, ccr standby status, ccr backup status
    --server.
    """
    from cli.standby import local

    local.show_servers(as_of, as_json)


@server.command("workload", example="ccr server workload MBX1 SG1 --logs 5")
@click.argument("name", metavar="SERVER")
@click.argument("storage_group", metavar="SG")
@click.option("--logs", type=click.IntRange(min=1), default=1, show_default=True, help="How many.")
@click.option(
    "--every", metavar="TIME", default="200ms", show_default=True, help="Simulated time between."
)
@trial_option
@json_option
def workload(name: str, storage_group: str, logs: int, every: str, as_json: bool) -> None:
    """Clients fill log files of a storage group."""
    from cli.standby import local

    local.fill_logs(name, storage_group, logs, every, as_json)


@server.command(
    "backup",
    example="ccr server backup MBX1 SG1 --kind incremental",
    cmdlet="a VSS backup application's",
)
@click.argument("name", metavar="SERVER")
@click.argument("storage_group", metavar="SG")
@click.option(
    "--kind",
    type=click.Choice(["full", "incremental", "differential", "copy"]),
    default="full",
    show_default=True,
    help="What is backed up; full and incremental free logs.",
)
@click.option("--reason", metavar="TEXT", default="", help="Why; it is kept.")
@click.option("--dry-run", is_flag=True, help="Say whether it may be done and write nothing.")
@json_option
def backup(
    name: str, storage_group: str, kind: str, reason: str, dry_run: bool, as_json: bool
) -> None:
    """Begin a backup of a storage group; it takes simulated time (`ccr wait`).

    Then logs are deleted that are older than the checkpoint, in the database of the local copy, and
    inspected by every standby target.
    """
    from cli.standby import local

    args = {"kind": kind.upper()}
    local.act("begin_local_backup", storage_group, name, reason, dry_run, as_json, args)


add(server, SERVER)
