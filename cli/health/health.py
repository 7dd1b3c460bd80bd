"""`ccr health`: the eleven tests of Test-ReplicationHealth, and the next failure."""

from __future__ import annotations

from pathlib import Path

import click

from cli.frame.base import Command, reading


@click.command(
    "health", cls=Command, example="ccr health --check SGCopyQueueLength",
    cmdlet="Test-ReplicationHealth",
)  # fmt: skip
@click.option("--check", "names", metavar="NAME", multiple=True, help="Only this test; repeatable.")
@click.option(
    "--kind",
    type=click.Choice(["ccr", "lcr", "scr"]),
    default="ccr",
    show_default=True,
    help="What the server replicates by; the six tests of the cluster are for CCR only.",
)
@click.option(
    "--nagios", is_flag=True, help="One line, and exit 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN."
)
@click.option(
    "--junit",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the results as JUnit XML as well.",
)
@reading
def health(
    names: tuple[str, ...], kind: str, nagios: bool, junit: Path | None, as_of: str | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Test replication, the cluster and every storage group copy, and say what the next fault does.

    A copy queue of 3 to 5 logs is a warning, 6 or more a failure. The next failure is found by
    letting each single fault happen to a copy of the state.

    Exit code: 0 nothing failed, 1 a test failed (a warning alone is 0).
    """
    from cli.health.healing import show_health

    show_health(names, kind, as_of, as_json, nagios=nagios, junit=junit)
