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
from cli.verify.pinning import pinned
from cli.verify.sweepvalues import COLOURS, MARKS, MOST, is_time, said, values_of
from models.language.misuse import ModelError
from models.language.model import SOMETIMES, Instance, Property
from models.language.settings import counted
from models.language.show import show
from specs.verdict import HOLDS, UNKNOWN, VIOLATED

if TYPE_CHECKING:
    from specs.reading.asking import Deadline
    from specs.sweep.swept import Frontier, Point

LONG, LAST = 300, 20
"""Of a run of so many lines only the last ones are shown."""


def sweep(
    texts: Sequence[str],
    parameters: Mapping[str, int],
    asked: Sequence[Property] | None,
    kept: Path | None,
    plot: Path | None,
    seconds: float | None,
    as_json: bool,
) -> str:
    """Sweep one parameter or two, the others as set or at their defaults, and show what was found;
    the verdict. What is not settled after so many `seconds` is unknown. Raises `BadSweep`.
    """
    typed, notes = pinned(texts)
    swept = [values_of(text) for text in typed]
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
    from specs.reading.asking import Deadline

    deadline = Deadline.after(seconds)
    if len(swept) == 2:
        for name in set(names) - set(subject().model.schema.parameters):
            raise BadSweep(f"how many {name} there are is swept by itself", "Leave out the other")
        return _sweep_two(swept, instance, asked, kept, plot, deadline, as_json)
    ((name, values),) = swept
    from specs.sweep.frontier import Sweep

    if name not in subject().model.schema.parameters:
        found = _sweep_members(swept[0], instance, asked, parameters, kept, deadline)
    elif shown:
        from specs.sweep.shown import sweep_shown

        found = sweep_shown(subject().model, instance, name, shown, values, kept, deadline)
    else:
        engine = Sweep(subject().model, instance, name, asked, kept, deadline=deadline)
        found = engine.run(values)
    found.note = found.note or "; ".join(notes)
    if plot is not None:
        _draw(picture(found), plot)
    if as_json:
        from specs.sweep.swept import as_json as data

        document("sweep", {**data(found, show), "unit": "ms" if is_time(name) else ""})
    else:
        _show(found, parameters)
    return found.verdict


def _sweep_members(
    swept: tuple[str, list[int]],
    instance: Instance,
    asked: Sequence[Property] | None,
    parameters: Mapping[str, int],
    kept: Path | None,
    deadline: Deadline,
) -> Frontier:
    """How many members there are of a sort. Raises `BadSweep` for a number that the model cannot
    have.
    """
    from specs.sweep.members import sweep_members

    model, (name, numbers) = subject().model, swept
    sort = counted(model, name)
    assert sort is not None
    try:
        found = sweep_members(
            model, instance, sort, numbers, asked, kept, parameters or None, deadline
        )
    except ModelError as error:
        raise BadSweep(f"{name}: {error}", "Sweep numbers that the model can have") from None
    found.parameter = name
    return found


def _sweep_two(
    swept: Sequence[tuple[str, list[int]]],
    instance: Instance,
    asked: Sequence[Property] | None,
    kept: Path | None,
    plot: Path | None,
    deadline: Deadline,
    as_json: bool,
) -> str:
    count = len(swept[0][1]) * len(swept[1][1])
    if count > MOST:
        raise BadSweep(f"that is {count} pairs of values; at most {MOST}", "Write a wider step")
    from specs.sweep.grid import grid

    found = grid(subject().model, instance, swept[0], swept[1], asked, kept, deadline)
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
        _note(found)
        return
    by = _shown_by if found.shown else _by
    rows = [(said(name, p.value), p.verdict, by(p)) for p in found.points]
    table((name, "verdict", "by"), rows)
    answer()
    for line in line_of(found):
        answer(line)
    answer()
    _conclude(found, parameters)
    _note(found)
    if found.beyond is not None and found.beyond.run is not None:
        answer()
        here = f"{name}={found.beyond.value}"
        answer(strong(f"{found.beyond.shows} is violated with {here}:"))
        lines = run_lines(subject().model, found.beyond.run)
        if len(lines) > LONG:
            path = subject().path
            of = f" --model {path}" if path else ""
            answer(f"  the last of {len(found.beyond.run)} steps; for all of them:")
            answer(f"  ccr verify{of} {found.beyond.shows} --set {here}")
        for line in lines[-LAST:] if len(lines) > LONG else lines:
            answer(line)


def _note(found: Frontier) -> None:
    if found.note:
        answer(found.note)


def _by(point: Point) -> str:
    if point.verdict == HOLDS:
        return "proof, runs of any length"
    if point.run is None:
        return f"neither proof nor run ({point.tried})" if point.tried else "neither proof nor run"
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
    beyond = found.beyond
    sure = found.shown or (beyond is not None and beyond.verdict == VIOLATED)
    kind = "" if found.shown else "safe " if sure else "value proved safe, "
    answer(
        f"{strong(f'{word} {kind}{name}')}  {said(name, found.edge)} ({found.edge}), {others} at "
        "their defaults"
    )
    if not sure and beyond is not None:
        answer(f"  whether {said(name, beyond.value)} is safe is not known")
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
