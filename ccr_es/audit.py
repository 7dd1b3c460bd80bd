"""The audit: does a whole log obey the chain, the rules and the properties? Streaming, in constant memory.

Each event is judged by the model that it was written under, as kept beside it, or on request by another one (today's). For the
same fingerprint the given model is used, since its properties and words may be newer. Works on a store and on an event file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from models.language.misuse import ModelError
from models.language.model import Model

from .book import Book
from .chain import problems
from .errors import CcrError
from .events import CREATED, Recorded
from .fold import Fold, reader_of
from .interchange import Reading, attributes_of, different, lines_of
from .judge import Fact, Judge
from .recorder import Head
from .store import Store

HOLDS, VIOLATED, UNKNOWN = "holds", "violated", "unknown"
FINDINGS_MAX = 1_000
"""Findings kept; those beyond are counted."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong. `kind`: chain, sequence, record, guard, move, property, decode, head, checkpoint.

    `event` is the number of the event (of the last one read, for the end of a log). `rule`, `guard` or `property` name what
    is not obeyed; `facts` are what stands against it.
    """

    event: int
    kind: str
    text: str
    where: str = ""
    rule: str = ""
    guard: str = ""
    property: str = ""
    facts: tuple[Fact, ...] = ()


@dataclass
class AuditReport:
    """The verdict on one log. `events` were judged; `unchecked` says why the rest was not, or is empty."""

    source: str
    cluster: str = ""
    events: int = 0
    head: str = ""
    judged_by: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    more_findings: int = 0
    unchecked: str = ""

    @property
    def verdict(self) -> str:
        """violated > unknown > holds."""
        if self.findings:
            return VIOLATED
        return UNKNOWN if self.unchecked or not self.events else HOLDS

    def add(self, finding: Finding) -> None:
        """Keep a finding, or count it when there are too many."""
        if len(self.findings) < FINDINGS_MAX:
            self.findings.append(finding)
        else:
            self.more_findings += 1


class Item(NamedTuple):
    """An event as a source gives it: decoded, with what the source says beside it that does not fit."""

    recorded: Recorded
    topic: str
    where: str
    beside: tuple[str, ...]


class Source(Protocol):
    """Where a log comes from."""

    name: str
    book: Book

    def items(self) -> Iterator[Item]:
        """The events in order. Raises `CcrError` where one cannot be read."""

    def end(self, fold: Fold) -> list[str]:
        """What does not fit about the end of the log, given the fold of all its events."""


class StoreSource:
    """A cluster of a store."""

    def __init__(self, store: Store, cluster: str) -> None:
        self.store, self.cluster = store, cluster
        self.name = f"{store.path}: cluster {cluster}"
        self.book = Book(store.model_data)

    def items(self) -> Iterator[Item]:
        """The events, with the columns of the tables that disagree with them."""
        for stored in self.store.read(self.cluster):
            where = f"event {stored.number}"
            event = self.book.read(stored.topic, stored.state, where)
            recorded = Recorded(event, stored.state, stored.hash)
            columns = (
                ("aggregate", stored.originator_id, recorded.originator_id),
                ("version", stored.version, event.version),
                ("time", stored.time, event.time),
                ("number", stored.number, event.number),
            )
            beside = tuple(f"the store's {n} is {a!r}, the event says {b!r}" for n, a, b in columns if a != b)
            yield Item(recorded, stored.topic, where, beside)

    def end(self, fold: Fold) -> list[str]:
        """The head on record and the kept states, against the fold."""
        head = self.store.head(self.cluster)
        if head != Head(fold.number, fold.hash):
            return [f"the head on record is event {head.number}, {head.hash[:12]}; the log ends at {fold.number}, {fold.hash[:12]}"]
        return []


class FileSource:
    """A file of events as `ccr log export` writes it."""

    def __init__(self, name: str, raw: Iterable[bytes]) -> None:
        self.name, self._raw = name, raw
        self.book = Book()
        self._reading = Reading(self.book)
        self._starts = ""

    def items(self) -> Iterator[Item]:
        """The events, with the attributes of their lines that disagree with them."""
        for line in lines_of(self._raw):
            self._reading.take_models(line)
            recorded = self._reading.event(line)
            event = recorded.event
            self._starts = event.args.starts if event.event == CREATED else self._starts
            wrong = different(line, attributes_of(event, line.hash, self._starts)) if self._starts else None
            yield Item(recorded, line.topic, line.where, (wrong,) if wrong else ())

    def end(self, fold: Fold) -> list[str]:
        """The head that the first line promised, against the fold."""
        self._reading.fold = fold
        wrong = self._reading.missing_end()
        return [wrong] if wrong is not None else []


class _Audit:
    """One audit under way."""

    def __init__(self, source: Source, model: Model | None, by_given: bool) -> None:
        self.source = source
        self.report = AuditReport(source.name)
        self.fold = Fold(source.book)
        self.given = model
        self.stamp = source.book.add(model).fingerprint if model is not None else ""
        self.by_given = by_given
        self.judge: Judge | None = None
        self.judging = ""

    def run(self) -> AuditReport:
        report = self.report
        try:
            for item in self.source.items():
                self.take(item)
                report.events += 1
        except (CcrError, ModelError) as error:
            last = self.fold.number
            report.add(Finding(last + 1, "decode", str(error), getattr(error, "code", "")))
            report.unchecked = f"the log cannot be read after event {last}"
        else:
            for text in self.source.end(self.fold):
                report.add(Finding(self.fold.number, "head", text))
        report.head = f"{self.fold.number}:{self.fold.hash}"
        report.cluster = self.fold.created.name if self.fold.number else ""
        return report

    def take(self, item: Item) -> None:
        """Judge one event and go on from it."""
        recorded, fold = item.recorded, self.fold
        event = recorded.event
        first = event.event == CREATED and fold.number == 0
        if not first and fold.number and self._model(event.model) != fold.model:
            fold.under(self._model(event.model))
        found = problems(fold, recorded, item.topic, None if first or not fold.number else fold.reader)
        for kind, text in found:
            self._note(item, kind, text)
        for text in item.beside:
            self._note(item, "record", text)
        if first:
            fold.apply(recorded)
            self._judge_under(item)
            return
        self._judged(item)

    def _model(self, stamp: str) -> str:
        return self.stamp if self.by_given else stamp

    def _judged(self, item: Item) -> None:
        fold, recorded = self.fold, item.recorded
        event = recorded.event
        if self._model(event.model) != self.judging:
            self._judge_under(item)
        judge, step = self.judge, event.step
        assert judge is not None
        label = judge.reader.model.rule(event.rule).label
        for guard in judge.guards(fold.state, step):
            facts = self._facts(guard.facts)
            text = f"{label} fired although it was not so that {guard.name}"
            self.report.add(Finding(event.number, "guard", text, item.where, label, guard.name, "", facts))
        for text in judge.moves(fold.state, step):
            self._note(item, "move", text, label)
        changes = judge.reader.changes(fold.state, step)
        changed = {k: v for k, v in changes.items() if fold.state[k] != v}
        time = changes.get("clock.now", fold.time)
        if event.time != time:
            self._note(item, "record", f"its time is {event.time}, the clock says {time}", label)
        before = dict(fold.state)
        fold.advance(recorded, changed)
        for broken in judge.properties(event.rule, before, changed, fold.state):
            self._property(item, broken, label)

    def _judge_under(self, item: Item) -> None:
        """Go on with the judge of another model."""
        stamp = self._model(item.recorded.event.model)
        model = self.given if stamp == self.stamp and self.given is not None else self.source.book.codec(stamp).model
        if self.fold.model != stamp:
            self.fold.under(stamp)
        self.judge = Judge(reader_of(model, self.fold.created), model.properties)
        self.judging = stamp
        self.report.judged_by.append(stamp)
        for broken in self.judge.begin(self.fold.state):
            self._property(item, broken, "")

    def _property(self, item: Item, broken: Any, label: str) -> None:
        number = item.recorded.event.number
        shown = ", ".join(f"{n}={m}" for n, m in broken.binding.items())
        text = f"{broken.prop.label}{f' ({shown})' if shown else ''} does not hold: {broken.prop.sentence}"
        facts = self._facts({k: self.fold.state[k] for k in broken.keys})
        self.report.add(Finding(number, "property", text, item.where, label, "", broken.prop.label, facts))

    def _facts(self, facts: dict[str, Any]) -> tuple[Fact, ...]:
        return tuple(Fact(k, v, self.fold.set_by.get(k)) for k, v in facts.items())

    def _note(self, item: Item, kind: str, text: str, rule: str = "") -> None:
        self.report.add(Finding(item.recorded.event.number, kind, text, item.where, rule))


def audit(source: Source, model: Model | None = None, *, by_given: bool = False) -> AuditReport:
    """Judge a whole log. `by_given` judges every event by `model` instead of by the model it was written under."""
    if by_given and model is None:
        raise ValueError("a model to judge by is needed")
    return _Audit(source, model, by_given).run()
