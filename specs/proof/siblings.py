"""The siblings of the tracked members: what a proof for one arbitrary member knows of all the
others.

A storage group or a network is proved for the members of the instance, which stand for any of
arbitrarily many. A quantifier over such a sort is then what the members say, joined with one
Bool for what the siblings say: a *bit*. A bit is part of the state. It is a function of the keys
that the quantifier's body reads when its variable is a sibling (`OTHER`), so a step that writes
none of these keeps it, and a step that writes one, for itself or acting for a sibling, leaves it
free.

Why that is sound, under either polarity, in guards and in properties: take any run with any
number of siblings, and give each bit the value that the siblings really have in each state. The
result is a run of what is proved: a quantifier has its real value, a bit changes only where a
key that it depends on is written, and every step is there, those of the siblings with their own
rows unknown. What holds in all runs of the latter holds in the former.

Sits between `models` and `symbolic`; imports no z3.
"""

from __future__ import annotations

from dataclasses import dataclass

from models.language.terms import Term, negate, walk
from models.plain.layout import Binding, Layout

OTHER = "*"
"""The member that stands for any sibling, in bindings and flat keys: `network.*.carries.A`."""


@dataclass(frozen=True)
class Bit:
    """Whether every sibling has `body`, with `variable` bound to it.

    `depends` are the keys that this is a function of.
    """

    name: str
    body: Term
    variable: str
    binding: dict[str, str]
    depends: frozenset[str]


def bit_of(term: Term, layout: Layout, binding: Binding) -> Bit | None:
    """The bit of a quantifier, whichever state it is read in. `some` is not `each` not.

    None if no single state determines it: its body names a step's own argument or the sibling that
    acts, or reads the states before and after. Then its value is unknown at each occurrence.
    """
    variable, sort = term.value
    if OTHER in {binding.get(t.value) for t in walk(term) if t.op == "arg"}:
        return None
    inner = {**binding, variable: OTHER}
    parts = list(walk(term))
    bound = {*inner, *(t.value[0] for t in parts if t.op in ("each", "some"))}
    if any(t.op == "arg" and t.value not in bound for t in parts):
        return None
    if {"field", "next"} <= {t.op for t in parts}:
        return None
    body = term.args[0] if term.op == "each" else _negated(term.args[0])
    positive = body.op != "not"
    said = text(body if positive else body.args[0], layout, inner)
    name = f"{'every' if positive else 'no'} other {sort.name}: {said}"
    return Bit(name, body, variable, dict(binding), frozenset(keys(body, layout, inner)))


def _negated(term: Term) -> Term:
    return term.args[0] if term.op == "not" else negate(term)


def text(term: Term, layout: Layout, binding: Binding) -> str:
    """`term` under `binding`, so that equal texts mean equal terms."""
    if term.op in ("field", "next"):
        return layout.key(term, binding)
    if term.op == "arg":
        return binding.get(term.value, str(term.value))
    if term.op == "peer":
        return layout.resolve(term, binding)
    if term.op in ("const", "parameter"):
        return "nobody" if term.value == "" else str(term.value)
    if term.op in ("each", "some"):
        variable, sort = term.value
        inner = {**binding, variable: variable}
        return f"({term.op} {sort.name} {variable}: {text(term.args[0], layout, inner)})"
    return f"({term.op} {' '.join(text(a, layout, binding) for a in term.args)})"


def keys(term: Term, layout: Layout, binding: Binding) -> set[str]:
    """Every flat key that `term` reads, a quantifier also over siblings: one of a pair has none."""
    if term.op in ("field", "next"):
        return {layout.key(term, binding)}
    if term.op in ("each", "some"):
        variable, sort = term.value
        paired = any(t.op == "peer" and t.sort == sort for t in walk(term))
        members = (*layout.members(sort), *(() if paired else (OTHER,)))
        return {k for m in members for k in keys(term.args[0], layout, {**binding, variable: m})}
    return {k for a in term.args for k in keys(a, layout, binding)} if term.op != "peer" else set()
