"""The ledger of a store's log, from the part of it that lossy mounts rest on.

What a mount left behind was written after a log that came over was closed, so that the reading
begins at a state that was kept before that; after the last lossy mount, only deliveries, duplicates
and counts matter. Where it is not plain that this is enough, all events are read. Sits above
`ledger` and `session`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from ccr_es.record.events import Event, Recorded
from cli.mail.ledger import LOSSY, Ledger
from cli.session.session import Session
from models.plain.layout import State

_WRITES = ("write_records", "save_items", "deliver_mail")
_LATER = (
    "deliver_mail", "deliver_post", "drop_duplicate", "drop_post_duplicate", "pass_mail_on",
    "pass_post_on", "count_loss",
)  # fmt: skip
"""Rules that tell what became of what was left behind."""
_TRIES = 4
"""Kept states that are tried, the newest before the first lossy mount first."""
_MANY = 200
"""Events of a copy that are looked at for the end of its stream."""


def ledger_of(session: Session) -> Ledger:
    """The ledger of a session's events, up to its point in time."""
    cluster, stop = session.cluster, session.fold.number
    book = Ledger(session.reader, session.reader.initial())
    mounts = [r.event for r in _of(session, LOSSY, 1, stop)]
    if not mounts:
        return book
    begin, last, state = _stretch(session, mounts)
    if begin:
        book.state = state
    book.take(cluster.events(begin + 1, last))
    left = {x.id for mount in book.mounts for x in book.left_behind(mount)}
    for recorded in _of(session, _LATER, last + 1, stop):
        event = recorded.event
        if event.step.args.get("m") in left or event.rule == "count_loss":
            _later(session, book, event)
        elif event.rule.startswith("drop_"):
            book.later(event.number, event.rule, event.step.args)
    return book


def _later(session: Session, book: Ledger, event: Event[object]) -> None:
    if event.rule.startswith("pass_"):
        book.state = dict(session.cluster.at(str(event.number - 1)).state)
    book.later(event.number, event.rule, event.step.args)


def _stretch(session: Session, mounts: Sequence[Event[object]]) -> tuple[int, int, State]:
    """The events that must be read: after the first number, in this state, up to the second."""
    stop = session.fold.number
    if any(not m.row.startswith("copy.") for m in mounts):
        return 0, stop, {}
    forks: list[tuple[str, int, int, str]] = []
    quiet = True
    for mount, fold in zip(mounts, session.cluster.folds_at(m.number for m in mounts), strict=True):
        _, node, group = mount.row.split(".", 2)
        other, state = f"copy.{session.lens.peer(node)}.{group}", fold.state
        parent, by = int(state[f"{mount.row}.parent"]), str(state[f"{mount.row}.parent_by"])
        forks.append((other, int(state[f"{mount.row}.fork"]), parent, by))
        quiet = quiet and _is_quiet(session, other, fold.versions.get(other, 0))
    begin, state = _begin(session, mounts[0].number, forks)
    return begin, mounts[-1].number if quiet else stop, state


def _begin(
    session: Session, first: int, forks: Iterable[tuple[str, int, int, str]]
) -> tuple[int, State]:
    """A kept state before the first mount, from which on everything that was left behind was
    written, and its event; 0 if none is known.
    """
    known = session.cluster.store.checkpoints(session.cluster.name)
    for number in sorted((n for n in known if n < first), reverse=True)[:_TRIES]:
        state = session.cluster.state(number)
        if all(
            (state[f"{row}.lineage"], state[f"{row}.lineage_by"]) != (parent, by)
            or int(state[f"{row}.top"]) < fork
            for row, fork, parent, by in forks
        ):
            return number, state
    return 0, {}


def _is_quiet(session: Session, row: str, version: int) -> bool:
    """Whether nothing more is written into the stream that a copy has."""
    last = session.fold.versions.get(row, 0)
    upto = min(last, version + _MANY)
    rules = session.reader.model.rules
    for recorded in session.cluster.of_row(row, version + 1, upto) if upto > version else ():
        rule = rules.get(recorded.event.rule)
        if rule is None or rule.name in _WRITES:
            return False
        if any(f.value[:2] == ("copy", "lineage") for f, _ in rule.effects):
            return True
    return upto == last


def _of(session: Session, rules: Iterable[str], first: int, last: int) -> Iterator[Recorded]:
    """The events of some rules, by whatever name a model of the log has for them."""
    store = session.cluster.store
    models = (store.book.codec(stamp).model for stamp in store.models())
    known = chain.from_iterable(model.rules.values() for model in models)
    names = {rule.event for rule in known if rule.name in set(rules)}
    return session.cluster.of_events(sorted(names), first, last)
