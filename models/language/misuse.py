"""What goes wrong when a rule is written: refused when the rule is staged, each with the fix in the message."""

from __future__ import annotations

import ast
import linecache
import sys


class ModelError(Exception):
    """A model that cannot be staged. `where` is file:line when known."""


class TermMisuse(ModelError):
    """A term was used as a Python value."""


class MixedSorts(ModelError):
    """Two sorts met where one is needed."""


class BadRule(ModelError):
    """A rule that breaks the language's rules: reads what it may not, sets a field twice, and so on."""


_FIX = {
    ast.Or: "`or` drops a term: write a | b, or any_of(a, b, ...)",
    ast.And: "`and` drops a term: write a & b, or all_of(a, b, ...)",
    ast.Not: "`not` needs a truth value: write ~a",
    ast.In: "`in` needs a truth value: write one_of(x, a, b, ...)",
    ast.NotIn: "`not in` needs a truth value: write ~one_of(x, a, b, ...)",
    ast.IfExp: "`if` decides once, when the rule is staged: write if_else(condition, a, b)",
    ast.If: "`if` decides once, when the rule is staged: write if_else(condition, a, b)",
    ast.While: "`while` needs a truth value: a rule has no loops, use each() or some()",
    "chain": "a chained comparison drops its first half: write (a <= b) & (b <= c)",
    "any": "any() drops terms: write any_of(...), or some(Sort, lambda x: ...)",
    "all": "all() drops terms: write all_of(...), or each(Sort, lambda x: ...)",
    "max": "max() compares at once: write larger(a, b)",
    "min": "min() compares at once: write smaller(a, b)",
    "sorted": "sorted() compares at once: terms have no order when a rule is staged",
}


def _suspects(node: ast.AST) -> list[str]:
    found: list[str] = []
    for part in ast.walk(node):
        key: object = None
        if isinstance(part, ast.BoolOp):
            key = type(part.op)
        elif isinstance(part, ast.UnaryOp):
            key = type(part.op)
        elif isinstance(part, ast.Compare):
            key = "chain" if len(part.ops) > 1 else type(part.ops[0])
        elif isinstance(part, ast.Call) and isinstance(part.func, ast.Name):
            key = part.func.id
        elif isinstance(part, (ast.IfExp, ast.If, ast.While)):
            key = type(part)
        if key in _FIX:
            found.append(_FIX[key])
    return found


def _statement_at(filename: str, line: int) -> ast.stmt | None:
    try:
        tree = ast.parse("".join(linecache.getlines(filename)))
    except SyntaxError:
        return None
    best: ast.stmt | None = None
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or node.lineno):
            if best is None or node.lineno >= best.lineno:
                best = node
    return best


def misuse_at_caller() -> TermMisuse:
    """The error for a term used as a truth value, naming the line and the fix found in that line's statement."""
    frame = sys._getframe(2)
    filename, line = frame.f_code.co_filename, frame.f_lineno
    statement = _statement_at(filename, line)
    fixes = _suspects(statement) if statement is not None else []
    advice = "; ".join(dict.fromkeys(fixes)) or "write &, |, ~, one_of, if_else, each or some instead"
    return TermMisuse(f"{filename}:{line}: a term has no truth value before it is read. {advice}")
