"""Rules: what one actor may do, when, and what it changes; staged once, checked, and kept as data.

Three words carry a rule. `moves` is a control arrow (guard and effect in one, what state machines
and diagrams draw); `requires` and `given` are named guards in positive words, over what the actor
knows and over what the world must allow; `sets` are data effects. What a rule does not set, it
keeps. `ghost` updates fields that exist for properties only.

Sits above `schema`; imports the standard library only.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import FunctionType, ModuleType
from typing import Any

from .misuse import BadRule, MixedSorts, ModelError
from .schema import Schema, volatile_reset
from .terms import Sort, Term, alike, any_of, lift, substitute, walk

TRIGGERS = ("command", "fault", "consequence", "time", "beat")
GHOST = "ghost"
PASSIVE = "passive"
ENVIRONMENT = "environment"
CONTENT = "content"
"""What lies in files and queues: no actor's state, but what it finds when it looks there."""


@dataclass(frozen=True)
class Actor:
    """Who acts. `on` is the id sort of its machine (the rule's first argument); None: the world.

    `running` gives the guards that hold for anything this actor does (its node is up).
    """

    name: str
    on: Sort | None = None
    running: Callable[[Any, Term], Mapping[str, Term]] | None = None


class Move:
    """A control arrow: `field` goes from one of `sources` to `target`."""

    def __init__(self, field: Term, sources: Term | tuple[Term, ...], target: Term) -> None:
        self.field = field
        self.sources = sources if isinstance(sources, tuple) else (sources,)
        self.target = target
        for end in (*self.sources, target):
            if not alike(field, end):
                raise MixedSorts(
                    f"a move of {field!r} ({field.sort.name}) cannot name {end!r} ({end.sort.name})"
                )
        if len({repr(x) for x in self.sources}) != len(self.sources):
            raise BadRule(
                f"the move of {field!r} names one source twice: two arrows for one (state, trigger)"
            )

    @property
    def said(self) -> str:
        """The name of the guard: `node[n].view is LOST or ALONE`."""
        return f"{self.field!r} is {' or '.join(repr(x) for x in self.sources)}"

    @property
    def guard(self) -> Term:
        """The field is at one of the sources."""
        found = tuple(self.field == x for x in self.sources)
        return found[0] if len(found) == 1 else any_of(*found)


@dataclass
class Body:
    """What a rule function returns."""

    event: str
    moves: tuple[Move, ...] | Move = ()
    requires: Mapping[str, Term] = field(default_factory=dict)
    given: Mapping[str, Term] = field(default_factory=dict)
    sets: Mapping[Term, Any] = field(default_factory=dict)
    ghost: Mapping[Term, Any] = field(default_factory=dict)
    content: Mapping[Term, Any] = field(default_factory=dict)
    """What the step leaves in files and queues, beside the aggregate; kept with the ghosts."""
    resets: Any = None
    """A row whose volatile fields go back to their initial values (a crash)."""


@dataclass(frozen=True)
class Rule:
    """A staged rule. `guards` are every guard by name, in order: moves, requires, given."""

    number: int
    name: str
    event: str
    trigger: str
    actor: Actor
    phase: str
    params: tuple[tuple[str, Sort], ...]
    record: str
    keys: tuple[Term, ...]
    moves: tuple[Move, ...]
    requires: dict[str, Term]
    given: dict[str, Term]
    sets: tuple[tuple[Term, Term], ...]
    ghost: tuple[tuple[Term, Term], ...]
    title: str
    why: str
    source: str
    where: str

    @cached_property
    def guards(self) -> dict[str, Term]:
        """Every guard by its positive words."""
        arrows = {m.said: m.guard for m in self.moves}
        return {**arrows, **self.requires, **self.given}

    @cached_property
    def effects(self) -> tuple[tuple[Term, Term], ...]:
        """Every (field, value) of a step, moves first, ghosts last. What is not here is kept."""
        return tuple((m.field, m.target) for m in self.moves) + self.sets + self.ghost

    @property
    def label(self) -> str:
        """`R101 claim_lock`."""
        return f"R{self.number:03d} {self.name}"

    @cached_property
    def bindings(self) -> dict[str, Term]:
        """Arguments that a guard equates with something read: name to the term it must equal.

        An argument that keys a row (`s.node[n]`) is never among them: readers enumerate it.
        """
        names = {n for n, _ in self.params} - self._keys_used
        found: dict[str, Term] = {}
        for guard in self.guards.values():
            for part in guard.args if guard.op == "and" else (guard,):
                if part.op != "eq":
                    continue
                for a, b in (part.args, part.args[::-1]):
                    free = {t.value for t in walk(b) if t.op == "arg"}
                    if (
                        a.op == "arg"
                        and a.value in names
                        and a.value not in found
                        and a.value not in free
                    ):
                        if not any(t.op == "arg" and t.value in found for t in walk(b)):
                            found[a.value] = b
        return found

    @cached_property
    def freely(self) -> tuple[Term, ...]:
        """The guards with every bound argument replaced by what binds it."""
        return tuple(substitute(guard, self.bindings) for guard in self.guards.values())

    @cached_property
    def _keys_used(self) -> set[str]:
        """The arguments that key a row or are asked for their peer, and the actor's machine."""
        effects = [t for pair in self.effects for t in pair]
        terms = [t for g in (*self.guards.values(), *effects) for t in walk(g)]
        keyed = [k for t in terms if t.op in ("field", "next", "peer") for k in t.args]
        mine = {self.params[0][0]} if self.actor.on is not None else set()
        return mine | {a.value for k in keyed for a in walk(k) if a.op == "arg"}

    @cached_property
    def keyed(self) -> tuple[tuple[str, Sort], ...]:
        """The arguments that a reader enumerates: of an id or enum sort, not bound by a guard."""
        bound = self.bindings
        return tuple((n, s) for n, s in self.params if s.kind in ("id", "enum") and n not in bound)

    @cached_property
    def valued(self) -> tuple[tuple[str, Sort], ...]:
        """The other arguments: numbers, and whatever a guard binds."""
        keyed = dict(self.keyed)
        return tuple((n, s) for n, s in self.params if n not in keyed)

    def changed(self, **changes: Any) -> Rule:
        """A variant of this rule (a dropped guard, another effect); not checked again."""
        return replace(self, **changes)


