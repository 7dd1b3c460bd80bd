"""`ccr replay` and `ccr diff`: the state rebuilt from the events, at one point or between two."""

from __future__ import annotations

import click

from cli.frame.base import AGES, Command, csv_option, reading
from cli.verify.asfiles import html_option


@click.command("replay", cls=Command, example="ccr replay --to NodeFailed~1")
@click.option("--to", "point", metavar="POINT", help="Up to this point  [default: the last event]")
@click.option("--all", "everything", is_flag=True, help="Also the keys at their initial values.")
@reading
def replay(point: str | None, everything: bool, as_of: str | None, as_json: bool) -> None:
    """Fold the events from the first one and print the state they lead to, key by key.

    Guards are not judged again: history is history. `ccr audit` judges them.
    """
    from cli.log.replaying import replay_to

    replay_to(point or as_of, everything, as_json)


@click.command("diff", cls=Command, example="ccr diff -5m NodeFailed", context_settings=AGES)
@click.argument("before", metavar="A")
@click.argument("after", metavar="[B]", required=False)
@html_option
@csv_option
@reading
def diff(before: str, after: str | None, as_csv: bool, as_of: str | None, as_json: bool) -> None:
    """What is different in the state at point B from that at point A, and which event made it
    so.

    Without B it is the newest state, or that of --as-of; with --as-of nothing later is looked at.
    """
    from cli.log.replaying import diff_between

    diff_between(before, after, as_of, as_json, as_csv)
