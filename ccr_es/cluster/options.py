"""What can be done now: every command and fault under every binding, with why it is refused.

An argument that no guard binds must be chosen by somebody; until then only the guards that do not
read it are looked at. Generic; sits above the plain reader.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from models.language.rule import Rule
from models.language.show import show
from models.language.terms import Term, walk
from models.plain.ground import Grounded
from models.plain.layout import State, Value
from models.plain.reader import FalseGuard, Reader, Refusal
from models.plain.sieve import Sieves

FROM_OUTSIDE = ("command", "fault")


@dataclass(frozen=True)
class Option:
    """A rule with its arguments, and why it is refused now (None: it is enabled).

    `missing` are the arguments that somebody must choose.
    """

    rule: str
    args: dict[str, Value]
    refusal: Refusal | None
    missing: tuple[str, ...] = ()


def options(reader: Reader, state: State, rule: str | None = None) -> Iterator[Option]:
    """Every binding of the commands and faults, or of one rule of any kind."""
    for g in reader.all_grounded():
        if g.rule.trigger in FROM_OUTSIDE if rule is None else g.rule.name == rule:
            yield _option(reader, state, g)


def enabled(reader: Reader, state: State) -> list[Option]:
    """The commands and faults that may happen now, in the order of `options`, without looking at
    every binding.
    """
    layout, found = reader.layout, dict[str, set[tuple[str, ...]]]()
    rules = [r for r in reader.model.rules.values() if r.trigger in FROM_OUTSIDE]

    def note(rule: Rule, binding: dict[str, str]) -> None:
        found.setdefault(rule.name, set()).add(tuple(binding.values()))

    reader.fill(state)
    sieves = Sieves(state, note)
    for rule in rules:
        sieves.sift(reader.code(rule.name))
    options_ = []
    for rule in rules:
        places = [{m: i for i, m in enumerate(layout.members(sort))} for _, sort in rule.keyed]
        names = [n for n, _ in rule.keyed]
        for members in sorted(
            found.get(rule.name, ()),
            key=lambda ms: [place[m] for place, m in zip(places, ms, strict=True)],
        ):
            binding = dict(zip(names, members, strict=True))
            option = _option(reader, state, reader.grounded(rule.name, binding))
            if option.refusal is None:
                options_.append(option)
    return options_


def _option(reader: Reader, state: State, g: Grounded) -> Option:
    missing = tuple(n for n in g.names if n not in g.rule.bindings)
    if not missing:
        step = reader.complete(state, g.rule.name, g.binding)
        return Option(g.rule.name, step.args, reader.check(state, step))
    false = tuple(
        FalseGuard(name, show(term), g.facts(term, state, g.binding))
        for name, term in g.rule.guards.items()
        if not mentions(term, g.names) and not g.guards[name](state, *(0 for _ in g.names))
    )
    refusal = Refusal(g.rule.label, dict(g.binding), false) if false else None
    return Option(g.rule.name, dict(g.binding), refusal, missing)


def mentions(term: Term, names: tuple[str, ...]) -> bool:
    """Whether `term` reads one of these arguments."""
    return any(t.op == "arg" and t.value in names for t in walk(term))
