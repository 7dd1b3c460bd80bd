"""Terms as people read them: `node[n].view = ALONE and share answers`. Used by refusals, RULES.md and PROPERTIES.md."""

from __future__ import annotations

from .terms import Term

_INFIX = {"eq": "=", "lt": "<", "le": "<=", "add": "+", "sub": "-", "mul": "*"}
_NEGATED = {"eq": "≠", "lt": ">=", "le": ">"}


def show(term: Term, inside: bool = False) -> str:
    """`term` in words and symbols; `inside` adds the brackets that a surrounding operator needs."""
    text, compound = _show(term)
    return f"({text})" if inside and compound else text


def _show(term: Term) -> tuple[str, bool]:
    op, args = term.op, term.args
    if op == "const":
        return ("nobody" if term.value == "" else str(term.value).lower() if term.sort.kind == "bool" else str(term.value)), False
    if op in ("arg", "parameter"):
        return str(term.value), False
    if op == "field":
        return show_field(term), False
    if op == "next":
        return f"{show_field(term)}′", False
    if op == "peer":
        return f"peer({show(args[0])})", False
    if op == "not":
        inner = args[0]
        if inner.op in _NEGATED:
            return f"{show(inner.args[0], True)} {_NEGATED[inner.op]} {show(inner.args[1], True)}", True
        return f"not {show(inner, True)}", True
    if op in _INFIX:
        return f"{show(args[0], True)} {_INFIX[op]} {show(args[1], True)}", True
    if op in ("and", "or"):
        return f" {op} ".join(show(a, True) for a in args) or ("true" if op == "and" else "false"), len(args) > 1
    if op == "ite":
        return f"if {show(args[0], True)} then {show(args[1], True)} else {show(args[2], True)}", True
    if op == "elapsed":
        return f"{show(args[1], True)} have passed since {show(args[0], True)}", True
    name, sort = term.value
    word = "every" if op == "each" else "some"
    return f"for {word} {sort.name} {name}: {show(args[0])}", True


def show_field(term: Term) -> str:
    """A field term as `record[key].name[index]`."""
    record, name, n_keys = term.value
    keys = [show(a) for a in term.args]
    head = f"{record}[{', '.join(keys[:n_keys])}]" if n_keys else str(record)
    tail = f"[{', '.join(keys[n_keys:])}]" if len(keys) > n_keys else ""
    return f"{head}.{name}{tail}"
