"""The layout of a plain state: a dict from flat keys (`node.A.view`, `copy.A.SG1.top`) to values.

Values are bool, int, or str (enum members, identities; "" is nobody). The members of an open sort
join when they are first named; a state that was made before lacks their keys until it is filled.
Sits above `models.language`.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from copy import copy
from itertools import islice, product

from models.language.misuse import BadRule
from models.language.model import Instance
from models.language.schema import Field, Record, Schema, same_keys
from models.language.terms import Sort, Term

Value = bool | int | str
State = dict[str, Value]
Binding = Mapping[str, str]
Params = tuple[tuple[str, Sort], ...]

_Shape = tuple[str, Field, Value, str, tuple[tuple[str, str], ...]]
_Keys = tuple[dict[str, Field], dict[str, str], dict[str, tuple[tuple[str, str], ...]]]
_OPEN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}\Z", re.ASCII)


class Layout:
    """Every flat key of a schema under an instance, with its declaration and initial value."""

    def __init__(self, schema: Schema, instance: Instance) -> None:
        self.schema = schema
        self.instance = instance
        self.initial: State = {}
        self.births: list[tuple[Sort, str]] = []
        """The members of open sorts that joined, in order."""
        self._members = dict(instance.members)
        self._known: dict[str, set[str]] = {}
        """The members of open sorts."""
        self._late: dict[str, list[str]] = {}
        """Members that joined since somebody asked for all of their sort."""
        self._shapes: dict[str, list[_Shape]] = {}
        self._plain_rows: dict[str, tuple[list[str], list[Value]]] = {}
        self._made: list[tuple[Record, tuple[str, ...], str]] = []
        """The rows in the order of their keys, with the only member by which they were indexed."""
        self._about_keys: tuple[int, _Keys] = (0, ({}, {}, {}))
        self._records_of: dict[str, list[tuple[Record, bool, bool]]] = {}
        self._check()
        given = instance.parameters
        self.parameters = {n: given.get(n, d) for n, (d, _) in schema.parameters.items()}
        for record in schema.records.values():
            for keys in product(*(self.members(s) for s in record.keys)):
                self._add_row(record, keys)

    def copy(self) -> Layout:
        """A layout that goes on by itself from here: what joins one does not join the other."""
        made = copy(self)
        made.initial, made.births, made._made = dict(self.initial), [*self.births], [*self._made]
        made._members, made._shapes = dict(self._members), dict(self._shapes)
        made._known = {sort: set(members) for sort, members in self._known.items()}
        made._late = {sort: [*members] for sort, members in self._late.items()}
        made._plain_rows = dict(self._plain_rows)
        done, (fields, rows, of_open) = self._about_keys
        made._about_keys = done, (dict(fields), dict(rows), dict(of_open))
        return made

    def under(self, schema: Schema, instance: Instance) -> Layout | None:
        """This layout with all members that joined, under another schema; None if its keys or what
        stands there are not the same.
        """
        if self.instance != instance or not same_keys(self.schema, schema):
            return None
        made = self.copy()
        made.schema, made._shapes, made._records_of = schema, {}, {}
        made._plain_rows, made._about_keys = {}, (0, ({}, {}, {}))
        made._made = [(schema.records[r.name], keys, only) for r, keys, only in self._made]
        given = instance.parameters
        made.parameters = {n: given.get(n, d) for n, (d, _) in schema.parameters.items()}
        return made

    def touched(self, keys: Container[str]) -> set[tuple[str, str]]:
        """The members of open sorts (sort's name, name) to which one of these keys belongs."""
        found = set[tuple[str, str]]()
        for record, names, only in self._made:
            opened = tuple((s.name, k) for s, k in zip(record.keys, names, strict=True) if s.open)
            if not opened and not only:
                continue
            row = ".".join((record.name, *names))
            for suffix, _, _, index, also in self._shape(record):
                told = index == only if only else not found.issuperset(opened + also)
                if told and row + suffix in keys:
                    found.update(opened + also)
        return found

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
        self._made.append((record, keys, only))
        initial = self.initial
        if not only:
            suffixes, values = self._plain_row(record)
            initial.update(zip([row + suffix for suffix in suffixes], values, strict=True))
            return
        for suffix, _, first, index, _ in self._shape(record):
            if index == only:
                initial[row + suffix] = first

    def _plain_row(self, record: Record) -> tuple[list[str], list[Value]]:
        """What follows a row's name in all of its keys, and what stands there."""
        found = self._plain_rows.get(record.name)
        if found is None:
            shape = self._shape(record)
            found = self._plain_rows[record.name] = [x[0] for x in shape], [x[2] for x in shape]
        return found

    @property
    def fields(self) -> Mapping[str, Field]:
        """The declaration of every key."""
        return self._keys()[0]

    @property
    def rows(self) -> Mapping[str, str]:
        """The row of every key."""
        return self._keys()[1]

    @property
    def of_open(self) -> Mapping[str, tuple[tuple[str, str], ...]]:
        """For a key that belongs to members of open sorts: their (sort's name, name)."""
        return self._keys()[2]

    def _keys(self) -> _Keys:
        """What is known of every key; found out when somebody asks, since many never do."""
        done, found = self._about_keys
        if done == len(self._made):
            return found
        fields, rows, of_open = found
        for record, keys, only in self._made[done:]:
            row = ".".join((record.name, *keys))
            opened = tuple((s.name, k) for s, k in zip(record.keys, keys, strict=True) if s.open)
            for suffix, declared, _, index, also in self._shape(record):
                if only and index != only:
                    continue
                key = row + suffix
                fields[key], rows[key] = declared, row
                if opened or also:
                    of_open[key] = opened + also
        self._about_keys = len(self._made), found
        return found

    def _shape(self, record: Record) -> list[_Shape]:
        """What follows a row's name in its keys, and what stands there."""
        found = self._shapes.get(record.name)
        if found is None:
            found = []
            for name, declared in record.fields.items():
                sort = declared.index
                for index in self.members(sort) if sort else ("",):
                    also = ((sort.name, index),) if sort and sort.open else ()
                    suffix = f".{name}" + (f".{index}" if index else "")
                    found.append((suffix, declared, declared.initial.value, index, also))
            self._shapes[record.name] = found
        return found

    def join(self, sort: Sort, member: str) -> None:
        """A member of an open sort is there from now on. Raises `BadRule` for an unfit name."""
        known = self._known.get(sort.name)
        if known is None:
            known = self._known[sort.name] = set(self.members(sort))
        if member in known:
            return
        if not _OPEN_NAME.match(member):
            raise BadRule(
                f"{member!r} is not a name of a {sort.name}: use letters, digits, - and _, at most"
                " 63, a letter or digit first"
            )
        known.add(member)
        self._late.setdefault(sort.name, []).append(member)
        self.births.append((sort, member))
        for record, has_rows, has_fields in self._about(sort):
            for keys in self._with(record.keys, sort, member) if has_rows else ():
                self._add_row(record, keys)
            if has_fields:
                self._shapes.pop(record.name, None)
                self._plain_rows.pop(record.name, None)
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
        if self._late and (late := self._late.pop(sort.name, None)):
            found = self._members[sort.name] = (*(found or ()), *late)
        if found is None:
            if sort.open:
                return ()
            raise BadRule(f"the instance names no members of {sort.name}")
        return found

    def knows(self, sort: Sort, member: object) -> bool:
        """Whether it is a member of an id or enum sort, of which there may be very many."""
        known = self._known.get(sort.name) if sort.open else None
        return member in (self.members(sort) if known is None else known)

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
