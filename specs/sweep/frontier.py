"""The frontier of a parameter: which values are safe, and the inequality that says so for all.

Every value is proved, the other parameters as the instance has them or at their defaults, or
refuted by a confirmed run. Then inequalities between the parameter and one or two others are tried:
those whose side at the defaults lies between the last refuted value and the first proved one. One
that is proved with *all* parameters free, and whose weakening by one is refuted by a run, is the
answer. None is taken from the model: its own constraints on the parameter are set aside from the
start.

One engine serves all of it: values and inequalities are assumptions under literals of their own, so
that only the obligations that need one are asked again. What is spent on looking for the run at one
value is bounded, and so may be the whole: what is not settled by then is unknown.

Sits above `proving` and `search`; imports z3, never `ccr_es` or `cli`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations_with_replacement, count
from pathlib import Path
from typing import Any

import z3

from models.language.misuse import BadRule
from models.language.model import SOMETIMES, Instance, Model, Property
from models.language.terms import Term, walk

from ..proof.cache import Cache
from ..proof.induction import RLIMIT, Induction
from ..proof.pool import Inline, Setup
from ..proof.proving import Prover
from ..proof.script import Script
from ..proof.task import Task
from ..reading.asking import NEVER, Deadline
from ..reading.symbolic import Scope
from ..report import promised
from ..runs import BadRun, Run, confirm
from ..search.search import Hunt
from ..verdict import HOLDS, UNKNOWN, VIOLATED
from .swept import AT_LEAST, AT_MOST, Frontier, Point

OnPoint = Callable[[Point], None]
SEARCH_SECONDS = 60.0
"""How long a run is looked for at one value."""


class Sweep:
    """One sweep under way. `beside` is a second parameter that is swept, `search` is how many
    seconds a run may be looked for. Raises `BadRule` for a parameter that the model does not have.
    """

    def __init__(
        self, model: Model, instance: Instance, parameter: str,
        properties: Iterable[Property] | None = None, folder: Path | None = None,
        beside: str | None = None, deadline: Deadline = NEVER, search: float = SEARCH_SECONDS,
    ) -> None:  # fmt: skip
        swept = {parameter, *([] if beside is None else [beside])}
        for name in {*swept, *instance.parameters} - set(model.schema.parameters):
            known = ", ".join(model.schema.parameters)
            raise BadRule(f"there is no parameter {name}; there are {known}")
        self.model, self.instance, self.parameter = model, instance, parameter
        asked = promised(model.properties) if properties is None else tuple(properties)
        self.asked = [p for p in asked if p.kind != SOMETIMES]
        self.defaults = {
            name: instance.parameters.get(name, default)
            for name, (default, _) in model.schema.parameters.items()
        }
        self.deadline, self.search = deadline, search
        self.engine = Induction(model, instance, deadline=deadline)
        self.script = Script(self.engine)
        self.own = [n for n, t in model.constraints.items() if swept & _names(t)]
        """The model's constraints on what is swept, which are set aside."""
        self.optional = set(self.own)
        stamp = f"rlimit {RLIMIT} seed 0"
        self.cache = Cache.opened(folder, stamp) if folder is not None else Cache(Path(), stamp)
        self.cache.writable = folder is not None
        self.state: Any = model.state.p
        self._tried = ""
        """What of a search came to nothing."""
        self._looked: dict[int, Point] = {}
        """What was found of values that are not proved."""
        self.failing: list[Task] = []
        """The obligations that fail without the model's own constraints on the parameter."""

    def run(self, values: Sequence[int], on_point: OnPoint = lambda _: None) -> Frontier:
        """Prove or refute each value, and derive the inequality."""
        open_ = self.affected()
        found = Frontier(self.parameter, tuple(open_))
        if not open_:
            found.anything = True
            return found
        for value in sorted(set(values)):
            safe = self.holds(*self.fixed({self.parameter: value}))
            found.points.append(Point(value, HOLDS if safe else UNKNOWN))
        self._derive(found, open_)
        known = [] if found.beyond is None else [found.beyond]
        for i in self._from_the_edge(found):
            if found.points[i].verdict != HOLDS:
                found.points[i] = self._refuted(found.points[i].value, open_, known)
                known.append(found.points[i])
        for point in found.points:
            on_point(point)
        return found

    def _from_the_edge(self, found: Frontier) -> list[int]:
        """The places of the points, the nearest to a proved one first: it is the hardest to refute,
        and its run may refute the others as well.
        """
        safe = [p.value for p in found.points if p.verdict == HOLDS]
        far = {p.value: min((abs(p.value - v) for v in safe), default=0) for p in found.points}
        return sorted(range(len(found.points)), key=lambda i: far[found.points[i].value])

    def affected(self) -> list[Property]:
        """What was asked and is not proved without the model's own constraints on the parameter,
        what fails itself before what leans on that: its runs are the shorter.

        The obligations that fail without them, each assuming everything else, are what a value or
        an inequality has to close: then all hold together.
        """
        own = frozenset(self.own)
        setup = Setup(self.script.preamble(), self.script.canary, RLIMIT)
        self.prover = Prover(self.engine, self.script, Inline(setup, self.deadline), self.cache)
        self.prover.without, self.prover.stumbles = own, 0
        every = [p for p in self.model.properties if p.kind != SOMETIMES]
        results = [r.obligation for r in self.prover.first_pass(every)]
        failed = {(o.rule, o.property) for o in results if o.verdict != HOLDS}
        for task in self.prover.tasks:
            left = task.only(g.number for g in task.goals if (task.label, g.number) in failed)
            if left.goals:
                self.failing.append(left)
        lost = dict.fromkeys((number for _, number in failed), 0)
        for steps in count(1):
            more = {o.property for o in results if not lost.keys().isdisjoint(o.uses)} - set(lost)
            if not more:
                break
            lost.update(dict.fromkeys(more, steps))
        found = [p for p in self.asked if p.number in lost]
        return sorted(found, key=lambda p: lost[p.number])

    def holds(self, *terms: Term) -> bool:
        """Whether everything is proved under these terms instead of the model's own constraints."""
        return self.rests_on(*terms) is not None

    def rests_on(self, *terms: Term) -> frozenset[str] | None:
        """The parameters in those of the terms that the proof needs; None if there is no proof."""
        chosen: dict[str, Term] = {}
        reading = self.engine.reading
        possible = z3.Solver()
        possible.add(*(a for n, a in reading.assumptions.items() if n not in self.own))
        for term in terms:
            formula = reading.encode(term, Scope({}))
            possible.add(formula)
            text = formula.sexpr()
            name = f"assumed: {text}"
            self.script.assuming(name, text)
            self.optional.add(name)
            chosen[name] = term
        if possible.check() != z3.sat:
            return None  # what nothing obeys proves nothing
        setup = Setup(self.script.preamble(), self.script.canary, RLIMIT)
        self.prover.asker = Inline(setup, self.deadline)
        self.prover.named()
        found = self.prover.answers(self.failing, frozenset(self.optional - set(chosen)))
        every = [a for _, answers in found for a in answers]
        if not all(a.said == "unsat" for a in every):
            return None
        needed = {n for a in every for n in a.needed} & set(chosen)
        return frozenset(name for n in needed for name in _names(chosen[n]))

    def fixed(self, values: Mapping[str, int]) -> Iterator[Term]:
        """Parameters at these values, the others at their defaults."""
        for name, default in self.defaults.items():
            yield getattr(self.state, name) == values.get(name, default)

    def _refuted(self, value: int, open_: list[Property], known: Iterable[Point]) -> Point:
        """A run that breaks a property at this value, if one is found; first those that are known,
        the nearest first.
        """
        if value not in self._looked:
            near = sorted(known, key=lambda p: abs(p.value - value))
            runs = [(p.run, p.shows) for p in near if p.run is not None]
            run, shows = self.broken({self.parameter: value}, open_, runs)
            found = Point(value, UNKNOWN, tried=self._tried)
            self._looked[value] = found if run is None else Point(value, VIOLATED, run, shows)
        return self._looked[value]

    def broken(
        self, values: Mapping[str, int], open_: list[Property], known: Iterable[tuple[Run, str]]
    ) -> tuple[Run | None, str]:
        """A run at these values that breaks a property, and its number; first those known."""
        parameters = {**self.defaults, **values}
        instance = Instance(self.instance.members, parameters)
        properties = {p.number: p for p in open_}
        for run, shows in known:
            again = replace(run, instance=instance)
            if _breaks(self.model, again, properties[shows]):
                return again, shows
        until = self.deadline.sooner(self.search)
        found: dict[str, Run] = {}
        done = 0
        while done < len(open_) and not until.over and not found:
            hunt = Hunt(self.model, self.instance, parameters, False, 0, deadline=until)
            found = hunt.look([open_[done]])
            done += 1
        late = ", the time is up" if until.over else ""
        self._tried = f"searched for {done} of {len(open_)} properties{late}"
        if not found and not self.deadline.over:
            Hunt(self.model, self.instance, parameters, False, 0).in_stories(open_[done:], found)
        for number, run in found.items():
            return run, number
        return None, ""

    def _derive(self, found: Frontier, open_: list[Property]) -> None:
        """The inequality that is proved with all parameters free and cannot be weakened."""
        for low, high in zip(found.points, found.points[1:], strict=False):
            if low.verdict == high.verdict or self.deadline.over:
                continue
            found.side = AT_LEAST if high.verdict == HOLDS else AT_MOST
            safe = high if found.side == AT_LEAST else low
            at = self.rests_on(*self.fixed({self.parameter: safe.value})) or frozenset()
            for edge, term in self._candidates(found.side, low.value, high.value, at):
                if self.holds(term):
                    beyond = self._refuted(_next_to(found.side, edge), open_, [])
                    if beyond.verdict == VIOLATED:
                        found.bound, found.edge, found.beyond = term, edge, beyond
                        return
            self._bisect(found, open_, low.value, high.value)
            return

    def _spoken_of(self) -> set[str]:
        """The parameters in the failing obligations, and in what these are about."""
        texts = [t.text for t in self.failing]
        numbers = {g.number for t in self.failing for g in t.goals}
        texts += [self.script.assumed[n] for n in numbers if n in self.script.assumed]
        return {n for text in texts for n in re.findall(r"\bp\.(\w+)", text)}

    def _candidates(
        self, side: str, low: int, high: int, needed: frozenset[str]
    ) -> Iterator[tuple[int, Term]]:
        """Inequalities with the parameter on one side and one or two others on the other, or a
        number: those that at the defaults lie between a refuted value and a proved one. The others
        are spoken of where the proof fails, or needed where it is proved (a lemma may speak of
        them).
        """
        p, here = self.state, getattr(self.state, self.parameter)
        others = sorted((self._spoken_of() | needed) - {self.parameter})
        sides: list[tuple[int, Term | int]] = [(self.defaults[n], getattr(p, n)) for n in others]
        for a, b in combinations_with_replacement(others, 2):
            total = getattr(p, a) + getattr(p, b)
            sides.append((self.defaults[a] + self.defaults[b], total))
        for a in others:
            for b in others:
                if a != b:
                    less = getattr(p, a) - getattr(p, b)
                    sides.append((self.defaults[a] - self.defaults[b], less))
        sides += [(number, number) for number in (0, 1)]
        for value, term in sides:
            if side == AT_LEAST and low < value <= high:
                yield value, here >= term
            elif side == AT_MOST and low <= value < high:
                yield value, here <= term

    def _bisect(self, found: Frontier, open_: list[Property], low: int, high: int) -> None:
        """No inequality fits: find the edge itself, the other parameters at their defaults."""
        safe, open_value = (high, low) if found.side == AT_LEAST else (low, high)
        while abs(safe - open_value) > 1 and not self.deadline.over:
            middle = (safe + open_value) // 2
            if self.holds(*self.fixed({self.parameter: middle})):
                safe = middle
            else:
                open_value = middle
        found.edge = safe
        found.beyond = self._refuted(open_value, open_, [])


def _next_to(side: str, edge: int) -> int:
    return edge - 1 if side == AT_LEAST else edge + 1


def _breaks(model: Model, run: Run, prop: Property) -> bool:
    try:
        return confirm(model, run, prop) is not None
    except BadRun:
        return False


def _names(term: Term) -> set[str]:
    """The parameters in a term."""
    return {str(t.value) for t in walk(term) if t.op == "parameter"}
