"""The time-space timeline: time down, parties across, an anchor per event, runs of routine folded.

Each row stands in the column of the party whose aggregate changed. The columns carry how each party
stands (serving, down, frozen, cut off) as a band in colour and pattern; the row says it in words
where it changes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from typing import Any

from ccr_es.record.events import OF_THE_CLUSTER, Event
from cli.frame.output import clock, duration
from cli.page.findings import Links, tally
from cli.page.frame import Chapter
from cli.page.matter import Matter, Moment
from cli.page.parties import NETWORKS, SERVES, WELL, WORDS
from cli.page.words import code, count, esc
from cli.session.events import arguments
from cli.session.refusals import shown
from models.language.model import Model

ROUTINE = frozenset(
    {"write_records", "close_full_log", "notice_log", "copy_log", "inspect_log", "replay_log"}
    | {"notice_standby_log", "copy_standby_log", "inspect_standby_log", "replay_standby_log"}
    | {"advance_checkpoint", "delete_logs", "delete_logs_inspected", "delete_passive_logs"}
    | {"submit_mail", "deliver_mail", "keep_mail", "save_items", "trim_dumpster", "let_age"}
    | {"close_log_for_mail", "note_age", "note_replayed", "flush_cache", "roll_idle_log"}
)
"""The rules by which logs and mail go their daily way: nobody asks about one such event."""
FOLD_FROM = 4
"""Routine events in a row, from which on they are folded."""
CHANGES_SHOWN = 8
_WORDS = re.compile(r"[A-Z]*[^A-Z]+|[A-Z]+")
QUIET_MS = 1_000
"""Time that passes between two rows, from which on a row says so."""


def timeline(matter: Matter, prefix: str, links: Links, wrong: Set[int]) -> Chapter:
    """The chapter. `wrong` are the events that findings are about; they are never folded."""
    writer = _Rows(matter, prefix, links, wrong)
    heads = "".join(f'<span class="c">{esc(name)}</span>' for name in writer.names)
    body = (
        f'<div class="wide" role="region" aria-label="Timeline" tabindex="0">'
        f'<div class="tl p{len(writer.names)}"><div class="heads" aria-hidden="true"><div>'
        f"<span>time</span><span>event</span>{heads}</div></div><ol>{writer.all()}</ol></div></div>"
    )
    return Chapter(f"{prefix}timeline", "What happened", _key() + body)


def _key() -> str:
    items = "".join(
        f'<li><span class="band {kind}"></span>{esc(said)}</li>' for kind, said in WORDS.items()
    )
    return (
        "<p>Time runs down, a column is a party. What an event changed stands under its name, as"
        " field: before → after.</p>"
        f'<ul class="key" aria-label="Bands of the timeline">{items}</ul>'
    )


class _Rows:
    """The rows, written one after the other."""

    def __init__(self, matter: Matter, prefix: str, links: Links, wrong: Set[int]) -> None:
        assert matter.parties is not None
        self.matter, self.prefix, self.links, self.wrong = matter, prefix, links, wrong
        self.parties = matter.parties
        self.model = matter.fold.reader.model
        self.shown = [i for i in range(len(self.parties.names)) if self._used(i)]
        self.names = [self.parties.names[i] for i in self.shown]
        self._time = 0
        self._standing: tuple[str, ...] = (WELL,) * len(self.parties.names)

    def _used(self, column: int) -> bool:
        """Whether a column has anything in it; those of the nodes always stand there."""
        return self.parties.names[column] in self.matter.lens.nodes or any(
            m.standing[column] or self._column(m.event) == column for m in self.matter.moments
        )

    def _column(self, event: Event[Any]) -> int | None:
        """The column of an event; None if it is about the cluster or about time."""
        if event.event in OF_THE_CLUSTER or self._passes(event):
            return None
        return self.parties.column(event.row)

    def _passes(self, event: Event[Any]) -> bool:
        rule = self.model.rules.get(event.rule)
        return rule is not None and rule.trigger == "time"

    def all(self) -> str:
        """Every row."""
        out: list[str] = []
        last = 0
        for part in self.matter.stretches:
            if last:
                out.append(self._left_out(last + 1, part[0]))
            for run, routine in runs_of(part, self.model, self.wrong):
                if routine and len(run) >= FOLD_FROM:
                    out.append(self._folded(run))
                else:
                    out += [self._row(m) for m in run]
            last = part[-1].event.number
        return "".join(out)

    def _left_out(self, first: int, then: Moment) -> str:
        """What stands for events that are not on the page: how many, and how long they took."""
        last = then.event.number - 1
        took, self._time = then.event.time - self._time, then.event.time
        self._standing = then.standing
        return (
            f'<li class="cut-out">{count(last - first + 1, "event")}, {first:,} to {last:,}, within'
            f" {esc(duration(took))}, were judged and are left out: a page has room for"
            f" {self.matter.kept:,}."
            f" {code(f'ccr log list --from {first}')} lists them.</li>"
        )

    def _folded(self, run: Sequence[Moment]) -> str:
        first, last = run[0].event, run[-1].event
        passed = self._passed(first.time)
        counted = Counter(m.event.event for m in run)
        took = last.time - first.time
        inner = "".join(self._row(m) for m in run)
        within = f", within {esc(duration(took))}" if took else ""
        return (
            f'{passed}<li class="run">{self._bands()}<details><summary>'
            f"{count(len(run), 'routine event')}, {first.number} to {last.number}{within}:"
            f" {tally(dict(counted))}</summary><ol>{inner}</ol></details></li>"
        )

    def _passed(self, time: int) -> str:
        gap, self._time = time - self._time, max(time, self._time)
        if gap < QUIET_MS:
            return ""
        return f'<li class="quiet">{self._bands()}<span>{esc(duration(gap))} pass</span></li>'

    def _bands(self) -> str:
        standing = [self._standing[i] for i in self.shown]
        cells = "".join(f'<i class="band {s}"></i>' if s else "<i></i>" for s in standing)
        return f'<span class="bands" aria-hidden="true"><i></i><i></i>{cells}</span>'

    def _row(self, moment: Moment) -> str:
        event = moment.event
        number = event.number
        anchor = f'id="{self.prefix}e{number}"'
        place = f'<a class="no" href="#{self.prefix}e{number}">{number}</a>'
        news = _told(list(self._news(moment.standing)))
        wrong = number in self.wrong
        if self._passes(event) and not wrong:
            gap = event.time - self._time
            self._time, bands = event.time, self._bands()
            self._standing = moment.standing
            return (
                f'<li {anchor} class="stop quiet" tabindex="-1">{bands}{place}'
                f"<span>{esc(duration(gap))} pass</span>{news}</li>"
            )
        passed, column = self._passed(event.time), self._column(event)
        self._standing = moment.standing
        at = 0 if column is None else self.shown.index(column) + 1
        return (
            f'{passed}<li {anchor} class="stop row{" wrong" if wrong else ""}" tabindex="-1">'
            f"{self._bands()}<time>{clock(event.time)}</time>{place}"
            f'<div class="ev at{at}"><b>{_name(event.event)}</b>'
            f' <span class="on">{esc(event.row)}</span>{self._why(event)}'
            f"{_changes(moment)}{news}</div></li>"
        )

    def _news(self, standing: Sequence[str]) -> Iterator[str]:
        """In words what the bands show: how a party stands from here on, if it stood otherwise."""
        for name, was, now in zip(self.parties.names, self._standing, standing, strict=True):
            if was == now:
                continue
            if was == SERVES:
                yield f"{name} no longer serves"
            if name == NETWORKS:
                yield "a network is cut" if now else "every network carries again"
            elif now:
                yield f"{name} {WORDS[now]}"
            elif was != SERVES:
                yield f"{name} is back"

    def _why(self, event: Event[Any]) -> str:
        parts = []
        if event.number in self.wrong:
            parts.append('<em class="bad">a finding is about this</em>')
        if event.reason:
            parts.append(f"<q>{esc(event.reason)}</q>")
        if event.caused_by is not None:
            parts.append(self.links.event(event.caused_by, f"after {event.caused_by}"))
        said = arguments(event, self.model)
        if said:
            parts.append(esc(said))
        return f'<span class="why">{" · ".join(parts)}</span>' if parts else ""


def _name(event: str) -> str:
    """An event's name, which may be broken between its words."""
    return "<wbr>".join(esc(word) for word in _WORDS.findall(event)) or esc(event)


