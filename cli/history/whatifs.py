"""What `ccr what-if` does: the record beside a run that goes another way. Sits above `session`.

Both courses are followed with the same conditions over the same time; the recorded one goes on
after the record's end by the same rules.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ccr_es.errors import BadArgument, PointNotFound
from ccr_es.questions.branching import Branch, Course, outside
from ccr_es.record.events import OF_THE_CLUSTER
from ccr_es.state.fold import Fold
from ccr_es.state.points import duration_ms
from cli.cluster.timing import MOUNTS
from cli.explain.wording import wrapped
from cli.frame.errors import StepRefused
from cli.frame.output import answer, clock, document, duration, table
from cli.frame.pairs import read_pairs
from cli.frame.rows import csv_rows
from cli.health.foresight import horizon
from cli.history.whos import conditions
from cli.session.acts import ACTS, spelled
from cli.session.events import arguments_of
from cli.session.refusals import lines, reasons, shown
from cli.session.session import Session, reading
from cli.session.views import Lens, loss, storage_groups
from cli.verify.asfiles import tell_page
from models.language.misuse import ModelError
from models.plain.driver import Fired, Refused
from models.plain.reader import Refusal, Step

SHOWN = 24
"""Steps of the other course that are shown; `--json` has them all."""


@dataclass(frozen=True)
class Outcome:
    """How a course went: who serves at its end, ms in which nobody did, times two did at once,
    how often a copy was activated, what each storage group lost.
    """

    serving: str | None
    outage: int
    two_served: int
    activations: int
    lost: dict[str, str]
    generated: dict[str, int]


def outcome(lens: Lens, course: Course) -> Outcome:
    """What is compared of a course."""
    groups = storage_groups(lens, course.state)
    two = 0
    spans = course.spans
    for i, one in enumerate(spans):
        two += sum(one.name != other.name and one.overlaps(other) for other in spans[i + 1 :])
    return Outcome(
        next(iter(lens.serving(course.state)), None),
        course.outage,
        two,
        sum(f.step.rule in MOUNTS for f in course.fired),
        {g: loss(found) or "0" for g, found in groups.items()},
        {g: int(found["generated"]) for g, found in groups.items()},
    )


def tell_what_if(
    point: str,
    insert: str | None,
    pairs: Sequence[str],
    further: str | None,
    as_of: str | None,
    as_json: bool,
    as_csv: bool,
) -> None:
    """`ccr what-if`. Raises `PointNotFound`, `BadArgument`, `UnknownRule`."""
    with reading(as_of) as session:
        number = session.cluster.number(point)
        chosen = session.event(number).event
        last = session.fold
        if number > last.number or chosen.event in OF_THE_CLUSTER:
            raise PointNotFound(
                f"{point} is event {number} {chosen.event}, which cannot be changed",
                "Name an event of a rule",
            )
        start = _before(session, number)
        end = last.time + (duration_ms(further) if further else horizon(session.reader))
        really = _recorded(session, start, number, end)
        other = _branched(session, start, number, insert, pairs, end)
        lens = session.lens
    one, two = outcome(lens, really), outcome(lens, other)
    change = f"without event {number} {chosen.event}"
    if insert:
        change = f"with {' '.join((insert, *pairs))} after event {number} {chosen.event}"
    tell_page("What if", as_of, lambda _links: _chapter(change, one, two, other, lens))
    if as_json:
        body = {"event": number, "change": change, "from": start.time, "until": end}
        document("what-if", {**body, "recorded": _json(one, really), "other": _json(two, other)})
    elif as_csv:
        csv_rows(("what", "recorded", "other"), _compared(one, two))
    else:
        answer(f"{change}, from {clock(start.time)} to {clock(end)}:")
        _text(one, two, other, lens)


def _before(session: Session, number: int) -> Fold:
    """The fold right before an event, under today's rules."""
    fold = Fold(session.cluster.store.book)
    for recorded in session.cluster.events(1, number - 1):
        fold.apply(recorded)
    if fold.model != session.fold.model:
        fold.under(session.fold.model)
    return fold


def _recorded(session: Session, start: Fold, number: int, end: int) -> Course:
    """What really happened from the event on, and what then follows until the end."""
    fold = start.copy()
    watched = Branch(fold, session.created.seed, conditions(session.lens))
    course, watch = watched.course, watched.watch
    for recorded in session.cluster.events(number, session.fold.number):
        before, event = dict(fold.state), recorded.event
        fold.apply(recorded)
        watch.step(before, fold.state, event.number, event.event)
        if event.event not in OF_THE_CLUSTER:
            course.fired.append(
                Fired(event.number, event.step, event.row, {}, event.time, event.caused_by)
            )
    rest = Branch(fold, session.created.seed, conditions(session.lens))
    rest.watch, rest.course.fired = watch, course.fired
    rest.course.began = start.time
    return rest.end(end)


