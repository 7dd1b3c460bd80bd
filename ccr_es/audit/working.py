"""What a process does that judges logs: a segment of one, the links of one, or a whole log.

One that is judged whole says now and then how far it is (`noted`), and stops between two events
when it is asked to, so that it can be gone on with. What is open is kept open for the next question
about the same log. Sits above `pausing` and `segments`; must not import `crew`, which asks.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.language.model import Model

from ..store.store import Store
from .audit import Auditing, AuditReport
from .keep_going import GoingOn
from .parts import PartsSource
from .pausing import Followed, Paused, go_on, model_in, paused
from .resuming import check_links
from .segments import Desk, Judged, Reached, Segment, Standing
from .sources import Source, StoreSource
from .stopping import Halted, wished

ALONE = 5.0
"""Seconds between two looks of a worker at whether whoever started it is still there."""
NOTE_EVERY = 10.0
"""Seconds between two notes of how far a log that is judged whole is."""


@dataclass(frozen=True)
class LogAt:
    """Where a log is, for a process that opens it anew: a cluster of a store, a file, or files that
    are parts of one log. `head` is what it must come by.
    """

    name: str
    store: str = ""
    cluster: str = ""
    files: tuple[str, ...] = ()
    head: str | None = None
    keep_going: bool = False
    by_given: bool = False

    @property
    def cut(self) -> bool:
        """Whether it is judged in segments, if it is long; else as a whole, event after event."""
        return bool(self.store) and not self.keep_going and not self.by_given

    def opened(self, stack: ExitStack, start: int = 0) -> Source:
        """The log as a source, closed by `stack`; of a store, the events after number `start`.
        Raises what opening a store raises, or `OSError`.
        """
        if self.store:
            return StoreSource(stack.enter_context(Store.open(self.store)), self.cluster, start)
        parts = []
        for file in map(Path, self.files):
            raw = stack.enter_context(file.open("rb"))
            parts.append(Followed(str(file), raw))
        return parts[0] if len(parts) == 1 else PartsSource(parts)


Watch = Callable[[int], None]
Noted = Callable[[LogAt, Paused], None]


class _Here:
    """What a worker has open: the log that it was asked about last."""

    def __init__(self) -> None:
        self.model: Model | None = None
        self.tick: Watch = lambda events: None
        self.last: Auditing | None = None
        """The audit of the log before, from which the next one may borrow."""
        self.noted: Noted = lambda log, note: None
        self.stopping: Callable[[], bool] = lambda: False
        self._log: LogAt | None = None
        self._desk: Desk | None = None
        self._stack = ExitStack()

    def desk(self, log: LogAt) -> Desk:
        """The desk for a log of a store. Raises what opening a store raises."""
        if self._desk is None or log != self._log:
            self.close()
            store = self._stack.enter_context(Store.open(log.store))
            self._desk = Desk(store, log.cluster, self.model, log.head, self.tick)
            self._log = log
        return self._desk

    def close(self) -> None:
        """Close what is open."""
        self._stack.close()
        self._desk = self._log = None


_AT = _Here()


def begin(model: Model | None, count: Any, noted: Noted) -> None:
    """A worker begins. An interrupt is for whoever started it; without that one it ends.

    `count` is shared: the events that were judged, and after them whether to stop.
    """
    parent = os.getppid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, lambda *_: None if os.getppid() == parent else os._exit(1))
    signal.setitimer(signal.ITIMER_REAL, ALONE, ALONE)

    def tick(events: int) -> None:
        with count.get_lock():
            count[0] += events

    begin_here(model, tick, noted)
    _AT.stopping = lambda: bool(count[1])


def begin_here(model: Model | None, tick: Watch, noted: Noted) -> None:
    """This process itself is to judge."""
    end()
    _AT.model, _AT.tick, _AT.noted, _AT.stopping = model, tick, noted, lambda: False


def end() -> None:
    """Close what is open, and forget what was compiled."""
    _AT.close()
    _AT.last = None


def segment_of(log: LogAt, segment: Segment) -> Judged | None:
    """As `Desk.judged`."""
    return _AT.desk(log).judged(segment)


def links_of(log: LogAt, segment: Segment) -> tuple[str, str] | None:
    """As `Desk.followed`."""
    return _AT.desk(log).followed(segment)


def rest_of(log: LogAt, reached: Reached) -> AuditReport:
    """As `Desk.rest`."""
    return _AT.desk(log).rest(reached.report, reached.standing, came=reached.comes_by)


def whole_of(log: LogAt, begun: Paused | None) -> AuditReport:
    """The report on a log, from where it was put aside if it was. Raises `Halted` if it is put
    aside again, `ProgressStale`, and what opening it raises.
    """
    with ExitStack() as stack:
        start = begun.number if begun is not None and log.store else 0
        source = log.opened(stack, start)
        kind = GoingOn if log.keep_going else Auditing
        auditing = kind(source, _AT.model, log.by_given, log.head)
        auditing.tick = _AT.tick
        auditing.borrow(_AT.last)
        _AT.last = None
        if begun is not None:
            _goes_on(log, auditing, begun)
        if not log.cut:
            auditing.between = _Between(log, auditing)
        report = auditing.run()
        judge = auditing.judge
        if judge is not None and not judge.reader.layout.births:  # who joined there is not here
            _AT.last = auditing
        return report


def _goes_on(log: LogAt, auditing: Auditing, begun: Paused) -> None:
    source = auditing.source
    if not isinstance(source, StoreSource):
        go_on(auditing, begun, model_in(source))
        _AT.tick(sum(place.lines for place in begun.places))
        return
    link = links_of(log, Segment(0, begun.number))
    check_links(log.name, Standing(begun.number, begun.hash), [link])
    go_on(auditing, begun, source.store.model_as_recorded)


class _Between:
    """What is done between two events of a log that is judged whole: now and then, or when asked to
    stop, it is said how far it is.

    What was found in a store is not put aside: where its links do not hold, nothing shows on the
    way back that it is still the same store.
    """

    def __init__(self, log: LogAt, auditing: Auditing) -> None:
        self._log, self._auditing = log, auditing
        self._noted_at = time.monotonic()

    def __call__(self) -> None:
        stopping = _AT.stopping()
        if not stopping and time.monotonic() - self._noted_at < NOTE_EVERY:
            return
        self._noted_at = time.monotonic()
        report = self._auditing.report
        note = paused(self._auditing)
        if note is not None and not (self._log.store and (report.findings or report.unjudged)):
            _AT.noted(self._log, note)
        if stopping:
            raise Halted


@contextmanager
def heeding() -> Iterator[None]:
    """In the process that judges: an interrupt is a wish to stop between two events."""
    with wished() as _AT.stopping:
        try:
            yield
        finally:
            _AT.stopping = lambda: False
