"""A mapping made of a TOML file: every key is checked, and what is wrong is named by file, line
and key.

Sits above `language`; `shipped` finds the files that come with the package.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from ccr_es.errors import FileUnreadable

from ..errors import MappingMalformed
from ..kinds import DRIFT_MAX, NEEDS, SORTS, Complete, Kind
from .language import FORMS, LANGUAGE, Form, KindMapping, RecordMapping, Source, Test, Times
from .patterns import Pattern
from .table import Table, Wrong, seconds
from .zones import OFFSET, zone_named

LARGEST = 1 << 20
MOST_KINDS = 500
NAMED_FORMATS = ("iso", "time of day", "epoch seconds", "epoch milliseconds")


def load_mapping(path: Path) -> RecordMapping:
    """The mapping in a file. Raises `FileUnreadable` or `MappingMalformed`."""
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        why = (getattr(error, "strerror", None) or str(error)).lower()
        raise FileUnreadable(f"{path}: {why}", "Name a mapping file that can be read") from None
    if len(raw) > LARGEST:
        raise MappingMalformed(f"{path}: is larger than {LARGEST:,} bytes", _HINT)
    return mapping_of(raw, path)


_HINT = "`ccr explain mapping` describes the language"


def mapping_of(raw: bytes, path: Path) -> RecordMapping:
    """The mapping in the bytes of a file. Raises `MappingMalformed`."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise MappingMalformed(f"{path}: line {line} is not UTF-8", _HINT) from None
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        why = "is nested too deeply" if isinstance(error, RecursionError) else str(error)
        why = " ".join(why.split())[:200]
        raise MappingMalformed(f"{path}: not TOML: {why}", _HINT) from None
    try:
        return _mapping(Table(data), path, text)
    except Wrong as wrong:
        where = f"line {wrong.line_in(text)} key {wrong.key}"
        raise MappingMalformed(f"{path}: {where} {wrong.why}", _HINT) from None


def _mapping(top: Table, path: Path, text: str) -> RecordMapping:
    if top.whole("mapping") != LANGUAGE:
        top.wrong("mapping", f"must be {LANGUAGE}, the version of the language")
    party, clock, source = top.table("party"), top.table("clock"), top.table("source")
    serving, order = top.table("serving"), top.table("order")
    found = RecordMapping(
        name=path.stem if path.stem.isprintable() else "mapping",
        system=top.text("system"),
        about=top.text("about", ""),
        form=_form(top.table("read", True)),
        times=_times(top.table("time", True)),
        party=_source_at(party),
        aliases=party.texts("also"),
        names=party.names("names"),
        clock=_source_at(clock) if clock.has("field") or clock.has("value") else None,
        drift_max_ppm=_drift(clock),
        skew_max=seconds(clock, "skew_max_s"),
        teller=source.text("field", ""),
        told=_told(source),
        sequence="lines" if order.truth("lines") else order.text("field", ""),
        serving=frozenset(serving.texts("roles")),
        observers=frozenset(serving.texts("observers")),
        transitions=_transitions(top.table("transitions")),
        complete=frozenset(map(_complete, top.tables("complete"))),
        stated=top.plain("record"),
        kinds=_kinds(top),
        path=str(path),
        text=text,
    )
    for table in (party, clock, source, serving, order, top):
        table.finish()
    return found


def _kinds(top: Table) -> tuple[KindMapping, ...]:
    tables = top.tables("kind")
    if not tables:
        top.wrong("kind", "is missing: at least one [[kind]] says what a row is")
    if len(tables) > MOST_KINDS:
        top.wrong("kind", f"is there more than {MOST_KINDS} times")
    return tuple(map(_kind, tables))


def _form(table: Table) -> Form:
    form = table.choice("form", FORMS)
    columns = table.texts("columns")
    patterns = table.patterns("pattern") if form == "text" else ()
    if form == "text" and not any(p.names for p in patterns):
        table.wrong(
            "pattern", "must have named groups, such as (?P<time>\\S+): they are the fields"
        )
    delimiter = table.text("delimiter", ",") if form == "csv" else ","
    if len(delimiter) != 1 or not (delimiter.isprintable() or delimiter == "\t"):
        table.wrong("delimiter", "must be one character")
    header = table.truth("header", True) if form == "csv" else True
    if form == "csv" and not header and not columns:
        table.wrong("columns", "must name the fields where there is no header")
    found = Form(
        form=form,
        rows=table.text("rows", "") if form == "json" else "",
        columns=columns,
        delimiter=delimiter,
        header=header,
        patterns=patterns,
        skip=table.patterns("skip") if form != "json" else (),
        ignore_others=table.choice("others", ("refuse", "ignore"), "refuse") == "ignore",
    )
    table.finish()
    return found


