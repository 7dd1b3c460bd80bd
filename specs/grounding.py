"""Grounded steps: each rule under each binding of its enumerable arguments, read symbolically.

The engines ask about these one by one. With a havocking reading a rule also acts for a sibling of
the tracked members. Sits above `symbolic`; imports z3, never `ccr_es` or `cli`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from models.language.rule import Rule
from models.language.terms import Sort
from models.plain.layout import Binding

from .siblings import OTHER
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
    side: tuple[Any, ...]
    """Domain bounds of its arguments and unknowns."""
    reads: frozenset[str]

    @property
    def label(self) -> str:
        """`R101 claim_lock(n=A)`."""
        keys = ", ".join(f"{k}={v}" for k, v in self.binding.items())
        return f"{self.rule.label}({keys})" if keys else self.rule.label

    def swaps(self, after: Symbols, before: Symbols) -> list[tuple[Any, Any]]:
        """Each constant of `after` with what it is after this step; the frame is substituted."""
        return [(v, self.effects[k] if k in self.effects else before[k]) for k, v in after.items()]


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
    reading: Reading, rule: Rule, binding: dict[str, str], old: Symbols | None = None, tag: str = ""
) -> GroundedStep:
    """`rule` under `binding` over `old` (default: `reading.old`); `tag` ends arguments' names."""
    sorts = dict(rule.valued)
    args = {n: reading.constant(f"{rule.name}.{n}{tag}", s) for n, s in sorts.items()}
    scope = Scope(reading.old if old is None else old, binding=binding, args=args)
    for name, sort in sorts.items():
        scope.side.extend(reading.bounds(args[name], sort))
    guards = {n: reading.encode(g, scope) for n, g in rule.guards.items()}
    layout = reading.layout
    effects = {layout.key(f, binding): reading.encode(v, scope) for f, v in rule.effects}
    visible = {k: v for k, v in effects.items() if k in layout.fields}
    side, reads = tuple(scope.side), frozenset(scope.reads)
    return GroundedStep(rule, binding, args, guards, visible, frozenset(effects), side, reads)


def all_grounded(reading: Reading, symmetric: bool = False) -> list[GroundedStep]:
    """Every rule under every binding; with `symmetric`, one of each kind.

    A bit found so far (translate properties first) is left free by the steps that may change it.
    """
    found = []
    for rule in reading.model.rules.values():
        for binding in bindings(reading, rule.keyed, siblings=True):
            if not symmetric or canonical(reading, rule.keyed, binding):
                found.append(grounded(reading, rule, binding))
    for step in found:
        for name, bit in reading.bits.items():
            if not bit.depends.isdisjoint(step.writes):
                step.effects[name] = reading.unknown(name)
    return found
