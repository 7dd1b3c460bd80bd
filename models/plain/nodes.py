"""Terms under a binding as one graph: keys resolved, quantifiers written out, equal parts shared.

A node is made once and compared by identity, and whoever makes one folds what is settled by its
form: `x == x`, `x == 1 and x == 2`, `p or not p`. What is asked of many steps (a property after
each rule, under each binding) is then made again only where it differs. Sits above `layout`; what
is known beforehand is put in by `folding`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from operator import eq, le, lt
from typing import Any

from models.language.terms import Sort, Term

from .layout import Binding, Layout, Value

WAS, NOW = "was", "now"
"""A key in the state before a step (or in the only one), and after it."""


class Node:
    """One operator and its arguments; `value` of a leaf: a constant, an argument's name, a key.

    `reads` are the keys of `WAS` in it, `after` those of `NOW`, `names` the arguments.
    """

    __slots__ = ("after", "args", "mark", "names", "op", "reads", "value")
    reads: frozenset[str]
    after: frozenset[str]
    names: frozenset[str]

    def __init__(self, op: str, args: tuple[Node, ...], value: Any, mark: int) -> None:
        self.op, self.args, self.value, self.mark = op, args, value, mark
        self.reads = self.after = self.names = _NOTHING
        if not args:
            own = _OWN.get(op)
            if own is not None:
                setattr(self, own, frozenset((value,)))
            return
        reads = after = names = _NOTHING
        for a in args:
            if a.reads is not reads and not a.reads <= reads:
                reads = reads | a.reads if reads else a.reads
            if a.after and not a.after <= after:
                after = after | a.after if after else a.after
            if a.names and not a.names <= names:
                names = names | a.names if names else a.names
        self.reads, self.after, self.names = reads, after, names


_NOTHING = frozenset[str]()
_OWN = {WAS: "reads", NOW: "after", "arg": "names"}
"""Where it is noted what a leaf reads."""


_LEAVES = frozenset(("const", "parameter", "arg", "peer", "field", "next"))
"""Terms that are made again sooner than remembered."""


_Asks = tuple[Term, tuple[str, ...], bool]

REMEMBERED = 30_000
"""Terms under bindings that are remembered: with each member of an open sort there are more."""


class Nodes:
    """Every node over one layout."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._made: dict[Any, Node] = {}
        self._of: dict[Any, Node] = {}
        self._sets: dict[frozenset[str], frozenset[str]] = {}
        """Keys that nodes read, each set once: most are the same as others."""
        self._asks: dict[int, _Asks] = {}
        self.true, self.false = self.const(True), self.const(False)

    def _node(self, op: str, args: tuple[Node, ...] = (), value: Any = None) -> Node:
        name = (op, value.__class__, value, args)
        found = self._made.get(name)
        if found is None:
            found = self._made[name] = Node(op, args, value, len(self._made))
            found.reads = self._sets.setdefault(found.reads, found.reads)
            found.after = self._sets.setdefault(found.after, found.after)
        return found

    def const(self, value: Value) -> Node:
        """A constant."""
        return self._node("const", (), value)

    def arg(self, name: str) -> Node:
        """An argument that is given with each step."""
        return self._node("arg", (), name)

    def was(self, key: str) -> Node:
        """A key before the step."""
        return self._node(WAS, (), key)

    def now(self, key: str) -> Node:
        """A key after the step."""
        return self._node(NOW, (), key)

    def of(self, term: Term, binding: Binding) -> Node:
        """A term under a binding; arguments that it does not name stay open."""
        if term.op in _LEAVES:
            return self._expanded(term, binding)
        _, free, ranges = self._asks.get(id(term)) or self._asked(term)
        name = (id(term), len(self.layout.births) if ranges else 0, *map(binding.get, free))
        found = self._of.get(name)
        if found is None:
            if len(self._of) >= REMEMBERED:
                self._of.clear()
            found = self._of[name] = self._expanded(term, binding)
        return found

    def _asked(self, term: Term) -> _Asks:
        """A term, the arguments that it leaves open, and whether it ranges over an open sort."""
        found = self._asks.get(id(term))
        if found is None:
            names, ranges = dict[str, None](), False
            for _, inner, open_ in map(self._asked, term.args):
                names.update(dict.fromkeys(inner))
                ranges = ranges or open_
            if term.op == "arg":
                names[term.value] = None
            elif term.op in ("each", "some"):
                name, sort = term.value
                names.pop(name, None)
                ranges = ranges or sort.open
            # The term is kept, so that no other one can have its id.
            found = self._asks[id(term)] = (term, tuple(names), ranges)
        return found

    def _expanded(self, term: Term, binding: Binding) -> Node:
        op, layout = term.op, self.layout
        if op == "const":
            return self.const(term.value)
        if op == "parameter":
            return self.const(layout.parameters[term.value])
        if op in ("field", "next"):
            key = layout.key(term, binding)
            return self.was(key) if op == "field" else self.now(key)
        if op == "peer" or (op == "arg" and term.value in binding):
            return self.const(layout.resolve(term, binding))
        if op == "arg":
            return self.arg(term.value)
        if op in ("each", "some"):
            name, sort = term.value
            inner = ({**binding, name: member} for member in self._members(sort))
            parts = [self.of(term.args[0], b) for b in inner]
            return self.join("and" if op == "each" else "or", parts)
        return self.make(op, tuple([self.of(a, binding) for a in term.args]))

    def _members(self, sort: Sort) -> tuple[str, ...]:
        return self.layout.members(sort)

    def make(self, op: str, args: tuple[Node, ...]) -> Node:
        """A node of an operator that is no leaf, folded as far as its form settles it."""
        if op in ("and", "or"):
            return self.join(op, args)
        if op == "not":
            return self.negated(args[0])
        if op == "ite":
            chosen, then, other = args
            if chosen is self.true or then is other:
                return then
            return other if chosen is self.false else self._node(op, args)
        if op in _COMPARED:
            (one, more), (two, less) = map(_apart, args)
            if one is two:
                return self.const(bool(_COMPARED[op](more, less)))
        if all(a.op == "const" for a in args):
            return self.const(_worked_out(op, [a.value for a in args]))
        if op in ("add", "sub") and args[1].op == "const" and args[1].value == 0:
            return args[0]
        if op == "eq":
            args = _ordered(args)
            if args[1] in (self.true, self.false):
                return args[0] if args[1] is self.true else self.negated(args[0])
        return self._node(op, args)

    def negated(self, node: Node) -> Node:
        """`not`."""
        if node.op == "const":
            return self.false if node.value else self.true
        return node.args[0] if node.op == "not" else self._node("not", (node,))

    def join(self, op: str, parts: Iterable[Node]) -> Node:
        """`and` or `or` of any number of parts."""
        neutral, final = (self.true, self.false) if op == "and" else (self.false, self.true)
        left: dict[Node, None] = {}
        for part in parts:
            for one in part.args if part.op == op else (part,):
                left[one] = None
        left.pop(neutral, None)
        if final in left or any(p.args[0] in left for p in left if p.op == "not"):
            return final
        if op == "and" and _at_odds(left):
            return final
        if len(left) < 2:
            return next(iter(left), neutral)
        return self._node(op, tuple(left))


