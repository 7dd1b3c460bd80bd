"""Who served after whom: each change of the serving party as one line of a history, with its
moments and how long nobody served.

Sits above `roles` and `finding`.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..kinds import Kind, clock_text, lines_of
from ..vocabulary import Observation, Record
from .clocks import Clocks
from .finding import KEPT, OPEN, Duration, Finding
from .roles import stretches
from .stretch import Stretch

MOVE, FAILOVER, UNCLEAR = "move", "failover", "not known"


@dataclass(frozen=True)
class Succession:
    """One change of who serves, each moment as far as the record has it.

    `before` is the last stretch of the one before, None if nothing of it is on record; `since` the
    first moment at which the next may have served, `begun` the first at which it did. `sure` says
    that the record settles that the one served before the other.
    """

    was: str
    now: str
    kind: str
    before: Stretch | None
    stopped: Observation | None
    told: Observation | None
    noticed: Observation | None
    decided: Observation | None
    since: Observation
    begun: Observation
    sure: bool
    reason: str

    @property
    def lines(self) -> tuple[int, ...]:
        """The evidence."""
        end = self.before.end if self.before else None
        moments = (end, self.stopped, self.told, self.noticed, self.decided, self.since, self.begun)
        return lines_of(moments)


def successions(record: Record, clocks: Clocks) -> list[Succession]:
    """Every change of who serves, by the clocks as they read."""
    parts = {p: stretches(record, p) for p in record.servers}
    base = clocks.names[0]

    def when(o: Observation) -> int:
        return o.at - clocks.lead(o.clock, base)

    starts = [
        (when(s.start), s, found[i - 1] if i else None)
        for found in parts.values()
        for i, s in enumerate(found)
        if s.serving and s.start is not None
    ]
    begun = sorted(starts, key=lambda x: (x[0], x[1].party))
    result: list[Succession] = []
    holder: Stretch | None = next((s for p in parts.values() for s in p if _from_start(s)), None)
    for _, stretch, led in begun:
        if holder is not None and holder.party == stretch.party:
            holder = stretch
            continue
        was = holder.party if holder else _named_before(record, stretch)
        if was is not None:
            found = _one(record, clocks, parts.get(was, []), was, stretch, led, holder)
            result.append(found)
        holder = stretch
    return result


def _from_start(s: Stretch) -> bool:
    return bool(s.serving) and s.start is None


def _named_before(record: Record, stretch: Stretch) -> str | None:
    """Whom the next one names as the one that served."""
    assert stretch.start is not None
    for kind in (Kind.PROMOTED, Kind.FOLLOWS):
        found = record.last(kind, stretch.start)
        if found is not None and found.peer is not None:
            return found.peer
    return None


def _one(
    record: Record,
    clocks: Clocks,
    parts: list[Stretch],
    was: str,
    stretch: Stretch,
    led: Stretch | None,
    holder: Stretch | None,
) -> Succession:
    begun = stretch.start
    assert begun is not None
    since = led.start if led is not None and led.serving is None and led.start else begun
    end = holder.end if holder else None
    stopped = _stopped(parts, holder, clocks)
    told = _told(record, was, begun, clocks)
    noticed = record.last(Kind.STREAM_LOST, begun) or record.last(Kind.PEER_LOST, begun)
    decided = record.last(Kind.PROMOTED, begun) or _goal(record, stretch.party, begun)
    sure = end is not None and clocks.certainly(end, begun)
    reasons = (o.reason for o in (told, begun, decided) if o is not None and o.reason)
    return Succession(
        was,
        stretch.party,
        _kind(was, told, stopped, noticed, decided, begun, clocks),
        holder,
        stopped,
        told,
        noticed,
        decided,
        since,
        begun,
        sure,
        next(reasons, ""),
    )


def _kind(
    was: str,
    told: Observation | None,
    stopped: Observation | None,
    noticed: Observation | None,
    decided: Observation | None,
    begun: Observation,
    clocks: Clocks,
) -> str:
    """A move if the one before was told to stop, and had, before the next one served; a failover if
    the next one lost it or took over from it.
    """
    if told is not None and stopped is not None and clocks.certainly(stopped, begun):
        return MOVE
    taken = decided is not None and decided.kind == Kind.PROMOTED and decided.peer == was
    return FAILOVER if noticed is not None or taken else UNCLEAR


def _stopped(parts: list[Stretch], holder: Stretch | None, clocks: Clocks) -> Observation | None:
    """The first moment after its last service at which the one before is known not to serve."""
    if holder is None or holder.end is None:
        return None
    after = parts[parts.index(holder) + 1 :] if holder in parts else []
    return next((s.start for s in after if s.serving is False and s.start is not None), None)


def _told(record: Record, was: str, begun: Observation, clocks: Clocks) -> Observation | None:
    """When the one before, serving, was told to reach a state in which it does not serve."""
    found = [
        o
        for o in record.of(Kind.STATE, was)
        if o.goal
        and o.goal not in record.serving
        and (o.state is None or o.state in record.serving)
    ]
    return next((o for o in reversed(found) if clocks.certainly(o, begun)), None)


def _goal(record: Record, party: str, begun: Observation) -> Observation | None:
    """When a party was told to reach a serving state, before it did."""
    found = [
        o
        for o in record.of(Kind.STATE, party)
        if o.goal in record.serving and o.state not in record.serving and o.at <= begun.at
    ]
    return found[-1] if found else None


def outage_bounds(found: list[Succession]) -> list[Duration]:
    """How long nobody served: at least and at most, of each succession; and as the next one saw it
    where nothing else is on record.
    """
    result = []
    for s in found:
        end = s.before.end if s.before else None
        if end is not None:
            name = f"{s.was} is last known to serve -> {s.now} is known to"
            result.append(Duration(f"nobody served, at most: {name}", end, s.begun))
        if s.stopped is not None and s.stopped.at < s.since.at:
            name = f"{s.was} is known not to serve -> {s.now} may"
            result.append(Duration(f"nobody served, at least: {name}", s.stopped, s.since))
        if s.noticed is not None and s.noticed.kind == Kind.STREAM_LOST:
            name = f"{s.now} lost the stream of {s.was} -> it took writes"
            result.append(Duration(f"outage as {s.now} saw it: {name}", s.noticed, s.begun))
    return result


def succession_findings(found: list[Succession], clocks: Clocks) -> list[Finding]:
    """The one before had stopped before the next one may have served."""
    name, result = "stopped_before_the_next_served", []
    for s in found:
        told = s.decided or s.since
        first = min((s.since, told), key=lambda o: o.at) if told.clock == s.since.clock else s.since
        if s.stopped is not None and clocks.certainly(s.stopped, first):
            text = f"{s.was} had stopped at {_at(s.stopped)}, before {s.now} may have served"
            result.append(Finding(name, KEPT, text, (s.stopped.line, first.line)))
            continue
        text = f"{s.was} had stopped before {s.now} served at {_at(s.begun)}: cannot be known"
        need = f"when {s.was} ceased to serve, before line {s.begun.line}"
        result.append(Finding(name, OPEN, text, s.lines, needs=(need,)))
    return result


def _at(o: Observation) -> str:
    return clock_text(o.at, o.resolution)


def loss_findings(record: Record, found: list[Succession]) -> list[Finding]:
    """What was lost: not more than the one before had written beyond what the next one had. Asked
    only where positions are on record.
    """
    result = []
    for s in found:
        if s.begun.kind == Kind.EPOCH_FORKED:
            continue
        mine = [o for o in record.observations if o.party == s.now and o.position is not None]
        had = [o for o in mine if o.clock == s.begun.clock and o.at <= s.begun.at]
        if not had:
            continue
        last = max(had, key=lambda o: (o.position or 0, o.line))
        theirs = [o for o in record.observations if o.party == s.was and o.position is not None]
        wrote = max(theirs, key=lambda o: o.position or 0, default=None)
        text = f"{s.now} had {last.position!s} [{last.line}] when it began to serve; {s.was} had "
        if wrote is None:
            text += "written nobody knows how much: what was lost cannot be known"
        else:
            more = max(0, (wrote.position or 0) - (last.position or 0))
            text += f"{wrote.position!s} [{wrote.line}]: at least {more} lost"
        need = f"how far {s.was} had written when it ceased to serve"
        result.append(Finding("records_lost", OPEN, text, (last.line, s.begun.line), needs=(need,)))
    return result
