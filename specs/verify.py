"""`verify`: the ladder. Induction first, for runs of any length; what it leaves open is searched.

A property whose every obligation is proved holds. One with an open obligation is violated if a
bounded search finds a run that the plain reader confirms, and otherwise unknown: the state that
induction stumbled over may be unreachable. A `sometimes` holds if a run shows it, is violated if
its opposite is proved, and otherwise unknown.

Sits on top of `specs`; the command line calls it. Imports z3, never `ccr_es` or `cli`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from models.language.model import ALWAYS, SOMETIMES, Instance, Model, Property
from models.language.terms import negate

from .asking import Deadline
from .bounded import RLIMIT as SEARCH_RLIMIT
from .bounded import Bounded
from .induction import RLIMIT, Induction, Result
from .minimal import smallest
from .report import BY_STEPS, BY_STORY, BY_SWEEP, Report, promised
from .runs import Run
from .story import shown_by
from .symbolic import Reading
from .verdict import HOLDS, UNKNOWN, VIOLATED, Obligation

SEARCH = "(search)"
SWEEPS = 4

OnProgress = Callable[[Obligation], None]


@dataclass(frozen=True)
class Options:
    """Bounds of a verification: steps and sweeps of the searches, and z3's resource limits."""

    depth: int = 8
    sweeps: int = SWEEPS
    rlimit: int = RLIMIT
    search_rlimit: int = SEARCH_RLIMIT
    seconds: float | None = None
    """When to stop asking; what was not asked is unknown."""


def verify(
    model: Model,
    instance: Instance,
    properties: Iterable[Property] | None = None,
    *,
    parameters: Mapping[str, int] | None = None,
    options: Options | None = None,
    on_progress: OnProgress | None = None,
) -> Report:
    """Prove, or search for runs, what `properties` say (default: all but lemmas).

    `parameters` None means any that obey the model's constraints; a mapping means those of the
    instance with these changes. Raises `BadRule` for an unknown parameter, or constraints that
    exclude each other; `EngineError` if two readers of the model disagree.
    """
    asked = promised(model.properties) if properties is None else tuple(properties)
    return Verifier(model, instance, asked, parameters, options, on_progress).run()


