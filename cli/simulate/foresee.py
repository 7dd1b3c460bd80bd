"""`ccr foresee`: from the recorded state, what could happen within N events."""

from __future__ import annotations

import click

from cli.frame.base import Command, csv_option, model_option, reading
from cli.verify.asfiles import counterexample_option, html_option


@click.command("foresee", cls=Command, example="ccr foresee --as-of NodeFailed --depth 3 P01")
@click.argument("names", nargs=-1, metavar="[PROPERTY]...")
@click.option(
    "--depth",
    type=click.IntRange(1, 30),
    default=3,
    show_default=True,
    metavar="N",
    help="How many events to look ahead.",
)
@click.option(
    "--rlimit", type=click.IntRange(1), metavar="N", help="What z3 may spend on one question."
)
@counterexample_option
@model_option
@html_option
@csv_option
@reading
def foresee(
    names: tuple[str, ...],
    depth: int,
    rlimit: int | None,
    as_csv: bool,
    as_of: str | None,
    as_json: bool,
) -> None:
    """From the recorded state, not from the beginning: which promise could break within N events,
    and what else could come about (or only the PROPERTIES named), in any order of any events.

    Each is shown with the events that lead there, as few as there can be. The run written by
    --counterexample is the recorded history with these events after it. That nothing is found is a
    bound: it says nothing of N + 1 events. `ccr health` tells the other half: what each single
    fault leads to in the end, by the usual course of things.

    Exit code: 0 no promise can break within N events, 1 one can, 3 the solver gave up before.
    """
    from cli.simulate.foreseeing import look_ahead

    look_ahead(names, depth, rlimit, as_of, as_json, as_csv)
