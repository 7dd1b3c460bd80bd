"""Nodes as Python functions, written for the steps of one layout.

`s` is the state before a step, `n<mark>` a key after it, `a_<name>` an argument. A large part is
written once, as a function by itself, which is compiled when it is first called: mostly something
before it settles the question. Only the operators of `nodes` are ever written, so a model that was
parsed back from a store runs no foreign code. Sits above `nodes`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from .asking import Asking
from .nodes import NOW, REMEMBERED, WAS, Node, Nodes

_INFIX = {"eq": "==", "lt": "<", "le": "<=", "add": "+", "sub": "-", "mul": "*"}
_LARGE = 300
"""Characters of a part from which on it is a function by itself."""


class Writing:
    """Texts and functions of nodes."""

    def __init__(self, nodes: Nodes) -> None:
        self.nodes, self.asking = nodes, Asking()
        self._texts: dict[Node, str] = {}
        self._parts: dict[str, Any] = {}
        """The functions that texts call."""

    def name(self, key: str) -> str:
        """What a key after the step is called."""
        return f"n{self.nodes.now(key).mark}"

    def text(self, node: Node) -> str:
        """A Python expression."""
        found = self._texts.get(node)
        if found is None:
            if len(self._texts) >= REMEMBERED:
                self._texts.clear()
            found = self._plain(node)
            if len(found) > _LARGE:
                found = self._apart(node, found)
            self._texts[node] = found
        return found

    def _plain(self, node: Node) -> str:
        op, args = node.op, node.args
        if op == "const":
            return repr(node.value)
        if op == WAS:
            return f"s[{node.value!r}]"
        if op == NOW:
            return f"n{node.mark}"
        if op == "arg":
            return f"a_{node.value}"
        parts = [self.text(a) for a in args]
        if op in ("and", "or"):
            return f"({f' {op} '.join(parts)})"
        if op == "not":
            return f"(not {parts[0]})"
        if op == "ite":
            return f"({parts[1]} if {parts[0]} else {parts[2]})"
        if op == "elapsed":
            return f"({parts[2]} - {parts[0]} >= {parts[1]})"
        return f"({parts[0]} {_INFIX[op]} {parts[1]})"

    def _apart(self, node: Node, text: str) -> str:
        """A call of a function that gives what `text` does."""
        name, parts = f"f{node.mark}", self._parts
        names = [*sorted(map(self.name, node.after)), *(f"a_{n}" for n in sorted(node.names))]
        head = ", ".join(["s", *names])

        def first(*values: Any) -> Any:
            parts[name] = self.function(head, [f"return {text}"])
            return parts[name](*values)

        parts[name] = first
        return f"{name}({head})"

    def function(self, head: str, lines: Iterable[str]) -> Callable[..., Any]:
        """A function of the named arguments."""
        text = "\n ".join([f"def made({head}):", *lines])
        found: dict[str, Any] = {}
        exec(compile(text, "<nodes>", "exec"), self._parts, found)  # noqa: S102 - written here
        made: Callable[..., Any] = found["made"]
        return made

    def of_state(self, node: Node) -> Callable[[Any], Any]:
        """A node that reads one state only, as a function of it."""
        return self.function("s", [f"return {self.text(node)}"])

    def in_time(
        self, node: Node, often: int, then: Callable[[Callable[[Any, Any], bool]], None]
    ) -> Callable[[Any, Any], bool]:
        """As `of_step`, but asked part by part at first: after so many times it is compiled, and
        `then` is given that, to be used from then on.
        """
        asked, met = self.asking.of(node), 0

        def holds(before: Any, after: Any) -> bool:
            nonlocal met
            met += 1
            if met == often:
                then(self.of_step(node))
            return bool(asked(before, after))

        return holds

    def of_step(self, node: Node) -> Callable[[Any, Any], bool]:
        """A node as a function of the states before and after a step."""
        lines = [f"{self.name(k)} = t[{k!r}]" for k in sorted(node.after)]
        return self.function("s, t", [*lines, f"return {self.text(node)}"])
