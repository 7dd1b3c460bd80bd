"""What `ccr foresee` does: the history as a run, the search from its end, and what came of it.

z3 is imported here, when the search begins.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from cli.explain.wording import wrapped
from cli.frame.errors import HistoryOfOtherRules, UnknownProperty
from cli.frame.output import answer, document, faint, strong, tint
from cli.frame.rows import csv_rows
from cli.session.acts import spelled
from cli.session.events import arguments_of
from cli.session.refusals import shown
from cli.session.session import Session, reading
from cli.session.subject import subject
from cli.verify.asfiles import tell_page
from cli.verify.runforms import check_forms, write_runs
from models.language.model import LEMMA, SOMETIMES, Instance, Model, Property
from models.plain.reader import Reader, Step
from specs.report import run_as_json
from specs.runs import BadRun, Run

if TYPE_CHECKING:
    from specs.search.foresee import Foreseen


COLUMNS = (
    "number",
    "name",
    "kind",
    "breaks",
    "found",
    "within",
    "complete",
    "step",
    "event",
    "args",
)


def look_ahead(
    names: Sequence[str],
    depth: int,
    rlimit: int | None,
    as_of: str | None,
    as_json: bool,
    as_csv: bool,
) -> None:
    """`ccr foresee`. Raises `UnknownProperty`, `UnknownForm` or `HistoryOfOtherRules`."""
    model = subject().model
    goals = [_property(model, n) for n in names]
    goals = goals or [p for p in model.properties if p.kind != LEMMA]
    check_forms()
    with reading(as_of) as session:
        run, number, cluster = history(session, model), session.fold.number, session.cluster.name
    from specs.search.bounded import RLIMIT
    from specs.search.foresee import foresee

    try:
        found = foresee(model, run, goals, depth, rlimit=rlimit or RLIMIT)
    except BadRun as error:
        raise HistoryOfOtherRules(
            f"the recorded events are not a run of {model.name}: {error}", "See `ccr audit --today`"
        ) from None
    bad = [f for f in found if f.breaks]
    write_runs({f.prop.number: f.run for f in (bad or found) if f.run is not None})
    tell_page("Foresight", as_of, lambda _links: _chapter(model, found, run, number, depth))
    if as_csv:
        csv_rows(COLUMNS, (row for f in found for row in _rows(model, f, len(run))))
    elif as_json:
        document("foresight", {"cluster": cluster, **_body(found, len(run), number, depth)})
    else:
        _show(model, found, run, number, depth, bool(names))
    if bad:
        raise click.exceptions.Exit(1)
    if any(not f.complete for f in found):
        raise click.exceptions.Exit(3)


def history(session: Session, model: Model) -> Run:
    """The recorded events up to the session's state as a run of a model."""
    layout = session.reader.layout
    members = dict(session.reader.instance.members)
    for sort, name in layout.births:
        # The solver has a fixed number of members: those that joined are there from the beginning.
        members[sort.name] = (*members.get(sort.name, ()), name)
    known = model.schema.parameters
    given = {n: v for n, v in layout.parameters.items() if n in known}
    settled = Instance(members, given)
    events = (r.event for r in session.cluster.events(1, session.fold.number))
    return Run(settled, tuple(e.step for e in events if e.rule in model.rules))


def _property(model: Model, name: str) -> Property:
    found = model.numbered(name)
    if not isinstance(found, Property):
        raise UnknownProperty(f"there is no property {name}", "See `ccr verify --list`")
    return found


def _show(
    model: Model, found: Sequence[Foreseen], start: Run, number: int, depth: int, named: bool
) -> None:
    answer(strong(f"from event {number}, within {depth} events:"))
    for f in found:
        if f.run is None and (named or not f.complete):
            word = "nothing" if f.complete else tint("unknown")
            why = "" if f.complete else ", then the solver gave up"
            answer(f"{f.prop.number:<4} {word} within {f.depth} events{why}: {f.prop.name}")
        elif f.run is not None:
            _show_run(model, f, start)
    if not named:
        quiet = [f for f in found if f.run is None and f.complete]
        promises = sum(f.prop.kind != SOMETIMES for f in quiet)
        said = f"{promises} promises cannot break and {len(quiet) - promises} other things cannot"
        for line in wrapped(f"{said} come about within {depth} events; this is a bound, no proof"):
            answer(faint(line))


def _show_run(model: Model, f: Foreseen, start: Run) -> None:
    word = tint("violated") if f.breaks else "possible"
    if not f.depth:
        answer(f"{f.prop.number:<4} {word} already: {f.prop.name}")
        return
    answer(f"{f.prop.number:<4} {word} {_within(f)}: {f.prop.name}")
    for step, facts in _way(model, f, start):
        answer(f"       {model.rule(step.rule).event:<22} {spelled(step)}")
        for line in wrapped(facts, "           ") if facts else []:
            answer(faint(line))


def _within(f: Foreseen) -> str:
    return f"within {f.depth} event{'s' if f.depth != 1 else ''}"


def _way(model: Model, f: Foreseen, start: Run) -> list[tuple[Step, str]]:
    """The steps after the record that lead to what is foreseen, and what each changes."""
    assert f.run is not None
    reader = Reader(model, f.run.instance)
    for state in start.states(reader):
        last = state
    found = []
    for step in f.run.steps[len(start) :]:
        changes = {k: v for k, v in reader.changes(last, step).items() if last[k] != v}
        last = last | changes
        facts = ", ".join(f"{k}={shown(v)}" for k, v in changes.items() if k != "clock.now")
        found.append((step, facts))
    return found


def _rows(model: Model, f: Foreseen, recorded: int) -> list[dict[str, Any]]:
    head = {
        "number": f.prop.number, "name": f.prop.name, "kind": f.prop.kind, "breaks": f.breaks,
        "found": f.run is not None, "within": f.depth, "complete": f.complete,
    }  # fmt: skip
    steps = () if f.run is None else f.run.steps[recorded:]
    return [
        {**head, "step": i, "event": model.rule(s.rule).event, "args": arguments_of(s.args, "")}
        for i, s in enumerate(steps, 1)
    ] or [head]


def _chapter(model: Model, found: Sequence[Foreseen], start: Run, number: int, depth: int) -> Any:
    from cli.page.questions import foreseen

    told = []
    for f in sorted(found, key=lambda f: (not f.breaks, f.run is None)):
        name, steps = f"{f.prop.label}", []
        if f.run is None:
            word = "nothing" if f.complete else "unknown"
            said = f"nothing within {f.depth} events"
            said += "" if f.complete else ", then the solver gave up"
        else:
            word = "violated" if f.breaks else "possible"
            said = f"{word} {_within(f)}" if f.depth else f"{word} already"
            steps = [
                (f"{model.rule(s.rule).event} {spelled(s)}", facts)
                for s, facts in _way(model, f, start)
            ]
        told.append((word, name, said, steps))
    return foreseen(number, depth, told)


def _body(found: Sequence[Foreseen], recorded: int, number: int, depth: int) -> dict[str, Any]:
    return {
        "from": number,
        "depth": depth,
        "recorded_steps": recorded,
        "foreseen": [
            {
                "number": f.prop.number,
                "name": f.prop.name,
                "kind": f.prop.kind,
                "breaks": f.breaks,
                "within": f.depth,
                "found": f.run is not None,
                "complete": f.complete,
                "run": None if f.run is None else run_as_json(f.run),
            }
            for f in found
        ],
    }
