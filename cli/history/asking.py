"""The questions about a record: `ccr history`, `ccr why`, `ccr who`, `ccr what-if`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from cli.frame.base import AGES, Command, csv_option, reading
from cli.verify.asfiles import html_option, tell_page

_RECORD = (
    click.option(
        "--record",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Of another system's record, as `ccr audit FILE` reads it; what it leaves out is ?.",
    ),
    click.option("--mapping", metavar="NAME|FILE.toml", help="With --record: how it is read."),
)


def record_options(function: Callable[..., Any]) -> Any:
    """`--record` and `--mapping`: the question is about a record of another system."""
    found: Any = function
    for option in reversed(_RECORD):
        found = option(found)
    return found


@click.command("history", cls=Command, example="ccr history --as-of 10m")
@record_options
@html_option
@csv_option
@reading
def history(
    record: Path | None, mapping: str | None, as_csv: bool, as_of: str | None, as_json: bool
) -> None:
    """Every failover, move and interruption, one a line: from, to, why, how long each phase took,
    what was lost, who did it.

    Times are counted from what caused it. LOST is in closed logs, `>=2` until the old active's
    files have been read.
    """
    if record is not None:
        from cli.history.foreign import Foreign, history_of

        history_of(Foreign(record, mapping, as_of, as_json, as_csv))
        return
    from cli.history.chronicle import tell_history

    tell_page("History", as_of)
    tell_history(as_of, as_json, as_csv)


@click.command("why", cls=Command, example="ccr why failover", context_settings=AGES)
@click.argument("what", metavar="FAILOVER|EVENT")
@click.option("--full", is_flag=True, help="Every guard of every step, not only the decisive ones.")
@record_options
@html_option
@csv_option
@reading
def why(
    what: str,
    full: bool,
    record: Path | None,
    mapping: str | None,
    as_csv: bool,
    as_of: str | None,
    as_json: bool,
) -> None:
    """From an event back to what began it: each step, the guards that let it happen, and the facts
    that made them true.

    `failover` is the last line of `ccr history`, `failover~2` the one before; else a point (of a
    --record, a line that a passage rests on).
    """
    if record is not None:
        from cli.history.foreign import Foreign, why_of

        why_of(what, Foreign(record, mapping, as_of, as_json, as_csv))
        return
    from cli.history.whys import tell_why

    tell_why(what, full, as_of, as_json, as_csv)


@click.command("who", cls=Command, example="ccr who --serving --as-of -5m")
@click.option(
    "--serving", "what", flag_value="serving", default="serving", help="Who served  [default]"
)
@click.option("--controlling", "what", flag_value="controlling", help="Who controlled the cluster")
@record_options
@html_option
@csv_option
@reading
def who(
    what: str,
    record: Path | None,
    mapping: str | None,
    as_csv: bool,
    as_of: str | None,
    as_json: bool,
) -> None:
    """Which node served, from when to when, by the recorded leases; overlaps and gaps.

    Exit code: 0, or 1 if two nodes served at the same instant; 3 if a --record leaves that open.
    """
    if record is not None:
        from cli.history.foreign import Foreign, who_of

        if what != "serving":
            raise click.UsageError("a record of another system is asked who was serving only")
        who_of(Foreign(record, mapping, as_of, as_json, as_csv))
        return
    from cli.history.whos import tell_who

    tell_page("Service", as_of)
    tell_who(what, as_of, as_json, as_csv)


@click.command(
    "what-if",
    cls=Command,
    example="ccr what-if NodeFailed --without",
    context_settings=AGES,
)
@click.argument("point", metavar="EVENT")
@click.option("--without", is_flag=True, help="The event does not happen.")
@click.option("--insert", "insert", metavar="RULE", help="After the event, this happens too.")
@click.argument("pairs", nargs=-1, metavar="[KEY=VALUE]...")
@click.option("--for", "further", metavar="TIME", help="How long after the record's end to look.")
@html_option
@csv_option
@reading
def what_if(
    point: str,
    without: bool,
    insert: str | None,
    pairs: tuple[str, ...],
    further: str | None,
    as_csv: bool,
    as_of: str | None,
    as_json: bool,
) -> None:
    """Go back to an event, change something, and let the rules go on: who serves, how long nobody
    does, what is lost, beside what really happened.

    Commands and faults recorded after the event happen again at their times, as far as the rules
    then allow. Nothing is written to the store.
    """
    from cli.history.whatifs import tell_what_if

    if without == bool(insert):
        raise click.UsageError("say what is to be different: --without, or --insert RULE KEY=VALUE")
    tell_what_if(point, insert, pairs, further, as_of, as_json, as_csv)
