"""Rows as CSV, for a spreadsheet: a header of stable names, one line each. Sits beside `output`."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from cli.frame.output import answer


def csv_rows(columns: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Print rows as CSV with these columns."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(columns), extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({k: "" if v is None else v for k, v in row.items()})
    answer(text.getvalue().rstrip("\n"))
