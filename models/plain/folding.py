"""What is left of a term when something is known of the state.

What guards have made sure of (`learn`) need not be asked again. Sits above `nodes`; must not change
a state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .nodes import Node, Nodes

Facts = dict[Node, Node]
"""What stands for a node that is known."""


class Folding:
    """Nodes again, with others in the place of some of them.

    With `keys`, only what reads one of these before the step, or anything after it, is looked into.
    `ask` may know what others do not: it is asked before a node is taken apart.
    """

    def __init__(
        self,
        nodes: Nodes,
        swap: Mapping[Node, Node],
        keys: frozenset[str] | None = None,
        ask: Callable[[Node], Node | None] | None = None,
    ) -> None:
        self._nodes, self._swap, self._keys, self._ask = nodes, swap, keys, ask
        self._done: dict[Node, Node] = {}

    def __call__(self, node: Node) -> Node:
        """What is left of a node."""
        found = self._done.get(node)
        if found is None:
            found = self._done[node] = self._folded(node)
        return found

    def _folded(self, node: Node) -> Node:
        if node in self._swap:
            return self._swap[node]
        known = self._ask(node) if self._ask is not None else None
        if known is not None:
            return known
        passed = self._keys is not None and not node.after and self._keys.isdisjoint(node.reads)
        if not node.args or passed:
            return node
        args = self._args(node)
        if all(a is b for a, b in zip(args, node.args, strict=True)):
            return node
        made = self._nodes.make(node.op, args)
        return self._swap.get(made, made)

    def _args(self, node: Node) -> tuple[Node, ...]:
        """The arguments again; up to one that settles the node by itself."""
        final = {"and": self._nodes.false, "or": self._nodes.true}.get(node.op)
        if final is None:
            return tuple([self(a) for a in node.args])
        found = []
        for a in node.args:
            found.append(self(a))
            if found[-1] is final:
                return (final,) * len(node.args)
        return tuple(found)


def learn(nodes: Nodes, facts: Facts, node: Node, truth: bool = True) -> None:
    """Note in `facts` that a node is true, or false, and what follows from that by its form."""
    op, args = node.op, node.args
    if op == "not":
        return learn(nodes, facts, args[0], not truth)
    if op == ("and" if truth else "or"):
        for a in args:
            learn(nodes, facts, a, truth)
    elif op == "eq" and truth and args[1].op == "const":
        facts[args[0]] = args[1]
    elif op in ("le", "lt"):
        strict = (op == "lt") is truth
        less, more = args if truth else args[::-1]
        _note(nodes, facts, nodes.make("le", (less, more)), True)
        _note(nodes, facts, nodes.make("lt", (more, less)), False)
        if strict:
            _note(nodes, facts, nodes.make("lt", (less, more)), True)
            _note(nodes, facts, nodes.make("le", (more, less)), False)
            _note(nodes, facts, nodes.make("eq", (less, more)), False)
            over = nodes.make("add", (less, nodes.const(1)))
            _note(nodes, facts, nodes.make("le", (over, more)), True)
    _note(nodes, facts, node, truth)
    return None


def _note(nodes: Nodes, facts: Facts, node: Node, truth: bool) -> None:
    if node.op != "const":
        facts[node] = nodes.const(truth)
