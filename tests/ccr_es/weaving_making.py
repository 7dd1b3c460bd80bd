"""Parts of records for tests: a run split by whose events they are, by clocks of their own."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from ccr_es.partial import Asked, Clocks, Declared, PartialReport, audit_together
from ccr_es.partial.declared import OUTSIDE, party_of
from models.language.model import Model
from tests.ccr_es.partial_making import Line, creation
from tests.models.teaching import MODEL

PARTIES = ("A", "B", OUTSIDE)
UNNUMBERED = ("number", "caused_by")


def party(line: Line, model: Model = MODEL) -> str:
    """Whose event a line is."""
    event = line["type"].removeprefix("ccr:")
    rule = next(r for r in model.rules.values() if r.event == event)
    return party_of(rule, line["data"]["args"])


def split(
    lines: Iterable[Line],
    ahead: Mapping[str, int] | None = None,
    fields: Collection[str] = UNNUMBERED,
    parties: Sequence[str] = PARTIES,
) -> dict[str, list[bytes]]:
    """A run as each party tells it, by a clock that is so many ms ahead, without these fields."""
    first: dict[str, Any] = json.loads(creation())
    parts = {p: [json.dumps({**first, "ccrpart": p, "ccrparties": p}).encode()] for p in parties}
    for line in lines:
        whose = party(line)
        data = {k: v for k, v in line["data"].items() if k not in fields}
        if "time" in data:
            data["time"] += (ahead or {}).get(whose, 0)
        parts[whose].append(json.dumps({**line, "data": data}).encode())
    return parts


def judged(
    parts: Mapping[str, list[bytes]],
    *asked: Asked,
    model: Model = MODEL,
    clocks: Clocks | None = None,
    width: int = 256,
    not_logged: Collection[str] | None = None,
) -> PartialReport:
    """The report on parts; by this model, whatever they were written under."""
    declared = None if not_logged is None else Declared(frozenset(not_logged), width)
    return audit_together(
        parts,
        model,
        declared,
        asked,
        by_given=True,
        width_max=width,
        clocks=clocks or Clocks(),
    )


def line(event: str, time: int | None = None, **args: int | str) -> Line:
    """A line."""
    return {
        "type": f"ccr:{event}",
        "data": {"args": args, **({} if time is None else {"time": time})},
    }
