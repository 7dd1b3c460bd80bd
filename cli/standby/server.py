"""`ccr server`: stand-alone mailbox servers, outside the cluster."""

from __future__ import annotations

import click

from cli.frame.base import json_option
from cli.session.acts import SERVER
from cli.session.thin import add, group_named

server = group_named(
    "server", "Stand-alone mailbox servers: install, fail, start; their databases and load."
)


@server.command("workload", example="ccr server workload MBX1 SG1 --logs 5")
@click.argument("name", metavar="SERVER")
@click.argument("storage_group", metavar="SG")
@click.option("--logs", type=click.IntRange(min=1), default=1, show_default=True, help="How many.")
@click.option(
    "--every", metavar="TIME", default="200ms", show_default=True, help="Simulated time between."
)
@json_option
def workload(name: str, storage_group: str, logs: int, every: str, as_json: bool) -> None:
    """Clients fill log files of a storage group."""
    from cli.standby import local

    local.fill_logs(name, storage_group, logs, every, as_json)


add(server, SERVER)
