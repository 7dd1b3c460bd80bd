"""Which facts make a guard false, or true: of a false `and` the false parts, of a false `or` every
part, and so on down; of a true one the other way round.

Sits above `layout` and `compile`.
"""

from __future__ import annotations

from collections.abc import Mapping

from models.language.terms import Term

from .compile import function, parts_of, reads, source
from .layout import Layout, State, Value


def blame(term: Term, layout: Layout, state: State, args: Mapping[str, Value]) -> list[str]:
    """The flat keys of the facts against `term`, in the order in which they are read; the clock
    is left out.
    """
    found = _against(term, layout, state, dict(args), False)
    return [k for k in dict.fromkeys(found) if k != "clock.now"]


def support(term: Term, layout: Layout, state: State, args: Mapping[str, Value]) -> list[str]:
    """The flat keys of the facts that make a true `term` true; the clock is left out."""
    found = _against(term, layout, state, dict(args), True)
    return [k for k in dict.fromkeys(found) if k != "clock.now"]


def _against(
    term: Term, layout: Layout, state: State, args: Mapping[str, Value], wanted: bool
) -> list[str]:
    """The keys that make `term` come out as `wanted`, given that it does."""
    op = term.op
    if op == "not":
        return _against(term.args[0], layout, state, args, not wanted)
    if op in ("and", "or", "each", "some"):
        parts = parts_of(term, layout, args)
        guilty = [(t, a) for t, a in parts if _value(t, layout, state, a) is wanted]
        one_suffices = (op in ("and", "each")) is not wanted
        chosen = guilty if one_suffices else parts
        return [k for t, a in chosen for k in _against(t, layout, state, a, wanted)]
    return sorted(reads(term, layout, _keys(args)))


def _value(term: Term, layout: Layout, state: State, args: Mapping[str, Value]) -> bool:
    names = tuple(n for n, v in args.items() if not isinstance(v, str))
    made = function(source(term, layout, _keys(args)), names)
    return bool(made(state, *(args[n] for n in names)))


def _keys(args: Mapping[str, Value]) -> dict[str, str]:
    return {n: v for n, v in args.items() if isinstance(v, str)}
