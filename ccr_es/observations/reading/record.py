"""Reading a record of another system: rows through a mapping into observations on one scale of
time.

One row may be the `_meta` object: where the record comes from and what it states about itself.
The order of the lines carries no meaning unless the mapping says so, and then only if the times
do not fall along it. Must not import the reasoning. Sits above `interpret`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from ccr_es.errors import RecordMalformed

from ..kinds import DAY, SECOND, Kind
from ..mappings.language import RecordMapping
from ..vocabulary import Observation, Record
from .interpret import Reading, identity, read_row
from .meta import Meta
from .row import META, Row
from .rows import rows
from .times import day_of, zone_text

MAX_PARTIES = 32
MAX_ROWS = 1_000_000


def read_record(path: Path, mapping: RecordMapping, chosen: str = "") -> Record:
    """The record in `path`. Raises `FileUnreadable` or `RecordMalformed`."""
    try:
        return _read(path, mapping, chosen)
    except RecordMalformed as error:
        hint = error.hint or f"It was read as a {mapping.system} record; nothing was audited"
        raise RecordMalformed(f"{path}: {error.message}", hint) from None


def _read(path: Path, mapping: RecordMapping, chosen: str) -> Record:
    digest = hashlib.sha256()
    data, meta, skipped = _rows(path, mapping, digest.update)
    readings = [read_row(row, mapping, meta.date) for row in data]
    if not readings:
        raise RecordMalformed("there is no observation in it")
    _check_parties(readings, mapping)
    offset = _offset(readings, mapping)
    stamps = _rolled(readings, mapping)
    ranks = _ranks(readings, stamps, mapping)
    known = _known(readings, mapping)
    base = min(stamps) // DAY * DAY if readings[0].stamp.dated else 0
    found = [
        _renamed(r.observation(mapping, at - base, rank), known)
        for r, at, rank in zip(readings, stamps, ranks, strict=True)
    ]
    provenance = replace(
        meta.provenance(str(path), digest.hexdigest(), mapping),
        date=day_of(base) if readings[0].stamp.dated else "",
        chosen=chosen,
        unit=readings[0].row.unit,
        skipped=skipped,
        ordered=None if not mapping.sequence else ranks[0] is not None,
    )
    if not provenance.zone and offset is not None:
        provenance = replace(provenance, zone=zone_text(offset))
    return Record(
        tuple(found),
        provenance,
        mapping.serving,
        mapping.observers,
        mapping.transitions,
        any(k.kind == Kind.ROLE for k in mapping.kinds),
    )


def _rows(
    path: Path, mapping: RecordMapping, saw: Callable[[bytes], object]
) -> tuple[list[Row], Meta, int]:
    """The rows that count, what the record states about itself, and how many were passed over."""
    meta: Meta | None = None
    found: list[Row] = []
    skipped = 0
    for row in rows(path, mapping.form, saw):
        if META in row.keys:
            if meta is not None:
                row.refuse(META, "is there twice; a record states its source once")
            meta = Meta.of(row, mapping)
        elif row.skipped:
            skipped += 1
        else:
            found.append(row)
        if len(found) > MAX_ROWS:
            row.refuse(mapping.times.source.key, f"makes more than {MAX_ROWS:,} observations")
    return found, meta or Meta.of_mapping(mapping), skipped


def _check_parties(readings: list[Reading], mapping: RecordMapping) -> None:
    parties: set[str] = set()
    for r in readings:
        parties |= {r.party, r.clock}
        if len(parties) > MAX_PARTIES:
            r.row.refuse(mapping.party.key or "party", f"makes more than {MAX_PARTIES} parties")


def _offset(readings: list[Reading], mapping: RecordMapping) -> int | None:
    """The zone in which the record is shown: that of its first stamp. All stamps have one, or
    none.
    """
    first, key = readings[0].stamp, mapping.times.source.key
    for r in readings:
        if r.stamp.dated != first.dated:
            r.row.refuse(key, "has a date, and others of this record have none, or it has none")
        if (r.stamp.offset is None) != (first.offset is None):
            r.row.refuse(
                key, "has a time zone, and others of this record have none, or it has none"
            )
    return first.offset


def _rolled(readings: list[Reading], mapping: RecordMapping) -> list[int]:
    """Each stamp on the wall of the first one, with the days that a rolling clock leaves out."""
    first = readings[0].stamp.offset or 0
    found, days, before = [], 0, readings[0].stamp.at
    for r in readings:
        if mapping.times.rolls and before - r.stamp.at > DAY // 2:
            days += 1
        before = r.stamp.at
        found.append(r.stamp.at + days * DAY + (first - (r.stamp.offset or 0)) * SECOND)
    return found


def _ranks(readings: list[Reading], stamps: list[int], mapping: RecordMapping) -> list[int | None]:
    """The place of each in the order of its own that the mapping names; nothing if the times go
    the other way somewhere. Lines may stand newest first.
    """
    if not mapping.sequence:
        return [None] * len(readings)
    numbers = [i if r.number is None else r.number for i, r in enumerate(readings)]
    order = sorted(range(len(readings)), key=numbers.__getitem__)
    in_order = [stamps[i] for i in order]
    if mapping.sequence == "lines" and in_order[0] > in_order[-1]:
        in_order.reverse()
        numbers = [-n for n in numbers]
    falls = any(a > b for a, b in pairwise(in_order))
    twice = len(set(numbers)) < len(numbers)
    return [None] * len(readings) if falls or twice else [n + len(numbers) for n in numbers]


def _known(readings: list[Reading], mapping: RecordMapping) -> dict[str, str]:
    """Other names of the parties, as the rows and the mapping give them."""
    found = dict(mapping.names)
    for key in mapping.aliases:
        for r in readings:
            other = identity(r.row, key)
            if other is not None:
                found.setdefault(other, r.party)
    return found


def _renamed(o: Observation, known: dict[str, str]) -> Observation:
    return replace(o, peer=known[o.peer]) if o.peer in known else o
