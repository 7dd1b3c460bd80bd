"""The chapters of an audited log that come last: how service passed, what was lost, the rules the
verdict rests on, the events as they are recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cli.frame.output import clock, duration
from cli.history.passages import Passage
from cli.mail.losing import joined, mounts_of, row_of
from cli.page.findings import Links
from cli.page.frame import Chapter
from cli.page.matter import Matter, Moment
from cli.page.words import count, embedded, esc, rows
from cli.session.events import as_json
from models.language.model import Model
from models.language.show import show

SHORT = 4
"""Passages that the top of a page tells."""


def history(matter: Matter, prefix: str, links: Links) -> Chapter:
    """Every failover, move and interruption, and what each lost."""
    found = matter.passages
    if not found:
        body = "<p>No failover, no move, no interruption.</p>"
        return Chapter(f"{prefix}history", "Failovers and losses", body)
    heads = (
        "no", "kind", "from", "to", "cause", "by", "detected", "decided", "mounted",
        "first write", "nobody served",
    )  # fmt: skip
    table = rows(heads, (_passage(i, p, links) for i, p in enumerate(found, 1)), "Passages")
    lost = [(i, p, loss) for i, p in enumerate(found, 1) for loss in p.lost]
    if not lost:
        ledger = "<p>No storage group was mounted with a loss to count.</p>"
    else:
        ledger = rows(
            ("no", "storage group", "closed logs", "records of the open log", "counted"),
            (
                (
                    str(i), esc(x.group), esc(x.words), f"{x.records:,}" if x.exact else "",
                    "exactly" if x.exact else "at least: the old files were not read yet",
                )
                for i, _, x in lost
            ),
            "Loss ledger",
        )  # fmt: skip
    ledger += _mounts(matter, links)
    return Chapter(
        f"{prefix}history",
        "Failovers and losses",
        f"<p>Times are counted from the cause.</p>{table}<h3>What was lost</h3>{ledger}",
    )


def in_short(matter: Matter, links: Links) -> str:
    """The newest passages, each in one sentence, for who has a minute."""
    found = matter.passages
    if not found:
        return ""
    items = [f"<li>{_sentence(p, links)}</li>" for p in found[-SHORT:]]
    if len(found) > SHORT:
        items.insert(0, f"<li>{count(len(found) - SHORT, 'passage')} before these</li>")
    return f'<ul class="briefs">{"".join(items)}</ul>'


def _sentence(p: Passage, links: Links) -> str:
    target = f" to {esc(p.target)}" if p.target else ", and nobody took over"
    cause = links.event(p.cause.number, f"{p.cause.event} at {clock(p.cause.time)}")
    reason = f" (<q>{esc(p.cause.reason)}</q>)" if p.cause.reason else ""
    out = "" if p.outage is None else f"; nobody served for {duration(p.outage)}"
    lost = ", ".join(f"{x.words} of {x.group}" for x in p.lost)
    words = f"; closed logs lost: {esc(lost)}" if lost else ""
    kind = "service" if p.kind == "stop" else p.kind
    of = "from" if p.target and p.kind != "stop" else "of"
    return (
        f"<strong>{esc(kind.capitalize())}</strong> {of} {esc(p.source)}{target}: {cause}, by"
        f" {esc(p.actor)}{reason}{out}{words}."
    )


def _mounts(matter: Matter, links: Links) -> str:
    """Log by log, what each lossy mount left behind and what became of it."""
    if matter.ledger is None:
        return "<p>What the lost logs held cannot be told: the model of the log changed.</p>"
    out = []
    for x in mounts_of(matter, matter.ledger):
        m, place = x["messages"], links.event(x["event"], f"{x['event']} {x['mount']}")
        out.append(
            f"<p>{place}: {esc(x['storage_group'])} on {esc(x['node'])}, log {x['last_log']} is the"
            f" last that came over. Messages: {m['redelivered']} redelivered, {m['waiting']}"
            f" waiting, {m['lost']} lost; {x['duplicates_dropped']} duplicates dropped;"
            f" {x['other_lost']} other changes lost.</p>"
        )
        if x["held"]:
            lines = ([esc(cell) for cell in row_of(e)] for e in joined(x["held"]))
            heads = ("log", "held", "became", "why")
            out.append(rows(heads, lines, f"Left behind at event {x['event']}"))
    return "".join(out)


def _passage(i: int, p: Passage, links: Links) -> tuple[str, ...]:
    reason = f"<br><q>{esc(p.cause.reason)}</q>" if p.cause.reason else ""
    return (
        str(i), esc(p.kind), esc(p.source), esc(p.target or "nobody"),
        f"{links.event(p.cause.number, f'{p.cause.number} {p.cause.event}')} {clock(p.cause.time)}"
        f"{reason}",
        esc(p.actor), _ms(p.detected), _ms(p.decided), _ms(p.mounted), _ms(p.written),
        _ms(p.outage, ""),
    )  # fmt: skip


def _ms(ms: int | None, plus: str = "+") -> str:
    return "" if ms is None else f"{plus}{duration(ms)}"


def rules(matter: Matter, model: Model, prefix: str) -> Chapter:
    """The rules that the events of this log were judged by, and the promises."""
    fired = [r for r in model.rules.values() if matter.counted[r.name]]
    items = "".join(
        f'<li id="{prefix}{esc(r.label.split()[0])}"><details><summary><b>{esc(r.label)}</b>'
        f" {esc(r.title)} <span>{count(matter.counted[r.name], 'time')}</span></summary>"
        f"{_guards((name, show(term)) for name, term in r.guards.items())}</details></li>"
        for r in sorted(fired, key=lambda r: r.label)
    )
    promised = [p for p in model.properties if p.kind in ("always", "step")]
    lines = "".join(
        f'<li id="{prefix}{esc(p.label.split()[0])}"><b>{esc(p.label)}</b> {esc(p.sentence)}</li>'
        for p in promised
    )
    body = (
        f"<p>{count(len(fired), 'rule')} fired. Each event was held against every guard of its"
        f' rule.</p><ul class="rules">{items}</ul><h3>What is promised</h3>'
        f"<p>{count(len(promised), 'property', 'properties')}, each judged wherever something it"
        f' reads changed.</p><ul class="rules">{lines}</ul>'
    )
    return Chapter(f"{prefix}rules", "The rules the verdict rests on", body)


def _guards(found: Iterable[tuple[str, str]]) -> str:
    items = "".join(
        f"<li>{esc(name)}{'' if name == text else f' <code>{esc(text)}</code>'}</li>"
        for name, text in found
    )
    return f"<ul>{items}</ul>" if items else "<p>It has no guard.</p>"


def raw(moments: Sequence[Moment], prefix: str, cut: Sequence[tuple[int, int]]) -> Chapter:
    """The events as they are recorded, as JSON inside the page."""
    body = [as_json(m.recorded) for m in moments]
    out = sum(last - first + 1 for first, last in cut)
    left = f" {count(out, 'event')} left out; <code>ccr log export</code> has them." if cut else ""
    anchor = f"{prefix}events-json"
    text = (
        f"<p>{count(len(moments), 'event')} with hashes, in this file as one JSON array, in the"
        f" element <code>#{esc(anchor)}</code>.{left}</p>"
        f'<script type="application/json" id="{esc(anchor)}">{embedded(body)}</script>'
    )
    return Chapter(f"{prefix}events", "The events as recorded", text)
