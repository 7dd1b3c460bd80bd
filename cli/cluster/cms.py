"""`ccr cms`: the clustered mailbox server: its durable Stopped intent, and its status."""

from __future__ import annotations

import click

from cli.frame.base import Group, json_option, reading, trial_option

NO_WAIT = click.option(
    "--no-wait", is_flag=True, help="Return at once; time passes only with `ccr wait`."
)


@click.group("cms", cls=Group)
def cms() -> None:
    """Start or stop the clustered mailbox server (CMS), or show its status."""


@cms.command(
    "start", example="ccr cms start --reason 'patched'", cmdlet="Start-ClusteredMailboxServer"
)
@click.option("--reason", metavar="TEXT", default="", help="Why; it is kept.")
@NO_WAIT
@trial_option
@json_option
def start(reason: str, no_wait: bool, as_json: bool) -> None:
    """Start a stopped CMS; only this does, no failover."""
    from cli.session.acting import on_controller

    on_controller("start_cms", reason, as_json, "online" if not no_wait else None)


@cms.command(
    "stop", example="ccr cms stop --reason 'new disks'", cmdlet="Stop-ClusteredMailboxServer"
)
@click.option("--reason", metavar="TEXT", required=True, help="Why (StopReason); it is kept.")
@NO_WAIT
@trial_option
@json_option
def stop(reason: str, no_wait: bool, as_json: bool) -> None:
    """Shut the CMS cleanly. It stays so until it is started, whatever fails meanwhile."""
    from cli.session.acting import on_controller

    on_controller("stop_cms", reason, as_json, "stopped" if not no_wait else None)


@cms.command("status", example="ccr cms status", cmdlet="Get-ClusteredMailboxServerStatus")
@reading
def status(as_of: str | None, as_json: bool) -> None:
    """State of the CMS, where it runs, and the operational machines."""
    from cli.cluster.showing import show_cms

    show_cms(as_of, as_json)


@cms.command("timing", example="ccr cms timing")
@reading
def timing(as_of: str | None, as_json: bool) -> None:
    """What each failover and move took, phase by phase, and what one would take now.

    What lies ahead is found by letting it happen on a copy of the state.
    """
    from cli.cluster.timings import show_timing

    show_timing(as_of, as_json)
