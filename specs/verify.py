"""`verify`: the ladder. Each property is proved on the first rung that holds it, or refuted.

The rungs: induction per rule; where that is open, a search for a run, which the plain reader
confirms; k-induction; Spacer, whose invariant is checked again; at last single steps, which say how
far it certainly holds. What no rung holds and no run breaks is unknown: the state that induction
stumbled over may be unreachable. A `sometimes` holds if a run shows it, is violated if its opposite
is proved, and otherwise unknown.

Sits on top of `specs`; the command line calls it. Imports z3, never `ccr_es` or `cli`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from models.language.model import ALWAYS, LEMMA, SOMETIMES, STEP, Instance, Model, Property

from .options import Options
from .proof import certificate
from .proof.cache import Cache
from .proof.collecting import Answers, Collected
from .proof.fanout import all_of, written
from .proof.induction import Induction, late
from .proof.kept import Shelf
from .proof.narrow import narrowed
from .proof.paths import Answered
from .proof.paths import written as written_paths
from .proof.pool import Asker, Inline, Pool, Setup
from .proof.proving import Prover
from .proof.refuting import beside, note_refuted, opposite
from .proof.script import Script
from .proof.settling import Result, distrusted
from .reading.asking import Deadline
from .reading.symbolic import Reading
from .report import Report, promised
from .rungs import certify, searched, unroll
from .runs import Run
from .search.search import Hunt, Looked
from .verdict import (
    BY_INDUCTION,
    BY_K,
    BY_SPACER,
    BY_STEPS,
    HOLDS,
    LADDER,
    SEARCH,
    UNKNOWN,
    VIOLATED,
    Obligation,
)

OnProgress = Callable[[Obligation], None]


def verify(
    model: Model,
    instance: Instance,
    properties: Iterable[Property] | None = None,
    *,
    parameters: Mapping[str, int] | None = None,
    options: Options | None = None,
    on_progress: OnProgress | None = None,
    on_plan: Callable[[int], None] | None = None,
) -> Report:
    """Prove, or search for runs, what `properties` say (default: all but lemmas).

    `parameters` None means any that obey the model's constraints; a mapping means those of the
    instance with these changes. `on_plan` is told how many obligations will be asked. Raises
    `BadRule` for an unknown parameter, or constraints that exclude each other; `EngineError` if two
    readers of the model disagree; `Interrupted` with what is known so far.
    """
    asked = promised(model.properties) if properties is None else tuple(properties)
    verifier = Verifier(model, instance, asked, parameters, options)
    verifier.say = on_progress or verifier.say
    verifier.plan = on_plan or verifier.plan
    return verifier.run()


class Interrupted(KeyboardInterrupt):
    """Somebody pressed Ctrl-C: `report` has what was known by then."""

    def __init__(self, report: Report) -> None:
        super().__init__()
        self.report = report


class Verifier:
    """One verification under way."""

    def __init__(
        self, model: Model, instance: Instance, asked: tuple[Property, ...],
        parameters: Mapping[str, int] | None, options: Options | None,
    ) -> None:  # fmt: skip
        self.model, self.asked = model, asked
        self.options = options or Options()
        self.deadline = Deadline.after(self.options.seconds)
        self.say: OnProgress = lambda _: None
        self.plan: Callable[[int], None] = lambda _: None
        self.defaults = {
            name: instance.parameters.get(name, default)
            for name, (default, _) in model.schema.parameters.items()
        }
        fixed = None if parameters is None else {**self.defaults, **parameters}
        self.fixed = fixed
        self.instance = instance
        reading = Reading(model, instance, fixed)
        self.pool: Pool | None = None
        self.answers: Answers | None = None
        self.scripts: list[certificate.Script] = []
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
        """The whole ladder, or what was kept of the same question."""
        start = time.perf_counter()
        shelf = self._shelf(self.options.folder)
        if self.options.collect is not None:
            self.answers = Answers(self.options.collect, self._question())
            self.report.merged = self.answers.merged
        if shelf is not None:
            self.report.place = shelf.place
            kept = None if self.answers else shelf.find(self.report, self.model)
            if kept is not None:
                kept.seconds = time.perf_counter() - start
                return kept
        self.pool = Pool(self.options.jobs) if self.options.jobs else None
        try:
            self._climb()
        except KeyboardInterrupt:
            self.report.interrupted = True
            self.report.seconds = time.perf_counter() - start
            raise Interrupted(self.report) from None
        finally:
            if self.pool is not None:
                self.pool.close()
        if self.answers is not None:
            self.report = distrusted(self.report, self.answers.merged.against)
        if shelf is not None:
            shelf.keep(self.report, self.model, self.instance, self.scripts)
        self.report.seconds = time.perf_counter() - start
        return self.report

    def _shelf(self, folder: Path | None) -> Shelf | None:
        if folder is None:
            return None
        bounds = replace(self.options, jobs=0, seconds=None, folder=None, collect=None)
        given = (bounds, sorted((self.fixed or {}).items()), self.fixed is None)
        return Shelf.of(folder, self.model, self.instance, self.asked, given)

    def emit(self, folder: Path) -> int:
        """Write the questions of a rung, of the first for all, to a work queue instead of asking;
        how many scripts these are. Raises `BadRule` for a rung that only z3 can climb.
        """
        if self.options.method not in (LADDER, BY_INDUCTION):
            goals = [p for p in self.asked if p.kind in (ALWAYS, LEMMA)]
            by = (self.options.method, self.model, self.instance, goals, self.fixed)
            return written_paths(folder, self._question(), *by)
        safety = all_of(self.model, [p for p in self.asked if p.kind != SOMETIMES])
        prover = self._prover(self.model)
        return written(folder, self.setup, prover, safety, self._question())

    def _question(self) -> str:
        shelf = self._shelf(Path())
        assert shelf is not None
        return shelf.key

    def _climb(self) -> None:
        options = self.options
        safety = [p for p in self.asked if p.kind != SOMETIMES]
        if safety and options.tries(BY_INDUCTION):
            self._induct(safety)
        open_ = [p for p in safety if self.report.verdict_on(p.number) != HOLDS]
        wanted = [p for p in self.asked if p.kind == SOMETIMES]
        hunt = self._hunt()
        found = hunt.look([*(open_ if options.tries(BY_STEPS) else ()), *wanted])
        for p in (p for p in open_ if p.number in found):
            self.report.runs[p.number] = _noted(hunt.shortest(p, found[p.number]), p, VIOLATED)
        open_ = [p for p in open_ if p.number not in found]
        for prop in [p for p in open_ if p.kind != STEP]:
            if self.deadline.over:
                break  # building the question takes longer than an answer that nobody waits for
            if options.tries(BY_K):
                self._unroll(prop)
            proved = prop.number in self.report.certificates
            if options.tries(BY_SPACER) and not proved and not self.deadline.over:
                self._certify(prop)
        if options.tries(BY_STEPS):
            left = [p for p in open_ if p.number not in self.report.certificates]
            hunt.step_by_step(left, found)
        self._refute([p for p in wanted if p.number not in found])

    def _note(self, obligation: Obligation) -> None:
        self.report.obligations.append(obligation)
        self.say(obligation)

    def _induct(self, safety: list[Property]) -> None:
        def said(result: Result) -> None:
            self.report.obligations.append(result.obligation)
            self.say(result.obligation)

        self.report.unfinished = frozenset(p.number for p in safety)
        alone = self.answers is None
        done = alone and not self.deadline.over and self._within_part(safety, said)
        if alone and not done and self.deadline.over:  # reading all rules takes seconds
            self.report.obligations, done = [late(SEARCH, p) for p in safety], True
        if done:
            self.report.unfinished = frozenset()
            return
        self.report.obligations = []
        prover = self._prover(self.model)
        if self.answers is not None:
            prover.asker = Collected(self.answers, self.setup, prover.asker)
            prover.cache, prover.patient = None, True
            safety = all_of(self.model, safety)
        results = prover.prove(safety, said)
        self.scripts = prover.certificate(results) if self.options.folder is not None else []
        self.report.unfinished = frozenset()
        self.report.obligations = [result.told for result in results]

    def _within_part(self, safety: list[Property], said: Callable[[Result], None]) -> bool:
        """Try to prove these with a part of the model; whether every obligation holds there."""
        part = narrowed(self.model, safety)
        if part is None:
            return False
        prover = self._prover(part.model)
        found = part.prove(prover, safety, said)
        if found is not None:
            self.scripts = prover.certificate(found) if self.options.folder is not None else []
            self.report.obligations = [r.obligation for r in found]
        return found is not None

    def _prover(self, model: Model) -> Prover:
        """What proves properties of `model`, by workers and with the cache if there are any."""
        options = self.options
        engine = Induction(model, self.instance, self.fixed or {}, options.rlimit, self.deadline)
        script = Script(engine)
        setup = self.setup = Setup(script.preamble(), script.canary, options.rlimit, options.seed)
        asker: Asker = Inline(setup, self.deadline)
        if self.pool is not None:
            self.pool.setup, self.pool.deadline = setup, self.deadline
            asker = self.pool
        cache = None
        if options.folder is not None:
            cache = Cache.opened(options.folder, f"rlimit {options.rlimit} seed {options.seed}")
        return Prover(engine, script, asker, cache, self.plan)

    def _unroll(self, prop: Property) -> None:
        """Try k-induction on what induction left open, here or by the answers of a queue."""
        ask = None
        if self.answers is not None and self.options.method == BY_K:
            ask = Answered(self.answers, prop.number, self.deadline)
        told = unroll(self.report, self.model, self.instance, prop, self.deadline, ask)
        self._note(told)

    def _certify(self, prop: Property) -> None:
        """Let Spacer look for an invariant for what induction left open."""
        limit = self.options.spacer_rlimit
        told = certify(self.report, self.model, self.instance, prop, self.deadline, limit)
        self._note(told)

    def _hunt(self) -> Hunt:
        """What looks for the runs that break what is open, and those that show a `sometimes`."""
        options = self.options
        return Hunt(
            self.model, self.instance, self.fixed or self.defaults, self.fixed is None,
            options.depth, options.sweeps, options.search_rlimit, self.deadline, self._looked,
        )  # fmt: skip

    def _looked(self, looked: Looked) -> None:
        verdict = UNKNOWN
        goal = looked.goal
        if looked.run is not None:
            verdict = HOLDS if goal.kind == SOMETIMES else VIOLATED
            self.report.runs[goal.number] = _noted(looked.run, goal, verdict)
        self._note(searched(goal, looked.method, verdict, looked.seconds, looked.detail))

    def _refute(self, wanted: list[Property]) -> None:
        """For a `sometimes` that no run shows: try to prove that none can."""
        for prop in wanted:
            prover = self._prover(beside(self.model, [prop]))
            results = prover.prove([opposite(prop)], lambda _: None)
            said = note_refuted(self.report, prop, results)
            if said is not None:
                self.scripts += prover.certificate(results) if self.options.folder else []
                self.say(said)


def _noted(run: Run, goal: Property, verdict: str) -> Run:
    said = {**run.notes, "shows": goal.number, "verdict": verdict, "says": goal.sentence}
    return replace(run, notes=said)
