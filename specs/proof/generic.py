"""What is asked of every rule, whatever the model is about: its event changes something, and a
consequence does not enable itself again.

An event that changes nothing is noise in a record that people must trust; a consequence that is
enabled again by its own effect never comes to rest. Both are asked of Z3 for any state that the
invariants allow, rule by rule, like an obligation of an induction. Sits above `induction`; imports
z3, never `ccr_es` or `cli`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import z3

from models.language.rule import GHOST, Rule

from ..reading.asking import check
from ..reading.grounding import GroundedStep, all_grounded
from .induction import Induction
from .siblings import OTHER

CHANGES, ENDS, FIRES = "(changes something)", "(comes to rest)", "(can fire)"


@dataclass
class Generic:
    """Asks the generic obligations on the solver of an induction."""

    engine: Induction
    solver: z3.Solver
    literals: dict[str, Any]

    def failing(self, rule: Rule) -> tuple[str, ...]:
        """Which of the generic obligations `rule` does not keep, or may not."""
        found = []
        steps = all_grounded(self.engine.reading, symmetric=True, rules=[rule])
        own = [s for s in steps if OTHER not in s.binding.values()]
        if not all(self._changes(s) for s in own):
            found.append(CHANGES)
        if rule.trigger == "consequence" and not all(self._ends(s) for s in own):
            found.append(ENDS)
        return tuple(found)

    def _changes(self, step: GroundedStep) -> bool:
        old, fields = self.engine.reading.old, self.engine.reading.layout.fields
        same = [
            value == old[key]
            for key, value in step.effects.items()
            if key in fields and fields[key].owner != GHOST
        ]
        return self._unsat(step, z3.And(*same))

    def _ends(self, step: GroundedStep) -> bool:
        old = self.engine.reading.old
        swap = [(old[key], value) for key, value in step.effects.items()]
        again = [z3.substitute(guard, *swap) for guard in step.guards.values()]
        return self._unsat(step, z3.And(*again))

    def _unsat(self, step: GroundedStep, condition: Any) -> bool:
        self.solver.push()
        self.solver.add(*step.guards.values(), *step.side, condition)
        answer = check(self.solver, *self.literals.values(), rlimit=self.engine.rlimit)
        self.solver.pop()
        return bool(answer == z3.unsat)
