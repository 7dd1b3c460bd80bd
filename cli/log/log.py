"""`ccr log`: the recorded events: list, show, check, export, import."""

from __future__ import annotations

from pathlib import Path

import click

from cli.frame.base import AGES, Group, json_option, model_option, reading


@click.group("log", cls=Group)
def log() -> None:
    """List, show, check, export or import the events."""


@log.command("list", example="ccr log list --event NodeFailed --last 5")
@click.option("--event", "names", multiple=True, metavar="NAME", help="Only events of this name")
@click.option(
    "--row", metavar="ROW", help="Only those of one aggregate: node.A, witness, copy.A.SG1"
)
@click.option("--from", "start", metavar="POINT", help="From this point on")
@click.option("--last", type=click.IntRange(1), metavar="N", help="Only the last N")
@reading
def list_(
    names: tuple[str, ...],
    row: str | None,
    start: str | None,
    last: int | None,
    as_of: str | None,
    as_json: bool,
) -> None:
    """The events, one per line: number, simulated time, what, where, and why.

    `after 12` says that the event follows from event 12.
    """
    from cli.log.recorded import list_events

    list_events(names, row, start, last, as_of, as_json)


@log.command("show", example="ccr log show NodeFailed", context_settings=AGES)
@click.argument("point")
@reading
def show(point: str, as_of: str | None, as_json: bool) -> None:
    """One event: its rule and arguments, who and why, what it changed, what followed from it."""
    from cli.log.recorded import show_event

    show_event(point, as_of, as_json)


@log.command("check", example="ccr log check")
@reading
def check(as_of: str | None, as_json: bool) -> None:
    """Check the hash chain and the store's own records. `ccr audit` also judges the rules."""
    from cli.log.recorded import check_log

    check_log(as_of, as_json)


@log.command("export", example="ccr log export incident.ndjson")
@click.argument("path", type=click.Path(path_type=Path, allow_dash=True), metavar="FILE")
@click.option("--node", metavar="NODE", help="Only this node's log: what its services recorded.")
@click.option("--outside", is_flag=True, help="Only what no node's services recorded.")
@click.option("--without", multiple=True, metavar="EVENT,...", help="All but these kinds of event.")
@click.option(
    "--as",
    "form",
    type=click.Choice(["cloudevents", "csv", "itf"]),
    default="cloudevents",
    show_default=True,
    help="csv has a row for each event; itf is a trace that TLA+ tools read. Neither comes back.",
)
@click.option("--force", is_flag=True, help="Write over a file that exists.")
def export(
    path: Path, node: str | None, outside: bool, without: tuple[str, ...], form: str, force: bool
) -> None:
    """Write the events to FILE (- is stdout), one CloudEvents 1.0 object per line.

    A part (--node, --outside, --without) keeps the numbers and hashes of the whole chain. `ccr
    audit` puts the parts of nodes together again; `ccr audit --partial` judges one by itself.
    """
    from cli.log.exporting import ITF, Part, export_log

    if bool(node) + outside + bool(without) > 1:
        raise click.UsageError(
            "--node, --outside and --without are three parts: export each to a file of its own"
        )
    part = Part(node, outside, without)
    if form == ITF and part != Part():
        raise click.UsageError("a trace in ITF has every state: export the whole log as itf")
    export_log(path, part, form, force)


@log.command("key", example="ccr log key auditor.pem")
@click.argument("path", type=click.Path(path_type=Path), metavar="FILE")
def key(path: Path) -> None:
    """Make a pair of Ed25519 keys: FILE signs seals, FILE.pub checks them.

    Keep FILE away from the machine whose log it seals.
    """
    from cli.log.sealing import key_pair

    key_pair(path)


@log.command("seal", example="ccr log seal MAIL.seal --key auditor.pem")
@click.argument("path", type=click.Path(path_type=Path), metavar="FILE")
@click.option(
    "--key",
    "key_path",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The private key; without it, its text in CCR_SEAL_KEY.",
)
@click.option("--force", is_flag=True, help="Write over a file that exists.")
@reading
def seal(path: Path, key_path: Path | None, force: bool, as_of: str | None, as_json: bool) -> None:
    """Sign where the log ends, to be kept elsewhere: number, hash, cluster, time and model.

    A chain cannot show that its end was cut off; `ccr audit --seal FILE --public-key KEY` can. FILE
    is one JSON object; its signature (Ed25519) is over the other fields as JSON with the keys in
    alphabetical order and no white space.
    """
    from cli.log.sealing import seal_log

    seal_log(path, key_path, force, as_of, as_json)


@log.command("import", example="ccr log import incident.ndjson --store other.db")
@click.argument("path", type=click.Path(path_type=Path), metavar="FILE")
@model_option
@json_option
def import_(path: Path, as_json: bool) -> None:
    """Add an exported log to the store as a cluster of its own, or a run that `ccr verify` wrote.

    The chain is checked first; with an error in any line nothing is written.
    """
    from cli.log.recorded import import_file

    import_file(path, as_json)
