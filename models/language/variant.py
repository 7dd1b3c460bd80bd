"""Variants: a model changed here and there, for somebody who asks "and if it were so?".

    mine = Variant(CCR, "no lock needed")
    mine.drop("claim_lock", "share answers")
    mine.default(head_start=4_000)
    MODEL = mine.model

Every change is checked like a rule of the model itself, and refused where it stands. The model that
it was made from stays as it is. Sits above `model` and `checks`; imports the standard library only.
"""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from types import FunctionType
from typing import Any

from .checks import check_rule
from .misuse import BadRule, MixedSorts, ModelError
from .model import Model, Property, property_for
from .rule import Body, Rule, rule_for
from .schema import Field, Record, Schema
from .terms import Bool, Term, lift

REQUIRES, GIVEN = "requires", "given"


class Variant:
    """A model under change; `model` is what it is now. Every method raises `ModelError`."""

    def __init__(self, base: Model, name: str) -> None:
        self.base = base
        kept = Schema(dict(base.schema.records), dict(base.schema.parameters))
        self.model = replace(base, name=name, schema=kept)

    @property
    def schema(self) -> Schema:
        """The variant's own schema."""
        return self.model.schema

    @property
    def state(self) -> Any:
        """The staged state, for writing terms."""
        return self.schema.state

    def default(self, **values: int) -> None:
        """Other defaults for parameters: `head_start=4_000`."""
        for name, value in values.items():
            _known("parameter", name, self.schema.parameters)
            if type(value) is not int:
                raise MixedSorts(f"the default of {name} is a whole number, not {value!r}")
            self.schema.parameters[name] = (value, self.schema.parameters[name][1])

    def parameter(self, name: str, default: int, about: str) -> None:
        """A parameter that the model does not have yet."""
        self.schema.parameter(name, default, about)

    def record(self, name: str, about: str = "", **fields: Field) -> None:
        """A record without keys that the model does not have yet."""
        self.schema.record(name, about=about, **fields)

    def field(self, record: str, name: str, declared: Field) -> None:
        """A further field of a record; durable, since the rules that forget are written already."""
        _known("record", record, self.schema.records)
        old = self.schema.records[record]
        if name in old.fields:
            raise BadRule(f"{record} has a field {name} already")
        if not declared.durable:
            raise BadRule(
                f"{record}.{name} is not durable, but the rules that reset {record} do not know it:"
                " declare it durable and clear it in a rule of your own"
            )
        fields = {**old.fields, name: declared}
        self.schema.records[record] = Record(old.name, old.keys, fields, old.about)

    def drop(self, rule: str, guard: str) -> None:
        """A rule without one of its guards: a `requires`, a `given`, or the start of a move."""
        found = self.model.rule(rule)
        _known(f"guard of {found.label}", guard, found.guards)
        requires = {k: t for k, t in found.requires.items() if k != guard}
        given = {k: t for k, t in found.given.items() if k != guard}
        moves = tuple(m for m in found.moves if m.said != guard)
        freed = tuple((m.field, m.target) for m in found.moves if m.said == guard)
        changed = found.changed(
            requires=requires, given=given, moves=moves, sets=(*freed, *found.sets)
        )
        self._put(changed)

    def guard(self, rule: str, name: str, function: Callable[..., Term], where: str = "") -> None:
        """A guard replaced, or added: `guard("write_records", "lease is valid", lambda s, n: ...)`.

        The function takes the state and those arguments of the rule that it names. A new guard is
        put under `where` (requires, the default, or given); one that is there stays where it is.
        """
        found = self.model.rule(rule)
        term = self._staged(found, function)
        if not isinstance(term, Term) or term.sort != Bool:
            raise MixedSorts(f"guard {name!r} is {term!r}; a guard is a Bool")
        here = GIVEN if name in found.given else REQUIRES if name in found.requires else where
        if here not in ("", REQUIRES, GIVEN):
            raise BadRule(f"a guard stands under requires or given, not under {where!r}")
        place = here or REQUIRES
        kept = found.given if place == GIVEN else found.requires
        self._put(found.changed(**{place: {**kept, name: term}}))

    def effect(self, rule: str, function: Callable[..., Mapping[Term, object]]) -> None:
        """What a rule sets, changed or added: `effect("tick", lambda s, dt: {s.clock.now: 0})`."""
        found = self.model.rule(rule)
        new = self._staged(found, function)
        if not isinstance(new, Mapping):
            raise BadRule("effects are given as {field: value}")
        said = {repr(f): (f, lift(v, f.sort)) for f, v in new.items()}
        arrows = [repr(m.field) for m in found.moves if repr(m.field) in said]
        if arrows:
            raise BadRule(f"{found.label} moves {arrows[0]}: drop that guard first, then set it")
        sets = tuple(said.pop(repr(f), (f, v)) for f, v in found.sets)
        ghost = tuple(said.pop(repr(f), (f, v)) for f, v in found.ghost)
        self._put(found.changed(sets=(*sets, *said.values()), ghost=ghost))

    def without(self, *names: str) -> None:
        """The model without these rules or properties, by number or name."""
        for name in names:
            found = self.model.numbered(name)
            if isinstance(found, Rule):
                self.model = self.model.without_rule(found.name)
            elif isinstance(found, Property):
                kept = tuple(p for p in self.model.properties if p.number != found.number)
                self.model = replace(self.model, properties=kept)
            else:
                _known("rule or property", name, [*self.model.rules, *self._promised()])

    def rule(
        self, number: int, *, trigger: str, actor: Any, source: str = "variant"
    ) -> Callable[[Callable[..., Body]], Rule]:
        """The decorator for a further rule: `@mine.rule(901, trigger=..., actor=...)`."""

        def stage(function: Callable[..., Body]) -> Rule:
            make = rule_for(self.schema, "variant")
            staged = make(number, trigger=trigger, actor=actor, source=source)(function)
            for other in self.model.rules.values():
                for what in ("number", "name", "event"):
                    if getattr(other, what) == getattr(staged, what):
                        raise _at(BadRule(f"{other.label} has that {what} already"), function)
            self.model = self.model.with_rule(staged)
            return staged

        return stage

    def promise(
        self, number: str, *, kind: str, source: str = "variant", at: tuple[str, ...] = ()
    ) -> Callable[[Callable[..., Term]], Property]:
        """The decorator for a further property: `@mine.promise("X01", kind=ALWAYS)`."""

        def stage(function: Callable[..., Term]) -> Property:
            made = property_for(self.schema)(number, kind=kind, source=source, at=at)(function)
            try:
                self.model = self.model.promising([made])
            except ModelError as error:
                raise _at(error, function) from None
            return made

        return stage

    def assume(self, name: str, term: Term) -> None:
        """A further assumption on the parameters, made by every proof."""
        self.model = self.model.promising((), {name: term})

    def no_longer_assume(self, name: str) -> None:
        """One assumption on the parameters less."""
        _known("assumption", name, self.model.constraints)
        kept = {k: t for k, t in self.model.constraints.items() if k != name}
        self.model = replace(self.model, constraints=kept)

    def _put(self, rule: Rule) -> None:
        check_rule(self.schema, rule)
        self.model = self.model.with_rule(rule)

    def _staged(self, rule: Rule, function: Callable[..., Any]) -> Any:
        """What `function` says of the state and the arguments of `rule` that it names."""
        sorts = dict(rule.params)
        names = list(inspect.signature(function).parameters)[1:]
        for name in names:
            _known(f"argument of {rule.label}", name, sorts)
        try:
            return function(self.state, *(Term("arg", sorts[n], value=n) for n in names))
        except ModelError as error:
            raise _at(error, function) from None

    def _promised(self) -> list[str]:
        return [p.name for p in self.model.properties]


def _at(error: ModelError, function: Callable[..., Any]) -> ModelError:
    return error.at(function) if isinstance(function, FunctionType) else error


def _known(what: str, name: str, known: Iterable[str]) -> None:
    """Raise `BadRule` with the nearest names if there is no such thing."""
    found = list(known)
    if name not in found:
        near = difflib.get_close_matches(name, found, 3, 0.4) or found[:8]
        raise BadRule(f"there is no {what} {name!r}; there is {', '.join(map(repr, near))}")
