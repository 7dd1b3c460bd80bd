"""KEY=VALUE arguments, read by the sorts of the rule that they are for. Must not import the
store.
"""

from __future__ import annotations

from collections.abc import Sequence

from ccr_es.errors import BadArgument
from cli.frame.errors import BadPair, UnknownMember
from models.language.rule import Rule
from models.language.terms import Sort
from models.plain.layout import Layout, Value


def pairs_of_numbers(pairs: Sequence[str]) -> dict[str, int]:
    """`head_start=4000` as a parameter's value. Raises `BadPair`."""
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not value.lstrip("-").isdigit():
            raise BadPair(
                f"{pair!r} is not PARAMETER=VALUE with a whole number", "Write head_start=10000"
            )
        found[name] = int(value)
    return found


def read_pairs(rule: Rule, pairs: Sequence[str], layout: Layout) -> dict[str, Value]:
    """The arguments by name. Raises `BadPair`, `BadArgument` or `UnknownMember`."""
    sorts = dict(rule.params)
    found: dict[str, Value] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals:
            raise BadPair(f"{pair!r} is not KEY=VALUE", _wanted(rule))
        if name not in sorts:
            raise BadArgument(f"{rule.label} has no argument {name}", _wanted(rule))
        if name in found:
            raise BadPair(f"{name} is given twice", "Give it once")
        found[name] = _value(rule, name, sorts[name], text, layout)
    return found


def _wanted(rule: Rule) -> str:
    return "It takes " + (", ".join(f"{n} ({s.name})" for n, s in rule.params) or "no arguments")


def _value(rule: Rule, name: str, sort: Sort, text: str, layout: Layout) -> Value:
    if sort.kind == "int":
        if not text.lstrip("-").isdigit():
            raise BadArgument(
                f"{rule.label}: {name}={text} is not a whole number", "Write it in digits"
            )
        return int(text)
    if sort.kind == "bool":
        if text.lower() not in ("true", "false"):
            raise BadArgument(
                f"{rule.label}: {name}={text} is neither true nor false", "Write true or false"
            )
        return text.lower() == "true"
    value = "" if text == "nobody" and sort.kind == "id" else text
    if value and not sort.open and value not in layout.members(sort):
        known = ", ".join(layout.members(sort))
        raise UnknownMember(f"{rule.label}: there is no {sort.name} {text}", f"There is {known}")
    return value
