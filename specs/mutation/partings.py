"""Where a rule as written and a mutant of it part ways in the stories that the model tells.

The stories' runs are replayed once, state by state. A mutant parts from the original where one of
them may fire by itself and the other not, where the step that was taken would have been refused or
have changed something else, and where the story tries in vain what the original refuses.
That shows that what was changed decides something in a run that happens, not that it is right. Sits
above `story`; imports no z3.
"""

from __future__ import annotations

from dataclasses import dataclass

from models.language.misuse import ModelError
from models.language.model import Instance, Model
from models.language.rule import Rule
from models.language.terms import walk
from models.plain.ground import Grounded, RuleCode
from models.plain.layout import State
from models.plain.reader import Reader, Step

from ..runs import Run
from ..search.story import REFUSED, driver_of, tell
from .mutants import Mutant

BY_ITSELF = ("consequence", "beat", "time")
"""What fires without anybody asking for it."""


@dataclass(frozen=True)
class Course:
    """A story's run with its states: `states[i]` is before step i."""

    number: str
    reader: Reader
    run: Run
    states: tuple[State, ...]
    refused: frozenset[str]
    """The rules that the story tries in vain."""


@dataclass(frozen=True)
class Parting:
    """Where a mutant first goes another way: the story's property, and a sentence."""

    number: str
    said: str


def courses(model: Model, instance: Instance) -> list[Course]:
    """The runs of all stories. A story that cannot be told is no course."""
    found, driver = [], driver_of(model, instance)
    for prop in model.properties:
        if not prop.story:
            continue
        try:
            run = tell(model, instance, prop.story, driver=driver)
        except ModelError:
            continue
        reader = Reader(model, run.instance)
        states = [reader.initial()]
        for step in run.steps:
            states.append(reader.evolve(states[-1], step))
        for state in states:  # a member that joined on the way was not there before
            reader.fill(state)
        tried = (line.split() for line in prop.story)
        refused = frozenset(word[1] for word in tried if word[0] == REFUSED)
        found.append(Course(prop.number, reader, run, tuple(states), refused))
    return found


def parting(course: Course, mutant: Mutant) -> Parting | None:
    """Where the mutant first parts from the original in this story."""
    pairs = _pairs(course.reader, mutant)
    alone = mutant.rule.trigger in BY_ITSELF
    for i, state in enumerate(course.states):
        for original, changed in pairs if alone else ():
            if _ready(original, state) != _ready(changed, state):
                verb = "may not" if _ready(original, state) else "may"
                said = f"{_named(changed)} {verb} fire in the story of {course.number}, event {i}"
                return Parting(course.number, said)
        step = course.run.steps[i] if i < len(course.run.steps) else None
        if step is not None and step.rule == mutant.original.name:
            said = _other(pairs, state, step)
            if said:
                return Parting(
                    course.number, f"{said} in the story of {course.number}, event {i + 1}"
                )
    if mutant.original.name in course.refused:
        said = f"{mutant.original.label} is refused in the story of {course.number}"
        return Parting(course.number, said)
    return None


def _pairs(reader: Reader, mutant: Mutant) -> list[tuple[Grounded, Grounded]]:
    if mutant.rule.keyed != mutant.original.keyed:
        return []
    codes = [RuleCode(rule, reader.layout) for rule in (mutant.original, mutant.rule)]
    bindings = reader.layout.groundings(mutant.rule.keyed)
    return [(codes[0].ground(dict(b)), codes[1].ground(dict(b))) for b in bindings]


def _ready(g: Grounded, state: State) -> bool:
    """Whether it may fire with the arguments that its guards bind; where somebody must choose one,
    whether nothing but that stands against it.
    """
    if g.bind is not None:
        return g.ready(state, int(state["clock.now"]))
    free = [n for n in g.names if n not in g.rule.bindings]
    return all(
        f(state, *(1 for _ in g.names))
        for name, f in g.guards.items()
        if not _reads(g.rule, name, free)
    )


def _reads(rule: Rule, guard: str, names: list[str]) -> bool:
    return any(t.op == "arg" and t.value in names for t in walk(rule.guards[guard]))


def _other(pairs: list[tuple[Grounded, Grounded]], state: State, step: Step) -> str:
    for original, changed in pairs:
        if any(step.args.get(n) != m for n, m in original.binding.items()):
            continue
        values = [step.args[n] for n in original.names]
        if not changed.allowed(state, *values):
            return f"{_named(changed)} is refused"
        before, after = (g.effects(state, *values) for g in (original, changed))
        keys = [k for k in {**before, **after} if before.get(k, state[k]) != after.get(k, state[k])]
        if keys:
            return f"{_named(changed)} leaves {keys[0]} otherwise"
    return ""


def _named(g: Grounded) -> str:
    row = ", ".join(f"{n}={m}" for n, m in g.binding.items())
    return f"{g.rule.label}({row})"
