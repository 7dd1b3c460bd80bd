"""`ccr dumpster`: the transport dumpster: its limits, what it holds, what was asked of it."""

from __future__ import annotations

import click

from cli.frame.base import Group, json_option, reading


@click.group("dumpster", cls=Group)
def dumpster() -> None:
    """The transport dumpster: its limits, what each hub holds, requests for redelivery."""


@dumpster.command(
    "show", example="ccr dumpster show SG1", cmdlet="Get-TransportConfig, and"
    " Get-StorageGroupCopyStatus -DumpsterStatistics",
)  # fmt: skip
@click.argument("storage_group", metavar="[SG]", required=False)
@reading
def show(storage_group: str | None, as_of: str | None, as_json: bool) -> None:
    """The limits, and per hub and storage group what is held: the loss window that is covered."""
    from cli.mail.dumpsters import show_dumpster

    show_dumpster(storage_group, as_of, as_json)


@dumpster.command(
    "set",
    example="ccr dumpster set --size 27MB --time 7d",
    cmdlet="Set-TransportConfig -MaxDumpsterSizePerStorageGroup, -MaxDumpsterTime",
)
@click.option("--size", metavar="SIZE", help="Maximum size per storage group; 0 disables.")
@click.option("--time", "age", metavar="DURATION", help="Maximum retention time; 0 disables.")
@click.option("--dry-run", is_flag=True, help="Say whether it may be set and write nothing.")
@click.option("--reason", metavar="TEXT", default="", help="Why; it is kept.")
@json_option
def set_(size: str | None, age: str | None, dry_run: bool, reason: str, as_json: bool) -> None:
    """Set the limits for the whole organization; reaching either removes the oldest mail first.

    The size is per hub and storage group. Zero of either disables the dumpster; mail that a lossy
    failover loses is then lost for good.
    """
    from cli.mail.dumpsters import set_limits

    if size is None and age is None:
        raise click.UsageError("give --size, --time or both")
    set_limits(size, age, reason, dry_run, as_json)


@dumpster.command("requests", example="ccr dumpster requests")
@reading
def requests(as_of: str | None, as_json: bool) -> None:
    """The requests for redelivery: window, hub, whether acknowledged, when they expire.

    Exit code: 0 none is outstanding, 1 one is.
    """
    from cli.mail.dumpsters import show_requests

    show_requests(as_of, as_json)
