"""What a rule may read and write, checked when it is staged. Each sentence below is one function.

A rule writes one aggregate: its actor's own, or a passive resource on which it also has a guard
(compare-and-set). `requires` reads what the actor's machine owns, the arguments, the clock and the
parameters. `given` may also read probe fields. Effects read the written aggregate, the arguments,
the clock and the parameters, so that an event stands alone. Ghosts are read by ghosts only. Content
(what lies in files and queues) belongs to nobody: a step may leave some beside its aggregate, and
whoever has its probe finds it.
"""

from __future__ import annotations

from collections.abc import Iterable

from .misuse import BadRule, MixedSorts
from .rule import CONTENT, ENVIRONMENT, GHOST, PASSIVE, Rule
from .schema import Schema
from .terms import Bool, Term, alike, walk


def check_rule(schema: Schema, rule: Rule) -> None:
    """Raise `BadRule` or `MixedSorts`, with the fix, if the rule breaks the discipline."""
    _one_aggregate(rule)
    _set_once(rule)
    _sorts(rule)
    _no_ghost_reads(schema, rule)
    _writes_its_own(schema, rule)
    if rule.actor.on is not None:
        for name, guard in rule.requires.items():
            _requires_what_it_knows(schema, rule, name, guard)
        for name, guard in rule.given.items():
            _given_by_probe(schema, rule, name, guard)
    _effects_stand_alone(schema, rule)


def fields_in(terms: Iterable[Term]) -> list[Term]:
    """Every field read in `terms`."""
    return [t for term in terms for t in walk(term) if t.op == "field"]


def row_of(term: Term) -> tuple[str, tuple[str, ...]]:
    """The aggregate a field term belongs to: record name and shown keys."""
    record, _, n_keys = term.value
    return record, tuple(repr(a) for a in term.args[:n_keys])


def _one_aggregate(rule: Rule) -> None:
    rows = {row_of(f) for f in [m.field for m in rule.moves] + [f for f, _ in rule.sets]}
    if len(rows) > 1:
        names = " and ".join(sorted(f"{r}[{', '.join(k)}]" for r, k in rows))
        raise BadRule(
            f"one rule, one event, one aggregate: it writes {names}."
            " Make the second a consequence of its own"
        )


def _set_once(rule: Rule) -> None:
    seen: list[Term] = []
    for target, _ in rule.effects:
        for other in seen:
            if target.value == other.value and _may_coincide(target, other):
                raise BadRule(
                    f"{target!r} is set twice; keep one of moves and sets"
                    if repr(target) == repr(other)
                    else f"{other!r} and {target!r} are both set and may be one field:"
                    " key them by an argument and its peer, or make two rules"
                )
        seen.append(target)


def _may_coincide(a: Term, b: Term) -> bool:
    """Two terms of one field, unless somewhere one is keyed by x and the other by peer(x)."""
    keys = [(repr(x), repr(y)) for x, y in zip(a.args, b.args, strict=True)]
    return not any(x == f"peer({y})" or y == f"peer({x})" for x, y in keys)


def _sorts(rule: Rule) -> None:
    for name, guard in (*rule.requires.items(), *rule.given.items()):
        if guard.sort != Bool:
            raise MixedSorts(f"guard {name!r} is a {guard.sort.name}; a guard is a Bool")
    for target, value in rule.effects:
        if target.op != "field" or not alike(target, value):
            raise MixedSorts(
                f"{target!r} ({target.sort.name}) cannot be set to {value!r} ({value.sort.name})"
            )


def _no_ghost_reads(schema: Schema, rule: Rule) -> None:
    reads = fields_in(
        [*rule.guards.values(), *(v for _, v in rule.sets), *(m.target for m in rule.moves)]
    )
    for term in reads:
        if schema.field(term).owner == GHOST:
            raise BadRule(f"it reads {term!r}, a ghost; ghosts exist for properties only")
    for target, value in rule.ghost:
        owner = schema.field(target).owner
        if owner not in (GHOST, CONTENT):
            raise BadRule(f"ghost sets {target!r}, which is not a ghost; put it under sets")
        read = [f for f in fields_in([value]) if schema.field(f).owner == GHOST]
        if owner == CONTENT and read:
            raise BadRule(
                f"{target!r} is set from {read[0]!r}, a ghost; ghosts exist for properties"
            )


def _writes_its_own(schema: Schema, rule: Rule) -> None:
    for target in [m.field for m in rule.moves] + [f for f, _ in rule.sets]:
        owner = schema.field(target).owner
        if owner == CONTENT:
            raise BadRule(f"sets {target!r}, which lies in files and queues; put it under content")
        if owner in (rule.actor.name, GHOST) or rule.actor.on is None:
            if owner == GHOST:
                raise BadRule(f"sets {target!r}, a ghost; put it under ghost")
            continue
        if owner == PASSIVE:
            record = target.value[0]
            if not any(
                f.value[0] == record
                for f in fields_in([*rule.given.values(), *(m.guard for m in rule.moves)])
            ):
                raise BadRule(
                    f"it writes {target!r}, a passive resource, without comparing first:"
                    f" give it a guard on {record}"
                )
            continue
        raise BadRule(f"it writes {target!r}, which belongs to {owner}, not to {rule.actor.name}")


def _own(rule: Rule, term: Term) -> bool:
    me = rule.params[0][0]
    return (
        bool(term.args)
        and term.args[0].op == "arg"
        and term.args[0].value == me
        and term.value[2] > 0
    )


def _requires_what_it_knows(schema: Schema, rule: Rule, name: str, guard: Term) -> None:
    for term in fields_in([guard]):
        if term.value[0] == "clock":
            continue
        if not _own(rule, term) or schema.field(term).owner in (ENVIRONMENT, PASSIVE):
            raise BadRule(
                f"requires {name!r} reads {term!r}, which {rule.actor.name} does not own: move the"
                " guard to `given` and read a field with a probe, or bind an argument to it there"
            )


def _given_by_probe(schema: Schema, rule: Rule, name: str, guard: Term) -> None:
    for term in fields_in([guard]):
        if term.value[0] != "clock" and not _own(rule, term) and not schema.field(term).probe:
            raise BadRule(
                f"given {name!r} reads {term!r}, which no I/O reveals:"
                " declare a probe for it, or read another field"
            )


def _effects_stand_alone(schema: Schema, rule: Rule) -> None:
    row = (rule.record, tuple(repr(k) for k in rule.keys))
    for target, value in [*((m.field, m.target) for m in rule.moves), *rule.sets]:
        for term in fields_in([value]):
            if term.value[0] != "clock" and row_of(term) != row:
                raise BadRule(
                    f"{target!r} is set from {term!r}, of another aggregate:"
                    " bind an argument to it under `given` and set that"
                )
