"""Why a step is refused: each false guard in words, the fact against it, who set that fact, and
what to try next.

Everything here is read off the model and the recorded steps; no refusal is written by hand. The
facts are those that make the guard false, newest first; what to try is found by looking for one
command after which the guard holds. Must not import the store. Sits above `blame`, below the
commands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import click

from cli.session.acts import NEVER_SUGGESTED
from models.language.misuse import BadRule
from models.language.rule import Rule
from models.plain.blame import blame
from models.plain.layout import State, Value
from models.plain.reader import Reader, Refusal, Step

FACTS_MAX = 4
"""Facts shown against one guard; `--json` has them all."""

Setter = Callable[[str], tuple[int, str]]
"""From a flat key (`node.A.view`) to the number and the name of the event that last changed it;
0 if none did.
"""


@dataclass(frozen=True)
class Fact:
    """A fact against a guard: a flat key or an argument, its value, and the event that set it
    (0: none).
    """

    key: str
    value: Value
    number: int
    event: str

    @property
    def words(self) -> str:
        """`node.A.power = DOWN; set by event 97 NodeFailed`."""
        by = f"; set by event {self.number} {self.event}" if self.number else ""
        return f"{self.key} = {shown(self.value)}{by}"


@dataclass(frozen=True)
class Reason:
    """One false guard: the facts against it, and the commands that would make it hold."""

    guard: str
    text: str
    facts: tuple[Fact, ...]
    remedies: tuple[Step, ...]
    first: tuple[Step, ...] = ()
    """Where nothing makes the guard hold at once: commands that take away one of the facts."""


def coloured(head: str, text: str) -> str:
    """An error line: its head in red."""
    return click.style(head, fg="red") + text


def reasons(reader: Reader, state: State, refusal: Refusal, setter: Setter) -> list[Reason]:
    """Each false guard of `refusal` with the facts against it and what would make it hold."""
    name = refusal.rule.partition(" ")[2]
    rule = reader.model.rule(name)
    reader.fill(state)
    found = []
    for guard in refusal.guards:
        keys = blame(rule.guards[guard.name], reader.layout, state, refusal.args)
        facts = [Fact(k, state[k], *setter(k)) for k in keys]
        facts += [Fact(k, v, 0, "") for k, v in guard.facts.items() if k not in state]
        facts.sort(key=lambda f: -f.number)
        after = list(_commands(reader, state, name, set(keys)))
        step = Step(name, refusal.args)
        cures = tuple(s for s, then in after if _holds(reader, then, step, guard.name))
        first = tuple(s for s, then in after if _fewer(reader, then, step, guard.name, keys))
        said = _with_members(guard.name, refusal.args)
        found.append(Reason(said, guard.text, tuple(facts), cures, () if cures else first))
    return found


def _with_members(guard: str, args: Mapping[str, Value]) -> str:
    """The name of a guard with its row's members filled in: `node[n].cms` as `node[A].cms`."""
    return re.sub(
        r"\[([^\]]*)\]",
        lambda m: "[" + ", ".join(str(args.get(k, k)) for k in m.group(1).split(", ")) + "]",
        guard,
    )


def lines(found: Iterable[Reason], spell: Callable[[Step], str]) -> list[str]:
    """The reasons as indented lines; `spell` writes a step as the command a person would type."""
    out = []
    for reason in found:
        out.append(f"  not so: {reason.guard}")
        out += [f"    {fact.words}" for fact in reason.facts[:FACTS_MAX]]
        if len(reason.facts) > FACTS_MAX:
            out.append(f"    and {len(reason.facts) - FACTS_MAX} more")
        if reason.first:
            out.append("    first: " + "   or: ".join(spell(s) for s in reason.first[:2]))
        if reason.remedies:
            out.append("    try: " + "   or: ".join(spell(s) for s in reason.remedies[:2]))
    return out


def shown(value: Value) -> str:
    """A plain value as people read it."""
    if value == "":
        return "nobody"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _commands(
    reader: Reader, state: State, refused: str, keys: set[str]
) -> Iterator[tuple[Step, State]]:
    """Commands that may be given now and change one of `keys`, with the state after each."""
    for grounded in reader.all_grounded():
        rule = grounded.rule
        if rule.trigger != "command" or not grounded.writes & keys:
            continue
        if rule.name == refused or rule.name in NEVER_SUGGESTED:
            continue
        step = enabled(reader, state, rule, grounded.binding)
        if step is not None:
            yield step, reader.evolve(state, step)


def _fewer(reader: Reader, then: State, refused: Step, guard: str, keys: list[str]) -> bool:
    """Whether a fact against the guard is gone in `then`, and none has come."""
    term = reader.model.rule(refused.rule).guards[guard]
    left = set(blame(term, reader.layout, then, refused.args))
    return left < set(keys)


def enabled(reader: Reader, state: State, rule: Rule, args: Mapping[str, Value]) -> Step | None:
    """The step of `rule` if its guards hold and bind every argument that is not given; otherwise
    None.
    """
    try:
        step = reader.complete(state, rule.name, args)
    except BadRule:
        return None
    return step if reader.check(state, step) is None else None


def elsewhere(reader: Reader, state: State, refusal: Refusal) -> Iterator[Step]:
    """The same rule under other members, where it may fire now."""
    rule = reader.model.rule(refusal.rule.partition(" ")[2])
    for binding in reader.layout.groundings(rule.keyed):
        if any(refusal.args[n] != v for n, v in binding.items()):
            step = enabled(reader, state, rule, binding)
            if step is not None:
                yield step


def _holds(reader: Reader, state: State, refused: Step, guard: str) -> bool:
    """Whether the guard holds in `state`, with the bound arguments read again."""
    rule = reader.model.rule(refused.rule)
    kept = {n: v for n, v in refused.args.items() if n not in rule.bindings}
    try:
        step = reader.complete(state, refused.rule, kept)
    except BadRule:
        return False
    g = reader.grounded(step.rule, step.args)
    return bool(g.guards[guard](state, *(step.args[n] for n in g.names)))
