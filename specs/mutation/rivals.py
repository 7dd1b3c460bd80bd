"""Rivals: consequences that decide about one row, of which at most one may be enabled at a time.

Order carries no meaning among consequences, so where two of them write the same thing and are never
enabled together, that is a promise of the model, though nobody wrote it down. A mutant that lets
both be enabled breaks it. Both are asked of Z3 for any state that the invariants allow, and what is
found is confirmed on the plain reader. Sits above `pairs`; imports z3, never `ccr_es` or `cli`.
"""

from __future__ import annotations

from collections.abc import Iterator

import z3

from models.language.rule import GHOST, Rule

from ..proof.siblings import OTHER
from ..reading.grounding import GroundedStep, all_grounded
from .pairs import Pair, Pairs
from .trials import Trial

EXCLUDES = "(excludes {})"


class Rivals:
    """Looks for states in which a mutant competes with a rule that the original excludes."""

    def __init__(self, pairs: Pairs) -> None:
        self.pairs, self.model, self.reading = pairs, pairs.model, pairs.reading
        self._steps: dict[str, list[GroundedStep]] = {}
        self._apart: dict[tuple[str, str], bool] = {}

    def competing(self, rule: Rule, trials: list[Trial]) -> Pair | None:
        """A confirmed state in which a mutant and a rival of its original may both fire."""
        if rule.trigger != "consequence":
            return None
        for trial in trials:
            if trial.keys is not None or OTHER in trial.step.binding.values():
                continue
            for other in self._of(trial.original):
                found = self.pairs.together(trial.step, other, trial.differs)
                if found is not None and self._exclusive(trial.original, other):
                    return self._confirmed(rule, trial.step, other, found)
        return None

    def _of(self, step: GroundedStep) -> Iterator[GroundedStep]:
        """The consequences that write something that this one writes, ghosts apart."""
        mine = self._written(step)
        for rule in self.model.rules.values():
            if rule.trigger == "consequence" and rule.record == step.rule.record:
                if rule.name == step.rule.name:
                    continue
                for other in self._grounded(rule):
                    if mine & self._written(other):
                        yield other

    def _written(self, step: GroundedStep) -> frozenset[str]:
        fields = self.reading.layout.fields
        return frozenset(k for k in step.effects if k in fields and fields[k].owner != GHOST)

    def _grounded(self, rule: Rule) -> list[GroundedStep]:
        if rule.name not in self._steps:
            found = all_grounded(self.reading, rules=[rule])
            self._steps[rule.name] = [s for s in found if OTHER not in s.binding.values()]
        return self._steps[rule.name]

    def _exclusive(self, original: GroundedStep, other: GroundedStep) -> bool:
        key = (original.label, other.label)
        if key not in self._apart:
            also = z3.BoolVal(True)
            found = self.pairs.together(original, other, also)
            self._apart[key] = found is None
        return self._apart[key]

    def _confirmed(
        self, rule: Rule, step: GroundedStep, other: GroundedStep, model: object
    ) -> Pair:
        reader, before = self.pairs.state(model)
        _, _, taken = self.pairs.ready(rule, step, model, reader, before)
        self.pairs.ready(other.rule, other, model, reader, before)
        by = (EXCLUDES.format(other.rule.label),)
        return Pair(reader.instance.parameters, before, taken, before, by)
