"""The sieve: which groundings of a rule are worth watching.

A rule has as many groundings as its arguments have combinations of members, and most of them cannot
fire because something that reads few of the arguments is false. Arguments are bound one after
another, and a condition is asked as soon as all that it names is bound: where it is false, nothing
below is looked at until one of the keys that it read has another value. What depends on time is
taken to be as true as time can make it. Sits above `openly` and `ground`; behaviour is the rule's
alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property

from models.language.rule import Rule
from models.language.terms import Bool, Sort, Term, walk

from .ground import RuleCode
from .layout import State
from .openly import Function, keys_if_false, values
from .pins import conditions, pins_of

Bound = tuple[str, ...]
"""The members that the first arguments of a rule (in its sieve's order) are bound to."""
Found = Callable[[Rule, dict[str, str]], None]
_ANY: Mapping[str, str] = {}
_MANY = 1_000_000


class Sieves:
    """The groundings of some rules in which nothing is false but what time may change, as a state
    changes.

    `state` is watched, not copied; whoever changes it reports the keys to `changed`. `found` is
    given each grounding as soon as it passes, perhaps more than once; what has passed is not taken
    back.
    """

    def __init__(self, state: State, found: Found) -> None:
        self.state, self.found = state, found
        self.held: dict[str, set[tuple[str, int, Bound]]] = {}
        """What is to be asked again when a key has another value: a rule, a step of its sieve, and
        what was bound there.
        """
        self._naming: dict[tuple[str, str], set[str]] = {}
        """For a record's field: the rules in which it says what an argument is."""
        self._sieves: dict[str, _Sieve] = {}

    def sift(self, code: RuleCode) -> None:
        """Begin with a rule, or begin again after it was compiled again."""
        made = self._sieves[code.rule.name] = _Sieve(self, code)
        for field in made.pins.values():
            self._naming.setdefault(field.value[:2], set()).add(code.rule.name)
        made.sift(_ANY)

    def changed(self, keys: Iterable[str]) -> None:
        """These keys have other values."""
        again, named = set[tuple[str, int, Bound]](), set[tuple[str, str, str]]()
        for key in keys:
            again.update(self.held.pop(key, ()))
            record, member, field = (*key.split(".", 2), "", "")[:3]
            for rule in self._naming.get((record, field), ()):
                named.add((rule, record, member))
        for rule, step, bound in sorted(again):
            self._sieves[rule].go_on(step, bound, _ANY)
        for rule, record, member in sorted(named):
            self._sieves[rule].named(record, member)

    def joined(self, rule: str, sort: Sort, member: str) -> None:
        """A member of an open sort is there from now on."""
        self._sieves[rule].joined(sort, member)


class _Step:
    """An argument that is bound (none at first), those that its row names, what is asked then.

    Nothing is compiled before it is needed: most rules end at their first question.
    """

    def __init__(
        self, sieve: _Sieve, name: str, sort: Sort, pinned: Sequence[str], conditions: list[Term]
    ) -> None:
        self.name, self.sort, self.conditions = name, sort, conditions
        self._sieve, self._pinned = sieve, pinned
        self._order = (*sieve.order, *([name] if name else []))

    @cached_property
    def named(self) -> Function | None:
        """The members that the row of the new argument names."""
        if not self._pinned:
            return None
        fields = [self._sieve.pins[p] for p in self._pinned]
        return values(self._sieve.layout, fields, self._order)

    @cached_property
    def ask(self) -> tuple[Function, tuple[tuple[int, Sort], ...]]:
        """What is asked, and of which arguments bound by then the peers are asked about, too."""
        order = (*self._order, *self._pinned)
        found, peers = keys_if_false(self._sieve.layout, self.conditions, order)
        sorts = dict(self._sieve.rule.keyed)
        return found, tuple((order.index(n), sorts[n]) for n in peers)


class _Sieve:
    """The sieve of one rule."""

    def __init__(self, all_: Sieves, code: RuleCode) -> None:
        self.rule, self.pins = code.rule, pins_of(code.rule)
        self.layout, self._all = code.layout, all_
        told = [t for guard in code.rule.freely for t in conditions(_at_best(guard, True))]
        named = [(t, _names(t)) for t in told if not self._is_trivial(t)]
        self.order: tuple[str, ...] = ()
        """The arguments as they are bound."""
        self._steps: list[_Step] = []
        for name, sort in (("", Bool), *_ordered(code, self.pins, [n for _, n in named])):
            pinned = [p for p, field in self.pins.items() if field.args[0].value == name]
            there = {*self.order, name, *pinned}
            now = [t for t, names in named if names <= there]
            named = [(t, names) for t, names in named if not names <= there]
            self._steps.append(_Step(self, name, sort, pinned, now))
            self.order += (*([name] if name else []), *pinned)

    def _is_trivial(self, told: Term) -> bool:
        """It holds anyway: a bound argument against itself, one that is named against its name."""
        if told.op == "const":
            return told.value is True
        if told.op != "eq":
            return False
        one, other = told.args
        fields = [self.pins[a.value] for a in told.args if a.op == "arg" and a.value in self.pins]
        return _same(one, other) or any(_same(f, a) for f in fields for a in told.args)

    def sift(self, only: Mapping[str, str]) -> None:
        """Look at every grounding, or at those with these members."""
        self.go_on(0, (), only)

    def named(self, record: str, member: str) -> None:
        """A row that names arguments may name others now."""
        owners = {f.args[0].value for f in self.pins.values() if f.value[0] == record}
        for name in sorted(owners):
            self.sift({name: member})

    def joined(self, sort: Sort, member: str) -> None:
        """A member of an open sort is there from now on."""
        for step in self._steps:
            if step.name and step.sort == sort:
                self.sift({step.name: member})

    def go_on(self, number: int, bound: Bound, only: Mapping[str, str]) -> None:
        """Hold back what is bound in this step, or bind the argument of the next."""
        step, state, layout = self._steps[number], self._all.state, self.layout
        if step.conditions:
            ask, peers = step.ask
            keys = ask(state, *bound, *[layout.peer(sort, bound[i]) for i, sort in peers])
            if keys is not None:
                for key in keys:
                    self._all.held.setdefault(key, set()).add((self.rule.name, number, bound))
                return
        number += 1
        if number == len(self._steps):
            binding = dict(zip(self.order, bound, strict=True))
            self._all.found(self.rule, {n: binding[n] for n, _ in self.rule.keyed})
            return
        step = self._steps[number]
        chosen = only.get(step.name)
        for member in layout.members(step.sort) if chosen is None else (chosen,):
            more = (*bound, member)
            if step.named is not None:
                more += step.named(state, *more) or ()
                if not all(more):
                    continue
            self.go_on(number, more, only)


def _ordered(
    code: RuleCode, pins: Mapping[str, Term], told: Sequence[set[str]]
) -> list[tuple[str, Sort]]:
    """The arguments that no row names, in the order in which they are bound: first those about
    which alone something is asked, then those whose row names others; of few members before many,
    but of an open sort first where that alone may end it.
    `told` says which arguments each condition names.
    """
    owners = {field.args[0].value for field in pins.values()}
    alone = {name for names in told if len(names) == 1 for name in names} - owners

    def place(pair: tuple[str, Sort]) -> tuple[int, int]:
        name, sort = pair
        size = _MANY if sort.open else len(code.layout.members(sort))
        if name in owners:
            return 1, size
        return (2 if sort.open else 0) if name in alone else 3, size

    return sorted((p for p in code.rule.keyed if p[0] not in pins), key=place)


def _same(one: Term, other: Term) -> bool:
    """Two terms are written alike."""
    return (
        (one.op, one.sort, one.value) == (other.op, other.sort, other.value)
        and len(one.args) == len(other.args)
        and all(map(_same, one.args, other.args))
    )


def _names(condition: Term) -> set[str]:
    return {t.value for t in walk(condition) if t.op == "arg"}


def _at_best(term: Term, wanted: bool) -> Term:
    """A term that reads no time, and is `wanted` whenever `term` is at some time."""
    if term.op in ("and", "or", "each", "some"):
        return Term(term.op, term.sort, tuple(_at_best(a, wanted) for a in term.args), term.value)
    if term.op == "not":
        return Term("not", Bool, (_at_best(term.args[0], not wanted),))
    return Term("const", Bool, value=wanted) if any(map(_of_time, walk(term))) else term


def _of_time(term: Term) -> bool:
    return term.op == "elapsed" or (term.op == "field" and term.value[:2] == ("clock", "now"))
