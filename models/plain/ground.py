"""A rule made ready to run: compiled once (`RuleCode`), filled in for each binding (`Grounded`).

Nothing is compiled before it is used: a replay never pays for the guards that only a refusal asks
for. Sits above `compile`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from functools import cached_property
from operator import itemgetter
from typing import Any

from models.language.rule import Rule
from models.language.terms import Term, walk

from .compile import Template, Writer, names_of, reads
from .layout import Layout, State, Value


def _nothing(_args: Mapping[str, Value]) -> Any:
    return ()


class RuleCode:
    """One rule, compiled on first use with the keys of its groundings left open."""

    def __init__(self, rule: Rule, layout: Layout) -> None:
        self.rule, self.layout = rule, layout
        keyed = [n for n, _ in rule.keyed]
        self.names = tuple(n for n, _ in rule.valued)
        self.sorts = dict(rule.keyed)
        self.table: dict[Any, Grounded] = {}
        self.pick: Callable[[Mapping[str, Value]], Any] = itemgetter(*keyed) if keyed else _nothing

    def under(self, layout: Layout) -> RuleCode:
        """This rule under a layout with the same members; it is grounded anew."""
        made = copy(self)
        made.layout, made.table = layout, {}
        return made

    def ground(self, binding: dict[str, str]) -> Grounded:
        """The rule under one binding of its enumerable arguments."""
        found = self.table.get(self.pick(binding))
        if found is None:
            found = self.table[self.pick(binding)] = Grounded(self, binding)
        return found

    @cached_property
    def allowed(self) -> Template:
        """All guards at once."""
        made = Template(self.layout, self.names)
        made.compile(self._guard(made))
        return made

    @cached_property
    def effects(self) -> Template:
        """The changed keys and their new values."""
        made = Template(self.layout, self.names)
        made.compile(self._effect(made))
        return made

    @cached_property
    def attempt(self) -> Template:
        """The changes, or None if a guard is false."""
        made = Template(self.layout, self.names)
        made.compile(f"{self._effect(made)} if {self._guard(made)} else None")
        return made

    @cached_property
    def guards(self) -> dict[str, Template]:
        """Each guard by name."""
        found = {}
        for name, guard in self.rule.guards.items():
            found[name] = made = Template(self.layout, self.names)
            made.compile(made.write(guard, {}))
        return found

    @cached_property
    def bind(self) -> Template | None:
        """The valued arguments from the state, if guards bind every one of them."""
        bound = self.rule.bindings
        if any(n not in bound for n in self.names):
            return None
        made = Template(self.layout, ())
        made.compile("(" + "".join(f"{made.write(bound[n], {})}, " for n in self.names) + ")")
        return made

    @cached_property
    def ready(self) -> Template:
        """All guards at a time: f(state, now), the bound arguments filled in."""
        made = Template(self.layout, (), clock="now")
        made.compile(" and ".join(made.write(g, {}) for g in self.rule.freely) or "True")
        return made

    @cached_property
    def moments(self) -> Template | None:
        """The times at which an `elapsed` in a guard changes: f(state); None if there is none."""
        made = Template(self.layout, ())
        found = [m for g in self.rule.freely for m in moments_in(made, g, {})]
        if not found:
            return None
        made.compile("(" + "".join(f"{m}, " for m in dict.fromkeys(found)) + ")")
        return made

    @cached_property
    def watches_clock(self) -> bool:
        """A guard reads the clock other than through `elapsed`."""
        return any(reads_clock(g) for g in self.rule.freely)

    def _guard(self, made: Template) -> str:
        return " and ".join(made.write(g, {}) for g in self.rule.guards.values()) or "True"

    def _effect(self, made: Template) -> str:
        pairs = ((made.key(f, {}), made.write(v, {})) for f, v in self.rule.effects)
        return "{" + ", ".join(f"{k}: {v}" for k, v in pairs) + "}"


def moments_in(made: Writer, term: Term, binding: Mapping[str, str]) -> list[str]:
    """The times at which an `elapsed` in `term` changes its value, as `made` writes them."""
    if not term.args or term.op in ("field", "next"):
        return []
    if term.op == "elapsed":
        stamp, duration, _ = term.args
        return [f"({made.write(stamp, binding)} + {made.write(duration, binding)})"]
    if term.op in ("each", "some"):
        name, sort = term.value
        inner = ({**binding, name: m} for m in made.layout.members(sort))
        return [x for b in inner for x in moments_in(made, term.args[0], b)]
    return [x for a in term.args for x in moments_in(made, a, binding)]


def reads_clock(term: Term) -> bool:
    """Whether a term reads the clock other than as the end of an `elapsed`."""
    if term.op == "elapsed":
        return any(reads_clock(a) for a in term.args[:2])
    if term.op == "field" and term.value[:2] == ("clock", "now"):
        return True
    return any(reads_clock(a) for a in term.args)


class Grounded:
    """One rule under one binding of its enumerable arguments, filled in on first use."""

    def __init__(self, code: RuleCode, binding: dict[str, str]) -> None:
        self.code, self.rule, self.layout, self.binding = code, code.rule, code.layout, binding
        self.names = code.names
        self.open = names_of(code.layout, binding, code.sorts)

    @cached_property
    def row(self) -> str:
        """The aggregate it writes: `node.A`."""
        return self.layout.row(self.rule.record, self.rule.keys, self.binding)

    @cached_property
    def allowed(self) -> Callable[..., bool]:
        """All guards at once: f(state, *valued arguments)."""
        return self.code.allowed.fill(self.open)

    @cached_property
    def guards(self) -> dict[str, Callable[..., bool]]:
        """Each guard by name."""
        return {n: t.fill(self.open) for n, t in self.code.guards.items()}

    @cached_property
    def effects(self) -> Callable[..., dict[str, Value]]:
        """The changed keys and their new values: f(state, *valued arguments)."""
        return self.code.effects.fill(self.open)

    @cached_property
    def attempt(self) -> Callable[..., dict[str, Value] | None]:
        """The changes if every guard holds, else None: f(state, *valued arguments)."""
        return self.code.attempt.fill(self.open)

    @cached_property
    def bind(self) -> Callable[[State], tuple[Value, ...]] | None:
        """The valued arguments, when guards bind them all; otherwise None: somebody must choose."""
        return self.code.bind.fill(self.open) if self.code.bind is not None else None

    @cached_property
    def ready(self) -> Callable[[State, int], bool]:
        """All guards at a time, bound arguments filled in: f(state, now)."""
        return self.code.ready.fill(self.open)

    @cached_property
    def moments(self) -> Callable[[State], tuple[int, ...]] | None:
        """The times at which an `elapsed` of its guards changes its value; None if it has none."""
        return self.code.moments.fill(self.open) if self.code.moments is not None else None

    @cached_property
    def reads(self) -> frozenset[str]:
        """The keys its guards and bindings read."""
        return self.code.allowed.keys(self.open)

    @cached_property
    def watches(self) -> frozenset[str]:
        """The keys other than the clock that its guards read, bound arguments filled in."""
        return self.code.ready.keys(self.open)

    @cached_property
    def writes(self) -> frozenset[str]:
        """The keys it may change, ghosts included."""
        return frozenset(self.layout.key(f, self.binding) for f, _ in self.rule.effects)

    def facts(self, guard: Term, state: State, args: Mapping[str, Value]) -> dict[str, Value]:
        """What `guard` was judged on."""
        keys = sorted(reads(guard, self.layout, self.binding))
        used = {t.value for t in walk(guard) if t.op == "arg"}
        return {**{k: state[k] for k in keys}, **{n: args[n] for n in self.names if n in used}}
