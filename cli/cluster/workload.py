"""`ccr workload`: clients write; log files fill and are closed."""

from __future__ import annotations

import click

from cli.frame.base import Command, json_option, trial_option


@click.command("workload", cls=Command, example="ccr workload --logs 20 --storage-group SG1")
@click.option(
    "--logs",
    type=click.IntRange(1, 10_000),
    default=1,
    show_default=True,
    metavar="N",
    help="How many log files to fill.",
)
@click.option("--storage-group", metavar="SG", help="Only this one  [default: each]")
@click.option(
    "--every",
    metavar="DURATION",
    default="200ms",
    show_default=True,
    help="Simulated time that clients take to fill one.",
)
@trial_option
@json_option
def workload(logs: int, storage_group: str | None, every: str, as_json: bool) -> None:
    """Clients fill N log files on the serving node, at a rate.

    Simulated time passes meanwhile, and the passive node copies, inspects and replays as it goes.
    """
    from cli.session.acting import fill_logs

    fill_logs(logs, storage_group, every, as_json)
