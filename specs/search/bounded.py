"""Bounded search: is a state or step reachable? One incremental solver, grown depth by depth.

Two ways to grow. *Single*: one step per depth, each rule asked first whether it is enabled there;
depth N covers every run of N steps. *Sweep*: one pass over all rules per depth, each of which may
fire once, in order; N sweeps cover every run of N steps and many that are far longer, so long runs
are found at small depths. Each goal is asked by a literal of its own, then excluded at that depth.

Quantifiers are exact: the instance's members are all there are. Every run found is confirmed on
plain values; one that does not confirm is an `EngineError`, never a verdict.

Sits above `grounding` and `runs`; imports z3, never `ccr_es` or `cli`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import z3

from models.language.model import SOMETIMES, STEP, Instance, Model, Property
from models.plain.layout import Value
from models.plain.reader import Reader, Step

from ..reading.asking import NEVER, Deadline, check
from ..reading.grounding import GroundedStep, all_grounded, bindings, canonical
from ..reading.symbolic import Reading, Scope
from ..runs import Run, confirm
from ..verdict import EngineError

RLIMIT = 100_000_000
ENABLED_RLIMIT = 500_000


@dataclass(frozen=True)
class Found:
    """What a bounded search says of one goal: the `run` that reaches it, or none up to `depth`.

    `complete` is false if the solver gave up at the depth after that.
    """

    goal: str
    depth: int
    run: Run | None = None
    complete: bool = True
    seconds: float = 0.0


@dataclass
class Applied:
    """A grounded step that may fire at one place of the unrolling."""

    literal: Any
    step: GroundedStep
    args: dict[str, Any]
    old: dict[str, Any]
    new: dict[str, Any]


class Bounded:
    """A growing unrolling of a model; `rules` restricts it to some, by name.

    It grows from the initial state, or from the end of the run `start`, whose parameters must be
    the `fixed` ones.
    """

    def __init__(
        self, model: Model, instance: Instance, fixed: Mapping[str, int] | None = None, *,
        sweep: bool = False, rules: Iterable[str] | None = None, rlimit: int = RLIMIT,
        deadline: Deadline = NEVER, start: Run | None = None,
    ) -> None:  # fmt: skip
        self.model, self.instance, self.sweep = model, instance, sweep
        self.rlimit, self.deadline = rlimit, deadline
        self.reading = Reading(model, instance, fixed)
        wanted = None if rules is None else set(rules)
        every = all_grounded(self.reading)
        self.steps = [s for s in every if wanted is None or s.rule.name in wanted]
        self.solver = z3.Solver()
        self.solver.add(*self.reading.assumptions.values())
        self.start = start.steps if start is not None else ()
        self.states = [self._first(start)]
        self.applied: list[list[Applied]] = []
        self.fired: set[str] = set()
        """Names of the rules found enabled so far (single steps only)."""
        self._seen: set[str] = set()

    def _first(self, start: Run | None) -> dict[str, Any]:
        """The state to grow from: the last one of the run `start`, or the initial one."""
        if start is None:
            return self.reading.initial()
        for state in start.states(Reader(self.model, start.instance)):
            last = state
        fields = self.reading.layout.fields
        return {k: self.reading.literal(v, fields[k].sort) for k, v in last.items()}

    @property
    def depth(self) -> int:
        """How often `deepen` was called."""
        return len(self.applied)

    def deepen(self) -> bool:
        """Add one step or sweep; False if no rule is enabled any more: everything is explored."""
        old = current = self.states[-1]
        applied: list[Applied] = []
        for step in self.steps:
            if not (self.depth or self.sweep or self.start):
                if not canonical(self.reading, step.rule.keyed, step.binding):
                    continue
            found = self._apply(step, current if self.sweep else old, current)
            if found is not None:
                applied.append(found)
                current = found.new
        if not applied or self._at_rest(applied):
            return False
        if not self.sweep:
            self.solver.add(z3.PbEq([(a.literal, 1) for a in applied], 1))
            for a in applied:
                a.new = current
        self.applied.append(applied)
        self.states.append(current)
        return True

    def _apply(
        self, step: GroundedStep, old: dict[str, Any], current: dict[str, Any]
    ) -> Applied | None:
        sorts = dict(step.rule.valued)
        here = f"@{self.depth + 1}"
        tag = f"{here}({step.label})"
        args = {n: self.reading.constant(f"{n}{tag}", sorts[n]) for n in step.args}
        swap = [(self.reading.old[k], old[k]) for k in sorted(step.reads)]
        swap += [(symbol, args[n]) for n, symbol in step.args.items()]
        guards = z3.And(*step.guards.values(), *step.side)
        guard = z3.simplify(z3.substitute(guards, *swap))
        if z3.is_false(guard):
            return None
        literal = z3.Bool(step.label + here)
        self.solver.add(z3.Implies(literal, guard))
        if not self.sweep and not self._enabled(step, literal):
            return None
        new = dict(current)
        for key, effect in step.effects.items():
            value = z3.simplify(z3.substitute(effect, *swap))
            if not value.eq(current[key]):
                symbol = self.reading.constant(key + tag, self.reading.layout.fields[key].sort)
                self.solver.add(symbol == z3.If(literal, value, current[key]))
                new[key] = symbol
        return Applied(literal, step, args, old, new)

    def _enabled(self, step: GroundedStep, literal: Any) -> bool:
        """Whether the step may be enabled here; one that once was is not asked about again."""
        if step.label in self._seen:
            return True
        answer = self.check(literal, rlimit=ENABLED_RLIMIT)
        if answer == z3.sat:
            self._seen.add(step.label)
            self.fired.add(step.rule.name)
        return bool(answer != z3.unsat)

    def _at_rest(self, applied: list[Applied]) -> bool:
        """Whether none of these steps is enabled in any state reached."""
        going = z3.Bool(f"going on@{self.depth + 1}")
        self.solver.add(z3.Implies(going, z3.Or(*(a.literal for a in applied))))
        return bool(self.check(going, rlimit=ENABLED_RLIMIT) == z3.unsat)

    def ask(self, prop: Property) -> Found:
        """Whether the newest depth breaks `prop`, or shows it if it is a `sometimes`."""

        def shows(run: Run) -> bool:
            return confirm(self.model, run, prop) is not None

        return self.reach(prop.number, self._goal(prop), shows)

    def ask_fired(self, rule: str) -> Found:
        """Whether the rule is fired at the newest depth."""
        here = self.applied[-1] if self.applied else []
        goal = z3.Or(*(a.literal for a in here if a.step.rule.name == rule))
        return self.reach(rule, goal, lambda run: any(s.rule == rule for s in run.steps))

    def reach(self, name: str, goal: Any, shows: Callable[[Run], bool]) -> Found:
        """Whether `goal`, a formula over the newest depth, is reachable; `shows` confirms a run."""
        start = time.perf_counter()
        if z3.is_false(goal):
            return Found(name, self.depth)
        literal = self._posed(name, goal)
        answer = self.check(literal)
        seconds = time.perf_counter() - start
        if answer == z3.unsat:
            self.solver.add(z3.Not(goal))
            return Found(name, self.depth, None, True, seconds)
        if answer == z3.unknown:
            return Found(name, self.depth - 1, None, False, seconds)
        run = self.run_found(name)
        if not shows(run):
            raise EngineError(f"{name}: the solver's run of {len(run)} steps does not show it")
        return Found(name, self.depth, run, True, seconds)

    def pose(self, prop: Property) -> bool:
        """Let `check` of the property's literal ask about the newest depth; whether that can be."""
        goal = self._goal(prop)
        self._posed(prop.number, goal)
        return not z3.is_false(goal)

    def _posed(self, name: str, goal: Any) -> Any:
        literal = self.literal(name)
        self.solver.add(z3.Implies(literal, goal))
        return literal

    def check(self, *literals: Any, rlimit: int | None = None) -> Any:
        """z3's answer under these literals, within the engine's limits."""
        limit = self.rlimit if rlimit is None else rlimit
        return check(self.solver, *literals, rlimit=limit, deadline=self.deadline)

    def literal(self, goal: str) -> Any:
        """The literal under which a goal is asked at the newest depth."""
        return z3.Bool(f"{goal}@{self.depth}")

    def _goal(self, prop: Property) -> Any:
        if prop.kind == STEP:
            places = [a for depth in self.applied[-1:] for a in depth]
            if prop.at:
                places = [a for a in places if a.step.rule.name in prop.at]
            parts = [z3.And(a.literal, self._false(prop, a.old, a.new)) for a in places]
        else:
            parts = [self._false(prop, self.states[-1], self.states[-1])]
        return z3.simplify(z3.Or(*parts))

    def _false(self, prop: Property, old: dict[str, Any], new: dict[str, Any]) -> Any:
        parts = []
        for binding in bindings(self.reading, prop.params):
            term = self.reading.encode(prop.term, Scope(old, new, binding))
            parts.append(term if prop.kind == SOMETIMES else z3.Not(term))
        return z3.simplify(z3.Or(*parts))

    def run_found(self, goal: str) -> Run:
        """The run of the solver's newest model, not confirmed yet."""
        model = self.solver.model()
        steps = [
            self._step(model, a)
            for depth in self.applied
            for a in depth
            if z3.is_true(model.eval(a.literal, model_completion=True))
        ]
        parameters = {
            n: model.eval(v, model_completion=True).as_long()
            for n, v in self.reading.parameters.items()
        }
        instance = Instance(self.instance.members, parameters)
        return Run(instance, (*self.start, *steps), {"shows": goal})

    def _step(self, model: Any, applied: Applied) -> Step:
        rule = applied.step.rule
        sorts = dict(rule.params)
        values: dict[str, Value] = dict(applied.step.binding)
        for name, symbol in applied.args.items():
            found = model.eval(symbol, model_completion=True)
            values[name] = self.reading.value(found, sorts[name])
        return Step(rule.name, {n: values[n] for n, _ in rule.params})


def search(engine: Bounded, goals: Sequence[Property], depth: int) -> dict[str, Found]:
    """Each goal's first run within `depth`, or how deep its absence is known; by number."""
    found: dict[str, Found] = {}
    while True:
        waiting = [g for g in goals if g.number not in found or _open(found[g.number])]
        for goal in waiting:
            asked = engine.ask(goal)
            seconds = asked.seconds + (found[goal.number].seconds if goal.number in found else 0)
            found[goal.number] = Found(goal.number, asked.depth, asked.run, asked.complete, seconds)
        if not any(_open(f) for f in found.values()):
            return found
        if engine.depth >= depth or not engine.deepen():
            return found


def _open(found: Found) -> bool:
    return found.run is None and found.complete
