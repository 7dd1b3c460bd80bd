"""What changes seldom in a log, and shorter functions for as long as it stays as it is.

Between two faults most of what guards and properties read stands still: who is up, what is
reachable. `Steady` sees from a log which keys these are (the others are *busy*), remembers what was
asked of them, and forgets it with the first event that changes one of them. It decides only how
fast an answer is found: what it takes for busy or quiet may be wrong at any time. Sits above
`fusing`; must not import the store.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any, NamedTuple

from models.plain.layout import State
from models.plain.nodes import WAS, Node
from models.plain.writing import Writing

from .fusing import Plan, Taken

LOOKS = 8
"""Looks at a log before it is said which keys are busy; and again after ten times as many."""
NEAR = 24
"""A key is busy at a look if one of so many events before it set it."""
SHARE = 5
"""A key is busy if it was at more than one look of so many."""
SETTLED = 3
"""Events of one kind since a quiet key changed before a function is made or looked for."""
MOST = 24
"""Functions that are made for one plan."""


class Steady:
    """What is known of the quiet keys of one state since one of them changed."""

    def __init__(self, writing: Writing) -> None:
        self._asking, self._nodes = writing.asking, writing.nodes
        self.quiet: frozenset[str] = frozenset()
        self.state: State = {}
        self._looks, self._busy = 0, dict[str, int]()
        self._known: dict[Node, Node] = {}
        self.since = 0
        """Grows with each change of a quiet key."""

    def look(self, number: int, set_by: Mapping[str, int]) -> bool:
        """Look at a log after event `number`; whether the quiet keys are others now."""
        self._looks += 1
        for key, by in set_by.items():
            if number - by < NEAR:
                self._busy[key] = self._busy.get(key, 0) + 1
        if self._looks not in (LOOKS, LOOKS * 10):
            return False
        busy = {k for k, n in self._busy.items() if n * SHARE > self._looks}
        self.quiet = frozenset(self._nodes.layout.initial.keys() - busy)
        self.stir()
        return True

    def stir(self) -> None:
        """A quiet key may have changed."""
        self.since += 1
        self._known = {}

    def ask(self, node: Node) -> Node | None:
        """What a question of quiet keys comes to now; None if it is no such question."""
        return self._known.get(node) or (self.again(node) if self._is_quiet(node) else None)

    def again(self, node: Node) -> Node:
        """The same of what is known to be a question of quiet keys."""
        found = self._known.get(node)
        if found is None:
            so = self._asking.of(node)(self.state, self.state)
            found = self._nodes.true if so else self._nodes.false
            self._known[node] = found
        return found

    def _is_quiet(self, node: Node) -> bool:
        if node.op == WAS:
            kind = self._nodes.layout.fields[node.value].sort.kind
            return kind == "bool" and node.value in self.quiet
        return node.op in _ASKS and not node.after and not node.names and node.reads <= self.quiet


_ASKS = frozenset(("and", "or", "not", "eq", "le", "lt", "elapsed"))


class _Question(NamedTuple):
    node: Node
    answers: dict[Node, Any]


class Shorter:
    """The functions of one plan: one for any state, and one for each way in which what it asks of
    quiet keys was answered so far.
    """

    def __init__(self, plan: Plan, steady: Steady) -> None:
        self._plan, self._steady = plan, steady
        self.general = plan.general()
        self.forget()

    def forget(self) -> None:
        """Other keys are quiet from now on."""
        self._first: Any = None
        self._made, self._met, self._since = 0, 0, -1

    def find(self) -> Taken | None:
        """The function for the present state, if one is worth it yet."""
        steady = self._steady
        if self._since != steady.since:
            self._since, self._met = steady.since, 0
        self._met += 1
        if self._met < SETTLED or not steady.quiet:
            return None
        at = self._first
        while type(at) is _Question:
            at = at.answers.get(steady.again(at.node))
        found: Taken | None = at
        return self._make() if found is None and self._made < MOST else found

    def _make(self) -> Taken:
        asked: dict[Node, Node] = {}

        def ask(node: Node) -> Node | None:
            known = self._steady.ask(node)
            if known is not None:
                asked.setdefault(node, known)
            return known

        made = self._plan.under(ask)
        self._made += 1
        self._first = _put(self._first, asked.items(), made)
        return made


def _put(first: Any, asked: Iterable[tuple[Node, Node]], made: Taken) -> Any:
    """Put a function where these answers lead; what leads there before."""
    steps = list(asked)
    if not steps:
        return made
    top = first if type(first) is _Question else _Question(steps[0][0], {})
    at = top
    for (_, known), (node, _) in pairwise(steps):
        at = at.answers.setdefault(known, _Question(node, {}))
    at.answers[steps[-1][1]] = made
    return top
