"""The obligations of an induction as SMT-LIB text: what workers, the cache, certificates and other
solvers are given.

A *task* is one grounded rule (or the initial state, or a step that changes nothing) with a goal for
each property that it may break; each goal must be unsatisfiable. A step is written as definitions
of the primed constants, so that a property's text is the same under every rule. What is assumed
(invariants by number, the model's constraints by name) stands under one literal each, so that an
answer says what it needed.

Unknowns are numbered within their owner, so that a rule's text does not change with another rule.

Sits on `induction` and `task`; imports z3, never `ccr_es` or `cli`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

from models.language.model import Property
from models.plain.reader import Reader

from ..reading.grounding import GroundedStep
from .induction import INIT, Induction, Planned
from .task import Goal, Task, assume, digest, renumbered

STILL = "(no change)"
"""The task that asks whether a step that changes nothing has a step property: then frames do."""


class Script:
    """All of it for one `Induction`."""

    def __init__(self, engine: Induction) -> None:
        self.engine = engine
        reading = self.reading = engine.reading
        self._numbers: dict[str, dict[str, str]] = {}
        self._first = reading.first_bits()
        free = [p for n, p in reading.parameters.items() if n not in reading.fixed]
        keys = [reading.old[k] for k in reading.layout.fields]
        bits = [reading.old[b] for b in reading.bits]
        self._sorts = _datatypes(reading.sorts[n] for n in sorted(reading.sorts))
        self._positive = [
            f"(assert {a.sexpr()})"
            for n, a in reading.assumptions.items()
            if n not in engine.model.constraints
        ]
        self.header = "\n".join(
            [*self._sorts, *(_declaration(v) for v in (*keys, *free)), *self._positive]
        )
        self.bits = [_declaration(v) for v in bits]
        translated = engine.translated.items()
        self._before = {n: [self._text(t.before, n) for t in ts] for n, ts in translated}
        self._after = {n: [self._text(t.after, n) for t in ts] for n, ts in translated}
        self.unknowns = {n: self._declare(n) for n in engine.translated}
        """Declarations of what a property does not know of siblings, by its number."""
        self.assumed = self._assumed()
        self.fingerprints = self._fingerprints()
        """A hash of each formula that may be assumed."""

    def _text(self, term: Any, owner: str) -> str:
        return renumbered(term.sexpr(), owner, self._numbers.setdefault(owner, {}))

    def _declare(self, owner: str) -> list[str]:
        """Declarations of the unknowns met so far in an owner's texts."""
        numbers = self._numbers.setdefault(owner, {})
        found = [self.reading.unknowns[int(n)] for n in numbers]
        return [renumbered(_declaration(c), owner, numbers) for c in found]

    def _assumed(self) -> dict[str, str]:
        """Everything that may be assumed, by name, as a formula."""
        found = {p.number: _all(self._before[p.number]) for p in self.engine.invariants}
        for name, term in self.reading.assumptions.items():
            if name in self.engine.model.constraints:
                found[name] = term.sexpr()
        return found

    def assuming(self, name: str, formula: str) -> None:
        """Let something else be assumed, on the parameters only."""
        self.assumed[name] = formula
        self.fingerprints[name] = digest(formula)

    def _fingerprints(self) -> dict[str, str]:
        return {
            name: digest("\n".join([*self.unknowns.get(name, []), formula]))
            for name, formula in self.assumed.items()
        }

    def preamble(self, names: Iterable[str] | None = None) -> str:
        """Declarations, and these assumptions (default: all), each under its literal."""
        lines = [self.header, *self.bits]
        lines += [line for found in self.unknowns.values() for line in found]
        for name in self.assumed if names is None else names:
            lines.append(f"(declare-const {assume(name)} Bool)")
            lines.append(f"(assert (=> {assume(name)} {self.assumed[name]}))")
        return "\n".join(lines)

    def assumes(self, task: Task, without: Iterable[str] = ()) -> list[str]:
        """Names of what a task may assume."""
        left, invariants = set(without), self.engine.properties
        return [
            n for n in self.assumed if n not in left and (task.invariants or n not in invariants)
        ]

    def key(self, task: Task, goal: Goal) -> str:
        """A hash of all that the answer to a goal depends on, but for what it assumes."""
        return digest("\n".join((self.header, task.identity(goal))))

    @cached_property
    def canary(self) -> tuple[str, str]:
        """A question that must come back sat: the initial state at the default parameters, which
        has every invariant that the plain reader says it has; and the literals of these.
        """
        reader = Reader(self.engine.model, self.engine.instance)
        first = reader.initial()
        kept = [p.number for p in self.engine.invariants if not reader.holds(p, first)]
        start = [f"(assert {term})" for term in self._start()]
        lines = [*self._declare("first"), *start]
        values = {**reader.layout.parameters, **self.reading.fixed}
        for name in values:
            if name not in self.reading.fixed:
                lines.append(f"(assert (= {self.reading.parameters[name].sexpr()} {values[name]}))")
        return "\n".join(lines), " ".join(assume(n) for n in kept)

    def _start(self) -> list[str]:
        initial = self.reading.initial()
        known = [f"(= {self.reading.old[k].sexpr()} {v.sexpr()})" for k, v in initial.items()]
        return [*known, *(self._text(b, "first") for b in self._first)]

    def initial(self, properties: Iterable[Property]) -> Task:
        """The initial state has these properties."""
        said = [f"(assert {t})" for t in self._start()]
        head = [*self._declare("first"), *said]
        goals = [
            Goal(p.number, f"(not {_all(self._before[p.number])})", (), frozenset())
            for p in properties
        ]
        return Task(INIT, "init", tuple(head), {}, tuple(goals), invariants=False)

    def still(self, properties: Sequence[Property]) -> Task:
        """A step that changes nothing has these step properties, in any state at all."""
        old = self.reading.old
        goals = [self._goal(p, range(len(self.engine.translated[p.number]))) for p in properties]
        defined = {k: self._define(k, old[k].sexpr()) for k in _needed(goals)}
        return Task(STILL, "still", (), defined, tuple(goals), invariants=False)

    def step(self, step: GroundedStep, planned: Sequence[Planned]) -> Task:
        """The goals of one grounded rule."""
        self._numbers[""] = {}
        goals = [self._goal(p.prop, p.parts) for p in planned]
        guards = [*step.guards.values(), *step.side]
        said = [f"(assert {self._text(term, '')})" for term in guards]
        effects = {k: self._text(v, "") for k, v in step.effects.items()}
        head = [*(_declaration(a) for a in step.args.values()), *self._declare(""), *said]
        old = self.reading.old
        defined = {
            k: self._define(k, effects[k] if k in effects else name(old[k])) for k in _needed(goals)
        }
        return Task(step.label, "induction", tuple(head), defined, tuple(goals))

    def _define(self, key: str, new: str) -> str:
        primed = self.engine.primed[key]
        return f"(define-fun {primed.sexpr()} () {primed.sort().sexpr()} {new})"

    def _goal(self, prop: Property, parts: Iterable[int]) -> Goal:
        number = prop.number
        found = list(parts)
        reads = [self.engine.translated[number][i].reads for i in found]
        return Goal(
            number,
            f"(not {_all(self._after[number][i] for i in found)})",
            tuple(self.unknowns[number]),
            frozenset[str]().union(*reads),
        )


def name(constant: Any) -> str:
    """A constant as SMT-LIB writes it."""
    text: str = constant.sexpr()
    return text


def _declaration(constant: Any) -> str:
    return f"(declare-const {constant.sexpr()} {constant.sort().sexpr()})"


def _needed(goals: Iterable[Goal]) -> list[str]:
    return sorted(frozenset[str]().union(*(g.needs for g in goals)))


def _all(terms: Iterable[str]) -> str:
    return f"(and true {' '.join(terms)})"


def _datatypes(sorts: Iterable[Any]) -> list[str]:
    lines = []
    for sort in sorts:
        count = sort.num_constructors()
        members = " ".join(f"({sort.constructor(i)().sexpr()})" for i in range(count))
        lines.append(f"(declare-datatypes (({sort.sexpr()} 0)) (({members})))")
    return lines
