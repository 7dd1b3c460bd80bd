"""Grounded steps: each rule under each binding of its enumerable arguments, read symbolically.

The engines ask about these one by one. With a havocking reading a rule also acts for a sibling of
the tracked members. Sits above `symbolic`; imports z3, never `ccr_es` or `cli`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import z3

from models.language.rule import Rule
from models.language.terms import Sort, walk
from models.plain.layout import Binding

from ..proof.siblings import OTHER, Bit
from .symbolic import Reading, Scope, Symbols


@dataclass(frozen=True)
class GroundedStep:
    """One rule under one binding over a symbolic state: guards, effects, arguments.

    `effects` has the keys and the bits that may change; a bit's new value is a free Bool.
    """

    rule: Rule
    binding: dict[str, str]
    args: dict[str, Any]
    guards: dict[str, Any]
    effects: dict[str, Any]
    writes: frozenset[str]
    """The keys of its effects, siblings' rows included."""
    side: list[Any]
    """What the step tells of the bits."""
    reads: frozenset[str]
    hidden: dict[str, Any]
    """A sibling's row, when the rule acts for one: what was read of it, as unknowns, by key."""
    hidden_effects: dict[str, Any]
    """What the rule writes to that row."""

    @property
    def label(self) -> str:
        """`R101 claim_lock(n=A)`."""
        return label_of(self.rule, self.binding)

    def swaps(self, after: Symbols, before: Symbols) -> list[tuple[Any, Any]]:
        """Each constant of `after` with what it is after this step; the frame is substituted."""
        return [(v, self.effects[k] if k in self.effects else before[k]) for k, v in after.items()]


def label_of(rule: Rule, binding: Binding) -> str:
    """`R101 claim_lock(n=A)`."""
    keys = ", ".join(f"{k}={v}" for k, v in binding.items())
    return f"{rule.label}({keys})" if keys else rule.label


def bindings(
    reading: Reading, params: tuple[tuple[str, Sort], ...], siblings: bool = False
) -> Iterator[dict[str, str]]:
    """Every binding of enumerable arguments; with `siblings`, tracked ones may also be `OTHER`."""
    ranges = []
    for _, sort in params:
        extra = (OTHER,) if siblings and sort.name in reading.tracked else ()
        ranges.append((*reading.layout.members(sort), *extra))
    for values in product(*ranges):
        yield dict(zip((n for n, _ in params), values, strict=True))


def canonical(reading: Reading, params: tuple[tuple[str, Sort], ...], binding: Binding) -> bool:
    """Whether `binding` is the first of its kind up to renaming the members of id sorts.

    Rules, properties and initial values cannot name a member, so what is proved for one binding is
    proved for each renaming of it.
    """
    seen: dict[str, list[str]] = {}
    for name, sort in params:
        member = binding[name]
        if sort.kind != "id" or member == OTHER:
            continue
        known = seen.setdefault(sort.name, [])
        if member not in known:
            if member != reading.layout.members(sort)[len(known)]:
                return False
            known.append(member)
    return True


def grounded(
    reading: Reading, rule: Rule, binding: dict[str, str], old: Symbols | None = None,
    tag: str = "", row: Mapping[str, Any] | None = None,
) -> GroundedStep:  # fmt: skip
    """`rule` under `binding` over `old` (default: `reading.old`); `tag` ends arguments' names;
    `row` is what is known of a sibling's row already, by key.
    """
    sorts = dict(rule.valued)
    args = {n: reading.constant(f"{rule.name}.{n}{tag}", s) for n, s in sorts.items()}
    scope = Scope(reading.old if old is None else old, binding=binding, args=args)
    scope.others.update({(op, k): v for k, v in (row or {}).items() for op in ("field", "next")})
    guards = {n: reading.encode(g, scope) for n, g in rule.guards.items()}
    layout = reading.layout
    effects = {layout.key(f, binding): reading.encode(v, scope, f.sort) for f, v in rule.effects}
    hidden = {key: symbol for (_, key), symbol in scope.others.items()}
    return GroundedStep(
        rule, binding, args, guards,
        effects={k: v for k, v in effects.items() if k in layout.fields},
        writes=frozenset(effects),
        side=[],
        reads=frozenset(scope.reads),
        hidden=hidden,
        hidden_effects={k: v for k, v in effects.items() if k not in layout.fields},
    )  # fmt: skip


def all_grounded(
    reading: Reading, symmetric: bool = False, rules: Iterable[Rule] | None = None
) -> list[GroundedStep]:
    """Every rule (default: the model's) under every binding; with `symmetric`, one of each kind.

    Steps say what becomes of the bits found so far: translate properties first.
    """
    found = []
    for rule in reading.model.rules.values() if rules is None else rules:
        for binding in bindings(reading, rule.keyed, siblings=True):
            if not symmetric or canonical(reading, rule.keyed, binding):
                found.append(grounded(reading, rule, binding))
    for step in found:
        follow_bits(reading, step)
    return found


def follow_bits(reading: Reading, step: GroundedStep) -> None:
    """Say what becomes of every bit that a step may change or tell of."""
    for bit in list(reading.bits.values()):
        if not bit.depends.isdisjoint({*step.writes, *step.hidden}):
            _follow(reading, step, bit)


def _follow(reading: Reading, step: GroundedStep, bit: Bit) -> None:
    """Say what a step tells of a bit, and what becomes of the bit.

    If the step reads or writes the row of one sibling, that sibling is one of those the bit speaks
    for, before and after. If nothing else that the bit depends on is written, the others say after
    what they said before. Otherwise the bit is free.
    """
    written = bit.depends & step.writes
    changed = reading.unknown(bit.name) if written else None
    if changed is not None:
        step.effects[bit.name] = changed
    nested = any(t.op in ("each", "some") for t in walk(bit.body))
    if nested or bit.depends.isdisjoint({*step.hidden, *step.hidden_effects}):
        return
    before = reading.old[bit.name]
    row = dict(step.hidden)
    said = _said(reading, bit, reading.old, row)
    step.side.append(z3.Implies(before, said))
    if changed is not None and written <= set(step.hidden_effects):
        after = {**row, **step.hidden_effects}
        says = _said(reading, bit, {**reading.old, **step.effects}, after)
        step.side.append(z3.Implies(changed, says))
        step.side.append(z3.Implies(z3.And(before, says), changed))


def _said(reading: Reading, bit: Bit, state: Symbols, row: dict[str, Any]) -> Any:
    """Whether the sibling with this row has the bit's body. Fields not known yet join the row."""
    others = {(op, key): v for key, v in row.items() for op in ("field", "next")}
    inner = {**bit.binding, bit.variable: OTHER}
    said = reading.encode(bit.body, Scope(state, state, inner, others=others))
    row.update({key: v for (_, key), v in others.items()})
    return said
