"""A run as an SVG picture: time down, parties across, faults as bands. Sits above `steps`."""

from __future__ import annotations

from html import escape

from .steps import TIME, Drawing, Shown
from .text import arguments, changed, seconds

COLUMN, ROW, LEFT, TOP = 230, 26, 110, 64
"""Pixels."""
_STYLE = (
    "text{font:12px sans-serif;fill:#222}.time{fill:#666;text-anchor:end}.head{font-weight:bold;"
    "text-anchor:middle}.life{stroke:#999}.band{fill:#d33;opacity:.18}.read{stroke:#357;"
    "fill:none;marker-end:url(#a)}.step{fill:#357}.fault{fill:#c22}.title{font-size:14px}"
)


def svg(drawing: Drawing, title: str) -> str:
    """The picture, as one document that needs nothing else."""
    x = {p: LEFT + 20 + i * COLUMN for i, p in enumerate(drawing.parties)}
    width = LEFT + COLUMN * max(1, len(x)) + 20
    height = TOP + ROW * (len(drawing.steps) + 1)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
        f' viewBox="0 0 {width} {height}" role="img">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style>",
        '<defs><marker id="a" markerWidth="8" markerHeight="8" refX="7" refY="3" orient="auto">'
        '<path d="M0,0 L7,3 L0,6 z" fill="#357"/></marker></defs>',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text class="title" x="10" y="20">{escape(title)}</text>',
    ]
    for p, at in x.items():
        parts.append(f'<text class="head" x="{at}" y="{TOP - 20}">{escape(p)}</text>')
        parts.append(f'<line class="life" x1="{at}" x2="{at}" y1="{TOP - 12}" y2="{height}"/>')
    parts += _bands(drawing, x, height)
    last = -1
    for s in drawing.steps:
        parts += _step(s, x, s.time != last)
        last = s.time
    return "\n".join([*parts, "</svg>", ""])


def _y(number: int) -> int:
    return TOP + ROW * number - ROW // 2


def _bands(drawing: Drawing, x: dict[str, int], height: int) -> list[str]:
    found = []
    for band in drawing.bands:
        top, end = _y(band.start), _y(band.end) if band.end is not None else height
        found.append(
            f'<rect class="band" x="{x[band.party] - 9}" y="{top}" width="18" height="{end - top}">'
            f"<title>{escape(band.what)}</title></rect>"
        )
    return found


def _step(s: Shown, x: dict[str, int], timed: bool) -> list[str]:
    y, out = _y(s.number), list[str]()
    if timed:
        out.append(f'<text class="time" x="{LEFT - 10}" y="{y + 4}">{seconds(s.time)}</text>')
    if s.party == TIME:
        return out
    here = x[s.party]
    for source in s.sources:
        side = -6 if x[source] < here else 6
        out.append(
            f'<line class="read" x1="{x[source]}" y1="{y - ROW // 3}" x2="{here + side}" y2="{y}"/>'
        )
    about = "\n".join([f"{s.number}. {s.rule.label} {arguments(s)}", *changed(s)])
    kind = "fault" if s.is_fault else "step"
    out.append(
        f'<circle class="{kind}" cx="{here}" cy="{y}" r="4"><title>{escape(about)}</title></circle>'
        f'<text x="{here + 9}" y="{y + 4}">{escape(s.rule.event)}<title>{escape(about)}</title>'
        "</text>"
    )
    return out
