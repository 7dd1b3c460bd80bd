"""`ccr backup`: VSS backups of the active or the passive copy, and what they let be deleted."""

from __future__ import annotations

import click

from cli.frame.base import Group, json_option, reading, trial_option

_SG = click.argument("storage_group", metavar="SG")
_OUTSIDE = click.option(
    "--server", metavar="SERVER", help="That of this server, outside the cluster."
)
_REASON = click.option("--reason", metavar="TEXT", default="", help="Why; it is kept.")


@click.group("backup", cls=Group)
def backup() -> None:
    """Back up a storage group; see which logs are kept, and what would be restored."""


@backup.command("run", example="ccr backup run SG1 --kind incremental")
@_SG
@click.option(
    "--kind",
    type=click.Choice(["full", "incremental", "differential", "copy"]),
    default="full",
    show_default=True,
    help="Full and incremental let logs be deleted; the others do not.",
)
@click.option(
    "--copy",
    "which",
    type=click.Choice(["passive", "active"]),
    default="passive",
    show_default=True,
    help="The copy to read; the passive one spares the active node.",
)
@click.option("--dry-run", is_flag=True, help="Say whether it may begin and write nothing.")
@_REASON
@json_option
def run(
    storage_group: str, kind: str, which: str, dry_run: bool, reason: str, as_json: bool
) -> None:
    """Begin a backup; it takes simulated time, and the active node records it.

    One runs at a time per storage group, over both copies. Circular logging is no part of
    continuous replication: only a backup lets logs be deleted.
    """
    from cli.copies import backups

    backups.run(storage_group, kind.upper(), which, reason, dry_run, as_json)


@backup.command("abort", example="ccr backup abort SG1 --reason 'tape is full'")
@_SG
@_REASON
@trial_option
@json_option
def abort(storage_group: str, reason: str, as_json: bool) -> None:
    """End the running backup; nothing is recorded and no log is freed."""
    from cli.copies import backups

    backups.abort(storage_group, reason, as_json)


@backup.command(
    "logging",
    example="ccr backup logging SG1 --no-circular",
    cmdlet="Set-StorageGroup -CircularLoggingEnabled",
)
@_SG
@click.option("--circular/--no-circular", required=True, help="Reuse log files, or keep them.")
def logging(storage_group: str, circular: bool) -> None:
    """How a storage group treats its old logs: circular logging is refused.

    It is no part of continuous replication: a log would be gone before the passive copy has it.
    """
    from cli.copies import backups

    backups.set_logging(storage_group, circular)


@backup.command("status", example="ccr backup status --disk 50000")
@click.argument("storage_group", metavar="[SG]", required=False)
@click.option(
    "--disk",
    metavar="MB",
    type=click.IntRange(min=1),
    default=50_000,
    show_default=True,
    help="Size of a log disk, for the forecast.",
)
@_OUTSIDE
@reading
def status(
    storage_group: str | None, disk: int, server: str | None, as_of: str | None, as_json: bool
) -> None:
    """Which logs each copy keeps, what pins them, and when a log disk is full."""
    from cli.copies import backups

    backups.show_status(storage_group, server, disk, as_of, as_json)


@backup.command("chain", example="ccr backup chain SG1")
@_SG
@_OUTSIDE
@reading
def chain(storage_group: str, server: str | None, as_of: str | None, as_json: bool) -> None:
    """The backups that a restore needs, in order: the last full one, then each incremental one."""
    from cli.copies import backups

    backups.show_chain(storage_group, server, as_of, as_json)
