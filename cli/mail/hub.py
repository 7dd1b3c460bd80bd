"""`ccr hub`: the Hub Transport servers of the site."""

from __future__ import annotations

import click

from cli.frame.base import Group, json_option, reading, trial_option

_REASON = click.option("--reason", metavar="TEXT", default="", help="Why; it is kept.")


@click.group("hub", cls=Group)
def hub() -> None:
    """Add, list, fail or start a Hub Transport server of the site.

    Each hub keeps what it delivered in its transport dumpster, for a lossy failover.
    """


@hub.command("add", example="ccr hub add HUB1 --clock-ahead 30s", cmdlet="Setup /mode:Install")
@click.argument("name", metavar="HUB")
@click.option(
    "--clock-ahead",
    metavar="DURATION",
    default="0s",
    show_default=True,
    help="By how much its clock is off; a minus in front: behind.",
)
@_REASON
@trial_option
@json_option
def add(name: str, clock_ahead: str, reason: str, as_json: bool) -> None:
    """Install a hub in the site of the clustered mailbox server."""
    from cli.mail.mailing import add_hub

    add_hub(name, clock_ahead, reason, as_json)


@hub.command("list", example="ccr hub list")
@reading
def list_(as_of: str | None, as_json: bool) -> None:
    """The hubs, and how much mail each keeps and queues."""
    from cli.mail.mailing import show_hubs

    show_hubs(as_of, as_json)


@hub.command("fail", example="ccr hub fail HUB1")
@click.argument("name", metavar="HUB")
@_REASON
@trial_option
@json_option
def fail(name: str, reason: str, as_json: bool) -> None:
    """A hub goes down; what is in its queues stays on its disk."""
    from cli.mail.mailing import on_hub

    on_hub("fail_hub", name, reason, as_json)


@hub.command("start", example="ccr hub start HUB1")
@click.argument("name", metavar="HUB")
@_REASON
@trial_option
@json_option
def start(name: str, reason: str, as_json: bool) -> None:
    """A hub comes back, with its queues."""
    from cli.mail.mailing import on_hub

    on_hub("start_hub", name, reason, as_json)
