"""Many conditions as one Python expression, in which what they share is asked once, and first.

`machine` asks after every step which places became enabled and whether a promise broke: hundreds of
conjunctions, of which nearly all are false for a few common reasons. Sits above `models.plain`;
imports no z3.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain

from models.language.terms import Term, negate
from models.plain.compile import Writer
from models.plain.layout import Binding, Layout

Conditions = tuple[str, ...]
"""Expressions that must all be true."""


class After(Writer):
    """Writes a property over `s` (before a step) and `c` (what the step sets)."""

    def __init__(self, layout: Layout, written: frozenset[str], always: bool) -> None:
        super().__init__(layout)
        self.written, self.always = written, always

    def write(self, term: Term, binding: Binding) -> str:
        """A Python expression for `term`."""
        if term.op == "next" or (self.always and term.op == "field"):
            key = self.layout.key(term, binding)
            return f"{'c' if key in self.written else 's'}[{key!r}]"
        return super().write(term, binding)


def conditions(writer: Writer, term: Term, binding: Binding) -> Iterator[str]:
    """What must hold each by itself for `term` to hold."""
    for part, inner in _parts(writer, "and", "each", term, binding):
        if part.op == "not" and part.args[0].op in ("or", "some", "not"):
            yield from _refutation(writer, part.args[0], inner)
        else:
            text = writer.write(part, inner)
            if text != "True":
                yield text


def breaches(writer: Writer, term: Term, binding: Binding) -> Iterator[Conditions]:
    """The ways in which `term` can fail: it does iff all conditions of one of them hold."""
    for part, inner in _parts(writer, "and", "each", term, binding):
        yield tuple(_refutation(writer, part, inner))


def _refutation(writer: Writer, term: Term, binding: Binding) -> Iterator[str]:
    """What must hold each by itself for `term` not to hold."""
    for part, inner in _parts(writer, "or", "some", term, binding):
        if part.op == "not":
            yield from conditions(writer, part.args[0], inner)
        elif (text := writer.write(negate(part), inner)) != "True":
            yield text


def _parts(
    writer: Writer, op: str, quantifier: str, term: Term, binding: Binding
) -> Iterator[tuple[Term, Binding]]:
    """The parts that `op` joins, with what their quantifiers name."""
    if term.op == op:
        yield from chain.from_iterable(
            _parts(writer, op, quantifier, a, binding) for a in term.args
        )
    elif term.op == quantifier:
        name, sort = term.value
        for member in writer.layout.members(sort):
            inner = {**binding, name: member}
            yield from _parts(writer, op, quantifier, term.args[0], inner)
    else:
        yield term, binding


def any_of_all(cases: Iterable[tuple[Conditions, int]]) -> str:
    """The union of the bits whose conditions all hold, as an expression."""
    left = [(frozenset(parts), bit) for parts, bit in cases if "False" not in parts]
    found = [hex(bit) for parts, bit in left if not parts]
    left = [(parts, bit) for parts, bit in left if parts]
    while left:
        shared = Counter(part for parts, _ in left for part in parts)
        most = max(shared, key=lambda p: (shared[p], -len(p), p))
        within = [(parts, bit) for parts, bit in left if most in parts]
        common = frozenset.intersection(*(parts for parts, _ in within))
        asked = " and ".join((most, *sorted(common - {most})))
        inner = any_of_all((tuple(parts - common), bit) for parts, bit in within)
        found.append(f"({inner} if {asked} else 0)")
        left = [(parts, bit) for parts, bit in left if most not in parts]
    return " | ".join(found) or "0"
