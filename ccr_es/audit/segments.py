"""A long log of a store judged in segments, each by whoever is free.

A segment begins with a state that the store keeps, which nobody has proved yet. It is judged as if
that state were right; the segment before it proves that it is, because it ends there and compares.
So segments are taken in order, and one counts only if it begins with exactly what the one before it
ended with (event, hash, time, model and its wording, the kept bytes), and if nothing was found in
it. From the first that does not count on, the log is judged as a whole to its end: that finds
everything where it is, in its own words.

Sits above `audit`; must not import `crew`, which hands segments out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, NamedTuple

import msgspec

from models.language.misuse import ModelError
from models.language.model import Model

from ..errors import CcrError
from ..record.book import Book
from ..record.events import BRINGS_MODEL, CLUSTER_ROW, NO_HASH, TOPIC_PREFIX
from ..state import keeping
from ..state.fold import Fold
from ..store.store import Store
from .audit import Auditing, AuditReport
from .sources import StoreSource

SEGMENT = 20_000
"""Events in a segment, about: it ends at the next kept state."""


class Standing(NamedTuple):
    """What a segment begins or ends with: an event, its hash and time, the model that judges and
    its data as recorded (a hash), and the hash of the state that is kept there.
    """

    number: int = 0
    hash: str = NO_HASH
    time: int = 0
    model: str = ""
    wording: str = ""
    kept: str = ""


@dataclass(frozen=True)
class Segment:
    """The events after `start` up to `stop`, a kept state after each of the two; or to the end."""

    start: int
    stop: int | None


@dataclass(frozen=True)
class Judged:
    """A segment in which nothing was found: where it begins and ends, how many events it has, by
    which models it was judged, whether it comes by the head that was asked for.
    """

    begin: Standing
    end: Standing
    events: int
    judged_by: tuple[str, ...]
    comes_by: bool


@dataclass
class Reached:
    """How far a log was judged with nothing found: what is said of that, and where it ends."""

    report: AuditReport
    standing: Standing = field(default_factory=Standing)
    comes_by: bool = False


def segments_of(keeps: frozenset[int], start: int = 0) -> list[Segment]:
    """The segments of a log in which these states are kept, from one of them on."""
    found = list[Segment]()
    for number in sorted(keeps):
        if number - start >= SEGMENT:
            found.append(Segment(start, number))
            start = number
    return [*found, Segment(start, None)]


class Desk:
    """Judges segments of one log, in any order. What is compiled for one serves the next."""

    def __init__(
        self,
        store: Store,
        cluster: str,
        model: Model | None,
        head: str | None = None,
        tick: Callable[[int], None] = lambda events: None,
    ) -> None:
        self.store, self.cluster, self.model, self.head = store, cluster, model, head
        self._book, self._tick = Book(store.model_data), tick
        if model is not None:
            store.book.add(model)  # need not be read back where it is the one that is stored
        self._last: Auditing | None = None
        self._wordings: dict[str, bytes | None] = {}

    def judged(self, segment: Segment) -> Judged | None:
        """The segment, if nothing is found in it and it can be judged by itself; else None."""
        auditing = self._auditing(segment)
        try:
            begin = self.standing(auditing) if self._stand(auditing, segment.start) else None
            auditing.every()
            end = self.standing(auditing)
        except (CcrError, ModelError, KeyError, TypeError):
            return None
        self._last = auditing
        report, fold = auditing.report, auditing.fold
        if segment.stop is None:
            whole = not auditing.source.end(fold)
        else:
            whole = fold.number == segment.stop and bool(end.kept)
        if begin is None or report.findings or not whole:
            return None
        came = self.head is not None and auditing.published is None
        return Judged(begin, end, report.events, tuple(report.judged_by), came)

    def rest(self, so_far: AuditReport, begin: Standing, *, came: bool) -> AuditReport:
        """The report on a whole log of which `so_far` says what was proved up to `begin`: judged
        from there to its end. If it cannot be judged from there, from its beginning.
        """
        auditing = self._auditing(Segment(begin.number, None))
        if not self._stand(auditing, begin.number) or self.standing(auditing) != begin:
            return self._auditing(Segment(0, None)).run()
        report = auditing.report
        report.events = so_far.events
        report.judged_by[:] = joined(so_far.judged_by, report.judged_by)
        if came:
            auditing.published = None
        return auditing.run()

    def followed(self, segment: Segment) -> tuple[str, str] | None:
        """The hashes between which the stored events of a segment are linked: their bytes hashed
        again, their columns compared, no rule asked. None if they are not as they should be.
        """
        try:
            return self._links(segment)
        except (CcrError, msgspec.DecodeError, UnicodeDecodeError):
            return None

    def _links(self, segment: Segment) -> tuple[str, str] | None:
        previous = first = ""
        for chunk in self.store.columns(self.cluster, segment.start + 1, segment.stop):
            self._tick(len(chunk))
            for number, state, topic, digest, aggregate, version, at in chunk:
                if not isinstance(state, bytes) or sha256(state).digest() != digest:
                    return None
                said = msgspec.json.decode(state, type=_Said)
                columns = (number, topic, aggregate, version, at)
                if columns != said.columns or said.previous != (previous or said.previous):
                    return None
                first = first or said.previous
                previous = digest.hex()
        return first, previous

    def _auditing(self, segment: Segment) -> Auditing:
        source = StoreSource(self.store, self.cluster, segment.start, segment.stop, self._book)
        auditing = Auditing(source, self.model, False, self.head)
        auditing.borrow(self._last)
        auditing.tick, self._last = self._tick, None
        return auditing

    def _stand(self, auditing: Auditing, number: int) -> bool:
        """Put an audit at the state that is kept after an event; whether that could be done."""
        if not number:
            return True
        kept = self.store.kept(self.cluster, number)
        if kept is None or kept[0] != number:
            return False
        try:
            fold = keeping.from_bytes(self._book, *kept)
        except keeping.NotKept:
            return False
        row = next(self.store.read(self.cluster, number, number))
        auditing.go_on(fold, row.time, self._brought_in(fold)[1])
        return True

    def standing(self, auditing: Auditing) -> Standing:
        """Where an audit stands."""
        fold = auditing.fold
        if not fold.number:
            return Standing()
        data = self.store.checkpoint_data(self.cluster, fold.number)
        kept = sha256(data).hexdigest() if data is not None else ""
        wording, _ = self._brought_in(fold)
        return Standing(fold.number, fold.hash, auditing.time, auditing.judging, wording, kept)

    def _brought_in(self, fold: Fold) -> tuple[str, bytes | None]:
        """The model of the newest event as it was recorded when it was brought in: the hash of its
        data, and the data.
        """
        wording = ""
        recorded: Any
        for recorded in self.store.events.get(f"{self.cluster}/{CLUSTER_ROW}"):
            event = recorded.event
            if event.event in BRINGS_MODEL and event.number <= fold.number:
                wording = event.args.model_hash
        if wording and wording not in self._wordings:
            self._wordings[wording] = self.store.model_as_recorded(wording)
        return wording, self._wordings.get(wording)


class _Said(msgspec.Struct):
    """What an event says of itself that stands in columns beside it, and the link."""

    cluster: str
    event: str
    number: int
    previous: str
    row: str
    time: int
    version: int

    @property
    def columns(self) -> tuple[object, ...]:
        aggregate = f"{self.cluster}/{self.row}"
        return self.number, TOPIC_PREFIX + self.event, aggregate, self.version, self.time


def joined(stamps: list[str] | tuple[str, ...], more: list[str] | tuple[str, ...]) -> list[str]:
    """The models by which one stretch after another was judged."""
    again = bool(stamps) and list(more[:1]) == list(stamps[-1:])
    return [*stamps, *more[again:]]
