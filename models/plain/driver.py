"""The driver: a deterministic scheduler over the plain reader. It starts what follows from a state.

Consequences have no order of their own; the driver picks one of those enabled, by rule number and
row for seed 0 and by a draw from the seed otherwise. A draw depends on the seed and on the number
of the event only, so a run is the same however it is cut into calls. Renewals (`beat` rules) are
recorded only where it matters: just before a step that changes something their guards read.

No I/O, no clock of its own: the caller stores what is yielded. Sits above `agenda`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b

from models.language.misuse import BadRule, ModelError
from models.language.rule import Rule
from models.language.terms import Int

from .agenda import CLOCK, Agenda, step_of
from .ground import Grounded
from .layout import State, Value
from .reader import Reader, Refusal, Step

LIMIT = 100_000
"""Consequences at one instant after which the driver asks whether they ever end."""


@dataclass(frozen=True)
class Fired:
    """A step that was taken, as an event records it.

    `changes` are the keys that got another value, old and new. `time` is the clock after the step,
    in ms. `cause` is the number of the newest event that changed something the guards of a
    consequence or beat read; None for what somebody outside decided.
    """

    number: int
    step: Step
    row: str
    changes: dict[str, tuple[Value, Value]]
    time: int
    cause: int | None


class Refused(Exception):
    """A step that may not be taken; nothing was changed. `refusal` says which guards are false."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(f"{refusal.rule}: not so: {'; '.join(g.name for g in refusal.guards)}")
        self.refusal = refusal


class Unsettled(ModelError):
    """Consequences that never end."""


@dataclass(frozen=True)
class _Planned:
    g: Grounded
    step: Step
    values: dict[str, Value]


