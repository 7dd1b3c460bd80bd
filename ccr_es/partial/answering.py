"""Questions about facts at a moment of a partial record: certain, possible, impossible or unknown.

The moment lasts from a line to the next one: what may have happened unlogged between them counts.
Each possible state remembers the fact as it was then (a mark, like those of broken properties), so
that the answer also rests on everything that the record says later. Sits above `frontier`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from models.plain.layout import Layout, Value

from ..errors_audit import BadQuestion
from .frontier import Frontier, Run, Way
from .report import CANNOT, CERTAIN, IMPOSSIBLE, POSSIBLE, UNKNOWN, Answer, PartialReport


@dataclass(frozen=True)
class Asked:
    """Whether `key` was `value` after a line (None: after the last one)."""

    key: str
    value: Value
    line: int | None = None
    where: str = "the end"

    @property
    def mark(self) -> str:
        """The key under which a state remembers the fact."""
        return f"?{self.key}@{self.line}"

    def strange(self, layout: Layout) -> bool:
        """Whether it is about no fact of a model."""
        return self.key not in layout.fields

    def check(self, layout: Layout) -> None:
        """Refuse a question about no fact of the model. Raises `BadQuestion`."""
        declared = layout.fields.get(self.key)
        if declared is None:
            near = difflib.get_close_matches(self.key, layout.fields, 3)
            raise BadQuestion(
                f"there is no fact {self.key}"[:200],
                f"Nearest: {', '.join(near)}" if near else "Write node.A.cms=ONLINE",
            )
        sort = declared.sort
        if sort.kind in ("enum", "id") and self.value not in ("", *layout.members(sort)):
            known = ", ".join(layout.members(sort))
            raise BadQuestion(f"{self.key} is one of {known}, never {self.value}"[:200])
        if type(self.value) is not {"int": int, "bool": bool}.get(sort.kind, str):
            raise BadQuestion(f"{self.key} is a {sort.name}, never {self.value}"[:200])


def tag(frontier: Frontier, asked: Iterable[Asked]) -> None:
    """Let every possible state remember what was asked."""
    for question in asked:
        values = frontier.values(question.key)
        ways = zip(frontier.ways, values, strict=True)
        frontier.put(Way({**way.own, question.mark: _known(v)}, way.run) for way, v in ways)


def _known(value: Value | None) -> Value:
    assert value is not None
    return value


def answers(
    frontier: Frontier, asked: Sequence[Asked], layout: Layout, doubts: dict[str, str]
) -> list[Answer]:
    """What the states that are left say; with doubts nothing is certain and nothing impossible."""
    found = []
    for question in asked:
        values = frontier.values(question.mark)
        runs = [w.run for w, v in zip(frontier.ways, values, strict=True) if v == question.value]
        known = [v for v in values if v is not None]
        if not known:
            said = UNKNOWN
        elif doubts:
            said = POSSIBLE if runs else UNKNOWN
        else:
            said = IMPOSSIBLE if not runs else CERTAIN if len(runs) == len(values) else POSSIBLE
        distinct = tuple(sorted(set(known), key=str))
        run = runs[0] if runs and said == POSSIBLE else None
        found.append(Answer(question.key, question.value, question.where, said, distinct, run))
    return found


def to_log(report: PartialReport, frontier: Frontier) -> list[str]:
    """What would have to be logged to know: the rules behind every doubt and every difference."""
    open_questions = [a for a in report.answers if a.answer in (POSSIBLE, UNKNOWN)]
    if report.said != CANNOT and not open_questions:
        return []
    found = {label for label in report.doubts.values() if label}
    if len(frontier) > 1 or report.troubles:
        for way in frontier.ways:
            found |= {_label(run, report) for run in steps_of(way.run)}
    return sorted(found)


def steps_of(run: Run | None) -> list[Run]:
    """The steps of a run, first one first."""
    found = []
    while run is not None:
        found.append(run)
        run = run.before
    return found[::-1]


def _label(run: Run, report: PartialReport) -> str:
    if run.logged:
        return f"the arguments of {run.step.rule} at line {run.line}"
    name = run.step.rule
    return next((label for label in report.unlogged if label.endswith(f" {name}")), name)
