"""What `ccr verify` does: choose the properties and parameters, prove, show what came of it.

z3 is imported here, when the proof begins, and nowhere else in the command line.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ccr_es.errors import FileUnreadable
from cli.explain.runwords import run_lines
from cli.explain.wording import wrapped
from cli.frame.base import settings
from cli.frame.errors import QueueUnreadable, UnknownProperty
from cli.frame.output import answer, document, faint, say, strong, table, tint
from cli.frame.progress import Progress
from cli.session.subject import subject
from cli.verify.certifying import emit, merged_lines, opinion_lines, rechecked
from cli.verify.ci_reports import ready, write_reports
from cli.verify.pinning import parameters_of, pinned, released
from cli.verify.sweeping import sweep
from models.language.model import LEMMA, SOMETIMES, Property
from models.language.show import show
from specs.runs import SHORTEST, to_lines
from specs.verdict import BY_INDUCTION, HOLDS, LADDER, UNKNOWN, VIOLATED

if TYPE_CHECKING:
    from specs.options import Options
    from specs.report import Report

EXITS = {HOLDS: 0, VIOLATED: 1, UNKNOWN: 3}


@dataclass(frozen=True)
class Wanted:
    """What is to be proved, and within which bounds."""

    names: Sequence[str]
    depth: int
    timeout: float | None
    changed: Sequence[str]
    preset: str | None
    jobs: int | None = None
    rlimit: int | None = None
    seed: int = 0
    method: str = LADDER
    cached: bool = True
    recheck: bool = False
    solver: str | None = None
    sweep: Sequence[str] = ()
    plot: Path | None = None
    emit: Path | None = None
    collect: Path | None = None
    cost: bool = False


def kept_in() -> Path:
    """Where what was proved is kept: the folder `.ccr` beside the store, if that is a file, or else
    in the working folder.
    """
    store = settings().store
    return (Path() if "://" in store else Path(store).parent) / ".ccr"


def list_properties(as_json: bool) -> None:
    """`ccr verify --list`."""
    found = [p for p in subject().model.properties if p.kind != LEMMA]
    if as_json:
        rows = [{"number": p.number, "name": p.name, "kind": p.kind} for p in found]
        document("properties", {"properties": rows})
    else:
        table(("number", "kind", "name"), [(p.number, p.kind, p.name) for p in found])


def prove(wanted: Wanted, folder: Path | None, verbose: bool, as_json: bool) -> None:
    """`ccr verify`: exit with the verdict."""
    asked = [p for name in wanted.names for p in _properties(name)] or None
    kept = kept_in() if wanted.cached else None
    changed, notes = pinned(wanted.changed)
    parameters = parameters_of(wanted.preset, changed)
    if wanted.sweep:
        given = (kept, wanted.plot, wanted.timeout, as_json)
        _leave(sweep(wanted.sweep, parameters or {}, asked, *given))
        return
    ready()
    from specs.options import Options
    from specs.proof.induction import RLIMIT

    options = Options(
        depth=wanted.depth,
        seconds=wanted.timeout,
        jobs=wanted.jobs or os.cpu_count() or 1,
        rlimit=wanted.rlimit or RLIMIT,
        seed=wanted.seed,
        method=wanted.method,
        folder=kept,
        collect=wanted.collect,
    )
    if wanted.emit is not None:
        emit(asked, parameters, options, wanted.emit)
        return
    report = _verified(asked, parameters, options, verbose)
    if wanted.recheck and not report.interrupted:
        report = rechecked(report, wanted.solver, options.jobs)
    if not as_json:
        _show(report)
        for note in notes:
            answer(note)
        if wanted.cost:
            _show_cost(report)
    report = released(report)
    if folder is not None:
        _save(report, folder)
    write_reports(report)
    if as_json:
        document("verify", report.as_json())
    if report.interrupted:
        say(f"interrupted; {_kept(report)}")
        raise KeyboardInterrupt
    _leave(report.verdict)


def _kept(report: Report) -> str:
    found = sum(o.verdict == HOLDS and o.method != "frame" for o in report.obligations)
    return f"{found:,} obligations were proved, and are not asked again if .ccr is kept"


def _verified(
    asked: Sequence[Property] | None,
    parameters: Mapping[str, int] | None,
    options: Options,
    verbose: bool,
) -> Report:
    from specs.proof.fanout import QueueUnusable
    from specs.verify import Interrupted, verify

    progress = Progress(verbose)
    try:
        return verify(
            subject().model, subject().instance, asked, parameters=parameters, options=options,
            on_progress=progress.said, on_plan=progress.plan,
        )  # fmt: skip
    except Interrupted as stopped:
        return stopped.report
    except QueueUnusable as error:
        raise QueueUnreadable(str(error), "Emit it again with `ccr verify --emit DIR`") from None
    finally:
        progress.clear()


def _leave(verdict: str) -> None:
    if EXITS[verdict]:
        raise click.exceptions.Exit(EXITS[verdict])


def _properties(name: str) -> list[Property]:
    """The property of this name, or those that together say what comes about in time."""
    from specs.catalogue.responses import RESPONSES

    model = subject().model
    named = next((r for r in RESPONSES if name in (r.number, r.name)), None)
    if named is not None and not named.proved:
        tried = f"Try it with `ccr verify --liveness {named.number}`"
        raise UnknownProperty(f"{named.label} is a bound, no property to be proved", tried)
    found = [model.numbered(n) for n in (named.proved if named else (name,))]
    if not all(isinstance(p, Property) for p in found):
        raise UnknownProperty(f"there is no property {name}", "See `ccr verify --list`")
    return [p for p in found if isinstance(p, Property)]


def _save(report: Report, folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number, run in report.runs.items():
            text = "".join(f"{line}\n" for line in to_lines(subject().model, run))
            (folder / f"{number}.ndjson").write_text(text, encoding="utf-8")
    except OSError as error:
        raise FileUnreadable(f"{folder}: {error.strerror}", "Name a folder to write to") from None


def _show(report: Report) -> None:
    """One line per property, then what the verdict rests on, then the runs that break something."""
    for prop in report.asked:
        verdict = report.verdict_on(prop.number)
        room = " " * (9 - len(verdict))
        answer(f"{prop.number}  {tint(verdict)}{room} {prop.name}: {_how(report, prop, verdict)}")
    answer()
    answer(f"{strong('verdict')}  {tint(report.verdict)}, {report.seconds:.1f} s")
    for line in _grounds(report):
        answer(faint(line))
    for prop in report.asked:
        if report.verdict_on(prop.number) == VIOLATED and prop.number in report.runs:
            answer()
            run = report.runs[prop.number]
            answer(strong(f"{prop.label} is violated by this run:"))
            for line in run_lines(subject().model, run):
                answer(line)
            if run.notes.get(SHORTEST):
                answer("shortest: no run of fewer steps breaks it at these parameters")


def _how(report: Report, prop: Property, verdict: str) -> str:
    run = report.runs.get(prop.number)
    if run is not None:
        return f"{'shown' if prop.kind == SOMETIMES else 'broken'} by a run of {len(run)} steps"
    if verdict == HOLDS:
        rung = report.rung(prop.number)
        by = "" if rung == BY_INDUCTION else f", by {rung}"
        return f"proved for runs of any length{by}"
    if verdict == VIOLATED:
        return "no run of any length shows it"
    if prop.number in report.unfinished:
        done = len(report.of(prop.number)) - len(report.open_of(prop.number))
        return f"interrupted, with {done} rules proved"
    opened = report.open_of(prop.number)
    rules = sorted({o.rule for o in opened if not o.rule.startswith("(")})
    if rules:
        return f"not proved at {', '.join(rules[:3])}{' ...' if len(rules) > 3 else ''}"
    return opened[-1].detail.partition("\n")[0] if opened else "not asked"


def _grounds(report: Report) -> list[str]:
    """Parameters, assumptions, faults: what the verdict is said under."""
    if report.parameters is None:
        assumed = [show(subject().model.constraints[n]) for n in report.assumptions]
        said = "any values" + (" with " if assumed else "") + " and ".join(assumed)
    else:
        defaults = subject().model.schema.parameters
        changed = {n: v for n, v in report.parameters.items() if v != defaults[n][0]}
        said = ", ".join(f"{n}={v}" for n, v in changed.items()) or "the defaults"
        if report.broken:
            said += f"; this breaks: {', '.join(report.broken)}"
    lemmas = report.leaned_on()
    faults = ", ".join(label.partition(" ")[2] for label in report.faults)
    leaned = f"{len(lemmas)} other properties, proved too" if lemmas else "nothing else"
    found = []
    others = opinion_lines(report) if report.opinion is not None else []
    merged = merged_lines(report) if report.merged is not None else []
    for name, text in (
        ("parameters", said),
        (
            "faults",
            f"{faults}; at any moment, any number of them" if faults else "none in this model",
        ),
        ("time", "no deadline on any timer: a watchdog may be late or never fire"),
        ("leans on", leaned),
        *(("answers" if i == 0 else "", line) for i, line in enumerate(merged)),
        *(("recheck" if i == 0 else "", line) for i, line in enumerate(others)),
    ):
        lines = wrapped(text, "           ")
        found += [f"{name:<10} {lines[0].strip()}", *lines[1:]]
    return found


DEAREST = 15
_COLUMNS = ("asked", "cached", "frames", "rlimit", "conflicts")


def _show_cost(report: Report) -> None:
    """Where the time went: the dearest properties and rules, and all of it."""
    from specs.proof.cost import by, total

    every = report.obligations
    for what, found in (
        ("property", by(every, lambda o: o.property)),
        ("rule", by(every, lambda o: o.rule)),
    ):
        answer()
        rows = [
            (name, *(getattr(c, n) for n in _COLUMNS), f"{c.seconds:.2f}")
            for name, c in [*list(found.items())[:DEAREST], ("all", total(every))]
        ]
        table((what, *_COLUMNS, "seconds"), rows)
