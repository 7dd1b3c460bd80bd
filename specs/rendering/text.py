"""A run as plain text: a table of steps with what changed, and a time-space diagram.

In the diagram time runs down and each party has a column. A step stands in the column of the party
that acts; a line comes from each party whose knowledge it read; a doubled line is a party with a
fault. Sits above `steps`.
"""

from __future__ import annotations

import textwrap

from models.plain.layout import Value

from .steps import TIME, Drawing, Shown

MARGIN = 15
"""Columns for the number and the time."""
WIDTH = 79


def value(x: Value) -> str:
    """A value as it is written in a table."""
    return str(x).lower() if isinstance(x, bool) else str(x) if x != "" else "nobody"


def seconds(ms: int) -> str:
    """`12.999 s`."""
    return f"{ms // 1000}.{ms % 1000:03} s"


def changed(shown: Shown) -> list[str]:
    """`node.A.view: SEEKING → JOINED`, one for each key, without the clock."""
    return [
        f"{k}: {value(old)} → {value(new)}"
        for k, (old, new) in shown.changes.items()
        if not k.startswith("clock.")
    ]


def arguments(shown: Shown) -> str:
    """`n=A number=3`."""
    return " ".join(f"{k}={value(v)}" for k, v in shown.step.args.items())


def table(drawing: Drawing) -> list[str]:
    """One row a step, and under it each change."""
    out = [f"{'STEP':>4}  {'TIME':>10}  {'WHO':<8} {'WHAT':<24} RULE"]
    for s in drawing.steps:
        flag = "!" if s.is_fault else " "
        head = f"{s.number:4}{flag} {seconds(s.time):>10}  {s.party or 'time':<8}"
        out.append(f"{head} {s.rule.event:<24} {s.rule.label} {arguments(s)}".rstrip())
        for line in changed(s):
            out += textwrap.wrap(line, WIDTH, initial_indent=" " * 27, subsequent_indent=" " * 29)
    return out


def markdown_table(drawing: Drawing) -> list[str]:
    """The same as a Markdown table."""
    out = ["| step | time | who | what | rule | changes |", "|---:|---:|---|---|---|---|"]
    for s in drawing.steps:
        cells = (
            str(s.number), seconds(s.time), s.party or "time",
            f"**{s.rule.event}**" if s.is_fault else s.rule.event,
            f"{s.rule.label} {arguments(s)}".rstrip(), "<br>".join(changed(s)),
        )  # fmt: skip
        out.append("| " + " | ".join(c.replace("|", "\\|") for c in cells) + " |")
    return out


def diagram(drawing: Drawing) -> list[str]:
    """The time-space diagram, as wide as a terminal where the parties allow it."""
    parties = drawing.parties
    room = max(12, (WIDTH - MARGIN) // max(1, len(parties)))
    at = {p: MARGIN + i * room for i, p in enumerate(parties)}
    head = [" "] * (MARGIN + room * len(parties))
    for p in parties:
        head[at[p] : at[p] + len(p[: room - 1])] = p[: room - 1]
    out = ["".join(head).rstrip()]
    last = -1
    for s in drawing.steps:
        out.append(_line(drawing, s, at, room, s.time != last))
        last = s.time
    legend = "● step, ✗ fault; ─▶ what it read of whom; ║ a party with a fault"
    return [*out, *textwrap.wrap(legend, WIDTH)]


def _line(drawing: Drawing, s: Shown, at: dict[str, int], room: int, timed: bool) -> str:
    width = MARGIN + room * len(at)
    row = [" "] * width
    for p, x in at.items():
        hurt = any(b.party == p and b.covers(s.number) for b in drawing.bands)
        row[x] = "║" if hurt else "│"
    if s.party == TIME:
        _put(row, 0, f"{s.number:3}  {seconds(s.time):>9}")
        return "".join(row).rstrip()
    here = at[s.party]
    label = s.rule.event[: room - 3] + ("…" if len(s.rule.event) > room - 3 else "")
    for source in s.sources:
        _arrow(row, at[source], here, here + 2 + len(label))
    _put(row, here, f"{'✗' if s.is_fault else '●'} {label}")
    _put(row, 0, f"{s.number:3}  {seconds(s.time):>9}" if timed else f"{s.number:3}")
    return "".join(row).rstrip()


def _arrow(row: list[str], source: int, here: int, end: int) -> None:
    """From the left to the step's mark, from the right to the end of its label."""
    first, last = (source, here - 1) if source < here else (end, source)
    for x in range(first, last + 1):
        row[x] = "┼" if row[x] in "│║" and x not in (source,) else "─" if x != source else row[x]
    row[source] = "├" if source < here else "┤"
    if source < here:
        row[here - 1] = "▶"
    elif end < source:
        row[end] = "◀"


def _put(row: list[str], x: int, text: str) -> None:
    row[x : x + len(text)] = text
