"""`ccr audit`: recorded events judged by the rules and the properties."""

from __future__ import annotations

from pathlib import Path

import click

from cli.base import Command, model_option, reading


@click.command("audit", cls=Command, example="ccr audit incident.ndjson")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE]...")
@click.option("--today", is_flag=True, help="Judge every event by today's rules, not by its own.")
@click.option(
    "--lead",
    "leads",
    multiple=True,
    metavar="PARTY=SECONDS",
    help="For a record on several clocks: assume that this clock is ahead by so much.",
)
@model_option
@reading
def audit(
    paths: tuple[Path, ...], today: bool, leads: tuple[str, ...], as_of: str | None, as_json: bool
) -> None:
    """Judge the cluster's own log, or each FILE: an exported log, or a record of another system.

    A log is judged event by event: the chain, each guard of the rule that was fired, and the
    properties. A record of another system is read as observations on several clocks: what is
    certain, what depends on the clocks, and what it would have to state to be sure.

    Exit code: 0 nothing found, 1 something violated, 3 it cannot be known, 4 unreadable.
    """
    from cli.auditing import audit_all

    if paths and as_of is not None:
        raise click.UsageError("--as-of is for the cluster's own log, not for a file")
    audit_all(paths, today, leads, as_of, as_json)
