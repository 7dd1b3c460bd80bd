"""An observation report for people: findings first, then witness, order, clocks and durations, at
most 100 columns wide.

Long lists are cut, and say so. What a record says is printed as it is: names are printable (see
`reading`). Sits above `report`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from itertools import groupby
from textwrap import wrap
from typing import TypeVar

from .kinds import Kind, clock_text, seconds_text, tag_text
from .reasoning.clocks import Bound
from .reasoning.finding import BROKEN, KEPT, NOT_MET, OPEN, Duration, Finding, Turning, Unsure
from .reasoning.succession import Succession
from .reasoning.witness import Hold
from .report import ObservationReport
from .vocabulary import Observation

_T = TypeVar("_T")
WIDTH = 100
_width: ContextVar[int] = ContextVar("width", default=WIDTH)
_UNIT = re.compile(r"(?<=\d) (?=s\b)")
_SHOWN = 8
_FIRST = 10
_STEPS_SHOWN = 12
_STEPS = {
    Kind.LINK_CUT: "link cut",
    Kind.PEER_LOST: "peer lost",
    Kind.VIEW: "view",
    Kind.HEARTBEATS_MISSED: "heartbeats missed",
    Kind.LOCK_GRANTED: "lock",
    Kind.LOCK_RELEASED: "lock released",
    Kind.BOARD_ACCESS: "board",
    Kind.SERVICE_STOPPED: "service stopped",
    Kind.RESTART_REQUESTED: "restart asked for",
    Kind.STREAM_LOST: "stream lost",
    Kind.FOLLOWS: "follows",
    Kind.PROMOTED: "promoted",
    Kind.STATE: "state",
    Kind.EPOCH_FORKED: "epoch forked",
}
_RANK = {BROKEN: 0, OPEN: 1, NOT_MET: 2}


def rendered(report: ObservationReport, width: int = WIDTH) -> str:
    """The whole report, without a trailing newline, in lines of at most `width` columns."""
    before = _width.set(width)
    try:
        return "\n".join(line for part in _parts(report) for line in part)
    finally:
        _width.reset(before)


def _parts(report: ObservationReport) -> list[list[str]]:
    return [
        _head(report),
        _clocks(report),
        _findings(report),
        _list("History", report.history, _succession),
        _board(report),
        _list("Lock", report.holds, _hold),
        _order(report),
        _list("Durations", report.durations, lambda d: _duration(report, d)),
        _list("Skew", report.turnings, _turning),
        _para("Given", "; ".join(report.taken)),
    ]


def _para(label: str, text: str, indent: int = _FIRST) -> list[str]:
    """A label and its text, continued under the text."""
    found = wrap(
        _UNIT.sub("\u00a0", text),
        _width.get(),
        initial_indent=f"{label:<{indent}}" if len(label) < indent else f"{label}: ",
        subsequent_indent=" " * indent,
        break_on_hyphens=False,
    )
    return [line.replace("\u00a0", " ") for line in found]


def _list(title: str, items: list[_T], shown: Callable[[_T], list[str]]) -> list[str]:
    found = [line for item in items[:_SHOWN] for line in shown(item)]
    if len(items) > _SHOWN:
        found.append(f"  and {len(items) - _SHOWN} more (--json has all)")
    return [title, *found] if items else []


def _lines(lines: Iterable[int]) -> str:
    found = list(lines)
    more = f" and {len(found) - 4} more" if len(found) > 4 else ""
    return f"[{', '.join(map(str, found[:4]))}{more}]"


def _head(report: ObservationReport) -> list[str]:
    p = report.record
    parties = ", ".join(report.parties)
    count = len(report.observations)
    about = f"{p.system}; {count} observations of {parties}; [n]: {p.unit} n; sha256 {p.sha256[:8]}"
    found = [*_para("Record", about), *_para("", p.source or p.path)]
    how = [f"{p.mapping}: {p.chosen}", *([f"on {p.date}"] if p.date else [])]
    how += [p.zone] if p.date and p.zone else []
    how += [f"{p.skipped} lines passed over"] if p.skipped else []
    if p.ordered is False:
        how.append("its lines are not in the order of its times, so that order is no evidence")
    found += _para("Mapping", "; ".join(how))
    verdict = report.verdict + (" from this record" if report.verdict.startswith("cannot") else "")
    found += _para("Verdict", verdict)
    needs = report.needs[:_SHOWN]
    more = len(report.needs) - len(needs)
    for i, need in enumerate([*needs, *([f"and {more} more"] if more else [])]):
        found += _para("" if i else "To know", need if i else f"it would have to state {need}")
    return found


def _findings(report: ObservationReport) -> list[str]:
    kept = [f for f in report.findings if f.status == KEPT]
    rest = [f for f in report.findings if f.status != KEPT]
    ranked = sorted(rest, key=lambda f: _RANK.get(f.status, 3))
    found = _list("Findings", ranked, _finding) or ["Findings"]
    by_name: dict[str, set[int]] = defaultdict(set)
    for f in kept:
        by_name[f.name] |= set(f.lines)
    text = ", ".join(f"{name} {_lines(sorted(lines))}" for name, lines in by_name.items())
    return [*found, *(_para("  kept", text) if kept else [])]


def _finding(f: Finding) -> list[str]:
    text = f"{f.name}: {f.text}"
    if not all(f"[{line}]" in text for line in f.lines):
        text += f" {_lines(f.lines)}"
    if f.unless:
        text += f", unless {', or unless '.join(f.unless)}"
    return _para(f"  {f.status}", text)


def _board(report: ObservationReport) -> list[str]:
    if not report.turns:
        return []
    parts = [f"{tag_text(report.turns[0].writes[0].seen)} by a writer not on record"]
    for t in report.turns[:_SHOWN]:
        parts.append(
            f"from {_at(t.writes[0])} {t.party}'s, the last {tag_text(t.writes[-1].proposed)}"
        )
    return _para("Board", "; ".join(parts))


def _hold(h: Hold) -> list[str]:
    g = h.granted
    if h.released is not None:
        text = f"{_at(g)} to {_at(h.released)}"
        if h.released.span is not None:
            text += f", to defer {seconds_text(h.released.span)}"
    else:
        text = f"{_at(g)}, release unknown"
        text += f", over by {_at(h.over)}" if h.over is not None else ""
    if h.writes:
        text += f"; wrote {', '.join(tag_text(w.proposed) for w in h.writes)}"
    for r in h.refusals:
        text += f"; refused {tag_text(r.proposed)}, saw {tag_text(r.seen)}"
    return _para(f"  {g.party}", text)


def _at(o: Observation) -> str:
    return clock_text(o.at, o.resolution)


def _order(report: ObservationReport) -> list[str]:
    found = ["Order that is certain (<); a comma where one clock cannot tell"]
    for party in report.parties:
        mine = [o for o in report.observations if o.party == party and o.kind in _STEPS]
        found += _para(f"  {party}", " < ".join(_moments(mine)))
    across = [o for o in report.clocks.orders if o.before.clock != o.after.clock]
    for o in across[:_SHOWN]:
        a, b = o.before, o.after
        text = f"{a.party} {_at(a)} [{a.line}] < {b.party} {_at(b)} [{b.line}]: {o.why}"
        found += _para("  across", text)
    if not across and len(report.clocks.names) > 1:
        found += _para("  across", "nothing in the record orders one clock against another")
    for u in report.unsure[:_SHOWN]:
        turn = f"{_lead(report, u.second.clock, u.first.clock)} {_limit(report, u)}"
        found += _para(
            "  open", f"{u.question} {_lines((u.first.line, u.second.line))}: not if {turn}"
        )
    return found


def _succession(s: Succession) -> list[str]:
    moments = (
        ("noticed", s.noticed),
        ("told to stop", s.told),
        ("stopped by", s.stopped),
        ("decided", None if s.begun.kind == Kind.PROMOTED else s.decided),
        ("served", s.begun),
    )
    shown = [f"{word} {_at(o)} [{o.line}]" for word, o in moments if o is not None]
    text = f"{s.kind}; {', '.join(shown)}{f'; {s.reason}' if s.reason else ''}"
    if not s.sure:
        text += "; that the one served before the other is not certain"
    return _para(f"  {s.was} -> {s.now}", text)


def _turning(t: Turning) -> list[str]:
    core = f"; forced by {_lines(t.core)}" if t.core else ""
    return _para("", f"{t.text}{f' {_lines(t.lines)}' if t.lines else ''}{core}", 2)


def _moments(mine: list[Observation]) -> list[str]:
    """The party's steps in order, those together between which its clock cannot tell."""
    groups: list[list[Observation]] = []
    for o in sorted(mine, key=lambda o: (o.earliest, -1 if o.rank is None else o.rank)):
        if groups and not all(g.certainly_before(o) for g in groups[-1]):
            groups[-1].append(o)
        else:
            groups.append([o])
    found, before = [], ""
    for group in groups:
        time = _at(group[0])
        short = time.removeprefix(before.rpartition(":")[0] + ":") if before else time
        words = [w for w, _ in groupby(_step(o) for o in group)]
        found.append(f"{short} {', '.join(words)}")
        before = time
    if len(found) > _STEPS_SHOWN:
        found = [*found[: _STEPS_SHOWN - 2], f"({len(found) - _STEPS_SHOWN + 1} more)", found[-1]]
    return found


