"""Long terms on several lines, one part to a line, for documents. Sits above `show`."""

from __future__ import annotations

from .show import conjuncts, show
from .terms import Term

WIDTH = 88


def laid_out(term: Term, indent: str = "") -> list[str]:
    """`term` on one line if it fits `WIDTH`, otherwise one line for each part of it."""
    text = show(term)
    if len(indent) + len(text) <= WIDTH:
        return [indent + text]
    deeper = indent + "    "
    if term.op in ("and", "or"):
        parts = conjuncts(term.op, term.args)
        if term.op == "or" and len(parts) == 2 and parts[0].op == "not":
            premise, conclusion = parts[0].args[0], parts[1]
            return [
                *laid_out(premise, deeper),
                f"{indent}implies",
                *laid_out(conclusion, deeper),
            ]
        head = "all of:" if term.op == "and" else "one of:"
        return [indent + head, *(line for p in parts for line in laid_out(p, deeper))]
    if term.op == "not" and term.args[0].op in ("and", "or", "each", "some"):
        return [f"{indent}not:", *laid_out(term.args[0], deeper)]
    if term.op in ("each", "some"):
        word = "every" if term.op == "each" else "some"
        return [f"{indent}for {word} {term.value[1].name}:", *laid_out(term.args[0], deeper)]
    if term.op == "ite":
        condition, then, otherwise = term.args
        return [
            f"{indent}if:",
            *laid_out(condition, deeper),
            f"{indent}then:",
            *laid_out(then, deeper),
            f"{indent}else:",
            *laid_out(otherwise, deeper),
        ]
    return [indent + text]
