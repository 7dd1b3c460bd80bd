"""Many logs, and the segments of long ones, judged by worker processes; answers come in order.

Whoever asks gets what one process would have said: a log that can be cut is judged in segments,
whose answers count as `segments` says; any other is judged whole by one worker. Nothing of this
process is shared but a count of events. A worker that is lost leaves what it was judging unknown,
never in order. Sits above `segments` and `keep_going`; imports no command line.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from models.language.model import Model

from ..store.store import Store
from .audit import AuditReport, audit
from .keep_going import audit_going_on
from .parts import PartsSource
from .resuming import check_links
from .segments import Desk, Judged, Reached, Segment, joined, segments_of
from .sources import FileSource, Source, StoreSource

LOOK = 0.2
"""Seconds between two looks at how far the workers are."""
ALONE = 5.0
"""Seconds between two looks of a worker at whether whoever started it is still there."""


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

    def opened(self, stack: ExitStack) -> Source:
        """The log as a source, closed by `stack`. Raises what opening a store raises, or
        `OSError`.
        """
        if self.store:
            return StoreSource(stack.enter_context(Store.open(self.store)), self.cluster)
        parts = []
        for file in map(Path, self.files):
            raw = stack.enter_context(file.open("rb"))
            parts.append(FileSource(str(file), raw))
        return parts[0] if len(parts) == 1 else PartsSource(parts)


Watch = Callable[[int], None]
Told = Callable[[LogAt, Reached], None]


@dataclass
class _Work:
    """What was asked about a log: its segments from where it stands on, or (none) the whole; and
    whether what is stored leads to where it stands.
    """

    reached: Reached
    asked: list[Any]
    segments: list[Segment] = field(default_factory=list)
    links: list[Any] = field(default_factory=list)


class Crew:
    """Judges logs by `jobs` processes; by itself if that is one.

    `watch` is told now and then how many events were judged in all, `told` whenever more of a log
    is proved.
    """

    def __init__(
        self,
        model: Model | None,
        jobs: int,
        watch: Watch = lambda events: None,
        told: Told = lambda log, reached: None,
    ) -> None:
        self._watch, self._told, self._done = watch, told, 0
        self._pool: ProcessPoolExecutor | None = None
        if jobs > 1 and "fork" in multiprocessing.get_all_start_methods():
            context = multiprocessing.get_context("fork")
            self._count = context.Value("q", 0)
            self._pool = ProcessPoolExecutor(jobs, context, _begin, (model, self._count))
        else:
            _begin_here(model, self._add)

    def judge(
        self, logs: Sequence[LogAt], begun: Mapping[LogAt, Reached] = MappingProxyType({})
    ) -> Iterator[AuditReport]:
        """The report on each log, in order; for those in `begun` from there on, if what is stored
        still leads there. Raises what opening one raises, and `ProgressStale`.
        """
        started = [(log, self._started(log, begun.get(log))) for log in logs]
        for log, work in started:
            if not work.segments:
                yield self._whole(log, work.asked[0])
                continue
            if work.links:
                links = (self._answer(asked) for asked in work.links)
                check_links(log.name, work.reached.standing, links)
                self._told(log, work.reached)
            yield self._merged(log, work)

    def close(self) -> None:
        """Nothing more will be asked: what is not done is given up."""
        if self._pool is None:
            _AT.close()
            return
        self._pool.shutdown(wait=False, cancel_futures=True)
        children = multiprocessing.active_children()
        for process in children:
            process.terminate()
        for process in children:
            process.join()

    def _add(self, events: int) -> None:
        self._done += events
        self._watch(self._done)

    def _started(self, log: LogAt, begun: Reached | None) -> _Work:
        """What is asked about a log: its segments or, if it cannot be cut, the whole."""
        reached = begun or Reached(AuditReport(log.name, log.cluster))
        if log.store and not log.keep_going and not log.by_given:
            with Store.open(log.store) as store:
                keeps = StoreSource(store, log.cluster).keeps
            at = reached.standing.number
            before = segments_of(frozenset(k for k in keeps if k < at))
            passed = [Segment(s.start, s.stop or at) for s in before] if at else []
            links = [self._ask(_links, log, segment) for segment in passed]
            segments = segments_of(keeps, at)
            if at or len(segments) > 1:
                asked = [self._ask(_segment, log, segment) for segment in segments]
                return _Work(reached, asked, segments, links)
        return _Work(reached, [self._ask(_whole, log)])

    def _ask(self, work: Callable[..., Any], *args: Any) -> Any:
        """A future; in one process, what is to be done when its answer is wanted."""
        if self._pool is None:
            return lambda: work(*args)
        return self._pool.submit(work, *args)

    def _answer(self, asked: Any) -> Any:
        """Raises what the work raises, and `BrokenProcessPool` if its process was lost."""
        if not isinstance(asked, Future):
            return asked()
        while not wait([asked], LOOK).done:
            self._watch(self._count.value)
        self._watch(self._count.value)
        return asked.result()

    def _whole(self, log: LogAt, asked: Any) -> AuditReport:
        try:
            report: AuditReport = self._answer(asked)
        except BrokenProcessPool:
            report = AuditReport(log.name, log.cluster, unchecked=_lost(0))
        return report

    def _merged(self, log: LogAt, work: _Work) -> AuditReport:
        """The segments put together, as far as they count; the rest judged as a whole."""
        reached = work.reached
        try:
            for segment, asked in zip(work.segments, work.asked, strict=True):
                found: Judged | None = self._answer(asked)
                if found is None or found.begin != reached.standing:
                    return self._rest(log, work)
                came = reached.comes_by or found.comes_by
                if segment.stop is None:
                    missed = log.head is not None and not came
                    return self._rest(log, work) if missed else _ended(log, reached, found, came)
                reached.report.events += found.events
                reached.report.judged_by = joined(reached.report.judged_by, found.judged_by)
                reached.standing, reached.comes_by = found.end, came
                self._told(log, reached)
        except BrokenProcessPool:
            reached.report.unchecked = _lost(reached.standing.number)
            reached.report.head = f"{reached.standing.number}:{reached.standing.hash}"
        return reached.report

    def _rest(self, log: LogAt, work: _Work) -> AuditReport:
        """The whole log, of which something does not count: judged on from where that begins."""
        for other in work.asked:
            if isinstance(other, Future):
                other.cancel()
        report: AuditReport = self._answer(self._ask(_rest, log, work.reached))
        return report


def _ended(log: LogAt, reached: Reached, last: Judged, came: bool) -> AuditReport:
    """The report on a log in which nothing was found to its end."""
    return replace(
        reached.report,
        events=reached.report.events + last.events,
        judged_by=joined(reached.report.judged_by, last.judged_by),
        head=f"{last.end.number}:{last.end.hash}",
        comes_by=(log.head or "") if came else "",
    )


def _lost(number: int) -> str:
    return f"what comes after event {number}: the process that judged it was lost"


class _Here:
    """What a worker has open: the log that it was asked about last."""

    def __init__(self) -> None:
        self.model: Model | None = None
        self.tick: Watch = lambda events: None
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


def _begin(model: Model | None, count: Any) -> None:
    """A worker begins. An interrupt is for whoever started it; without that one it ends."""
    parent = os.getppid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, lambda *_: None if os.getppid() == parent else os._exit(1))
    signal.setitimer(signal.ITIMER_REAL, ALONE, ALONE)

    def tick(events: int) -> None:
        with count.get_lock():
            count.value += events

    _begin_here(model, tick)


def _begin_here(model: Model | None, tick: Watch) -> None:
    _AT.close()
    _AT.model, _AT.tick = model, tick


def _segment(log: LogAt, segment: Segment) -> Judged | None:
    return _AT.desk(log).judged(segment)


def _links(log: LogAt, segment: Segment) -> tuple[str, str] | None:
    return _AT.desk(log).followed(segment)


def _rest(log: LogAt, reached: Reached) -> AuditReport:
    return _AT.desk(log).rest(reached.report, reached.standing, came=reached.comes_by)


def _whole(log: LogAt) -> AuditReport:
    judge = audit_going_on if log.keep_going else audit
    with ExitStack() as stack:
        source = log.opened(stack)
        return judge(source, _AT.model, by_given=log.by_given, head=log.head, tick=_AT.tick)
