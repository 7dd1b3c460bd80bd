"""The audit that goes on after a bad event: what can still be judged is judged, the rest is named.

An event that is missing or cannot be read may have changed what it writes. From then on those keys
are in doubt; an event that sets a key from what is known ends the doubt about it, one that sets it
from a key in doubt spreads it. A guard or property that reads a key in doubt is not judged, but
counted by its name. The time of every event is on record, so the clock is never in doubt for long.
Sits above `audit`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from models.language.misuse import ModelError
from models.language.model import Model
from models.plain.agenda import CLOCK
from models.plain.compile import reads
from models.plain.ground import Grounded

from ..errors import CcrError
from ..record.events import CREATED, OF_THE_CLUSTER, TOPIC_PREFIX, Event
from .audit import Auditing, AuditReport
from .report import Finding
from .sources import PACK, Item, NotThere, Source, Unread


class GoingOn(Auditing):
    """One audit that does not stop."""

    def __init__(
        self, source: Source, model: Model | None, by_given: bool, published: str | None
    ) -> None:
        super().__init__(source, model, by_given, published)
        self.doubt: set[str] = set()
        self.uncounted: set[str] = set()
        """Aggregates of which an event may have been lost: their next version is taken as it is."""

    def every(self) -> None:
        """Judge every event that can be read, and name what could not be judged."""
        for count, item in enumerate(self.source.every(), 1):
            self.tick(1)
            if isinstance(item, Unread):
                self._lost(item)
            elif self._belongs(item):
                self._judge(item)
                self.report.events += 1
            if count % PACK == 0:
                self.between()

    def _judge(self, item: Item) -> None:
        event = item.recorded.event
        try:
            after = self._doubt_after(event) if self.doubt else self.doubt
            self._skip_unjudged(event)
            self.take(item)
        except (CcrError, ModelError, KeyError, TypeError) as error:
            self.unreadable(event.number, error, item.where)
            if not self.fold.number:
                return
            self._pass(event.number, item.recorded.hash)
            self._lose(self._written_by(event.event))
            return
        self.doubt = after
        edited = any(
            f.event == event.number and f.kind == "chain" and "bytes hash" in f.text
            for f in self.report.findings[-8:]
        )
        if edited:
            self._lose(self._written_by(event.event))
        if self.doubt:
            self.fold.state[CLOCK] = event.time
            if self.judge is not None:
                self.judge.rouse(CLOCK)
            self.doubt.discard(CLOCK)
            self.time = event.time

    def _belongs(self, item: Item) -> bool:
        """Whether an event is next, or may be taken as next after a gap that is said here."""
        fold, event = self.fold, item.recorded.event
        if not fold.number:
            return self._begins(item)
        if event.cluster != fold.created.name:
            self.note(item, "record", f"it belongs to cluster {event.cluster}: passed over")
            return False
        if event.event == CREATED or event.number <= fold.number:
            self.note(item, "sequence", f"it stands after event {fold.number}: passed over")
            return False
        if event.number > fold.number + 1:
            first, last = fold.number + 1, event.number - 1
            self._gap(item, first, last)
            self._pass(last, event.previous)
            self._lose(fold.state)
        fold.hash = fold.hash or event.previous
        if event.row in self.uncounted:
            self.uncounted.discard(event.row)
            before = fold.versions.get(event.row, 0)
            fold.versions[event.row] = max(before, event.version - 1)
        return True

    def _begins(self, item: Item) -> bool:
        """Whether an event is the first; without it no other one can be judged."""
        if item.recorded.event.event == CREATED:
            return True
        if not any(f.kind == "record" for f in self.report.findings):
            self.note(item, "record", f"a log begins with {CREATED}")
        self._unjudged("every event: what the cluster was created with is not known")
        return False

    def _gap(self, item: Item, first: int, last: int) -> None:
        said = f"event {first} is" if first == last else f"events {first} to {last} are"
        if self.source.partial:
            self._unjudged(f"{said} in none of the parts")
        else:
            self.note(item, "sequence", f"{said} missing before it")

    def _lost(self, unread: Unread) -> None:
        """An event that cannot be read: what it may have written is in doubt."""
        fold = self.fold
        number = unread.number if unread.number is not None else fold.number + 1
        if isinstance(unread.error, NotThere):
            self._unjudged(unread.error.message)
        else:
            self.unreadable(number, unread.error, unread.where)
        if not fold.number or number <= fold.number:
            return
        if number == fold.number + 1:
            self._pass(number, unread.hash)
            self._lose(self._written_by(unread.topic.removeprefix(TOPIC_PREFIX)))
        else:
            self._lose(fold.state)

    def _pass(self, number: int, digest: str) -> None:
        """Go on after an event that was not applied."""
        self.fold.number, self.fold.hash = number, digest
        self.uncounted = set(self.fold.reader.layout.rows.values())

    def _written_by(self, event: str) -> Iterable[str]:
        """The keys that an event of this kind may change; every key if there is no such kind."""
        reader = self.fold.reader
        for rule in reader.model.rules.values():
            if rule.event == event:
                bindings = reader.layout.groundings(rule.keyed)
                found = (reader.grounded(rule.name, binding) for binding in bindings)
                return {key for g in found for key in g.writes}
        return () if event in OF_THE_CLUSTER else self.fold.state

    def _lose(self, keys: Iterable[str]) -> None:
        self.doubt |= set(keys)
        if self.judge is None:
            return
        layout = self.judge.reader.layout
        for prop in self.judge.promised:
            bindings = layout.groundings(prop.params)
            if any(reads(prop.term, layout, b) & self.doubt for b in bindings):
                self._unjudged(prop.label)

    def _grounded(self, event: Event[Any]) -> Grounded | None:
        if event.event in OF_THE_CLUSTER:
            return None
        step = event.step
        return self.fold.reader.grounded(step.rule, step.args)

    def _skip_unjudged(self, event: Event[Any]) -> None:
        """Count the guards of an event that read something in doubt."""
        g = self._grounded(event) if self.doubt else None
        if g is None:
            return
        for name, guard in g.rule.guards.items():
            if reads(guard, g.layout, g.binding) & self.doubt - {CLOCK}:
                self._unjudged(f"{g.rule.label}: {name}")

    def _doubt_after(self, event: Event[Any]) -> set[str]:
        """What is in doubt after an event has been applied."""
        found = set(self.doubt)
        g = self._grounded(event)
        for target, value in g.rule.effects if g is not None else ():
            assert g is not None
            key = g.layout.key(target, g.binding)
            if reads(value, g.layout, g.binding) & self.doubt:
                found.add(key)
            else:
                found.discard(key)
        return found

    def _unjudged(self, what: str) -> None:
        self.report.unjudged[what] = self.report.unjudged.get(what, 0) + 1

    def keep(self, finding: Finding) -> None:
        """Keep a finding, unless it rests on something in doubt: then its name is counted."""
        f = finding
        if self.doubt and f.kind in ("guard", "property", "move", "checkpoint"):
            moved = f.text.partition(" ")[0]
            doubted = moved in self.doubt or {fact.key for fact in f.facts} & self.doubt
            if f.kind == "checkpoint" or doubted:
                told = f"{f.rule}: {f.guard or f.text}" if f.rule else "a kept state"
                self._unjudged(f.property or told)
                return
        if self.doubt and f.kind == "record" and f.text.startswith("its time is"):
            return
        super().keep(finding)


def audit_going_on(
    source: Source,
    model: Model | None = None,
    *,
    by_given: bool = False,
    head: str | None = None,
    tick: Callable[[int], None] = lambda events: None,
) -> AuditReport:
    """As `audit`, but a bad event does not end it. What could not be judged is in `unjudged`."""
    if by_given and model is None:
        raise ValueError("a model to judge by is needed")
    auditing = GoingOn(source, model, by_given, head)
    auditing.tick = tick
    return auditing.run()
