"""The audit: does a whole log obey the chain, the rules and the properties? Streaming, in constant
memory.

Each event is judged by the model that it was written under, as kept beside it, or on request by
another one (today's). For the same fingerprint the given model is used, since its properties and
words may be newer. Works on a store and on an event file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256

from models.language.misuse import ModelError
from models.language.model import Model
from models.plain.agenda import CLOCK
from models.plain.layout import Value
from models.plain.reader import Reader

from ..errors import CcrError, EventMalformed
from ..record.book import model_from_bytes
from ..record.chain import model_problem, problems
from ..record.events import CREATED, OF_THE_CLUSTER
from ..state import keeping
from ..state.fold import Fold, reader_of
from .clearing import Clearing
from .judge import Broken, Fact, Judge
from .report import FINDINGS_MAX, HOLDS, UNKNOWN, VIOLATED, AuditReport, Finding
from .sources import FileSource, Item, NotThere, Pack, Source, StoreSource
from .ways import Decode

__all__ = [
    "FINDINGS_MAX",
    "HOLDS",
    "UNKNOWN",
    "VIOLATED",
    "AuditReport",
    "FileSource",
    "Finding",
    "StoreSource",
    "audit",
]


class Auditing:
    """One audit under way."""

    def __init__(
        self, source: Source, model: Model | None, by_given: bool, published: str | None
    ) -> None:
        self.source = source
        self.published = self.asked = published
        self.report = AuditReport(source.name)
        self.fold = Fold(source.book)
        self.given = model
        self.stamp = source.book.add(model).fingerprint if model is not None else ""
        self.by_given = by_given
        self.judge: Judge | None = None
        self.judging = ""
        self.time = 0
        self.tick: Callable[[int], None] = lambda events: None
        """Told of events that were judged, many at a time."""
        self.between: Callable[[], None] = lambda: None
        """Called now and then, where all that the source gave was judged."""
        self._clearing: Clearing | None = None
        self._decoders: dict[tuple[str, str], Decode] = {}
        self._words: tuple[object, ...] = ()
        self._lender: Auditing | None = None
        self._stops = source.keeps | ({int(published.partition(":")[0])} if published else set())
        """The numbers of events after which there is something kept to hold the fold against."""

    def run(self) -> AuditReport:
        """Judge every event that can be read, and the end."""
        report, fold = self.report, self.fold
        try:
            self.every()
        except NotThere as gap:
            report.unchecked = gap.message
        except (CcrError, ModelError) as error:
            self.unreadable(fold.number + 1, error)
            report.unchecked = f"the log cannot be read after event {fold.number}"
        else:
            for text in self.source.end(fold):
                report.add(Finding(fold.number, "head", text))
            report.comes_by = "" if self.published else self.asked or ""
            if self.published is not None:
                report.add(Finding(fold.number, "head", _missed(self.published, fold.number)))
        report.head = f"{fold.number}:{fold.hash}"
        report.cluster = fold.created.name if fold.number else ""
        return report

    def every(self) -> None:
        """Judge every event. Raises where one cannot be read."""
        for pack in self.source.packs():
            self.tick(pack.size)
            at = 0
            while at < pack.size:
                cleared = self._cleared(pack, at)
                at += cleared
                self.report.events += cleared
                if not cleared:
                    self.take(pack.item(at))
                    self.report.events += 1
                    at += 1
            self.between()

    def _cleared(self, pack: Pack, at: int) -> int:
        """How many events of a pack from index `at` on were found to be in order at once."""
        if not pack.rows or self.judge is None:
            return 0
        fold, way = self.fold, self._clearing
        if way is None or way.stale or way.judge is not self.judge:
            codec = self.source.book.codec(fold.written)
            way = self._clearing = Clearing(fold, self.judge, codec, self._decoders)
        done = way.clear(pack.rows, at, self.time, self._stops)
        if done:
            self.time = pack.rows[at + done - 1][6]
            if fold.number in self._stops:
                self._arrived(lambda: pack.item(at + done - 1))
        return done

    def unreadable(self, number: int, error: Exception, where: str = "") -> None:
        """Note an event that cannot be read."""
        code = getattr(error, "code", "")
        self.report.add(Finding(number, "decode", f"{code} {error}".strip(), where))

    def take(self, item: Item) -> None:
        """Judge one event and go on from it."""
        fold, event = self.fold, item.recorded.event
        first = event.event == CREATED and fold.number == 0
        if not first and fold.number and self._model(event.model) != self.judging:
            self._judge_under(item)
        for kind, text in problems(fold, item.recorded, item.topic, self._reader(first)):
            self.note(item, kind, text)
        for text in item.beside:
            self.note(item, "record", text)
        other = model_problem(event, item.model_data)
        if other is not None:
            self.note(item, "record", other)
        if first:
            fold.begin(item.recorded)
            self._judge_under(item)
        else:
            self._judged(item)
        self._arrived(lambda: item)

    def _arrived(self, item: Callable[[], Item]) -> None:
        """The fold is now that after `item`: hold it against what is kept elsewhere."""
        fold = self.fold
        if self.published == f"{fold.number}:{fold.hash}":
            self.published = None
        kept = self.source.kept(fold.number)
        if kept is not None and not self.by_given and not keeping.same(fold, kept):
            self.note(
                item(), "checkpoint", "the state that is kept after it is not what folding gives"
            )

    def _reader(self, first: bool) -> Reader | None:
        return None if first or not self.fold.number else self.fold.reader

    def _model(self, stamp: str) -> str:
        return self.stamp if self.by_given else stamp

    def _judged(self, item: Item) -> None:
        fold, recorded, judge = self.fold, item.recorded, self.judge
        if judge is None:
            raise EventMalformed(f"{item.where}: a log begins with {CREATED}")
        event, step = recorded.event, recorded.event.step
        if event.event in OF_THE_CLUSTER:
            fold.advance(recorded, {})
            return
        label = judge.reader.model.rule(event.rule).label
        for guard in judge.guards(fold.state, step):
            text = f"{label} fired although it was not so that {guard.name}"
            facts = self._facts(guard.facts)
            self.note(item, "guard", text, label, guard=guard.name, facts=facts)
        for text in judge.moves(fold.state, step):
            self.note(item, "move", text, label)
        changes = judge.reader.changes(fold.state, step)
        changed = {k: v for k, v in changes.items() if fold.state[k] != v}
        expected = self.time + int(changed.get(CLOCK, fold.time)) - fold.time
        if event.time != expected:
            text = f"its time is {event.time}, by the clock it is {expected}"
            self.note(item, "record", text, label)
        self.time = event.time
        before = dict(fold.state)
        fold.advance(recorded, changed)
        for broken in judge.properties(event.rule, before, changed, fold.state):
            self._property(item, broken, label)

    def go_on(self, fold: Fold, time: int, wording: bytes | None) -> None:
        """Go on from a state instead of from the beginning. `time` is that of the event before,
        `wording` the data of its model as it was brought in. What does not hold in the state is
        found.
        """
        self.fold, self.time = fold, time
        for broken in self._judge_by(self._model(fold.written), wording):
            self.report.add(Finding(fold.number, "property", broken.text))

    @property
    def wording(self) -> str:
        """The hash of the data of the model that judges, as it was brought in; empty if none is."""
        data = self._words[1] if self._words else None
        return sha256(data).hexdigest() if isinstance(data, bytes) else ""

    def borrow(self, other: Auditing | None) -> None:
        """Use what another audit compiled, if it fits; that one is not to go on."""
        self._lender = other

    def _judge_under(self, item: Item) -> None:
        """Go on with the judge of another model."""
        stamp = self._model(item.recorded.event.model)
        for broken in self._judge_by(stamp, item.model_data):
            self._property(item, broken, "")

    def _judge_by(self, stamp: str, wording: bytes | None) -> list[Broken]:
        """Judge by the model of a fingerprint; which properties do not hold to begin with."""
        if self.fold.model != stamp:
            self.fold.under(stamp)
        created, lender = self.fold.created, self._lender
        words = (stamp, wording, created.members, created.parameters)
        if lender is not None and lender._words == words and lender.judge is not None:
            self.fold.read_by(lender.judge.reader)
            self.judge = lender.judge
            way = lender._clearing if lender.fold.created == created else None
            if way is not None:
                self._clearing, way.fold = way, self.fold
        else:
            model = self._wording(stamp, wording)
            self.fold.read_by(reader_of(model, self.fold.created))
            self.judge = Judge(self.fold.reader, model.properties)
        self._lender, self._words, self.judging = None, words, stamp
        self.report.judged_by.append(stamp)
        return list(self.judge.begin(self.fold.state))

    def _wording(self, stamp: str, wording: bytes | None) -> Model:
        """The model that judges what was written under a fingerprint."""
        if stamp == self.stamp and self.given is not None:
            return self.given
        if wording is not None and not self.by_given:
            # In the wording, and with the properties, that were recorded with this event.
            return model_from_bytes(wording, stamp)
        return self.source.book.codec(stamp).model

    def _property(self, item: Item, broken: Broken, label: str) -> None:
        facts = self._facts({k: self.fold.state[k] for k in broken.keys})
        self.note(item, "property", broken.text, label, prop=broken.prop.label, facts=facts)

    def _facts(self, facts: Mapping[str, Value]) -> tuple[Fact, ...]:
        return tuple(Fact(k, v, self.fold.set_by.get(k)) for k, v in facts.items())

    def note(
        self,
        item: Item,
        kind: str,
        text: str,
        rule: str = "",
        *,
        guard: str = "",
        prop: str = "",
        facts: tuple[Fact, ...] = (),
    ) -> None:
        """A finding about an event."""
        number = item.recorded.event.number
        self.keep(Finding(number, kind, text, item.where, rule, guard, prop, facts))

    def keep(self, finding: Finding) -> None:
        """Keep a finding."""
        self.report.add(finding)


def _missed(published: str, last: int) -> str:
    """What to say of a log that does not come by a head that was kept elsewhere."""
    number, _, digest = published.partition(":")
    kept = f"the head kept elsewhere is event {number} with the hash {digest[:12]}"
    if int(number) > last:
        return f"its end is missing: it stops at event {last}, {kept}"
    return f"the log does not come by it: {kept}"


def audit(
    source: Source,
    model: Model | None = None,
    *,
    by_given: bool = False,
    head: str | None = None,
    tick: Callable[[int], None] = lambda events: None,
) -> AuditReport:
    """Judge a whole log.

    `by_given` judges every event by `model` instead of by the one it was written under. `head` is
    the `number:hash` of an earlier report that was kept elsewhere: the log must come by it. A chain
    alone cannot show that its end was cut off. `tick` is told of events, many at a time.
    """
    if by_given and model is None:
        raise ValueError("a model to judge by is needed")
    auditing = Auditing(source, model, by_given, head)
    auditing.tick = tick
    return auditing.run()
