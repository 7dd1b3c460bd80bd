"""`ccr can`: which commands and faults may fire now, and why a named rule may not."""

from __future__ import annotations

import click

from cli.frame.base import Command, reading


@click.command("can", cls=Command, example="ccr can request_move n=A")
@click.argument("rule", required=False)
@click.argument("pairs", nargs=-1, metavar="[KEY=VALUE]...")
@reading
def can(rule: str | None, pairs: tuple[str, ...], as_of: str | None, as_json: bool) -> None:
    """Without a RULE, the commands that may be given now, as you would type them.

    With a RULE (a number, a name or an event), whether it may fire, and if not, each guard that
    does not hold, the fact against it, the event that set the fact, and what to try.
    """
    from cli.cluster.allowing import show_one, show_open

    if rule is None:
        show_open(as_of, as_json)
    else:
        show_one(rule, pairs, as_of, as_json)
