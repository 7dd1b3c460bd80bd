"""A partial record judged with progress, to be interrupted and resumed. Imports no z3."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ccr_es.audit.resuming import basis, note_from_bytes, note_to_bytes
from ccr_es.audit.stopping import Halted, wished
from ccr_es.errors_audit import NothingToResume
from ccr_es.partial.pausing import PausedPart
from ccr_es.partial.report import PartialReport
from cli.audit.long import LINE, SAVE_EVERY
from cli.audit.notes import kept, own_key, place_of, put
from cli.frame.errors import Interrupted
from cli.frame.progress import Counted
from models.language.model import Model

Judge = Callable[
    [PausedPart | None, Callable[[int, Callable[[], PausedPart]], None]], PartialReport
]
"""Judges from where it was put aside, and tells now and then how far it is."""


class LongPart:
    """One call about one record; `asked` is everything that was asked about it, in words."""

    def __init__(self, path: Path, asked: str, model: Model) -> None:
        self._name, self._model = f"{path.resolve()}: partial {asked}", model
        self._place = place_of(path, self._name)
        self._total = path.stat().st_size // LINE
        self._count = Counted("events judged", self._total)
        self._done, self._noted_at = 0, time.monotonic()
        self._stopping: Callable[[], bool] = lambda: False

    def report(self, judge: Judge, *, resume: bool) -> PartialReport:
        """The report. Raises `Interrupted`, what judging raises and, to resume, `NothingToResume`,
        `ProgressForged` or `ProgressStale`.
        """
        begun = self._begun() if resume else None
        if begun is not None:
            self._done = begun.place.lines
        try:
            with wished() as self._stopping:
                report = judge(begun, self._told)
        except Halted:
            saved = "the same command with --resume goes on from there"
            if kept(self._place) is None:
                saved = "nothing is kept of it"
            total = max(self._done, self._total)
            said = f"interrupted after {self._done:,} of about {total:,} events"
            raise Interrupted(f"{said}; {saved}") from None
        finally:
            self._count.clear()
        self._place.unlink(missing_ok=True)
        return report

    def _told(self, taken: int, note: Callable[[], PausedPart]) -> None:
        self._done += taken
        self._count.at(self._done)
        stopping = self._stopping()
        if stopping or time.monotonic() - self._noted_at >= SAVE_EVERY:
            self._noted_at = time.monotonic()
            with suppress(OSError):  # an audit that cannot be resumed is still an audit
                put(self._place, note_to_bytes(note(), self._rests_on, own_key()))
        if stopping:
            raise Halted

    @property
    def _rests_on(self) -> str:
        return basis(self._name, None, self._model)

    def _begun(self) -> PausedPart:
        data = kept(self._place)
        if data is None:
            raise NothingToResume(
                "no audit of this was interrupted here", "Audit it without --resume"
            )
        return note_from_bytes(PausedPart, str(self._place), data, self._rests_on, own_key())
