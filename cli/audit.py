"""`ccr audit`: recorded events judged by the rules and the properties."""

from __future__ import annotations

from pathlib import Path

import click

from cli.base import Command, model_option, reading
from cli.records import Assumed, record_options


@click.command("audit", cls=Command, example="ccr audit incident.ndjson other.db")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE]...")
@click.option(
    "--by-today",
    "--today",
    "today",
    is_flag=True,
    help="Judge every event by today's rules, not by those it was written under.",
)
@click.option(
    "--keep-going",
    is_flag=True,
    help="Go on after a bad event; what then cannot be judged is named.",
)
@click.option(
    "--seal",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The log must come by the head that `ccr log seal` signed in FILE.",
)
@click.option(
    "--public-key", type=click.Path(path_type=Path), metavar="FILE", help="Whose seal it must be."
)
@record_options
@click.option("--mappings", "listing", is_flag=True, help="List the mappings that are shipped.")
@model_option
@reading
def audit(
    paths: tuple[Path, ...],
    today: bool,
    keep_going: bool,
    seal: Path | None,
    public_key: Path | None,
    assumed: Assumed,
    listing: bool,
    as_of: str | None,
    as_json: bool,
) -> None:
    """Judge the cluster's own log, or each FILE: a store, an exported log, or a record of another
    system.

    A log is judged event by event: the chain, each guard of the rule that was fired, and the
    properties. Every cluster of a store has a verdict of its own; parts of one log (`ccr log export
    --node`) are put together and judged as one. A record of another system is read through a
    mapping as observations on several clocks: what is certain, what depends on the clocks, and what
    it would have to state to be sure.

    Exit code: 0 nothing found, 1 something violated, 3 it cannot be known, 4 unreadable.
    """
    from cli.auditing import Wanted, audit_all

    if listing:
        from cli.mappings import list_mappings

        list_mappings(as_json)
        return
    if paths and as_of is not None:
        raise click.UsageError("--as-of is for the cluster's own log, not for a file")
    wanted = Wanted(today, keep_going, assumed, as_of, seal, public_key)
    audit_all(paths, wanted, as_json)
