"""`ccr verify`: the properties proved for runs of any length, or a run that breaks one."""

from __future__ import annotations

from pathlib import Path

import click

from cli.frame.base import Command, json_option, model_option
from cli.verify.asfiles import report_options
from specs.verdict import LADDER, METHODS


@click.command("verify", cls=Command, example="ccr verify P01 --set head_start=4000")
@click.argument("names", nargs=-1, metavar="[PROPERTY]...")
@click.option(
    "--depth",
    type=click.IntRange(1, 200),
    default=8,
    show_default=True,
    metavar="N",
    help="Steps to search for a run where the proof leaves something open.",
)
@click.option(
    "--timeout", type=click.FloatRange(min=0), metavar="S", help="Stop asking after S seconds."
)
@click.option(
    "--set",
    "changed",
    multiple=True,
    metavar="PARAMETER=VALUE",
    help="Prove for this value and the defaults of the others; also of a setting, such as "
    "standby.lag  [default: for any values]",
)
@click.option(
    "--preset", metavar="NAME", help="Prove for a set of parameters, such as windows2003."
)
@click.option(
    "--save",
    "folder",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Write each run found to FOLDER/PROPERTY.ndjson.",
)
@click.option(
    "--method",
    type=click.Choice(METHODS),
    default=LADDER,
    show_default=True,
    help="All rungs of the ladder in turn, or one alone.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 256),
    metavar="N",
    help="Worker processes  [default: one per processor]",
)
@click.option(
    "--rlimit",
    type=click.IntRange(min=1),
    metavar="N",
    help="What z3 may spend on one question, counted so that every machine decides alike.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, metavar="N", help="z3's seed.")
@click.option("--no-cache", is_flag=True, help="Ask everything again; keep nothing in .ccr.")
@click.option("--recheck", is_flag=True, help="Have the proof checked by another solver, too.")
@click.option(
    "--solver",
    metavar="NAME|PATH",
    help="That solver: cvc5, z3, or a program that reads SMT-LIB  [default: the first installed]",
)
@click.option(
    "--sweep",
    multiple=True,
    metavar="PARAMETER=FROM..TO[/STEP]",
    help="Which values are safe, and the inequality that says so; given twice, which pairs of "
    "values; of a PROPERTY that says what is possible, at which values it is. Times are in "
    "seconds; --set sets others. Also of a setting, or of how many members: standbys=0..3.",
)
@click.option(
    "--plot",
    type=click.Path(path_type=Path),
    metavar="FILE.svg",
    help="With --sweep: a picture of it.",
)
@click.option(
    "--emit",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Ask nothing: write every obligation to DIR, for any solvers on any machines.",
)
@click.option(
    "--collect",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Take the answers in DIR: what two solvers agree on, or one and, asked again, z3 here.",
)
@click.option(
    "--liveness",
    is_flag=True,
    help="Instead, whether what should come about does, in time, once faults stop.",
)
@click.option(
    "--faults",
    type=click.IntRange(1, 4),
    default=2,
    show_default=True,
    metavar="N",
    help="With --liveness: after every sequence of up to N faults.",
)
@click.option(
    "--mutants",
    is_flag=True,
    help="Instead, change every guard, effect and number in turn: what notices? Names are rules.",
)
@click.option("--list", "list_only", is_flag=True, help="List the properties and stop.")
@click.option("--cost", is_flag=True, help="Where the time went, by property and by rule.")
@click.option("--verbose", is_flag=True, help="One line per obligation on stderr.")
@report_options
@model_option
@json_option
def verify(
    names: tuple[str, ...], depth: int, timeout: float | None, changed: tuple[str, ...],
    preset: str | None, folder: Path | None, jobs: int | None, rlimit: int | None, seed: int,
    method: str, no_cache: bool, recheck: bool, solver: str | None,
    sweep: tuple[str, ...], plot: Path | None, emit: Path | None, collect: Path | None,
    liveness: bool, faults: int, mutants: bool, cost: bool, list_only: bool,
    verbose: bool, as_json: bool,
) -> None:  # fmt: skip
    """Prove what is promised of the rules, for runs of any length, under every fault they allow.

    PROPERTY is a number or a name; without one, everything promised is asked (a minute or two).
    Where a proof fails, a run that breaks the property is searched for, confirmed, and shown.

    The rungs of the ladder: induction for each rule; a search for a run; k-induction over paths of
    different states; an invariant that z3 finds (Spacer), checked again; at last every run of up to
    --depth steps. What was proved is kept in .ccr, beside the store, and is not asked again while
    the rules and properties that it rests on are the same. Its certificate is there too: scripts in
    SMT-LIB that any solver can answer, as --recheck has one do. What two solvers do not agree on is
    unknown.

    --emit hands out the questions of a rung: the induction, or with --method k-induction those
    about paths of different states. The others stay here: Spacer is z3's own, and a search for runs
    ends in a run that is replayed, or in nothing better than unknown. An answer says which solver
    it is from. Nothing is proved because one solver says so: --collect counts what two agree on (of
    one name and two versions they are two), and asks here what only one has answered. What two
    contradict each other on is unknown, whatever else is proved, and so is what nobody answered.

    A setting is a field that a command writes as it is told (a lag, the size of a dumpster): for
    --set and --sweep it is always told that. Without them any value may be told, so that what is
    proved is proved for every one. A sweep looks for a run for at most a minute a value; what it
    does not find by then, or by --timeout, is unknown.

    With --liveness every sequence of up to --faults faults happens, each at several moments; then
    all is repaired, and what is promised must come about in time and last. That is a bound on the
    faults, no proof; the numbers are V01, V02 and V12. (V01 is proved besides, for any faults: ask
    for it without --liveness.)

    With --mutants the question is turned round: each guard and effect of each rule is left out in
    turn, each whole number shifted by one, and every property asked again. What nothing notices is
    a hole in the properties.

    Exit code: 0 everything holds, 1 something is violated (or a mutant goes unnoticed), 3 something
    is unknown.
    """
    if liveness:
        from cli.verify.living import show_responses

        show_responses(names, faults, as_json)
        return
    if mutants:
        from cli.verify.mutating import show_score

        show_score(names, jobs, not no_cache, verbose, as_json)
        return
    from cli.verify.verifying import Wanted, list_properties, prove

    if plot and not sweep:
        raise click.UsageError("--plot draws what --sweep found")
    if no_cache and (recheck or solver):
        raise click.UsageError("--recheck reads the certificate in .ccr; leave out --no-cache")
    if list_only:
        list_properties(as_json)
    else:
        wanted = Wanted(
            names, depth, timeout, changed, preset, jobs=jobs, rlimit=rlimit, seed=seed,
            method=method, cached=not no_cache,
            recheck=recheck or solver is not None, solver=solver, sweep=sweep, plot=plot,
            emit=emit, collect=collect, cost=cost,
        )  # fmt: skip
        prove(wanted, folder, verbose, as_json)
