"""`ccr verify --sweep A=.. --sweep B=..`: which pairs of values are safe, as a table and a picture.

z3 is imported when the proof begins, never here.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from cli.frame.output import answer, table
from cli.verify.sweepvalues import COLOURS, MARKS, said

if TYPE_CHECKING:
    from specs.sweep.grid import Cell, Grid


def show_grid(found: Grid) -> None:
    """The table: a column per value of the first parameter, a row per value of the second."""
    first, second = found.parameters
    if not found.asked:
        answer(f"Any {first} and {second} are safe: what was asked needs nothing of them.")
        return
    rows = _rows(found)
    head = (f"{second} \\ {first}", *(said(first, c.values[0]) for c in rows[0]))
    table(head, [(said(second, r[0].values[1]), *(MARKS[c.verdict] for c in r)) for r in rows])
    answer()
    answer("o proved for runs of any length, x violated, ? unknown; the others as set or at their")
    answer("defaults")
    broken = sorted({c.shows for c in found.cells if c.shows})
    if broken:
        answer(f"broken: {', '.join(broken)}; the runs are shown by --sweep of one parameter")


def _rows(found: Grid) -> list[list[Cell]]:
    rows: dict[int, list[Cell]] = {}
    for cell in found.cells:
        rows.setdefault(cell.values[1], []).append(cell)
    return list(rows.values())


def grid_picture(found: Grid) -> str:
    """The grid as an SVG: a square per pair, with its verdict in colour and in words."""
    first, second = found.parameters
    rows = _rows(found)
    wide, high = 52, 24
    title = f"{first} and {second}: which pairs are safe"
    width = 90 + wide * max((len(r) for r in rows), default=1)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{70 + high * len(rows)}" '
        f'font-family="sans-serif" font-size="11" role="img"><title>{escape(title)}</title>',
        f'<text x="10" y="18" font-size="13">{escape(title)}</text>',
    ]
    for j, row in enumerate(reversed(rows)):
        y = 30 + j * high
        parts.append(f'<text x="10" y="{y + 15}">{escape(said(second, row[0].values[1]))}</text>')
        for i, cell in enumerate(row):
            x = 80 + i * wide
            named = (said(n, v) for n, v in zip(found.parameters, cell.values, strict=True))
            words = f"{', '.join(named)}: {cell.verdict}"
            parts += [
                f'<rect x="{x}" y="{y}" width="{wide - 3}" height="{high - 3}" '
                f'fill="{COLOURS[cell.verdict]}"><title>{escape(words)}</title></rect>',
                f'<text x="{x + wide / 2}" y="{y + 15}" text-anchor="middle" fill="#fff">'
                f"{MARKS[cell.verdict]}</text>",
            ]
    y = 45 + high * len(rows)
    for i, cell in enumerate(rows[0] if rows else []):
        text = escape(said(first, cell.values[0]))
        parts.append(
            f'<text x="{80 + i * wide + wide / 2}" y="{y}" text-anchor="middle">{text}</text>'
        )
    return "\n".join([*parts, "</svg>"]) + "\n"
