"""The audit of a partial record put aside between two lines: the frontier as it stood, and what is
known beside it.

What was remembered only to be quick is not kept. Runs share their beginnings: each step is kept
once. Who may write such a note, and what it rests on, is not known here. Sits above `engine`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from models.plain.layout import Value
from models.plain.reader import Step

from ..record.following import Note, Place
from ..state.fold import reader_of
from .closing import Closure
from .engine import Audit
from .frontier import Frontier, Run, Way
from .report import Trouble

NO_RUN = -1


class Taken(msgspec.Struct, frozen=True, array_like=True):
    """A step of a run; `before` is the index of the one before it."""

    before: int
    line: int
    rule: str
    args: dict[str, Value]
    logged: bool
    of: str


class Broke(msgspec.Struct, frozen=True, array_like=True):
    """Where a property was broken first."""

    line: int
    where: str
    text: str
    run: int


class PausedPart(Note, frozen=True, kw_only=True):
    """An audit put aside."""

    place: Place
    fingerprint: str
    births: list[tuple[str, str]]
    base: dict[str, Value]
    owns: list[dict[str, Value]]
    runs: list[int]
    taken: list[Taken]
    stale: list[int]
    seen: dict[str, Broke]
    hidden: dict[str, Broke]
    line: int
    number: int | None
    strange: list[str]
    events: int
    judged_by: list[str]
    unlogged: list[str]
    width: int
    doubts: dict[str, str]


def paused(audit: Audit, place: Place) -> PausedPart:
    """What has to be kept of an audit that took every line up to a place."""
    table, report, frontier = _Table(), audit.report, audit.frontier
    return PausedPart(
        place=place,
        fingerprint=audit.record.fingerprint,
        births=[(sort.name, member) for sort, member in audit.reader.layout.births],
        base=frontier.base,
        owns=frontier.owns,
        runs=[table.put(run) for run in frontier.runs],
        stale=_stale(audit.closure),
        seen={mark: table.broke(t) for mark, t in audit.broken.seen.items()},
        hidden={mark: table.broke(t) for mark, t in audit.broken.hidden.items()},
        taken=table.taken,
        line=audit.line,
        number=audit.number,
        strange=sorted(audit.strange),
        events=report.events,
        judged_by=report.judged_by,
        unlogged=list(report.unlogged),
        width=report.width,
        doubts=report.doubts,
    )


def go_on(audit: Audit, note: PausedPart) -> None:
    """Put an audit, whose record stands after the note's place, where another was put aside."""
    record, report = audit.record, audit.report
    record.model, record.fingerprint = record.models[note.fingerprint], note.fingerprint
    reader = reader_of(record.model, record.created)
    sorts = {sort.name: sort for sort in record.model.schema.identities}
    for name, member in note.births:
        reader.join(sorts[name], member)
    record.layout = reader.layout
    audit.read_by(reader)
    runs = _runs(note.taken)
    audit.frontier = Frontier(note.base)
    audit.frontier.put(Way(own, _run(runs, i)) for own, i in zip(note.owns, note.runs, strict=True))
    closure = audit.closure
    closure.stale = {id(h): h for h in (closure.hidden[i] for i in note.stale)}
    audit.broken.seen.update(_troubles(note.seen, runs))
    audit.broken.hidden.update(_troubles(note.hidden, runs))
    audit.line, audit.number, audit.strange = note.line, note.number, frozenset(note.strange)
    report.events, report.width = note.events, note.width
    report.judged_by, report.unlogged = note.judged_by, tuple(note.unlogged)
    report.doubts.clear()
    report.doubts.update(note.doubts)


def _stale(closure: Closure) -> list[int]:
    at = {id(h): i for i, h in enumerate(closure.hidden)}
    return [at[name] for name in closure.stale]


class _Table:
    """Runs as a table of steps."""

    def __init__(self) -> None:
        self.taken: list[Taken] = []
        self._at: dict[int, int] = {}

    def put(self, run: Run | None) -> int:
        """The index of the last step of a run."""
        new = []
        while run is not None and id(run) not in self._at:
            new.append(run)
            run = run.before
        for one in reversed(new):
            before = NO_RUN if one.before is None else self._at[id(one.before)]
            step = one.step
            args: dict[str, Any] = dict(step.args)
            self._at[id(one)] = len(self.taken)
            self.taken.append(Taken(before, one.line, step.rule, args, one.logged, one.of))
        last = new[0] if new else run
        return NO_RUN if last is None else self._at[id(last)]

    def broke(self, trouble: Trouble) -> Broke:
        """Where a property was broken."""
        return Broke(trouble.line, trouble.where, trouble.text, self.put(trouble.run))


def _runs(taken: Iterable[Taken]) -> list[Run]:
    found = list[Run]()
    for one in taken:
        before = _run(found, one.before)
        found.append(Run(before, one.line, Step(one.rule, one.args), one.logged, one.of))
    return found


def _run(runs: list[Run], index: int) -> Run | None:
    return None if index == NO_RUN else runs[index]


def _troubles(broke: Mapping[str, Broke], runs: list[Run]) -> dict[str, Trouble]:
    return {
        mark: Trouble(b.line, b.where, "property", b.text, certain=False, run=_run(runs, b.run))
        for mark, b in broke.items()
    }
