"""`ccr simulate`: random runs over the rules, on every core, reproducible by a seed."""

from __future__ import annotations

import click

from cli.frame.base import Command, json_option, model_option
from cli.verify.asfiles import counterexample_option


@click.command("simulate", cls=Command, example="ccr simulate --runs 2000 --set head_start=7000")
@click.argument("names", nargs=-1, metavar="[PROPERTY]...")
@click.option(
    "--seed", type=click.IntRange(0), default=0, show_default=True, metavar="N", help="Which runs."
)
@click.option(
    "--runs",
    type=click.IntRange(1),
    default=1_000,
    show_default=True,
    metavar="N",
    help="How many runs.",
)
@click.option(
    "--first",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    metavar="N",
    help="The number of the first run; with --runs 1 it is that run again.",
)
@click.option(
    "--steps",
    type=click.IntRange(1),
    default=200,
    show_default=True,
    metavar="N",
    help="Steps of a run, from where it begins.",
)
@click.option(
    "--faults",
    type=click.IntRange(0),
    metavar="N",
    help="Faults in one run, at most  [default: any number]",
)
@click.option(
    "--from-start",
    is_flag=True,
    help="Begin every run at the initial state, none on the way of a story.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1),
    metavar="N",
    help="Worker processes; the answer is the same  [default: one a core]",
)
@click.option(
    "--set",
    "changed",
    multiple=True,
    metavar="PARAMETER=VALUE",
    help="A parameter that differs from its default; repeatable.",
)
@click.option(
    "--fingerprint",
    metavar="HEX",
    help="Refuse to run unless the rules are those of this fingerprint.",
)
@click.option("--uncovered", is_flag=True, help="List the rules that never fired.")
@click.option(
    "--safety/--liveness",
    default=True,
    help="Judge every step, or whether service returns after faults  [default: safety]",
)
@counterexample_option
@model_option
@json_option
def simulate(
    names: tuple[str, ...], seed: int, runs: int, first: int, steps: int, faults: int | None,
    from_start: bool, jobs: int | None, changed: tuple[str, ...], fingerprint: str | None,
    uncovered: bool, safety: bool, as_json: bool,
) -> None:  # fmt: skip
    """Play random runs and judge every property (or those named) after every step.

    Faults, commands, time and what follows come in random order. Runs begin at the initial state,
    on the way of the model's stories, and where earlier runs came near to breaking a property. Of
    eight properties or fewer every fourth run is led: it follows a plan, made from the rules, of
    what would have to happen for one of them to break. Such runs take some ten times as long, and
    find what takes many steps. One that breaks a property is confirmed, made smaller and shown,
    with the command that repeats it. Another version of ccr may play other runs: keep the run with
    --counterexample. How fast it went is said on a terminal only: the answer is the same
    everywhere.

    With --liveness every run is a pair that serves, random faults (--faults, 6 at most by default)
    at random moments, then all is repaired; PROPERTY is V01, V02 or V12 of `ccr verify
    --liveness`.

    Exit code: 0 no run broke anything, which proves nothing of other runs; 1 one did.
    """
    from cli.simulate.simulating import Asked, run_simulation

    asked = Asked(
        names, seed, runs, first, steps, faults, not from_start, jobs, changed, fingerprint
    )
    if safety:
        run_simulation(asked, uncovered, as_json)
    else:
        from cli.simulate.simulating_faults import run_faults

        run_faults(asked, as_json)