def _step(o: Observation) -> str:
    if o.kind == Kind.BOARD_ACCESS:
        return "board written" if o.accepted else "board refused"
    if o.kind == Kind.STATE:
        return o.state or f"told {o.goal}"
    return _STEPS[o.kind]


def _lead(report: ObservationReport, fast: str, slow: str) -> str:
    """The name of a lead: x, or with more than two clocks x(A-B). Always of the later name over
    the earlier.
    """
    fast, slow = max(fast, slow), min(fast, slow)
    return "x" if len(report.clocks.names) == 2 else f"x({fast}-{slow})"


def _limit(report: ObservationReport, u: Unsure) -> str:
    up = u.second.clock > u.first.clock
    return f"> {seconds_text(u.turns)}" if up else f"< {seconds_text(-u.turns)}"


def _clocks(report: ObservationReport) -> list[str]:
    found: list[str] = []
    for i, slow in enumerate(report.clocks.names):
        for fast in report.clocks.names[i + 1 :]:
            most, least = report.clocks.most(fast, slow), report.clocks.most(slow, fast)
            text = f"{_lead(report, fast, slow)}, the lead of {fast} over {slow}: "
            text += f"{_side('at most', most, 1)}; {_side('at least', least, -1)}"
            found += _para("" if found else "Clocks", text)
    return found[:_SHOWN]


