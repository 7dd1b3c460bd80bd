"""How service passed from node to node: every failover, move and interruption of a record, with
what caused it, its phases, and what it lost.

Read off the recorded events and the spans of service; nothing here says how a cluster behaves.
Sits above `timing` and `whos`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import Any

from ccr_es.questions.watching import Span, Watch
from ccr_es.record.book import Book
from ccr_es.record.events import Event, Recorded
from ccr_es.state.fold import Fold
from cli.cluster.timing import (
    FAILOVER,
    MOVE,
    Activation,
    Happened,
    Steps,
    activations,
    of_event,
)
from cli.history.whos import conditions
from cli.session.views import Lens
from models.plain.layout import State

INTERRUPTION, STOP = "interruption", "stop"
_DECIDED = {FAILOVER: 2, MOVE: 2}
"""How many phases of a kind pass until it is decided who controls."""
WRITE, MOUNTING = "write_records", "mount_"
LOSS = ("lost", "lost_open", "loss_exact")
"""Fields of a copy that say what was lost when it was mounted."""


@dataclass(frozen=True)
class Lost:
    """What a storage group lost, as far as was known in the end.

    `logs` are closed ones; `records` those of the open log; `exact` once the old files were read.
    """

    group: str
    logs: int
    records: int
    exact: bool

    @property
    def words(self) -> str:
        """`2`, or `>=2`."""
        return str(self.logs) if self.exact else f">={self.logs}"


@dataclass(frozen=True)
class Passage:
    """Service passing from a node to the other one, to the same one again, or to nobody.

    `detected`, `decided`, `mounted` and `written` are ms after the cause (None: not, or not known).
    """

    kind: str
    source: str
    target: str | None
    cause: Happened
    actor: str
    ended: int
    detected: int | None = None
    decided: int | None = None
    mounted: int | None = None
    written: int | None = None
    outage: int | None = None
    lost: tuple[Lost, ...] = ()
    phases: Mapping[str, int] = field(default_factory=dict)


class Chronicle(Steps):
    """What one reading of a record gives: every step, who did it, what was lost, who served."""

    def __init__(self) -> None:
        self.steps: list[Happened] = []
        self.actors: list[str] = []
        self.losses: list[tuple[int, str, Lost]] = []
        self.spans: list[Span] = []
        self.end = 0
        super().__init__(self.steps)

    @property
    def last(self) -> int:
        """The number of the last event."""
        return self.steps[-1].number

    def known(self, number: int) -> Happened:
        """A step that is of this record."""
        found = self.step(number)
        assert found is not None
        return found

    def actor(self, number: int) -> str:
        """Who took a step."""
        return self.actors[number - 1]

    def first_write(self, node: str, after: int) -> Happened | None:
        """The first time that clients wrote on a node after an event."""
        return next((s for s in self.steps[after:] if _writes(s, node)), None)

    def lost(self, node: str, after: int, until: int) -> Iterator[Lost]:
        """What is on record of losses on a node between two events, in order."""
        return (x for number, n, x in self.losses if after < number < until and n == node)


def _writes(step: Happened, node: str) -> bool:
    return step.rule == WRITE and step.row.startswith(f"copy.{node}.")


class Telling:
    """The reading of a record, event by event; `take` may be given events from wherever they come.

    `fold` is the state after the newest event, `before` the one it was taken in.
    """

    def __init__(self, book: Book, lens: Lens | None = None) -> None:
        self.fold = Fold(book)
        self.before: State = {}
        self.lens = lens
        self._found = Chronicle()
        self._watch: Watch | None = None

    def take(self, recorded: Recorded) -> None:
        """Go on by one event. Raises what `Fold.take` raises."""
        event, fold, found = recorded.event, self.fold, self._found
        self.before = dict(fold.state)
        fold.take(recorded)
        found.steps.append(of_event(event))
        found.actors.append(event.actor)
        if self._watch is None:
            reader = fold.reader
            self.lens = self.lens or Lens(reader)
            self._watch = Watch(conditions(self.lens), fold.state, event.number)
        else:
            self._watch.step(self.before, fold.state, event.number, event.event)
        found.losses += _losses(event, self.before, fold)

    def end(self) -> Chronicle:
        """What was read so far."""
        self._found.spans = self._watch.end() if self._watch is not None else []
        self._found.end = self.fold.time
        return self._found


def _losses(event: Event[Any], before: Mapping[str, Any], fold: Fold) -> Iterator[Any]:
    row = event.row
    if not row.startswith("copy."):
        return
    names = [f"{row}.{name}" for name in LOSS]
    if any(before.get(k) != fold.state[k] for k in names) or event.rule.startswith(MOUNTING):
        yield event.number, *lost_of(row, fold.state)


def lost_of(row: str, state: Mapping[str, Any]) -> tuple[str, Lost]:
    """The node of a copy, and what is on record there as lost."""
    logs, records, exact = (state[f"{row}.{name}"] for name in LOSS)
    _, node, group = row.split(".", 2)
    return node, Lost(group, int(logs), int(records), bool(exact))


def passages(found: Chronicle, nodes: Sequence[str]) -> list[Passage]:
    """Every passage of the record, in order."""
    active = list(activations(found.steps, nodes, found))
    passed = [_activated(found, a, active[i + 1 : i + 2]) for i, a in enumerate(active)]
    for before, after in pairwise([*found.spans, None]):
        assert before is not None
        if before.until is not None and not _is_told(before, after, active):
            passed.append(_interrupted(found, before, after))
    return sorted(passed, key=lambda p: (p.cause.number, p.ended))


def _is_told(before: Span, after: Span | None, active: Sequence[Activation]) -> bool:
    """Whether a failover or move accounts for the end of a span."""
    assert before.until is not None
    return after is not None and any(
        a.target == after.name and a.cause.number <= after.since.number <= a.ended.number
        for a in active
        if a.source == before.name
    )


def _activated(found: Chronicle, a: Activation, later: Sequence[Activation]) -> Passage:
    began = a.cause.time
    passed = list(accumulate(a.phases.values()))
    decided = passed[_DECIDED[a.kind] - 1] if a.kind in _DECIDED else 0
    detected = passed[0] if a.kind == FAILOVER else 0
    until = later[0].cause.number if later else found.last + 1
    first = found.first_write(a.target, a.cause.number)
    written = None if first is None else first.time - began
    lost = {loss.group: loss for loss in found.lost(a.target, a.cause.number, until)}
    actor = found.actor(a.cause.number)
    outage = _outage(found, a)
    return Passage(
        a.kind, a.source, a.target, a.cause, actor, a.ended.number, detected, decided, a.took,
        written, outage, tuple(loss for loss in lost.values() if loss.logs >= 0), dict(a.phases),
    )  # fmt: skip


def _outage(found: Chronicle, a: Activation) -> int | None:
    """Ms in which nobody served, between the last span of the source and the first of the
    target.
    """
    for before, after in pairwise(found.spans):
        if after.name == a.target and after.since.number >= a.cause.number and before.until:
            return max(0, after.since.time - before.until.time)
    return None


def _interrupted(found: Chronicle, before: Span, after: Span | None) -> Passage:
    assert before.until is not None
    cause = found.known(before.until.number)
    while cause.cause is not None:
        cause = found.known(cause.cause)
    ended = after.since if after is not None else before.until
    outage = after.since.time - before.until.time if after is not None else None
    target = after.name if after is not None else None
    kind = STOP if target is None else INTERRUPTION
    actor = found.actor(cause.number)
    return Passage(
        kind, before.name, target, cause, actor, ended.number, outage=outage,
        mounted=None if after is None else after.since.time - cause.time,
    )  # fmt: skip
