"""What `ccr audit` does: one report per source, one verdict over all.

The model with its properties is handed to the audit here. Imports no z3.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from ccr_es.audit import AuditReport, Finding, audit
from ccr_es.errors import FileUnreadable
from ccr_es.observations import ObservationReport, audit_observations, is_observations
from ccr_es.sources import FileSource
from ccr_es.store import Store
from cli.base import settings
from cli.errors import BadPair
from cli.output import answer, document, faint, room, tint
from cli.refusals import shown
from cli.runaudit import audit_run
from cli.runfile import is_run
from cli.subject import subject
from cli.upto import source_upto
from cli.wording import wrapped
from specs.verdict import HOLDS, UNKNOWN, VIOLATED, merge

EXITS = {HOLDS: 0, VIOLATED: 1, UNKNOWN: 3}
_OBSERVED = {"conforms": HOLDS, "does not conform": VIOLATED, "cannot be known": UNKNOWN}
FINDINGS_SHOWN = 20

Report = AuditReport | ObservationReport


def audit_all(
    paths: Sequence[Path], today: bool, leads: Sequence[str], as_of: str | None, as_json: bool
) -> None:
    """Audit each file, or the cluster that the options name; exit with the merged verdict."""
    assumed = _leads(leads)
    reports = [_file(path, today, assumed) for path in paths] or [_own(today, as_of)]
    verdict = merge(verdict_of(r) for r in reports)
    if as_json:
        bodies = [body_of(r) for r in reports]
        whole = bodies[0] if len(bodies) == 1 else _several(verdict, bodies)
        document("audit", whole)
    else:
        for report in reports:
            show(report)
    if EXITS[verdict]:
        raise click.exceptions.Exit(EXITS[verdict])


def _leads(pairs: Sequence[str]) -> dict[str, float]:
    found = {}
    for pair in pairs:
        name, equals, seconds = pair.partition("=")
        try:
            found[name] = float(seconds)
        except ValueError:
            equals = ""
        if not equals:
            raise BadPair(f"{pair!r} is not PARTY=SECONDS", "Write SVR13=0.5")
    return found


def _own(today: bool, as_of: str | None) -> AuditReport:
    chosen = settings()
    with Store.open(chosen.store) as store:
        source = source_upto(store, store.chosen(chosen.cluster), as_of)
        return audit(source, subject().model, by_given=_by_given(today))


def _file(path: Path, today: bool, leads: dict[str, float]) -> Report:
    try:
        if is_run(path):
            return audit_run(path)
        if is_observations(path):
            return audit_observations(path, leads or None)
        with path.open("rb") as file:
            source = FileSource(str(path), file)
            return audit(source, subject().model, by_given=_by_given(today))
    except OSError as error:
        raise FileUnreadable(f"{path}: {error.strerror}", "Name a file that can be read") from None


def _by_given(today: bool) -> bool:
    """Whoever names a model wants every event judged by it."""
    return today or subject().path is not None


def verdict_of(report: Report) -> str:
    """holds, violated or unknown."""
    if isinstance(report, ObservationReport):
        return _OBSERVED[report.verdict]
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
        "judged_by": report.judged_by,
        "findings": [_finding(f) for f in report.findings],
        "more_findings": report.more_findings,
        "unchecked": report.unchecked,
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
