"""`ccr mail`: messages on their way through the hubs, and what clients write that is no mail."""

from __future__ import annotations

import click

from cli.frame.base import Group, json_option, reading, trial_option

_REASON = click.option("--reason", metavar="TEXT", default="", help="Why; it is kept.")
_DRY = click.option("--dry-run", is_flag=True, help="Say what would be sent and write nothing.")


@click.group("mail", cls=Group)
def mail() -> None:
    """Send mail through a hub; write drafts and the like, which no hub ever holds."""


@mail.command("send", example="ccr mail send --hub HUB1 --to alice@SG1,bob@SG2 --size 40KB")
@click.option("--hub", "hub", metavar="HUB", help="The hub that takes it  [default: the first up]")
@click.option(
    "--to", metavar="MAILBOX@SG[,...]", required=True, help="Recipients and their storage groups."
)
@click.option("--server", metavar="SERVER", help="The storage groups of this server, outside.")
@click.option("--size", default="40KB", show_default=True, metavar="SIZE", help="Size of it.")
@click.option("--id", "name", metavar="ID", help="Its message id  [default: the next m1, m2, ...]")
@_DRY
@_REASON
@json_option
def send(
    hub: str | None, to: str, server: str | None, size: str, name: str | None, dry_run: bool,
    reason: str, as_json: bool,
) -> None:  # fmt: skip
    """One message; it is charged to the dumpster of each storage group that has a recipient.

    Mail waits at the hub while nobody can take it.
    """
    from cli.mail.mailing import send_mail

    send_mail(hub, to, server, size, name, reason, dry_run, as_json)


@mail.command("burst", example="ccr mail burst --count 1000 --size 40KB --storage-group SG1")
@click.option("--count", type=click.IntRange(1, 1_000_000), default=100, show_default=True)
@click.option("--size", default="40KB", show_default=True, metavar="SIZE", help="Of each message.")
@click.option("--storage-group", metavar="SG", help="Only this one  [default: in turn]")
@click.option("--hub", "hub", metavar="HUB", help="Only this one  [default: those up, in turn]")
@click.option(
    "--every", metavar="DURATION", default="200ms", show_default=True, help="Time between lots."
)
@_REASON
@trial_option
@json_option
def burst(
    count: int, size: str, storage_group: str | None, hub: str | None, every: str, reason: str,
    as_json: bool,
) -> None:  # fmt: skip
    """Many messages of one size, in lots that each fit into one log.

    A lot goes into one log, so it is kept, lost and redelivered as a whole.
    """
    from cli.mail.mailing import burst_mail

    burst_mail(count, size, storage_group, hub, every, reason, as_json)


@mail.command("item", example="ccr mail item SG1 --kind draft --count 3")
@click.argument("storage_group", metavar="SG")
@click.option(
    "--kind",
    type=click.Choice(["draft", "property", "outgoing"]),
    default="draft",
    show_default=True,
    help="Drafts; appointments, contacts, tasks and property updates; mail on its way to a hub.",
)
@click.option("--count", type=click.IntRange(min=1), default=1, show_default=True)
@_REASON
@trial_option
@json_option
def item(storage_group: str, kind: str, count: int, reason: str, as_json: bool) -> None:
    """Clients write what is not delivered mail: no dumpster ever has it."""
    from cli.mail.mailing import save_items

    save_items(storage_group, kind, count, reason, as_json)


@mail.command("list", example="ccr mail list --hub HUB1")
@click.option("--hub", "hub", metavar="HUB", help="Only mail of this hub.")
@reading
def list_(hub: str | None, as_of: str | None, as_json: bool) -> None:
    """Every lot of mail: its size, when it was last delivered, and where it is."""
    from cli.mail.mailing import show_mail

    show_mail(hub, as_of, as_json)
