"""The page part of one audited log of ours: its chapters, in order."""

from __future__ import annotations

from collections.abc import Sequence

from ccr_es.audit.audit import AuditReport
from cli import __version__
from cli.page.findings import Links, findings, provenance, unjudged
from cli.page.frame import Part
from cli.page.ledger import history, in_short, raw, rules
from cli.page.matter import Matter
from cli.page.plots import Scale, serving
from cli.page.queues import queues
from cli.page.timeline import timeline
from cli.page.words import count, esc
from models.language.model import Model

GAPS_NAMED = 4


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
    source = provenance(report, prefix, about, command, __version__)
    left_out = unjudged(report, prefix, _not_shown(matter))
    found, lead = findings(report, prefix, links), _lead(report, links)
    if not told:
        return Part(report.verdict, lead, _name(report), [found, left_out, source])
    scale = Scale([m.event.time for m in matter.moments], matter.fold.time)
    chapters = [
        found,
        history(matter, prefix, links),
        serving(matter, prefix, links, scale),
        left_out,
        source,
        timeline(matter, prefix, links, {f.event for f in report.findings}),
        queues(matter, prefix, scale),
        rules(matter, model, prefix),
        raw(matter.moments, prefix, matter.left_out),
    ]
    return Part(report.verdict, lead, _name(report), chapters, brief=in_short(matter, links))


def _not_shown(matter: Matter) -> list[str]:
    said = []
    if not matter.events and not matter.stopped:
        said.append("the steps are not shown on this page: it was given a run, not a log")
    if matter.stopped:
        where = matter.fold.number
        said.append(f"after event {where} this page shows only the findings: {matter.stopped}")
    if matter.left_out:
        total = sum(last - first + 1 for first, last in matter.left_out)
        places = [f"{first:,} to {last:,}" for first, last in matter.left_out]
        listed = ", ".join(places[:GAPS_NAMED])
        more = len(places) - GAPS_NAMED
        listed += f" and {more} more stretches" if more > 0 else ""
        said.append(
            f"{total:,} events were judged, but this page has no room for them ({listed}); what is"
            " near a finding, or near the beginning and end of a failover or move, is on it;"
            " `ccr log list` and `ccr log export` have the others"
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
