"""Terms to Python source: the plain reading of a rule, generated from its data and compiled once per grounding.

Only the operators of `terms` are ever emitted, so a model that was parsed back from a store runs no foreign code.
Sits above `layout`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from models.language.terms import Term

from .layout import Binding, Layout

_INFIX = {"eq": "==", "lt": "<", "le": "<=", "add": "+", "sub": "-", "mul": "*"}


def source(term: Term, layout: Layout, binding: Binding) -> str:
    """A Python expression for `term` over `s` (the state), `t` (the state after a step) and the valued arguments."""
    op, args = term.op, term.args
    if op == "const":
        return repr(term.value)
    if op == "parameter":
        return repr(layout.parameters[term.value])
    if op == "arg":
        return repr(binding[term.value]) if term.value in binding else f"a_{term.value}"
    if op == "peer":
        return repr(layout.resolve(term, binding))
    if op in ("field", "next"):
        return f"{'s' if op == 'field' else 't'}[{layout.key(term, binding)!r}]"
    if op in ("each", "some"):
        name, sort = term.value
        parts = [source(args[0], layout, {**binding, name: m}) for m in layout.members(sort)]
        return _join("and" if op == "each" else "or", parts)
    parts = [source(a, layout, binding) for a in args]
    if op in ("and", "or"):
        return _join(op, parts)
    if op == "not":
        return f"(not {parts[0]})"
    if op == "ite":
        return f"({parts[1]} if {parts[0]} else {parts[2]})"
    if op == "elapsed":
        return f"({parts[2]} - {parts[0]} >= {parts[1]})"
    return f"({parts[0]} {_INFIX[op]} {parts[1]})"


def _join(op: str, parts: list[str]) -> str:
    if not parts:
        return "True" if op == "and" else "False"
    return "(" + f" {op} ".join(parts) + ")"


def function(body: str, arguments: tuple[str, ...]) -> Callable[..., Any]:
    """A function of the state `s` and the named valued arguments returning `body`."""
    found: Callable[..., Any] = eval(  # noqa: S307 - the source comes from `source` above, never from a user
        compile(f"lambda s{''.join(f', a_{a}' for a in arguments)}: {body}", "<rule>", "eval")
    )
    return found


def step_function(term: Term, layout: Layout, binding: Binding) -> Callable[[Any, Any], bool]:
    """A function of the states before and after a step."""
    found: Callable[[Any, Any], bool] = eval(  # noqa: S307 - as above
        compile(f"lambda s, t: {source(term, layout, binding)}", "<property>", "eval")
    )
    return found


def reads(term: Term, layout: Layout, binding: Binding) -> set[str]:
    """Every flat key that `term` reads under a binding."""
    if term.op in ("each", "some"):
        name, sort = term.value
        return {k for m in layout.members(sort) for k in reads(term.args[0], layout, {**binding, name: m})}
    found = {layout.key(term, binding)} if term.op in ("field", "next") else set()
    for a in term.args:
        if term.op not in ("field", "next", "peer"):
            found |= reads(a, layout, binding)
    return found
