"""Results of an induction, and the fixed point on which they rest: no proof leans on what is not
proved itself.

Sits above `cti`; whoever asks (z3 inline, workers, a folder of answers) hands its results here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from ..report import Report
from ..verdict import HOLDS, UNKNOWN, Obligation
from .cti import Cti


@dataclass
class Result:
    """One obligation, and the counterexample to induction if it failed."""

    obligation: Obligation
    cti: Cti | None = None

    @property
    def told(self) -> Obligation:
        """The obligation, the counterexample among its details."""
        if self.cti is None:
            return self.obligation
        lines = "\n".join(line.strip() for line in self.cti.lines())
        return replace(self.obligation, detail=f"{self.obligation.detail}\n{lines}")


OnResult = Callable[[Result], None]


Leaning = list[tuple[int, Obligation]]
"""Obligations that rest on something unproved, with their places among the results."""


def settled(
    results: list[Result],
    more: Callable[[list[str]], Iterator[Result]],
    without: Callable[[set[str], Leaning], Iterator[tuple[int, Result]]],
    say: OnResult,
) -> list[Result]:
    """Results that rest on proved invariants only.

    `more` asks about properties that were assumed but not asked about: nothing rests on hearsay.
    `without` asks again what leans on failed ones, until nothing changes.
    """
    results = list(results)
    while True:
        asked = {r.obligation.property for r in results}
        used = {u for r in results for u in r.obligation.uses}
        if used - asked:
            for result in more(sorted(used - asked)):
                results.append(result)
                say(result)
            continue
        failed = {r.obligation.property for r in results if r.obligation.verdict != HOLDS}
        leaning = [
            (i, r.obligation)
            for i, r in enumerate(results)
            if r.obligation.property not in failed and failed.intersection(r.obligation.uses)
        ]
        if not leaning:
            return results
        for i, again in without(failed, leaning):
            was = results[i].obligation
            if again.obligation.verdict != HOLDS:
                names = ", ".join(sorted(failed.intersection(was.uses)))
                detail = f"rests on {names}, which is not proved"
                again.obligation = replace(again.obligation, detail=detail)
            results[i] = again
            say(again)


def distrusted(report: Report, against: Mapping[tuple[str, str], str]) -> Report:
    """A report without what somebody is `against`, by rule and property, and what leans on it.

    That nothing shows a `sometimes` leans on the proof of its opposite.
    """
    found = [
        replace(o, verdict=UNKNOWN, detail=against[o.rule, o.property])
        if (o.rule, o.property) in against and o.verdict == HOLDS
        else o
        for o in report.obligations
    ]
    lost = {number for _, number in against} - set(report.runs)
    while True:
        leaning = [
            i for i, o in enumerate(found) if o.verdict != UNKNOWN and lost.intersection(o.uses)
        ]
        if not leaning:
            break
        for i in leaning:
            names = ", ".join(sorted(lost.intersection(found[i].uses)))
            detail = f"rests on {names}, which is not confirmed"
            found[i] = replace(found[i], verdict=UNKNOWN, detail=detail)
            lost.add(found[i].property)
    kept = {n: c for n, c in report.certificates.items() if n not in lost}
    return replace(report, obligations=found, certificates=kept)
