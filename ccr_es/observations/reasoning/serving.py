"""Whether two parties can have served at once, and on what that hangs. Sits above `roles`."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

from ..kinds import Kind, lines_of
from ..vocabulary import Record
from .clocks import Clocks, beyond
from .marks import SERVING_KINDS
from .roles import stretches
from .stretch import Stretch


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
        for first, then in ((self.a.end, self.b.start), (self.b.end, self.a.start)):
            if first is not None and then is not None and clocks.certainly(first, then):
                return "impossible"
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
    parties = record.servers
    parts = {p: stretches(record, p) for p in parties}
    served = tuple(s for p in parties for s in parts[p] if s.serving)
    complete = all(record.complete(SERVING_KINDS, p) for p in parties)
    what = _complete_words(record)
    unless: list[str] = []
    for one, other in combinations(parties, 2):
        near = nearest(served, clocks, one, other)
        by_status = {status: o for o in near for status in [o.status(clocks)]}
        for status in ("certain", "possible"):
            if status in by_status:
                return _found(by_status[status], status, served, "" if complete else what, clocks)
        turns = [t for o in near if o.status(clocks) == "apart" for t in o.turns(clocks)]
        unless += [words for _, words in sorted(turns)[:1]]
    lines = lines_of(o for s in served for o in (s.start, s.end))
    needs = [f"a bound on the clocks: it may be that {u}" for u in unless]
    dark = _dark([s for s in beside(parts, clocks) if s.serving is None])
    if complete and not dark and len(parties) > 1:
        return Together("impossible", served, tuple(unless), tuple(needs), lines)
    if not complete:
        needs.insert(0, f"{what}; none is on record for {dark}" if dark else what)
    elif dark:
        needs.insert(0, f"the role of {dark}")
    if len(parties) == 1:
        needs.insert(0, f"what the other parties did: {parties[0]} alone is on record")
    needs.append("or until when each might serve (the end of a lease)")
    return Together("unknown", served, (), tuple(needs), lines)


def _complete_words(record: Record) -> str:
    if record.by_roles:
        return "that its changes of role are complete"
    if any(record.of(Kind.STATE, p) for p in record.parties):
        return "that its reports of state are complete"
    return "when each began to serve and when it ceased to"


def beside(parts: Mapping[str, list[Stretch]], clocks: Clocks) -> list[Stretch]:
    """Every stretch in which a party served or may have while another one may have too."""
    maybe = tuple(s for found in parts.values() for s in found if s.serving is not False)
    found: dict[int, Stretch] = {}
    for one, other in combinations(parts, 2):
        for o in (*nearest(maybe, clocks, one, other), *nearest(maybe, clocks, other, one)):
            if o.status(clocks) in ("certain", "possible"):
                found[id(o.a)], found[id(o.b)] = o.a, o.b
    return [s for s in maybe if id(s) in found]


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
    found: Overlap, status: str, served: tuple[Stretch, ...], missing: str, clocks: Clocks
) -> Together:
    """Two served at once; `missing` is what the record does not state to be complete."""
    unless = ["a change of role between is missing from the record"] if missing else []
    needs = [missing] if missing else []
    turns = [words for _, words in found.turns(clocks)] if status == "possible" else []
    if turns:
        unless += turns
        needs.append("a bound on the clocks")
    sure = "certain" if status == "certain" and not missing else "possible"
    pair = (found.a, found.b)
    lines = lines_of(o for s in pair for o in (s.start, s.end))
    return Together(sure, served, tuple(unless), tuple(needs), lines, pair)
