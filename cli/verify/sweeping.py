"""`ccr verify --sweep`: which values of a parameter are safe, as a table, a line and a picture.

z3 is imported when the proof begins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from ccr_es.errors import FileUnreadable
from cli.explain.runwords import run_lines
from cli.frame.errors import BadSweep
from cli.frame.output import answer, document, strong, table
from cli.session.subject import subject
from cli.verify.gridding import grid_picture, show_grid
from cli.verify.sweepvalues import COLOURS, MARKS, MOST, is_time, said, values_of
from models.language.model import SOMETIMES, Instance, Property
from models.language.show import show
from specs.verdict import HOLDS, UNKNOWN, VIOLATED

if TYPE_CHECKING:
    from specs.sweep.swept import Frontier, Point


def sweep(
    texts: Sequence[str],
    parameters: Mapping[str, int],
    asked: Sequence[Property] | None,
    kept: Path | None,
    plot: Path | None,
    as_json: bool,
) -> str:
    """Sweep one parameter or two, the others as set or at their defaults, and show what was found;
    the verdict. Raises `BadSweep`.
    """
    swept = [values_of(text) for text in texts]
    names = [name for name, _ in swept]
    for name in names:
        if name in parameters or names.count(name) > 1:
            raise BadSweep(f"{name} is swept, and set too", "Name each parameter once")
    if len(swept) > 2:
        raise BadSweep(f"{len(swept)} parameters are swept; at most 2", "Set the others: --set")
    here = subject().instance
    instance = Instance(here.members, {**here.parameters, **parameters})
    shown = [p for p in asked or () if p.kind == SOMETIMES]
    if shown and (len(shown) < len(asked or ()) or len(swept) == 2):
        names_ = ", ".join(p.number for p in shown)
        raise BadSweep(
            f"{names_} says what is possible: that is swept by itself, over one parameter",
            f"Try ccr verify {shown[0].number} --sweep {texts[0]}",
        )
    if len(swept) == 2:
        return _sweep_two(swept, instance, asked, kept, plot, as_json)
    ((name, values),) = swept
    from specs.sweep.frontier import Sweep

    if shown:
        from specs.sweep.shown import sweep_shown

        found = sweep_shown(subject().model, instance, name, shown, values, kept)
    else:
        found = Sweep(subject().model, instance, name, asked, kept).run(values)
    if plot is not None:
        _draw(picture(found), plot)
    if as_json:
        from specs.sweep.swept import as_json as data

        document("sweep", {**data(found, show), "unit": "ms" if is_time(name) else ""})
    else:
        _show(found, parameters)
    return found.verdict


def _sweep_two(
    swept: Sequence[tuple[str, list[int]]],
    instance: Instance,
    asked: Sequence[Property] | None,
    kept: Path | None,
    plot: Path | None,
    as_json: bool,
) -> str:
    count = len(swept[0][1]) * len(swept[1][1])
    if count > MOST:
        raise BadSweep(f"that is {count} pairs of values; at most {MOST}", "Write a wider step")
    from specs.sweep.grid import grid

    found = grid(subject().model, instance, swept[0], swept[1], asked, kept)
    if plot is not None:
        _draw(grid_picture(found), plot)
    if as_json:
        units = ["ms" if is_time(name) else "" for name in found.parameters]
        document("sweep", {**found.as_json(), "units": units})
    else:
        show_grid(found)
    return found.verdict


def _show(found: Frontier, parameters: Mapping[str, int]) -> None:
    name = found.parameter
    if found.anything:
        answer(f"Any {name} is safe: what was asked is proved without anything being so of it.")
        return
    by = _shown_by if found.shown else _by
    rows = [(said(name, p.value), p.verdict, by(p)) for p in found.points]
    table((name, "verdict", "by"), rows)
    answer()
    for line in line_of(found):
        answer(line)
    answer()
    _conclude(found, parameters)
    if found.beyond is not None and found.beyond.run is not None:
        answer()
        answer(strong(f"{found.beyond.shows} is violated with {name}={found.beyond.value}:"))
        for line in run_lines(subject().model, found.beyond.run):
            answer(line)


def _by(point: Point) -> str:
    if point.run is None:
        return "proof, runs of any length" if point.verdict == HOLDS else "neither proof nor run"
    return f"{point.shows} broken by a run of {len(point.run)} steps"


def _shown_by(point: Point) -> str:
    if point.run is not None:
        return f"{point.shows} shown by a run of {len(point.run)} steps"
    return "no run of any length shows it" if point.verdict == VIOLATED else "neither proof nor run"


def line_of(found: Frontier) -> list[str]:
    """The values as one line of marks, and what the marks mean."""
    legend = "x impossible, o shown" if found.shown else "x violated, o proved"
    marks = "".join(MARKS[p.verdict] for p in found.points)
    first, last = (said(found.parameter, found.points[i].value) for i in (0, -1))
    return [f"{found.parameter}  {first} {marks} {last}   {legend}, ? unknown"]


def _conclude(found: Frontier, parameters: Mapping[str, int]) -> None:
    name = found.parameter
    if found.edge is None:
        answer(f"No edge lies between these values of {name}.")
        return
    word = "smallest" if found.side == "at least" else "largest"
    pairs = [f"{n}={said(n, v)}" for n, v in parameters.items()]
    others = f"with {', '.join(pairs)} and the others" if pairs else "the other parameters"
    kind = "" if found.shown else "safe "
    answer(
        f"{strong(f'{word} {kind}{name}')}  {said(name, found.edge)} ({found.edge}), {others} at "
        "their defaults"
    )
    if found.bound is not None:
        answer(f"{strong('safe for all')}  {show(found.bound)}")
        answer("  proved for runs of any length, all parameters free; weaker by one it is not so")


def _draw(drawing: str, path: Path) -> None:
    try:
        path.write_text(drawing, encoding="utf-8")
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
        text = f"{said(name, point.value)}: {point.verdict}"
        high = {HOLDS: 60, VIOLATED: 25, UNKNOWN: 40}[point.verdict]
        parts += [
            f'<rect x="{x}" y="{100 - high}" width="{wide - 4}" height="{high}" '
            f'fill="{COLOURS[point.verdict]}"><title>{escape(text)}</title></rect>',
            f'<text x="{x + wide / 2 - 2}" y="114" text-anchor="middle">'
            f"{escape(said(name, point.value))}</text>",
        ]
    if found.bound is not None:
        parts.append(f'<text x="20" y="138">safe for all {escape(show(found.bound))}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"
