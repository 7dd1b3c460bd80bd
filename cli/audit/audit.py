"""`ccr audit`: recorded events judged by the rules and the properties."""

from __future__ import annotations

from pathlib import Path

import click

from cli.audit.records import Assumed, record_options
from cli.frame.base import Command, csv_option, model_option, reading
from cli.verify.asfiles import html_option


@click.command(
    "audit",
    cls=Command,
    example="ccr audit incident.ndjson other.db\nccr audit incident.ndjson --html audit.html",
)
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
@click.option(
    "--jobs",
    type=click.IntRange(1, 256),
    metavar="N",
    help="Worker processes for long logs  [default: one per processor]",
)
@click.option("--resume", is_flag=True, help="Go on with an audit that was interrupted.")
@record_options
@click.option("--mappings", "listing", is_flag=True, help="List the mappings that are shipped.")
@click.option(
    "--partial",
    is_flag=True,
    help="Each FILE is an exported log with events or fields left out: judge what is possible.",
)
@click.option(
    "--not-logged",
    multiple=True,
    metavar="RULE,...",
    help="With --partial: these may have happened unseen; every other kind is complete.",
)
@click.option(
    "--complete",
    multiple=True,
    metavar="EVENT,...",
    help="With --partial: only these kinds are complete; `all` if only fields are missing.",
)
@click.option(
    "--ask",
    multiple=True,
    metavar="FIELD=VALUE",
    help="With --partial: was it so, at --as-of or at the end? node.A.cms=ONLINE",
)
@click.option(
    "--width",
    type=click.IntRange(1, 100_000),
    default=256,
    show_default=True,
    help="With --partial: states that may be possible at once; beyond, nothing is certain.",
)
@html_option
@csv_option
@model_option
@reading
def audit(
    paths: tuple[Path, ...],
    partial: bool,
    not_logged: tuple[str, ...],
    complete: tuple[str, ...],
    ask: tuple[str, ...],
    width: int,
    today: bool,
    keep_going: bool,
    seal: Path | None,
    public_key: Path | None,
    jobs: int | None,
    resume: bool,
    assumed: Assumed,
    listing: bool,
    as_csv: bool,
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

    With --partial, a fact is certain, possible (with a run), impossible or unknown. Absence is
    evidence only where the kind of event is said to be complete: by --complete, --not-logged, or
    the record itself (`ccr explain partial`). Parts of one record that are named together are
    judged as one: in the order of their numbers or, if they have none, in every order that the
    rules and their clocks allow (--skew-max, --drift).

    Long logs are judged by all processors, many logs side by side; a file, parts of a log, and what
    is judged with --keep-going or by one model, by one process from its first event to its last
    (`ccr log import` makes a store of a file). An audit that is interrupted says how far it came;
    with --resume it goes on from there, after the events or lines before it were read and compared
    again; so does that of a partial record in one file. A page is not resumed: it shows every
    event. Nor is a store in which --keep-going or --by-today found something: where links do not
    hold, nothing shows that what stands before is still the same. A partial record in several files
    starts anew, and so do records of other systems: they are judged at once, from all they state.

    Exit code: 0 nothing found, 1 something violated, 3 it cannot be known, 4 unreadable.
    """
    from cli.audit.auditing import Wanted, audit_all, audit_parts
    from cli.audit.partial import PartialWanted

    if listing:
        from cli.audit.mappings import list_mappings

        if as_csv:
            raise click.UsageError("--csv is for what is found in a record; --mappings has --json")
        list_mappings(as_json)
        return
    if partial:
        declared = PartialWanted(not_logged, complete, width, ask, as_of, today, assumed, resume)
        audit_parts(paths, declared, as_json, as_csv)
        return
    if not_logged or complete or ask:
        raise click.UsageError("--not-logged, --complete and --ask go with --partial")
    if paths and as_of is not None:
        raise click.UsageError("--as-of is for the cluster's own log, not for a file")
    wanted = Wanted(today, keep_going, assumed, as_of, seal, public_key, jobs, resume)
    audit_all(paths, wanted, as_json, as_csv)
