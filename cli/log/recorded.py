"""What `ccr log` does: events listed and shown with their effects, the chain checked, files written
and read.

Sits above `session` and `events`.
"""

from __future__ import annotations

import difflib
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from ccr_es.audit.sources import StoreSource
from ccr_es.errors import CcrError, FileUnreadable
from ccr_es.record.chain import problems
from ccr_es.record.events import CLUSTER_ROW, OF_THE_CLUSTER, Recorded
from ccr_es.record.interchange import import_log
from ccr_es.state import keeping
from ccr_es.state.fold import Fold
from ccr_es.state.points import date_of
from ccr_es.state.views import diff
from ccr_es.store.store import Store
from cli.frame.base import settings
from cli.frame.errors import UnknownMember
from cli.frame.output import answer, clock, document, strong
from cli.session import events
from cli.session.refusals import shown
from cli.session.session import Session, reading
from cli.session.upto import source_upto
from models.language.misuse import ModelError


def list_events(
    names: Sequence[str],
    row: str | None,
    start: str | None,
    last: int | None,
    as_of: str | None,
    as_json: bool,
) -> None:
    """`ccr log list`."""
    with reading(as_of) as session:
        _known(session, names, row)
        first = session.cluster.number(start) if start else 1
        found: Iterable[Recorded] = _wanted(session, first, names, row)
        found = deque(found, maxlen=last) if last else found
        if as_json:
            body = [events.as_json(r) for r in found]
            document("log", {"cluster": session.cluster.name, "events": body})
            return
        answer(events.heading())
        for recorded in found:
            answer(events.line(recorded.event, session.reader.model))


def _known(session: Session, names: Sequence[str], row: str | None) -> None:
    """Refuse an event or aggregate that there cannot be. Raises `UnknownRule`, `UnknownMember`."""
    for name in names:
        if name not in OF_THE_CLUSTER:
            session.cluster.rule(name)
    rows = [CLUSTER_ROW, *dict.fromkeys(session.reader.layout.rows.values())]
    if row is not None and row not in rows:
        near = difflib.get_close_matches(row, rows, 3)
        raise UnknownMember(
            f"there is no aggregate {row}", f"Nearest: {', '.join(near) or rows[0]}"
        )


def _wanted(
    session: Session, first: int, names: Sequence[str], row: str | None
) -> Iterator[Recorded]:
    for recorded in session.cluster.events(first, session.fold.number):
        event = recorded.event
        if (not names or event.event in names) and row in (None, event.row):
            yield recorded


def show_event(point: str, as_of: str | None, as_json: bool) -> None:
    """`ccr log show`."""
    with reading(as_of) as session:
        number = session.cluster.number(point)
        recorded = session.event(number)
        before = session.cluster.state(number - 1) if number > 1 else {}
        changed = diff(before, session.cluster.state(number)) if before else []
        later = [
            r.event
            for r in session.cluster.events(number + 1, session.fold.number)
            if r.event.caused_by == number
        ]
        starts = session.created.starts
    body = events.as_json(recorded)
    body["changes"] = [{"key": d.key, "before": d.before, "after": d.after} for d in changed]
    body["followed_by"] = [e.number for e in later]
    body["previous"] = recorded.event.previous
    body["date"] = date_of(starts, recorded.event.time)
    if as_json:
        document("event", body)
    else:
        _print_event(body)


def _print_event(body: dict[str, Any]) -> None:
    rule = f"R{body['rule_number']:03d} {body['rule']}" if body["rule_number"] else body["rule"]
    args = ", ".join(f"{k}={_brief(v)}" for k, v in body["args"].items())
    answer(strong(f"Event {body['number']}  {body['event']}"))
    answer(f"  when     {clock(body['time'])}  ({body['date']})")
    answer(f"  where    {body['row']}")
    answer(f"  rule     {rule}({args})" if len(args) < 60 else f"  rule     {rule}")
    answer(f"  by       {body['actor']}" + (f': "{body["reason"]}"' if body["reason"] else ""))
    if body["caused_by"]:
        answer(f"  after    event {body['caused_by']}")
    if body["followed_by"]:
        answer(f"  led to   {', '.join(map(str, body['followed_by']))}")
    answer(f"  hash     {body['hash']}")
    answer(f"  previous {body['previous']}")
    for change in body["changes"]:
        answer(f"  {change['key']}: {_brief(change['before'])} -> {_brief(change['after'])}")


def _brief(value: Any) -> str:
    return shown(value) if isinstance(value, (bool, int, str)) else str(value)


def check_log(as_of: str | None, as_json: bool) -> None:
    """`ccr log check`: number, link, hash, aggregate and head of every event. Exit 1 if one does
    not fit.
    """
    chosen = settings()
    found: list[dict[str, Any]] = []
    with Store.open(chosen.store) as store:
        source = source_upto(store, store.chosen(chosen.cluster), as_of)
        fold = Fold(source.book)
        try:
            found += [{"event": n, "text": text} for n, text in _misfits(source, fold)]
        except (CcrError, ModelError) as error:
            found.append({"event": fold.number + 1, "text": str(error)})
    if as_json:
        body = {"cluster": source.cluster, "events": fold.number, "head": fold.hash}
        document("log.check", {**body, "problems": found})
    elif found:
        for problem in found:
            answer(f"event {problem['event']}: {problem['text']}")
    else:
        answer(f"{fold.number} events, one chain, head {fold.hash}")
    if found:
        raise click.exceptions.Exit(1)


def _misfits(source: StoreSource, fold: Fold) -> Iterator[tuple[int, str]]:
    for item in source.items():
        event = item.recorded.event
        if fold.number and event.model != fold.model:
            fold.under(event.model)
        reader = fold.reader if fold.number else None
        for problem in problems(fold, item.recorded, item.topic, reader):
            yield event.number, problem.text
        for text in item.beside:
            yield event.number, text
        fold.apply(item.recorded)
        kept = source.kept(fold.number)
        if kept is not None and not keeping.same(fold, kept):
            yield fold.number, "the state that is kept after it is not what folding gives"
    for text in source.end(fold):
        yield fold.number, text


def import_file(path: Path, as_json: bool) -> None:
    """`ccr log import`: an exported log, or a run."""
    from cli.verify.runfile import import_run, is_run

    try:
        run = is_run(path)
        if run:
            name, number = import_run(path)
        else:
            with path.open("rb") as file, Store.create(settings().store) as store:
                name, head = import_log(store, file)
                number = head.number
    except OSError as error:
        raise FileUnreadable(f"{path}: {error.strerror}", "Name a file that can be read") from None
    if as_json:
        document("import", {"cluster": name, "events": number})
    else:
        answer(f"{'run' if run else 'log'} imported as cluster {name}, {number} events")
