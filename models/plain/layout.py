"""The layout of a plain state: a dict from flat keys (`node.A.view`, `copy.A.SG1.top`) to values.

Values are bool, int, or str (enum members, identities; "" is nobody). Sits above `models.language`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

from models.language.misuse import BadRule
from models.language.model import Instance
from models.language.schema import Field, Schema
from models.language.terms import Sort, Term

Value = bool | int | str
State = dict[str, Value]
Binding = Mapping[str, str]


class Layout:
    """Every flat key of a schema under an instance, with its declaration and initial value."""

    def __init__(self, schema: Schema, instance: Instance) -> None:
        self.schema = schema
        self.instance = instance
        self.fields: dict[str, Field] = {}
        self.initial: State = {}
        self.rows: dict[str, str] = {}
        for sort, members in instance.members.items():
            if len(set(members)) != len(members) or not all(m.isprintable() and m for m in members):
                raise BadRule(f"the members of {sort} need names that differ: {members}")
        unknown = set(instance.parameters) - set(schema.parameters)
        if unknown:
            known = ", ".join(schema.parameters)
            raise BadRule(f"there is no parameter {', '.join(sorted(unknown))}; there are {known}")
        given = instance.parameters
        self.parameters = {n: given.get(n, d) for n, (d, _) in schema.parameters.items()}
        for name, record in schema.records.items():
            for keys in product(*(self.members(s) for s in record.keys)):
                row = ".".join((name, *keys))
                for field_name, declared in record.fields.items():
                    for index in self.members(declared.index) if declared.index else ("",):
                        key = f"{row}.{field_name}" + (f".{index}" if index else "")
                        self.fields[key] = declared
                        self.initial[key] = declared.initial.value
                        self.rows[key] = row

    def members(self, sort: Sort) -> tuple[str, ...]:
        """The members of an id or enum sort under this instance."""
        if sort.kind == "enum":
            return sort.members
        if sort.name not in self.instance.members:
            raise BadRule(f"the instance names no members of {sort.name}")
        return self.instance.members[sort.name]

    def groundings(self, params: tuple[tuple[str, Sort], ...]) -> Iterator[dict[str, str]]:
        """Every binding of the given enumerable arguments."""
        names = [n for n, _ in params]
        for values in product(*(self.members(s) for _, s in params)):
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
