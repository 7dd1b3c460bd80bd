"""Induction through workers: the same obligations as `induction`, asked as text, kept and reused.

Each answer comes from the cache, or from whoever answers tasks (`pool`, or a folder of answers).
What does not come back `unsat` is asked once more inline, through the other way into z3: that names
the state in which induction stumbles, and a solver that says the opposite there is an
`EngineError`. What holds rests on what is proved (`settling`).

Sits above `script`, `cache` and `pool`; imports z3, never `ccr_es` or `cli`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from models.language.model import ALWAYS, LEMMA, STEP, Property

from ..reading.asking import OUT_OF_TIME
from ..verdict import HOLDS, UNKNOWN, EngineError, Obligation
from . import certificate
from .cache import Cache
from .induction import INIT, OPEN, Induction, framed, late
from .pool import Asker, Question
from .script import STILL, Script
from .settling import Leaning, OnResult, Result, settled
from .task import Answer, Task, assume

STUMBLES = 40
"""How many counterexamples to induction are named; a broken model has hundreds."""


class Prover:
    """Asks the obligations of one `Induction`."""

    def __init__(
        self,
        engine: Induction,
        script: Script,
        asker: Asker,
        cache: Cache | None = None,
        on_plan: Callable[[int], None] = lambda _: None,
    ) -> None:
        self.engine, self.script, self.asker, self.cache = engine, script, asker, cache
        self._plan = on_plan
        self.without = frozenset[str]()
        """Names of what is not assumed, whatever the model says."""
        self.patient = False
        """Whether questions are made when the time is up: their answers may lie ready."""
        self.stumbles = STUMBLES
        self.tasks: list[Task] = []
        """Every task whose answers count, for a certificate."""
        self.still: dict[str, tuple[str, ...]] = {}
        """What it needs that a step that changes nothing has a step property."""
        self.named()
        self._steps = {s.label: s for s in engine.steps}
        self._stumbled = 0
        self._inline: tuple[frozenset[str], Any] | None = None

    def named(self) -> None:
        """Learn the names of what may be assumed."""
        self._names = {assume(n)[8:-1]: n for n in self.script.assumed}

    def prove(self, wanted: Iterable[Property], say: OnResult) -> list[Result]:
        """Every obligation of the wanted properties, resting on proved ones only."""
        results = []
        for result in self.first_pass(list(wanted)):
            results.append(result)
            say(result)

        def more(numbers: list[str]) -> Iterator[Result]:
            return self.first_pass([self.engine.properties[n] for n in numbers])

        return settled(results, more, self._without, say)

    def first_pass(self, asked: list[Property]) -> Iterator[Result]:
        """Each obligation once, assuming every invariant, proved or not."""
        found = [p for p in asked if p.kind in (ALWAYS, LEMMA, STEP)]
        self._frames([p for p in found if p.kind == STEP])
        tasks = []
        states = [p for p in found if p.kind != STEP]
        if states:
            tasks.append(self.script.initial(states))
        for step in self.engine.steps:
            planned = list(self.engine.planned(step, found))
            yield from (framed(step, p.prop) for p in planned if not p.parts)
            wanted = [p for p in planned if p.parts]
            if self.engine.deadline.over and not self.patient:
                yield from (Result(late(step.label, p.prop)) for p in wanted)
            elif wanted:
                tasks.append(self.script.step(step, wanted))
        self.tasks += tasks
        yield from self._results(tasks, self.without)

    def certificate(self, results: Iterable[Result]) -> list[certificate.Script]:
        """What holds, as scripts for another solver."""
        found = {(r.obligation.rule, r.obligation.property): r.obligation for r in results}
        scripts = []
        for task in self.tasks:
            claims = []
            for goal in task.goals:
                o = found.get((task.label, goal.number))
                if task.label == STILL and goal.number in self.still:
                    claims.append(certificate.Claim(goal.number, self.still[goal.number]))
                elif o is not None and o.verdict == HOLDS:
                    claims.append(certificate.Claim(goal.number, (*o.uses, *o.under)))
            if claims:
                needed = sorted({n for c in claims for n in c.assumed})
                preamble = self.script.preamble(needed)
                scripts.append(certificate.script_of(task, preamble, claims))
        return scripts

    def _frames(self, properties: list[Property]) -> None:
        """Find out which step properties a step that changes nothing has."""
        unknown = [p for p in properties if p.number not in self.engine.still]
        if unknown:
            self.tasks.append(self.script.still(unknown))
            for task, goal_answers in self.answers([self.tasks[-1]], self.without):
                for goal, answer in zip(task.goals, goal_answers, strict=True):
                    self.engine.still[goal.number] = answer.said == "unsat"
                    if answer.said == "unsat":
                        self.still[goal.number] = answer.needed

    def _without(self, failed: set[str], leaning: Leaning) -> Iterator[tuple[int, Result]]:
        """What leans on failed properties, asked again without them."""
        places = {(was.rule, was.property): i for i, was in leaning}
        wanted: dict[str, list[Property]] = {}
        for _, was in leaning:
            wanted.setdefault(was.rule, []).append(self.engine.properties[was.property])
        tasks = []
        for label, properties in wanted.items():
            step = self._steps[label]
            tasks.append(self.script.step(step, list(self.engine.planned(step, properties))))
        for result in self._results(tasks, self.without | failed):
            o = result.obligation
            yield places[o.rule, o.property], result

    def _results(self, tasks: list[Task], without: frozenset[str]) -> Iterator[Result]:
        for task, answers in self.answers(tasks, without):
            for goal, answer in zip(task.goals, answers, strict=True):
                yield self._result(task, self.engine.properties[goal.number], answer, without)

    def answers(
        self, tasks: list[Task], without: frozenset[str]
    ) -> Iterator[tuple[Task, list[Answer]]]:
        """The answers to all tasks: first those that are known."""
        questions: list[Question] = []
        for task in tasks:
            names = self.script.assumes(task, without)
            known = self._known(task, names)
            if known:
                yield task.only(known), list(known.values())
            left = task.only(g.number for g in task.goals if g.number not in known)
            if left.goals:
                questions.append((left, names))
        self._plan(sum(len(task.goals) for task, _ in questions))
        for task, found in self.asker.ask(questions):
            answers = [self._named(a) for a in found]
            if self.cache is not None:
                keys = [self.script.key(task, g) for g in task.goals]
                pairs = zip(keys, answers, strict=True)
                self.cache.keep(pairs, self.script.fingerprints)
            yield task, answers

    def _known(self, task: Task, names: Iterable[str]) -> dict[str, Answer]:
        """What the cache knows of a task, by property."""
        if self.cache is None:
            return {}
        assumed = {n: self.script.fingerprints[n] for n in names}
        found = {g.number: self.cache.get(self.script.key(task, g), assumed) for g in task.goals}
        return {number: answer for number, answer in found.items() if answer is not None}

    def _named(self, answer: Answer) -> Answer:
        """The answer with the names of what it needed; `unknown` if it needed what is not there."""
        try:
            return replace(answer, needed=tuple(self._names[n] for n in answer.needed))
        except KeyError as error:
            return Answer(
                "unknown", why=f"the worker's answer names {error}, which was not assumed"
            )

    def _result(
        self, task: Task, prop: Property, answer: Answer, without: frozenset[str]
    ) -> Result:
        found = Obligation(
            task.label, prop.number, task.method, HOLDS, answer.seconds,
            uses=tuple(n for n in answer.needed if n in self.engine.properties),
            under=tuple(n for n in answer.needed if n not in self.engine.properties),
            cached=answer.cached, rlimit=answer.rlimit, conflicts=answer.conflicts,
        )  # fmt: skip
        if answer.said == "unsat":
            return Result(found)
        if answer.said != "sat":
            why = OUT_OF_TIME if self.engine.deadline.over else f"undecided ({answer.why})"
            return Result(replace(found, verdict=UNKNOWN, detail=why))
        return self._again(replace(found, verdict=UNKNOWN, detail=OPEN), prop, without)

    def _again(self, was: Obligation, prop: Property, without: frozenset[str]) -> Result:
        """Ask inline what failed. Raises `EngineError` if the two answers contradict each other."""
        self._stumbled += 1
        if self._stumbled > self.stumbles or self.engine.deadline.over:
            return Result(was)
        if was.rule == INIT:
            again = self.engine.initially(prop)
        else:
            if self._inline is None or self._inline[0] != without:
                self._inline = without, self.engine.solver(without)
            step = self._steps[was.rule]
            [again] = self.engine.of_rule(step, [prop], *self._inline[1])
        if again.obligation.verdict == HOLDS:
            raise EngineError(
                f"{was.property} at {was.rule}: a worker says that it is not kept, and z3 asked "
                "inline says that it is"
            )
        return Result(replace(was, detail=again.obligation.detail), again.cti)