_COMPARED: Mapping[str, Callable[[Any, Any], Any]] = {"eq": eq, "le": le, "lt": lt}


def _apart(node: Node) -> tuple[Node, int]:
    """A node as another one and what is added to it."""
    if node.op in ("add", "sub") and node.args[1].op == "const":
        more: int = node.args[1].value
        return node.args[0], more if node.op == "add" else -more
    return node, 0


def _ordered(args: tuple[Node, ...]) -> tuple[Node, ...]:
    """Two sides that may change places: a constant last, else by age."""
    one, two = args
    later = one.op == "const" or (two.op != "const" and one.mark > two.mark)
    return (two, one) if later else args


def _at_odds(parts: Iterable[Node]) -> bool:
    """Whether two of these say that the same thing has different values."""
    said: dict[Node, Node] = {}
    for p in parts:
        if p.op == "eq" and p.args[1].op == "const":
            if said.setdefault(p.args[0], p.args[1]) is not p.args[1]:
                return True
    return False


def _worked_out(op: str, values: list[Any]) -> Value:
    one, two = values[:2]
    if op == "elapsed":
        return bool(values[2] - one >= two)
    ways: Mapping[str, Any] = {
        "eq": lambda: one == two,
        "le": lambda: one <= two,
        "lt": lambda: one < two,
        "add": lambda: one + two,
        "sub": lambda: one - two,
        "mul": lambda: one * two,
    }
    found: Value = ways[op]()
    return found
