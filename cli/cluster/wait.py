"""`ccr wait`: simulated time passes, and what follows from that happens."""

from __future__ import annotations

import click

from cli.frame.base import Command, json_option, trial_option


@click.command("wait", cls=Command, example="ccr wait 1m30s")
@click.argument("duration", metavar="DURATION")
@trial_option
@json_option
def wait(duration: str, as_json: bool) -> None:
    """Let DURATION (250ms, 30s, 5m, 2h, 7d, 1m30s) of simulated time pass.

    Time in the cluster stands still between commands; heartbeats, timeouts, failovers and log
    copying happen while it passes here. A quiet week is a handful of events.
    """
    from cli.session.acting import let_pass

    let_pass(duration, as_json)
