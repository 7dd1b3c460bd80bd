"""The queues and the loss window of each storage group over time, as plots."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cli.frame.output import clock, duration
from cli.page.frame import Chapter
from cli.page.matter import Matter, Sample
from cli.page.plots import LEFT, RIGHT, WIDTH, Scale, drawing
from cli.page.words import esc

HEIGHT, TOP = 120, 14
COLUMNS = 800
"""Places across at which a line may change: beyond, the highest of each is drawn."""

Points = Sequence[tuple[int, int]]


def queues(matter: Matter, prefix: str, scale: Scale) -> Chapter:
    """Two plots for each storage group: logs in the queues, and how long the copy has lacked
    something.
    """
    end = matter.fold.time
    dial = matter.fold.reader.layout.parameters.get("dial")
    body = [
        "<p>The copy queue is what only the active copy has: closed logs that the passive one has"
        " not inspected yet. The replay queue is inspected and waits for its database. The loss"
        " window is the time since the passive copy last had every closed log: what came since is"
        " at stake in a lossy failover. The open log is in neither.</p>"
    ]
    for group, samples in matter.samples.items():
        body += [f'<h3 class="group">{esc(group)}</h3>', _logs(group, samples, scale, end, dial)]
        body.append(_window(group, samples, scale, end))
    if not matter.samples:
        body.append("<p>No log was shipped.</p>")
    return Chapter(f"{prefix}queues", "Queues and loss window", "".join(body))


def _logs(group: str, samples: Sequence[Sample], scale: Scale, end: int, dial: int | None) -> str:
    copy = [(s.time, s.copy_queue) for s in samples]
    replay = [(s.time, s.replay_queue) for s in samples]
    most = max([1, *(v for _, v in copy), *(v for _, v in replay)])
    shown = dial is not None and dial <= most * 2
    most = max(most, dial) if shown and dial is not None else most
    body = _grid(most, str, scale)
    if shown and dial is not None:
        y = _y(dial, most)
        body += (
            f'<g class="dial"><title>AutoDatabaseMountDial: {dial} logs</title>'
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>'
            f'<text x="{WIDTH - RIGHT}" y="{y - 4}" text-anchor="end">mount dial {dial}</text></g>'
        )
    body += _line("copy", copy, most, scale, end) + _line("replay", replay, most, scale, end)
    worst = max(samples, key=lambda s: s.copy_queue)
    said = f"At most {worst.copy_queue} in the copy queue, at {clock(worst.time)}."
    key = (
        '<ul class="key"><li><svg viewBox="0 0 28 8" aria-hidden="true"><path class="copy"'
        ' d="M0 4h28"/></svg>copy queue</li><li><svg viewBox="0 0 28 8" aria-hidden="true">'
        f'<path class="replay" d="M0 4h28"/></svg>replay queue</li></ul><p class="aside">{said}</p>'
    )
    return drawing(f"Queues of {group}, in logs", said, HEIGHT + 30, body) + key


def _window(group: str, samples: Sequence[Sample], scale: Scale, end: int) -> str:
    most, at = 0, 0
    parts = []
    for s, later in zip(samples, [*samples[1:], None], strict=True):
        until = end if later is None else later.time
        if s.behind is None:
            continue
        if until - s.behind > most:
            most, at = until - s.behind, until
        parts.append((s.time, s.time - s.behind, until, until - s.behind))
    top = max(most, 1)
    path = "".join(
        f"M{scale.at(a)} {_y(0, top)}V{_y(u, top)}L{scale.at(b)} {_y(v, top)}V{_y(0, top)}z"
        for a, u, b, v in _thin(parts, scale)
    )
    said = f"At its widest {duration(most)}, at {clock(at)}." if most else "It was never open."
    body = _grid(top, duration, scale) + f'<path class="window" d="{path}"/>'
    title = f"Loss window of {group}"
    label = f'<p class="aside">Loss window. {esc(said)}</p>'
    return drawing(title, said, HEIGHT + 30, body) + label


def _thin(parts: list[tuple[int, int, int, int]], scale: Scale) -> list[tuple[int, int, int, int]]:
    """The parts, or the highest of those that are drawn at one place."""
    found: dict[int, tuple[int, int, int, int]] = {}
    for part in parts:
        place = int(scale.at(part[0]))
        if place not in found or part[3] > found[place][3]:
            found[place] = part
    return parts if len(parts) <= COLUMNS else list(found.values())


def _grid(most: int, words: Callable[[int], str], scale: Scale) -> str:
    out = []
    for value in (0, most):
        y = _y(value, most)
        out.append(
            f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>'
            f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{esc(words(value))}</text>'
        )
    return "".join(out) + scale.axis(HEIGHT)


def _y(value: int, most: int) -> float:
    return round(HEIGHT - value / most * (HEIGHT - TOP), 1)


def _line(kind: str, points: Points, most: int, scale: Scale, end: int) -> str:
    if len(points) > COLUMNS:
        highest: dict[int, tuple[int, int]] = {}
        for time, value in points:
            place = int(scale.at(time))
            if place not in highest or value >= highest[place][1]:
                highest[place] = (time, value)
        points = list(highest.values())
    steps = [f"M{scale.at(points[0][0])} {_y(points[0][1], most)}"]
    steps += [f"H{scale.at(t)}V{_y(v, most)}" for t, v in points[1:]]
    return f'<path class="{kind}" d="{"".join(steps)}H{scale.at(end)}"/>'
