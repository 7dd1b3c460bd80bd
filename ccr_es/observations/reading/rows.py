"""A file as rows of named fields: JSON lines, a JSON list, or what `tabular` reads.

One row may be the `_meta` object. Nothing is interpreted here. Sits above `row`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

from ccr_es.errors import FileUnreadable

from ..mappings.language import Form
from .row import META, MISSING, Row, at_path, quoted, refuse
from .tabular import csv_rows, skipped, table_rows, text_rows

MAX_LINE = 65_536
MAX_DOCUMENT = 64 << 20


def rows(
    path: Path, form: Form, saw: Callable[[bytes], object] = lambda _raw: None
) -> Iterator[Row]:
    """The rows of a file, skipped ones marked. `saw` gets every byte that was read, in order.

    Raises `FileUnreadable` or `RecordMalformed`.
    """
    try:
        with path.open("rb") as file:
            if form.form == "json":
                yield from _document(file.read(MAX_DOCUMENT + 1), form, saw)
                return
            lines = _lines(file, saw)
            if form.form == "json lines":
                yield from _json_lines(lines, form)
            elif form.form == "csv":
                yield from csv_rows(lines, form)
            else:
                yield from (table_rows if form.form == "table" else text_rows)(lines, form)
    except (OSError, ValueError) as error:
        why = (getattr(error, "strerror", None) or str(error)).lower()
        raise FileUnreadable(f"{path}: {why}", "Name a readable file") from None


def _lines(file: Any, saw: Callable[[bytes], object]) -> Iterator[tuple[int, str]]:
    number = 0
    while raw := file.readline(MAX_LINE + 1):
        number += 1
        saw(raw)
        if len(raw) > MAX_LINE:
            refuse(number, f"is longer than {MAX_LINE:,} bytes")
        yield number, _decoded(raw, number)


def _decoded(raw: bytes, number: int) -> str:
    try:
        return raw.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        refuse(number, f"is not UTF-8 at byte {error.start + 1}")


def _json_lines(lines: Iterator[tuple[int, str]], form: Form) -> Iterator[Row]:
    for number, text in lines:
        if text.strip() and not skipped(text, form):
            found = parsed(text, number)
            yield _named(found, number, "line", form)


def _named(found: Any, number: int, unit: str, form: Form) -> Row:
    if isinstance(found, list) and form.columns:
        if len(found) > len(form.columns):
            refuse(number, f"has {len(found)} columns, the mapping names {len(form.columns)}", unit)
        found = dict(zip(form.columns, found, strict=False))
    if not isinstance(found, dict):
        refuse(number, f"is {sort_of(found)}, not a JSON object", unit)
    return Row(number, found, unit)


def parsed(text: str, number: int) -> Any:
    """The JSON value of a line. Raises `RecordMalformed`."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            keys = [k for k, _ in pairs]
            twice = next(k for k in keys if keys.count(k) > 1)
            refuse(number, f"field {quoted(twice)} is there twice")
        return found

    def constant(name: str) -> NoReturn:
        refuse(number, f"has {name}, which is not a JSON value")

    try:
        return json.loads(text, object_pairs_hook=once, parse_constant=constant)
    except json.JSONDecodeError as error:
        line = number + error.lineno - 1
        refuse(line, f"is not a JSON object: {error.msg} at column {error.colno}")
    except RecursionError:
        refuse(number, "is nested too deeply")
    except ValueError:
        refuse(number, "has a number with too many digits")


def sort_of(value: Any) -> str:
    """What a JSON value is, in words."""
    kinds = ((list, "a list"), (str, "a text"), (bool, "a truth value"), (dict, "an object"))
    for kind, word in kinds:
        if isinstance(value, kind):
            return word
    return "null" if value is None else "a number"


def _document(raw: bytes, form: Form, saw: Callable[[bytes], object]) -> Iterator[Row]:
    """The items of the list, which is the document itself or at the path `rows` in it."""
    saw(raw)
    if len(raw) > MAX_DOCUMENT:
        refuse(1, f"begins a document of more than {MAX_DOCUMENT:,} bytes")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        refuse(raw[: error.start].count(b"\n") + 1, "is not UTF-8")
    found = parsed(text, 1)
    if isinstance(found, dict):
        if META in found:
            yield Row(0, {META: found[META]}, "document")
        if not form.rows:
            refuse(1, "begins an object, not a list")
        found = at_path(found, form.rows)
        if found is MISSING:
            refuse(1, f"begins an object that has no field {quoted(form.rows)}")
    if not isinstance(found, list):
        refuse(1, f"begins {sort_of(found)}, not a list")
    for number, item in enumerate(found, 1):
        yield _named(item, number, "item", form)
