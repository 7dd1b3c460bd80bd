"""The audit of a partial record: line after line, the set of states that still explain it.

Sits above the other modules of this folder; the model is a value that is passed in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from models.plain.agenda import CLOCK
from models.plain.layout import State, Value
from models.plain.reader import Reader, Step

from ..errors import ModelMismatch
from ..state.fold import reader_of
from .adopting import carried_over, turned
from .again import Kept
from .answering import Asked, answers, tag, to_log
from .closing import Closure
from .declared import Declared
from .frontier import Frontier, Run, Way
from .marks import Broken
from .promises import Case, Promises
from .reasons import misnumbered, unexplained
from .record import Beside, Line, Record, Seen
from .report import PartialReport, Trouble
from .steps import Ready, Steps
from .taking import possible

Outcome = tuple[Ready, Step, dict[str, Value], list[Case]]


OFTEN = 500
"""Lines between two places at which an audit can be put aside."""


class Audit:
    """One audit under way. `between` is called now and then with how many lines were taken since;
    one more was read.
    """

    def __init__(
        self, name: str, record: Record, declared: Declared, asked: Sequence[Asked]
    ) -> None:
        self.record, self.declared = record, declared
        self.report = PartialReport(name, record.created.name)
        self.strange = declared.strange(record.model)
        """What is declared that is no kind of event of any model so far."""
        self.asked, self._strange_asked = list(asked), list[Asked]()
        self.number: int | None = 1
        self.line = 1
        self.broken = Broken()
        self.between: Callable[[int], None] = lambda lines: None
        self.read_by(reader_of(record.model, record.created))
        self.frontier = Frontier(self.reader.initial())

    def read_by(self, reader: Reader) -> None:
        """Go on by the rules and properties of a reader's model."""
        self.reader, model = reader, reader.model
        self.report.judged_by.append(self.record.fingerprint)
        labels = (
            *self.report.unlogged,
            *(r.label for r in self.declared.rules(model, reader.layout)),
        )
        self.report.unlogged = tuple(dict.fromkeys(labels))
        self.strange &= self.declared.strange(model)
        self.steps = Steps(reader)
        self.promises = Promises(reader, model.properties)
        self.kept = Kept(self.promises)
        doubts, broken = self.report.doubts, self.broken
        self.closure = Closure(self.steps, self.declared, self.promises, doubts, broken)
        self._births = len(reader.layout.births)
        self.asked += self._strange_asked
        self._strange_asked = [a for a in self.asked if a.strange(reader.layout)]
        self.asked = [a for a in self.asked if a not in self._strange_asked]

    def run(self, seen_lines: Iterable[Seen | Beside]) -> PartialReport:
        """Take every line, and the end. Raises `BadQuestion` for a question about no fact of any
        model of the record, and what reading a line raises.
        """
        report = self.report
        for count, seen in enumerate(seen_lines):
            if count and count % OFTEN == 0:
                self.between(OFTEN)
            taken = self._beside(seen) if isinstance(seen, Beside) else self._seen(seen)
            if not taken:
                report.unchecked = f"what comes after {seen.where}"
                break
            report.events += 1
            self.line, self.number = seen.line, seen.number
        else:
            self._end()
        return self._finished()

    def _finished(self) -> PartialReport:
        """The report once there are no more lines."""
        report = self.report
        report.events += 1
        for question in self._strange_asked:
            question.check(self.reader.layout)
        report.troubles += self.broken.troubles(self.frontier, report.doubts)
        report.answers = answers(self.frontier, self.asked, self.reader.layout, report.doubts)
        report.to_log = to_log(report, self.frontier)
        return report

    def _seen(self, seen: Seen) -> bool:
        """Take a line of a rule; whether anything is left."""
        candidates = self._candidates(seen)
        return self._before(seen) and self._take(seen, candidates)

    def _beside(self, at: Beside) -> bool:
        """Take a line that changes no fact; whether anything is left."""
        if not self._before(at):
            return False
        clocks = self.frontier.values(CLOCK)
        members = [i for i, clock in enumerate(clocks) if at.time in (None, clock)]
        if not members:
            self._fails(at, f"it is recorded at {at.time} ms, and it can be that time in no state")
            return False
        if len(members) < len(clocks):
            self.frontier.keep(members)
        return not at.under or self._adopt(at)

    def _adopt(self, at: Beside) -> bool:
        """Go on by another model; whether any state fits it."""
        old = self.reader.layout
        try:
            reader = turned(self.record, at.under, old)
        except ModelMismatch as error:
            self._fails(at, error.message)
            return False
        carried = carried_over(self.frontier, old, reader.layout)
        if carried is None:
            self._fails(at, f"no possible state is one of the model {at.under[:12]}")
            return False
        self.frontier = carried
        self.read_by(reader)
        ways: list[Way] = []
        for way in carried.ways:
            untrue = self.promises.untrue(carried.full(way))
            for case in untrue:
                self.broken.note(case, at, way.run)
            ways.append(Way(carried.onward(way.own, {c.mark: True for c in untrue}), way.run))
        carried.settle(ways)
        return True

    def _fails(self, at: Line, text: str) -> None:
        trouble = Trouble(at.line, at.where, "step", text, not self.report.doubts)
        self.report.troubles.append(trouble)

    def _candidates(self, seen: Seen) -> list[Ready]:
        """The groundings that a line may stand for."""
        found = self.steps.of(seen.rule, seen.args)
        if len(self.reader.layout.births) != self._births:
            found = self._joined(seen)
        if seen.row and len(found) > 1:
            found = [c for c in found if c.g.row == seen.row]
        return found

    def _joined(self, seen: Seen) -> list[Ready]:
        """Members joined: what ranges over them is made again."""
        self._births = len(self.reader.layout.births)
        for key, first in self.reader.layout.initial.items():
            self.frontier.base.setdefault(key, first)
        self.steps.forget()
        self.promises = Promises(self.reader, self.reader.model.properties)
        self.kept = Kept(self.promises)
        self.closure.promises = self.promises
        self.closure.refresh()
        return self.steps.of(seen.rule, seen.args)

    def _before(self, seen: Line) -> bool:
        """What may have happened unlogged before a line; whether anything is left."""
        until, closure = self._until(seen), self.closure
        asked = [a for a in self.asked if a.line == self.line]
        numbered = seen.number is not None and self.number is not None
        count = seen.number - self.number - 1 if seen.number and self.number else 0
        if numbered and (count < 0 or (count and closure.empty)):
            self.report.troubles.append(misnumbered(seen, self.number or 0, count))
            return False
        if numbered:
            if asked:
                closure.layered(self.frontier, seen.line, count, until, lambda w: tag(w, asked))
            elif count:
                closure.exactly(self.frontier, seen.line, count, until)
        elif not closure.empty:
            if asked:
                closure.close(self.frontier, seen.line, until, every=True)
                tag(self.frontier, asked)
                closure.everything()
            closure.close(self.frontier, seen.line, until)
        elif asked:
            tag(self.frontier, asked)
        width = len(self.frontier)
        self.report.width = max(self.report.width, width)
        if not width:
            missing = f"{count} events are" if count > 1 else "an event is"
            text = f"{missing} missing before it, and none that may be unlogged fits there"
            if not numbered:
                text = f"no unlogged steps lead to the time of {seen.where}"
            self._fails(seen, text)
        return width > 0

    def _until(self, seen: Line) -> int | None:
        """The time at which a line happened, if time may pass unlogged before it."""
        if self.closure.time is None:
            return None
        if seen.time is None:
            self.report.doubts[f"the time of {seen.where}"] = self.closure.time.label
            return None
        if isinstance(seen, Seen) and seen.rule.trigger == "time":
            passed = seen.args.get(seen.rule.params[0][0])
            return seen.time - passed if type(passed) is int else None
        return seen.time

    def _take(self, seen: Seen, candidates: list[Ready]) -> bool:
        """Apply a line to every possible state; whether one is left."""
        frontier = self.frontier
        if len(candidates) == 1 and self._take_alike(seen, candidates[0]):
            return True
        ways: list[Way] = []
        taken: dict[int, Ready] = {}
        # What the line does rests on what it reads: states that agree on that share the answer.
        mine = frozenset({CLOCK}).union(
            *(c.reads for c in candidates), *(self.promises.near(c)[1] for c in candidates)
        )
        keys = [k for k in frontier.open if k in mine]
        known: dict[tuple[Value | None, ...], list[Outcome]] = {}
        for way in frontier.ways:
            name = tuple([way.own.get(k) for k in keys])
            outcomes = known.get(name)
            if outcomes is None:
                outcomes = known[name] = list(self._outcomes(seen, candidates, way))
            for ready, step, changes, broken in outcomes:
                own = frontier.onward(way.own, changes)
                own = frontier.onward(own, {case.mark: True for case in broken}) if broken else own
                chosen = len(outcomes) > 1 or any(n not in seen.args for n in ready.free)
                run = Run(way.run, seen.line, step, True) if chosen else way.run
                ways.append(Way(own, run))
                taken[id(ready)] = ready
        if not ways:
            certain = not self.report.doubts
            trouble = unexplained(seen, frontier, candidates, self.steps, certain)
            self.report.troubles.append(trouble)
            return False
        frontier.settle(ways)
        self.closure.after(taken.values())
        self.report.width = max(self.report.width, len(frontier))
        return True

    def _take_alike(self, seen: Seen, ready: Ready) -> bool:
        """A line that does the same in every state in which it can have happened: judged once for
        all states that agree on what it reads. False: it is not such a line, or breaks a property;
        at most states in which it cannot have happened were left out.
        """
        frontier, args = self.frontier, seen.args
        try:
            values = [args[n] for n in ready.g.names]
        except KeyError:
            return False
        changes: State | None = None
        left: list[int] = []
        base, attempt, time = frontier.base, ready.g.attempt, seen.time
        for patch, members in frontier.shape.groups(ready, ready.minds):
            saved = frontier.enter(patch) if patch else {}
            found = attempt(base, *values)
            if found is not None and time is not None and found.get(CLOCK, base[CLOCK]) != time:
                found = None
            base.update(saved)
            if found is None:
                continue
            if changes is not None and found != changes:
                return False
            changes = found
            left += members
        if changes is None:
            return False
        if len(left) < len(frontier):
            frontier.keep(sorted(left))
        if not self.kept.holds(frontier, ready, changes):
            return False
        frontier.shared(changes)
        self.closure.after((ready,))
        return True

    def _outcomes(self, seen: Seen, candidates: list[Ready], way: Way) -> Iterator[Outcome]:
        """Every step that a line may stand for in a state, and the properties that it breaks."""
        state = self.frontier.full(way)
        for ready, step, changes in possible(seen, candidates, state, self.report.doubts):
            broken = self.promises.broken(ready, state, {**state, **changes})
            for case in broken:
                self.broken.note(case, seen, way.run)
            yield ready, step, changes, broken

    def _end(self) -> None:
        """What may have happened unlogged after the last line."""
        if not self.closure.empty and self.number is None:
            self.closure.close(self.frontier, self.line + 1, None)
        tag(self.frontier, [a for a in self.asked if a.line in (None, self.line)])
        self.report.width = max(self.report.width, len(self.frontier))
