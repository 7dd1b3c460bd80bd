"""Long audits: by all processors, with progress and an estimate, to be interrupted and resumed.

How far one came is kept in `.ccr/audit` beside the store or the file, now and then and when it is
interrupted.
Imports no z3.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from ccr_es.audit.crew import Begun, Crew
from ccr_es.audit.pausing import Paused
from ccr_es.audit.report import AuditReport
from ccr_es.audit.resuming import (
    basis,
    check_kept,
    from_bytes,
    kept_so_far,
    note_from_bytes,
    note_to_bytes,
    resumed,
    to_bytes,
)
from ccr_es.audit.segments import Reached
from ccr_es.audit.working import LogAt
from ccr_es.errors_audit import NothingToResume
from ccr_es.store.store import Store
from cli.audit.notes import kept, own_key, place_of, put
from cli.frame.errors import Interrupted
from cli.frame.progress import Counted
from models.language.model import Model

WORTH = 20_000
"""Events from which on other processes are asked to help."""
SAVE_EVERY = 10.0
"""Seconds between two notes of how far it is."""
LINE = 600
"""Bytes of an event in a file, about."""


def events_in(log: LogAt) -> int:
    """How many events a log has, about. Raises what opening a store raises, or `OSError`."""
    if log.store:
        with Store.open(log.store) as store:
            return store.last_number(log.cluster)
    return sum(Path(file).stat().st_size // LINE for file in log.files)


class Long:
    """One call of a long audit."""

    def __init__(self, logs: Sequence[LogAt], model: Model, jobs: int, total: int) -> None:
        self.logs, self.model = logs, model
        self._total = total
        self._count = Counted("events judged", total)
        self._reached: dict[LogAt, Reached] = {}
        self._saved_at = time.monotonic()
        self._kept = {log: kept(_place(log)) for log in logs if not log.cut}
        """What is kept of logs that are judged whole, before this call."""
        self._crew = Crew(model, jobs, self._count.at, self._told, self._noted)

    def reports(self, *, resume: bool) -> list[AuditReport]:
        """The report on each log. Raises `Interrupted`, or what judging raises."""
        try:
            begun = self._begun() if resume else {}
            found = list(self._crew.judge(self.logs, begun))
        except KeyboardInterrupt:
            self._count.clear()
            saved = self._stopped()
            raise Interrupted(self._said(saved)) from None
        finally:
            self._count.clear()
            self._crew.close()
        for log in self.logs:
            _place(log).unlink(missing_ok=True)
        return found

    def _said(self, saved: bool) -> str:
        where = f"interrupted after {self._count.done:,} of about {self._total:,} events"
        if not saved:
            return f"{where}; nothing is kept of it"
        return f"{where}; the same command with --resume goes on from there"

    def _stopped(self) -> bool:
        """Have everything kept that can be; whether anything is."""
        with suppress(KeyboardInterrupt):  # whoever is in a hurry waits for nobody
            self._crew.stop()
        noted = any(kept(_place(log)) not in (None, before) for log, before in self._kept.items())
        return self._save() or noted

    def _noted(self, log: LogAt, note: Paused) -> None:
        """Note how far a log is that is judged whole: done by the process that judges it."""
        with suppress(OSError):  # an audit that cannot be resumed is still an audit
            put(_place(log), note_to_bytes(note, self._basis(log), own_key()))

    def _told(self, log: LogAt, reached: Reached) -> None:
        self._reached[log] = reached
        if time.monotonic() - self._saved_at >= SAVE_EVERY:
            self._save()

    def _save(self) -> bool:
        """Note how far it is; whether that could be done. A log that is done is one of them: it is
        judged again from its end.
        """
        self._saved_at = time.monotonic()
        done = [(log, at) for log, at in self._reached.items() if at.standing.kept]
        try:
            key = own_key()
            for log, reached in done:
                with Store.open(log.store) as store:
                    states = kept_so_far(store, log.cluster, reached.standing.number)
                put(_place(log), to_bytes(reached, self._basis(log), states, key))
        except OSError:
            return False  # an audit that cannot be resumed is still an audit
        return bool(done)

    def _basis(self, log: LogAt) -> str:
        return basis(_named(log), log.head, self.model)

    def _begun(self) -> Mapping[LogAt, Begun]:
        """Where to go on. Raises `NothingToResume`, `ProgressForged` or `ProgressStale`."""
        found: dict[LogAt, Begun] = {}
        for log in self.logs:
            place = _place(log)
            try:
                data, key = place.read_bytes(), own_key()
            except OSError:
                continue
            if not log.cut:
                found[log] = note_from_bytes(Paused, str(place), data, self._basis(log), key)
                continue
            progress, standing = from_bytes(str(place), data, self._basis(log), key)
            with Store.open(log.store) as store:
                states = kept_so_far(store, log.cluster, standing.number)
            check_kept(log.name, progress, states)
            found[log] = resumed(log.name, log.cluster, progress, standing)
        if not found:
            raise NothingToResume(
                "no audit of this was interrupted here", "Audit it without --resume"
            )
        return found


def _named(log: LogAt) -> str:
    if log.cut:
        return f"{Path(log.store).resolve()}: {log.cluster}"
    files = " + ".join(str(Path(file).resolve()) for file in log.files or (log.store,))
    return f"{files}: {log.cluster}{' going on' * log.keep_going}{' by one model' * log.by_given}"


def _place(log: LogAt) -> Path:
    """Where is kept how far the audit of a log came."""
    beside = Path(log.files[0] if log.files else log.store)
    return place_of(Path("here") if "://" in log.store else beside, _named(log))
