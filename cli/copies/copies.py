"""`ccr copy`: the storage group copies."""

from __future__ import annotations

import click

from cli.frame.base import Group, json_option, reading, trial_option


@click.group("copy", cls=Group)
def copy() -> None:
    """Status of the copies; suspend, resume, seed or restore one."""


@copy.command("status", example="ccr copy status SG1", cmdlet="Get-StorageGroupCopyStatus")
@click.argument("storage_group", metavar="[SG]", required=False)
@click.option(
    "--tools",
    type=click.Choice(["sp1", "rtm"]),
    help="RTM tools show ServiceDown, Initializing and Synchronizing as Failed  [default: those of"
    " the cluster's release]",
)
@click.option(
    "--on", "asker", metavar="NODE", help="Ask from this node; ServiceDown if it gets no answer."
)
@click.option(
    "--dumpster-statistics",
    "statistics",
    is_flag=True,
    help="What each hub holds for it: the loss window that the dumpster covers.",
)
@reading
def status(
    storage_group: str | None,
    tools: str | None,
    asker: str | None,
    statistics: bool,
    as_of: str | None,
    as_json: bool,
) -> None:
    """The passive copy of each storage group: its state, its queues and its log positions.

    A log is in the copy queue until it is inspected, and in the replay queue until it is replayed.
    """
    from cli.copies.copying import show_status

    show_status(storage_group, asker, tools, as_of, as_json, statistics=statistics)


@copy.command(
    "suspend",
    example="ccr copy suspend SG1 --comment 'disk work'",
    cmdlet="Suspend-StorageGroupCopy",
)
@click.argument("storage_group", metavar="SG")
@click.option("--comment", metavar="TEXT", default="", help="Why; it is shown while suspended.")
@trial_option
@json_option
def suspend(storage_group: str, comment: str, as_json: bool) -> None:
    """Stop copying, inspection and replay on the passive copy.

    Suspending a suspended copy is no error. A failover to it leaves the database dismounted.
    """
    from cli.copies import copying

    copying.suspend(storage_group, comment, as_json)


@copy.command("resume", example="ccr copy resume SG1", cmdlet="Resume-StorageGroupCopy")
@click.argument("storage_group", metavar="SG")
@click.option("--reason", metavar="TEXT", default="", help="Why; it is kept.")
@trial_option
@json_option
def resume(storage_group: str, reason: str, as_json: bool) -> None:
    """Let a suspended copy go on; it initializes until it has compared itself with its source."""
    from cli.copies import copying

    copying.perform_on("resume_copy", storage_group, reason, as_json)


@copy.command(
    "update",
    example="ccr copy update SG1 --delete-existing-files",
    cmdlet="Update-StorageGroupCopy",
)
@click.argument("storage_group", metavar="SG")
@click.option(
    "--data-host-names",
    metavar="NETWORK[,NETWORK]",
    default="",
    help="Seed over these replication networks, at most two  [default: the public network]",
)
@click.option("--delete-existing-files", is_flag=True, help="Delete the logs that are left over.")
@click.option("--manual-resume", is_flag=True, help="Leave the copy suspended at the end.")
@click.option("--reason", metavar="TEXT", default="", help="Why; it is kept.")
@trial_option
@json_option
def update(
    storage_group: str,
    data_host_names: str,
    delete_existing_files: bool,
    manual_resume: bool,
    reason: str,
    as_json: bool,
) -> None:
    """Begin a full copy of the database to the passive node (a reseed); it takes simulated time.

    The copy must be failed, suspended or out of step. `ccr copy status SG` shows the progress. A
    seed that loses one of two networks goes on over the other; with none left it is discarded.
    """
    from cli.copies import copying

    hosts = [name for name in data_host_names.split(",") if name]
    if len(hosts) > 2:
        raise click.UsageError("--data-host-names takes at most two networks")
    copying.update(storage_group, hosts, delete_existing_files, manual_resume, reason, as_json)


@copy.command(
    "restore",
    example="ccr copy restore SG1 --reason 'A is lost'",
    cmdlet="Restore-StorageGroupCopy",
)
@click.argument("storage_group", metavar="SG")
@click.option("--reason", metavar="TEXT", default="", help="Why; it is kept.")
@trial_option
@json_option
def restore(storage_group: str, reason: str, as_json: bool) -> None:
    """Mount the passive copy as it is, whatever the mount dial says. Loss is expected.

    Replication ends: the other copy needs a full reseed when it comes back.
    """
    from cli.copies import copying

    copying.perform_on("restore_copy", storage_group, reason, as_json)
