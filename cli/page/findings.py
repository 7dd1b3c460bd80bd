"""The chapters of an audited log that come first: where it comes from, what was not judged, what
was found.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence

from ccr_es.audit.audit import AuditReport, Finding
from ccr_es.audit.judge import Fact
from cli.page.frame import Chapter
from cli.page.words import code, count, esc, facts, rows
from cli.session.refusals import shown

LISTED = 8
"""What was not judged, that is listed before the rest is folded."""


class Links:
    """Links to the events and rules that are on the page, and plain text for those that are not."""

    def __init__(self, prefix: str, events: Container[int], rules: Container[str]) -> None:
        self.prefix, self._events, self._rules = prefix, events, rules

    def event(self, number: int, text: str = "") -> str:
        """`event 42`, as a link if it is on the page."""
        said = esc(text or f"event {number}")
        if number not in self._events:
            return said
        return f'<a href="#{self.prefix}e{number}">{said}</a>'

    def rule(self, label: str) -> str:
        """`R213 open_alone`, as a link if it is on the page."""
        if label not in self._rules:
            return esc(label)
        return f'<a href="#{self.prefix}{label.split()[0]}">{esc(label)}</a>'


def provenance(
    report: AuditReport, prefix: str, about: Sequence[tuple[str, str]], command: str, version: str
) -> Chapter:
    """Where the record comes from, and how to do the audit again. `about` adds names and values."""
    number, _, digest = report.head.partition(":")
    found = [
        ("Source", code(report.source)),
        *((name, code(value)) for name, value in about),
        ("Cluster", esc(report.cluster or "not known")),
        ("Events judged", f"{report.events:,}"),
        ("Head", f"event {esc(number)} {code(digest)}"),
        ("Judged by the rules", " ".join(code(s) for s in report.judged_by) or "none"),
        ("Program", f"ccr {esc(version)}"),
        ("To do it again", code(command)),
    ]
    if report.comes_by:
        found.insert(5, ("Comes by the sealed head", code(report.comes_by)))
    return Chapter(f"{prefix}provenance", "Where it comes from", facts(found))


def unjudged(report: AuditReport, prefix: str, more: Sequence[str]) -> Chapter:
    """What was not judged, and what the page does not show."""
    said = [report.unchecked] if report.unchecked else []
    said += [
        f"{what} ({count(n, 'time')})" if n > 1 else what for what, n in report.unjudged.items()
    ]
    if not report.events:
        said.append("there was no event to judge")
    # What this page leaves out is said first: it is short, and about all of it.
    items = [f"<li>{esc(s)}</li>" for s in [*more, *said]]
    if not items:
        items = [
            "<li>Nothing was left out: every guard of every event, every promise after it.</li>"
        ]
    body = f'<ul class="plain">{"".join(items[:LISTED])}</ul>'
    if items[LISTED:]:
        said_more = f"and {len(items) - LISTED:,} more"
        body += (
            f'<details class="more"><summary>{said_more}</summary>'
            f'<ul class="plain">{"".join(items[LISTED:])}</ul></details>'
        )
    return Chapter(f"{prefix}unjudged", "What was not judged", body)


def findings(report: AuditReport, prefix: str, links: Links) -> Chapter:
    """What is wrong, first things first."""
    items = [_finding(f, f"{prefix}f{i}", links) for i, f in enumerate(report.findings, 1)]
    body = f'<ol class="findings">{"".join(items)}</ol>' if items else f"<p>{_none(report)}</p>"
    if report.more_findings:
        body += f"<p>And {report.more_findings:,} more, which were counted and not kept.</p>"
    return Chapter(f"{prefix}findings", "Findings", body)


def _none(report: AuditReport) -> str:
    if not report.events:
        return "None, because nothing was judged."
    if report.verdict != "holds":
        return f"None in the {count(report.events, 'event')} that could be judged."
    return (
        f"None. The chain is whole, and {count(report.events, 'event')} followed the rules and kept"
        " what is promised of them."
    )


def _finding(f: Finding, anchor: str, links: Links) -> str:
    told: list[tuple[str, str]] = [("What", esc(f.kind))]
    if f.rule:
        told.append(("Rule", links.rule(f.rule)))
    if f.guard:
        told.append(("Guard that was false", code(f.guard)))
    if f.property:
        told.append(("Promise that was broken", links.rule(f.property)))
    if f.where:
        told.append(("Place", esc(f.where)))
    return (
        f'<li id="{esc(anchor)}" class="stop finding" tabindex="-1"><p class="said">'
        f"<strong>{links.event(f.event, f'Event {f.event}')}</strong> {esc(f.text)}</p>"
        f"{facts(told)}{_facts(f.facts, links)}</li>"
    )


def _facts(found: Sequence[Fact], links: Links) -> str:
    if not found:
        return ""
    set_by = sorted((x for x in found if x.set_by), key=lambda x: -(x.set_by or 0))
    rest = [x for x in found if not x.set_by]
    heads = ("field", "was", "set by")
    told = rows(heads, (_fact(x, links) for x in set_by), "The facts against it, newest first")
    if not rest:
        return told
    more = rows(heads, (_fact(x, links) for x in rest), "As they were from the beginning")
    said = f"<summary>and {count(len(rest), 'fact')} that no event had set</summary>"
    return f"{told if set_by else ''}<details{'' if set_by else ' open'}>{said}{more}</details>"


def _fact(x: Fact, links: Links) -> tuple[str, ...]:
    by = links.event(x.set_by) if x.set_by else "nobody yet"
    return code(x.key), code(shown(x.value)), by


def tally(found: Mapping[str, int]) -> str:
    """`8 × LogClosed, 8 × LogCopied`."""
    return ", ".join(f"{n} × {esc(name)}" for name, n in found.items())
