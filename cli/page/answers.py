"""The page of a question about a cluster's own record: the answer, and the record around it."""

from __future__ import annotations

from collections.abc import Callable

from cli import __version__
from cli.frame.base import settings
from cli.page.findings import Links
from cli.page.frame import TOLD, Chapter, Part, page
from cli.page.ledger import history
from cli.page.matter import KEPT, Matter
from cli.page.plots import Scale, serving
from cli.page.queues import queues
from cli.page.timeline import timeline
from cli.page.words import code, count, esc, facts
from cli.page.writing import command, put, wanted
from cli.session.session import Session, reading


def answer_page(
    kind: str, as_of: str | None, answered: Callable[[Links], Chapter] | None = None
) -> None:
    """Write the page that `--html` asks for: the record up to a point, as `kind` (History, Service,
    Loss, Causes) tells it; `answered` makes the chapter of an answer that is not in the record.
    Raises `PageInTheWay`, `FileUnreadable`, and what `reading` raises.
    """
    files = wanted()
    with reading(as_of) as session:
        matter = _gathered(session, frozenset())
        near = matter.missing(())
        matter = _gathered(session, near) if near else matter
        name = session.cluster.name
    links = Links("", {m.event.number for m in matter.moments}, ())
    chapters = [answered(links)] if answered is not None else []
    chapters.append(_source(name, matter))
    if matter.parties is not None:
        chapters += _told(kind, matter, links)
    lead = (
        f"What {count(matter.events, 'event')} say. They were read, not judged: <code>ccr audit"
        "</code> judges them."
    )
    put(files, page(kind, kind, [Part(TOLD, lead, f"cluster {name}", chapters, kind)]))


def _gathered(session: Session, around: frozenset[int]) -> Matter:
    matter = Matter(session.cluster.store.book, KEPT, around)
    for recorded in session.cluster.events(1, session.fold.number):
        matter.take(recorded)
    return matter


def _told(kind: str, matter: Matter, links: Links) -> list[Chapter]:
    """The record itself."""
    scale = Scale((m.event.time for m in matter.moments), matter.fold.time)
    told = history(matter, "", links)
    served = serving(matter, "", links, scale)
    return [
        *((served, told) if kind == "Service" else (told, served)),
        queues(matter, "", scale),
        timeline(matter, "", links, frozenset()),
    ]


def _source(name: str, matter: Matter) -> Chapter:
    found = [
        ("Store", code(settings().store.rpartition("@")[2])),
        ("Cluster", esc(name)),
        ("Head", f"event {matter.fold.number} {code(matter.fold.hash)}"),
        ("Rules of the newest event", code(matter.fold.written)),
        ("Program", f"ccr {esc(__version__)}"),
        ("To do it again", code(command())),
    ]
    if matter.stopped:
        found.append(("Not shown", esc(matter.stopped)))
    return Chapter("provenance", "Where it comes from", facts(found))
