"""Reading a record of another system: JSON lines through a mapping into observations. Bad input
is named by line and field.

A line is a JSON object. One line may be the `_meta` object: where the record comes from and what
it states about itself (`complete`: the kinds of which it left out none; `clock_offset_max_s`;
`outage_s`). The order of the lines carries no meaning. Must not import the reasoning. Sits above
`mapping`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

from ccr_es.errors import FileUnreadable, RecordMalformed

from .mapping import FieldMapping, KindMapping, RecordMapping
from .vocabulary import SECOND, Kind, Observation, Provenance, Record, Tag
from .wsfc import WSFC

MAX_LINE = 65_536
MAX_PARTIES = 32
MAX_TEXT = 500
_LOOK = 5
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d{1,6}))?", re.ASCII)
_TAG = re.compile(r"\d{1,15}(?::\d{1,15}){0,7}", re.ASCII)


def is_observations(path: Path) -> bool:
    """Whether a file looks like a record of another system, and not like a log of ours. Never
    raises.
    """
    try:
        with path.open("rb") as file:
            for _ in range(_LOOK):
                try:
                    found = json.loads(file.readline(MAX_LINE))
                except (ValueError, RecursionError):
                    continue
                if isinstance(found, dict) and "specversion" not in found:
                    if "_meta" in found or WSFC.time in found:
                        return True
    except (OSError, ValueError):
        pass
    return False


def read_record(path: Path, mapping: RecordMapping = WSFC) -> Record:
    """The record in `path`. Raises `FileUnreadable` or `RecordMalformed`."""
    try:
        return _read(path, mapping)
    except RecordMalformed as error:
        hint = f"It was read as a {mapping.system} record; nothing was audited"
        raise RecordMalformed(f"{path}: {error.message}", hint) from None


def _read(path: Path, mapping: RecordMapping) -> Record:
    observations: list[Observation] = []
    meta: dict[str, Any] | None = None
    parties: set[str] = set()
    digest = hashlib.sha256()
    for number, raw in _lines(path):
        digest.update(raw)
        line = _Line(number, raw)
        if not raw.strip():
            continue
        if "_meta" in line.keys:
            if meta is not None:
                line.refuse("_meta", "is there twice; a record states its source once")
            meta = line.value("_meta", _object)
            _check_meta(line, meta, mapping)
            continue
        observations.append(_observation(line, mapping))
        parties.add(observations[-1].party)
        if len(parties) > MAX_PARTIES:
            line.refuse(mapping.party, f"makes more than {MAX_PARTIES} parties")
    if not observations:
        raise RecordMalformed("there is no observation in it")
    provenance = _provenance(path, digest.hexdigest(), meta or {}, mapping)
    return Record(tuple(observations), provenance, mapping.serving)


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    try:
        with path.open("rb") as file:
            number = 0
            while raw := file.readline(MAX_LINE + 1):
                number += 1
                if len(raw) > MAX_LINE:
                    _refuse(number, f"is longer than {MAX_LINE:,} bytes")
                yield number, raw
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise FileUnreadable(f"{path}: {why}", "Name a readable file") from None


class _Line:
    """One line of the file as a JSON object, with refusals that name the line and the field."""

    def __init__(self, number: int, raw: bytes) -> None:
        self.number = number
        self.keys: dict[str, Any] = {}
        if not raw.strip():
            return
        try:
            text = raw.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            _refuse(number, f"is not UTF-8 at byte {error.start + 1}")
        try:
            found = json.loads(text, object_pairs_hook=self._once, parse_constant=self._constant)
        except json.JSONDecodeError as error:
            _refuse(number, f"is not a JSON object: {error.msg} at column {error.colno}")
        except RecursionError:
            _refuse(number, "is nested too deeply")
        except ValueError:
            _refuse(number, "has a number with too many digits")
        if not isinstance(found, dict):
            _refuse(number, f"is {_sort_of(found)}, not a JSON object")
        self.keys = found

    def _once(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            keys = [k for k, _ in pairs]
            self.refuse(next(k for k in keys if keys.count(k) > 1), "is there twice")
        return found

    def _constant(self, name: str) -> NoReturn:
        _refuse(self.number, f"has {name}, which is not a JSON value")

    def refuse(self, key: str, why: str) -> NoReturn:
        """Raise `RecordMalformed` for a field."""
        _refuse(self.number, f"field {_quoted(key)} {why}")

    def value(self, key: str, read: Callable[[Any], Any]) -> Any:
        """The field's value as `read` gives it; a missing field or a ValueError is refused."""
        if key not in self.keys:
            self.refuse(key, "is missing")
        try:
            return read(self.keys[key])
        except ValueError as error:
            self.refuse(key, f"{error}, not {_quoted(self.keys[key])}")


