"""What `ccr who` does: spans of service (or of control), overlaps, gaps. Sits above `session`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import click

from ccr_es.questions.watching import Change, Condition, Span, Watch, gaps, overlaps
from ccr_es.state.slicing import fields_of
from cli.frame.output import answer, clock, document, duration, table, tint
from cli.frame.rows import csv_rows
from cli.session.session import Session, reading
from cli.session.views import Lens
from models.ccr import phrases
from models.ccr.vocabulary import Node
from models.language.terms import Term, all_of
from models.plain.agenda import CLOCK
from models.plain.layout import State

COLUMNS = ("node", "from", "until", "ms", "from_event", "until_event", "ended_by")
_NODE = Term("arg", Node, value="n")


def _controlling(s: Any, n: Term) -> Term:
    return all_of(phrases.controls(s, n), phrases.alive(s, n), phrases.leased(s, n))


CONDITIONS: dict[str, Callable[[Any, Term], Term]] = {
    "serving": phrases.serving,
    "controlling": _controlling,
}


def conditions(lens: Lens, what: str = "serving") -> dict[str, Condition]:
    """For each node, whether it served (or controlled)."""
    term = CONDITIONS[what](lens.model.state, _NODE)
    return {n: Condition(term, lens.layout, {"n": n}) for n in lens.nodes}


def spans_of(session: Session, what: str = "serving") -> list[Span]:
    """The spans of the record up to the state that is looked at, from the events on which it
    depends.
    """
    found = conditions(session.lens, what)
    wanted = fields_of(CONDITIONS[what](session.lens.model.state, _NODE))
    store, name = session.cluster.store, session.cluster.name
    watch: Watch | None = None
    before: State = {}

    def event_at(moment: int) -> int:
        return store.number_at(name, moment - 1) + 1

    for recorded, state in session.cluster.sliced(wanted, session.fold.number):
        event = recorded.event
        if watch is None:
            watch = Watch(found, state, event.number)
        else:
            watch.pass_time(before, event.time, event_at)
            watch.step({**before, CLOCK: event.time}, state, event.number, event.event)
        before = dict(state)
    if watch is None:
        return []
    watch.pass_time(before, session.fold.time, event_at)
    return watch.end()


def tell_who(what: str, as_of: str | None, as_json: bool, as_csv: bool) -> None:
    """`ccr who`. Exit 1 if two nodes served at once."""
    with reading(as_of) as session:
        spans = spans_of(session, what)
        end, number = session.fold.time, session.fold.number
        name = session.cluster.name
    both = list(overlaps(spans))
    none = list(gaps(spans, end))
    if as_json:
        body = {
            "cluster": name, "event": number, "time": end, "what": what,
            "spans": [_row(s, end) for s in spans],
            "overlaps": [overlap_of(a, b, end) for a, b in both],
            "gaps": [_gap(a, b, end) for a, b in none],
        }  # fmt: skip
        document("who", body)
    elif as_csv:
        csv_rows(COLUMNS, (_row(s, end) for s in spans))
    else:
        _text(what, spans, both, none, end)
    if both:
        raise click.exceptions.Exit(1)


def _text(
    what: str,
    spans: Iterable[Span],
    both: list[tuple[Span, Span]],
    none: list[tuple[Change | None, Change | None]],
    end: int,
) -> None:
    table(
        ("node", "from", "until", "for", "began with", "ended with"),
        [
            (
                s.name,
                clock(s.since.time),
                "now" if s.until is None else clock(s.until.time),
                duration((end if s.until is None else s.until.time) - s.since.time),
                by(s.since),
                "" if s.until is None else by(s.until),
            )
            for s in spans
        ],
    )
    for a, b in none:
        answer(gap_words(a, b, end, what))
    for one, other in both:
        answer(f"{tint('violated')}: {overlap_words(one, other, end, what)}")
    if not both:
        answer(f"never two {what} at once")


def gap_words(before: Change | None, after: Change | None, end: int, what: str = "serving") -> str:
    """`nobody was serving from ... to ...`."""
    found = _gap(before, after, end)
    until = clock(found["until"]) if after is not None else "now"
    return f"nobody was {what} from {clock(found['from'])} to {until}, {duration(found['ms'])}"


def overlap_words(one: Span, other: Span, end: int, what: str = "serving") -> str:
    """`B and A were both serving from ... to ...`."""
    found = overlap_of(one, other, end)
    said = f"{one.name} and {other.name} were both {what}"
    return f"{said} from {clock(found['from'])} to {clock(found['until'])}"


def by(change: Change) -> str:
    """`46 NodeFailed`, or that time passed."""
    return f"{change.number} {change.event}" if change.event else "time passed"


def _row(span: Span, end: int) -> dict[str, Any]:
    until = span.until
    return {
        "node": span.name,
        "from": span.since.time,
        "until": None if until is None else until.time,
        "ms": (end if until is None else until.time) - span.since.time,
        "from_event": span.since.number,
        "until_event": None if until is None else until.number,
        "ended_by": "" if until is None else until.event or "time",
    }


def overlap_of(one: Span, other: Span, end: int) -> dict[str, Any]:
    """The stretch in which two spans both held."""
    ends = [s.until.time for s in (one, other) if s.until is not None]
    since, until = max(one.since.time, other.since.time), min(ends, default=end)
    return {"nodes": [one.name, other.name], "from": since, "until": until, "ms": until - since}


def _gap(before: Change | None, after: Change | None, end: int) -> dict[str, Any]:
    since = 0 if before is None else before.time
    until = end if after is None else after.time
    return {"from": since, "until": until, "ms": until - since, "open": after is None}
