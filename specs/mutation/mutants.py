"""Mutants: a model with one thing of one rule changed: a guard or an effect left out, a whole
number shifted by one; or a constraint on the parameters dropped.

What a step leaves in files and queues is an effect like any other. Ghosts stay: they exist for
properties only. What is told by a mutant is judged in `mutation`. No z3 here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from models.language.misuse import ModelError
from models.language.rule import CONTENT, Rule
from models.language.schema import Schema
from models.language.terms import Term, lift

GUARD, EFFECT, NUMBER = "guard", "effect", "number"


@dataclass(frozen=True)
class Mutant:
    """A rule with one thing changed.

    `what` is the guard's words or the field set; `to` is what became of it, if it was not left out.
    """

    rule: Rule
    original: Rule
    kind: str
    what: str
    to: str = ""

    @property
    def label(self) -> str:
        """`R101 claim_lock without guard 'share answers'`."""
        if self.to:
            return f"{self.original.label} with {self.what!r} {self.to}"
        return f"{self.original.label} without {self.kind} {self.what!r}"


def mutants_of(rule: Rule, schema: Schema) -> Iterator[Mutant]:
    """Every mutant of a rule of a model with this schema, which says what is content."""
    left = [i for i, (f, _) in enumerate(rule.ghost) if schema.field(f).owner == CONTENT]
    yield from _without_guards(rule)
    yield from _without_effects(rule, left)
    yield from _shifted(rule, left)


def _without_guards(rule: Rule) -> Iterator[Mutant]:
    for kind in ("requires", "given"):
        named: dict[str, Term] = getattr(rule, kind)
        for name in named:
            fewer = {n: g for n, g in named.items() if n != name}
            yield Mutant(rule.changed(**{kind: fewer}), rule, GUARD, name)
    for i, move in enumerate(rule.moves):
        others = rule.moves[:i] + rule.moves[i + 1 :]
        unguarded = rule.changed(moves=others, sets=((move.field, move.target), *rule.sets))
        yield Mutant(unguarded, rule, GUARD, move.said)


def _without_effects(rule: Rule, left: list[int]) -> Iterator[Mutant]:
    for i, move in enumerate(rule.moves):
        others = rule.moves[:i] + rule.moves[i + 1 :]
        idle = rule.changed(moves=others, requires={move.said: move.guard, **rule.requires})
        yield Mutant(idle, rule, EFFECT, repr(move.field))
    for i, (target, _) in enumerate(rule.sets):
        fewer = rule.sets[:i] + rule.sets[i + 1 :]
        yield Mutant(rule.changed(sets=fewer), rule, EFFECT, repr(target))
    for i in left:
        fewer = rule.ghost[:i] + rule.ghost[i + 1 :]
        yield Mutant(rule.changed(ghost=fewer), rule, EFFECT, repr(rule.ghost[i][0]))


def _shifted(rule: Rule, left: list[int]) -> Iterator[Mutant]:
    for kind in ("requires", "given"):
        named: dict[str, Term] = getattr(rule, kind)
        for name, guard in named.items():
            for said, other in shifts(guard):
                changed = rule.changed(**{kind: {**named, name: other}})
                yield Mutant(changed, rule, NUMBER, name, said)
    for i, (target, value) in enumerate(rule.sets):
        for said, other in shifts(value):
            sets = (*rule.sets[:i], (target, other), *rule.sets[i + 1 :])
            yield Mutant(rule.changed(sets=sets), rule, NUMBER, repr(target), said)
    for i in left:
        target, value = rule.ghost[i]
        for said, other in shifts(value):
            ghost = (*rule.ghost[:i], (target, other), *rule.ghost[i + 1 :])
            yield Mutant(rule.changed(ghost=ghost), rule, NUMBER, repr(target), said)


def shifts(term: Term) -> Iterator[tuple[str, Term]]:
    """`term` with one of its whole numbers one greater, or one less, in turn; and in words."""
    if term.op == "const" and term.sort.kind == "int":
        for by in (1, -1):
            yield f"{term.value} as {term.value + by}", lift(term.value + by, term.sort)
    if term.op in ("const", "field", "next", "arg", "peer", "parameter"):
        return
    for i, part in enumerate(term.args):
        for said, other in shifts(part):
            args = (*term.args[:i], other, *term.args[i + 1 :])
            yield said, Term(term.op, term.sort, args, term.value)


def runnable(rule: Rule) -> str:
    """Why nothing can run this rule, in words; empty if something can.

    A consequence fires by itself, so guards must say what each of its arguments is.
    """
    try:
        bound = rule.bindings
    except ModelError as error:
        return str(error)
    free = [n for n, _ in rule.valued if n not in bound]
    if rule.trigger in ("consequence", "beat") and free:
        return f"nothing says what {', '.join(free)} is"
    return ""
