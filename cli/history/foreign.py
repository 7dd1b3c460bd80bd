"""`ccr history`, `ccr who` and `ccr why` of another system's record, as its mapping reads it. What
the record does not say is `?`. Sits above `ccr_es.observations`; imports no z3.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from ccr_es.errors import PointNotFound
from ccr_es.observations import ObservationReport, audit_observations, mapping_named
from ccr_es.observations.kinds import SECOND, clock_text
from ccr_es.observations.reasoning.finding import Duration
from ccr_es.observations.reasoning.succession import FAILOVER, MOVE, Succession
from ccr_es.observations.vocabulary import Observation
from cli.explain.wording import wrapped
from cli.frame.output import answer, document, faint, strong, table
from cli.frame.rows import csv_rows
from cli.page.frame import page
from cli.page.observed import part_of_record
from cli.page.writing import command, put, wanted

UNSAID = "?"
HISTORY = (
    "number", "kind", "from", "to", "order_certain", "told_to_stop", "stopped", "noticed",
    "decided", "served", "nobody_at_least", "nobody_at_most", "actor", "reason", "lost", "lines",
)  # fmt: skip
WHO = ("node", "serving", "from", "until", "lines")
WHY = ("number", "moment", "time", "node", "line", "kind", "actor", "reason")


@dataclass(frozen=True)
class Foreign:
    """The record that is asked, by which mapping, up to which point, and how to answer."""

    path: Path
    mapping: str | None
    as_of: str | None
    as_json: bool
    as_csv: bool

    def read(self, kind: str) -> ObservationReport:
        """The audit of the record; its page is written if one is asked for."""
        files = wanted()
        mapping = None if self.mapping is None else mapping_named(self.mapping)
        report = audit_observations(self.path, mapping=mapping, as_of=self.as_of)
        if files:
            part = part_of_record(report, "", command())
            put(files, page(kind, part.verdict, [part]))
        return report

    def tell(
        self,
        kind: str,
        body: dict[str, Any],
        columns: tuple[str, ...],
        rows: list[dict[str, Any]],
        text: Callable[[], None],
    ) -> None:
        """The answer in the form that was asked for."""
        if self.as_json:
            document(kind, {"record": str(self.path), **body})
        elif self.as_csv:
            csv_rows(columns, rows)
        else:
            text()


def history_of(asked: Foreign) -> None:
    """`ccr history --record`."""
    report = asked.read("History")
    rows = [_row(i, s, report) for i, s in enumerate(report.history, 1)]

    def text() -> None:
        if not rows:
            answer("the record shows nobody serving after another")
            return
        heads = ("no", "kind", "from", "to", "told", "noticed", "stopped", "decided", "served")
        keys = ("number", "kind", "from", "to", "told_to_stop", "noticed", "stopped", "decided",
                "served")  # fmt: skip
        table(heads, [[_shown(r[k]) for k in keys] for r in rows])
        answer()
        for r in rows:
            for line in wrapped(f"{r['number']}  {_words(r)}"):
                answer(line)

    asked.tell("history", {"passages": rows}, HISTORY, rows, text)


def _words(row: dict[str, Any]) -> str:
    order = "certain" if row["order_certain"] else "not certain"
    least, most = row["nobody_at_least"], row["nobody_at_most"]
    known = [UNSAID if x is None else f"{x:g} s" for x in (least, most)]
    span = " to ".join(dict.fromkeys(known))
    reason = f": {row['reason']}" if row["reason"] else ""
    return (
        f"nobody served for {span}; by {_shown(row['actor'])}{reason}; lost:"
        f" {_shown(row['lost'])}; that {row['from']} served first is {order};"
        f" lines {row['lines']}"
    )


def _shown(value: object) -> str:
    return UNSAID if value is None or value == "" or value == "not known" else str(value)


def _row(number: int, s: Succession, report: ObservationReport) -> dict[str, Any]:
    least, most = _nobody(s, report)
    moments = _moments(s)
    return {
        "number": number, "kind": s.kind, "from": s.was, "to": s.now, "order_certain": s.sure,
        **{name: None if o is None else _at(o) for name, o in moments.items()},
        "nobody_at_least": least, "nobody_at_most": most,
        "actor": next((o.actor for o in moments.values() if o is not None and o.actor), None),
        "reason": s.reason, "lost": _lost(s, report), "lines": " ".join(map(str, s.lines)),
    }  # fmt: skip


def _lost(s: Succession, report: ObservationReport) -> str | None:
    """What the record says of what was lost, if it says anything."""
    mine = (f for f in report.findings if f.name == "records_lost" and s.begun.line in f.lines)
    return next((f.text for f in mine), None)


def _moments(s: Succession) -> dict[str, Observation | None]:
    return {
        "told_to_stop": s.told, "noticed": s.noticed, "stopped": s.stopped, "decided": s.decided,
        "served": s.begun,
    }  # fmt: skip


def _nobody(s: Succession, report: ObservationReport) -> tuple[float | None, float | None]:
    """Seconds in which nobody served: at least and at most, as far as the clocks allow."""
    end = s.before.end if s.before else None
    least = most = None
    if s.stopped is not None and s.stopped.at < s.since.at:
        least = Duration("", s.stopped, s.since).least(report.clocks)
    if end is not None:
        most = Duration("", end, s.begun).most(report.clocks)
    return (None if least is None else least / SECOND, None if most is None else most / SECOND)


def _at(o: Observation) -> str:
    return clock_text(o.at, o.resolution)


def who_of(asked: Foreign) -> None:
    """`ccr who --record`. Exit 1 if two certainly served at once, 3 if that cannot be known."""
    report = asked.read("Service")
    words = {True: "served", False: "did not", None: UNSAID}
    rows = [
        {
            "node": party, "serving": words[s.serving], "from": s.start and _at(s.start),
            "until": s.end and _at(s.end),
            "lines": " ".join(str(o.line) for o in (s.start, s.end) if o is not None),
        }
        for party, found in report.serving.items()
        for s in found
    ]  # fmt: skip
    together = report.together

    def text() -> None:
        heads = ("node", "", "from", "until", "lines")
        table(heads, [[_shown(r[k]) if k != "lines" else r[k] for k in WHO] for r in rows])
        said = f"two served at once: {together.status}"
        said += f", unless {' or '.join(together.unless)}" if together.unless else ""
        for line in wrapped(said):
            answer(line)
        for need in together.needs:
            for line in wrapped(f"to know, record {need}", "  "):
                answer(line)

    two = {"status": together.status, "unless": list(together.unless)}
    asked.tell("who", {"spans": rows, "two_serving": two}, WHO, rows, text)
    settled = {"certain": 1, "impossible": 0}
    code = 3 if together.unless else settled.get(together.status, 3)
    if code:
        raise click.exceptions.Exit(code)


def why_of(what: str, asked: Foreign) -> None:
    """`ccr why --record`: from a passage, or the one that a line is about, back to what began it.
    Raises `PointNotFound`.
    """
    report = asked.read("Causes")
    number, s = _passage(what, report)
    # What is not on record has no place among the times: it stands where it would be asked for.
    steps = sorted(_moments(s).items(), key=lambda x: (x[1] is None, x[1].at if x[1] else 0))
    rows = [
        {
            "number": number, "moment": name.replace("_", " "), "time": o and _at(o),
            "node": o and o.party, "line": o and o.line, "kind": o and str(o.kind),
            "actor": o and o.actor, "reason": o and o.reason,
        }
        for name, o in steps
    ]  # fmt: skip
    body = {"passage": _row(number, s, report), "steps": rows, "needs": list(report.needs)}

    def text() -> None:
        answer(strong(f"{s.kind} {number}: {s.was} to {s.now}"))
        for r in rows:
            head = f"  {_shown(r['time']):<15} {r['moment']:<13}"
            if r["line"] is None:
                answer(f"{head} {UNSAID}")
                continue
            reason = f": {r['reason']}" if r["reason"] else ""
            answer(f"{head} {r['kind']} of {r['node']}, by {_shown(r['actor'])}{reason}"
                   f" [{r['line']}]")  # fmt: skip
        for need in report.needs:
            for line in wrapped(f"to know more, record {need}", "  "):
                answer(faint(line))

    asked.tell("why", body, WHY, rows, text)


def _passage(what: str, report: ObservationReport) -> tuple[int, Succession]:
    every = list(enumerate(report.history, 1))
    name, _, back = what.lower().partition("~")
    kinds = {"failover": (FAILOVER,), "move": (MOVE,), "passage": None}
    if name in kinds and (not back or back.isdecimal()) and len(back) < 10:
        wanted_kinds = kinds[name]
        fits = [x for x in every if wanted_kinds is None or x[1].kind in wanted_kinds]
        which = int(back or 1)
        if 1 <= which <= len(fits):
            return fits[-which]
    elif what.isdecimal() and len(what) < 16:
        near = [x for x in every if int(what) in x[1].lines]
        if near:
            return near[0]
    found = ", ".join(f"{s.kind} of {s.was} to {s.now}" for _, s in every) or "nobody after another"
    raise PointNotFound(
        f"the record has no {what[:40]}; it shows {found}",
        "Write failover, move, passage~2, or a line that one of them rests on",
    )
