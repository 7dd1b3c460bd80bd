"""The page part of one audited log of ours: its chapters, in order."""

from __future__ import annotations

from collections.abc import Sequence

from ccr_es.audit.audit import AuditReport
from cli import __version__
from cli.page.findings import Links, findings, provenance, unjudged
from cli.page.frame import Chapter, Part
from cli.page.ledger import history, raw, rules
from cli.page.matter import Matter
from cli.page.plots import Scale, serving
from cli.page.queues import queues
from cli.page.timeline import timeline
from cli.page.words import count, esc
from models.language.model import Model


def part_of(
    report: AuditReport,
    matter: Matter,
    model: Model,
    prefix: str,
    about: Sequence[tuple[str, str]],
    command: str,
) -> Part:
    """The chapters. `model` is the one of today, whose words are used for a log of its rules."""
    told = matter.events > 0 and matter.parties is not None
    if told and matter.fold.model != matter.book.add(model).fingerprint:
        model = matter.fold.reader.model
    fired = [r.label for r in model.rules.values() if matter.counted[r.name]]
    promised = [p.label for p in model.properties] if told else []
    links = Links(prefix, {m.event.number for m in matter.moments}, {*fired, *promised})
    chapters = [
        provenance(report, prefix, about, command, __version__),
        unjudged(report, prefix, _not_shown(matter)),
        findings(report, prefix, links),
    ]
    if told:
        chapters += _told(report, matter, model, prefix, links)
    return Part(report.verdict, _lead(report, links), _name(report), chapters)


def _told(
    report: AuditReport, matter: Matter, model: Model, prefix: str, links: Links
) -> list[Chapter]:
    times = [m.event.time for m in matter.moments]
    scale = Scale(times, matter.fold.time)
    return [
        timeline(matter, prefix, links, {f.event for f in report.findings}),
        serving(matter, prefix, links, scale),
        queues(matter, prefix, scale),
        history(matter, prefix, links),
        rules(matter, model, prefix),
        raw(matter.moments, prefix, matter.left_out),
    ]


def _not_shown(matter: Matter) -> list[str]:
    said = []
    if not matter.events and not matter.stopped:
        said.append("the steps are not shown on this page: it was given a run, not a log")
    if matter.stopped:
        where = matter.fold.number
        said.append(f"after event {where} this page shows only the findings: {matter.stopped}")
    if matter.left_out is not None:
        first, last = matter.left_out
        said.append(
            f"events {first:,} to {last:,} were judged, but this page has no room for them:"
            " `ccr log list` and `ccr log export` have them"
        )
    return said


def _name(report: AuditReport) -> str:
    return f"cluster {report.cluster}" if report.cluster else report.source


def _lead(report: AuditReport, links: Links) -> str:
    judged = f"{count(report.events, 'event')} judged"
    if report.findings:
        total = len(report.findings) + report.more_findings
        first = min(report.findings, key=lambda f: f.event)
        return f"{count(total, 'finding')} in {judged}; the first is at {links.event(first.event)}."
    if report.verdict == "unknown":
        return f"{esc(judged)}, and nothing wrong was found, but not everything could be judged."
    return f"{esc(judged)}: each followed its rule, and every promise was kept."
