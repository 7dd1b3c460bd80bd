"""Terms as people read them: `node[n].view = ALONE and share.up`.

Used by refusals, RULES.md and PROPERTIES.md, and as the repr of a term. Brackets stand where a
reader would want them, and always between `and` and `or`. Sits above `terms`.
"""

from __future__ import annotations

from collections.abc import Sequence

from .terms import Term

_ARITHMETIC = {"add": "+", "sub": "-", "mul": "×"}
_COMPARE = {"eq": "=", "lt": "<", "le": "≤"}
_NEGATED = {"eq": "≠", "lt": "≥", "le": ">"}
_TURNED = {"<": ">", "≤": "≥", ">": "<", "≥": "≤"}
# How tightly an expression binds: an operand that binds less tightly gets brackets.
_LOOSE, _LOGIC, _NOT, _COMPARISON, _SUM, _PRODUCT, _ATOM = range(7)


def show(term: Term, inside: bool = False) -> str:
    """`term` in words and symbols; `inside` adds the brackets that an operator around it needs."""
    return _within(term, _ATOM if inside else _LOOSE)


def _within(term: Term, least: int) -> str:
    text, binding = _show(term)
    return text if binding >= least else f"({text})"


def _show(term: Term) -> tuple[str, int]:
    op, args = term.op, term.args
    if op == "const":
        return show_value(term.value), _ATOM
    if op in ("arg", "parameter"):
        return str(term.value), _ATOM
    if op in ("field", "next"):
        return show_field(term) + ("′" if op == "next" else ""), _ATOM
    if op == "peer":
        return f"peer({show(args[0])})", _ATOM
    if op == "not":
        return _negation(args[0])
    if op in ("and", "or"):
        return _logic(op, args)
    if op in ("add", "sub", "mul"):
        level = _PRODUCT if op == "mul" else _SUM
        return f"{_within(args[0], level)} {_ARITHMETIC[op]} {_within(args[1], level + 1)}", level
    if op in _COMPARE:
        return _comparison(_COMPARE[op], *args)
    if op == "ite":
        return _choice(*args)
    if op == "elapsed":
        return f"{_within(args[1], _SUM)} passed since {_within(args[0], _SUM)}", _COMPARISON
    name, sort = term.value
    word = "every" if op == "each" else "some"
    number = name.removeprefix(f"{op}_{sort.name.lower()}")
    return f"for {word} {sort.name}{' ' + number if number else ''}: {show(args[0])}", _LOOSE


def _comparison(sign: str, left: Term, right: Term) -> tuple[str, int]:
    if left.op == "const":
        left, sign, right = right, _TURNED.get(sign, sign), left
    return f"{_within(left, _SUM)} {sign} {_within(right, _SUM)}", _COMPARISON


def _negation(inner: Term) -> tuple[str, int]:
    if inner.op in _NEGATED:
        return _comparison(_NEGATED[inner.op], *inner.args)
    if inner.op == "elapsed":
        stamp, duration = (_within(a, _SUM) for a in inner.args[:2])
        return f"less than {duration} passed since {stamp}", _COMPARISON
    members = _members(inner)
    if members:
        return f"{members[0]} is none of {members[1]}", _COMPARISON
    return f"not {_within(inner, _ATOM)}", _NOT


def _logic(op: str, args: Sequence[Term]) -> tuple[str, int]:
    parts = conjuncts(op, args)
    if not parts:
        return ("true" if op == "and" else "false"), _ATOM
    if len(parts) == 1:
        return _show(parts[0])
    members = _members(Term(op, parts[0].sort, tuple(parts))) if op == "or" else None
    if members:
        return f"{members[0]} is one of {members[1]}", _COMPARISON
    if op == "or" and len(parts) == 2 and parts[0].op == "not":
        left, right = _within(parts[0].args[0], _NOT), _within(parts[1], _NOT)
        return f"{left} implies {right}", _LOGIC
    return f" {op} ".join(_within(p, _NOT) for p in parts), _LOGIC


def conjuncts(op: str, args: Sequence[Term]) -> list[Term]:
    """The operands of nested `and`s (or `or`s), in order."""
    found: list[Term] = []
    for a in args:
        found += conjuncts(op, a.args) if a.op == op else [a]
    return found


def _members(term: Term) -> tuple[str, str] | None:
    """(x, "A, B") if `term` says that x is A or B, as `one_of` does."""
    if term.op != "or" or len(term.args) < 2 or any(a.op != "eq" for a in term.args):
        return None
    subjects = {_within(a.args[0], _SUM) for a in term.args}
    if len(subjects) != 1:
        return None
    return subjects.pop(), ", ".join(_within(a.args[1], _SUM) for a in term.args)


def _choice(condition: Term, then: Term, otherwise: Term) -> tuple[str, int]:
    a, b = show(then), show(otherwise)
    if condition.op == "le":
        low, high = (show(x) for x in condition.args)
        if (low, high) == (b, a):
            return f"max({a}, {b})", _ATOM
        if (low, high) == (a, b):
            return f"min({a}, {b})", _ATOM
    parts = (_within(condition, _LOGIC), _within(then, _LOGIC), _within(otherwise, _LOGIC))
    return "if {} then {} else {}".format(*parts), _LOOSE


def show_value(value: object) -> str:
    """A plain value as people read it."""
    if isinstance(value, bool):
        return str(value).lower()
    return "nobody" if value == "" else str(value)


def show_field(term: Term) -> str:
    """A field term as `record[key].name[index]`."""
    record, name, n_keys = term.value
    keys = [show(a) for a in term.args]
    head = f"{record}[{', '.join(keys[:n_keys])}]" if n_keys else str(record)
    tail = f"[{', '.join(keys[n_keys:])}]" if len(keys) > n_keys else ""
    return f"{head}.{name}{tail}"
