"""Why a step is refused: each false guard in words, the fact against it, who set that fact, and what to try next.

Everything here is read off the model and the recorded steps; no refusal text is written by hand. The next command is found
by looking for one step of the operator or a repair after which the guard holds. Must not import an engine other than the
plain reader. Sits below the commands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import click

from models.language.misuse import BadRule
from models.language.rule import Rule
from models.plain.layout import State, Value
from models.plain.reader import FalseGuard, Reader, Refusal, Step

SetBy = Callable[[str], str]
"""From a flat key (`node.A.view`) to the words that name the event which last set it."""


@dataclass(frozen=True)
class Reason:
    """One false guard, ready to print: `facts` are (key, value, set by whom); `remedies` are steps that make it hold."""

    guard: str
    text: str
    facts: tuple[tuple[str, Value, str], ...]
    remedies: tuple[Step, ...]


def coloured(head: str, text: str) -> str:
    """An error line: its head in red."""
    return click.style(head, fg="red") + text


def reasons(reader: Reader, state: State, refusal: Refusal, set_by: SetBy) -> list[Reason]:
    """Each false guard of `refusal` with its facts, their setters and the single steps that would make it hold."""
    name = refusal.rule.partition(" ")[2]
    found = []
    for guard in refusal.guards:
        facts = tuple((k, v, set_by(k)) for k, v in guard.facts.items())
        steps = tuple(_remedies(reader, state, Step(name, refusal.args), guard))
        found.append(Reason(guard.name, guard.text, facts, steps))
    return found


def lines(found: Iterable[Reason], spell: Callable[[Step], str]) -> list[str]:
    """The reasons as indented lines; `spell` writes a step as the command a person would type."""
    out = []
    for reason in found:
        out.append(f"  because it is not so that {reason.guard}")
        out += [f"    {key} = {shown(value)}{'; ' + by if by else ''}" for key, value, by in reason.facts]
        if reason.remedies:
            out.append("    try: " + "   or: ".join(spell(s) for s in reason.remedies[:2]))
    return out


def shown(value: Value) -> str:
    """A plain value as people read it."""
    if value == "" or value is None:
        return "nobody"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _remedies(reader: Reader, state: State, refused: Step, guard: FalseGuard) -> Iterable[Step]:
    """Steps of an operator, or repairs, that may fire now and after which `guard` holds."""
    keys = set(guard.facts)
    for grounded in reader.all_grounded():
        if grounded.rule.trigger not in ("command", "fault") or not grounded.writes & keys:
            continue
        if grounded.rule.name == refused.rule:
            continue
        step = enabled(reader, state, grounded.rule, grounded.binding)
        if step is not None and _holds_after(reader, reader.evolve(state, step), refused, guard.name):
            yield step


def enabled(reader: Reader, state: State, rule: Rule, binding: Mapping[str, str]) -> Step | None:
    """The step of `rule` under `binding` if its guards hold and bind every other argument; otherwise None."""
    try:
        step = reader.complete(state, rule.name, binding)
    except BadRule:
        return None
    return step if reader.check(state, step) is None else None


def _holds_after(reader: Reader, state: State, refused: Step, guard: str) -> bool:
    keyed = {n: refused.args[n] for n, _ in reader.model.rule(refused.rule).keyed}
    try:
        step = reader.complete(state, refused.rule, {**refused.args, **keyed})
    except BadRule:
        return False
    g = reader.grounded(step.rule, step.args)
    return bool(g.guards[guard](state, *(step.args[n] for n in g.names)))
