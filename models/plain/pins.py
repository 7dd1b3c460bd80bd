"""Pins: arguments of a rule that the row of a member of an open sort names.

`mail[m].hub == h` as a condition of a rule pins h to m: under any other hub the rule is not
enabled. Who watches every grounding need watch only the pinned ones, and there may be very many
members. Sits above `layout`; behaviour is the rule's alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from models.language.rule import Rule
from models.language.terms import Term


def pins_of(rule: Rule) -> dict[str, Term]:
    """The pinned arguments, each with the field that says what it is: one with a single key, which
    is an argument of an open sort.
    """
    keyed, found = dict(rule.keyed), dict[str, Term]()
    for part in (p for guard in rule.guards.values() for p in conditions(guard)):
        if part.op != "eq":
            continue
        for field, arg in (part.args, part.args[::-1]):
            if field.op != "field" or arg.op != "arg" or arg.value not in keyed:
                continue
            owner = field.args[0].value if len(field.args) == 1 else None
            if owner in keyed and keyed[owner].open and owner not in found and owner != arg.value:
                found.setdefault(arg.value, field)
    return {n: f for n, f in found.items() if f.args[0].value not in found}


def conditions(guard: Term) -> Iterator[Term]:
    """What must hold each by itself for `guard` to hold."""
    if guard.op != "and":
        yield guard
        return
    for part in guard.args:
        yield from conditions(part)