class Driver:
    """One run of a model: its state, and what is to follow.

    `last` is the number of the newest event before this run; `wrote` says, for keys, the number of
    the event that changed them last. Both let a run go on where another one stopped.
    """

    def __init__(
        self,
        reader: Reader,
        state: State,
        seed: int = 0,
        *,
        last: int = 0,
        wrote: Mapping[str, int] | None = None,
    ) -> None:
        self.reader, self.seed = reader, seed
        self.state: State = dict(state)
        self.last = last
        self.wrote: dict[str, int] = dict(wrote or {})
        self.agenda = Agenda(reader, self.state)
        self._beats = _by_key(reader)
        self._joined = len(reader.layout.births)

    @property
    def now(self) -> int:
        """The clock, in ms."""
        return int(self.state[CLOCK])

    def rewind(self, state: State, last: int) -> None:
        """Go on from another state: as a new driver would, with what is known of the rules."""
        now = self.state
        other = [k for k, v in now.items() if k not in state or state[k] != v]
        now.clear()
        now.update(state)
        self.last = last
        self.wrote.clear()
        self.agenda.again(other)

    def fire(self, step: Step) -> list[Fired]:
        """Take a step, after the beats that it would cut short. Raises `Refused`.

        A beat may bring something newer into what the step reads; arguments that a guard binds
        are then read again, as the actor would.
        """
        refusal = self.reader.check(self.state, step)
        if refusal is None:
            plan, refusal = self._plan(step)
        if refusal is not None:
            raise Refused(refusal)
        return [self._take(p) for p in plan]

    def take(self, step: Step) -> Fired:
        """Take exactly this step, without the beats: those of a recorded run are in it, or were
        lost. Raises `Refused`.
        """
        refusal = self.reader.check(self.state, step)
        if refusal is not None:
            raise Refused(refusal)
        g = self.reader.grounded(step.rule, step.args)
        return self._take(_Planned(g, step, self.reader.changes(self.state, step)))

    def settle(self, limit: int = LIMIT) -> list[Fired]:
        """Take consequences until none is enabled. Raises `Unsettled` after `limit` of them."""
        return list(self.settling(limit))

    def wait(self, ms: int, limit: int = LIMIT) -> list[Fired]:
        """Let `ms` pass, and everything happen that is due. Raises `Unsettled`, `BadRule`."""
        return list(self.waiting(ms, limit))

    def settling(self, limit: int = LIMIT) -> Iterator[Fired]:
        """`settle`, one by one: whatever was yielded may be stored, and the rest left undone."""
        trail: list[Step] = []
        while (g := self._choose()) is not None:
            step = step_of(g, self.state)
            trail.append(step)
            if len(trail) > limit:
                raise Unsettled(self._circle(trail, limit))
            # If a beat takes the ground from under the step, the beat alone is what happened.
            for planned in self._plan(step)[0]:
                yield self._take(planned)

    def waiting(self, ms: int, limit: int = LIMIT) -> Iterator[Fired]:
        """`wait`, one by one. Time that passed is yielded once something ends it."""
        if ms < 0:
            raise BadRule(f"time goes forward: cannot wait {ms} ms")
        end = self.now + ms
        yield from self.settling(limit)
        held: Fired | None = None
        while self.now < end:
            due = self.agenda.next_deadline()
            held = self._tick(end if due is None else min(due, end), held)
            for fired in self.settling(limit):
                if held is not None:
                    yield held
                    held = None
                yield fired
        if held is not None:
            yield held

    def _choose(self) -> Grounded | None:
        if not self.seed:
            return self.agenda.first()
        enabled = self.agenda.enabled()
        if len(enabled) < 2:
            return enabled[0] if enabled else None
        draw = blake2b(f"{self.seed}:{self.last}".encode(), digest_size=8).digest()
        return enabled[int.from_bytes(draw, "big") % len(enabled)]

    def _tick(self, to: int, held: Fired | None) -> Fired:
        """Time passes until `to`; joined to a tick that nothing has separated from this one."""
        rule = _time_rule(self.reader)
        step = Step(rule.name, {rule.params[0][0]: to - self.now})
        (fired,) = self.fire(step)
        if held is None:
            return fired
        self.last = held.number
        began = held.changes[CLOCK][0]
        assert isinstance(began, int)
        joined = Step(rule.name, {rule.params[0][0]: to - began})
        return replace(held, step=joined, changes={CLOCK: (began, to)}, time=to)

    def _plan(self, step: Step) -> tuple[list[_Planned], Refusal | None]:
        """The beats that a step whose guards hold would cut short, then the step.

        The refusal is there if, after those beats, a guard of the step no longer holds.
        """
        g = self.reader.grounded(step.rule, step.args)
        values = self.reader.changes(self.state, step)
        beats: list[_Planned] = []
        if g.rule.trigger != "beat":
            beats, state = self._beats_before(values)
        if not beats:
            return [_Planned(g, step, values)], None
        bound = g.rule.bindings
        chosen = {n: v for n, v in step.args.items() if n not in bound}
        again = self.reader.complete(state, step.rule, chosen)
        refusal = self.reader.check(state, again)
        if refusal is not None:
            return beats, refusal
        return [*beats, _Planned(g, again, self.reader.changes(state, again))], None

    def _beats_before(self, values: Mapping[str, Value]) -> tuple[list[_Planned], State]:
        """The enabled beats whose guards read what is about to change, and the state after them."""
        if self._joined != len(self.reader.layout.births):
            self._beats = _by_key(self.reader)
            self._joined = len(self.reader.layout.births)
        keys = [k for k, v in values.items() if self.state[k] != v]
        near = sorted({i for k in keys for i in self._beats.index.get(k, ())})
        state, found = self.state, list[_Planned]()
        again = True
        while again:
            again = False
            for g in (self._beats.all[i] for i in near):
                if not g.ready(state, self.now):
                    continue
                step = step_of(g, state)
                beat = self.reader.changes(state, step)
                if all(state[k] == v for k, v in beat.items()):
                    continue
                found.append(_Planned(g, step, beat))
                if len(found) > 4 * len(near):
                    raise Unsettled(self._circle([p.step for p in found], len(found)))
                state, again = state | beat, True
        return found, state

    def _take(self, planned: _Planned) -> Fired:
        g, state = planned.g, self.state
        changes = {k: (state[k], v) for k, v in planned.values.items() if state[k] != v}
        cause = None
        if g.rule.trigger in ("consequence", "beat"):
            cause = max((self.wrote[k] for k in g.watches if k in self.wrote), default=None)
        state.update(planned.values)
        self.agenda.changed(changes)
        self.last += 1
        for key in changes:
            if key != CLOCK:
                self.wrote[key] = self.last
        return Fired(self.last, planned.step, g.row, changes, self.now, cause)

    def _circle(self, trail: Sequence[Step], limit: int) -> str:
        names = [self._said(step) for step in trail]
        return (
            f"no rest after {limit} steps at {self.now} ms; these rules fire in a circle: "
            f"{', then '.join(_period(names))}. Give one of them a guard that its own effect ends"
        )

    def _said(self, step: Step) -> str:
        g = self.reader.grounded(step.rule, step.args)
        row = ", ".join(f"{n}={v}" for n, v in g.binding.items())
        return f"{g.rule.label}({row})"


def _period(names: Sequence[str]) -> list[str]:
    """The shortest sequence that the end of `names` repeats; the last names if there is none."""
    for size in range(1, min(50, len(names) // 2) + 1):
        if names[-size:] == names[-2 * size : -size]:
            return list(names[-size:])
    return list(dict.fromkeys(names[-20:]))


@dataclass(frozen=True)
class _Beats:
    all: list[Grounded]
    index: dict[str, list[int]]


def _by_key(reader: Reader) -> _Beats:
    """Every grounding of the beat rules, in order, and which of them read a key."""
    rules = sorted((r for r in reader.model.rules.values() if r.trigger == "beat"), key=_number)
    found = _Beats([], {})
    for rule in rules:
        for binding in reader.layout.groundings(rule.keyed):
            g = reader.grounded(rule.name, binding)
            if g.bind is None:
                raise BadRule(f"{rule.label} is a beat: every argument must be bound by a guard")
            for key in g.watches:
                found.index.setdefault(key, []).append(len(found.all))
            found.all.append(g)
    return found


def _number(rule: Rule) -> int:
    return rule.number


def _time_rule(reader: Reader) -> Rule:
    rules = [r for r in reader.model.rules.values() if r.trigger == "time"]
    if len(rules) != 1 or [s for _, s in rules[0].params] != [Int]:
        raise BadRule(f"model {reader.model.name} needs one time rule with one Int argument")
    return rules[0]
