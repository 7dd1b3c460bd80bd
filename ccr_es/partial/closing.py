"""What may have happened without being logged: the closure of the frontier under the rules that the
source does not log.

Only rules that could have become possible, or matter, since the last line are looked at again.
Where time passes unlogged, the moments at which a guard can change its value are tried; a rule that
writes down when it happened may have been between them: that is not exhausted. Sits above `steps`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator

from models.plain.agenda import CLOCK
from models.plain.layout import State, Value
from models.plain.reader import Step

from .again import Known
from .declared import Declared
from .frontier import Frontier, Own, Run, Way
from .marks import Broken
from .noting import Notes
from .promises import Case, Promises
from .report import NEVER_NAMED
from .steps import Ready, Steps


class Closure:
    """The unlogged rules of a record, ready to be added to a frontier.

    `doubts` collects why it is not exhausted, each reason once, with what to log against it.
    """

    def __init__(
        self,
        steps: Steps,
        declared: Declared,
        promises: Promises,
        doubts: dict[str, str],
        broken: Broken,
    ) -> None:
        self.steps, self.declared, self.promises = steps, declared, promises
        self.rules = declared.rules(steps.reader.model, steps.reader.layout)
        self.broken = broken
        self.width_max, self.doubts = declared.width_max, doubts
        self.time = next((r for r in self.rules if r.trigger == "time"), None)
        self.hidden: list[Ready] = []
        """The groundings that may have happened unlogged; `stale` are to be looked at next."""
        self._touched: dict[int, list[Ready]] = {}
        self.stale: dict[int, Ready] = {}
        self._memo: dict[tuple[object, ...], list[tuple[Step, dict[str, Value], list[Case]]]] = {}
        self._deciding: dict[int, tuple[str, ...]] = {}
        self._open: frozenset[str] = frozenset()
        self._between = False
        self.known = Known()
        self._notes: Notes | None = None
        self.refresh()

    def refresh(self) -> None:
        """Find every grounding again: members joined."""
        self.hidden = [
            ready
            for rule in self.rules
            if rule is not self.time
            for ready in self.steps.of(rule, {})
            if not self.declared.logs(rule, ready.g.binding)
        ]
        self._writes = frozenset({CLOCK}).union(*(h.writes for h in self.hidden))
        self._touched.clear()
        self._deciding.clear()
        self.known.forget()
        self.stale = {id(h): h for h in self.hidden}
        for rule in self.rules:
            if any(sort.open for _, sort in rule.keyed):
                self.doubts[f"{rule.label}{NEVER_NAMED}"] = rule.label

    @property
    def empty(self) -> bool:
        """Whether everything is logged."""
        return not self.rules

    def after(self, taken: Iterable[Ready]) -> None:
        """Note the steps that were taken: what they may have made possible is looked at again."""
        for ready in taken:
            near = self._touched.get(id(ready))
            if near is None:
                mine = ready.reads | ready.writes
                near = self._touched[id(ready)] = [
                    h
                    for h in self.hidden
                    if not h.writes.isdisjoint(mine)
                    # It may also break a property where it did not.
                    or not (h.reads | self.promises.near(h)[1]).isdisjoint(ready.writes)
                ]
            for h in near:
                self.stale[id(h)] = h

    def everything(self) -> None:
        """Look at every rule again."""
        self.stale = {id(h): h for h in self.hidden}

    def close(
        self, frontier: Frontier, line: int, until: int | None, *, every: bool = False
    ) -> None:
        """Add every state that unlogged steps before a line lead to.

        `until` is the time at which the line happened, if time may pass unlogged until then; with
        `every`, states before that time are kept too.
        """
        stale = list(self.stale.values())
        self.stale.clear()
        waits = self.time is not None and until is not None
        if not stale and not waits:
            return
        if not waits and self.known.take(frontier, line):
            return
        self._timed(frontier, until)
        if not waits and all(frontier.open.isdisjoint(h.reads) for h in stale):
            if not any(True for h in stale for _ in self._fired(h, frontier.base)):
                return
        shape, notes = frontier.shape, None
        if not waits and self.known.worth:
            notes, stale = Notes(frontier), self.hidden
        self._notes = notes
        found = self._reached(frontier, stale, line, until)
        self._notes = None
        alike: State = {}
        grown = len(found) > len(frontier)
        if grown:
            if waits and not every:
                found = [w for w in found if w.own.get(CLOCK, frontier.base[CLOCK]) == until]
            alike = frontier.settle(found)
        if notes is not None and notes.usable:
            closed = notes.closed(frontier, frontier.shape if grown else None, alike)
            if closed is not None:
                self.known.keep(shape, closed)

    def _reached(
        self, frontier: Frontier, stale: list[Ready], line: int, until: int | None
    ) -> list[Way]:
        """The states there are and those that unlogged steps lead to from them."""
        found = frontier.ways
        seen = {frozenset(w.own.items()) for w in found}
        queue: deque[tuple[int, list[Ready]]] = deque((i, stale) for i in range(len(found)))
        while queue:
            parent, near = queue.popleft()
            for fresh, step in self._onward(frontier, found[parent], near, line, until):
                key = frozenset(fresh.own.items())
                if key in seen:
                    continue
                if len(seen) >= self.width_max:
                    self._capped(line)
                    return found
                seen.add(key)
                queue.append((len(found), self.hidden))
                found.append(fresh)
                if self._notes is not None:
                    self._notes.came.append((parent, step))
        return found

    def exactly(
        self, frontier: Frontier, line: int, count: int, until: int | None, *, settle: bool = True
    ) -> None:
        """As `close`, but exactly `count` unlogged steps: the record's numbers say so."""
        if count:
            self.everything()
        self._timed(frontier, until)
        for _ in range(count):
            layer: dict[frozenset[tuple[str, Value]], Way] = {}
            for way in frontier.ways:
                for fresh, _ in self._onward(frontier, way, self.hidden, line, until):
                    layer.setdefault(frozenset(fresh.own.items()), fresh)
                if len(layer) > self.width_max:
                    self._capped(line)
                    layer = dict(list(layer.items())[: self.width_max])
                    break
            frontier.put(layer.values())
        if settle and len(frontier):
            frontier.settle(frontier.ways)

    def layered(
        self,
        frontier: Frontier,
        line: int,
        count: int,
        until: int | None,
        mark: Callable[[Frontier], None],
    ) -> None:
        """As `exactly`, and every state on the way is marked in the runs that pass through it."""
        layers = [frontier.ways]
        for _ in range(count):
            frontier.put(layers[-1])
            self.exactly(frontier, line, 1, until, settle=False)
            layers.append(frontier.ways)
        found: list[Way] = []
        for passed, layer in enumerate(layers):
            frontier.put(layer)
            mark(frontier)
            self.exactly(frontier, line, count - passed, until, settle=False)
            found += frontier.ways
        frontier.settle(found)

    def _capped(self, line: int) -> None:
        if self._notes is not None:
            self._notes.usable = False
        said = f"more than {self.width_max} states were possible before line {line}"
        if not any("states were possible" in text for text in self.doubts):
            self.doubts[said] = ""

    def _timed(self, frontier: Frontier, until: int | None) -> None:
        self._memo.clear()
        self._between = (
            self.time is not None
            and until is not None
            and any(int(clock or 0) < until for clock in frontier.values(CLOCK))
        )

    def _onward(
        self, frontier: Frontier, way: Way, near: Iterable[Ready], line: int, until: int | None
    ) -> Iterator[tuple[Way, Step]]:
        """Every state that one unlogged step leads to, and the step."""
        state: State | None = None
        for ready in near:
            # What a step does rests on what it reads: states that agree on that share the answer.
            name = (id(ready), *[way.own.get(k) for k in self._decisive(ready, frontier.open)])
            found = self._memo.get(name)
            if found is None:
                state = frontier.full(way) if state is None else state
                found = self._memo[name] = list(self._outcomes(ready, state, way.own))
            for step, changes, broken in found:
                run = Run(way.run, line, step, False)
                own = frontier.onward(way.own, changes)
                for case in broken:
                    own = frontier.onward(own, {case.mark: True})
                    self.broken.note_hidden(case, run)
                yield Way(own, run), step
        if self.time is not None and until is not None:
            state = frontier.full(way) if state is None else state
            yield from self._waited(frontier, way, state, line, until)

    def _decisive(self, ready: Ready, differ: frozenset[str]) -> tuple[str, ...]:
        """The keys that decide what a step does, and in which states may differ."""
        if differ is not self._open:
            self._open = differ
            self._deciding.clear()
        keys = self._deciding.get(id(ready))
        if keys is None:
            mine = ready.reads | self.promises.near(ready)[1]
            keys = self._deciding[id(ready)] = tuple(mine & (differ | self._writes))
        return keys

    def _outcomes(
        self, ready: Ready, state: State, own: Own
    ) -> Iterator[tuple[Step, dict[str, Value], list[Case]]]:
        if (notes := self._notes) is not None:
            noted, seen = notes.reading(state)
            fired = list(self._fired(ready, noted))
            did = [([step.args[n] for n in ready.g.names], changes) for step, changes in fired]
            notes.fired(ready, own, did, seen)
            for step, changes in fired:
                notes.onward(changes)
                cases = self.promises.near(ready)[0]
                yield step, changes, notes.broken(cases, own, state, changes)
            return
        for step, changes in self._fired(ready, state):
            if self._between and ready.stamps:
                label = ready.g.rule.label
                self.doubts[f"when {label} happened, which it writes down"] = label
            yield step, changes, self.promises.broken(ready, state, {**state, **changes})

    def _waited(
        self, frontier: Frontier, way: Way, state: State, line: int, until: int
    ) -> Iterator[tuple[Way, Step]]:
        """Time passes, to the next moment at which an unlogged rule may become possible."""
        assert self.time is not None
        now = int(state[CLOCK])
        if now >= until:
            return
        moments = (m for h in self.hidden if h.g.moments is not None for m in h.g.moments(state))
        to = min((m for m in moments if now < m < until), default=until)
        step = Step(self.time.name, {self.time.params[0][0]: to - now})
        run = Run(way.run, line, step, False)
        own = frontier.onward(way.own, {CLOCK: to})
        for case in self.promises.broken(None, state, {**state, CLOCK: to}):
            own = frontier.onward(own, {case.mark: True})
            self.broken.note_hidden(case, run)
        yield Way(own, run), step

    def _fired(self, ready: Ready, state: State) -> Iterator[tuple[Step, dict[str, Value]]]:
        g = ready.g
        if ready.free and ready.open_ended(state):
            names = " and ".join(ready.free)
            self.doubts[f"{names} of {g.rule.label}, any number"] = g.rule.label
        for values, changes in ready.does(state):
            args = {**g.binding, **dict(zip(g.names, values, strict=True))}
            yield Step(g.rule.name, {n: args[n] for n, _ in g.rule.params}), changes
