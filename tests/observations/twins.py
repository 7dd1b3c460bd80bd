"""The real record, and twins of it that a test makes: shuffled, shifted, cut short, with lines
changed.

A fact is a dict as it stands on a line of the record; the `_meta` line is among them.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from ccr_es.observations import INCIDENT_2020, ObservationReport, audit_observations

Fact = dict[str, Any]


def incident() -> list[Fact]:
    """Every line of the record of 2020."""
    return [json.loads(line) for line in INCIDENT_2020.read_text().splitlines()]


def written(path: Path, facts: Iterable[Fact]) -> Path:
    """The facts as a file in the directory `path`."""
    file = path / "record.jsonl"
    file.write_text("".join(json.dumps(f) + "\n" for f in facts))
    return file


def audited(
    path: Path, facts: Iterable[Fact], leads: dict[str, float] | None = None
) -> ObservationReport:
    """The audit of the facts."""
    return audit_observations(written(path, facts), leads)


def shuffled(facts: list[Fact], seed: int) -> list[Fact]:
    """The same lines in another order."""
    found = list(facts)
    random.Random(seed).shuffle(found)
    return found


def shifted(facts: list[Fact], party: str, seconds: float) -> list[Fact]:
    """One party's clock put forward."""

    def later(stamp: str) -> str:
        hours, minutes, rest = stamp.split(":")
        ms = round(((int(hours) * 60 + int(minutes)) * 60 + float(rest) + seconds) * 1000)
        return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}.{ms % 1000:03}"

    return [{**f, "ts": later(f["ts"])} if f.get("node") == party else f for f in facts]


def stating(facts: list[Fact], **meta: Any) -> list[Fact]:
    """The record with more stated about itself."""
    return [{"_meta": {**f["_meta"], **meta}} if "_meta" in f else f for f in facts]


def where(fact: Fact, wanted: dict[str, Any]) -> bool:
    """Whether a fact has these values."""
    return all(fact.get(k) == v for k, v in wanted.items())


def without(facts: list[Fact], **wanted: Any) -> list[Fact]:
    """The record less the facts that have these values; there must be some."""
    found = [f for f in facts if not where(f, wanted)]
    assert len(found) < len(facts)
    return found


def changed(facts: list[Fact], change: Callable[[Fact], Fact], **wanted: Any) -> list[Fact]:
    """The record with the facts that have these values changed; there must be some."""
    assert any(where(f, wanted) for f in facts)
    return [change(dict(f)) if where(f, wanted) else f for f in facts]


def statuses(report: ObservationReport) -> dict[str, str]:
    """Finding by name to its status."""
    return {f.name: f.status for f in report.findings}


def finding(report: ObservationReport, name: str) -> Any:
    """The one finding of this name."""
    (found,) = [f for f in report.findings if f.name == name]
    return found


def seconds(report: ObservationReport) -> dict[str, float]:
    """Duration by name to its value in seconds, as stamped."""
    return {d["name"]: d["seconds"] for d in report.as_json()["durations"]}


def lead_limits(report: ObservationReport, fast: str, slow: str) -> float | None:
    """The most by which one clock can be ahead of the other, in seconds."""
    (found,) = [
        c for c in report.as_json()["clocks"] if (c["clock"], c["ahead_of"]) == (fast, slow)
    ]
    limit: float | None = found["at_most_s"]
    return limit