def _times(table: Table) -> Times:
    form = table.text("format", "iso")
    if form not in NAMED_FORMATS and "%" not in form:
        table.wrong("format", f"must be one of {', '.join(NAMED_FORMATS)}, or have %Y and the like")
    resolution = seconds(table, "resolution_s")
    zone, day = table.text("zone", ""), table.text("date", "")
    try:
        if zone and not OFFSET.fullmatch(zone):
            zone_named(zone)
    except ValueError:
        table.wrong("zone", f"is {zone!r}; write UTC, +02:00 or a name such as Europe/Paris")
    try:
        if day:
            date.fromisoformat(day)
    except ValueError:
        table.wrong("date", "must be a date such as 2031-02-03")
    found = Times(
        source=_spelled(table.text("field"), table.pattern("match")),
        format=form,
        zone=zone,
        date=day,
        resolution=max(1, resolution or 1),
        rolls=table.truth("rolls"),
    )
    table.finish()
    return found


def _source_at(table: Table) -> Source:
    """The value that a table with `field` or `value` names."""
    if table.has("value"):
        return Source(constant=_scalar(table, "value"))
    return _spelled(table.text("field"), table.pattern("match"), _values(table))


def _source(table: Table, key: str) -> Source:
    """A value: the name of a field, `name?` if it may be missing, or a table."""
    if isinstance(table.data[key], str):
        return _spelled(table.text(key))
    inner = table.table(key)
    if inner.has("value"):
        found = Source(constant=_scalar(inner, "value"))
    else:
        found = _spelled(inner.text("field"), inner.pattern("match"), _values(inner))
    inner.finish()
    return found


def _spelled(name: str, pattern: Pattern | None = None, values: Any = None) -> Source:
    return Source(name.removesuffix("?"), not name.endswith("?"), pattern, None, values or {})


def _values(table: Table) -> Mapping[str, Any]:
    found = table.plain("values")
    for key, value in found.items():
        if not isinstance(value, str | int | float | bool):
            table.wrong("values", f"must translate {key!r} to a text, a number or a truth value")
    return found


def _drift(table: Table) -> float | None:
    found = table.number("drift_max_ppm")
    if found is not None and found > DRIFT_MAX:
        table.wrong("drift_max_ppm", f"must be at most {DRIFT_MAX}")
    return found


def _scalar(table: Table, key: str) -> Any:
    found = table.take(key)
    if isinstance(found, list) and all(isinstance(v, str | int | float | bool) for v in found):
        return tuple(found)
    if not isinstance(found, str | int | float | bool):
        table.wrong(key, "must be a text, a number or a truth value")
    return found


def _told(table: Table) -> dict[str, int]:
    inner = table.table("told")
    found = {name: max(1, seconds(inner, name) or 1) for name in inner.data}
    if found and not table.has("field"):
        table.wrong("told", "needs `field`: where a row names its source")
    return found


def _transitions(table: Table) -> dict[str, frozenset[str]]:
    return {name: frozenset(table.texts(name)) for name in table.data}


def _complete(table: Table) -> Complete:
    found = Complete(
        table.choice("kind", tuple(Kind)), table.text("party", ""), table.text("source", "")
    )
    table.finish()
    return found


def _kind(table: Table) -> KindMapping:
    kind = table.choice("is", tuple(Kind))
    when = table.table("when")
    facts = table.table("set")
    for name in facts.data:
        if name not in SORTS:
            facts.wrong(name, f"is no fact; there are {', '.join(SORTS)}")
    for need in NEEDS.get(kind, ()):
        if not any(name in facts.data for name in need.split("|")):
            table.wrong(
                "set", f"must give {need.replace('|', ' or ')}: {kind} says nothing without"
            )
    found = KindMapping(
        kind=kind,
        when=tuple(_test(when, key) for key in when.data),
        facts={name: _source(facts, name) for name in facts.data},
        resolution=max(1, seconds(table, "resolution_s") or 1),
        party=_source(table, "party") if table.has("party") else None,
    )
    table.finish()
    return found


def _test(table: Table, key: str) -> Test:
    value = table.take(key)
    if isinstance(value, dict):
        inner = table.table(key)
        found = Test(key, (), inner.pattern("match"), inner.maybe("present"))
        if found.pattern is None and found.present is None:
            inner.wrong("match", "or `present` must say what the field must be")
        inner.finish()
        return found
    values = value if isinstance(value, list) else [value]
    if not values or not all(isinstance(v, str | int | float | bool) for v in values):
        table.wrong(key, "must be a value, a list of values, or { match = '...' }")
    return Test(key, tuple(values))
