"""The Z3 reading of terms: the data that the plain reader runs, as formulas over flat keys.

Bool is a z3 Bool, Int an unbounded z3 Int; an enum or id sort is a z3 enumeration sort, the latter
with a member for nobody (measured against Ints with bounds: searches are a little faster, Spacer
three times). A parameter is an Int constant under the model's constraints, or a number when it is
fixed. Quantifiers expand over the
instance, unless the reading *havocs* the tracked sorts (`Model.tracked`); then the members stand
for any (see `siblings`), and a rule may also act for a sibling (`OTHER`), whose rows are unknown
wherever they are read.

Sits between `siblings` and `grounding`; imports z3, never `ccr_es` or `cli`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import Any

import z3

from models.language.misuse import BadRule
from models.language.model import Instance, Model
from models.language.terms import NOBODY_SORT, Bool, Sort, Term, walk
from models.plain.layout import Binding, Layout, Value

from ..proof.siblings import OTHER, Bit, bit_of


@cache
def enumeration(name: str, members: tuple[str, ...]) -> tuple[Any, tuple[Any, ...]]:
    """The z3 sort with these members, and its constants: one sort per name and members."""
    title = f"{name}({','.join(members)})"
    sort, constants = z3.EnumSort(title, [f"{title}.{m or 'nobody'}" for m in members])
    return sort, tuple(constants)


Symbols = Mapping[str, Any]
"""A symbolic state (flat key or bit name to z3 expression), or symbolic arguments (by name)."""


@dataclass
class Scope:
    """Where a term is read: symbolic states, binding, arguments; and what reading it needed."""

    old: Symbols
    new: Symbols = field(default_factory=dict)
    binding: Binding = field(default_factory=dict)
    args: Symbols = field(default_factory=dict)
    reads: set[str] = field(default_factory=set)
    """The keys and bits that were read."""
    others: dict[tuple[str, str], Any] = field(default_factory=dict)
    """The unknown fields of a sibling, by (operator, key): one sibling, one state, one value."""
    starting: bool = False
    """Siblings' fields have their initial values."""

    def bound(self, name: str, member: str) -> Scope:
        """This scope with one more argument bound; needs are collected in the same place."""
        return replace(self, binding={**self.binding, name: member})


class Variables(dict[str, Any]):
    """The constants of one state. A bit gets its constant when it is first looked up."""

    def __init__(self, tag: str) -> None:
        super().__init__()
        self.tag = tag

    def __missing__(self, bit: str) -> Any:
        self[bit] = z3.Bool(bit + self.tag)
        return self[bit]


