"""The layout of a plain state: a dict from flat keys (`node.A.view`, `copy.A.SG1.top`) to values.

Values are bool, int, or str (enum members, identities; "" is nobody). The members of an open sort
join when they are first named; a state that was made before lacks their keys until it is filled.
Sits above `models.language`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice, product

from models.language.misuse import BadRule
from models.language.model import Instance
from models.language.schema import Field, Record, Schema
from models.language.terms import Sort, Term

Value = bool | int | str
State = dict[str, Value]
Binding = Mapping[str, str]
Params = tuple[tuple[str, Sort], ...]

_OPEN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}\Z", re.ASCII)


class Layout:
    """Every flat key of a schema under an instance, with its declaration and initial value."""

    def __init__(self, schema: Schema, instance: Instance) -> None:
        self.schema = schema
        self.instance = instance
        self.fields: dict[str, Field] = {}
        self.initial: State = {}
        self.rows: dict[str, str] = {}
        self.births: list[tuple[Sort, str]] = []
        """The members of open sorts that joined, in order."""
        self.of_open: dict[str, tuple[tuple[str, str], ...]] = {}
        """For a key that belongs to members of open sorts: their (sort's name, name)."""
        self._members = dict(instance.members)
        self._known: dict[str, set[str]] = {}
        """The members of open sorts."""
        self._records_of: dict[str, list[tuple[Record, bool, bool]]] = {}
        self._check()
        given = instance.parameters
        self.parameters = {n: given.get(n, d) for n, (d, _) in schema.parameters.items()}
        for record in schema.records.values():
            for keys in product(*(self.members(s) for s in record.keys)):
                self._add_row(record, keys)

    def _check(self) -> None:
        for sort, members in self._members.items():
            if len(set(members)) != len(members) or not all(m.isprintable() and m for m in members):
                raise BadRule(f"the members of {sort} need names that differ: {members}")
        unknown = set(self.instance.parameters) - set(self.schema.parameters)
        if unknown:
            known = ", ".join(self.schema.parameters)
            raise BadRule(f"there is no parameter {', '.join(sorted(unknown))}; there are {known}")

    def _add_row(self, record: Record, keys: tuple[str, ...], only: str = "") -> None:
        """The keys of one row; with `only`, those indexed by this member."""
        row = ".".join((record.name, *keys))
        opened = [(s.name, k) for s, k in zip(record.keys, keys, strict=True) if s.open]
        for name, declared in record.fields.items():
            index_sort = declared.index
            for index in self.members(index_sort) if index_sort else ("",):
                if only and index != only:
                    continue
                key = f"{row}.{name}" + (f".{index}" if index else "")
                self.fields[key] = declared
                self.initial[key] = declared.initial.value
                self.rows[key] = row
                also = [(index_sort.name, index)] if index_sort and index_sort.open else []
                if opened or also:
                    self.of_open[key] = (*opened, *also)

    def join(self, sort: Sort, member: str) -> None:
        """A member of an open sort is there from now on. Raises `BadRule` for an unfit name."""
        known = self._known.setdefault(sort.name, set(self.members(sort)))
        if member in known:
            return
        if not _OPEN_NAME.match(member):
            raise BadRule(
                f"{member!r} is not a name of a {sort.name}: use letters, digits, - and _, at most"
                " 63, a letter or digit first"
            )
        known.add(member)
        self._members[sort.name] = (*self.members(sort), member)
        self.births.append((sort, member))
        for record, has_rows, has_fields in self._about(sort):
            for keys in self._with(record.keys, sort, member) if has_rows else ():
                self._add_row(record, keys)
            if has_fields:
                for keys in product(*(self.members(s) for s in record.keys)):
                    self._add_row(record, keys, only=member)

    def _about(self, sort: Sort) -> list[tuple[Record, bool, bool]]:
        """The records with rows, or with indexed fields, for each member of a sort."""
        found = self._records_of.get(sort.name)
        if found is None:
            records = self.schema.records.values()
            told = (
                (r, sort in r.keys, any(f.index == sort for f in r.fields.values()))
                for r in records
            )
            found = self._records_of[sort.name] = [t for t in told if t[1] or t[2]]
        return found

    def _with(self, sorts: tuple[Sort, ...], sort: Sort, member: str) -> Iterator[tuple[str, ...]]:
        """Every choice of members of `sorts` in which `member` is one, each once."""
        for place, here in enumerate(sorts):
            if here != sort:
                continue
            ranges = [
                (member,) if i == place else self._others(s, sort, member, before=i < place)
                for i, s in enumerate(sorts)
            ]
            yield from product(*ranges)

    def _others(self, own: Sort, sort: Sort, member: str, *, before: bool) -> tuple[str, ...]:
        every = self.members(own)
        return tuple(m for m in every if m != member) if before and own == sort else every

    def fill(self, state: State) -> None:
        """Give `state` the keys of members that joined since it was made."""
        missing = len(self.initial) - len(state)
        newest = list(islice(reversed(self.initial), missing))
        for key in reversed(newest):
            state.setdefault(key, self.initial[key])
        if len(state) < len(self.initial):
            state.update(self.initial | state)

    def members(self, sort: Sort) -> tuple[str, ...]:
        """The members of an id or enum sort under this instance, those that joined included."""
        if sort.kind == "enum":
            return sort.members
        found = self._members.get(sort.name)
        if found is None:
            if sort.open:
                return ()
            raise BadRule(f"the instance names no members of {sort.name}")
        return found

    def rank(self, sort: Sort, member: str) -> tuple[int, str]:
        """Where a member stands among those of its sort, whenever it joined."""
        return (len(member), member) if sort.open else (self.members(sort).index(member), "")

    def groundings(self, params: Params) -> Iterator[dict[str, str]]:
        """Every binding of the given enumerable arguments."""
        names = [n for n, _ in params]
        for values in product(*(self.members(s) for _, s in params)):
            yield dict(zip(names, values, strict=True))

    def groundings_with(self, params: Params, sort: Sort, member: str) -> Iterator[dict[str, str]]:
        """Those bindings that name this member."""
        names = [n for n, _ in params]
        for values in self._with(tuple(s for _, s in params), sort, member):
            yield dict(zip(names, values, strict=True))

    def resolve(self, term: Term, binding: Binding) -> str:
        """The member that a key term (an argument, or the peer of one) stands for."""
        if term.op == "arg":
            return binding[term.value]
        if term.op == "peer":
            return self.peer(term.sort, self.resolve(term.args[0], binding))
        raise BadRule(f"{term!r} is not a key")

    def peer(self, sort: Sort, member: str) -> str:
        """The other one of the two members of a sort."""
        others = [m for m in self.members(sort) if m != member]
        if len(others) != 1:
            raise BadRule(f"peer() needs two members of {sort.name}, not {self.members(sort)}")
        return others[0]

    def key(self, term: Term, binding: Binding) -> str:
        """The flat key of a field term under a binding."""
        record, name, n_keys = term.value
        keys = [self.resolve(a, binding) for a in term.args]
        return ".".join((record, *keys[:n_keys], name, *keys[n_keys:]))

    def row(self, record: str, keys: tuple[Term, ...], binding: Binding) -> str:
        """The name of one aggregate: `node.A`, `copy.A.SG1`, `witness`."""
        return ".".join((record, *(self.resolve(k, binding) for k in keys)))
