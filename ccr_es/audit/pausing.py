"""An audit that is judged whole, put aside between two events, and gone on with later.

A file keeps no states, so what is put aside holds the state itself, with all that was found so far,
how far each file was read, and a hash over the bytes up to there. Whoever goes on reads these bytes
again and compares the hash; only rules and properties are not asked a second time. Who may write
such a note, and what it rests on, is a matter of `resuming`. Sits above `keep_going` and `parts`;
imports no command line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress

from models.language.misuse import ModelError

from ..errors import CcrError
from ..record.events import BRINGS_MODEL
from ..record.following import Lines, Note, Place
from ..record.interchange import Line, line_of
from ..state import keeping
from .audit import Auditing
from .keep_going import GoingOn
from .parts import PartsSource, Point
from .report import AuditReport
from .sources import FileSource, Item, Source


class Paused(Note, frozen=True, kw_only=True):
    """An audit put aside after event `number`."""

    number: int
    hash: str
    fold: bytes
    written: str
    time: int
    wording: str
    published: str | None
    report: AuditReport
    doubt: list[str]
    uncounted: list[str]
    places: list[Place]
    merged: Point | None


class Followed(FileSource):
    """A file of events of which it is known how far it was read."""

    def __init__(self, name: str, raw: Iterable[bytes]) -> None:
        self.lines = Lines(raw)
        self._brought: list[int] = []
        super().__init__(name, self.lines)

    def _item(self, line: Line) -> Item:
        item = super()._item(line)
        if item.recorded.event.event in BRINGS_MODEL:
            self._brought.append(line.number)
        return item

    def place(self, *, but_last: bool = False) -> Place:
        """How far it was read, or how far before the newest line."""
        return self.lines.place(self._brought, but_last=but_last)

    def go_to(self, place: Place) -> None:
        """Read on after a place, once what stands before it is what stood there. Raises
        `ProgressStale`.
        """
        self.lines.go_to(place, self.name, self._mind)
        self.first = place.lines + 1

    def _mind(self, number: int, text: bytes) -> None:
        with suppress(CcrError, ModelError):  # it was found when it was judged
            self._item(line_of(number, text))


def paused(auditing: Auditing) -> Paused | None:
    """What has to be kept of an audit; None if nothing was judged that it could go on from."""
    fold = auditing.fold
    if auditing.judge is None or not fold.number:
        return None
    going_on = auditing if isinstance(auditing, GoingOn) else None
    places, merged = _places(auditing.source)
    return Paused(
        number=fold.number,
        hash=fold.hash,
        fold=keeping.content(fold),
        written=fold.written,
        time=auditing.time,
        wording=auditing.wording,
        published=auditing.published,
        report=auditing.report,
        doubt=sorted(going_on.doubt) if going_on else [],
        uncounted=sorted(going_on.uncounted) if going_on else [],
        places=places,
        merged=merged,
    )


def go_on(auditing: Auditing, note: Paused, model_data: Callable[[str], bytes | None]) -> None:
    """Put an audit where another one was put aside; `model_data` finds the data of a model by its
    hash. Raises `ProgressStale` if the files are not those of then.
    """
    _go_to(auditing.source, note)
    fold = keeping.from_content(auditing.source.book, note.number, note.hash, note.fold)
    fold.written = note.written
    auditing.go_on(fold, note.time, model_data(note.wording) if note.wording else None)
    auditing.report, auditing.published = note.report, note.published
    if isinstance(auditing, GoingOn):
        auditing.doubt, auditing.uncounted = set(note.doubt), set(note.uncounted)


def model_in(source: Source) -> Callable[[str], bytes | None]:
    """What finds the data of a model in the files of a source."""
    files = _files(source)
    return lambda wording: next((d for f in files if (d := f.reading.brought_in(wording))), None)


def _files(source: Source) -> list[Followed]:
    found = source.parts if isinstance(source, PartsSource) else [source]
    return [file for file in found if isinstance(file, Followed)]


def _places(source: Source) -> tuple[list[Place], Point | None]:
    files = _files(source)
    if not isinstance(source, PartsSource):
        return [file.place() for file in files], None
    point = source.point()
    ended = point.ended
    return [f.place(but_last=not e) for f, e in zip(files, ended, strict=True)], point


def _go_to(source: Source, note: Paused) -> None:
    files = _files(source)
    for file, place in zip(files, note.places, strict=True):
        file.go_to(place)
    if isinstance(source, PartsSource) and note.merged is not None:
        source.go_to(note.merged)
