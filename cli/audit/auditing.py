"""What `ccr audit` does: one report per source, one verdict over all.

The model with its properties is handed to the audit here. Imports no z3.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from ccr_es.audit.audit import AuditReport, Finding, audit
from ccr_es.audit.keep_going import audit_going_on
from ccr_es.audit.sealing import Seal
from ccr_es.errors import FileUnreadable
from ccr_es.observations import ObservationReport
from cli.audit.asrows import audit_rows
from cli.audit.logsources import Log, about, logs_of, seal_of
from cli.audit.long import WORTH, Long, events_in
from cli.audit.partial import PartialWanted, audit_records, body_of_part
from cli.audit.records import NOTHING, Assumed, audit_record, is_record
from cli.audit.runaudit import audit_run
from cli.audit.showpartial import show_part
from cli.explain.wording import wrapped
from cli.frame.output import answer, document, faint, room, tint
from cli.page.making import Pages
from cli.page.observed import OBSERVED
from cli.session.refusals import shown
from cli.session.subject import subject
from cli.verify.runfile import is_run
from specs.verdict import HOLDS, UNKNOWN, VIOLATED, merge

EXITS = {HOLDS: 0, VIOLATED: 1, UNKNOWN: 3}
FINDINGS_SHOWN = 20
UNJUDGED_SHOWN = 8
MANY = 20
"""Reports beyond which nobody reads them all."""

Report = AuditReport | ObservationReport


@dataclass(frozen=True)
class Wanted:
    """What was asked for beside the files."""

    today: bool = False
    keep_going: bool = False
    assumed: Assumed = NOTHING
    as_of: str | None = None
    seal: Path | None = None
    public_key: Path | None = None
    jobs: int | None = None
    resume: bool = False


def audit_all(paths: Sequence[Path], wanted: Wanted, as_json: bool, as_csv: bool) -> None:
    """Audit each file and store, or the cluster that the options name; exit with the merged
    verdict.
    """
    seal, pages = seal_of(wanted), Pages()
    runs = [p for p in paths if _is_run(p)]
    others = [p for p in paths if p not in runs and is_record(p, wanted.assumed)]
    found: list[tuple[Path | None, Report]] = [(p, audit_run(p)) for p in runs]
    found += [(p, audit_record(p, wanted.assumed)) for p in others]
    with ExitStack() as stack:
        rest = [p for p in paths if p not in (*runs, *others)]
        if wanted.resume and paths and not rest:
            raise click.UsageError("--resume is for logs: these are judged at once")
        logs = list(logs_of(rest, wanted.as_of, stack)) if rest or not paths else []
        about(seal, logs)
        found += zip(
            (log.path for log in logs), _all_judged(logs, wanted, seal, pages), strict=True
        )
    found.sort(key=lambda pair: paths.index(pair[0]) if pair[0] is not None else 0)
    reports = [report for _, report in found]
    verdict = merge(verdict_of(r) for r in reports)
    pages.write(reports, verdict, subject().model)
    if as_csv:
        audit_rows(body_of(r) for r in reports)
    elif as_json:
        bodies = [body_of(r) for r in reports]
        whole = bodies[0] if len(bodies) == 1 else _several(verdict, bodies)
        document("audit", whole)
    else:
        for report in reports:
            show(report)
        if len(reports) > 1:
            answer(f"all of them: {tint(verdict)}")
            _apart(reports)
    if EXITS[verdict]:
        raise click.exceptions.Exit(EXITS[verdict])


def audit_parts(paths: Sequence[Path], wanted: PartialWanted, as_json: bool, as_csv: bool) -> None:
    """`ccr audit --partial`: each file a partial record; exit with the merged verdict."""
    if not paths:
        raise click.UsageError("--partial needs the FILE of the record")
    pages = Pages()
    reports = audit_records(paths, wanted)
    verdict = merge(r.verdict for r in reports)
    pages.write(reports, verdict, subject().model)
    if as_csv:
        audit_rows(body_of_part(r) for r in reports)
    elif as_json:
        bodies = [body_of_part(r) for r in reports]
        document("audit", bodies[0] if len(bodies) == 1 else _several(verdict, bodies))
    else:
        for report in reports:
            show_part(report)
    if EXITS[verdict]:
        raise click.exceptions.Exit(EXITS[verdict])


def _apart(reports: Sequence[Report]) -> None:
    """Of many, those that do not hold are named again at the end."""
    if len(reports) <= MANY:
        return
    for verdict in (VIOLATED, UNKNOWN):
        names = [_named(r) for r in reports if verdict_of(r) == verdict]
        for line in wrapped(f"{len(names):,} {verdict}: {', '.join(names)}", "  ") if names else ():
            answer(line)


def _named(report: Report) -> str:
    return report.source if isinstance(report, AuditReport) else report.record.path


def _is_run(path: Path) -> bool:
    try:
        return is_run(path)
    except (OSError, RecursionError):
        return False


def _all_judged(
    logs: Sequence[Log], wanted: Wanted, seal: Seal | None, pages: Pages
) -> list[AuditReport]:
    """The report on each log: by all processors if that is worth it, and nobody wants a page."""
    # Whoever names a model wants every event judged by it.
    by_given = wanted.today or subject().path is not None
    heads = [seal.head if seal is not None and seal.cluster == x.cluster else None for x in logs]
    at = [
        replace(x.at, head=head, keep_going=wanted.keep_going, by_given=by_given)
        for x, head in zip(logs, heads, strict=True)
        if x.at is not None
    ]
    try:
        if len(at) == len(logs) and not pages.wanted:
            sizes = [events_in(log) for log in at]
            if wanted.resume or sum(sizes) >= WORTH:
                jobs = wanted.jobs or len(os.sched_getaffinity(0))
                long = Long(at, subject().model, jobs, sum(sizes))
                return long.reports(resume=wanted.resume)
        if wanted.resume:
            raise click.UsageError("--resume is for whole logs, and writes no page")
        judge = audit_going_on if wanted.keep_going else audit
        reports = [
            judge(pages.tap(log.source), subject().model, by_given=by_given, head=head)
            for log, head in zip(logs, heads, strict=True)
        ]
        for log, report in zip(logs, reports, strict=True):
            pages.complete(log.source, report)
        return reports
    except OSError as error:
        name = error.filename or ", ".join(log.source.name for log in logs)
        raise FileUnreadable(f"{name}: {error.strerror}") from None


def verdict_of(report: Report) -> str:
    """holds, violated or unknown."""
    if isinstance(report, ObservationReport):
        return OBSERVED[report.verdict]
    return report.verdict


def body_of(report: Report) -> dict[str, Any]:
    """The `--json` form of one report."""
    if isinstance(report, ObservationReport):
        return {**report.as_json(), "verdict": verdict_of(report), "said": report.verdict}
    return {
        "verdict": report.verdict,
        "source": report.source,
        "cluster": report.cluster,
        "events": report.events,
        "head": report.head,
        "comes_by": report.comes_by,
        "judged_by": report.judged_by,
        "findings": [_finding(f) for f in report.findings],
        "more_findings": report.more_findings,
        "unchecked": report.unchecked,
        "unjudged": report.unjudged,
    }


def _several(verdict: str, bodies: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "verdict": verdict,
        "events": sum(b["events"] for b in bodies),
        "findings": [f for b in bodies for f in b["findings"]],
        "reports": bodies,
    }


def _finding(f: Finding) -> dict[str, Any]:
    return {
        "event": f.event,
        "kind": f.kind,
        "text": f.text,
        "where": f.where,
        "rule": f.rule,
        "guard": f.guard,
        "property": f.property,
        "facts": [{"key": x.key, "value": x.value, "set_by": x.set_by} for x in f.facts],
    }


def show(report: Report) -> None:
    """The report as people read it."""
    if isinstance(report, ObservationReport):
        answer(report.text(room()))
        return
    answer(f"{report.source}: {tint(report.verdict)}, {report.events} events judged")
    stamps = ", ".join(s[:12] for s in report.judged_by)
    number, _, digest = report.head.partition(":")
    answer(faint(f"  by the rules of {stamps} and what is promised of them"))
    answer(faint(f"  head {number} {digest}"))
    if report.comes_by:
        answer(faint(f"  comes by the sealed head, event {report.comes_by.partition(':')[0]}"))
    for finding in report.findings[:FINDINGS_SHOWN]:
        for line in wrapped(f"event {finding.event}: {finding.text}", "  "):
            answer(line)
        for fact in finding.facts[:4]:
            by = f"; set by event {fact.set_by}" if fact.set_by else ""
            answer(f"    {fact.key} = {shown(fact.value)}{by}")
    left = len(report.findings) - FINDINGS_SHOWN + report.more_findings
    if left > 0:
        answer(f"  and {left} more; see --json")
    if report.unchecked:
        answer(f"  not judged: {report.unchecked}")
    for what, times in list(report.unjudged.items())[:UNJUDGED_SHOWN]:
        often = f" ({times} times)" if times > 1 else ""
        for line in wrapped(f"not judged: {what}{often}", "  "):
            answer(line)
    if len(report.unjudged) > UNJUDGED_SHOWN:
        answer(f"  and {len(report.unjudged) - UNJUDGED_SHOWN} more not judged; see --json")
