"""`ccr verify --sweep`: which values of a parameter are safe, as a table, a line and a picture.

A parameter that is a time is given in seconds unless a unit is written (ms, s, m, h, d), as people
write timers; any other is a plain number. z3 is imported when the proof begins.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from ccr_es.errors import FileUnreadable
from cli.explain.filewords import run_lines
from cli.frame.errors import BadSweep
from cli.frame.output import answer, document, duration, strong, table
from cli.session.subject import subject
from models.language.model import Property
from models.language.show import show
from specs.verdict import HOLDS, UNKNOWN, VIOLATED

if TYPE_CHECKING:
    from specs.sweep.swept import Frontier, Point

UNITS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
MOST = 200
_SWEEP = re.compile(r"(\w+)=([\d.]+)(\w*)\.\.([\d.]+?)(ms|s|m|h|d)?(?:/([\d.]+)(\w*))?")
_MARKS = {HOLDS: "o", VIOLATED: "x", UNKNOWN: "?"}
_COLOURS = {HOLDS: "#2e7d32", VIOLATED: "#c62828", UNKNOWN: "#f9a825"}


def values_of(text: str) -> tuple[str, list[int]]:
    """`head_start=0..12` as the parameter and its values (ms for a time), every unit or every
    `/STEP`. Raises `BadSweep`.
    """
    found = _SWEEP.fullmatch(text)
    hint = "Write head_start=0..12, or with a unit and a step head_start=7s..9s/500ms"
    if found is None:
        raise BadSweep(f"{text!r} is not PARAMETER=FROM..TO", hint)
    name, first, first_unit, last, last_unit, step, step_unit = found.groups()
    known = subject().model.schema.parameters
    if name not in known:
        raise BadSweep(f"there is no parameter {name}", f"There are {', '.join(known)}")
    unit = last_unit or first_unit or ("s" if is_time(name) else "")
    low, high = _number(first, first_unit or unit), _number(last, unit)
    every = _number(step, step_unit or unit) if step else UNITS.get(unit, 1)
    if low is None or high is None or not every or high < low:
        raise BadSweep(f"{text!r} has no values", hint)
    values = list(range(low, high + 1, every))
    if len(values) > MOST:
        raise BadSweep(f"{text!r} has {len(values)} values; at most {MOST}", "Write a wider step")
    return name, values


def is_time(name: str) -> bool:
    """Whether a parameter is a length of time: its description begins with its unit."""
    about: str = subject().model.schema.parameters[name][1]
    return about.startswith("ms ")


def _number(text: str, unit: str) -> int | None:
    try:
        return round(float(text) * UNITS[unit]) if unit else int(text)
    except (ValueError, KeyError):
        return None


def sweep(
    text: str, asked: Sequence[Property] | None, kept: Path | None, plot: Path | None, as_json: bool
) -> str:
    """Do it and show it; the verdict."""
    name, values = values_of(text)
    from specs.sweep.frontier import Sweep

    found = Sweep(subject().model, subject().instance, name, asked, kept).run(values)
    if plot is not None:
        _draw(found, plot)
    if as_json:
        from specs.sweep.swept import as_json as data

        document("sweep", {**data(found, show), "unit": "ms" if is_time(name) else ""})
    else:
        _show(found)
    return found.verdict


def _said(name: str, value: int) -> str:
    return duration(value) if is_time(name) else str(value)


def _show(found: Frontier) -> None:
    name = found.parameter
    if found.anything:
        answer(f"Any {name} is safe: what was asked is proved without anything being so of it.")
        return
    rows = [(_said(name, p.value), p.verdict, _by(p)) for p in found.points]
    table((name, "verdict", "by"), rows)
    answer()
    for line in line_of(found):
        answer(line)
    answer()
    _conclude(found)
    if found.beyond is not None and found.beyond.run is not None:
        answer()
        answer(strong(f"{found.beyond.shows} is violated with {name}={found.beyond.value}:"))
        for line in run_lines(subject().model, found.beyond.run):
            answer(line)


def _by(point: Point) -> str:
    if point.run is None:
        return "proof, runs of any length" if point.verdict == HOLDS else "neither proof nor run"
    return f"{point.shows} broken by a run of {len(point.run)} steps"


def line_of(found: Frontier) -> list[str]:
    """The values as one line of marks, and what the marks mean."""
    marks = "".join(_MARKS[p.verdict] for p in found.points)
    first, last = (_said(found.parameter, found.points[i].value) for i in (0, -1))
    return [f"{found.parameter}  {first} {marks} {last}   x violated, o proved, ? unknown"]


def _conclude(found: Frontier) -> None:
    name = found.parameter
    if found.edge is None:
        answer(f"No edge lies between these values of {name}.")
        return
    word = "smallest" if found.side == "at least" else "largest"
    answer(
        f"{strong(f'{word} safe {name}')}  {_said(name, found.edge)} ({found.edge}), the other "
        "parameters at their defaults"
    )
    if found.bound is not None:
        answer(f"{strong('safe for all')}  {show(found.bound)}")
        answer("  proved for runs of any length, all parameters free; weaker by one it is not so")


def _draw(found: Frontier, path: Path) -> None:
    try:
        path.write_text(picture(found), encoding="utf-8")
    except OSError as error:
        raise FileUnreadable(f"{path}: {error.strerror}", "Name a file to write") from None


def picture(found: Frontier) -> str:
    """The frontier as an SVG: a bar per value, with its verdict in colour and in words."""
    wide, name = 44, found.parameter
    width = 40 + wide * max(1, len(found.points))
    title = f"{name}: which values are safe"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="150" '
        f'font-family="sans-serif" font-size="11" role="img"><title>{escape(title)}</title>',
        f'<text x="20" y="20" font-size="13">{escape(title)}</text>',
    ]
    for i, point in enumerate(found.points):
        x = 20 + i * wide
        text = f"{_said(name, point.value)}: {point.verdict}"
        high = {HOLDS: 60, VIOLATED: 25, UNKNOWN: 40}[point.verdict]
        parts += [
            f'<rect x="{x}" y="{100 - high}" width="{wide - 4}" height="{high}" '
            f'fill="{_COLOURS[point.verdict]}"><title>{escape(text)}</title></rect>',
            f'<text x="{x + wide / 2 - 2}" y="114" text-anchor="middle">'
            f"{escape(_said(name, point.value))}</text>",
        ]
    if found.bound is not None:
        parts.append(f'<text x="20" y="138">safe for all {escape(show(found.bound))}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"
