"""Conditions followed through a run: from when to when each of them held.

A condition may end without an event, as a lease runs out while time passes: the moments at which
that can happen are read off its own term, and each is looked at. Works on recorded events and on
the steps of a run that was only imagined.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from models.language.misuse import BadRule
from models.language.terms import Term
from models.plain.agenda import CLOCK
from models.plain.compile import Writer, function
from models.plain.ground import moments_in, reads_clock
from models.plain.layout import Binding, Layout, State

from ..record.events import Recorded
from ..state.fold import Fold

TIME = ""
"""What ended or began a span when no event did: time passed."""


@dataclass(frozen=True)
class Change:
    """Where a run is when something begins or ends: time in ms, the event, its name.

    The name is empty if it was the passing of time.
    """

    time: int
    number: int
    event: str = TIME


@dataclass(frozen=True)
class Span:
    """A stretch in which a condition held; `until` is None if it held to the end."""

    name: str
    since: Change
    until: Change | None

    def overlaps(self, other: Span) -> bool:
        """Whether both held at some instant."""
        ends = self.until is None or other.since.time < self.until.time
        begins = other.until is None or self.since.time < other.until.time
        return ends and begins


class Condition:
    """A term on plain states, with the moments at which time may change it.

    Raises `BadRule` for a term on which time may tell at others, too.
    """

    def __init__(self, term: Term, layout: Layout, binding: Binding) -> None:
        if reads_clock(term):
            raise BadRule("a condition reads the clock by `elapsed` only: nobody looks in between")
        writer = Writer(layout)
        self.holds = function(writer.write(term, binding), ())
        moments = dict.fromkeys(moments_in(writer, term, binding))
        self.moments = function("(" + "".join(f"{m}, " for m in moments) + ")", ())


class Watch:
    """Conditions by name, and the spans in which they held so far."""

    def __init__(self, conditions: Mapping[str, Condition], state: State, number: int) -> None:
        self.conditions = conditions
        self.spans: list[Span] = []
        self._since: dict[str, Change] = {}
        self._look(state, Change(int(state[CLOCK]), number))

    def step(self, before: State, after: State, number: int, event: str) -> None:
        """Take one step of the run."""
        then, now = int(before[CLOCK]), int(after[CLOCK])
        for moment in self._moments(before, now) if now > then else ():
            self._look({**before, CLOCK: moment}, Change(moment, number))
        self._look(after, Change(now, number, event if now == then else TIME))

    def pass_time(self, state: State, until: int, event_at: Callable[[int], int]) -> None:
        """Nothing but time passes, from a state to a later moment.

        `event_at` gives the number of the event by which time had come to a moment.
        """
        for moment in self._moments(state, until):
            seen = {**state, CLOCK: moment}
            if any(c.holds(seen) != (n in self._since) for n, c in self.conditions.items()):
                self._look(seen, Change(moment, event_at(moment)))

    def _moments(self, state: State, until: int) -> list[int]:
        """Those after a state, up to a later one, at which something may begin or end."""
        moments = {m for c in self.conditions.values() for m in c.moments(state)}
        return sorted(m for m in moments if int(state[CLOCK]) < m <= until)

    def end(self) -> list[Span]:
        """Every span, those that still hold included, in order of their beginnings."""
        still = [Span(name, since, None) for name, since in self._since.items()]
        return sorted([*self.spans, *still], key=lambda span: (span.since.time, span.since.number))

    def _look(self, state: State, change: Change) -> None:
        for name, condition in self.conditions.items():
            holds = condition.holds(state)
            if holds and name not in self._since:
                self._since[name] = change
            elif not holds and name in self._since:
                self.spans.append(Span(name, self._since.pop(name), change))


def gaps(spans: Iterable[Span], end: int) -> Iterator[tuple[Change | None, Change | None]]:
    """The stretches in which none of the spans held: (what ended the last one, what began the
    next).
    """
    last: Change | None = Change(0, 1)
    for span in spans:
        if last is not None and span.since.time > last.time:
            yield last, span.since
        if span.until is None:
            last = None
        elif last is not None and span.until.time > last.time:
            last = span.until
    if last is not None and last.time < end:
        yield last, None


def overlaps(spans: Iterable[Span]) -> Iterator[tuple[Span, Span]]:
    """Pairs of spans of different names that held at one instant."""
    found = list(spans)
    for i, one in enumerate(found):
        for other in found[i + 1 :]:
            if one.until is not None and other.since.time >= one.until.time:
                break
            if one.name != other.name and one.overlaps(other):
                yield one, other


def watched(
    events: Iterable[Recorded], fold: Fold, conditions: Mapping[str, Condition]
) -> tuple[list[Span], Fold]:
    """The spans of recorded events that go on from `fold`, which is moved to the last of them."""
    watch = Watch(conditions, fold.state, fold.number)
    for recorded in events:
        before = dict(fold.state)
        fold.apply(recorded)
        watch.step(before, fold.state, fold.number, recorded.event.event)
    return watch.end(), fold
