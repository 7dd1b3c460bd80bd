"""What is left of a term when something is known: of the step that is taken, or of the state.

A property asked of a step that changes certain keys and no other is mostly settled by its form: a
key that does not change is the same before and after, one that changes is not equal to itself. Of a
property of states that held before the step only the parts are left that read a key that changed,
and of these not what time can only make true (a lease that has run out). What guards have made sure
of (`learn`) need not be asked again. Sits above `nodes`; must not change a state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from .agenda import CLOCK as GROWS
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


After = Callable[[str], Node]
"""What stands for a key after the step."""


def unless(nodes: Nodes, keys: Iterable[str]) -> Folding:
    """What is left of properties of steps when none of these keys changes."""
    return Folding(nodes, {nodes.now(k): nodes.was(k) for k in keys}, frozenset())


def of_step(nodes: Nodes, node: Node, keys: frozenset[str], after: After) -> Node:
    """What is left of a property of steps when just `keys` change."""
    swap = {nodes.now(k): after(k) if k in keys else nodes.was(k) for k in node.after}
    for k in node.after & node.reads & keys:
        swap[nodes.make("eq", (nodes.now(k), nodes.was(k)))] = nodes.false
    return Folding(nodes, swap, frozenset())(node)


def in_state(nodes: Nodes, node: Node, keys: frozenset[str], after: After) -> Node:
    """A property in the state after `keys` changed: of a step from there that changes nothing."""
    swap = {nodes.now(k): after(k) if k in keys else nodes.was(k) for k in node.after}
    swap |= {nodes.was(k): after(k) for k in keys & node.reads}
    return Folding(nodes, swap, keys)(node)


def still(nodes: Nodes, node: Node, keys: frozenset[str], after: After) -> Iterator[Node]:
    """What must hold in the state after `keys` changed, `GROWS` upwards, for `node` to hold there
    if it held before: the parts of it that this may have made false.
    """
    for part in node.args if node.op == "and" else (node,):
        read = part.reads & keys
        if read and not (read == {GROWS} and _rises(part)):
            yield in_state(nodes, part, keys, after)


_WAYS: Mapping[str, tuple[bool, ...]] = {
    "not": (False,),
    "add": (True, True),
    "sub": (True, False),
    "le": (False, True),
    "lt": (False, True),
    "elapsed": (False, False, True),
}


def _rises(node: Node, up: bool = True) -> bool:
    """Whether a node can only become true (or greater) when the clock goes on and nothing else
    changes; with `up` false, only false (or less).
    """
    if GROWS not in node.reads:
        return True
    if not node.args:
        return up
    args = node.args
    if node.op in ("and", "or"):
        return all(_rises(a, up) for a in args)
    if node.op == "ite" and GROWS not in args[0].reads:
        return all(_rises(a, up) for a in args[1:])
    ways = _WAYS.get(node.op)
    if ways is None:
        return False
    return all(_rises(a, up == way) for a, way in zip(args, ways, strict=True))
