"""Noting, while a closure is worked out, every fact that decides it. Sits above `closed`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from operator import itemgetter
from typing import Any

from models.language.model import STEP
from models.plain.layout import State, Value
from models.plain.reader import Step

from .closed import Check, Closed, Tried
from .frontier import Frontier, Own, Shape
from .numbers import Held, Patch, Slot, alike, held, slot
from .promises import Case
from .steps import Done, Ready


class Noted(dict[str, Value]):
    """A state that notes what is read of it."""

    def __init__(self, state: State, seen: set[str]) -> None:
        super().__init__(state)
        self.seen = seen

    def __getitem__(self, key: str) -> Value:
        """The value, noted."""
        self.seen.add(key)
        return super().__getitem__(key)


class Notes:
    """What decides a closure that is being worked out from a frontier."""

    def __init__(self, frontier: Frontier) -> None:
        self.base = dict(frontier.base)
        self.usable = True
        self.came: list[tuple[int, Step]] = []
        self._read: set[str] = set()
        self._same: dict[tuple[str, Value], bool] = {}
        self._numbers: list[int] = list(frontier.numbers)
        self._places = {number: i for i, number in enumerate(self._numbers)}
        self._work: dict[object, Tried | str | int] = {}
        self._checks: _Checks = {}

    def reading(self, state: State) -> tuple[State, set[str]]:
        """A state whose reads are noted, and the set they go to."""
        seen: set[str] = set()
        return Noted(state, seen), seen

    def fired(self, ready: Ready, own: Own, did: list[Done], seen: set[str]) -> None:
        """What a step does in a state, and what was read to find out."""
        if ready.free:
            self.usable = False
        if not did and (why := self._prevented(ready, own)) is not None:
            self._read |= why.difference(own)
            return
        if len(did) == 1 and (why := self._copied(ready, own, did[0][1])) is not None:
            self._read |= why.difference(own)
            return
        said = [x for values, changes in did for x in (*values, *changes.values())]
        if not _numbered(own.get(key, self.base[key]) for key in seen):
            # Nor do the numbers that it writes hang on any: they are always these.
            self._read |= seen.difference(own)
            self._always(said)
            return
        # With other numbers it may read other facts.
        patch = self._patch({key: own[key] for key in own if key in ready.reads})
        name = (id(ready), frozenset(patch.items()))
        if name not in self._work:
            bare = [[_bare(x) for x in (*values, *changes.values())] for values, changes in did]
            self._work[name] = Tried(patch, ready, bare)
            for number in said:
                if type(number) is int:
                    self._stands(number)

    def _prevented(self, ready: Ready, own: Own) -> set[str] | None:
        """What a guard reads that is false whatever the numbers are; None if there is none such."""
        state, seen = self.reading({**self.base, **own})
        unread = [None] * len(ready.g.names)
        for guard in ready.plain:
            seen.clear()
            if not guard(state, *unread) and not _numbered(map(state.get, tuple(seen))):
                return seen
        return None

    def _copied(self, ready: Ready, own: Own, changes: Mapping[str, Value]) -> set[str] | None:
        """What decides a step that writes numbers only as they stand in the state, which are noted,
        or always the same; None if it is no such step.
        """
        if ready.g.names or len(changes) != len(ready.sources):
            return None
        state, seen = self.reading({**self.base, **own})
        ready.g.allowed(state)
        copied: list[str] = []
        always: list[Value] = []
        for value, source in zip(changes.values(), ready.sources, strict=True):
            if isinstance(source, str) and type(value) is int:
                copied.append(source)
            else:
                seen |= {source} if isinstance(source, str) else source
                always.append(value)
        if _numbered(map(state.get, tuple(seen))):
            return None
        for key in copied:
            if key not in own:
                self._common(key)
        self._always(always)
        return seen

    def broken(
        self, cases: Iterable[Case], own: Own, state: State, changes: Mapping[str, Value]
    ) -> list[Case]:
        """The properties that a step breaks; those that read a number are to be judged again."""
        found = []
        before, seen = self.reading(state)
        for case in cases:
            seen.clear()
            after = {**state, **changes}
            if not case.holds(before, Noted(after, seen)):
                found.append(case)
                self.usable = False
            stepped = case.prop.kind == STEP
            reads = seen.difference(own)
            if any(type(after[k]) is int or type(state[k]) is int for k in seen):
                if not case.settled(state, after):
                    # With other numbers it may read other facts.
                    mine = {k: v for k, v in own.items() if k in case.keys}
                    wrote = {k: v for k, v in changes.items() if k in case.keys}
                    _put(self._checks, self._patch(mine), self._patch(wrote), case)
                    continue
                reads = {k for k in case.keys if type(state[k]) is not int}.difference(own)
            # A step property reads a changed key of the state before too.
            self._read |= reads if stepped else reads - changes.keys()
        return found

    def onward(self, changes: Mapping[str, Value]) -> None:
        """A step's changes were compared with the common state."""
        for key, value in changes.items():
            was = self.base.get(key)
            if type(value) is not int:
                self._same[key, value] = was == value
            elif type(was) is not int:
                self.usable = False
            else:
                self._common(key)

    def _always(self, written: Iterable[Value]) -> None:
        """Numbers among these are constants."""
        for number in written:
            if type(number) is int and number not in self._work:
                self._work[number] = number
                self._stands(number)

    def _common(self, key: str) -> None:
        """A number of the common state matters."""
        if key not in self._work:
            self._work[key] = key
            self._stands(int(self.base[key]))

    def _stands(self, number: int) -> None:
        self._places.setdefault(number, len(self._numbers))
        self._numbers.append(number)

    def _patch(self, facts: Mapping[str, Value]) -> Patch:
        """Facts with slots instead of the numbers that are known by their place; of any other it
        cannot be said where it came from.
        """
        found: dict[str, Held] = {}
        for key, value in facts.items():
            if type(value) is int:
                at = self._places.get(value)
                if at is None:
                    self.usable = False
                else:
                    found[key] = slot(at)
            else:
                found[key] = value
        return held(found)

    @property
    def facts(self) -> tuple[Callable[[State], Any], Any]:
        """What was read of the common state but for numbers: how to read it, and what it is."""
        keys = sorted(self._read)
        pick: Callable[[State], Any] = itemgetter(*keys) if keys else _nothing
        return pick, pick(self.base)

    @property
    def checks(self) -> tuple[Check, ...]:
        """The properties that read numbers."""
        return _listed(self._checks)

    def _after(self) -> tuple[Check, ...]:
        """The same, each of a state asked only once of what comes out alike."""
        found: _Checks = {}
        for own, new, cases in self._checks.values():
            for case in cases:
                if case.prop.kind == STEP:
                    _put(found, own, new, case)
                else:
                    _put(found, {}, held({**own, **new}), case)
        return _listed(found)

    def closed(self, frontier: Frontier, shape: Shape | None, agreed: State) -> Closed | None:
        """The closure as it is kept; `shape` is what it came to, if that is another one. None if it
        cannot be.
        """
        came = []
        for parent, step in self.came:
            args = self._patch(step.args) if _numbered(step.args.values()) else {}
            came.append((parent, step, args))
        ends = self._patch({str(i): n for i, n in enumerate(frontier.numbers)}) if shape else {}
        found = Closed(
            *self.facts,
            tuple((k, v, s) for (k, v), s in self._same.items() if k not in self._read),
            tuple(self._work.values()),
            alike(self._numbers),
            self._after(),
            tuple(came),
            shape,
            tuple([s.at for s in ends.values() if isinstance(s, Slot)]),
            self._patch(agreed),
        )
        return found if self.usable else None


_Checks = dict[object, tuple[Patch, Patch, dict[Case, None]]]


def _put(checks: _Checks, own: Patch, changes: Patch, case: Case) -> None:
    name = frozenset(own.items()), frozenset(changes.items())
    checks.setdefault(name, (own, changes, {}))[2][case] = None


def _listed(checks: _Checks) -> tuple[Check, ...]:
    return tuple(Check(own, changes, tuple(cases)) for own, changes, cases in checks.values())


def _numbered(values: Iterable[Value | None]) -> bool:
    return any(type(v) is int for v in values)


def _bare(value: Value) -> Value | None:
    return None if type(value) is int else value


def _nothing(_state: State) -> Any:
    return ()
