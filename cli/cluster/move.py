"""`ccr move`: the scheduled move of the clustered mailbox server, without loss."""

from __future__ import annotations

import click

from cli.cluster.cms import NO_WAIT
from cli.frame.base import Command, json_option


@click.command(
    "move",
    cls=Command,
    example='ccr move --to B --comment "patch Tuesday" --yes',
    cmdlet="Move-ClusteredMailboxServer",
)
@click.option("--to", "target", metavar="NODE", help="The node to move to  [default: the other]")
@click.option("--comment", metavar="TEXT", required=True, help="Why (MoveComment); it is kept.")
@click.option(
    "--dry-run",
    is_flag=True,
    help="Only check whether a move may start (ValidateOnly), and say what it would take.",
)
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@NO_WAIT
@json_option
def move(
    target: str | None, comment: str, dry_run: bool, yes: bool, no_wait: bool, as_json: bool
) -> None:
    """Move the clustered mailbox server to the passive node.

    The last logs are closed and fetched before anything is given away, so a move that completes
    loses nothing and one that fails returns to where it came from.
    """
    from cli.cluster.moving import move_cms

    move_cms(target, comment, dry_run=dry_run, yes=yes, wait=not no_wait, as_json=as_json)
