"""What `ccr why` does: an event, back to what began it. Sits above `passages`."""

from __future__ import annotations

import re
from typing import Any

from ccr_es.errors import PointNotFound
from ccr_es.questions.causes import Because, Cause, chain
from cli.explain.wording import wrapped
from cli.frame.output import answer, clock, document, faint, strong
from cli.frame.rows import csv_rows
from cli.history.looking import chronicle
from cli.history.passages import passages
from cli.session.refusals import shown
from cli.session.session import Session, reading
from cli.verify.asfiles import tell_page

COLUMNS = ("event", "name", "row", "time", "actor", "reason", "guard", "fact", "value", "set_by")
_PASSAGE = re.compile(r"(failover|move|passage)(?:~(\d{1,9}))?\Z", re.IGNORECASE)
FACTS_SHOWN = 3


def tell_why(what: str, full: bool, as_of: str | None, as_json: bool, as_csv: bool) -> None:
    """`ccr why`."""
    with reading(as_of) as session:
        number = _number(session, what)
        found = chain(session.cluster.events, session.cluster.folds_at, number)
        numbers = sorted({f.set_by for c in found for b in c.because for f in b.facts if f.set_by})
        names = {n: session.event(n).event.event for n in numbers}
    tell_page("Causes", as_of, lambda links: _chapter(found, links))
    if as_json:
        document("why", {"event": number, "steps": [_json(c) for c in found]})
    elif as_csv:
        csv_rows(COLUMNS, (row for c in found for row in _rows(c)))
    else:
        _text(found, full, names)


def _chapter(found: list[Cause], links: Any) -> Any:
    from cli.page.questions import causes

    return causes(found, links)


def _number(session: Session, what: str) -> int:
    """The event that a question is about: of a passage, where it ended; else a point's."""
    named = _PASSAGE.match(what)
    if named is None:
        return min(session.cluster.number(what), session.fold.number)
    kind, back = named.group(1).lower(), int(named.group(2) or 1)
    found = passages(chronicle(session), session.lens.nodes)
    fits = [p for p in found if kind == "passage" or kind in p.kind]
    if not 1 <= back <= len(fits):
        count = len(fits) or "no"
        raise PointNotFound(
            f"cluster {session.cluster.name} had {count} {kind}{'s' if count != 1 else ''}",
            "See `ccr history`",
        )
    return fits[-back].ended


def _text(found: list[Cause], full: bool, names: dict[int, str]) -> None:
    for i, cause in enumerate(found):
        event = cause.event
        head = "it began with" if i == 0 else "so"
        label = f"R{event.rule_number:03d}" if event.rule_number else "no rule"
        reason = f': "{event.reason}"' if event.reason else ""
        answer(
            strong(f"{clock(event.time)}  {head} event {event.number} {event.event}")
            + f" on {event.row}"
        )
        answer(faint(f"  {label} {event.rule}, by {event.actor}{reason}"))
        if i == 0 and not full:
            continue
        told = [b for b in cause.because if full or b.decisive] or list(cause.because)
        for because in told:
            _because(because, names, full)


def _because(because: Because, names: dict[int, str], full: bool) -> None:
    for line in wrapped(f"because {because.guard}", "  "):
        answer(line)
    facts = sorted(because.facts, key=lambda f: -(f.set_by or 0))
    for fact in facts if full else facts[:FACTS_SHOWN]:
        by = f"; set by event {fact.set_by} {names[fact.set_by]}" if fact.set_by else ""
        answer(f"      {fact.key} = {shown(fact.value)}{by}")


def _json(cause: Cause) -> dict[str, Any]:
    event = cause.event
    return {
        "event": event.number,
        "name": event.event,
        "row": event.row,
        "time": event.time,
        "rule": event.rule,
        "actor": event.actor,
        "reason": event.reason,
        "caused_by": event.caused_by,
        "because": [
            {
                "guard": b.guard,
                "text": b.text,
                "decisive": b.decisive,
                "facts": [{"key": f.key, "value": f.value, "set_by": f.set_by} for f in b.facts],
            }
            for b in cause.because
        ],
    }


def _rows(cause: Cause) -> list[dict[str, Any]]:
    event = cause.event
    head = {
        "event": event.number, "name": event.event, "row": event.row, "time": event.time,
        "actor": event.actor, "reason": event.reason,
    }  # fmt: skip
    rows = [
        {**head, "guard": b.guard, "fact": f.key, "value": f.value, "set_by": f.set_by}
        for b in cause.because
        for f in b.facts
    ]
    return rows or [head]
