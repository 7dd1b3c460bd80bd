"""`ccr loss`: the loss ledger: what each lossy mount took, and what came back."""

from __future__ import annotations

import click

from cli.frame.base import Command, csv_option, reading
from cli.verify.asfiles import html_option, tell_page


@click.command("loss", cls=Command, example="ccr loss --failover 1")
@click.option(
    "--failover", type=click.IntRange(min=1), metavar="N", help="Only the Nth lossy mount."
)
@click.option("--storage-group", metavar="SG", help="Only mounts of this one.")
@html_option
@csv_option
@reading
def loss(
    failover: int | None, storage_group: str | None, as_csv: bool, as_of: str | None, as_json: bool
) -> None:
    """Per lossy mount: the logs that did not come over, what they held, what came back, and why the
    rest did not.

    It is read from the events, so it knows what the cluster at that time could not.

    Exit code: 0 nothing is lost for good, 1 something is.
    """
    from cli.mail.losing import show_loss

    tell_page("Loss", as_of)
    show_loss(failover, storage_group, as_of, as_json, as_csv)
