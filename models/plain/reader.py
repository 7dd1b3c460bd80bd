"""The plain reader: what a model's rules do to plain values. Runs, audits, simulations step by it.

`check` says yes or gives a refusal that names each false guard and the facts against it; `evolve`
applies a step and never re-checks a guard (history is history). Bulk users work in place: `apply`,
and `advance`, which checks and applies at once. Sits above `ground`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any

from models.language.misuse import BadRule
from models.language.model import Instance, Model, Property
from models.language.rule import Rule
from models.language.show import show
from models.language.terms import Sort, Term, walk

from .compile import function, source, step_function
from .ground import Grounded, RuleCode
from .layout import Layout, State, Value

__all__ = ["Args", "FalseGuard", "Grounded", "Reader", "Refusal", "Step"]

Args = Mapping[str, Value]


@dataclass(frozen=True)
class FalseGuard:
    """A guard that does not hold, and the facts (flat key or argument, to its value) against it."""

    name: str
    text: str
    facts: dict[str, Value]


@dataclass(frozen=True)
class Refusal:
    """Why a rule may not fire: its label, its arguments and each guard that is false."""

    rule: str
    args: dict[str, Value]
    guards: tuple[FalseGuard, ...]


@dataclass(frozen=True)
class Step:
    """A rule with all its arguments: what an event records."""

    rule: str
    args: dict[str, Value]


class Reader:
    """A model read on plain values under an instance."""

    def __init__(self, model: Model, instance: Instance, layout: Layout | None = None) -> None:
        self.model, self.instance = model, instance
        self.layout = Layout(model.schema, instance) if layout is None else layout
        self.revision = 0
        """Grows when compiled rules were dropped, because a member joined that they range over."""
        self._codes: dict[str, RuleCode] = {}
        self._ranges: dict[str, frozenset[Sort]] = {}
        self._properties: dict[str, list[tuple[dict[str, str], Callable[[Any, Any], bool]]]] = {}

    def copy(self) -> Reader:
        """A reader that goes on by itself from here; what is compiled holds for both."""
        made = copy(self)
        made.layout = self.layout.copy()
        made._codes = {name: code.under(made.layout) for name, code in self._codes.items()}
        made._properties = {}
        return made

    def initial(self) -> State:
        """The state before any event."""
        return dict(self.layout.initial)

    def code(self, rule: str) -> RuleCode:
        """The compiled rule; `BadRule` with the nearest names if there is none."""
        found = self._codes.get(rule)
        if found is None:
            found = self._codes[rule] = RuleCode(self.model.rule(rule), self.layout)
        return found

    def grounded(self, rule: str, args: Args) -> Grounded:
        """The rule under the enumerable part of `args`; refuses a missing or unknown member."""
        try:
            code = self._codes[rule]
            return code.table[code.pick(args)]
        except (KeyError, TypeError):
            return self._ground(rule, args)

    def _ground(self, rule: str, args: Args) -> Grounded:
        code = self.code(rule)
        binding = {}
        for name, sort in code.rule.keyed:
            value = args.get(name)
            if sort.open and isinstance(value, str) and not self.layout.knows(sort, value):
                self.join(sort, value)
            if not self.layout.knows(sort, value):
                known = ", ".join(self.layout.members(sort))
                got = "nothing" if value is None else repr(value)
                raise BadRule(f"{code.rule.label} needs {name}, one of {known}; got {got}")
            binding[name] = str(value)
        return code.ground(binding)

    def join(self, sort: Sort, member: str) -> None:
        """A member of an open sort is there from now on. Raises `BadRule` for an unfit name."""
        self.layout.join(sort, member)
        stale = [r for r in self._codes if sort in self.ranges(r)]
        for rule in stale:
            del self._codes[rule]
        self.revision += bool(stale)
        for prop in self.model.properties:
            takes = any(s == sort for _, s in prop.params)
            if prop.number in self._properties and (takes or sort in quantified(prop.term)):
                del self._properties[prop.number]

    def ranges(self, rule: str) -> frozenset[Sort]:
        """The open sorts over which a rule quantifies."""
        found = self._ranges.get(rule)
        if found is None:
            staged = self.model.rule(rule)
            terms = [*staged.guards.values(), *(v for _, v in staged.effects)]
            found = self._ranges[rule] = frozenset().union(*map(quantified, terms))
        return found

    def fill(self, state: State) -> None:
        """Give `state` the keys of members that joined since it was made."""
        if len(state) < len(self.layout.initial):
            self.layout.fill(state)

    def all_grounded(self) -> Iterator[Grounded]:
        """Every rule under every binding."""
        for r in self.model.rules.values():
            for binding in self.layout.groundings(r.keyed):
                yield self.grounded(r.name, binding)

    def complete(self, state: State, rule: str, args: Args) -> Step:
        """A step with every argument: those given, and those that a guard binds.

        Refuses an argument that the rule does not have, and one that nobody names.
        """
        g = self.grounded(rule, args)
        self.fill(state)
        unknown = set(args) - {n for n, _ in g.rule.params}
        if unknown:
            raise BadRule(f"{g.rule.label} has no argument {', '.join(sorted(unknown))}")
        bound = g.rule.bindings
        values: dict[str, Value] = {}
        for name, sort in g.rule.params:
            if name in args:
                values[name] = _typed(g.rule, name, sort.kind, args[name])
            elif name in bound:
                values[name] = function(source(bound[name], self.layout, g.binding), ())(state)
            else:
                raise BadRule(f"{g.rule.label} needs {name} ({sort.name}): write {name}=...")
        return Step(rule, values)

    def check(self, state: State, step: Step) -> Refusal | None:
        """None if every guard holds; otherwise each false guard with its facts."""
        args = step.args
        g = self.grounded(step.rule, args)
        self.fill(state)
        if g.allowed(state, *[args[n] for n in g.names]) if g.names else g.allowed(state):
            return None
        return self._refusal(g, state, args)

    def _refusal(self, g: Grounded, state: State, args: Args) -> Refusal:
        values = [args[n] for n in g.names]
        false = tuple(
            FalseGuard(name, show(term), g.facts(term, state, args))
            for name, term in g.rule.guards.items()
            if not g.guards[name](state, *values)
        )
        return Refusal(g.rule.label, dict(args), false)

    def changes(self, state: State, step: Step) -> dict[str, Value]:
        """What the step sets, computed on the state before it. Guards are not looked at."""
        args = step.args
        g = self.grounded(step.rule, args)
        self.fill(state)
        return g.effects(state, *[args[n] for n in g.names]) if g.names else g.effects(state)

    def evolve(self, state: State, step: Step) -> State:
        """The state after the step, as a new dict. Guards are not looked at."""
        changes = self.changes(state, step)
        return state | changes

    def apply(self, state: State, step: Step) -> None:
        """`evolve` in place."""
        state.update(self.changes(state, step))

    def advance(self, state: State, step: Step) -> Refusal | None:
        """`check`, and if nothing stands against the step, `apply`; at about half their cost."""
        args = step.args
        g = self.grounded(step.rule, args)
        self.fill(state)
        found = g.attempt(state, *[args[n] for n in g.names]) if g.names else g.attempt(state)
        if found is None:
            return self._refusal(g, state, args)
        state.update(found)
        return None

    def holds(
        self, prop: Property, state: State, after: State | None = None
    ) -> list[dict[str, str]]:
        """The bindings under which `prop` is false in this state (or step); empty if it holds."""
        later = after if after is not None else state
        self.fill(state)
        self.fill(later)
        return [b for b, f in self._property(prop) if not f(state, later)]

    def _property(self, prop: Property) -> list[tuple[dict[str, str], Callable[[Any, Any], bool]]]:
        found = self._properties.get(prop.number)
        if found is None:
            bindings = list(self.layout.groundings(prop.params))
            found = [(b, step_function(prop.term, self.layout, b)) for b in bindings]
            self._properties[prop.number] = found
        return found


def quantified(term: Term) -> frozenset[Sort]:
    """The open sorts over which `term` quantifies."""
    ops = (t for t in walk(term) if t.op in ("each", "some"))
    return frozenset(t.value[1] for t in ops if t.value[1].open)


def _typed(rule: Rule, name: str, kind: str, value: Value) -> Value:
    wanted: type = {"int": int, "bool": bool}.get(kind, str)
    if type(value) is wanted:
        return value
    said = "a whole number" if wanted is int else wanted.__name__
    raise BadRule(f"{rule.label} needs {name} as {said}, not {value!r}")
