"""What goes wrong when a rule is written: refused when it is staged, the fix in the message."""

from __future__ import annotations

import ast
import linecache
import sys
from types import FunctionType


class ModelError(Exception):
    """A model that cannot be staged. `placed` says that the message begins with file:line."""

    placed = False

    def at(self, function: FunctionType) -> ModelError:
        """The same error with file:line before it: where in `function` it came up, if it did."""
        if self.placed:
            return self
        code, line = function.__code__, function.__code__.co_firstlineno
        step = self.__traceback__
        while step is not None:
            if step.tb_frame.f_code.co_filename == code.co_filename:
                line = step.tb_lineno
            step = step.tb_next
        found = type(self)(f"{code.co_filename}:{line}: {function.__name__}: {self}")
        found.placed = True
        return found


class TermMisuse(ModelError):
    """A term was used as a Python value."""


class MixedSorts(ModelError):
    """Two sorts met where one is needed."""


class BadRule(ModelError):
    """A rule that breaks the discipline: reads what it may not, sets a field twice, and so on."""


_FIX: dict[object, str] = {
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


def _fixes(filename: str, line: int) -> list[str]:
    """The fix for everything on a line that would ask a term for its truth value."""
    try:
        tree = ast.parse("".join(linecache.getlines(filename)))
    except SyntaxError:
        return []
    found = []
    for node in ast.walk(tree):
        at = node.test if isinstance(node, ast.If | ast.While) else node
        if isinstance(at, ast.expr) and at.lineno <= line <= (at.end_lineno or 0):
            fix = _FIX.get(_kind(node))
            if fix is not None:
                found.append(fix)
    return list(dict.fromkeys(found))


def _kind(node: ast.AST) -> object:
    if isinstance(node, ast.BoolOp | ast.UnaryOp):
        return type(node.op)
    if isinstance(node, ast.Compare):
        return "chain" if len(node.ops) > 1 else type(node.ops[0])
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id
    return type(node)


def misuse_at_caller() -> TermMisuse:
    """The error for a term used as a truth value: the line, and the fix for what stands there."""
    frame = sys._getframe(2)
    filename, line = frame.f_code.co_filename, frame.f_lineno
    advice = "; ".join(_fixes(filename, line)) or "write &, |, ~, one_of, if_else, each or some"
    error = TermMisuse(f"{filename}:{line}: a term has no truth value before it is read. {advice}")
    error.placed = True
    return error
