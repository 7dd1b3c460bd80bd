"""One row in our words: which kind it is, and the facts of that kind, as the mapping has it.

Sits above `row`, `times` and `values`; `record` puts the observations together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from ..kinds import SORTS
from ..mappings.language import KindMapping, RecordMapping, Source, Test
from ..vocabulary import Observation
from .row import Row, quoted
from .times import Stamp, stamp_of
from .values import LOOSE, STRICT, name, text

TIME, PARTY, WHAT = 1, 2, 3
"""How far a row was understood: it has a time, a party, and is of a kind."""


@dataclass(frozen=True)
class Reading:
    """A row that was read: all of an observation but where its time lies on the record's scale."""

    row: Row
    kind: KindMapping
    stamp: Stamp
    party: str
    clock: str
    source: str
    facts: Mapping[str, Any]
    number: int | None
    """Its place in an order of its own, where the mapping names one."""

    def observation(self, mapping: RecordMapping, at: int, rank: int | None) -> Observation:
        """The observation, at a place on the record's scale."""
        told = mapping.told.get(self.source, 0)
        coarse = (
            self.kind.resolution,
            mapping.times.resolution,
            told,
            10 ** (6 - self.stamp.digits),
        )
        return Observation(
            line=self.row.number,
            party=self.party,
            at=at,
            resolution=max(coarse),
            kind=self.kind.kind,
            declared=self.source in mapping.told,
            source=self.source,
            clock=self.clock,
            rank=rank,
            **self.facts,
        )


def read_row(row: Row, mapping: RecordMapping, day: str = "") -> Reading:
    """The row as the mapping reads it. Raises `RecordMalformed` naming line and field."""
    stamp = stamp_at(row, mapping, day)
    party = _party(row, mapping)
    kind = kind_of(row, mapping)
    if kind.party is not None:
        party = row_value(row, kind.party, "name")
    if party is None:
        row.refuse(mapping.party.key, "is missing")
    source = row.value(mapping.teller, text) if mapping.teller and row.has(mapping.teller) else ""
    facts = {
        fact: row_value(row, where, _sort(fact))
        for fact, where in kind.facts.items()
        if where.constant is not None or where.required or row.has(where.key)
    }
    clock = None if mapping.clock is None else row_value(row, mapping.clock, "name")
    number = None
    if mapping.sequence not in ("", "lines"):
        number = row.value(mapping.sequence, _sorts(row)["whole"])
    return Reading(
        row,
        kind,
        stamp,
        mapping.names.get(party, party),
        clock or mapping.names.get(party, party),
        source,
        {k: v for k, v in facts.items() if v is not None},
        number,
    )


def stamp_at(row: Row, mapping: RecordMapping, day: str) -> Stamp:
    """The time of a row."""
    times = mapping.times
    pattern = times.source.pattern

    def read(value: Any) -> Stamp:
        cut = pattern is not None and isinstance(value, str)
        return stamp_of(pattern.part(value) if pattern and cut else value, times, day)

    found: Stamp = row.value(times.source.key, read)
    return found


def _party(row: Row, mapping: RecordMapping) -> str | None:
    source = mapping.party
    if source.constant is None and not row.has(source.key):
        return None
    found: str = row_value(row, source, "name")
    return found


def _sort(fact: str) -> str:
    return "name" if fact == "peer" else SORTS[fact]


def _sorts(row: Row) -> Mapping[str, Any]:
    return LOOSE if row.textual else STRICT


def row_value(row: Row, source: Source, sort: str) -> Any:
    """What a source of values gives for a row; None where an optional pattern does not match."""
    if source.constant is not None:
        constant = source.constant
        found = list(constant) if isinstance(constant, tuple) else constant
        return row.read("value", found, LOOSE[sort])
    read = _sorts(row)[sort]
    if source.pattern is None and not source.values:
        return row.value(source.key, read)
    if not row.has(source.key):
        row.refuse(source.key, "is missing")
    raw = row.get(source.key)
    if source.pattern is not None:
        if type(raw) is int:
            raw = str(raw)
        whole_text = row.read(source.key, raw, text)
        raw = source.pattern.part(whole_text)
        if raw is None:
            if not source.required:
                return None
            row.refuse(source.key, f"is {quoted(whole_text)}, without what the mapping cuts out")
        read = LOOSE[sort]
    if source.values:
        spelled = _spelled(raw)
        if spelled in source.values:
            return row.read(source.key, source.values[spelled], LOOSE[sort])
    return row.read(source.key, raw, read)


def _spelled(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else repr(value)


def kind_of(row: Row, mapping: RecordMapping) -> KindMapping:
    """The first kind whose tests the row passes. Raises `RecordMalformed` if there is none."""
    found = next((k for k in mapping.kinds if all(passes(row, t) for t in k.when)), None)
    return _no_kind(row, mapping) if found is None else found


def _no_kind(row: Row, mapping: RecordMapping) -> NoReturn:
    tested = list(dict.fromkeys(t.key for k in mapping.kinds for t in k.when))
    key = next((key for key in tested if row.has(key)), None)
    if key is None:
        others = f", and so is {', '.join(tested[1:4])}: what tells its kind" if tested[1:] else ""
        row.refuse(tested[0], f"is missing{others}")
    tests = tests_of(mapping, key)
    if all(t.values and all(isinstance(v, str) for v in t.values) for t in tests):
        row.value(key, text)
    row.refuse(key, f"is {quoted(row.get(key))}, which a {mapping.system} record does not have")


def tests_of(mapping: RecordMapping, key: str) -> list[Test]:
    """Every test that a mapping makes of a field."""
    return [t for k in mapping.kinds for t in k.when if t.key == key]


def passes(row: Row, test: Test) -> bool:
    """Whether a field is what a kind asks for."""
    there = row.has(test.key)
    if test.present is not None and there != test.present:
        return False
    value = row.get(test.key) if there else None
    if test.values:
        if not there or not any(_same(value, wanted) for wanted in test.values):
            return False
    if test.pattern is not None:
        return there and isinstance(value, str | int) and test.pattern.found(_spelled(value))
    return True


def _same(value: Any, wanted: Any) -> bool:
    if isinstance(value, str) and not isinstance(wanted, str):
        return value == _spelled(wanted)
    return type(value) is type(wanted) and bool(value == wanted)


def understood(row: Row, mapping: RecordMapping) -> int:
    """How far a row could be of this mapping, by its fields alone: 0, or a sum of time, party and
    kind.
    """
    found = 0
    if row.has(mapping.times.source.key):
        found = TIME
        if mapping.party.constant is not None or row.has(mapping.party.key):
            found = PARTY
        fitting = (k for k in mapping.kinds if all(passes(row, t) for t in k.when))
        if any(k.when or found == PARTY for k in fitting):
            found = WHAT
    return found


def identity(row: Row, key: str) -> str | None:
    """Another name of the row's party, where the row has it."""
    return None if not row.has(key) else str(row.read(key, row.get(key), name))
