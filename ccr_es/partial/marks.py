"""Which properties were broken on the way to the states that are still possible.

Each state remembers by a mark what was broken on its way; here is where that was first. At the end
it is known whether every run breaks a property, or only some. Sits above `frontier`.
"""

from __future__ import annotations

from collections.abc import Mapping

from .frontier import Frontier, Run
from .promises import Case
from .record import Line
from .report import Trouble


class Broken:
    """Broken properties by their marks: by lines, and by steps that were not logged."""

    def __init__(self) -> None:
        self.seen: dict[str, Trouble] = {}
        self.hidden: dict[str, Trouble] = {}

    def note(self, case: Case, line: Line, run: Run | None) -> None:
        """A line breaks a property."""
        found = Trouble(line.line, line.where, "property", _said(case), False, run=run)
        self.seen.setdefault(case.mark, found)

    def note_hidden(self, case: Case, run: Run) -> None:
        """An unlogged step breaks a property."""
        where = f"before line {run.line}"
        found = Trouble(run.line, where, "property", _said(case), False, run=run)
        self.hidden.setdefault(case.mark, found)

    def troubles(self, frontier: Frontier, doubts: Mapping[str, str]) -> list[Trouble]:
        """What is wrong in every state that is left (certain, if nothing is in doubt), or in
        some.
        """
        told = []
        for mark in sorted({*self.seen, *self.hidden}):
            values = frontier.values(mark)
            if not any(values):
                continue
            found = self.seen.get(mark) or self.hidden[mark]
            certain = all(values) and not doubts
            run = next((w.run for w, v in zip(frontier.ways, values, strict=True) if v), None)
            told.append(Trouble(found.line, found.where, "property", found.text, certain, run=run))
        return told


def _said(case: Case) -> str:
    of = ", ".join(f"{n}={m}" for n, m in case.binding.items())
    return f"{case.prop.label}{f' ({of})' if of else ''} does not hold: {case.prop.sentence}"
