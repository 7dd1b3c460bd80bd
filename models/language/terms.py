"""Terms: the inert, sorted expressions that rules and properties are made of.

A term is data. It is built once, when a rule is staged, and afterwards read by the plain reader, by
the Z3 reader, by the audit and by the documents. A term therefore refuses to be used as a Python
truth value: `or`, `and`, `not`, `in`, `if`, `any`, `max` and chained comparisons would silently
drop part of the expression, so each raises `TermMisuse` with the fix.

Sits at the bottom of `models`; imports the standard library only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .misuse import MixedSorts, TermMisuse, misuse_at_caller


@dataclass(frozen=True)
class Sort:
    """A type of value. `kind` is 'bool', 'int', 'enum' or 'id'; `members` are those of an enum.

    An id sort (a node, a network) takes its members from the instance that a model is read with. An
    `open` one has more than the instance names: see `open_identity`.
    """

    name: str
    kind: str
    members: tuple[str, ...] = ()
    open: bool = False

    def __getattr__(self, member: str) -> Term:
        """The constant `member` of an enum sort, as in `View.ALONE`."""
        if not member.startswith("__") and member in self.members:
            return Term("const", self, value=member)
        raise AttributeError(
            f"{self.name} has no member {member}; it has {', '.join(self.members)}"
        )


Bool = Sort("Bool", "bool")
Int = Sort("Int", "int")


def enum(name: str, *members: str) -> Sort:
    """A sort with the named members, in order."""
    return Sort(name, "enum", members)


def identity(name: str) -> Sort:
    """A sort whose members are named by the instance: the nodes, the networks."""
    return Sort(name, "id")


def open_identity(name: str) -> Sort:
    """A sort with any number of members, which nobody declares: the hubs, the messages.

    A member is there for whoever names it, with the initial values of its rows. These must stand
    for "not there": what makes a member matter is the effect of a rule.
    """
    return Sort(name, "id", open=True)


class Term:
    """One node of an expression tree: an operator, its arguments, a sort, and a value for leaves.

    Operators: const, arg, parameter, field, next (a field after a step), peer; and, or, not; eq,
    lt, le; add, sub, mul; ite; elapsed; each, some (quantifiers over an id sort, binding `value`).
    """

    __slots__ = ("args", "op", "sort", "value")

    def __init__(self, op: str, sort: Sort, args: tuple[Term, ...] = (), value: Any = None) -> None:
        self.op = op
        self.sort = sort
        self.args = args
        self.value = value

    def __bool__(self) -> bool:
        raise misuse_at_caller()

    def __iter__(self) -> Any:
        raise TermMisuse(
            "a term cannot be looped over:"
            " use each(Sort, lambda x: ...) or some(Sort, lambda x: ...)"
        )

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> Term:  # type: ignore[override]
        return equal(self, lift(other, self.sort))

    def __ne__(self, other: object) -> Term:  # type: ignore[override]
        return negate(equal(self, lift(other, self.sort)))

    def __lt__(self, other: object) -> Term:
        return _compare("lt", self, lift(other, Int))

    def __le__(self, other: object) -> Term:
        return _compare("le", self, lift(other, Int))

    def __gt__(self, other: object) -> Term:
        return _compare("lt", lift(other, Int), self)

    def __ge__(self, other: object) -> Term:
        return _compare("le", lift(other, Int), self)

    def __add__(self, other: object) -> Term:
        return _arithmetic("add", self, lift(other, Int))

    def __sub__(self, other: object) -> Term:
        return _arithmetic("sub", self, lift(other, Int))

    def __mul__(self, other: object) -> Term:
        return _arithmetic("mul", self, lift(other, Int))

    def __and__(self, other: object) -> Term:
        return all_of(self, lift(other, Bool))

    def __or__(self, other: object) -> Term:
        return any_of(self, lift(other, Bool))

    def __invert__(self) -> Term:
        return negate(self)

    def __repr__(self) -> str:
        from .show import show

        return show(self)


NOBODY_SORT = Sort("Nobody", "id")
NOBODY = Term("const", NOBODY_SORT, value="")
"""The value of a field of an id sort that names nobody; comparable with every id sort."""


def lift(value: object, like: Sort) -> Term:
    """`value` as a term: terms pass, bools and ints become constants; else raises `MixedSorts`."""
    if isinstance(value, Term):
        return value
    if isinstance(value, bool):
        return Term("const", Bool, value=value)
    if isinstance(value, int):
        return Term("const", Int, value=value)
    raise MixedSorts(
        f"{value!r} is not a term; a value of sort {like.name} is written {_example(like)}"
    )


def _example(sort: Sort) -> str:
    if sort.kind == "enum":
        return f"{sort.name}.{sort.members[0]}"
    return {"bool": "True or False", "int": "a whole number"}.get(
        sort.kind, "an argument of the rule, or NOBODY"
    )


def need(term: Term, sort: Sort, what: str) -> Term:
    """`term` itself if it has `sort`; otherwise raises `MixedSorts` naming both sorts."""
    if term.sort != sort:
        raise MixedSorts(f"{what} needs a {sort.name}, but {term!r} is a {term.sort.name}")
    return term


def alike(a: Term, b: Term) -> bool:
    """Whether two terms may be compared or assigned: same sort, or NOBODY with an id sort."""
    ids = a.sort.kind == b.sort.kind == "id"
    return a.sort == b.sort or (ids and NOBODY_SORT in (a.sort, b.sort))


def equal(a: Term, b: Term) -> Term:
    """a == b, of one sort."""
    if not alike(a, b):
        raise MixedSorts(
            f"{a!r} is a {a.sort.name} and {b!r} is a {b.sort.name}: they can never be equal"
        )
    return Term("eq", Bool, (a, b))


def _compare(op: str, a: Term, b: Term) -> Term:
    return Term(op, Bool, (need(a, Int, "a comparison"), need(b, Int, "a comparison")))


def _arithmetic(op: str, a: Term, b: Term) -> Term:
    return Term(op, Int, (need(a, Int, "arithmetic"), need(b, Int, "arithmetic")))


def all_of(*terms: object) -> Term:
    """Conjunction; `&` is the same for two."""
    return Term("and", Bool, tuple(need(lift(t, Bool), Bool, "all_of") for t in terms))


def any_of(*terms: object) -> Term:
    """Disjunction; `|` is the same for two."""
    return Term("or", Bool, tuple(need(lift(t, Bool), Bool, "any_of") for t in terms))


def negate(term: Term) -> Term:
    """Negation; `~` is the same."""
    return Term("not", Bool, (need(term, Bool, "~"),))


def implies(a: object, b: object) -> Term:
    """a implies b."""
    return any_of(negate(lift(a, Bool)), b)


def one_of(term: Term, *values: Term) -> Term:
    """`term` equals one of `values`: the staged form of `in`."""
    return any_of(*(term == v for v in values))


def if_else(condition: Term, then: object, otherwise: object) -> Term:
    """The staged form of `a if c else b`."""
    a = lift(then, Bool)
    b = lift(otherwise, a.sort)
    if not alike(a, b):
        raise MixedSorts(
            "both branches of if_else need one sort:"
            f" {a!r} is {a.sort.name}, {b!r} is {b.sort.name}"
        )
    sort = b.sort if a.sort == NOBODY_SORT else a.sort
    return Term("ite", sort, (need(condition, Bool, "if_else"), a, b))


def larger(a: object, b: object) -> Term:
    """The staged form of `max(a, b)`."""
    x, y = lift(a, Int), lift(b, Int)
    return if_else(x >= y, x, y)


def smaller(a: object, b: object) -> Term:
    """The staged form of `min(a, b)`."""
    x, y = lift(a, Int), lift(b, Int)
    return if_else(x <= y, x, y)


def peer(node: Term) -> Term:
    """The other one of the two members of an id sort."""
    if node.sort.kind != "id":
        raise MixedSorts(f"peer() needs a member of an id sort, but {node!r} is a {node.sort.name}")
    return node.args[0] if node.op == "peer" else Term("peer", node.sort, (node,))


_depth = 0


def _quantify(op: str, sort: Sort, body: Callable[[Term], Term]) -> Term:
    global _depth
    if sort.kind != "id":
        raise MixedSorts(f"{op}() ranges over an id sort, not over {sort.name}")
    # A quantifier inside another one over the same sort needs a name of its own.
    name = f"{op}_{sort.name.lower()}" + (str(_depth + 1) if _depth else "")
    _depth += 1
    try:
        inside = need(body(Term("arg", sort, value=name)), Bool, op)
    finally:
        _depth -= 1
    return Term(op, Bool, (inside,), value=(name, sort))


def each(sort: Sort, body: Callable[[Term], Term]) -> Term:
    """`body` holds for every member of `sort`."""
    return _quantify("each", sort, body)


def some(sort: Sort, body: Callable[[Term], Term]) -> Term:
    """`body` holds for at least one member of `sort`."""
    return _quantify("some", sort, body)


def elapsed(stamp: object, duration: object, now: Term) -> Term:
    """At least `duration` ms lie between `stamp` and `now`: of its own, so that a wait finds it."""
    return Term(
        "elapsed",
        Bool,
        (need(lift(stamp, Int), Int, "elapsed"), need(lift(duration, Int), Int, "elapsed"), now),
    )


def walk(term: Term) -> Any:
    """Every subterm of `term`, itself first."""
    left = [term]
    while left:
        found = left.pop()
        yield found
        if found.args:
            left.extend(found.args[::-1])


def substitute(term: Term, values: Mapping[str, Term]) -> Term:
    """`term` with the named arguments replaced by terms, as guards see what they bind."""
    if term.op == "arg":
        return values.get(term.value, term)
    args = tuple(substitute(a, values) for a in term.args)
    if all(a is b for a, b in zip(args, term.args, strict=True)):
        return term
    return Term(term.op, term.sort, args, term.value)
