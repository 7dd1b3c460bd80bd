"""What if: from a point of a record the run goes another way, by the rules alone.

What somebody outside decided after that point (commands, faults) is done again at its time, as far
as the rules still allow it; everything else follows, or does not. Nothing is written anywhere. Sits
above `watching`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from models.language.misuse import ModelError
from models.plain.driver import Driver, Fired, Refused
from models.plain.layout import State, Value
from models.plain.reader import Reader, Refusal, Step

from ..cluster.options import FROM_OUTSIDE
from ..record.events import OF_THE_CLUSTER, Event, Recorded
from ..state.fold import Fold
from .watching import Condition, Span, Watch


@dataclass
class Course:
    """One way that a run may go: where it ends, what happened, who could do what.

    `refused` are things done in the record that the rules refuse here, each with why.
    """

    state: State
    fired: list[Fired] = field(default_factory=list)
    refused: list[tuple[Step, Refusal]] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    began: int = 0
    ended: int = 0

    def gaps(self) -> Iterator[tuple[int, int]]:
        """The stretches, in ms, in which no condition held."""
        last = self.began
        for span in self.spans:
            if span.since.time > last:
                yield last, span.since.time
            last = max(last, self.ended if span.until is None else span.until.time)
        if self.ended > last:
            yield last, self.ended

    @property
    def outage(self) -> int:
        """Ms in which no condition held."""
        return sum(until - since for since, until in self.gaps())


def outside(events: Iterable[Recorded], reader: Reader) -> list[Event[Any]]:
    """The events that somebody outside decided: commands and faults, caused by no other event."""
    rules = reader.model.rules
    return [
        r.event
        for r in events
        if r.event.event not in OF_THE_CLUSTER
        and r.event.rule in rules
        and rules[r.event.rule].trigger in FROM_OUTSIDE
    ]


class Branch:
    """A run that goes on from a fold, by the rules of its reader."""

    def __init__(
        self,
        fold: Fold,
        seed: int,
        conditions: Mapping[str, Condition],
        following: Collection[str] = (),
    ) -> None:
        """`following` are rules that are done wherever they can be: nobody named the member."""
        self.following = following
        self.reader = fold.reader
        state = dict(fold.state)
        self.reader.fill(state)
        self.driver = Driver(self.reader, state, seed, last=fold.number, wrote=fold.set_by)
        self.watch = Watch(conditions, state, fold.number)
        self.course = Course(state, began=self.driver.now)
        self._seen = dict(state)

    def exactly(self, step: Step) -> None:
        """Take a recorded step as it was, and nothing else."""
        self._take([self.driver.take(step)])

    def insert(self, rule: str, args: Mapping[str, Value]) -> None:
        """Do something that the record does not have, and what follows from it.

        Raises `ModelError` for a bad argument, `Refused` if the rules do not allow it.
        """
        self._take(self.driver.fire(self.reader.complete(self.driver.state, rule, args)))
        self._take(self.driver.settling())

    def again(self, events: Sequence[Event[Any]]) -> None:
        """Do again, at its time, what was decided outside in the record."""
        for event in events:
            self.until(event.time)
            self._do(self._like(event.step))

    def _like(self, step: Step) -> Step:
        """A recorded step as it would be done here: what guards bind is read again, and what
        follows the service is done where it is.
        """
        rule, reader, state = self.reader.model.rule(step.rule), self.reader, self.driver.state
        chosen = {n: v for n, v in step.args.items() if n not in rule.bindings}
        tries = [chosen]
        if step.rule in self.following:
            name, sort = rule.params[0]
            tries += [{**chosen, name: m} for m in reader.layout.members(sort)]
        for args in tries:
            try:
                made = reader.complete(state, step.rule, args)
            except ModelError:
                continue
            if reader.check(state, made) is None:
                return made
        return step

    def until(self, time_ms: int) -> None:
        """Let time pass, and what is due happen."""
        if time_ms > self.driver.now:
            self._take(self.driver.waiting(time_ms - self.driver.now))
        else:
            self._take(self.driver.settling())

    def end(self, time_ms: int) -> Course:
        """Let time pass until the end; how the run went."""
        self.until(time_ms)
        self.course.state = self.driver.state
        self.course.spans = self.watch.end()
        self.course.ended = self.driver.now
        return self.course

    def _do(self, step: Step) -> None:
        try:
            self._take(self.driver.fire(step))
        except Refused as refused:
            self.course.refused.append((step, refused.refusal))
        self._take(self.driver.settling())

    def _take(self, fired: Iterable[Fired]) -> None:
        for f in fired:
            rule = self.reader.model.rule(f.step.rule)
            after = {**self._seen, **{k: new for k, (_, new) in f.changes.items()}}
            self.watch.step(self._seen, after, f.number, rule.event)
            self._seen = after
            self.course.fired.append(f)
