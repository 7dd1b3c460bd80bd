"""The schema: which records and fields there are, who owns each, and how others may find it out.

A record is one aggregate (`node[n]`, `copy[n, g]`, `witness`). A field has a sort, an initial
value, an owner, is durable or volatile (what a crash keeps), and, if another actor may discover it,
the probe: the I/O that reveals it.

Sits above `terms`; imports the standard library only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .misuse import BadRule, MixedSorts
from .terms import NOBODY_SORT, Int, Sort, Term, elapsed, lift


@dataclass(frozen=True)
class Field:
    """One field. `initial` is a constant; `probe` names the I/O that reveals it, or is empty."""

    sort: Sort
    initial: Term
    owner: str
    durable: bool = True
    probe: str = ""
    index: Sort | None = None
    about: str = ""


def field_of(
    sort: Sort,
    initial: object,
    *,
    owner: str,
    durable: bool = True,
    probe: str = "",
    index: Sort | None = None,
    about: str = "",
) -> Field:
    """A field of `sort`; refuses an initial value of another sort."""
    first = lift(initial, sort)
    if first.op != "const" or (first.sort != sort and first.sort != NOBODY_SORT):
        raise MixedSorts(f"the initial value {first!r} is not a constant of sort {sort.name}")
    return Field(sort, first, owner, durable, probe, index, about)


@dataclass(frozen=True)
class Record:
    """A kind of aggregate: its name, the id sorts that identify one, and its fields in order."""

    name: str
    keys: tuple[Sort, ...]
    fields: dict[str, Field]
    about: str = ""


@dataclass
class Schema:
    """The records of a model and its parameters (name to default and meaning)."""

    records: dict[str, Record] = field(default_factory=dict)
    parameters: dict[str, tuple[int, str]] = field(default_factory=dict)

    def record(self, name: str, *keys: Sort, about: str = "", **fields: Field) -> Record:
        """Add a record; refuses a name that is there already."""
        if name in self.records:
            raise BadRule(f"record {name} is declared twice")
        self.records[name] = Record(name, keys, fields, about)
        return self.records[name]

    def parameter(self, name: str, default: int, about: str) -> None:
        """Add a whole-number parameter (timers in ms, counts) with its default."""
        if name in self.parameters:
            raise BadRule(f"parameter {name} is declared twice")
        self.parameters[name] = (default, about)

    @property
    def identities(self) -> tuple[Sort, ...]:
        """The id sorts that key the records, in order of first use."""
        seen: dict[Sort, None] = {}
        for rec in self.records.values():
            for sort in rec.keys + tuple(f.index for f in rec.fields.values() if f.index):
                seen[sort] = None
        return tuple(seen)

    def field(self, term: Term) -> Field:
        """The declaration behind a field term."""
        record, name, _ = term.value
        return self.records[record].fields[name]

    @property
    def state(self) -> State:
        """The staged state: `s.node[n].view` and so on are terms."""
        return State(self, "field")

    @property
    def next_state(self) -> State:
        """The staged state after a step, for step properties."""
        return State(self, "next")


class State:
    """What a rule is staged with: its attributes are records; `p` holds the parameters."""

    def __init__(self, schema: Schema, op: str) -> None:
        self._schema = schema
        self._op = op

    def __getattr__(self, name: str) -> Any:
        rec = self._schema.records.get(name)
        if rec is None:
            raise BadRule(f"there is no record {name}; there are {', '.join(self._schema.records)}")
        return Row(rec, (), self._op) if not rec.keys else Rows(rec, self._op)

    @property
    def now(self) -> Term:
        """The clock, in ms since the cluster was created."""
        found: Term = self.clock.now
        return found

    @property
    def p(self) -> Parameters:
        """The parameters, as integer terms."""
        return Parameters(self._schema)

    def elapsed(self, stamp: object, duration: object) -> Term:
        """At least `duration` ms have passed since `stamp`."""
        return elapsed(stamp, duration, self.now)


class Parameters:
    """`s.p.head_start`: a parameter as a term."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema

    def __getattr__(self, name: str) -> Term:
        if name not in self._schema.parameters:
            raise BadRule(
                f"there is no parameter {name}; there are {', '.join(self._schema.parameters)}"
            )
        return Term("parameter", Int, value=name)


class Rows:
    """`s.node`, waiting for its key or keys."""

    def __init__(self, record: Record, op: str) -> None:
        self._record, self._op = record, op

    def __getitem__(self, keys: Any) -> Row:
        given = keys if isinstance(keys, tuple) else (keys,)
        if len(given) != len(self._record.keys):
            raise BadRule(
                f"{self._record.name}[...] takes {len(self._record.keys)} keys, not {len(given)}"
            )
        checked = tuple(
            _key(self._record.name, k, s) for k, s in zip(given, self._record.keys, strict=True)
        )
        return Row(self._record, checked, self._op)


class Row:
    """One aggregate: `s.node[n]`. Its attributes are field terms."""

    def __init__(self, record: Record, keys: tuple[Term, ...], op: str) -> None:
        self._record, self._keys, self._op = record, keys, op

    def __getattr__(self, name: str) -> Any:
        declared = self._record.fields.get(name)
        if declared is None:
            raise BadRule(
                f"{self._record.name} has no field {name}; it has {', '.join(self._record.fields)}"
            )
        if declared.index is not None:
            return Indexed(self, name, declared)
        return Term(self._op, declared.sort, self._keys, (self._record.name, name, len(self._keys)))


class Indexed:
    """`s.network[w].carries`, waiting for its index."""

    def __init__(self, row: Row, name: str, declared: Field) -> None:
        self._row, self._name, self._field = row, name, declared

    def __getitem__(self, index: Term) -> Term:
        row = self._row
        assert self._field.index is not None
        key = _key(f"{row._record.name}.{self._name}", index, self._field.index)
        return Term(
            row._op,
            self._field.sort,
            (*row._keys, key),
            (row._record.name, self._name, len(row._keys)),
        )


def _key(what: str, key: Any, sort: Sort) -> Term:
    if not isinstance(key, Term) or key.sort != sort:
        raise MixedSorts(f"{what}[...] is keyed by {sort.name}, not by {key!r}")
    if key.op not in ("arg", "peer"):
        raise BadRule(f"{what}[...] needs an argument, or peer(argument), as its key, not {key!r}")
    return key


def volatile_reset(row: Row) -> dict[Term, Term]:
    """What a crash does to `row`: every volatile field back to its initial value."""
    return {getattr(row, n): f.initial for n, f in row._record.fields.items() if not f.durable}


def same_keys(old: Schema, new: Schema) -> bool:
    """Whether both have the same keys in the same order, with the same values at first."""
    return [_shape_of(r) for r in old.records.values()] == [
        _shape_of(r) for r in new.records.values()
    ]


def _shape_of(record: Record) -> tuple[object, ...]:
    fields = [(n, f.sort, f.index, f.initial.value) for n, f in record.fields.items()]
    return record.name, record.keys, fields
