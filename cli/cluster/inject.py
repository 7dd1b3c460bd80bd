"""`ccr inject`: fire any rule, or the steps of a run."""

from __future__ import annotations

from pathlib import Path

import click

from cli.frame.base import Command, json_option


@click.command("inject", cls=Command, example="ccr inject fail_cms n=A")
@click.argument("rule", required=False, metavar="RULE|EVENT")
@click.argument("pairs", nargs=-1, metavar="[KEY=VALUE]...")
@click.option(
    "--file",
    "path",
    type=click.Path(path_type=Path),
    metavar="RUN.ndjson",
    help="Fire the steps of a run, one after another, and nothing else.",
)
@click.option("--dry-run", is_flag=True, help="Say what would happen and write nothing.")
@click.option("--reason", metavar="TEXT", default="", help="Why; it is kept.")
@json_option
def inject(
    rule: str | None,
    pairs: tuple[str, ...],
    path: Path | None,
    dry_run: bool,
    reason: str,
    as_json: bool,
) -> None:
    """Fire one rule by number, name or event, then settle what follows at once.

    Arguments that a guard binds may be left out. `ccr explain RULE` names the arguments.
    """
    from cli.cluster.injecting import fire_file, fire_rule

    if (rule is None) == (path is None):
        raise click.UsageError("name a rule, or a run with --file")
    if path is not None:
        fire_file(path, dry_run, reason, as_json)
    else:
        fire_rule(rule or "", pairs, dry_run, reason, as_json)
