"""What would have stopped a run: which guard, had it been there or been stronger, refuses a step.

Three kinds of answer, each tried on plain values. *missing*: another model (the one that a variant
was made from) refuses the step. *value*: with another value of a parameter a step is refused, or
the property holds; the nearest such value. *borrowed*: a guard that another rule of the same actor
has, and this rule lacks, is false at the step; what the model can do must still be possible with
it. That one run is stopped says nothing of other runs: `verify` says that.

Sits above `runs` and `story`; imports no z3.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from models.language.checks import check_rule
from models.language.misuse import ModelError
from models.language.model import Instance, Model, Property
from models.language.rule import Rule
from models.language.terms import Term, walk
from models.plain.layout import State
from models.plain.reader import Reader, Refusal

from ..runs import BadRun, Run, confirm, reader_for
from .story import driver_of, tell

MISSING, VALUE, BORROWED = "missing", "value", "borrowed"
BORROWED_MAX = 5
RESTLESS = 300
"""Consequences at one instant after which a story is given up."""


@dataclass(frozen=True)
class Cause:
    """One thing that would have stopped the run, at this step of it."""

    kind: str
    step: int
    rule: str
    guard: str
    detail: str


def causes(model: Model, run: Run, prop: Property, reference: Model | None = None) -> list[Cause]:
    """What would have stopped a run that breaks `prop`, but for what is borrowed; `reference` is
    the model that this one varies.
    """
    found = missing(reference, run) if reference is not None and reference is not model else []
    return [*found, *values(model, run, prop)]


def missing(reference: Model, run: Run) -> list[Cause]:
    """The guards by which `reference` refuses the first step that it refuses."""
    here = _refused(reference, run)
    if here is None:
        return []
    number, refusal = here
    detail = f"{reference.name} has it, and refuses the step"
    return [Cause(MISSING, number, refusal.rule, g.name, detail) for g in refusal.guards]


def _refused(model: Model, run: Run) -> tuple[int, Refusal] | None:
    """The first step that a model refuses; a rule or sort that it does not have ends the search."""
    try:
        reader = reader_for(model, run)
        state = reader.initial()
        for number, step in enumerate(run.steps, 1):
            refusal = reader.check(state, step)
            if refusal is not None:
                return number, refusal
            state = reader.evolve(state, step)
    except (ModelError, KeyError):
        return None
    return None


def values(model: Model, run: Run, prop: Property) -> list[Cause]:
    """For each parameter away from its default: the value nearest to its own that stops the run."""
    found = []
    for name, (default, _) in model.schema.parameters.items():
        own = run.instance.parameters.get(name, default)
        if own == default or not _stops(model, _with(run, name, default), prop):
            continue
        low, high = own, default
        while abs(high - low) > 1:
            middle = (low + high) // 2
            stopped = _stops(model, _with(run, name, middle), prop)
            low, high = (low, middle) if stopped else (middle, high)
        here = _refused(model, _with(run, name, high))
        detail = f"{name} is {own}; with {high} (the default is {default}) the run is stopped"
        if here is None:
            found.append(Cause(VALUE, len(run), "", prop.label, detail))
        else:
            guard = here[1].guards[0].name
            found.append(Cause(VALUE, here[0], here[1].rule, guard, detail))
    return found


def _with(run: Run, name: str, value: int) -> Run:
    parameters = {**run.instance.parameters, name: value}
    return replace(run, instance=Instance(run.instance.members, parameters))


def _stops(model: Model, run: Run, prop: Property) -> bool:
    try:
        return confirm(model, run, prop) is None
    except BadRun:
        return True


def borrowed(model: Model, run: Run, prop: Property) -> list[Cause]:
    """Guards of other rules that are false where this run fires a rule without them, from its last
    step backwards: those that read what the property reads, and with which everything that has a
    story can still be done.
    """
    about = {t.value[:2] for t in walk(prop.term) if t.op in ("field", "next")}
    reader = reader_for(model, run)
    states = list(run.states(reader))
    told = _shown(model, run.instance, (p for p in model.properties if p.story))
    found: list[Cause] = []
    seen: set[tuple[str, str]] = set()
    for number in range(len(run.steps), 0, -1):
        step, old = run.steps[number - 1], states[number - 1]
        rule = model.rules[step.rule]
        if rule.trigger in ("fault", "time", "beat") or rule.actor.on is None:
            continue
        for other, name, guard in _lacking(model, rule):
            key = (rule.name, repr(guard))
            read = {t.value[:2] for t in walk(guard) if t.op == "field"}
            if key in seen or not read & about or not _false(reader, rule, guard, old, run, number):
                continue
            seen.add(key)
            stronger = rule.changed(given={**rule.given, name: guard})
            if _admissible(model, stronger) and told == _shown(
                model.with_rule(stronger), run.instance, told
            ):
                detail = f"{other.label} has it; everything that is told can still be done with it"
                found.append(Cause(BORROWED, number, rule.label, name, detail))
                if len(found) == BORROWED_MAX:
                    return found
    return found


def _lacking(model: Model, rule: Rule) -> Iterator[tuple[Rule, str, Term]]:
    """The guards of the same actor's other rules that can be said of this rule's arguments."""
    sorts = dict(rule.params)
    mine = {repr(g) for g in rule.guards.values()}
    for other in model.rules.values():
        if other.actor.name != rule.actor.name or other.name == rule.name:
            continue
        theirs = dict(other.params)
        for name, guard in {**other.requires, **other.given}.items():
            used = {t.value for t in walk(guard) if t.op == "arg" and t.value in theirs}
            if repr(guard) in mine or name in rule.guards:
                continue
            if all(sorts.get(n) == theirs[n] for n in used):
                yield other, name, guard


def _false(reader: Reader, rule: Rule, guard: Term, state: State, run: Run, number: int) -> bool:
    """Whether the guard does not hold where the rule was fired."""
    only = rule.changed(requires={"it": guard}, given={}, moves=(), sets=rule.effects)
    model = replace(reader.model, rules={rule.name: only})
    return Reader(model, run.instance).check(state, run.steps[number - 1]) is not None


def _admissible(model: Model, rule: Rule) -> bool:
    try:
        check_rule(model.schema, rule)
    except ModelError:
        return False
    return True


def _shown(model: Model, instance: Instance, asked: Iterable[Property]) -> tuple[Property, ...]:
    """Those of the properties whose story shows them."""
    plain = Instance(instance.members, {})
    driver, found = driver_of(model, plain), []
    for prop in asked:
        try:
            run = tell(model, plain, prop.story, driver=driver, limit=RESTLESS)
        except ModelError:
            continue
        if confirm(model, run, prop) is not None:
            found.append(prop)
    return tuple(found)
