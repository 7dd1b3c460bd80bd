"""A model is a value: schema, rules, properties. Several live in one process; a reader takes one.

Sits above `rule`; imports the standard library only.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import FunctionType, ModuleType
from typing import Any

from .misuse import BadRule, MixedSorts, ModelError
from .rule import Rule, parameters_of
from .schema import Schema
from .terms import Bool, Sort, Term

ALWAYS, STEP, SOMETIMES, LEMMA = "always", "step", "sometimes", "lemma"


@dataclass(frozen=True)
class Property:
    """Something promised: `always` (every state), `step` (old and new), `sometimes` (reachable).

    A `lemma` is what a proof needs, not what is promised. `at` limits a step property to the named
    rules. Arguments of id sorts are universally quantified (existentially for `sometimes`).
    """

    number: str
    name: str
    kind: str
    params: tuple[tuple[str, Sort], ...]
    term: Term
    sentence: str
    source: str
    at: tuple[str, ...] = ()
    where: str = ""
    why: str = ""
    story: tuple[str, ...] = ()
    """For a `sometimes`: what somebody does (`RULE name=value`, `wait MS`) until it shows; `first`,
    `refused` and `with` are said of in `specs.search.story`."""

    @property
    def label(self) -> str:
        """`P01 never_two_serving`."""
        return f"{self.number} {self.name}"


def property_for(schema: Schema) -> Callable[..., Callable[[Callable[..., Term]], Property]]:
    """The decorator `@promise("P01", kind=ALWAYS, source=...)` for one schema.

    A step property takes the states before and after: (s, t, ...). Raises `ModelError`.
    """

    def promise(
        number: str,
        *,
        kind: str,
        source: str,
        at: tuple[str, ...] = (),
        story: tuple[str, ...] = (),
    ) -> Callable[[Callable[..., Term]], Property]:
        def stage(function: Callable[..., Term]) -> Property:
            assert isinstance(function, FunctionType)
            try:
                return replace(_stage(function, schema, number, kind, source, at), story=story)
            except ModelError as error:
                raise error.at(function) from None

        return stage

    return promise


def _stage(
    function: FunctionType, schema: Schema, number: str, kind: str, source: str, at: tuple[str, ...]
) -> Property:
    if kind not in (ALWAYS, STEP, SOMETIMES, LEMMA):
        raise BadRule(f"{kind!r} is not a kind of property: always, step, sometimes or lemma")
    states = (schema.state, schema.next_state) if kind == STEP else (schema.state,)
    params = parameters_of(function, len(states))
    term = function(*states, *(Term("arg", sort, value=name) for name, sort in params))
    if not isinstance(term, Term) or term.sort != Bool:
        raise MixedSorts(f"a property is a Bool term, not {term!r}")
    sentence, _, why = inspect.cleandoc(function.__doc__ or "").partition("\n\n")
    if not sentence:
        raise BadRule("a property needs a docstring: the sentence that it says, then why")
    return Property(
        number=number,
        name=function.__name__,
        kind=kind,
        params=params,
        term=term,
        sentence=" ".join(sentence.split()),
        source=source,
        at=at,
        where=f"{function.__code__.co_filename}:{function.__code__.co_firstlineno}",
        why=" ".join(why.split()),
    )


def properties_in(*modules: ModuleType) -> tuple[Property, ...]:
    """The properties defined in `modules`, in order of definition."""
    return tuple(v for m in modules for v in vars(m).values() if isinstance(v, Property))


@dataclass(frozen=True)
class Instance:
    """The members of the id sorts, and the parameters that differ from their defaults."""

    members: Mapping[str, tuple[str, ...]]
    parameters: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Model:
    """A named schema with its rules (by name, in order) and properties.

    `tracked` are the id sorts proved for one member that stands for all.
    """

    name: str
    schema: Schema
    rules: Mapping[str, Rule]
    properties: tuple[Property, ...] = ()
    tracked: tuple[Sort, ...] = ()
    constraints: Mapping[str, Term] = field(default_factory=dict)
    """Named terms over parameters only, assumed by every proof (the timer inequalities)."""

    @property
    def state(self) -> Any:
        """The staged state, for writing terms over this model."""
        return self.schema.state

    def numbered(self, number: str) -> Rule | Property | None:
        """The rule or property with this number or name, or None."""
        for r in self.rules.values():
            if number in (f"R{r.number:03d}", str(r.number), r.name, r.event):
                return r
        return next((p for p in self.properties if number in (p.number, p.name)), None)

    def places(self, prop: Property) -> list[str]:
        """Where a step property is asked: its rules, by name or, where all of a trigger or of an
        actor's are meant, together.
        """
        left = list(prop.at)
        words: list[str] = []
        of_trigger: dict[str, set[str]] = {}
        of_actor: dict[str, set[str]] = {}
        for rule in self.rules.values():
            of_trigger.setdefault(f"every {rule.trigger}", set()).add(rule.name)
            said = f"every {rule.trigger} of the {rule.actor.name}"
            of_actor.setdefault(said, set()).add(rule.name)
        for said, names in (*of_trigger.items(), *of_actor.items()):
            if len(names) > 1 and names <= set(left):
                words.append(said)
                left = [name for name in left if name not in names]
        return [*words, *left] if words else left

    def promising(
        self, properties: Iterable[Property], constraints: Mapping[str, Term] | None = None
    ) -> Model:
        """This model with these properties added."""
        both = (*self.properties, *properties)
        _unique("property number", [p.number for p in both])
        _unique("property name", [p.name for p in both])
        for name in (name for p in both for name in p.at):
            self.rule(name)
        return replace(
            self, properties=both, constraints={**self.constraints, **(constraints or {})}
        )

    def with_rule(self, rule: Rule) -> Model:
        """This model with a rule added or replaced (by name)."""
        return replace(self, rules={**self.rules, rule.name: rule})

    def without_rule(self, name: str) -> Model:
        """This model without the named rule."""
        return replace(
            self, rules={k: r for k, r in self.rules.items() if k != self.rule(name).name}
        )

    def rule(self, name: str) -> Rule:
        """The rule of this name; `BadRule` with the nearest names if there is none."""
        if name in self.rules:
            return self.rules[name]
        import difflib

        near = difflib.get_close_matches(name, self.rules, 3)
        raise BadRule(
            f"there is no rule {name}" + (f"; did you mean {' or '.join(near)}?" if near else "")
        )

    def without_guard(self, rule: str, guard: str) -> Model:
        """A variant in which `rule` lacks the named guard."""
        r = self.rule(rule)
        if guard not in r.requires and guard not in r.given:
            raise BadRule(
                f"{r.label} has no guard {guard!r}; it has {', '.join((*r.requires, *r.given))}"
            )
        return self.with_rule(
            r.changed(
                requires={k: t for k, t in r.requires.items() if k != guard},
                given={k: t for k, t in r.given.items() if k != guard},
            )
        )


def small_instance(model: Model) -> Instance:
    """Two members of each id sort, and one of each tracked one."""
    tracked = {s.name for s in model.tracked}
    return Instance(
        {
            s.name: (f"{s.name}1",) if s.name in tracked else ("A", "B")
            for s in model.schema.identities
        }
    )


def model_of(
    name: str, schema: Schema, rules: Iterable[Rule], tracked: tuple[Sort, ...] = ()
) -> Model:
    """A model of these rules; refuses a number, name or event that two rules share."""
    found = list(rules)
    _unique("rule number", [str(r.number) for r in found])
    _unique("rule name", [r.name for r in found])
    _unique("event", [r.event for r in found])
    return Model(name, schema, {r.name: r for r in found}, tracked=tracked)


def _unique(what: str, values: list[str]) -> None:
    twice = sorted({v for v in values if values.count(v) > 1})
    if twice:
        raise BadRule(f"{what} {', '.join(twice)} is used twice")
