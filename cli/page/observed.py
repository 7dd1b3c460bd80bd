"""The page part of a record of another system, or of a partial log: the same frame, with what such
a record can say.

Values are those of the reports; the whole text report stands on the page as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ccr_es.observations import ObservationReport
from ccr_es.partial.answering import steps_of
from ccr_es.partial.report import PartialReport, Trouble
from cli import __version__
from cli.page.frame import Chapter, Part
from cli.page.words import code, count, embedded, esc, facts, rows
from cli.session.refusals import shown
from specs.verdict import HOLDS, UNKNOWN, VIOLATED

OBSERVED = {"conforms": HOLDS, "does not conform": VIOLATED, "cannot be known": UNKNOWN}
"""The verdict on a record in the word that every report has."""
_KINDS = {"broken": "", "unknown": " maybe", "kept": " kept", "not met": " aloud", "note": " aloud"}
_RANK = {"broken": 0, "unknown": 1, "not met": 2, "note": 3, "kept": 4}
SHOWN = 10_000
"""Observations on a page."""


def part_of_record(report: ObservationReport, prefix: str, command: str) -> Part:
    """The chapters of a record of another system."""
    body = report.as_json()
    seen = {o["line"] for o in body["observations"][:SHOWN]}
    chapters = [
        _source(body, prefix, command),
        _open(body, prefix),
        _findings(body, prefix, seen),
        _observations(report, body, prefix),
        _serving(body, prefix, seen),
        _text(report, prefix),
        _raw(body["observations"][:SHOWN], prefix, "observation"),
    ]
    said = f"{count(body['events'], 'observation')} of {', '.join(body['parties'])}"
    lead = f"{esc(said)}, each on the clock that stamped it."
    name = body["record"]["source"] or body["record"]["path"]
    return Part(OBSERVED[report.verdict], lead, name, chapters, report.verdict)


def _source(body: dict[str, Any], prefix: str, command: str) -> Chapter:
    record = body["record"]
    found = [
        ("File", code(record["path"])),
        ("SHA-256", code(record["sha256"])),
        ("System", esc(record["system"])),
        ("About", esc(record["about"])),
        ("Read by the mapping", esc(f"{record['mapping']}: {record['mapping_because']}")),
        ("Date and zone", esc(" ".join(filter(None, (record["date"], record["zone"]))))),
        ("Program", f"ccr {esc(__version__)}"),
        ("To do it again", code(command)),
    ]
    table = facts((n, v) for n, v in found if v)
    return Chapter(f"{prefix}provenance", "Where it comes from", table)


def _open(body: dict[str, Any], prefix: str) -> Chapter:
    record = body["record"]
    said = [f"to know more, the record would have to state {n}" for n in body["needs"]]
    if record["lines_passed_over"]:
        said.append(f"{record['lines_passed_over']} lines that the mapping passes over")
    if not record["complete"]:
        said.append("that something did not happen: the source declares no kind of event complete")
    said += [f"taken as given: {a}" for a in body["assumptions"]]
    items = "".join(f"<li>{esc(s)}</li>" for s in said) or "<li>Nothing was left out.</li>"
    return Chapter(f"{prefix}unjudged", "What was not judged", f'<ul class="plain">{items}</ul>')


def _line(prefix: str, number: int, seen: set[int]) -> str:
    return f'<a href="#{prefix}o{number}">{number}</a>' if number in seen else str(number)


def _findings(body: dict[str, Any], prefix: str, seen: set[int]) -> Chapter:
    ranked = sorted(body["findings"], key=lambda f: _RANK.get(f["status"], 3))
    items = []
    for i, f in enumerate(ranked, 1):
        told = [("Status", esc(f["status"]))]
        told += [("Unless", esc(x)) for x in f["unless"]]
        told += [("It would have to state", esc(x)) for x in f["needs"]]
        if f["lines"]:
            told.append(("Evidence", ", ".join(_line(prefix, n, seen) for n in f["lines"])))
        items.append(
            f'<li id="{prefix}f{i}" class="stop finding{_KINDS.get(f["status"], " maybe")}"'
            f' tabindex="-1"><p class="said"><strong>{esc(f["name"])}</strong> {esc(f["text"])}</p>'
            f"{facts(told)}</li>"
        )
    said = f'<ol class="findings">{"".join(items)}</ol>' if items else "<p>None.</p>"
    return Chapter(f"{prefix}findings", "Findings", said)


def _observations(report: ObservationReport, body: dict[str, Any], prefix: str) -> Chapter:
    ordered = sorted(
        zip(report.observations, body["observations"], strict=True),
        key=lambda pair: (pair[0].at, pair[0].line),
    )
    parties = list(body["parties"])
    heads = "".join(f'<span class="c">{esc(p)}</span>' for p in parties)
    out: list[str] = []
    used: set[int] = set()
    for o, told in ordered[:SHOWN]:
        anchor = f' id="{prefix}o{o.line}"' if o.line not in used else ""
        used.add(o.line)
        extra = ", ".join(
            f"{name} {shown(value)}"
            for name in ("state", "goal", "role_to", "peer", "epoch", "accepted", "reason", "actor")
            if (value := getattr(o, name)) is not None
        )
        why = f'<span class="why">{esc(extra)}</span>' if extra else ""
        column = min(parties.index(o.party), 9) + 1
        out.append(
            f'<li{anchor} class="stop row" tabindex="-1"><span class="bands" aria-hidden="true">'
            f"<i></i><i></i>{'<i></i>' * len(parties)}</span><time>{esc(told['time'])}</time>"
            f'<span class="no">{o.line}</span><div class="ev at{column}">'
            f'<b>{esc(told["kind"])}</b> <span class="on">{esc(o.party)}</span>{why}</div></li>'
        )
    left = len(ordered) - SHOWN
    if left > 0:
        out.append(f'<li class="cut-out">{left:,} more are left out; <code>--json</code> has them.')
    text = (
        "<p>By the times as they are stamped, each by its own clock: across two clocks the order is"
        " certain only where the text below says so.</p>"
        f'<div class="wide" role="region" aria-label="Observations" tabindex="0">'
        f'<div class="tl p{len(parties)}"><div class="heads" aria-hidden="true"><div>'
        f"<span>time</span><span>{esc(report.record.unit)}</span>{heads}</div></div>"
        f"<ol>{''.join(out)}</ol></div></div>"
    )
    return Chapter(f"{prefix}timeline", "What was observed", text)


def _serving(body: dict[str, Any], prefix: str, seen: set[int]) -> Chapter:
    lines = (
        (
            esc(party), {True: "served", False: "did not serve"}.get(s["serving"], "may have"),
            esc(s["from"] or "not known"), esc(s["until"] or "not known"),
            ", ".join(_line(prefix, n, seen) for n in s["lines"]),
        )
        for party, found in body["serving"].items()
        for s in found
    )  # fmt: skip
    two = body["two_serving"]
    said = f"That two served at once: {two['status']}"
    said += f", unless {', or unless '.join(two['unless'])}" if two["unless"] else ""
    table = rows(("party", "", "from", "until", "evidence"), lines, "Who served, by its own clock")
    return Chapter(f"{prefix}served", "Who served when", f"<p>{esc(said)}.</p>{table}")


def _text(report: ObservationReport, prefix: str) -> Chapter:
    body = f'<pre tabindex="0">{esc(report.text())}</pre>'.replace("\\u000a", "\n")
    return Chapter(f"{prefix}text", "Clocks, order, durations: the report as text", body)


def _raw(values: Sequence[Any], prefix: str, one: str) -> Chapter:
    anchor = f"{prefix}events-json"
    text = (
        f"<p>{count(len(values), one)}, in this file as one JSON array, in the element"
        f" <code>#{esc(anchor)}</code>.</p>"
        f'<script type="application/json" id="{esc(anchor)}">{embedded(list(values))}</script>'
    )
    return Chapter(f"{prefix}events", "The record as it was read", text)


def part_of_partial(
    report: PartialReport, prefix: str, command: str, about: Sequence[tuple[str, str]]
) -> Part:
    """The chapters of a partial log."""
    found = [
        ("Source", code(report.source)),
        *((name, code(value)) for name, value in about),
        ("Cluster", esc(report.cluster or "not known")),
        ("Lines judged", f"{report.events:,}"),
        ("Judged by the rules", " ".join(code(s) for s in report.judged_by)),
        ("Possible at once", f"at most {count(report.width, 'state')}"),
        ("Program", f"ccr {esc(__version__)}"),
        ("To do it again", code(command)),
    ]
    said = [f"not exhausted: {d}" for d in report.doubts]
    said += [report.unchecked] if report.unchecked else []
    said += [f"to know, log: {', '.join(report.to_log)}"] if report.to_log else []
    unseen = ", ".join(report.unlogged) or "nothing"
    said.append(f"may have happened unseen: {unseen}")
    items = "".join(f"<li>{esc(s)}</li>" for s in said)
    chapters = [
        Chapter(f"{prefix}provenance", "Where it comes from", facts(found)),
        Chapter(f"{prefix}unjudged", "What was not judged", f'<ul class="plain">{items}</ul>'),
        Chapter(f"{prefix}findings", "Findings", _troubles(report.troubles, prefix)),
    ]
    if report.answers:
        lines = (
            (code(a.key), code(shown(a.value)), esc(a.where), esc(a.answer)) for a in report.answers
        )
        table = rows(("field", "value", "as of", "answer"), lines, "What was asked")
        chapters.append(Chapter(f"{prefix}answers", "Answers", table))
    lead = f"{count(report.events, 'line')} of a log in which events or fields are left out."
    name = f"cluster {report.cluster}" if report.cluster else report.source
    return Part(report.verdict, lead, name, chapters, report.said)


def _troubles(found: Sequence[Trouble], prefix: str) -> str:
    items = []
    for i, t in enumerate(found, 1):
        told = [("What", esc(t.kind)), ("Sure", "certain" if t.certain else "possible")]
        for a in t.against:
            args = ", ".join(f"{n}={shown(v)}" for n, v in a.args.items())
            told.append((f"As {a.rule}", f"{esc(args)}: not so: {code(a.guard)}"))
        if t.nearest:
            told.append(("Nearest step that would pass", esc(t.nearest)))
        run = [
            f"<li>{esc(s.step.rule)} {'at' if s.logged else 'before'} line {s.line}</li>"
            for s in list(steps_of(t.run))[-20:]
        ]
        steps = f'<p class="aside">A run to it</p><ol>{"".join(run)}</ol>' if run else ""
        items.append(
            f'<li id="{prefix}f{i}" class="stop finding{"" if t.certain else " maybe"}"'
            f' tabindex="-1"><p class="said"><strong>{esc(t.where)}</strong> {esc(t.text)}</p>'
            f"{facts(told)}{steps}</li>"
        )
    return f'<ol class="findings">{"".join(items)}</ol>' if items else "<p>None.</p>"