def _refuse(number: int, why: str) -> NoReturn:
    raise RecordMalformed(f"line {number} {why}")


def _quoted(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _sort_of(value: Any) -> str:
    for kind, word in ((list, "a list"), (str, "a text"), (bool, "a truth value")):
        if isinstance(value, kind):
            return word
    return "null" if value is None else "a number"


def _observation(line: _Line, mapping: RecordMapping) -> Observation:
    at, digits = line.value(mapping.time, _time)
    party = line.value(mapping.party, _text)
    kind = _kind(line, mapping)
    source = line.value(mapping.source, _text) if mapping.source in line.keys else ""
    facts = {f.into: _fact(line, f) for f in kind.fields if f.required or f.key in line.keys}
    resolution = max(
        kind.resolution or mapping.resolution, mapping.told.get(source, 0), 10 ** (6 - digits)
    )
    declared = source in mapping.told
    return Observation(line.number, party, at, resolution, kind.kind, declared, source, **facts)


def _kind(line: _Line, mapping: RecordMapping) -> KindMapping:
    name = line.value(mapping.kind, _text)
    if name not in mapping.kinds:
        line.refuse(
            mapping.kind, f"is {_quoted(name)}, which a {mapping.system} record does not have"
        )
    return mapping.kinds[name]


def _fact(line: _Line, field: FieldMapping) -> Any:
    return line.value(field.key, _READ[field.sort])


def _time(value: Any) -> tuple[int, int]:
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise ValueError("must be a time of day such as 09:30:00.250")
    hours, minutes, seconds, rest = found.groups()
    whole = (int(hours) * 60 + int(minutes)) * 60 + int(seconds)
    return whole * SECOND + int((rest or "").ljust(6, "0")), len(rest or "")


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > MAX_TEXT:
        raise ValueError(f"must be a text of 1 to {MAX_TEXT} characters")
    if not value.isprintable():
        raise ValueError("must be printable text")
    return value


def _whole(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 2**53:
        raise ValueError("must be a whole number")
    return value


def _seconds(value: Any) -> int:
    if type(value) not in (int, float) or not 0 <= value <= 1e9:
        raise ValueError("must be a number of seconds")
    return round(float(value) * SECOND)


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def _tag(value: Any) -> Tag:
    if not isinstance(value, str) or not _TAG.fullmatch(value):
        raise ValueError("must be an epoch tag such as 7:6:120")
    return tuple(map(int, value.split(":")))


def _members(value: Any) -> tuple[int, ...]:
    if not isinstance(value, list):
        raise ValueError("must be a list of node numbers")
    return tuple(_whole(v) for v in value)


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("must be an object")
    return value


_READ: dict[str, Callable[[Any], Any]] = {
    "text": _text,
    "whole": _whole,
    "seconds": _seconds,
    "truth": _truth,
    "tag": _tag,
    "members": _members,
}


def _check_meta(line: _Line, meta: dict[str, Any], mapping: RecordMapping) -> None:
    within = _Line(line.number, b"")
    within.keys = meta
    for key in ("clock_offset_max_s", "outage_s"):
        if key in meta:
            within.value(key, _seconds)
    for key in ("repo", "path", "what", "tz"):
        if key in meta:
            within.value(key, _text)
    complete = meta.get("complete", [])
    if not isinstance(complete, list):
        within.refuse("complete", f"must be a list of kinds, not {_quoted(complete)}")
    for name in complete:
        if not isinstance(name, str) or name not in mapping.kinds:
            within.refuse("complete", f"names {_quoted(name)}, which is not a kind of this record")


def _provenance(
    path: Path, sha256: str, meta: dict[str, Any], mapping: RecordMapping
) -> Provenance:
    offset, outage = meta.get("clock_offset_max_s"), meta.get("outage_s")
    complete: set[Kind] = {mapping.kinds[k].kind for k in meta.get("complete", [])}
    return Provenance(
        path=str(path),
        sha256=sha256,
        system=mapping.system,
        source=" ".join(str(meta[k]) for k in ("repo", "path") if k in meta),
        about=str(meta.get("what", "")),
        zone=str(meta.get("tz", "")),
        complete=frozenset(complete),
        clock_offset_max=None if offset is None else _seconds(offset),
        outage=None if outage is None else _seconds(outage),
    )
