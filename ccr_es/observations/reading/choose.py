"""Which shipped mapping reads a record: the one of the system that it names, or the one whose
shape fits.

Sits above `record`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NoReturn

from ccr_es.errors import RecordMalformed

from ..errors import MappingsFit, NoMappingFits
from ..mappings.language import RecordMapping
from ..mappings.shipped import shipped
from .interpret import WHAT, understood
from .row import META
from .rows import MAX_LINE, rows

_LOOK, _FAR = 20, 5_000
"""How many rows are tried, and among how many that may be passed over."""
_GLANCE = 5


@dataclass(frozen=True)
class Fit:
    """How well a mapping reads the first rows: the best of them, how many there are, and which
    system the record names.
    """

    mapping: RecordMapping
    best: int
    rows: int
    system: str

    @property
    def named(self) -> bool:
        """Whether the record names this system or mapping."""
        return self.system in (self.mapping.system, self.mapping.name)


def is_observations(path: Path) -> bool:
    """Whether a file looks like a record of another system, and not like a log of ours. Never
    raises.
    """
    try:
        with path.open("rb") as file:
            glance = [file.readline(MAX_LINE) for _ in range(_GLANCE)]
    except (OSError, ValueError):
        return False
    if any(b"\0" in raw for raw in glance):
        return False
    objects = [found for raw in glance if (found := _parsed(raw)) is not None]
    if any("specversion" in found for found in objects):
        return False
    if any(META in found for found in objects):
        return True
    return any(fit_of(path, m).best >= WHAT for m in shipped())


def _parsed(raw: bytes) -> dict[str, object] | None:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def fit_of(path: Path, mapping: RecordMapping) -> Fit:
    """How well a mapping reads the first rows of a file. Raises `FileUnreadable`."""
    best, count, system = 0, 0, ""
    try:
        for row in islice(rows(path, mapping.form), _FAR):
            if META in row.keys:
                stated = row.keys[META]
                named = stated.get("system") if isinstance(stated, dict) else None
                system = named if isinstance(named, str) else ""
            elif not row.skipped:
                count += 1
                best = max(best, understood(row, mapping))
            if count == _LOOK:
                break
    except RecordMalformed:
        pass
    return Fit(mapping, best, count, system)


def choose(path: Path) -> tuple[RecordMapping, str]:
    """The mapping that reads a record, and why that one. Raises `FileUnreadable`,
    `RecordMalformed`, `NoMappingFits` or `MappingsFit`.
    """
    fits = [fit_of(path, m) for m in shipped()]
    named = [f for f in fits if f.named]
    strange = next((f.system for f in fits if f.system and not named), "")
    if strange:
        why = f"{path}: it names the system {strange!r}, of which no mapping is shipped"
        raise NoMappingFits(why, "Name a mapping (--mapping), or write one: ccr explain mapping")
    among = named or fits
    fitting = [f for f in among if f.best >= WHAT]
    if len(fitting) == 1:
        why = "the record names its system" if named else "its shape fits no other"
        return fitting[0].mapping, why
    if len(fitting) > 1:
        names = ", ".join(f.mapping.name for f in fitting)
        raise MappingsFit(
            f"{path}: {len(fitting)} mappings read it: {names}", "Name one: --mapping"
        )
    return _none_fits(path, among, any(f.rows for f in fits))


def _none_fits(path: Path, fits: list[Fit], any_rows: bool) -> NoReturn:
    """Raise what is wrong with the record by the mapping that comes nearest."""
    from .record import read_record

    nearest = max(fits, key=lambda f: (f.best, f.rows))
    try:
        read_record(path, nearest.mapping)
    except RecordMalformed as error:
        if not any_rows and nearest.best == 0 and "no observation" in error.message:
            raise
        hint = f"Nearest is {nearest.mapping.name}. Name a mapping (--mapping), or write one: ccr"
        raise NoMappingFits(error.message, f"{hint} explain mapping") from None
    raise NoMappingFits(f"{path}: no shipped mapping reads it", "See ccr explain mapping")