def _branched(
    session: Session,
    start: Fold,
    number: int,
    insert: str | None,
    pairs: Sequence[str],
    end: int,
) -> Course:
    """The course without the event, or with a step after it."""
    fold = start.copy()
    events = session.cluster.events(number, session.fold.number)
    first = next(events)
    following = {a.rule for a in ACTS.values() if "n" not in a.args} & _on_a_node(session)
    branch = Branch(fold, session.created.seed, conditions(session.lens), following)
    if insert is not None:
        rule = session.cluster.rule(insert)
        args = read_pairs(rule, pairs, session.reader.layout)
        branch.exactly(first.event.step)
        try:
            branch.insert(rule.name, args)
        except ModelError as error:
            raise BadArgument(str(error)) from None
        except Refused as refused:
            raise _impossible(session, branch, refused.refusal, number) from None
    branch.again(outside(events, session.reader))
    return branch.end(end)


def _impossible(session: Session, branch: Branch, refusal: Refusal, number: int) -> StepRefused:
    """The error for a step that the rules do not allow there."""

    def setter(key: str) -> tuple[int, str]:
        by = branch.driver.wrote.get(key, 0)
        return by, session.event(by).event.event if 0 < by <= session.fold.number else ""

    found = reasons(session.reader, branch.driver.state, refusal, setter)
    said = f"{refusal.rule} cannot happen after event {number}"
    return StepRefused(said, tuple(lines(found, spelled)))


def _on_a_node(session: Session) -> set[str]:
    """Commands that run on a node; where the command line lets nobody name it, they follow the
    service.
    """
    rules = session.reader.model.rules.values()
    return {r.name for r in rules if r.trigger == "command" and r.actor.on is not None}


def _json(found: Outcome, course: Course) -> dict[str, Any]:
    return {
        "serving": found.serving,
        "outage": found.outage,
        "two_served": found.two_served,
        "activations": found.activations,
        "lost": found.lost,
        "generated": found.generated,
        "spans": [
            {
                "node": s.name,
                "from": s.since.time,
                "until": None if s.until is None else s.until.time,
            }
            for s in course.spans
        ],
        "refused": [
            {"rule": step.rule, "args": dict(step.args), "guards": [g.name for g in why.guards]}
            for step, why in course.refused
        ],
        "steps": [
            {"number": f.number, "time": f.time, "rule": f.step.rule, "args": dict(f.step.args)}
            for f in course.fired
        ],
    }


def _compared(one: Outcome, two: Outcome) -> list[dict[str, Any]]:
    rows: list[tuple[str, Any, Any]] = [
        ("serves in the end", one.serving or "nobody", two.serving or "nobody"),
        ("nobody served for", duration(one.outage), duration(two.outage)),
        ("two served at once", one.two_served, two.two_served),
        ("copies activated", one.activations, two.activations),
    ]
    for g in one.lost:
        rows.append((f"logs lost of {g}", one.lost[g], two.lost[g]))
        rows.append((f"logs generated of {g}", one.generated[g], two.generated[g]))
    return [{"what": a, "recorded": b, "other": c} for a, b, c in rows]


def _chapter(change: str, one: Outcome, two: Outcome, other: Course, lens: Lens) -> Any:
    from cli.page.questions import courses

    refused = [f"{text} ({n} times)" if n > 1 else text for text, n in _refusals(other).items()]
    return courses(change, _compared(one, two), _steps(other, lens), refused)


def _steps(other: Course, lens: Lens) -> list[tuple[str, str, str, str]]:
    """Time, event, row and arguments of each step that somebody took."""
    rules = lens.model.rules
    told = [f for f in other.fired if rules[f.step.rule].trigger not in ("time", "beat")]
    return [
        (clock(f.time), rules[f.step.rule].event, f.row, arguments_of(f.step.args, f.row))
        for f in told
    ]


def _refusals(other: Course) -> Counter[str]:
    return Counter(_refused(step, why) for step, why in other.refused)


def _text(one: Outcome, two: Outcome, other: Course, lens: Lens) -> None:
    rows = _compared(one, two)
    table(("", "as it was", "what if"), [(r["what"], r["recorded"], r["other"]) for r in rows])
    answer()
    told = _steps(other, lens)
    for time, event, row, args in told[:SHOWN]:
        answer(f"  {time}  {event:<23} {row:<11} {args}".rstrip())
    if len(told) > SHOWN:
        answer(f"  and {len(told) - SHOWN} more; see --json")
    for text, times in _refusals(other).items():
        for line in wrapped(f"{text}{f' ({times} times)' if times > 1 else ''}", "  "):
            answer(line)


def _refused(step: Step, why: Refusal) -> str:
    args = ", ".join(f"{n}={shown(v)}" for n, v in step.args.items())
    guards = "; ".join(g.name for g in why.guards)
    return f"then refused: {step.rule}({args}): not so: {guards}"
