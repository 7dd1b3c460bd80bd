"""What a failover or a move cost, phase by phase, read off the steps that were taken.

A phase ends with the last step of its rules; what overlaps counts for the phase that ended first.
The steps may be recorded events, or those of a forecast: the durations are the model's own, so the
forecast is what the run then takes. Pure; must not import the store. Sits above `output`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ccr_es.record.events import Event
from cli.frame.output import duration
from models.plain.driver import Fired

FAILOVER, MOVE, FORCED = "failover", "move", "forced quorum"
MOUNTS = frozenset({"mount_lossless", "mount_lossy", "mount_forced"})
_UP = MOUNTS | {"complete_online"}
_SOURCE = frozenset({"offer_after_failure", "offer_move", "finish_offline", "request_move"})
_AFTER = (("replay", frozenset({"replay_log"})), ("mount", _UP))
PHASES: Mapping[str, Sequence[tuple[str, frozenset[str]]]] = {
    FAILOVER: (
        ("detection", frozenset({"lose_peer", "note_goodbye", "offer_after_failure"})),
        ("arbitration", frozenset({"open_alone", "confirm_pair"})),
        ("head start", frozenset({"bring_online"})),
        ("last logs", frozenset({"inspect_log"})),
        *_AFTER,
    ),
    MOVE: (
        ("shutdown", frozenset({"finish_offline"})),
        ("last logs", frozenset({"offer_move"})),
        ("handover", frozenset({"bring_online"})),
        *_AFTER,
    ),
    FORCED: (("head start", frozenset({"bring_online"})), *_AFTER),
}
"""Phases in order, each with the rules whose last step ends it."""

_BEGINS = {
    "offer_move": MOVE,
    "offer_after_failure": FAILOVER,
    "lose_peer": FAILOVER,
    "note_goodbye": FAILOVER,
    "force_quorum": FORCED,
}

ROUTINE = frozenset({"inspect_log", "replay_log"})
"""Rules of which there are very many steps, few of them in a failover."""
TOLD = (
    frozenset(rule for phases in PHASES.values() for _, rules in phases for rule in rules)
    | _BEGINS.keys()
    | _UP
    | {"request_move"}
) - ROUTINE
"""Rules of which every step must be known to tell what a failover or a move cost."""

TARGETS: Mapping[str, Mapping[str, int]] = {
    "sp1": {FAILOVER: 120_000, MOVE: 120_000},
    "rtm": {FAILOVER: 120_000, MOVE: 240_000},
}
"""Ms within which it typically ends: 2 minutes, in RTM 4 for a scheduled outage (S-025, S-026,
S-164). Targets, no guarantees.
"""


@dataclass(frozen=True)
class Happened:
    """A step that was taken, recorded or foreseen; `time` is in ms."""

    number: int
    rule: str
    event: str
    row: str
    time: int
    cause: int | None
    reason: str = ""


def of_event(event: Event[Any]) -> Happened:
    """A recorded event."""
    return Happened(
        event.number, event.rule, event.event, event.row, event.time, event.caused_by, event.reason
    )


def of_fired(fired: Fired) -> Happened:
    """A step of a forecast."""
    return Happened(
        fired.number, fired.step.rule, fired.step.rule, fired.row, fired.time, fired.cause
    )


@dataclass(frozen=True)
class Activation:
    """The mailbox server coming up on the other node: why, from when to when, and each phase in
    ms.
    """

    kind: str
    source: str
    target: str
    cause: Happened
    ended: Happened
    phases: Mapping[str, int]

    @property
    def took(self) -> int:
        """Ms from what caused it until the last database was mounted."""
        return self.ended.time - self.cause.time

    @property
    def words(self) -> str:
        """`detection 5s, arbitration 3s, head start 7s`: the phases that took time."""
        said = [f"{name} {duration(ms)}" for name, ms in self.phases.items() if ms]
        return ", ".join(said)

    @property
    def line(self) -> str:
        """`the failover to B took 15s: detection 5s, arbitration 3s, head start 7s`."""
        took = f"took {duration(self.took)}: {self.words}" if self.took else "came at once"
        return f"the {self.kind} to {self.target} {took}"

    @property
    def json(self) -> dict[str, Any]:
        """For a `--json` document."""
        why = {"event": self.cause.number, "name": self.cause.event, "reason": self.cause.reason}
        return {
            "kind": self.kind, "from": self.source, "to": self.target, "cause": why,
            "event": self.ended.number, "took": self.took, "phases": dict(self.phases),
        }  # fmt: skip


class Steps:
    """All steps of some stretch, and what else may be asked of them."""

    def __init__(self, steps: Sequence[Happened]) -> None:
        self._steps = steps

    def step(self, number: int) -> Happened | None:
        """A step by its number; None if it is not of this stretch."""
        at = number - self._steps[0].number if self._steps else -1
        return self._steps[at] if 0 <= at < len(self._steps) else None

    def routine(self, first: int, last: int) -> Iterable[Happened]:
        """The steps of `ROUTINE` rules from one number to another that are not listed anyway."""
        return ()


def activations(
    steps: Sequence[Happened], nodes: Sequence[str], record: Steps | None = None
) -> Iterator[Activation]:
    """Every failover and move that ended within `steps`, which are all steps of some stretch, or
    those of `TOLD` rules if `record` has the others.
    """
    record = record or Steps(steps)
    ups = [i for i, s in enumerate(steps) if s.rule == "bring_online"]
    for k, i in enumerate(ups):
        target = steps[i].row.partition(".")[2]
        source = next(n for n in nodes if n != target)
        until = ups[k + 1] if k + 1 < len(ups) else len(steps)
        since = ups[k - 1] if k else 0
        begin = _begin(steps, since, i, target)
        ends = [s for s in steps[i:until] if s.rule in _UP and _on(s, target)]
        if begin is None or not any(s.rule in MOUNTS for s in ends):
            continue
        cause, end = _cause(steps, begin, record), ends[-1]
        within = [s for s in steps[:until] if s.number >= cause.number]
        within += record.routine(cause.number, end.number)
        kind = _BEGINS[steps[begin].rule]
        yield Activation(
            kind, source, target, cause, end, _phases(cause, within, kind, target, end)
        )


def _on(step: Happened, node: str) -> bool:
    return node in step.row.split(".")


def _begin(steps: Sequence[Happened], since: int, upto: int, target: str) -> int | None:
    """The step by which control began to change hands, before the CMS came up on `target`."""
    for i in range(upto, since, -1):
        rule = steps[i].rule
        if rule in _BEGINS and _on(steps[i], target) != (rule in _SOURCE):
            return i
    return None


def _cause(steps: Sequence[Happened], begin: int, record: Steps) -> Happened:
    """What an operator or the world did that led to step `begin`; else the first step known."""
    if steps[begin].rule == "offer_move":
        asked = [i for i in range(begin) if steps[i].rule == "request_move"]
        return steps[asked[-1] if asked else begin]
    at = steps[begin]
    while at.cause is not None and (before := record.step(at.cause)) is not None:
        at = before
    return at


def _phases(
    cause: Happened, steps: Sequence[Happened], kind: str, target: str, end: Happened
) -> dict[str, int]:
    at, found = cause.time, dict[str, int]()
    for name, rules in PHASES[kind]:
        times = [
            s.time
            for s in steps
            if s.rule in rules and s.number <= end.number and _on(s, target) != (s.rule in _SOURCE)
        ]
        then = max([at, *times])
        found[name], at = then - at, then
    return found
