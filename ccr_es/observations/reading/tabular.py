"""CSV files, pipe tables and text logs as rows whose fields are all texts.

Sits above `row`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator

from ..mappings.language import Form
from .row import Row, quoted, refuse


def skipped(text: str, form: Form) -> bool:
    """Whether the mapping passes this line over."""
    return any(p.found(text.rstrip("\r\n")) for p in form.skip)


def csv_rows(lines: Iterator[tuple[int, str]], form: Form) -> Iterator[Row]:
    """The rows of a CSV file, quoted as RFC 4180 has it."""
    names = list(form.columns) if not form.header else None
    at = [0]

    def texts() -> Iterator[str]:
        for number, text in lines:
            at[0] = number
            if "\0" in text:
                refuse(number, "has a NUL in it")
            if not skipped(text, form):
                yield text

    reader = csv.reader(texts(), delimiter=form.delimiter, strict=True)
    try:
        for cells in reader:
            if not any(cells):
                continue
            if names is None:
                names = _header([c.strip() for c in cells], form, at[0])
                continue
            yield _cells(cells, names, at[0])
    except csv.Error as error:
        refuse(at[0], f"is not CSV: {error}")


def _header(cells: list[str], form: Form, number: int) -> list[str]:
    names = list(form.columns) or cells
    if len(names) != len(cells):
        refuse(number, f"has {len(cells)} columns, the mapping names {len(names)}")
    twice = next((n for n in names if names.count(n) > 1), None)
    if twice is not None:
        refuse(number, f"field {quoted(twice)} is there twice")
    return names


def _cells(cells: list[str], names: list[str], number: int) -> Row:
    if len(cells) != len(names):
        refuse(number, f"has {len(cells)} columns, the header {len(names)}")
    keys = dict(zip(names, (c.strip() for c in cells), strict=True))
    return Row(number, keys, textual=True)


def table_rows(lines: Iterator[tuple[int, str]], form: Form) -> Iterator[Row]:
    """What psql and its like print: a header, a rule of dashes, rows, and `(n rows)`.

    A cell that ends in `+` goes on in the next line.
    """
    names: list[str] | None = None
    open_row: list[str] | None = None
    number = 0
    for number, text in lines:
        line = text.rstrip("\r\n")
        if not line.strip() or skipped(line, form):
            continue
        if not set(line) - set("-+| ") or (line.startswith("(") and line.endswith("rows)")):
            continue
        if line in ("(1 row)", "(0 rows)"):
            continue
        if line.startswith("|"):
            line = line.removeprefix("|").rstrip().removesuffix("|")
        cells = [c.strip() for c in line.split("|")]
        if names is None:
            names = _header(cells, form, number)
            continue
        if open_row is not None and len(cells) == len(open_row):
            cells = [f"{a} {b}".strip() for a, b in zip(open_row, cells, strict=True)]
            open_row = None
        if any(c.endswith("+") for c in cells):
            open_row = [c.removesuffix("+").strip() for c in cells]
            continue
        yield _cells(cells, names, number)
    if open_row is not None:
        refuse(number, "ends in the middle of a row: a cell that ends in + goes on")


def text_rows(lines: Iterator[tuple[int, str]], form: Form) -> Iterator[Row]:
    """The named groups of the first pattern that matches a line."""
    for number, text in lines:
        line = text.rstrip("\r\n")
        if not line.strip() or skipped(line, form):
            continue
        for pattern in form.patterns:
            found = pattern.named(line)
            if found is not None:
                yield Row(number, dict(found), textual=True)
                break
        else:
            if not form.ignore_others:
                refuse(number, f"is matched by no pattern of the mapping: {quoted(line)}")
            yield Row(number, {}, textual=True, skipped=True)
