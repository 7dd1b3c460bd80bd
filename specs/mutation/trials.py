"""A mutant beside its original under each binding: what both guard, where they differ, what is set.

Sits above `grounding` and `mutants`; imports z3, never `ccr_es` or `cli`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import z3

from models.language.rule import Rule

from ..reading.grounding import GroundedStep, all_grounded, follow_bits, grounded
from ..reading.symbolic import Reading
from .mutants import GUARD, NUMBER, Mutant


@dataclass(frozen=True)
class Trial:
    """A mutant beside the original under one binding: the guard that was changed, if one was; where
    they differ; the keys to which they may set something else, if their effects differ.
    """

    step: GroundedStep
    original: GroundedStep
    name: str
    differs: Any
    keys: frozenset[str] | None

    @property
    def common(self) -> list[str]:
        """The guards that both have."""
        return [n for n in self.original.guards if n != self.name]


class Trials:
    """The trials of mutants of one model, rule by rule."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self._original: tuple[Rule | None, list[GroundedStep]] = (None, [])

    def grounded(self, rule: Rule) -> list[GroundedStep]:
        """A rule under each kind of binding."""
        return all_grounded(self.reading, symmetric=True, rules=[rule])

    def _originals(self, rule: Rule) -> list[GroundedStep]:
        if self._original[0] is not rule:
            self._original = (rule, self.grounded(rule))
        return self._original[1]

    def _beside(self, rule: Rule, original: GroundedStep) -> GroundedStep:
        """A mutant under the binding of the original, of the same sibling where it acts for one."""
        reading = self.reading
        step = grounded(reading, rule, original.binding, row=original.hidden)
        follow_bits(reading, step)
        return step

    def of(self, mutant: Mutant) -> Iterator[Trial]:
        """The mutant beside the original under each binding; none if the two do not compare,
        because the guard said which member an argument is.
        """
        if mutant.rule.keyed != mutant.original.keyed:
            return
        originals = self._originals(mutant.original)
        if mutant.kind == GUARD:
            for original in originals:
                guards = {n: g for n, g in original.guards.items() if n != mutant.what}
                step = replace(original, rule=mutant.rule, guards=guards)
                yield Trial(step, original, mutant.what, z3.Not(original.guards[mutant.what]), None)
            return
        for original in originals:
            step = self._beside(mutant.rule, original)
            if mutant.kind == NUMBER and mutant.what in original.guards:
                differs = step.guards[mutant.what] != original.guards[mutant.what]
                yield Trial(step, original, mutant.what, differs, None)
            else:
                keys, differs = self._otherwise(step, original)
                yield Trial(step, original, "", differs, keys)

    def _otherwise(
        self, step: GroundedStep, original: GroundedStep
    ) -> tuple[frozenset[str], z3.BoolRef]:
        """The keys to which the two do not set the same, and where that differs."""
        known = {**self.reading.old, **original.hidden, **step.hidden}
        mine = {**step.effects, **step.hidden_effects}
        theirs = {**original.effects, **original.hidden_effects}
        apart, keys = [], set[str]()
        for key in sorted({*mine, *theirs}):
            if key in self.reading.bits:
                keys.add(key)
                continue
            if key not in known and (key not in mine or key not in theirs):
                keys.add(key)
                apart.append(z3.BoolVal(True))
                continue
            one, other = (x[key] if key in x else known[key] for x in (mine, theirs))
            if not one.eq(other):
                keys.add(key)
                apart.append(one != other)
        return frozenset(keys), z3.Or(*apart)
