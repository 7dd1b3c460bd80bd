"""Nodes as functions that call functions: nothing is written or compiled.

To compile what is asked a hundred times costs more than to ask it. A node's function is made once,
of those of its arguments, and parts that nodes share are shared by their functions. `s` is the
state before a step, `t` holds at least the keys after it that the node reads. Sits above `nodes`;
`writing`, above it, is the other way to the same answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .nodes import NOW, WAS, Node

Asked = Callable[[Any, Any], Any]
"""f(before, after)."""


class Asking:
    """Functions of nodes without arguments that are given with a step."""

    def __init__(self) -> None:
        self._made: dict[Node, Asked] = {}

    def of(self, node: Node) -> Asked:
        """f(before, after); only the state before is looked at if the node reads no key after."""
        found = self._made.get(node)
        if found is None:
            found = self._made[node] = self._function(node)
        return found

    def _function(self, node: Node) -> Asked:
        op, value = node.op, node.value
        if op == "const":
            return lambda s, t: value
        if op == WAS:
            return lambda s, t: s[value]
        if op == NOW:
            return lambda s, t: t[value]
        if op == "eq" and node.args[1].op == "const":
            return self._equal(node.args[0], node.args[1].value)
        parts = [self.of(a) for a in node.args]
        if op in ("and", "or"):
            return (_all if op == "and" else _any)(parts)
        return _MADE[op](*parts)

    def _equal(self, node: Node, value: Any) -> Asked:
        """It has this value, which is asked most often."""
        if node.op == WAS:
            key = node.value
            return lambda s, t: s[key] == value
        one = self.of(node)
        return lambda s, t: one(s, t) == value


def _all(parts: list[Asked]) -> Asked:
    if len(parts) == 2:
        one, two = parts
        return lambda s, t: one(s, t) and two(s, t)

    def every(s: Any, t: Any) -> bool:
        for part in parts:
            if not part(s, t):
                break
        else:
            return True
        return False

    return every


def _any(parts: list[Asked]) -> Asked:
    if len(parts) == 2:
        one, two = parts
        return lambda s, t: one(s, t) or two(s, t)

    def some(s: Any, t: Any) -> bool:
        for part in parts:
            if part(s, t):
                break
        else:
            return False
        return True

    return some


_MADE: Mapping[str, Callable[..., Asked]] = {
    "not": lambda a: lambda s, t: not a(s, t),
    "ite": lambda a, b, c: lambda s, t: b(s, t) if a(s, t) else c(s, t),
    "elapsed": lambda a, b, c: lambda s, t: c(s, t) - a(s, t) >= b(s, t),
    "eq": lambda a, b: lambda s, t: a(s, t) == b(s, t),
    "lt": lambda a, b: lambda s, t: a(s, t) < b(s, t),
    "le": lambda a, b: lambda s, t: a(s, t) <= b(s, t),
    "add": lambda a, b: lambda s, t: a(s, t) + b(s, t),
    "sub": lambda a, b: lambda s, t: a(s, t) - b(s, t),
    "mul": lambda a, b: lambda s, t: a(s, t) * b(s, t),
}