def rule_for(schema: Schema, phase: str) -> Callable[..., Callable[[Callable[..., Body]], Rule]]:
    """The decorator `@rule(101, trigger=..., actor=..., source=...)` for a schema and a phase."""

    def rule(
        number: int, *, trigger: str, actor: Actor, source: str
    ) -> Callable[[Callable[..., Body]], Rule]:
        def stage(function: Callable[..., Body]) -> Rule:
            assert isinstance(function, FunctionType)
            try:
                return _stage(function, schema, phase, number, trigger, actor, source)
            except ModelError as error:
                raise error.at(function) from None

        return stage

    return rule


def parameters_of(function: Callable[..., Any], skip: int) -> tuple[tuple[str, Sort], ...]:
    """The (name, sort) of each argument after the first `skip`; an odd annotation is refused."""
    found = []
    try:
        signature = inspect.signature(function, eval_str=True)
    except NameError as error:
        raise BadRule(f"the annotation {error.name} cannot be looked up where it is used") from None
    for name, param in list(signature.parameters.items())[skip:]:
        if not isinstance(param.annotation, Sort):
            raise BadRule(
                f"argument {name} needs a sort as its annotation (Int, Bool, Node ...),"
                f" not {param.annotation!r}"
            )
        found.append((name, param.annotation))
    return tuple(found)


def _stage(
    function: FunctionType,
    schema: Schema,
    phase: str,
    number: int,
    trigger: str,
    actor: Actor,
    source: str,
) -> Rule:
    if trigger not in TRIGGERS:
        raise BadRule(f"trigger {trigger!r} is not one of {', '.join(TRIGGERS)}")
    title, _, why = inspect.cleandoc(function.__doc__ or "").partition("\n\n")
    title = " ".join(title.split())
    if not title:
        raise BadRule("a rule needs a docstring: one sentence, then why")
    params = parameters_of(function, 1)
    args = [Term("arg", sort, value=name) for name, sort in params]
    if actor.on is not None and [s for _, s in params[:1]] != [actor.on]:
        raise BadRule(f"{actor.name} runs on a {actor.on.name}: that is the first argument")
    body = function(schema.state, *args)
    running = dict(actor.running(schema.state, args[0])) if actor.running else {}
    sets = dict(body.sets) if body.resets is None else {**volatile_reset(body.resets), **body.sets}
    moves = body.moves if isinstance(body.moves, tuple) else (body.moves,)
    record, keys = _target(moves, sets)
    _named_once([*(m.said for m in moves), *body.requires, *running, *body.given])
    staged = Rule(
        number=number,
        name=function.__name__,
        event=body.event,
        trigger=trigger,
        actor=actor,
        phase=phase,
        params=params,
        record=record,
        keys=keys,
        moves=moves,
        requires=dict(body.requires),
        given={**running, **body.given},
        sets=tuple((f, lift(v, f.sort)) for f, v in sets.items()),
        ghost=tuple((f, lift(v, f.sort)) for f, v in {**body.content, **body.ghost}.items()),
        title=title,
        why=" ".join(why.split()),
        source=source,
        where=f"{function.__code__.co_filename}:{function.__code__.co_firstlineno}",
    )
    from .checks import check_rule

    check_rule(schema, staged)
    return staged


def _named_once(names: list[str]) -> None:
    twice = [n for n in dict.fromkeys(names) if names.count(n) > 1]
    if twice:
        raise BadRule(f"two guards are named {twice[0]!r}: one would hide the other; rename one")


def _target(moves: tuple[Move, ...], sets: Mapping[Term, Any]) -> tuple[str, tuple[Term, ...]]:
    fields = [m.field for m in moves] + list(sets)
    if not fields:
        raise BadRule("a rule changes something: give it moves or sets")
    record, _, n_keys = fields[0].value
    return record, fields[0].args[:n_keys]


def rules_in(*modules: ModuleType) -> Iterator[Rule]:
    """The rules defined in `modules`, in order of definition."""
    for module in modules:
        yield from (value for value in vars(module).values() if isinstance(value, Rule))