class Verifier:
    """One verification under way."""

    def __init__(
        self,
        model: Model,
        instance: Instance,
        asked: tuple[Property, ...],
        parameters: Mapping[str, int] | None,
        options: Options | None,
        on_progress: OnProgress | None,
    ) -> None:
        self.model, self.asked = model, asked
        self.options = options or Options()
        self.deadline = Deadline.after(self.options.seconds)
        self.say = on_progress or (lambda _: None)
        self.defaults = {
            name: instance.parameters.get(name, default)
            for name, (default, _) in model.schema.parameters.items()
        }
        fixed = None if parameters is None else {**self.defaults, **parameters}
        self.fixed = fixed
        self.instance = instance
        reading = Reading(model, instance, fixed)
        self.report = Report(
            model.name,
            asked,
            fixed,
            tuple(r.label for r in model.rules.values() if r.trigger == "fault"),
            tuple(n for n in model.constraints if n in reading.assumptions),
            reading.broken,
            self.options.depth,
        )

    def run(self) -> Report:
        """The whole ladder."""
        start = time.perf_counter()
        safety = [p for p in self.asked if p.kind != SOMETIMES]
        if safety:
            self._induct(safety)
            still = [p for p in safety if self.report.open_of(p.number)]
            self._search(still, VIOLATED)
        wanted = [p for p in self.asked if p.kind == SOMETIMES]
        for prop in wanted:
            self._tell(prop)
        wanted = [p for p in wanted if p.number not in self.report.runs]
        if wanted:
            self._search(wanted, HOLDS)
            self._refute([p for p in wanted if p.number not in self.report.runs])
        self.report.seconds = time.perf_counter() - start
        return self.report

    def _note(self, obligation: Obligation) -> None:
        self.report.obligations.append(obligation)
        self.say(obligation)

    def _induct(self, safety: list[Property]) -> None:
        engine = self._induction(self.model)

        def said(result: Result) -> None:
            self.say(result.obligation)

        for result in engine.prove(safety, said):
            self.report.obligations.append(_with_cti(result))

    def _induction(self, model: Model) -> Induction:
        limit = self.options.rlimit
        return Induction(model, self.instance, self.fixed or {}, limit, self.deadline)

    def _tell(self, prop: Property) -> None:
        """Show a `sometimes` by its own story, if it has one and that still shows it."""
        start = time.perf_counter()
        settings = Instance(self.instance.members, self.fixed or self.defaults)
        run = shown_by(self.model, settings, prop)
        if run is None:
            return
        notes = {"shows": prop.number, "verdict": HOLDS, "says": prop.sentence}
        self.report.runs[prop.number] = replace(run, notes=notes)
        seconds = time.perf_counter() - start
        detail = f"its story, a confirmed run of {len(run)} steps, shows it"
        self._note(Obligation(SEARCH, prop.number, BY_STORY, HOLDS, seconds, detail))

    def _search(self, goals: list[Property], verdict: str) -> None:
        """Look for runs: by sweeps at the default parameters, then at any; then step by step."""
        settings = [self.defaults, {}] if self.fixed is None else [self.fixed]
        for fixed in settings:
            self._grow(goals, verdict, fixed, sweep=True)
            goals = [g for g in goals if g.number not in self.report.runs]
        self._grow(goals, verdict, settings[-1], sweep=False)

    def _grow(
        self, goals: list[Property], verdict: str, fixed: Mapping[str, int], sweep: bool
    ) -> None:
        options = self.options
        depth = options.sweeps if sweep else options.depth
        if not goals or (sweep and not depth):
            return
        engine = Bounded(
            self.model, self.instance, fixed, sweep=sweep,
            rlimit=options.search_rlimit, deadline=self.deadline,
        )  # fmt: skip
        known: dict[str, tuple[int, float]] = {g.number: (-1, 0.0) for g in goals}
        waiting = list(goals)
        while waiting:
            for goal in list(waiting):
                found = engine.ask(goal)
                seconds = known[goal.number][1] + found.seconds
                known[goal.number] = (found.depth, seconds)
                if found.run is not None:
                    run = smallest(engine, goal, found.run)
                    self._found(goal, run, verdict, sweep, seconds)
                if found.run is not None or not found.complete:
                    waiting.remove(goal)
            if not waiting or engine.depth >= depth or self.deadline.over:
                break
            if not engine.deepen():
                break
        for goal in goals:
            if goal.number not in self.report.runs:
                reached, seconds = known[goal.number]
                self._not_found(goal, reached, sweep, seconds)

    def _found(self, goal: Property, run: Run, verdict: str, sweep: bool, seconds: float) -> None:
        notes = {"shows": goal.number, "verdict": verdict, "says": goal.sentence}
        self.report.runs[goal.number] = replace(run, notes=notes)
        method = BY_SWEEP if sweep else BY_STEPS
        word = "breaks" if verdict == VIOLATED else "shows"
        detail = f"a confirmed run of {len(run)} steps {word} it"
        self._note(Obligation(SEARCH, goal.number, method, verdict, seconds, detail))

    def _not_found(self, goal: Property, reached: int, sweep: bool, seconds: float) -> None:
        what = "sweeps over all rules" if sweep else "steps"
        detail = f"no run of up to {reached} {what}"
        method = BY_SWEEP if sweep else BY_STEPS
        self._note(Obligation(SEARCH, goal.number, method, UNKNOWN, seconds, detail))

    def _refute(self, wanted: list[Property]) -> None:
        """For a `sometimes` that no run shows: try to prove that none can."""
        for prop in wanted:
            never = replace(prop, kind=ALWAYS, term=negate(prop.term))
            others = tuple(never if p.number == prop.number else p for p in self.model.properties)
            model = replace(self.model, properties=others)
            results = self._induction(model).prove([never])
            mine = [r.obligation for r in results if r.obligation.property == prop.number]
            if all(o.verdict == HOLDS for o in mine):
                seconds = sum(o.seconds for o in mine)
                detail = "no run of any length shows it"
                self._note(Obligation(SEARCH, prop.number, "induction", VIOLATED, seconds, detail))


def _with_cti(result: Result) -> Obligation:
    if result.cti is None:
        return result.obligation
    lines = "\n".join(line.strip() for line in result.cti.lines())
    return replace(result.obligation, detail=f"{result.obligation.detail}\n{lines}")
