"""Who declared to be serving when, and whether two parties can have served at once.

A role that was declared lasts until the party declares another, stops or restarts; the role that
it came from lasted until then. Where no role was declared, nothing is known, unless the source
declares that its role events are complete: absence is evidence only there. Sits above `clocks`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations, groupby

from ..kinds import Kind, clock_text, lines_of
from ..vocabulary import Observation, Record
from .clocks import Clocks, beyond

_COMPLETE = "that its changes of role are complete"


@dataclass(frozen=True)
class Stretch:
    """A time during which a party served, did not, or (None) may have. An open end is None."""

    party: str
    serving: bool | None
    start: Observation | None
    end: Observation | None

    @property
    def clock(self) -> str:
        """Whose clock says so; none if its two ends are on two clocks."""
        names = {o.clock for o in (self.start, self.end) if o is not None}
        return names.pop() if len(names) == 1 else ""

    @property
    def words(self) -> str:
        """`A until 09:30:00 [12]`: the line in brackets."""
        start = f" from {_at(self.start)}" if self.start else ""
        end = f" until {_at(self.end)}" if self.end else ""
        return f"{self.party}{start}{end}" if start or end else f"{self.party} throughout"


def _at(o: Observation) -> str:
    return f"{clock_text(o.at, o.resolution)} [{o.line}]"


def stretches(record: Record, party: str) -> list[Stretch]:
    """The party's time from the beginning of the record to its end, cut where its role changes."""
    changes = _in_order(record.of(Kind.ROLE, party))
    if not changes:
        return [Stretch(party, None, None, None)]
    found = _before_first(record, party, changes[0])
    for change, following in zip(changes, [*changes[1:], None], strict=True):
        found += _after(record, change, following)
    return found


def _before_first(record: Record, party: str, first: Observation) -> list[Stretch]:
    """Before the first change: the role it came from, since the last restart or the beginning.

    Where the source leaves out no change, a change to serving came from not serving.
    """
    complete = record.complete([Kind.ROLE], party)
    if first.role_from is None:
        known = False if complete and first.role_to in record.serving else None
        return [Stretch(party, known, None, first)]
    boot = None if complete else record.last(Kind.RESTARTED, first)
    until = [] if boot is None else [Stretch(party, None, None, boot)]
    return [*until, Stretch(party, first.role_from in record.serving, boot, first)]


def _after(record: Record, change: Observation, following: Observation | None) -> list[Stretch]:
    """From one change to the next. If that came from another role, a change between is missing."""
    party, serving = change.party, change.role_to in record.serving
    came_from = following.role_from if following is not None else None
    if came_from == change.role_to:
        return [Stretch(party, serving, change, following)]
    stop = _stop_after(record, change, following) if serving else None
    if stop is not None:
        return [Stretch(party, True, change, stop), Stretch(party, None, stop, following)]
    missing = came_from is not None and (came_from in record.serving) != serving
    return [Stretch(party, None if missing else serving, change, following)]


def _stop_after(
    record: Record, change: Observation, following: Observation | None
) -> Observation | None:
    found = [record.first(k, change) for k in (Kind.SERVICE_STOPPED, Kind.RESTARTED)]
    stops = [o for o in found if o is not None and (following is None or o.at < following.at)]
    return min(stops, key=lambda o: o.at, default=None)


def _in_order(changes: list[Observation]) -> list[Observation]:
    """By time; of changes with one stamp, each after the one that led to the role it came from."""
    found: list[Observation] = []
    for _, same in groupby(changes, key=lambda o: o.at):
        ties = {id(o): o for o in same}
        leaving: dict[str | None, list[Observation]] = defaultdict(list)
        for o in reversed(ties.values()):
            leaving[o.role_from].append(o)
        led_to = {o.role_to for o in ties.values()}
        held = found[-1].role_to if found else None
        if held not in leaving:
            held = next((r for r in leaving if r not in led_to), held)
        while ties:
            fits = leaving[held] if held else []
            step = fits[-1] if fits else next(iter(ties.values()))
            del ties[id(leaving[step.role_from].pop())]
            found.append(step)
            held = step.role_to
    return found


@dataclass(frozen=True)
class Overlap:
    """For which leads of `b`'s clock over `a`'s two stretches overlap: between `low` and `high`,
    None if open.

    `sure` is the interval in which they must, `may` the one in which they can, as the resolutions
    leave it.
    """

    a: Stretch
    b: Stretch
    sure: tuple[int | None, int | None]
    may: tuple[int | None, int | None]

    def status(self, clocks: Clocks) -> str:
        """certain, impossible, or (as the clocks read) possible or apart."""
        most = clocks.most(self.b.clock, self.a.clock)
        least = clocks.most(self.a.clock, self.b.clock)
        high = None if most is None else most.widest
        low = None if least is None else -least.widest
        if _inside((low, high), self.sure):
            return "certain"
        if _apart((low, high), self.may):
            return "impossible"
        lead = clocks.lead(self.b.clock, self.a.clock)
        return "possible" if not _apart((lead, lead), self.may) else "apart"

    def turns(self, clocks: Clocks) -> list[tuple[int, str]]:
        """Where the answer changes, as far as the bounds allow: how far that is from the likely
        lead, and in words.
        """
        fast, slow = self.b.clock, self.a.clock
        lead, most, least = (
            clocks.lead(fast, slow),
            clocks.most(fast, slow),
            clocks.most(slow, fast),
        )
        low, high = self.may if self.status(clocks) == "apart" else self.sure
        inward = self.status(clocks) == "apart"
        found = []
        if low is not None and (lead <= low) == inward and not (least and -least.widest > low):
            found.append((abs(lead - low), f"{fast}'s clock was {beyond(low, inward, slow)}"))
        if high is not None and (lead >= high) == inward and not (most and most.widest < high):
            found.append((abs(lead - high), f"{fast}'s clock was {beyond(high, not inward, slow)}"))
        return found


