"""The agenda: which consequences a state enables, and when the next one will be, kept up to date.

Built once; sieves keep away the groundings in which something that does not depend on time is
false. After a change only the groundings whose guards read a changed key are looked at again.
Guards that wait for time do so through `elapsed`, so a guard can change its value only at a stamp
plus a duration: those moments are the candidates for the next deadline, and each is tried. Sits
above `sieve` and `reader`; must not change the state it watches.
"""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heappop, heappush

from models.language.misuse import BadRule
from models.language.rule import Rule

from .ground import Grounded
from .layout import State
from .reader import Reader, Step
from .sieve import Sieves

CLOCK = "clock.now"
Ground = tuple[str, ...]
"""A rule's name and the members that it is grounded for."""
Rank = tuple[tuple[int, str], ...]


def step_of(g: Grounded, state: State) -> Step:
    """The step of a grounding whose arguments are all bound by guards, as it would be fired now."""
    assert g.bind is not None
    values = dict(zip(g.names, g.bind(state), strict=True))
    return Step(g.rule.name, {n: values.get(n, g.binding.get(n, "")) for n, _ in g.rule.params})


class Agenda:
    """The enabled groundings of the rules with these triggers, in order of rule number and row.

    `state` is watched, not copied: whoever changes it reports the keys to `changed`.
    """

    def __init__(
        self, reader: Reader, state: State, triggers: tuple[str, ...] = ("consequence",)
    ) -> None:
        self._reader, self._state = reader, state
        self._now = _now(state)
        self._rules = _by_number(reader, triggers)
        self._all: list[Grounded] = []
        self._rank: list[tuple[int, Rank]] = []
        self._place: dict[Ground, int] = {}
        self._readers: dict[str, set[int]] = {}
        self._clocked: list[int] = []
        self._dirty: set[int] = set()
        self._ready: set[int] = set()
        self._queue: list[tuple[tuple[int, Rank], int]] = []
        """What is ready, and some that is so no more, the first one at the top."""
        self._undated: set[int] = set()
        self._due: dict[int, int] = {}
        self._heap: list[tuple[int, int]] = []
        self._joined = len(reader.layout.births)
        reader.fill(state)
        self._sieves = Sieves(state, self._add)
        for rule in self._rules:
            self._sieves.sift(reader.code(rule.name))

    def _add(self, rule: Rule, binding: dict[str, str]) -> None:
        """Watch one more grounding, or one whose rule was compiled again."""
        g, layout = self._reader.grounded(rule.name, binding), self._reader.layout
        name = (rule.name, *binding.values())
        i = self._place.setdefault(name, len(self._all))
        if i == len(self._all):
            self._all.append(g)
            self._rank.append(
                (rule.number, tuple(layout.rank(s, binding[n]) for n, s in rule.keyed))
            )
            if g.code.watches_clock:
                self._clocked.append(i)
        elif self._all[i] is g:
            return
        self._all[i] = g
        for key in g.watches:
            self._readers.setdefault(key, set()).add(i)
        self._dirty.add(i)

    def _extend(self) -> None:
        """Watch for the members of open sorts that joined since."""
        layout = self._reader.layout
        while self._joined < len(layout.births):
            sort, member = layout.births[self._joined]
            self._joined += 1
            for rule in self._rules:
                if sort in self._reader.ranges(rule.name):
                    for g in [g for g in self._all if g.rule is rule]:
                        self._add(rule, g.binding)
                    self._sieves.sift(self._reader.code(rule.name))
                elif any(s == sort for _, s in rule.keyed):
                    self._sieves.joined(rule.name, sort, member)
        self._reader.fill(self._state)

    def changed(self, keys: Iterable[str]) -> None:
        """Note that these keys of the state have new values."""
        if self._joined != len(self._reader.layout.births):
            self._extend()
        changed = list(keys)
        self._sieves.changed(changed)
        for key in changed:
            self._dirty.update(self._readers.get(key, ()))

    def again(self, keys: Iterable[str]) -> None:
        """Look at everything again: the state was put back to what it was at some other time, in
        which these keys had other values.
        """
        self._now = _now(self._state)
        self._reader.fill(self._state)
        self._sieves.changed(keys)
        self._queue.clear()
        self._heap, self._due = [], {}
        self._ready, self._undated = set(), set()
        self._dirty = set(range(len(self._all)))

    def enabled(self) -> list[Grounded]:
        """Every enabled grounding, in order."""
        self._refresh()
        return [self._all[i] for i in sorted(self._ready, key=self._rank.__getitem__)]

    def first(self) -> Grounded | None:
        """The first of `enabled`, or None."""
        self._refresh()
        queue = self._queue
        while queue and queue[0][1] not in self._ready:
            heappop(queue)
        return self._all[queue[0][1]] if queue else None

    def next_deadline(self) -> int | None:
        """The first later time at which, if nothing else changes, something is enabled; or None.

        What is enabled already waits for no deadline and is not counted.
        """
        self._refresh()
        for i in self._undated:
            due = self._deadline(self._all[i])
            if due is not None:
                self._due[i] = due
                heappush(self._heap, (due, i))
        self._undated.clear()
        while self._heap and self._due.get(self._heap[0][1]) != self._heap[0][0]:
            heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def _deadline(self, g: Grounded) -> int | None:
        assert g.moments is not None
        later = sorted({m for m in g.moments(self._state) if m > self._now})
        return next((m for m in later if g.ready(self._state, m)), None)

    def _refresh(self) -> None:
        if self._joined != len(self._reader.layout.births):
            self._extend()
        now = _now(self._state)
        if now != self._now:
            self._now = now
            self._dirty.update(self._clocked)
            self._dirty.update(i for i in self._ready if self._all[i].moments is not None)
            while self._heap and self._heap[0][0] <= now:
                due, i = heappop(self._heap)
                if self._due.get(i) == due:
                    self._dirty.add(i)
        for i in self._dirty:
            g = self._all[i]
            self._due.pop(i, None)
            self._undated.discard(i)
            if g.ready(self._state, now):
                if i not in self._ready:
                    self._ready.add(i)
                    heappush(self._queue, (self._rank[i], i))
            else:
                self._ready.discard(i)
                if g.moments is not None:
                    self._undated.add(i)
        self._dirty.clear()


def _now(state: State) -> int:
    now = state[CLOCK]
    assert isinstance(now, int)
    return now


def _by_number(reader: Reader, triggers: tuple[str, ...]) -> list[Rule]:
    """The rules with these triggers, by number; one that says not what its arguments are is
    refused.
    """
    rules = [r for r in reader.model.rules.values() if r.trigger in triggers]
    for rule in rules:
        free = [n for n, _ in rule.valued if n not in rule.bindings]
        if free:
            raise BadRule(
                f"{rule.label} fires by itself, but nothing says what {', '.join(free)} is:"
                " equate it with something read, under requires or given"
            )
    return sorted(rules, key=lambda r: r.number)
