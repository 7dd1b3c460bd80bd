"""What a page shows of a log, gathered while the log is audited: one reading for both.

A `Tapped` source hands each event to the audit and to the gathering. What the gathering cannot
take (a log without a beginning, a gap) ends it with a reason; the audit goes on.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from ccr_es.audit.sources import Item, Pack, Source, Unread, packs_of
from ccr_es.errors import CcrError
from ccr_es.record.book import Book
from ccr_es.record.events import Event, Recorded
from ccr_es.state.fold import Fold
from cli.history.passages import Chronicle, Passage, Telling, passages
from cli.mail.ledger import Ledger
from cli.page.parties import Parties
from cli.session.session import Folded
from cli.session.views import Lens, storage_group
from models.language.misuse import ModelError
from models.plain.agenda import CLOCK
from models.plain.layout import Value

KEPT = 10_000
"""Events on a page; beyond, its middle is left out and the page says so."""
NEAR = 20
"""Events before and after one that matters, which are on the page all the same."""


@dataclass(frozen=True)
class Moment:
    """An event, what it changed (field to old and new), and how the parties stand after it."""

    recorded: Recorded
    changes: Mapping[str, tuple[Value, Value]]
    standing: tuple[str, ...]

    @property
    def event(self) -> Event[Any]:
        """What is recorded."""
        return self.recorded.event


@dataclass(frozen=True)
class Sample:
    """The queues of a storage group from a moment on, in closed logs; `behind` is since when (ms)
    the passive copy lacks something, None if it lacks nothing.
    """

    time: int
    number: int
    copy_queue: int
    replay_queue: int
    behind: int | None


@dataclass
class Matter(Folded):
    """What a page shows of one log. `stopped` says why the gathering ended early, or is empty."""

    book: Book
    kept: int = KEPT
    around: frozenset[int] = frozenset()
    """Events that are kept wherever they are."""
    first: list[Moment] = field(default_factory=list)
    middle: list[Moment] = field(default_factory=list)
    last: deque[Moment] = field(default_factory=deque)
    samples: dict[str, list[Sample]] = field(default_factory=dict)
    counted: Counter[str] = field(default_factory=Counter)
    """How often each rule fired."""
    events: int = 0
    stopped: str = ""
    parties: Parties | None = None

    def __post_init__(self) -> None:
        self._telling = Telling(self.book)
        self.ledger: Ledger | None = None
        self.last = deque(maxlen=self.kept // 2)

    @property
    def fold(self) -> Fold:
        """The state after the newest event."""
        return self._telling.fold

    @property
    def lens(self) -> Lens:
        """The phrases of the log's model."""
        assert self._telling.lens is not None
        return self._telling.lens

    @property
    def chronicle(self) -> Chronicle:
        """Steps, losses and spans of service."""
        return self._telling.end()

    @property
    def passages(self) -> list[Passage]:
        """Every failover, move and interruption."""
        if self.parties is None or not self.events:
            return []
        return passages(self.chronicle, self.lens.nodes)

    @property
    def moments(self) -> list[Moment]:
        """The events that are on the page, in order."""
        return [*self.first, *self.middle, *self.last]

    @property
    def stretches(self) -> list[list[Moment]]:
        """The events that are on the page, parted where some are left out."""
        found: list[list[Moment]] = []
        for moment in self.moments:
            if found and moment.event.number == found[-1][-1].event.number + 1:
                found[-1].append(moment)
            else:
                found.append([moment])
        return found

    @property
    def left_out(self) -> list[tuple[int, int]]:
        """The first and last number of every stretch that the page has no room for."""
        return [
            (one[-1].event.number + 1, two[0].event.number - 1)
            for one, two in pairwise(self.stretches)
        ]

    def missing(self, events: Iterable[int]) -> frozenset[int]:
        """The neighbourhoods of these events, and of where passages begin and end, as far as the
        page lacks one of them.
        """
        shown = {m.event.number for m in self.moments}
        passed = [n for p in self.passages for n in (p.cause.number, p.ended)]
        found = {n for n in (*events, *passed) if n not in shown and 0 < n <= self.events}
        return frozenset(m for n in found for m in range(n - NEAR, n + NEAR + 1))

    def take(self, recorded: Recorded) -> None:
        """Go on by one event, if that is still possible."""
        if self.stopped:
            return
        number = recorded.event.number
        if number != self.fold.number + 1:
            self.stopped = f"event {number} follows event {self.fold.number}"
            return
        try:
            self._telling.take(recorded)
            self._keep(recorded)
        except (CcrError, ModelError, KeyError, TypeError, AttributeError) as error:
            self.stopped = f"event {number} cannot be told: {error}"

    def _keep(self, recorded: Recorded) -> None:
        event, before, after = recorded.event, self._telling.before, self.fold.state
        if self.parties is None:
            self.parties = Parties(self.lens)
            self.ledger = Ledger(self.reader, self.reader.initial())
        self._lose(recorded)
        changed = [k for k, value in after.items() if before.get(k) != value]
        # The first event makes every field; that is no change of any.
        changes = {k: (before[k], after[k]) for k in changed if k != CLOCK and k in before}
        moment = Moment(recorded, changes, self.parties.standing(after, changed))
        self.events += 1
        self.counted[event.rule] += 1
        if self.events <= self.kept - self.kept // 2:
            self.first.append(moment)
        else:
            if len(self.last) == self.last.maxlen and self.last[0].event.number in self.around:
                self.middle.append(self.last[0])
            self.last.append(moment)
        for group in self.lens.groups:
            if any(k.startswith("copy.") and f".{group}." in k for k in changed):
                self._sample(group, event)

    def _lose(self, recorded: Recorded) -> None:
        """Keep the ledger of losses, as long as the model has what it needs."""
        try:
            if self.ledger is not None:
                self.ledger.take([recorded])
        except KeyError:
            self.ledger = None

    def _sample(self, group: str, event: Event[Any]) -> None:
        found = storage_group(self.lens, self.fold.state, group)
        copy, replay = int(found["copy_queue"]), int(found["replay_queue"])
        so_far = self.samples.setdefault(group, [])
        behind = (so_far[-1].behind if so_far else None) if copy else None
        if copy and behind is None:
            behind = event.time
        sample = Sample(event.time, event.number, copy, replay, behind)
        if not so_far or replace(sample, time=0, number=0) != replace(so_far[-1], time=0, number=0):
            so_far.append(sample)


class Tapped:
    """A source that hands what it gives to a gathering as well."""

    def __init__(self, source: Source, matter: Matter) -> None:
        self._source, self._matter = source, matter
        self.name, self.book, self.partial = source.name, source.book, source.partial

    def items(self) -> Iterator[Item]:
        """The events in order."""
        for item in self._source.items():
            self._matter.take(item.recorded)
            yield item

    def every(self) -> Iterator[Item | Unread]:
        """As `items`, but what cannot be read is said, and passed over."""
        for item in self._source.every():
            if isinstance(item, Item):
                self._matter.take(item.recorded)
            yield item

    def packs(self) -> Iterator[Pack]:
        """As `items`."""
        yield from packs_of(self.items())

    @property
    def keeps(self) -> frozenset[int]:
        """The numbers of the events after which a state was kept."""
        return self._source.keeps

    def kept(self, number: int) -> bytes | None:
        """The state that was kept after event `number`, or None."""
        return self._source.kept(number)

    def end(self, fold: Fold) -> list[str]:
        """What does not fit about the end of the log."""
        return self._source.end(fold)
