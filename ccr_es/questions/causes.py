"""From an event back to what began it: each step with the guards that let it happen, and the facts
that made these true.

A step's cause is the newest event that changed something its guards read, as it is on record. A
guard is decisive if a fact behind it was set by that cause, or if it waited for time to pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from models.language.show import show
from models.language.terms import Term, walk
from models.plain.blame import support
from models.plain.layout import Value

from ..record.events import OF_THE_CLUSTER, Event, Recorded
from ..state.fold import Fold


@dataclass(frozen=True)
class Held:
    """A fact that made a guard true, and the event that had set it (None: nobody yet)."""

    key: str
    value: Value
    set_by: int | None


@dataclass(frozen=True)
class Because:
    """A guard that held, in its own words and as a term, with the facts behind it."""

    guard: str
    text: str
    facts: tuple[Held, ...]
    decisive: bool


@dataclass(frozen=True)
class Cause:
    """A step on the way from what began it, and why it could happen."""

    event: Event[Any]
    because: tuple[Because, ...]


def chain(
    events: Callable[[int, int], Iterator[Recorded]],
    folds_at: Callable[[Iterable[int]], Iterator[Fold]],
    number: int,
) -> list[Cause]:
    """The causes of an event, what began it first, the event itself last.

    `events` gives those from a number to another, `folds_at` the states after events in order, each
    of which may be changed once the next one is asked for.
    """
    path = [next(events(number, number)).event]
    while (cause := path[-1].caused_by) is not None and cause < path[-1].number:
        path.append(next(events(cause, cause)).event)
    path.reverse()
    within = [event for event in path if event.event not in OF_THE_CLUSTER]
    folds = folds_at(event.number - 1 for event in within)
    found = []
    for event in path:
        because = list[Because]()
        if event.event not in OF_THE_CLUSTER:
            fold = next(folds)
            if event.model != fold.model:
                fold.under(event.model)
            because += _because(fold, event)
        found.append(Cause(event, tuple(because)))
    return found


def _because(fold: Fold, event: Event[Any]) -> Iterable[Because]:
    reader, state, step = fold.reader, fold.state, event.step
    g = reader.grounded(step.rule, step.args)
    reader.fill(state)
    for name, term in g.rule.guards.items():
        keys = support(term, reader.layout, state, step.args)
        facts = tuple(Held(k, state[k], fold.set_by.get(k)) for k in keys)
        newest = any(f.set_by == event.caused_by for f in facts if f.set_by is not None)
        decisive = event.caused_by is not None and (newest or _waited(term))
        yield Because(name, show(term), facts, decisive)


def _waited(term: Term) -> bool:
    """Whether a guard waits for time to pass."""
    return any(t.op == "elapsed" for t in walk(term))
