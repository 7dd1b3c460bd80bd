"""`verify`: the ladder. Induction first, for runs of any length; what it leaves open is searched.

A property whose every obligation is proved holds. One with an open obligation may be given to
Spacer, whose invariant is checked again. It is violated if a search finds a run that the plain
reader confirms, and otherwise unknown: the state that induction stumbled over may be unreachable.
A `sometimes` holds if a run shows it, is violated if its opposite is proved, and otherwise unknown.

Sits on top of `specs`; the command line calls it. Imports z3, never `ccr_es` or `cli`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from models.language.model import ALWAYS, SOMETIMES, Instance, Model, Property
from models.language.terms import negate

from .asking import Deadline
from .bounded import RLIMIT as SEARCH_RLIMIT
from .cache import Cache
from .induction import RLIMIT, Induction
from .pool import Asker, Inline, Pool, Setup
from .proving import Prover
from .report import Report, promised
from .script import Script
from .search import SWEEPS, Hunt, Looked
from .settling import Result
from .spacer import Spacer
from .symbolic import Reading
from .verdict import BY_SPACER, HOLDS, UNKNOWN, VIOLATED, Obligation

SEARCH = "(search)"

OnProgress = Callable[[Obligation], None]


@dataclass(frozen=True)
class Options:
    """Bounds of a verification: steps and sweeps of the searches, and z3's resource limits."""

    depth: int = 8
    sweeps: int = SWEEPS
    rlimit: int = RLIMIT
    search_rlimit: int = SEARCH_RLIMIT
    spacer: frozenset[str] = frozenset()
    """Numbers of `always` properties that Spacer may try where induction leaves something open."""
    seconds: float | None = None
    """When to stop asking; what was not asked is unknown."""
    jobs: int = 0
    """Worker processes; 0 asks in this process."""
    seed: int = 0
    """z3's random seed."""
    folder: Path | None = None
    """Where answers are kept and found again."""


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
        self.pool = Pool(self.options.jobs) if self.options.jobs else None
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
        try:
            self._climb()
        finally:
            if self.pool is not None:
                self.pool.close()
        self.report.seconds = time.perf_counter() - start
        return self.report

    def _climb(self) -> None:
        safety = [p for p in self.asked if p.kind != SOMETIMES]
        if safety:
            self._induct(safety)
        still = [p for p in safety if self.report.open_of(p.number)]
        for prop in still:
            if prop.number in self.options.spacer:
                self._certify(prop)
        still = [p for p in still if p.number not in self.report.certificates]
        wanted = [p for p in self.asked if p.kind == SOMETIMES]
        self._hunt([*still, *wanted])
        self._refute([p for p in wanted if p.number not in self.report.runs])

    def _note(self, obligation: Obligation) -> None:
        self.report.obligations.append(obligation)
        self.say(obligation)

    def _induct(self, safety: list[Property]) -> None:
        def said(result: Result) -> None:
            self.say(result.obligation)

        for result in self._prover(self.model).prove(safety, said):
            self.report.obligations.append(_with_cti(result))

    def _prover(self, model: Model) -> Prover:
        """What proves properties of `model`, by workers and with the cache if there are any."""
        options = self.options
        engine = Induction(model, self.instance, self.fixed or {}, options.rlimit, self.deadline)
        script = Script(engine)
        setup = Setup(script.preamble(), script.canary, options.rlimit, options.seed)
        asker: Asker = Inline(setup, self.deadline)
        if self.pool is not None:
            self.pool.setup, self.pool.deadline = setup, self.deadline
            asker = self.pool
        cache = None
        if options.folder is not None:
            cache = Cache.opened(options.folder, f"rlimit {options.rlimit} seed {options.seed}")
        return Prover(engine, script, asker, cache)

    def _certify(self, prop: Property) -> None:
        """Let Spacer look for an invariant for what induction left open."""
        spacer = Spacer(self.model, self.instance, prop, self.fixed, deadline=self.deadline)
        found = spacer.prove()
        if found.verdict == HOLDS:
            self.report.certificates[prop.number] = found.invariant
        self._note(
            Obligation(SEARCH, prop.number, BY_SPACER, found.verdict, found.seconds, found.detail)
        )

    def _hunt(self, goals: list[Property]) -> None:
        """Look for the runs that break what is open, and for those that show a `sometimes`."""
        options = self.options
        hunt = Hunt(
            self.model, self.instance, self.fixed or self.defaults, self.fixed is None,
            options.depth, options.sweeps, options.search_rlimit, self.deadline, self._looked,
        )  # fmt: skip
        hunt.look(goals)

    def _looked(self, looked: Looked) -> None:
        verdict = UNKNOWN
        if looked.run is not None:
            goal = looked.goal
            verdict = HOLDS if goal.kind == SOMETIMES else VIOLATED
            notes = {"shows": goal.number, "verdict": verdict, "says": goal.sentence}
            self.report.runs[goal.number] = replace(looked.run, notes=notes)
        number = looked.goal.number
        self._note(
            Obligation(SEARCH, number, looked.method, verdict, looked.seconds, looked.detail)
        )

    def _refute(self, wanted: list[Property]) -> None:
        """For a `sometimes` that no run shows: try to prove that none can."""
        for prop in wanted:
            never = replace(prop, kind=ALWAYS, term=negate(prop.term))
            others = tuple(never if p.number == prop.number else p for p in self.model.properties)
            model = replace(self.model, properties=others)
            results = self._prover(model).prove([never], lambda _: None)
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
