"""What `ccr replay` and `ccr diff` do. Sits above `session`."""

from __future__ import annotations

from typing import Any

from ccr_es.state.fold import Fold
from ccr_es.state.views import diff
from cli.frame.output import answer, clock, document, table
from cli.frame.rows import csv_rows
from cli.session.refusals import shown
from cli.session.session import Session, reading
from cli.verify.asfiles import tell_page


def replay_to(point: str | None, everything: bool, as_json: bool) -> None:
    """Fold from event 1, without the kept states, to a point."""
    with reading() as session:
        number = session.cluster.number(point) if point else session.fold.number
        fold = Fold(session.cluster.store.book)
        for recorded in session.cluster.events(1, number):
            fold.apply(recorded)
        initial = fold.reader.layout.initial
    state = {k: v for k, v in fold.state.items() if everything or initial.get(k) != v}
    if as_json:
        document("state", {"event": number, "time": fold.time, "hash": fold.hash, "state": state})
        return
    answer(f"event {number}, {clock(fold.time)}, {fold.hash}")
    table(
        ("key", "value", "set by"),
        [(k, shown(v), fold.set_by.get(k, "")) for k, v in state.items()],
    )


def diff_between(
    before: str, after: str | None, as_of: str | None, as_json: bool, as_csv: bool
) -> None:
    """The keys with different values at two points; none is later than `as_of`."""
    with reading(as_of) as session:
        old, new = _at(session, before), _at(session, after) if after else session.fold
        a, b = old.number, new.number
        found = diff(old.state, new.state)
        names = {d.key: _setter(session, new, d.key) for d in found}
    rows = [
        {"key": d.key, "before": d.before, "after": d.after, "set_by": new.set_by.get(d.key)}
        for d in found
    ]
    tell_page("Difference", as_of, lambda links: _chapter(rows, a, b, links))
    if as_json:
        document("diff", {"from": a, "to": b, "differences": rows})
    elif as_csv:
        csv_rows(("key", "before", "after", "set_by"), rows)
    else:
        table(
            ("key", f"at {a}", f"at {b}", "set by"),
            [(d.key, _side(d.before), _side(d.after), names[d.key]) for d in found],
        )


def _at(session: Session, point: str) -> Fold:
    number = min(session.cluster.number(point), session.fold.number)
    return session.cluster.at(str(number))


def _chapter(rows: list[dict[str, Any]], a: int, b: int, links: Any) -> Any:
    from cli.page.questions import differences

    return differences(rows, a, b, links)


def _setter(session: Session, fold: Fold, key: str) -> str:
    number = fold.set_by.get(key)
    return f"{number} {session.event(number).event.event}" if number else ""


def _side(value: object) -> str:
    return shown(value) if isinstance(value, (bool, int, str)) else "-"
