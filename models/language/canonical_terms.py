"""Terms as data, and back. A term is a list: its operator, then names or arguments.

Reading goes through the constructors of `terms`, so every sort is checked again, and refuses an
operator, sort, field or argument that it does not know. Sits above `schema`; part of `canonical`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .misuse import ModelError
from .schema import Schema
from .terms import (
    Bool,
    Int,
    Sort,
    Term,
    all_of,
    any_of,
    elapsed,
    equal,
    if_else,
    need,
    negate,
    peer,
)


class UnreadableModel(ModelError):
    """Data that is not a model, or is of a version that this program does not read."""


@dataclass(frozen=True)
class Scope:
    """What a term may name: the schema, the sorts, the arguments; `what` it is, for messages."""

    schema: Schema
    sorts: Mapping[str, Sort]
    args: Mapping[str, Sort] = field(default_factory=dict)
    what: str = "the model"

    def within(self, args: Mapping[str, Sort], what: str = "") -> Scope:
        """This scope with more arguments."""
        return replace(self, args={**self.args, **args}, what=what or self.what)


def term_data(term: Term) -> list[Any]:
    """A term as data."""
    op, args = term.op, [term_data(a) for a in term.args]
    if op == "const":
        return [op, term.sort.name, term.value]
    if op in ("arg", "parameter"):
        return [op, term.value]
    if op in ("field", "next"):
        record, name, _ = term.value
        return [op, record, name, *args]
    if op in ("each", "some"):
        name, sort = term.value
        return [op, name, sort.name, *args]
    return [op, *args]


_BUILD: dict[str, tuple[int, Callable[..., Term]]] = {
    "and": (-1, all_of),
    "or": (-1, any_of),
    "not": (1, negate),
    "eq": (2, equal),
    "lt": (2, lambda a, b: a < b),
    "le": (2, lambda a, b: a <= b),
    "add": (2, lambda a, b: a + b),
    "sub": (2, lambda a, b: a - b),
    "mul": (2, lambda a, b: a * b),
    "ite": (3, if_else),
    "peer": (1, peer),
    "elapsed": (3, elapsed),
}


def read_term(data: Any, scope: Scope) -> Term:
    """The term that `term_data` wrote. Raises `UnreadableModel` or another `ModelError`."""
    if not isinstance(data, list) or not data or not isinstance(data[0], str):
        raise UnreadableModel(f"{scope.what} has {data!r} where a term is needed")
    op, rest = data[0], data[1:]
    if op in _LEAVES:
        return _LEAVES[op](scope, *rest)
    if op in ("field", "next"):
        return _field(scope, op, *rest)
    if op in ("each", "some"):
        return _quantified(scope, op, *rest)
    if op not in _BUILD:
        raise UnreadableModel(
            f"{scope.what} uses the operator {op!r}, which this program does not know"
        )
    count, build = _BUILD[op]
    args = [read_term(a, scope) for a in rest]
    if count not in (-1, len(args)):
        raise UnreadableModel(f"{scope.what} gives {op!r} {len(args)} arguments, not {count}")
    return build(*args)


def _sort(scope: Scope, name: str) -> Sort:
    if name not in scope.sorts:
        raise UnreadableModel(
            f"{scope.what} uses the sort {name!r}, which this program does not know"
        )
    return scope.sorts[name]


def _const(scope: Scope, sort_name: str, value: Any) -> Term:
    sort = _sort(scope, sort_name)
    good = {
        "bool": type(value) is bool,
        "int": type(value) is int,
        "enum": value in sort.members,
        "id": value == "",
    }
    if not good[sort.kind]:
        raise UnreadableModel(f"{scope.what} has the constant {value!r}, which no {sort.name} is")
    return Term("const", sort, value=value)


def _arg(scope: Scope, name: str) -> Term:
    if name not in scope.args:
        raise UnreadableModel(f"{scope.what} uses the argument {name!r}, which it does not declare")
    return Term("arg", scope.args[name], value=name)


def _parameter(scope: Scope, name: str) -> Term:
    if name not in scope.schema.parameters:
        raise UnreadableModel(f"{scope.what} uses the parameter {name!r}, which is not declared")
    return Term("parameter", Int, value=name)


_LEAVES: dict[str, Callable[..., Term]] = {"const": _const, "arg": _arg, "parameter": _parameter}


def _field(scope: Scope, op: str, record_name: str, name: str, *keys: Any) -> Term:
    record = scope.schema.records.get(record_name)
    declared = record.fields.get(name) if record else None
    if record is None or declared is None:
        raise UnreadableModel(f"{scope.what} uses {record_name}.{name}, which is not in its schema")
    args = tuple(read_term(k, scope) for k in keys)
    wanted = record.keys + ((declared.index,) if declared.index else ())
    if len(args) != len(wanted):
        raise UnreadableModel(f"{scope.what} gives {record_name}.{name} {len(args)} keys")
    for key, sort in zip(args, wanted, strict=True):
        need(key, sort, f"{record_name}.{name}")
        if key.op not in ("arg", "peer"):
            raise UnreadableModel(f"{scope.what} keys {record_name}.{name} by {key!r}")
    return Term(op, declared.sort, args, (record_name, name, len(record.keys)))


def _quantified(scope: Scope, op: str, name: str, sort_name: str, body: Any) -> Term:
    sort = _sort(scope, sort_name)
    if sort.kind != "id":
        raise UnreadableModel(f"{scope.what} quantifies over {sort.name}, which has no members")
    inside = need(read_term(body, scope.within({name: sort})), Bool, op)
    return Term(op, Bool, (inside,), (name, sort))
