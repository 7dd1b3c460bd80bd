"""Many logs, and the segments of long ones, judged by worker processes; answers come in order.

Whoever asks gets what one process would have said: a log that can be cut is judged in segments,
whose answers count as `segments` says; any other is judged whole by one worker. Nothing of this
process is shared but a count of events. A worker that is lost leaves what it was judging unknown,
never in order. Sits above `segments` and `keep_going`; imports no command line.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from models.language.model import Model

from ..store.store import Store
from .audit import AuditReport
from .pausing import Paused
from .resuming import check_links
from .segments import Judged, Reached, Segment, joined, segments_of
from .sources import StoreSource
from .stopping import Halted
from .working import (
    LogAt,
    Noted,
    Watch,
    begin,
    begin_here,
    end,
    heeding,
    links_of,
    rest_of,
    segment_of,
    whole_of,
)

LOOK = 0.2
"""Seconds between two looks at how far the workers are."""
PATIENCE = 10.0
"""Seconds that workers are given to stop between two events."""

Told = Callable[[LogAt, Reached], None]
Begun = Reached | Paused


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
    is proved; `noted`, by whoever judges it, how far a log is that is judged whole.
    """

    def __init__(
        self,
        model: Model | None,
        jobs: int,
        watch: Watch = lambda events: None,
        told: Told = lambda log, reached: None,
        noted: Noted = lambda log, note: None,
    ) -> None:
        self._watch, self._told, self._done = watch, told, 0
        self._wholes: list[Future[AuditReport]] = []
        self._pool: ProcessPoolExecutor | None = None
        if jobs > 1 and "fork" in multiprocessing.get_all_start_methods():
            context = multiprocessing.get_context("fork")
            self._count = context.Array("q", 2)
            self._pool = ProcessPoolExecutor(jobs, context, begin, (model, self._count, noted))
        else:
            begin_here(model, self._add, noted)

    def judge(
        self, logs: Sequence[LogAt], begun: Mapping[LogAt, Begun] = MappingProxyType({})
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

    def stop(self) -> None:
        """Let those that judge whole logs stop between two events, and say how far they are."""
        if self._pool is not None:
            self._count[1] = 1
            for whole in self._wholes:
                whole.cancel()
            wait(self._wholes, PATIENCE)

    def close(self) -> None:
        """Nothing more will be asked: what is not done is given up."""
        if self._pool is None:
            end()
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

    def _started(self, log: LogAt, begun: Begun | None) -> _Work:
        """What is asked about a log: its segments or, if it cannot be cut, the whole."""
        fresh = Reached(AuditReport(log.name, log.cluster))
        reached = begun if isinstance(begun, Reached) else fresh
        if log.cut:
            with Store.open(log.store) as store:
                keeps = StoreSource(store, log.cluster).keeps
            at = reached.standing.number
            before = segments_of(frozenset(k for k in keeps if k < at))
            passed = [Segment(s.start, s.stop or at) for s in before] if at else []
            links = [self._ask(links_of, log, segment) for segment in passed]
            segments = segments_of(keeps, at)
            if at or len(segments) > 1:
                asked = [self._ask(segment_of, log, segment) for segment in segments]
                return _Work(reached, asked, segments, links)
        whole = self._ask(whole_of, log, begun if isinstance(begun, Paused) else None)
        if isinstance(whole, Future):
            self._wholes.append(whole)
        return _Work(reached, [whole])

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
            self._watch(self._count[0])
        self._watch(self._count[0])
        return asked.result()

    def _whole(self, log: LogAt, asked: Any) -> AuditReport:
        try:
            with heeding() if self._pool is None else nullcontext():
                report: AuditReport = self._answer(asked)
        except Halted:
            raise KeyboardInterrupt from None
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
        report: AuditReport = self._answer(self._ask(rest_of, log, work.reached))
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
