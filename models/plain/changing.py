"""What is left of properties about a step of which it is known which keys it changes.

A key that does not change is the same before and after, one that does is not equal to itself; of a
property of states that held before only the parts are left that read a key that changed, and of
these not what time can only make true (a lease that has run out). What is left of a node hangs only
on those of the keys that it reads: it is found out once, whatever else the steps change. Sits above
`nodes`; must not change a state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from .agenda import CLOCK as GROWS
from .nodes import NOW, REMEMBERED, WAS, Node, Nodes

Keys = frozenset[str]


class Changing:
    """Nodes about steps that change no other keys than these; with `surely`, each of them."""

    def __init__(self, nodes: Nodes, *, surely: bool = False) -> None:
        self._nodes, self._surely = nodes, surely
        self._found: dict[tuple[Node, Keys, bool], Node] = {}

    def between(self, node: Node, keys: Keys) -> Node:
        """What is left of a property of steps."""
        if not node.after:
            return node
        name = node, node.after & keys, False
        found = self._found.get(name)
        return self._remembered(name, self.between) if found is None else found

    def after(self, node: Node, keys: Keys) -> Node:
        """A property in the state after: of a step from there that changes nothing."""
        moved = (node.reads | node.after) & keys
        if not moved and not node.after:
            return node
        name = node, moved, True
        found = self._found.get(name)
        return self._remembered(name, self.after) if found is None else found

    def _remembered(
        self, name: tuple[Node, Keys, bool], again: Callable[[Node, Keys], Node]
    ) -> Node:
        made = self._made(*name, again)
        if len(self._found) >= REMEMBERED:
            self._found.clear()
        self._found[name] = made
        return made

    def _made(
        self, node: Node, moved: Keys, settled: bool, again: Callable[[Node, Keys], Node]
    ) -> Node:
        """A node of its arguments' remains; up to one of them that settles it by itself."""
        nodes = self._nodes
        if not node.args:
            return nodes.now(node.value) if moved else nodes.was(node.value)
        final = {"and": nodes.false, "or": nodes.true}.get(node.op)
        args = []
        for a in node.args:
            args.append(again(a, moved))
            if args[-1] is final:
                return final
        same = all(a is b for a, b in zip(args, node.args, strict=True))
        made = node if same else nodes.make(node.op, tuple(args))
        if self._surely and not settled and made.op == "eq" and _at_rest(made) & moved:
            return nodes.false
        return made

    def still(self, node: Node, keys: Keys) -> Iterator[Node]:
        """What must hold in the state after, time not having gone back, for a property of states to
        hold there if it held before: the parts of it that the step may have made false.
        """
        for part in node.args if node.op == "and" else (node,):
            read = part.reads & keys
            if read and not (read == {GROWS} and rises(part)):
                yield self.after(part, read)


def _at_rest(node: Node) -> Keys:
    """The key of which it says that it is the same before and after."""
    one, two = node.args
    same = {one.op, two.op} == {WAS, NOW} and one.value == two.value
    return frozenset((one.value,)) if same else frozenset()


RISING: Mapping[str, tuple[bool, ...]] = {
    "not": (False,),
    "and": (True,),
    "or": (True,),
    "add": (True, True),
    "sub": (True, False),
    "le": (False, True),
    "lt": (False, True),
    "elapsed": (False, False, True),
}
"""Whether what an operator gives rises with each of its arguments; the last is that of all more."""


def rises(node: Node, up: bool = True) -> bool:
    """Whether a node can only become true (or greater) when the clock goes on and nothing else
    changes; with `up` false, only false (or less).
    """
    if GROWS not in node.reads:
        return True
    if not node.args:
        return up
    args = node.args
    if node.op == "ite" and GROWS not in args[0].reads:
        return all(rises(a, up) for a in args[1:])
    ways = RISING.get(node.op)
    if ways is None:
        return False
    return all(rises(a, up == ways[min(i, len(ways) - 1)]) for i, a in enumerate(args))