def _inside(inner: tuple[int | None, int | None], outer: tuple[int | None, int | None]) -> bool:
    low = outer[0] is None or (inner[0] is not None and inner[0] > outer[0])
    high = outer[1] is None or (inner[1] is not None and inner[1] < outer[1])
    return low and high


def _apart(inner: tuple[int | None, int | None], outer: tuple[int | None, int | None]) -> bool:
    below = inner[1] is not None and outer[0] is not None and inner[1] <= outer[0]
    above = inner[0] is not None and outer[1] is not None and inner[0] >= outer[1]
    return below or above


def overlap(a: Stretch, b: Stretch) -> Overlap:
    """When `a` and `b` overlap: `a` begins before `b` ends, and `b` before `a` ends, in true
    time.
    """
    sure_low = b.start.latest - a.end.earliest if b.start and a.end else None
    sure_high = b.end.earliest - a.start.latest if a.start and b.end else None
    may_low = b.start.earliest - a.end.latest if b.start and a.end else None
    may_high = b.end.latest - a.start.earliest if a.start and b.end else None
    return Overlap(a, b, (sure_low, sure_high), (may_low, may_high))


@dataclass(frozen=True)
class Together:
    """Whether two parties can have served at once: certain, possible, impossible or unknown, and
    on what it hangs.
    """

    status: str
    served: tuple[Stretch, ...]
    unless: tuple[str, ...]
    needs: tuple[str, ...]
    lines: tuple[int, ...]
    pair: tuple[Stretch, Stretch] | None = None


def together(record: Record, clocks: Clocks) -> Together:
    """Whether the record lets two parties have served at once, and what it would have to state to
    settle it.
    """
    parts = {p: stretches(record, p) for p in record.parties}
    served = tuple(s for p in record.parties for s in parts[p] if s.serving)
    complete = all(record.complete([Kind.ROLE, Kind.STATE], p) for p in record.servers)
    unless: list[str] = []
    for one, other in combinations(record.parties, 2):
        near = nearest(served, clocks, one, other)
        by_status = {status: o for o in near for status in [o.status(clocks)]}
        for status in ("certain", "possible"):
            if status in by_status:
                return _found(by_status[status], status, served, complete, clocks)
        turns = [t for o in near if o.status(clocks) == "apart" for t in o.turns(clocks)]
        unless += [words for _, words in sorted(turns)[:1]]
    lines = lines_of(o for s in served for o in (s.start, s.end))
    needs = [f"a bound on the clocks: it may be that {u}" for u in unless]
    dark = _dark([s for p in record.parties for s in parts[p] if s.serving is None])
    if complete and not dark:
        return Together("impossible", served, tuple(unless), tuple(needs), lines)
    if not complete:
        needs.insert(0, f"{_COMPLETE}; none is on record for {dark}" if dark else _COMPLETE)
    else:
        needs.insert(0, f"the role of {dark}")
    needs.append("or until when each might serve (the end of a lease)")
    return Together("unknown", served, (), tuple(needs), lines)


def nearest(served: tuple[Stretch, ...], clocks: Clocks, one: str, other: str) -> list[Overlap]:
    """Each stretch of `one` with the stretches of `other` that begin next before and after it."""
    theirs = sorted((s for s in served if s.party == other), key=_begin)
    ours = [s for s in served if s.party == one]
    if not theirs or not ours:
        return []
    lead = clocks.lead(theirs[0].clock, ours[0].clock)
    begins = [_begin(s) - lead for s in theirs]
    found = []
    for a in ours:
        i = bisect_left(begins, _begin(a))
        found += [overlap(a, b) for b in theirs[max(i - 1, 0) : i + 1]]
    return found


def _begin(stretch: Stretch) -> int:
    return stretch.start.at if stretch.start else -(10**15)


def _dark(dark: list[Stretch]) -> str:
    more = f" and {len(dark) - 2} more" if len(dark) > 2 else ""
    return ", ".join(s.words for s in dark[:2]) + more


def _found(
    found: Overlap, status: str, served: tuple[Stretch, ...], complete: bool, clocks: Clocks
) -> Together:
    unless = [] if complete else ["a change of role between is missing from the record"]
    needs = [] if complete else [_COMPLETE]
    turns = [words for _, words in found.turns(clocks)] if status == "possible" else []
    if turns:
        unless += turns
        needs.append("a bound on the clocks")
    sure = "certain" if status == "certain" and complete else "possible"
    pair = (found.a, found.b)
    lines = lines_of(o for s in pair for o in (s.start, s.end))
    return Together(sure, served, tuple(unless), tuple(needs), lines, pair)
