"""A slice: the part of a model that one property can depend on, for the engines that look for a
proof without being told a lemma.

The keys are the property's cone of influence, or only those of some records. What is outside may
have any value at any step, which allows more runs, not fewer. Sits above `grounding`; imports z3.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import z3

from models.language.misuse import BadRule
from models.language.model import ALWAYS, LEMMA, Instance, Model, Property

from .grounding import GroundedStep, all_grounded, bindings
from .symbolic import Reading, Scope


class Slice:
    """One property of one model, over what it can depend on. `records` restricts the keys.

    Raises `BadRule` for a property that speaks of steps, or that no search for an invariant suits.
    """

    def __init__(
        self, model: Model, instance: Instance, prop: Property,
        fixed: Mapping[str, int] | None = None, *, records: Iterable[str] | None = None,
    ) -> None:  # fmt: skip
        if prop.kind not in (ALWAYS, LEMMA):
            raise BadRule(f"{prop.label} is a {prop.kind} property; only what always holds is kept")
        self.reading = Reading(model, instance, fixed, havoc=True)
        self.prop = prop
        self.good, reads = self.encoded(prop)
        every = all_grounded(self.reading, symmetric=False)
        self.records = None if records is None else set(records)
        self.keys = sorted(self._cone(reads, every))
        self.steps = [s for s in every if not set(self.keys).isdisjoint(s.effects)]
        self.parameters = [
            p for n, p in self.reading.parameters.items() if n not in self.reading.fixed
        ]
        self.state = [self.reading.old[k] for k in self.keys] + self.parameters

    def encoded(self, prop: Property) -> tuple[Any, set[str]]:
        """A property over the old state, for every binding; and the keys it reads."""
        parts, reads = [], set[str]()
        for binding in bindings(self.reading, prop.params):
            scope = Scope(self.reading.old, binding=binding)
            parts.append(self.reading.encode(prop.term, scope))
            reads |= scope.reads
        return z3.And(*parts), reads

    def _cone(self, reads: set[str], steps: list[GroundedStep]) -> set[str]:
        """Everything that the property, and what writes what it reads, can depend on."""
        key_of = {v.get_id(): k for k, v in self.reading.old.items()}
        cone: set[str] = set()
        todo = {k for k in reads if self._kept(k)}
        while todo:
            cone |= todo
            needed: set[str] = set()
            for step in steps:
                written = [v for k, v in step.effects.items() if k in cone]
                if written:
                    terms = z3.And(*step.guards.values(), *step.side), *written
                    needed |= {key_of.get(c.get_id(), "") for t in terms for c in constants(t)}
            todo = {k for k in needed - cone - {""} if self._kept(k)}
        return cone

    def _kept(self, key: str) -> bool:
        if self.records is None:
            return True
        bit = self.reading.bits.get(key)
        return all(k.partition(".")[0] in self.records for k in (bit.depends if bit else (key,)))

    def initially(self) -> list[Any]:
        """What is so before any event."""
        initial = self.reading.initial()
        known = [self.reading.old[k] == initial[k] for k in self.keys if k in initial]
        return [*known, *self.reading.first_bits(), *self.reading.assumptions.values()]

    def taken(self, step: GroundedStep) -> list[Any]:
        """What is so where a step is taken."""
        return [*step.guards.values(), *step.side]

    def after(self, step: GroundedStep) -> list[Any]:
        """The state after a step, in the order of `state`."""
        old = self.reading.old
        after = [step.effects[k] if k in step.effects else old[k] for k in self.keys]
        return after + self.parameters


def constants(term: Any) -> Iterator[Any]:
    """The uninterpreted constants in a z3 term, each once."""
    seen, todo = set[int](), [term]
    while todo:
        here = todo.pop()
        if here.get_id() in seen:
            continue
        seen.add(here.get_id())
        if z3.is_const(here) and here.decl().kind() == z3.Z3_OP_UNINTERPRETED:
            yield here
        todo.extend(here.children())
