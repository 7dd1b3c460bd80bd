"""The chronicle of a store's log, from those of its events that tell of service and of losses: what
is routine is looked up where a passage asks for it. Sits above `passages`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from ccr_es.record.events import Event
from cli.cluster.timing import ROUTINE, TOLD, Happened, of_event
from cli.history.passages import LOSS, MOUNTING, WRITE, Chronicle, Lost, lost_of
from cli.history.whos import spans_of
from cli.session.session import Session
from models.language.rule import Rule


class Looked(Chronicle):
    """The record of a session up to the state that is looked at. `steps` are those of `TOLD` rules,
    after the first one.
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._known: dict[int, Event[object]] = {}
        first = session.cluster.events(1, 1)
        told = self._of(lambda rule: rule.name in TOLD, 2, self.last)
        self.steps += [of_event(r.event) for r in first] + [of_event(e) for e in told]
        self.spans = spans_of(session)
        self.end = session.fold.time

    @property
    def last(self) -> int:
        """The number of the last event."""
        return self._session.fold.number

    def step(self, number: int) -> Happened | None:
        """Any step of the record."""
        return of_event(self._event(number)) if 0 < number <= self.last else None

    def actor(self, number: int) -> str:
        """Who took a step."""
        return self._event(number).actor

    def routine(self, first: int, last: int) -> Iterable[Happened]:
        """The steps of `ROUTINE` rules from one number to another."""
        return [of_event(e) for e in self._of(lambda rule: rule.name in ROUTINE, first, last)]

    def first_write(self, node: str, after: int) -> Happened | None:
        """The first time that clients wrote on a node after an event."""
        events = self._of(lambda rule: rule.name == WRITE, after + 1, self.last)
        found = (e for e in events if e.row.startswith(f"copy.{node}."))
        return next((of_event(e) for e in found), None)

    def lost(self, node: str, after: int, until: int) -> Iterator[Lost]:
        """What is on record of losses on a node between two events, in order."""
        events = self._of(_may_lose, after + 1, until - 1)
        mine = [e for e in events if e.row.startswith(f"copy.{node}.")]
        folds = self._session.cluster.folds_at(e.number for e in mine)
        for event, fold in zip(mine, folds, strict=True):
            new = any(fold.set_by.get(f"{event.row}.{name}") == event.number for name in LOSS)
            if new or event.rule.startswith(MOUNTING):
                yield lost_of(event.row, fold.state)[1]

    def _event(self, number: int) -> Event[object]:
        if number not in self._known:
            self._known[number] = self._session.event(number).event
        return self._known[number]

    def _of(self, which: Callable[[Rule], bool], first: int, last: int) -> Iterator[Event[object]]:
        """The events of some rules, by whatever name a model of the log has for them."""
        names = {rule.event for rule in self._rules() if which(rule)}
        return (r.event for r in self._session.cluster.of_events(sorted(names), first, last))

    def _rules(self) -> Iterator[Rule]:
        store = self._session.cluster.store
        models = (store.book.codec(stamp).model for stamp in store.models())
        return chain.from_iterable(model.rules.values() for model in models)


def _may_lose(rule: Rule) -> bool:
    """It mounts a copy, or sets what is on record as lost."""
    lost = {("copy", name) for name in LOSS}
    return rule.name.startswith(MOUNTING) or any(f.value[:2] in lost for f, _ in rule.effects)


def chronicle(session: Session) -> Chronicle:
    """The record up to the state that is looked at."""
    return Looked(session)
