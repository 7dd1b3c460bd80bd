"""What `ccr audit --csv` prints: a row for each finding, of whichever kind of record. Sits below
`auditing`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cli.frame.rows import csv_rows

COLUMNS = (
    "source", "cluster", "verdict", "events", "event", "line", "kind", "certain", "status", "text",
    "rule", "guard", "property", "where", "lines",
)  # fmt: skip


def audit_rows(bodies: Iterable[Mapping[str, Any]]) -> None:
    """Print the findings of these reports; a report without any is a row of its own."""
    csv_rows(COLUMNS, (row for body in bodies for row in _rows(body)))


def _rows(body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    head = {k: body.get(k) for k in ("cluster", "verdict", "events")}
    head["source"] = body["source"] if "source" in body else body["record"]["path"]
    for finding in body["findings"] or [{}]:
        row = {**finding, **head}
        if "name" in finding:
            row["kind"] = finding["name"]
        if "lines" in finding:
            row["lines"] = " ".join(map(str, finding["lines"]))
        yield row