def _side(word: str, bound: Bound | None, sign: int) -> str:
    if bound is None:
        return f"{word}: nothing bounds it"
    lines = sorted({n for o in bound.orders for n in (o.before.line, o.after.line)})
    why = " ".join([*([_lines(lines)] if lines else []), *([bound.stated] if bound.stated else [])])
    return f"{word} {seconds_text(sign * bound.stamped)} {why}"


def _duration(report: ObservationReport, d: Duration) -> list[str]:
    resolution = max(d.start.resolution, d.end.resolution)
    amount = seconds_text(d.stamped, resolution)
    text = f"{d.name} {_lines((d.start.line, d.end.line))}"
    if d.one_clock:
        return _para(f"  {amount}", f"{text}, one clock", 14)
    up = d.end.clock > d.start.clock
    lead = _lead(report, d.end.clock, d.start.clock)
    least, most = d.least(report.clocks), d.most(report.clocks)
    limits = [f">= {seconds_text(least)}"] if least is not None and least > 0 else []
    limits += [f"<= {seconds_text(most)}"] if most is not None else []
    limits = [f"= {seconds_text(most)}"] if most is not None and most == least else limits
    limits.append(f"0 at {lead} = {seconds_text(d.stamped if up else -d.stamped, resolution)}")
    return _para(f"  {amount} {'-' if up else '+'} {lead}", f"{text}; {'; '.join(limits)}", 14)
