"""One compiled function for events of one rule under one binding that change the same keys: guards,
effects, and what of the properties they may break.

It is made of the same terms as everything else. It takes an event or, in any doubt, changes nothing
and says no: a guard that is false, another set of keys that changes, a property that may be broken.
Most of what it asks hangs on facts that change seldom (who is up, what is reachable): a `Plan`
makes a shorter one for as long as these are as they are, see `steady`. Sits above `cases`; must not
import the store.
"""

from __future__ import annotations

from collections.abc import Callable

from models.plain.agenda import CLOCK
from models.plain.folding import Facts, Folding, learn
from models.plain.ground import Grounded
from models.plain.nodes import Node

from .cases import Sight

Taken = Callable[..., bool]
"""f(state, set_by, number, time passed, valued arguments): takes the event, or returns False."""
PASSED = "0"
"""The time that passed, among the arguments; no rule can have one of this name."""
Ask = Callable[[Node], Node | None]


class Plan:
    """What is to be asked of events that change `keys`, and what they set."""

    def __init__(self, grounded: Grounded, keys: tuple[str, ...], sight: Sight) -> None:
        self._writing = writing = sight.writing
        self._nodes = nodes = writing.nodes
        self.keys, self.names = keys, grounded.names
        binding, layout, rule = grounded.binding, grounded.layout, grounded.rule
        self._guards = nodes.join("and", [nodes.of(g, binding) for g in rule.guards.values()])
        facts: Facts = {}
        learn(nodes, facts, self._guards)
        known = Folding(nodes, facts)
        values = {layout.key(f, binding): known(nodes.of(v, binding)) for f, v in rule.effects}
        self.sets = {k: values[k] for k in keys}
        changes = []
        for key, value in values.items():
            same = nodes.make("eq", (value, nodes.was(key)))
            changes.append(nodes.negated(same) if key in keys else same)
        change = known(nodes.join("and", changes))
        learn(nodes, facts, nodes.join("and", changes))
        clock = nodes.make("sub", (values[CLOCK], nodes.was(CLOCK))) if CLOCK in keys else None
        passed = nodes.const(0) if clock is None else clock
        set_to = Folding(nodes, {nodes.now(k): v for k, v in self.sets.items()}, frozenset())
        in_time = nodes.make("eq", (nodes.arg(PASSED), passed))
        left = Folding(nodes, facts)(set_to(sight.left()))
        asked = nodes.join("and", [change, in_time, left])
        # What is set is worked out once.
        worked_out = {v: nodes.now(k) for k, v in self.sets.items() if v.args}
        self._asked = Folding(nodes, worked_out)(asked)

    def general(self) -> Taken:
        """The function for any state."""
        return self._function(self._guards, self._asked, self.sets)

    def under(self, ask: Ask) -> Taken:
        """The function for as long as what `ask` knows is as it is."""
        fold = Folding(self._nodes, {}, ask=ask)
        guards = fold(self._guards)
        return self._function(guards, fold(self._asked), {k: fold(v) for k, v in self.sets.items()})

    def _function(self, guards: Node, asked: Node, sets: dict[str, Node]) -> Taken:
        writing, nodes = self._writing, self._nodes
        lines = [] if guards is nodes.true else [f"if not {writing.text(guards)}: return False"]
        lines += [f"{writing.name(k)} = {writing.text(v)}" for k, v in sets.items()]
        if asked is not nodes.true:
            lines.append(f"if not {writing.text(asked)}: return False")
        lines += [f"s[{k!r}] = {writing.name(k)}; b[{k!r}] = number" for k in sets]
        taken = [f"{''.join(f'a_{n}, ' for n in self.names)}= values"] if self.names else []
        head = f"s, b, number, a_{PASSED}, values"
        return writing.function(head, [*taken, *lines, "return True"])


def planned(grounded: Grounded, keys: tuple[str, ...], sight: Sight) -> Plan | None:
    """The plan for events that change `keys`; None if two effects set the same key."""
    effects = [grounded.layout.key(f, grounded.binding) for f, _ in grounded.rule.effects]
    return Plan(grounded, keys, sight) if len(set(effects)) == len(effects) else None
