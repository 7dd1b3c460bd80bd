"""Plots as SVG: who served when, and the queues over time. Drawn without a script; every plot has a
title and a description, and a table or a list says the same in words.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from itertools import pairwise

from ccr_es.questions.watching import Span, gaps, overlaps
from cli.frame.output import clock, duration
from cli.history.whos import by, gap_words, overlap_of, overlap_words
from cli.page.findings import Links
from cli.page.frame import Chapter
from cli.page.matter import Matter
from cli.page.words import count, esc, rows

WIDTH, LEFT, RIGHT, LANE = 960, 96, 16, 34
EDGE, ROOM = WIDTH - 90, 130
"""Beyond it a label stands before its mark; from one label to the next."""


class Scale:
    """Time in ms to a place across; long stretches without a change are shortened, and marked."""

    def __init__(self, times: Iterable[int], end: int) -> None:
        found = sorted({0, *times, end})
        lengths = sorted(b - a for a, b in pairwise(found)) or [1]
        usual = sum(x for x in lengths if x <= 60_000) or lengths[0]
        self.most = max(usual // 3, 1)
        self._times, self._places, self.breaks = [0], [0.0], list[tuple[int, int]]()
        for a, b in pairwise(found):
            shown = min(b - a, self.most) if b - a > 60_000 else b - a
            if shown < b - a:
                self.breaks.append((a, b))
            self._times.append(b)
            self._places.append(self._places[-1] + shown)

    def at(self, time: int) -> float:
        """Where a time is drawn."""
        i = max(0, min(bisect_right(self._times, time) - 1, len(self._times) - 2))
        whole = self._places[-1] or 1.0
        if len(self._times) < 2:
            return float(LEFT)
        a, b = self._times[i], self._times[i + 1]
        part = (time - a) / (b - a) if b > a else 0.0
        place = self._places[i] + part * (self._places[i + 1] - self._places[i])
        return round(LEFT + place / whole * (WIDTH - LEFT - RIGHT), 1)

    def ticks(self) -> list[int]:
        """Times worth a label: some six of the changes, far enough apart."""
        found: list[int] = []
        for time in self._times:
            # A label at the right edge stands before its mark, so it needs twice the room.
            room = 2 * ROOM if self.at(time) > EDGE else ROOM
            if not found or self.at(time) - self.at(found[-1]) > room:
                found.append(time)
        return found

    def axis(self, height: int) -> str:
        """The axis below a drawing, and the marks of what is shortened."""
        out = [f'<line class="axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{height}" y2="{height}"/>']
        for time in self.ticks():
            x = self.at(time)
            anchor = "end" if x > EDGE else "start"
            out.append(
                f'<line class="axis" x1="{x}" x2="{x}" y1="{height}" y2="{height + 5}"/>'
                f'<text x="{x}" y="{height + 19}" text-anchor="{anchor}">{clock(time)}</text>'
            )
        for a, b in self.breaks:
            x = (self.at(a) + self.at(b)) / 2
            out.append(
                f'<g class="break"><title>{esc(duration(b - a))}, shortened</title>'
                f'<path d="M{x - 5:.1f} {height + 6}l4 -12m4 12l4 -12"/></g>'
            )
        return "".join(out)


def drawing(title: str, about: str, height: int, body: str) -> str:
    """An SVG with a name and a description."""
    name = esc(title)
    return (
        f'<div class="wide" role="region" aria-label="{name}" tabindex="0">'
        f'<svg class="plot" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{name}">'
        f"<title>{name}</title><desc>{esc(about)}</desc>{body}</svg></div>"
    )


PATTERNS = (
    '<defs><pattern id="{p}both" width="8" height="8" patternUnits="userSpaceOnUse"'
    ' patternTransform="rotate(45)"><rect class="both-a" width="8" height="8"/>'
    '<rect class="both-b" width="4" height="8"/></pattern></defs>'
)


def serving(matter: Matter, prefix: str, links: Links, scale: Scale) -> Chapter:
    """Who served when: a bar per span, overlaps in a pattern over all lanes."""
    spans, end, nodes = matter.chronicle.spans, matter.fold.time, matter.lens.nodes
    both, none = list(overlaps(spans)), list(gaps(spans, end))
    lanes = "".join(
        f'<text x="0" y="{i * LANE + 23}">{esc(n)}</text>'
        f'<line class="lane" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{i * LANE + 18}"'
        f' y2="{i * LANE + 18}"/>'
        for i, n in enumerate(nodes)
    )
    bars = "".join(_bar(s, nodes.index(s.name), scale, end) for s in spans if s.name in nodes)
    height = len(nodes) * LANE + 8
    over = "".join(_over(a, b, scale, end, height, prefix) for a, b in both)
    said = (
        f"{count(len(both), 'stretch', 'stretches')} in which two served at once."
        if both
        else "Never did two serve at once."
    )
    plot = drawing(
        "Who served when", said, height + 26,
        PATTERNS.format(p=prefix) + lanes + bars + over + scale.axis(height),
    )  # fmt: skip
    table = rows(
        ("node", "from", "until", "for", "began with", "ended with"),
        (_words(s, end, links) for s in spans),
        "Spans of service",
    )
    notes = [overlap_words(a, b, end) for a, b in both] + [gap_words(a, b, end) for a, b in none]
    less = "".join(f"<li>{esc(x)}</li>" for x in notes)
    body = f'<p class="said">{esc(said)}</p>{plot}{table}'
    return Chapter(
        f"{prefix}served",
        "Who served when",
        f'{body}<ul class="plain">{less}</ul>' if less else body,
    )


def _bar(span: Span, lane: int, scale: Scale, end: int) -> str:
    a, b = scale.at(span.since.time), scale.at(end if span.until is None else span.until.time)
    until = "the end" if span.until is None else clock(span.until.time)
    return (
        f'<rect class="bar" x="{a}" y="{lane * LANE + 8}" height="20" rx="3"'
        f' width="{max(b - a, 1.5):.1f}"><title>{esc(span.name)} served from'
        f" {clock(span.since.time)} to {until}</title></rect>"
    )


def _over(one: Span, other: Span, scale: Scale, end: int, height: int, prefix: str) -> str:
    found = overlap_of(one, other, end)
    a, b = scale.at(found["from"]), scale.at(found["until"])
    return (
        f'<rect class="both" x="{a}" y="2" width="{max(b - a, 3):.1f}" height="{height - 4}"'
        f' fill="url(#{prefix}both)"><title>{esc(one.name)} and {esc(other.name)} both served'
        "</title></rect>"
    )


def _words(span: Span, end: int, links: Links) -> tuple[str, ...]:
    until = span.until
    return (
        esc(span.name), clock(span.since.time), "the end" if until is None else clock(until.time),
        duration((end if until is None else until.time) - span.since.time),
        links.event(span.since.number, by(span.since)),
        "" if until is None else links.event(until.number, by(until)),
    )  # fmt: skip
