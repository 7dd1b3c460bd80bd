"""The plain reader: what a model's rules do to plain values. Runs, audits and simulations all step through it.

`check` says yes or gives a refusal that names each false guard and the facts against it; `evolve` applies a step and never
re-checks a guard (history is history). Sits above `compile`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from models.language.misuse import BadRule
from models.language.model import Instance, Model, Property
from models.language.rule import Rule
from models.language.show import show
from models.language.terms import Term

from .compile import function, reads, source, step_function
from .layout import Layout, State, Value

Args = Mapping[str, Value]


@dataclass(frozen=True)
class FalseGuard:
    """A guard that does not hold, and the facts (flat key or argument, to its value) it was judged on."""

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


class Grounded:
    """One rule under one binding of its enumerable arguments, compiled on first use."""

    def __init__(self, rule: Rule, layout: Layout, binding: dict[str, str]) -> None:
        self.rule, self.layout, self.binding = rule, layout, binding
        self.names = tuple(n for n, _ in rule.valued)
        self.row = layout.row(rule.record, rule.keys, binding)

    def _source(self, term: Term) -> str:
        return source(term, self.layout, self.binding)

    @cached_property
    def allowed(self) -> Callable[..., bool]:
        """All guards at once: f(state, *valued arguments)."""
        return function("(" + (" and ".join(self._source(g) for g in self.rule.guards.values()) or "True") + ")", self.names)

    @cached_property
    def guards(self) -> dict[str, Callable[..., bool]]:
        """Each guard by name."""
        return {n: function(self._source(g), self.names) for n, g in self.rule.guards.items()}

    @cached_property
    def effects(self) -> Callable[..., dict[str, Value]]:
        """The changed keys and their new values: f(state, *valued arguments)."""
        parts = (f"{self.layout.key(f, self.binding)!r}: {self._source(v)}" for f, v in self.rule.effects)
        return function("{" + ", ".join(parts) + "}", self.names)

    @cached_property
    def bind(self) -> Callable[[State], tuple[Value, ...]] | None:
        """The valued arguments, when guards bind every one of them; otherwise None (somebody must choose)."""
        found = self.rule.bindings
        if any(n not in found for n in self.names):
            return None
        return function("(" + "".join(f"{self._source(found[n])}, " for n in self.names) + ")", ())

    @cached_property
    def reads(self) -> frozenset[str]:
        """The keys its guards and bindings read."""
        return frozenset(k for g in self.rule.guards.values() for k in reads(g, self.layout, self.binding))

    @cached_property
    def writes(self) -> frozenset[str]:
        """The keys it may change, ghosts included."""
        return frozenset(self.layout.key(f, self.binding) for f, _ in self.rule.effects)

    def facts(self, guard: Term, state: State, args: Args) -> dict[str, Value]:
        """What `guard` was judged on."""
        keys = sorted(reads(guard, self.layout, self.binding))
        return {**{k: state[k] for k in keys}, **{n: args[n] for n in self.names if _mentions(guard, n)}}


def _mentions(term: Term, name: str) -> bool:
    return (term.op == "arg" and term.value == name) or any(_mentions(a, name) for a in term.args)


class Reader:
    """A model read on plain values under an instance."""

    def __init__(self, model: Model, instance: Instance) -> None:
        self.model, self.instance = model, instance
        self.layout = Layout(model.schema, instance)
        self._grounded: dict[tuple[str, ...], Grounded] = {}

    def initial(self) -> State:
        """The state before any event."""
        return dict(self.layout.initial)

    def grounded(self, rule: str, args: Args) -> Grounded:
        """The rule under the enumerable part of `args`; refuses a missing argument or an unknown member."""
        r = self.model.rule(rule)
        key = (rule, *(str(args.get(n, "")) for n, _ in r.keyed))
        found = self._grounded.get(key)
        if found is None:
            binding = {}
            for name, sort in r.keyed:
                if args.get(name) not in self.layout.members(sort):
                    known = ", ".join(self.layout.members(sort))
                    raise BadRule(f"{r.label} needs {name}, one of {known}; got {args.get(name, 'nothing')!s}")
                binding[name] = str(args[name])
            found = self._grounded[key] = Grounded(r, self.layout, binding)
        return found

    def all_grounded(self) -> Iterator[Grounded]:
        """Every rule under every binding."""
        for r in self.model.rules.values():
            for binding in self.layout.groundings(r.keyed):
                yield self.grounded(r.name, binding)

    def complete(self, state: State, rule: str, args: Args) -> Step:
        """A step with every argument: those given, and those that a guard binds. Refuses one that nobody names."""
        g = self.grounded(rule, args)
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
        g = self.grounded(step.rule, step.args)
        values = [step.args[n] for n in g.names]
        if g.allowed(state, *values):
            return None
        false = tuple(
            FalseGuard(name, show(g.rule.guards[name]), g.facts(g.rule.guards[name], state, step.args))
            for name, holds in g.guards.items()
            if not holds(state, *values)
        )
        return Refusal(g.rule.label, dict(step.args), false)

    def changes(self, state: State, step: Step) -> dict[str, Value]:
        """What the step sets, computed on the state before it. Guards are not looked at."""
        g = self.grounded(step.rule, step.args)
        return g.effects(state, *(step.args[n] for n in g.names))

    def evolve(self, state: State, step: Step) -> State:
        """The state after the step, as a new dict. Guards are not looked at."""
        return {**state, **self.changes(state, step)}

    def holds(self, prop: Property, state: State, after: State | None = None) -> list[dict[str, str]]:
        """The bindings under which `prop` is false in this state (or step); empty if it holds."""
        return [b for b, f in self._property(prop) if not f(state, after if after is not None else state)]

    def _property(self, prop: Property) -> list[tuple[dict[str, str], Callable[[Any, Any], bool]]]:
        cache: dict[str, Any] = self.__dict__.setdefault("_properties", {})
        if prop.number not in cache:
            bindings = list(self.layout.groundings(prop.params))
            cache[prop.number] = [(b, step_function(prop.term, self.layout, b)) for b in bindings]
        found: list[tuple[dict[str, str], Callable[[Any, Any], bool]]] = cache[prop.number]
        return found


def _typed(rule: Rule, name: str, kind: str, value: Any) -> Value:
    wanted = {"int": int, "bool": bool}.get(kind, str)
    if type(value) is wanted:
        good: Value = value
        return good
    raise BadRule(f"{rule.label} needs {name} as {'a whole number' if wanted is int else wanted.__name__}, not {value!r}")