class Reading:
    """A model read symbolically under an instance; `fixed` parameters are numbers."""

    def __init__(
        self,
        model: Model,
        instance: Instance,
        fixed: Mapping[str, int] | None = None,
        havoc: bool = False,
    ) -> None:
        self.model, self.instance, self.havoc = model, instance, havoc
        self.layout = Layout(model.schema, instance)
        unknown = set(fixed or {}) - set(model.schema.parameters)
        if unknown:
            known = ", ".join(model.schema.parameters)
            raise BadRule(f"there is no parameter {', '.join(sorted(unknown))}; there are {known}")
        self.fixed = dict(fixed or {})
        self.parameters = {
            name: z3.IntVal(self.fixed[name]) if name in self.fixed else z3.Int(f"p.{name}")
            for name in model.schema.parameters
        }
        self.sorts: dict[str, Any] = {}
        """The z3 sorts of the enums and id sorts met so far, by name."""
        self.unknowns: list[Any] = []
        """The constants that occur nowhere else, by the number in their name."""
        self._refuse_two_members()
        self.bits: dict[str, Bit] = {}
        self.old = self.variables("")

    @cached_property
    def tracked(self) -> frozenset[str]:
        """Names of the sorts that are havocked here."""
        return frozenset(s.name for s in self.model.tracked) if self.havoc else frozenset()

    def _refuse_two_members(self) -> None:
        """All siblings are one member here: a rule cannot act for two of them."""
        for rule in self.model.rules.values():
            sorts = [s.name for _, s in rule.params if s.name in self.tracked]
            if len(sorts) != len(set(sorts)):
                raise BadRule(f"{rule.label} takes two members of a tracked sort: split it")

    def unknown(self, name: str, sort: Sort = Bool) -> Any:
        """A constant that occurs nowhere else."""
        self.unknowns.append(self.constant(f"{name}?{len(self.unknowns)}", sort))
        return self.unknowns[-1]

    @cached_property
    def assumptions(self) -> dict[str, Any]:
        """What every query assumes: symbolic parameters are >= 0 and obey the model's constraints.

        A constraint whose parameters are all fixed is not assumed: it would make a broken
        setting hold vacuously.
        """
        found = {f"{n} >= 0": p >= 0 for n, p in self.parameters.items() if n not in self.fixed}
        for name, term in self.model.constraints.items():
            used = {t.value for t in walk(term) if t.op == "parameter"}
            if not used <= set(self.fixed):
                found[name] = self.encode(term, Scope({}))
        return found

    @cached_property
    def broken(self) -> tuple[str, ...]:
        """The constraints that the fixed parameters break."""
        names = []
        for name, term in self.model.constraints.items():
            value = z3.simplify(self.encode(term, Scope({})))
            if z3.is_false(value):
                names.append(name)
        return tuple(names)

    def constant(self, name: str, sort: Sort) -> Any:
        """A z3 constant of `sort`."""
        if sort.kind == "bool":
            return z3.Bool(name)
        if sort.kind == "int":
            return z3.Int(name)
        return z3.Const(name, self._enumeration(sort)[0])

    def _names(self, sort: Sort) -> tuple[str, ...]:
        if sort.kind == "enum":
            return sort.members
        others = (OTHER,) if sort.name in self.tracked else ()
        return ("", *self.layout.members(sort), *others)

    def _enumeration(self, sort: Sort) -> tuple[Any, tuple[Any, ...]]:
        found = enumeration(sort.name, self._names(sort))
        self.sorts[sort.name] = found[0]
        return found

    def variables(self, tag: str) -> dict[str, Any]:
        """One constant per flat key, named `key` + `tag`, and one per bit as bits turn up."""
        state = Variables(tag)
        state.update((k, self.constant(k + tag, f.sort)) for k, f in self.layout.fields.items())
        return state

    def initial(self) -> dict[str, Any]:
        """The state before any event, as constants."""
        return {
            k: self.literal(v, self.layout.fields[k].sort) for k, v in self.layout.initial.items()
        }

    def literal(self, value: Value, sort: Sort) -> Any:
        """A plain value as a z3 constant."""
        if sort.kind == "bool":
            return z3.BoolVal(value)
        if sort.kind == "int" or sort == NOBODY_SORT:
            return z3.IntVal(value or 0)
        return self._enumeration(sort)[1][self._names(sort).index(str(value))]

    def value(self, found: Any, sort: Sort) -> Value:
        """A z3 constant as a plain value; a sibling is `OTHER`."""
        if sort.kind == "bool":
            return bool(z3.is_true(found))
        if sort.kind == "int":
            number: int = found.as_long()
            return number
        _, members = self._enumeration(sort)
        return next(n for n, m in zip(self._names(sort), members, strict=True) if m.eq(found))

    def encode(self, term: Term, scope: Scope, sort: Sort | None = None) -> Any:
        """`term` as a z3 expression in `scope`; `sort` says which id sort has the nobody meant."""
        op, args = term.op, term.args
        if op == "const":
            nobody = term.sort == NOBODY_SORT and sort is not None
            return self.literal(term.value, sort if nobody and sort else term.sort)
        if op == "parameter":
            return self.parameters[term.value]
        if op == "arg":
            if term.value in scope.args:
                return scope.args[term.value]
            return self.literal(scope.binding[term.value], term.sort)
        if op == "peer":
            if term.sort.name in self.tracked:
                raise BadRule(f"{term!r}: a member of a tracked sort has no one peer")
            return self.literal(self.layout.resolve(term, scope.binding), term.sort)
        if op in ("field", "next"):
            return self._lookup(term, scope)
        if op in ("each", "some"):
            return self._quantified(term, scope)
        if op in ("eq", "ite"):
            sort = next((a.sort for a in args[-2:] if a.sort != NOBODY_SORT), sort)
        parts = [self.encode(a, scope, sort) for a in args]
        if op == "eq" and sort is not None and sort.name in self.tracked:
            return self._same(sort, *parts)
        return _apply(op, parts)

    def _same(self, sort: Sort, a: Any, b: Any) -> Any:
        """Whether two names of a tracked sort are equal; of two siblings nobody knows."""
        other = self.literal(OTHER, sort)
        if any(z3.is_const(x) and x.eq(m) for x in (a, b) for m in self._known(sort)):
            return a == b
        return z3.If(z3.And(a == other, b == other), self.unknown("same"), a == b)

    def _known(self, sort: Sort) -> list[Any]:
        return [self.literal(m, sort) for m in ("", *self.layout.members(sort))]

    def _lookup(self, term: Term, scope: Scope) -> Any:
        key = self.layout.key(term, scope.binding)
        if key in self.layout.fields:
            scope.reads.add(key)
            return (scope.old if term.op == "field" else scope.new)[key]
        if scope.starting:
            declared = self.model.schema.field(term)
            return self.literal(declared.initial.value, declared.sort)
        if (term.op, key) not in scope.others:
            scope.others[term.op, key] = self.unknown(key, term.sort)
        return scope.others[term.op, key]

    def _quantified(self, term: Term, scope: Scope) -> Any:
        name, sort = term.value
        members = self.layout.members(sort)
        parts = [self.encode(term.args[0], scope.bound(name, m)) for m in members]
        if sort.name in self.tracked:
            every = self._siblings(term, scope)
            parts.append(every if term.op == "each" else z3.Not(every))
        return _apply("and" if term.op == "each" else "or", parts)

    def _siblings(self, term: Term, scope: Scope) -> Any:
        bit = bit_of(term, self.layout, scope.binding)
        if bit is None:
            return self.unknown("siblings")
        self.bits.setdefault(bit.name, bit)
        scope.reads.add(bit.name)
        after = any(t.op == "next" for t in walk(term))
        return (scope.new if after else scope.old)[bit.name]

    def first_bits(self) -> list[Any]:
        """What is known of the bits (in `old`) before any event: siblings start as members do."""
        known = []
        for name, bit in list(self.bits.items()):
            start = Variables("")
            start.update(self.initial())
            inner = {**bit.binding, bit.variable: OTHER}
            body = self.encode(bit.body, Scope(start, start, inner, starting=True))
            known.append(z3.Implies(body, self.old[name]))
        return known


def _apply(op: str, parts: list[Any]) -> Any:
    if op == "and":
        return _joined(z3.Z3_mk_and, parts) if parts else z3.BoolVal(True)
    if op == "or":
        return _joined(z3.Z3_mk_or, parts) if parts else z3.BoolVal(False)
    if op == "not":
        return z3.BoolRef(z3.Z3_mk_not(parts[0].ctx.ref(), parts[0].ast), parts[0].ctx)
    if op == "ite":
        return z3.If(*parts)
    if op == "elapsed":
        return parts[2] - parts[0] >= parts[1]
    a, b = parts
    if op == "eq":
        return z3.BoolRef(z3.Z3_mk_eq(a.ctx.ref(), a.ast, b.ast), a.ctx)
    if op == "lt":
        return a < b
    if op == "le":
        return a <= b
    return a + b if op == "add" else a - b if op == "sub" else a * b


def _joined(make: Any, parts: list[Any]) -> Any:
    """Bools joined by z3's own function: half the time of `And`, which looks at each part again."""
    context = parts[0].ctx
    every = (z3.Ast * len(parts))(*(p.ast for p in parts))
    return z3.BoolRef(make(context.ref(), len(parts), every), context)
