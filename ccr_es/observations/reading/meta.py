"""What a record states about itself: its source, the zone, what it is complete of, its clocks, its
outage.

In JSON it is the `_meta` object; for other forms the mapping's `[record]`. Sits above `row`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from ..kinds import DRIFT_MAX, SECOND, Complete, Kind
from ..mappings.language import RecordMapping
from ..vocabulary import Provenance
from .row import META, Row, quoted
from .values import seconds, table, text

_SECONDS = ("clock_offset_max_s", "outage_s")
_TEXTS = ("repo", "path", "what", "tz", "system")
DRIFT = "clock_drift_max_ppm"


@dataclass(frozen=True)
class Meta:
    """The statements, checked."""

    stated: dict[str, Any]
    complete: frozenset[Complete]
    date: str

    @classmethod
    def of(cls, row: Row, mapping: RecordMapping) -> Meta:
        """The `_meta` object of a row. Raises `RecordMalformed`."""
        stated = row.value(META, table)
        within = Row(row.number, stated, row.unit)
        for key in _SECONDS:
            if key in stated:
                within.value(key, _strict_seconds)
        if DRIFT in stated:
            within.value(DRIFT, ppm)
        for key in _TEXTS:
            if key in stated:
                within.value(key, text)
        complete = stated.get("complete", [])
        if not isinstance(complete, list):
            within.refuse("complete", f"must be a list of kinds, not {quoted(complete)}")
        found = {c for name in complete for c in _complete(name, within, mapping)}
        day = within.value("date", _date) if "date" in stated else mapping.times.date
        return cls(stated, frozenset(found) | mapping.complete, day)

    @classmethod
    def of_mapping(cls, mapping: RecordMapping) -> Meta:
        """What the mapping states for a record that has no such row."""
        return cls.of(Row(0, {META: dict(mapping.stated)}, "[record] of the mapping"), mapping)

    def provenance(self, path: str, sha256: str, mapping: RecordMapping) -> Provenance:
        """The provenance of a record, as far as its file says it."""
        meta = {**mapping.stated, **self.stated}
        offset, outage = meta.get("clock_offset_max_s"), meta.get("outage_s")
        drift = meta.get(DRIFT, mapping.drift_max_ppm)
        return Provenance(
            path=path,
            sha256=sha256,
            system=mapping.system,
            source=" ".join(str(meta[k]) for k in ("repo", "path") if k in meta),
            about=str(meta.get("what", "")),
            zone=str(meta.get("tz", "")),
            complete=self.complete,
            clock_offset_max=mapping.skew_max if offset is None else seconds(offset),
            clock_drift_max_ppm=None if drift is None else float(drift),
            outage=None if outage is None else seconds(outage),
            outage_resolution=1 if outage is None else _resolution(outage),
            mapping=mapping.name,
        )


def _strict_seconds(value: Any) -> int:
    if isinstance(value, str):
        raise ValueError("must be a number of seconds")
    return seconds(value)


def ppm(value: Any) -> float:
    """A drift in parts per million."""
    if type(value) not in (int, float) or not 0 <= value <= DRIFT_MAX:
        raise ValueError(f"must be a number of parts per million up to {DRIFT_MAX}")
    return float(value)


def _date(value: Any) -> str:
    try:
        return date.fromisoformat(text(value)).isoformat()
    except ValueError:
        raise ValueError("must be a date such as 2024-05-01") from None


def _resolution(outage: Any) -> int:
    """How exactly a stated number of seconds is meant: to its last digit."""
    fraction = repr(outage).partition(".")[2]
    return SECOND if not fraction or fraction == "0" else SECOND // 10 ** min(6, len(fraction))


def _complete(found: Any, within: Row, mapping: RecordMapping) -> list[Complete]:
    """A kind by our word or the system's, or an object that also names a party or a source."""
    name, party, source = found, "", ""
    if isinstance(found, dict):
        name, party, source = (found.get(k, "") for k in ("kind", "party", "source"))
    kinds = mapping.words_of(name) if isinstance(name, str) else frozenset[Kind]()
    if not kinds or not isinstance(party, str) or not isinstance(source, str):
        within.refuse("complete", f"names {quoted(found)}, which is not a kind of this record")
    return [Complete(kind, party, source) for kind in kinds]
