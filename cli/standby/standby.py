"""`ccr standby`: standby continuous replication (SCR), from enabling a target to its activation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from cli.frame.base import Group, json_option, reading
from cli.session.acts import STANDBY
from cli.session.thin import add

Decorator = Callable[[Any], Any]
_SG = click.argument("storage_group", metavar="SG")
_TARGET = click.option("--target", metavar="TARGET", required=True, help="The standby server.")
_SERVER = click.option(
    "--server", metavar="SERVER", help="The storage group of this server, not the cluster's."
)
_REASON = click.option("--reason", metavar="TEXT", default="", help="Why; it is kept.")
_DRY: Decorator = click.option(
    "--dry-run", is_flag=True, help="Say whether it may be done and write nothing."
)


def _one_copy(function: Any) -> Any:
    """What a command takes that acts on one standby copy."""
    for option in (json_option, _REASON, _DRY, _SERVER, _TARGET, _SG):
        function = option(function)
    return function


@click.group("standby", cls=Group)
def standby() -> None:
    """Standby copies (SCR) on servers elsewhere: enable, watch, seed, and activate by hand.

    A target copies and inspects logs like a passive copy, and replays them late: older than its
    replay lag, and 50 logs behind. It never activates itself.
    """


@standby.command(
    "enable",
    example="ccr standby enable SG1 --target DR --replay-lag 24h",
    cmdlet="Enable-StorageGroupCopy -StandbyMachine",
)
@_SG
@_TARGET
@_SERVER
@click.option(
    "--replay-lag", metavar="TIME", default="24h", show_default=True,
    help="ReplayLagTime, 0s to 7d: how old a log must be to be replayed.",
)  # fmt: skip
@click.option(
    "--truncation-lag", metavar="TIME", default="0s", show_default=True,
    help="TruncationLagTime, 0s to 7d: how long after replay a log is kept.",
)  # fmt: skip
@_DRY
@_REASON
@json_option
def enable(
    storage_group: str, target: str, server: str | None, replay_lag: str, truncation_lag: str,
    dry_run: bool, reason: str, as_json: bool,
) -> None:  # fmt: skip
    """Let a server elsewhere hold a standby copy. Any number of targets may.

    Both lags are fixed once set: to change them, disable and enable again; files that stayed are
    used again. A target is seeded by replay once 50 logs are there, if the source still has all of
    them; otherwise by `ccr standby seed`.
    """
    from cli.standby import standing_by

    lags = (replay_lag, truncation_lag)
    standing_by.enable(storage_group, target, server, lags, reason, dry_run, as_json)


@standby.command(
    "disable",
    example="ccr standby disable SG1 --target DR",
    cmdlet="Disable-StorageGroupCopy -StandbyMachine",
)
@_one_copy
def disable(
    storage_group: str, target: str, server: str | None, dry_run: bool, reason: str, as_json: bool
) -> None:
    """End standby replication to a target. Its files stay; logs wait for it no longer."""
    from cli.standby import standing_by

    standing_by.act("disable_standby", storage_group, target, server, reason, dry_run, as_json)


@standby.command(
    "status",
    example="ccr standby status SG1",
    cmdlet="Get-StorageGroupCopyStatus -StandbyMachine",
)
@click.argument("storage_group", metavar="[SG]", required=False)
@click.option("--target", metavar="TARGET", help="Only this standby server.")
@reading
def status(storage_group: str | None, target: str | None, as_of: str | None, as_json: bool) -> None:
    """Each standby copy: its state, queues, what holds replay back, and which logs it pins."""
    from cli.standby import standbyshow

    standbyshow.show_status(storage_group, target, as_of, as_json)


@standby.command(
    "suspend",
    example="ccr standby suspend SG1 --target DR --reason 'disk work'",
    cmdlet="Suspend-StorageGroupCopy -StandbyMachine",
)
@_one_copy
def suspend(
    storage_group: str, target: str, server: str | None, dry_run: bool, reason: str, as_json: bool
) -> None:
    """Stop copying, inspection, replay and deletion at a target; suspending twice is no error.

    What it has not inspected yet stays on the source.
    """
    from cli.standby import standing_by

    standing_by.suspend(storage_group, target, server, reason, dry_run, as_json)


@standby.command(
    "resume",
    example="ccr standby resume SG1 --target DR",
    cmdlet="Resume-StorageGroupCopy -StandbyMachine",
)
@_one_copy
def resume(
    storage_group: str, target: str, server: str | None, dry_run: bool, reason: str, as_json: bool
) -> None:
    """Let a suspended standby copy go on, after it compared itself with its source."""
    from cli.standby import standing_by

    standing_by.act("resume_standby", storage_group, target, server, reason, dry_run, as_json)


@standby.command(
    "seed",
    example="ccr standby seed SG1 --target DR --delete-existing-files",
    cmdlet="Update-StorageGroupCopy -StandbyMachine",
)
@_SG
@_TARGET
@_SERVER
@click.option("--delete-existing-files", is_flag=True, help="Delete the logs that are left over.")
@_DRY
@_REASON
@json_option
def seed(
    storage_group: str, target: str, server: str | None, delete_existing_files: bool,
    dry_run: bool, reason: str, as_json: bool,
) -> None:  # fmt: skip
    """Begin a full copy of the database to a target, run there; it takes simulated time.

    The copy must be new, failed or suspended.
    """
    from cli.standby import standing_by

    delete = delete_existing_files
    standing_by.seed(storage_group, target, server, delete, reason, dry_run, as_json)


@standby.command(
    "activate",
    example="ccr standby activate --target DR --force --reason 'site lost'",
    cmdlet="Restore-StorageGroupCopy -StandbyMachine, then Mount-Database or Setup /RecoverCMS",
)
@click.argument("storage_groups", metavar="[SG]...", nargs=-1)
@_TARGET
@_SERVER
@click.option(
    "--way",
    type=click.Choice(["portability", "recover-server", "recover-cms"]),
    help="How it is mounted  [default: the one that applies]",
)
@click.option("--force", is_flag=True, help="The source does not answer: give up what is not here.")
@_DRY
@click.option("--reason", metavar="TEXT", required=True, help="Why; it is kept.")
@json_option
def activate(
    storage_groups: tuple[str, ...], target: str, server: str | None, way: str | None,
    force: bool, dry_run: bool, reason: str, as_json: bool,
) -> None:  # fmt: skip
    """Make standby copies viable and mount them: all at a target, or those named.

    For a significant failure, not for an outage that a restart cures. Stop the source first
    (`ccr cms stop`): then nothing is lost. Only with --force is a source left alone that does not
    answer; whether it still serves its clients nobody here can know.
    """
    from cli.standby import standing_by

    standing_by.activate(storage_groups, target, server, way, force, reason, dry_run, as_json)


add(standby, STANDBY)
