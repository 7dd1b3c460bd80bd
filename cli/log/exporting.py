"""What `ccr log export` does: the events, or a part of them, as lines of a file; and the two forms
that go out only, CSV and ITF.

Each line is made when it is written: a log may be larger than memory. Sits above `session`.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ccr_es.audit.parts import OUTSIDE, belongs_to
from ccr_es.cluster.cluster import Cluster
from ccr_es.errors import FileUnreadable
from ccr_es.partial.declared import NOT_LOGGED, PARTIES
from ccr_es.record.events import CREATED, OF_THE_CLUSTER, Event, Recorded
from ccr_es.record.interchange import export
from ccr_es.state.fold import Fold
from ccr_es.state.points import date_of
from ccr_es.store.store import Store
from cli.frame.base import settings
from cli.frame.errors import FileExists, StatesNotAlike
from cli.frame.output import say
from cli.session import events
from cli.session.session import Session
from cli.session.subject import subject
from specs.rendering.itf import Outline

EVENTS, CSV, ITF = "cloudevents", "csv", "itf"
FORMS = (EVENTS, CSV, ITF)
COLUMNS = (
    "number", "time", "date", "event", "row", "rule", "rule_number", "args", "actor", "reason",
    "caused_by", "model", "hash",
)  # fmt: skip
_AROUND = {CSV: 1, ITF: 2}
"""Lines that are no event."""
Belongs = Callable[[Event[Any]], bool]


@dataclass(frozen=True)
class Part:
    """Which part of a log is meant: a node's, what no node recorded, or all but some kinds."""

    node: str | None = None
    outside: bool = False
    without: tuple[str, ...] = ()

    def name(self, session: Session) -> str:
        """What the part is called; empty for the whole. Raises `UnknownMember`, `UnknownRule`."""
        if self.node:
            return session.member("Node", self.node)
        return OUTSIDE if self.outside else "without " + ", ".join(self._kinds(session))

    def _kinds(self, session: Session) -> list[str]:
        names = [name.strip() for text in self.without for name in text.split(",")]
        return sorted(session.cluster.rule(name).event for name in names)

    def declares(self, session: Session) -> dict[str, str]:
        """What the part says of itself, for `ccr audit --partial`."""
        if self.without:
            return {NOT_LOGGED: ",".join(self._kinds(session))}
        return {PARTIES: self.name(session)}

    def belongs(self, session: Session) -> Callable[[Event[Any]], bool]:
        """Whether an event is in it."""
        if not self.without:
            book = session.cluster.store.book
            return belongs_to(self.name(session), lambda stamp: book.codec(stamp).model)
        left_out = set(self._kinds(session))
        return lambda event: event.event not in left_out


def export_log(path: Path, part: Part, form: str, force: bool) -> None:
    """`ccr log export`. Raises `StatesNotAlike` and what reading a store raises."""
    chosen = settings()
    with Store.open(chosen.store) as store:
        name = store.chosen(chosen.cluster)
        said, belongs, session = "", None, None
        if part != Part():
            session = Session(Cluster.open(store, name, subject().model))
            said, belongs = part.name(session), part.belongs(session)
        if form == CSV:
            lines = as_csv(store, name, belongs)
        elif form == ITF:
            lines = as_itf(store, name)
        else:
            declares = part.declares(session) if session else None
            lines = export(store, name, said, belongs, declares)
        if str(path) == "-":
            count = sum(sys.stdout.write(line.decode()) > 0 for line in lines)
        else:
            count = write_lines(path, lines, force)
    count -= _AROUND.get(form, 0)
    say(f"{count} events of cluster {name} exported{f' ({said})' if said else ''}")


def write_lines(path: Path, lines: Iterable[bytes], force: bool) -> int:
    """Write lines to a file; how many.

    Beside the place first, so that a file is there whole or not at all."""
    if path.exists() and not force:
        raise FileExists(f"{path} exists", "Name another file, or add --force")
    fresh = path.with_name(f".{path.name}.part")
    try:
        with fresh.open("wb") as file:
            count = sum(file.write(line) > 0 for line in lines)
        fresh.replace(path)
    except OSError as error:
        raise FileUnreadable(
            f"{path}: {error.strerror}", "Name a file that may be written"
        ) from None
    finally:
        fresh.unlink(missing_ok=True)
    return count


def _read(store: Store, cluster: str, belongs: Belongs | None = None) -> Iterator[Recorded]:
    """The events of a log; of a part, only those that it has."""
    for stored in store.read(cluster, 1, store.head(cluster).number):
        event = store.book.read(stored.topic, stored.state, f"event {stored.number}")
        if belongs is None or event.event in OF_THE_CLUSTER or belongs(event):
            yield Recorded(event, stored.state, stored.hash)


def as_csv(store: Store, cluster: str, belongs: Belongs | None = None) -> Iterator[bytes]:
    """The events as CSV, a header first: `time` in ms, `args` as a JSON object."""
    yield _row(COLUMNS)
    starts = ""
    for recorded in _read(store, cluster, belongs):
        event = recorded.event
        starts = event.args.starts if event.event == CREATED else starts
        body = events.as_json(recorded)
        body["args"] = json.dumps(body["args"], ensure_ascii=False, separators=(",", ":"))
        body["date"], body["model"] = date_of(starts, event.time), event.model
        yield _row("" if body[name] is None else body[name] for name in COLUMNS)


def _row(cells: Iterable[object]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue().encode()


def as_itf(store: Store, cluster: str) -> Iterator[bytes]:
    """The log as one trace in the Informal Trace Format, a line for each state: what the first
    event made, then the state after every other one. Raises `StatesNotAlike`.
    """
    fold, outline = Fold(store.book), None
    for recorded in _read(store, cluster):
        event = recorded.event
        fold.apply(recorded)
        if outline is None:
            about = f"the log of cluster {cluster}, {store.head(cluster).number} events"
            outline = Outline(fold.reader, about)
            yield outline.head()
        if tuple(fold.reader.model.schema.records) != outline.records:
            raise StatesNotAlike(
                f"event {event.number} goes on under a model with other records than before",
                "Export it as CSV, or as CloudEvents",
            )
        args = {} if event.event in OF_THE_CLUSTER else event.step.args
        rule = event.rule if event.event not in OF_THE_CLUSTER or event.number > 1 else "init"
        meta = {"event": event.number, "name": event.event, "time": event.time}
        yield outline.state(fold.reader, fold.state, rule, args, meta)
    yield outline.end() if outline is not None else b""
