"""A part of the fold: some fields, and whatever they are computed from, from those events alone
that may change one of them.

Which rules these are is read off their effects; what they do is what the fold does, each event is
decoded and its bytes are hashed. That no event is missing between them only the chain tells, which
is not followed here. Where the cluster went on under another model, the state is the fold's again.
Sits above `stream`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import Any

from models.language.model import Model
from models.language.rule import Rule
from models.language.terms import Term, walk
from models.plain.agenda import CLOCK
from models.plain.compile import Template
from models.plain.layout import State, Value
from models.plain.reader import Reader, Step

from ..record.events import ADOPTED, TOPIC_PREFIX, Recorded
from .stream import Stream

FieldName = tuple[str, str]
"""A record and one of its fields."""


def fields_of(term: Term) -> set[FieldName]:
    """The fields that a term reads."""
    return {t.value[:2] for t in walk(term) if t.op in ("field", "next")}


def cone(model: Model, wanted: Iterable[FieldName]) -> tuple[set[FieldName], list[Rule]]:
    """These fields with all that their values are computed from, and the rules that set any."""
    fields, known = set(wanted), -1
    while known != len(fields):
        known = len(fields)
        for rule in model.rules.values():
            for field, value in rule.effects:
                if field.value[:2] in fields:
                    fields |= fields_of(value)
    rules = [r for r in model.rules.values() if any(f.value[:2] in fields for f, _ in r.effects)]
    return fields, rules


class _Effects:
    """What rules set of some fields."""

    def __init__(self, reader: Reader, fields: set[FieldName]) -> None:
        self._reader, self._fields = reader, fields
        self._made: dict[str, Template] = {}
        self._filled: dict[tuple[str, ...], Callable[..., dict[str, Value]]] = {}

    def of(self, state: State, step: Step) -> dict[str, Value]:
        """The changes of a step."""
        g = self._reader.grounded(step.rule, step.args)
        key = (step.rule, *g.binding.values())
        if key not in self._filled:
            if step.rule not in self._made:
                self._made[step.rule] = self._compiled(g.rule)
            self._filled[key] = self._made[step.rule].fill(g.open)
        return self._filled[key](state, *[step.args[n] for n in g.names])

    def _compiled(self, rule: Rule) -> Template:
        made = Template(self._reader.layout, tuple(n for n, _ in rule.valued))
        here = [(f, v) for f, v in rule.effects if f.value[:2] in self._fields]
        pairs = ((made.key(f, {}), made.write(v, {})) for f, v in here)
        made.compile("{" + ", ".join(f"{key}: {value}" for key, value in pairs) + "}")
        return made


def sliced(
    stream: Stream, wanted: Iterable[FieldName], stop: int
) -> Iterator[tuple[Recorded, State]]:
    """Event 1 and each later one up to number `stop` that may change the wanted fields, with the
    state of these, and of what they are computed from, after it. The state is one dict, changed as
    it goes.

    Events by which nothing but time passed are left out: every event says what time it was.
    """
    fields = list(wanted)
    adopted = stream.of_topics([TOPIC_PREFIX + ADOPTED], 1, stop)
    begins = [1, *(recorded.event.number for recorded in adopted), stop + 1]
    for begin, end in pairwise(begins):
        fold = stream.fold_to(begin)
        (first,) = stream.events(begin, begin)
        here, rules = cone(fold.reader.model, fields)
        effects, state = _Effects(fold.reader, here), _only(fold.state, here)
        yield first, state
        ticking = {r.name for r in rules if r.trigger == "time" and not _only_ticks(r)}
        topics = [TOPIC_PREFIX + rule.event for rule in rules if not _only_ticks(rule)]
        births = len(fold.reader.layout.births)
        for recorded in stream.of_topics(topics, begin + 1, end - 1):
            if recorded.event.rule not in ticking and CLOCK in state:
                state[CLOCK] = recorded.event.time
            changes: dict[str, Any] = effects.of(state, recorded.event.step)
            if births != len(fold.reader.layout.births):
                births = len(fold.reader.layout.births)
                state |= _only(fold.reader.layout.initial, here) | state
            state.update(changes)
            yield recorded, state


def _only_ticks(rule: Rule) -> bool:
    """Nothing but time passes by this rule."""
    return rule.trigger == "time" and {f.value[:2] for f, _ in rule.effects} == {("clock", "now")}


def _only(state: State, fields: set[FieldName]) -> State:
    """The part of a state that these fields are."""
    records = {record for record, _ in fields}
    found: State = {}
    for key, value in state.items():
        record, *rest = key.split(".")
        if record in records and any((record, name) in fields for name in rest):
            found[key] = value
    return found