def _told(news: Sequence[str]) -> str:
    return f'<span class="news">{esc(", ".join(news))}</span>' if news else ""


def _changes(moment: Moment) -> str:
    found = list(moment.changes.items())
    if not found:
        return ""
    row = moment.event.row
    items = "".join(
        f"<li>{esc(key.removeprefix(f'{row}.'))}: {esc(shown(old))} → <b>{esc(shown(new))}</b></li>"
        for key, (old, new) in found[:CHANGES_SHOWN]
    )
    left = len(found) - CHANGES_SHOWN
    more = f"<li>and {left} more</li>" if left > 0 else ""
    return f'<ul class="changes">{items}{more}</ul>'


def runs_of(
    moments: Sequence[Moment], model: Model, wrong: Set[int]
) -> Iterator[tuple[list[Moment], bool]]:
    """Neighbours that are all routine, or all not. Nothing is routine after which a party stands
    otherwise, as when time passes and a lease runs out.
    """
    run: list[Moment] = []
    kind, standing = False, moments[0].standing if moments else ()
    for moment in moments:
        now = (
            moment.event.number not in wrong
            and moment.standing == standing
            and is_routine(moment.event, model)
        )
        standing = moment.standing
        if run and now != kind:
            yield run, kind
            run = []
        run.append(moment)
        kind = now
    if run:
        yield run, kind


def is_routine(event: Event[Any], model: Model) -> bool:
    """Time passing, renewals, and the shipping of logs: what nobody asks about one by one."""
    if event.event in OF_THE_CLUSTER or event.reason:
        return False
    rule = model.rules.get(event.rule)
    if rule is None:
        return False
    return rule.trigger in ("time", "beat") or event.rule in ROUTINE
