"""What else a model promises, and what is unlikely if it is so: conditions of which its invariants
say that they never hold together. A variant may break those too, so it is a doubt and no proof.

Sits above `factored`; imports no z3.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from models.language.model import ALWAYS, LEMMA
from models.plain.folding import Facts, learn
from models.plain.nodes import Node, Nodes

from .factored import Conditions, breaches
from .machine import Machine

ROUNDS = 6
"""How often what was learned is used for more."""


class Invariants:
    """Conditions that never hold all together, says the model; or only one promise, by number: that
    is no doubt, for it holds before the step that breaks it.
    """

    def __init__(self, machine: Machine, number: str = "") -> None:
        self._nodes, layout = machine.nodes, machine.reader.layout
        self._never: dict[str, dict[Conditions, None]] = {}
        for prop in machine.model.properties:
            if prop.kind in (ALWAYS, LEMMA) and number in ("", prop.number):
                for binding in layout.groundings(prop.params):
                    for way in breaches(self._nodes, self._nodes.of(prop.term, binding)):
                        for key in frozenset[str]().union(*(c.reads for c in way)):
                            self._never.setdefault(key, {})[way] = None

    def exclude(self, parts: Sequence[Node]) -> bool:
        """Whether these conditions never hold together, as far as is seen at once."""
        facts: Facts = {}
        held = list(parts)
        for part in parts:
            learn(self._nodes, facts, part)
        keys = frozenset[str]().union(*(p.reads for p in parts))
        never = dict[Conditions, None]()
        for key in sorted(keys):
            never.update(self._never.get(key, {}))
        for _ in range(ROUNDS):
            before = len(held)
            for way in never:
                left = [c for c in way if _known(self._nodes, c, facts) is not True]
                if not left:
                    return True
                if len(left) == 1:
                    other = self._nodes.negated(left[0])
                    if _known(self._nodes, other, facts) is not True:
                        learn(self._nodes, facts, other)
                        held.append(other)
            if len(held) == before:
                break
        return out_of_order(self._nodes, held)


def _known(nodes: Nodes, node: Node, facts: Facts) -> bool | None:
    """Whether a condition holds, as far as that is known."""
    fact = facts.get(node)
    if fact is not None:
        return True if fact is nodes.true else False if fact is nodes.false else None
    if node.op == "not":
        inner = _known(nodes, node.args[0], facts)
        return None if inner is None else not inner
    if node.op in ("and", "or"):
        settles = node.op == "or"
        parts = [_known(nodes, a, facts) for a in node.args]
        return settles if settles in parts else None if None in parts else not settles
    if node.op != "eq":
        return None
    value, wanted = facts.get(node.args[0]), node.args[1]
    if value is wanted:
        return True
    both = value is not None and value.op == "const" and wanted.op == "const"
    return False if both else None


def out_of_order(nodes: Nodes, parts: Iterable[Node]) -> bool:
    """Whether no numbers are as these conditions say, each of which compares two."""
    edges = dict[tuple[Node, Node], int]()
    for part in parts:
        for one in part.args if part.op == "and" else (part,):
            for less, more, by in _compared(nodes, one):
                edges[less, more] = min(by, edges.get((less, more), by))
    names = {n for pair in edges for n in pair}
    far = dict.fromkeys(names, 0)
    for _ in range(len(names)):
        changed = False
        for (less, more), by in edges.items():
            if far[more] + by < far[less]:
                far[less], changed = far[more] + by, True
        if not changed:
            return False
    return bool(names)


def _compared(nodes: Nodes, part: Node) -> Iterable[tuple[Node, Node, int]]:
    """`less <= more + by` for what a condition compares."""
    negative = part.op == "not"
    node = part.args[0] if negative else part
    if node.op not in ("le", "lt", "eq") or (negative and node.op == "eq"):
        return
    (one, a), (two, b) = map(_apart, node.args)
    zero = nodes.const(0)
    if one.op == "const" and not isinstance(one.value, str):
        one, a = zero, a + int(one.value)
    if two.op == "const" and not isinstance(two.value, str):
        two, b = zero, b + int(two.value)
    if negative:
        one, a, two, b = two, b, one, a
    strict = node.op != "eq" and (node.op == "lt") is not negative
    yield one, two, b - a - strict
    if node.op == "eq":
        yield two, one, a - b


def _apart(node: Node) -> tuple[Node, int]:
    """A node as another one and what is added to it."""
    if node.op in ("add", "sub") and node.args[1].op == "const":
        more = int(node.args[1].value)
        return node.args[0], more if node.op == "add" else -more
    return node, 0
