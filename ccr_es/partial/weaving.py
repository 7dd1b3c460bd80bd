"""The audit of parts that nothing puts in order: every order of their lines that the rules, the
clocks and each part's own order allow is a possible run.

How far each part was taken is a component of a possible state: after as many lines in all, the
states that took the same lines of each part are one frontier. Where a line that must happen now
commutes with all that others can do before time passes, one order stands for all. Past the width
cap states are left out, and from then on nothing is certain. Sits above `engine`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from models.plain.layout import State, Value

from ..errors_audit import PartsUntimed
from .answering import Asked
from .declared import Declared
from .engine import Audit
from .frontier import Frontier, Run, Way
from .lanes import NEAR, NOTHING, Lane, Print, lanes_of
from .placing import Clocks, Placing, offset_key, offset_of
from .promises import MARK
from .reasons import stuck
from .record import Beside, Record, Seen
from .report import PartialReport, Trouble
from .taking import possible

At = tuple[int, ...]
"""How many lines of each part were taken."""
Layer = dict[At, Frontier]
Fresh = tuple[State, Run | None]


class Weaving(Audit):
    """One audit of several parts under way. `streams` are the lines of each, by its name."""

    def __init__(
        self,
        record: Record,
        declared: Declared,
        asked: Sequence[Asked],
        streams: dict[str, Iterator[Seen | Beside]],
        clocks: Clocks,
    ) -> None:
        super().__init__(" + ".join(streams), record, declared, asked)
        if self.closure.time is not None:
            raise PartsUntimed(
                f"{self.report.source}: how time passed is in none of the parts, so nothing says"
                " what happened before what",
                "Add the part `outside` (`ccr log export FILE --outside`), which has it, or judge"
                " each part by itself",
            )
        self._streams, self._clocks = streams, clocks
        self.number = None
        self._done = 1

    def woven(self) -> PartialReport:
        """Take every line of every part. Raises what `run` raises, and `PartsTooLong`."""
        report = self.report
        report.unordered = True
        while True:
            lanes = lanes_of(list(self._streams), list(self._streams.values()))
            if not self._segment(lanes):
                report.unchecked = "what comes after that"
                break
            untils = [lane.until for lane in lanes]
            first = untils[0]
            if {u.under if u else "" for u in untils} != {first.under if first else ""}:
                self._disagree(lanes)
                break
            if first is None:
                self._end()
                break
            self._closed({(): self.frontier})
            if not self._adopt(first):
                report.unchecked = f"what comes after {first.where}"
                break
            report.events += 1
        report.clocks = self._offsets()
        return self._finished()

    def _disagree(self, lanes: Sequence[Lane]) -> None:
        has = next(lane for lane in lanes if lane.until is not None)
        lacks = next(lane for lane in lanes if lane.until is None)
        assert has.until is not None
        text = f"from here on the cluster goes by another model, of which {lacks.name} says nothing"
        self._fails(has.until, text)
        self.report.unchecked = f"what comes after {has.until.where}"

    def _segment(self, lanes: Sequence[Lane]) -> bool:
        """Take the lines up to where all go on by another model; whether anything is left."""
        for lane in lanes:  # members that join are there for all from the beginning
            for seen in lane.lines:
                self._candidates(seen)
        for lane in lanes:
            lane.know(self._candidates, self.promises)
        self._hidden = self._unlogged()
        self._placing = Placing(lanes, self._clocks)
        layer: Layer = {(0,) * len(lanes): self.frontier}
        for _ in range(sum(len(lane.lines) for lane in lanes)):
            after = self._after(lanes, self._closed(layer))
            if not after:
                self.report.troubles.append(self._stuck(lanes, layer))
                return False
            self.report.events += 1
            self._done += 1
            self.report.width = max(self.report.width, sum(map(len, after.values())))
            layer = after
        (self.frontier,) = layer.values()
        return True

    def _closed(self, layer: Layer) -> Layer:
        """With what may have happened unlogged in between."""
        if self.closure.hidden:
            for frontier in layer.values():
                self.closure.everything()
                self.closure.close(frontier, self._done + 1, None)
        return layer

    def _unlogged(self) -> Print:
        """What unlogged steps read or are judged by, and what they may write."""
        found, near = NOTHING, self.promises.near
        for ready in self.closure.hidden:
            found = found.and_then(Print(ready.reads | near(ready)[1], ready.writes))
        return found

    def _after(self, lanes: Sequence[Lane], layer: Layer) -> Layer:
        """The states after one line more."""
        fresh: dict[At, dict[frozenset[tuple[str, Value]], Fresh]] = {}
        for at, frontier in layer.items():
            ways = frontier.ways
            chosen = self._chosen(lanes, at, [frontier.full(way) for way in ways])
            for i in chosen:
                to = (*at[:i], at[i] + 1, *at[i + 1 :])
                states = fresh.setdefault(to, {})
                for way in ways:
                    for state, run in self._outcomes_of(lanes, i, to, frontier.full(way), way.run):
                        only = len(chosen) == 1
                        states.setdefault(
                            frozenset(state.items()), (state, way.run if only else run)
                        )
        found = [(to, one) for to, states in fresh.items() for one in states.values()]
        if len(found) > self.declared.width_max:
            self._capped()
            found.sort(key=lambda pair: self._astray(lanes, pair[1][0]))
            del found[self.declared.width_max :]
        return _layered(found)

    def _capped(self) -> None:
        said = f"more than {self.declared.width_max} states and orders were possible after line"
        if not any("were possible" in text for text in self.report.doubts):
            self.report.doubts[f"{said} {self._done} of all"] = ""

    def _astray(self, lanes: Sequence[Lane], state: State) -> int:
        """How far the clocks are apart in a state: what is left out first."""
        known = [o for lane in lanes if (o := offset_of(lane.name, state)) is not None]
        return max(known) - min(known) if known else 0

    def _chosen(self, lanes: Sequence[Lane], at: At, states: Sequence[State]) -> list[int]:
        """The parts whose next line is tried: one, if its line commutes with whatever others can
        do first.
        """
        open_ = [i for i, lane in enumerate(lanes) if at[i] < len(lane.lines)]
        for i in open_:
            if len(open_) > 1 and self._stands_for_all(lanes, at, i, open_, states):
                return [i]
        return open_

    def _stands_for_all(
        self, lanes: Sequence[Lane], at: At, i: int, others: Sequence[int], states: Sequence[State]
    ) -> bool:
        lane, placing = lanes[i], self._placing
        seen, mine = lane.lines[at[i]], lane.prints[at[i]]
        if seen.rule.trigger == "time" or not mine.commutes(self._hidden):
            return False
        due = all(placing.is_due(i, seen, state) for state in states)
        for j in others:
            if j == i:
                continue
            for k in range(at[j], len(lanes[j].lines)):
                later = lanes[j].lines[k]
                if due and later.rule.trigger == "time":
                    break
                if due and all(placing.is_later(j, later, state) for state in states):
                    break
                near = k - at[j] < NEAR
                if not mine.commutes(lanes[j].prints[k] if near else lanes[j].rest[k]):
                    return False
                if not near:
                    break
        return True

    def _outcomes_of(
        self, lanes: Sequence[Lane], i: int, to: At, state: State, before: Run | None
    ) -> Iterator[Fresh]:
        """What the next line of part `i` may lead to from one state."""
        lane = lanes[i]
        seen = lane.lines[to[i] - 1]
        known = offset_of(lane.name, state)
        exact = seen.time is not None and known is not None and not self._clocks.drift_ppm
        stamp = seen.time - known if exact and seen.time is not None and known is not None else None
        told = replace(seen, time=stamp)
        for ready, step, changes in possible(
            told, lane.ready[to[i] - 1], state, self.report.doubts
        ):
            after = {**state, **changes}
            memory = self._placing.placed(i, seen, after)
            if memory is None:
                continue
            after.update(memory)
            if not self._placing.alive(to, after):
                continue
            run = Run(before, seen.line, step, True, lane.name)
            for case in self.promises.broken(ready, state, after):
                self.broken.note(case, seen, run)
                after[case.mark] = True
            yield after, run

    def _stuck(self, lanes: Sequence[Lane], layer: Layer) -> Trouble:
        """The trouble where no part's next line can have happened: by the states in which most of
        the clocks agree.
        """
        at, frontier = min(
            layer.items(), key=lambda g: min(self._astray(lanes, g[1].full(w)) for w in g[1].ways)
        )
        next_ = [
            (lane.lines[n], lane.ready[n])
            for n, lane in zip(at, lanes, strict=True)
            if n < len(lane.lines)
        ]
        return stuck(next_, frontier, self.steps, not self.report.doubts)

    def _offsets(self) -> dict[str, tuple[int, int]]:
        """How far each part's clock is ahead, at least and at most, in what is left."""
        found = {}
        for name in self._streams:
            values = [v for v in self.frontier.values(offset_key(name)) if v is not None]
            if values and len(values) == len(self.frontier):
                found[name] = int(min(values)), int(max(values))
        return found


def _layered(found: Sequence[tuple[At, Fresh]]) -> Layer:
    """States as frontiers, by what was taken."""
    by: dict[At, list[Fresh]] = {}
    for to, one in found:
        by.setdefault(to, []).append(one)
    return {to: _frontier(states) for to, states in by.items()}


def _frontier(states: Sequence[Fresh]) -> Frontier:
    base = {k: v for k, v in states[0][0].items() if not k.startswith(MARK)}
    made = Frontier(base)
    made.settle([Way({k: v for k, v in s.items() if base.get(k) != v}, run) for s, run in states])
    return made
