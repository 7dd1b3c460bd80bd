"""The shape of a mapping: how one system's record is read into our vocabulary. Data only, no
behaviour.

A mapping says how the file falls into rows, which fields of a row hold the time, the party and
the source, and for each kind of row which kind of ours it is and where its facts come from.
Sits above `kinds` and `patterns`; `load` makes it of a TOML file, `reading` applies it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ..kinds import Complete, Kind
from .patterns import Pattern

Scalar = str | int | float | bool
Forms = Literal["json lines", "json", "csv", "table", "text"]
FORMS: tuple[Forms, ...] = ("json lines", "json", "csv", "table", "text")
LANGUAGE = 1
"""The version of the language; a mapping states it as `mapping = 1`."""


@dataclass(frozen=True)
class Form:
    """How the file falls into rows of named fields.

    `rows` is the path of the list in a JSON document; `columns` names the fields where the rows
    do not.
    """

    form: Forms
    rows: str = ""
    columns: tuple[str, ...] = ()
    delimiter: str = ","
    header: bool = True
    patterns: tuple[Pattern, ...] = ()
    skip: tuple[Pattern, ...] = ()
    ignore_others: bool = False


@dataclass(frozen=True)
class Source:
    """Where a value comes from: a field of the row or a constant, cut out by a pattern and
    translated by `values` if there are any.
    """

    key: str = ""
    required: bool = True
    pattern: Pattern | None = None
    constant: Scalar | tuple[Scalar, ...] | None = None
    values: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True)
class Test:
    """What a field of the row must be for a kind: one of some values, matched, there or not."""

    key: str
    values: tuple[Scalar, ...] = ()
    pattern: Pattern | None = None
    present: bool | None = None


@dataclass(frozen=True)
class Times:
    """How a time is written. `format` is one of the named ones or a strptime pattern; `zone` and
    `date` supply what the stamps lack; `rolls` says that a time of day that falls is the next
    day's.
    """

    source: Source
    format: str = "iso"
    zone: str = ""
    date: str = ""
    resolution: int = 1
    rolls: bool = False


@dataclass(frozen=True)
class KindMapping:
    """Rows that are of one kind of ours, with their facts; the rest where it differs from the
    record's.
    """

    kind: Kind
    when: tuple[Test, ...] = ()
    facts: Mapping[str, Source] = field(default_factory=dict)
    resolution: int = 1
    party: Source | None = None


@dataclass(frozen=True)
class RecordMapping:
    """How the rows of one system's record are read.

    `told` names the sources that are a person's words, with the resolution of their times.
    `serving` names the roles and states in which a party serves, `observers` the parties that
    never do. `sequence` is `lines` or a field if the rows have an order of their own.
    """

    name: str
    system: str
    about: str
    form: Form
    times: Times
    party: Source
    kinds: tuple[KindMapping, ...]
    aliases: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    clock: Source | None = None
    teller: str = ""
    told: Mapping[str, int] = field(default_factory=dict)
    sequence: str = ""
    serving: frozenset[str] = frozenset()
    observers: frozenset[str] = frozenset()
    transitions: Mapping[str, frozenset[str]] = field(default_factory=dict)
    complete: frozenset[Complete] = frozenset()
    drift_max_ppm: float | None = None
    skew_max: int | None = None
    stated: Mapping[str, object] = field(default_factory=dict)
    """What the record states about itself, where it has no line that could."""
    path: str = ""
    text: str = ""

    def words_of(self, name: str) -> frozenset[Kind]:
        """The kinds that a word stands for: one of ours, or the system's own for rows of one."""
        found = {k.kind for k in self.kinds for t in k.when if name in map(str, t.values)}
        return frozenset(found | {k for k in Kind if k == name})
