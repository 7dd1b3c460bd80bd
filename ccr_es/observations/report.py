"""What an audit of observations answers: findings, durations, bounds, and the verdict they amount
to. Values and their JSON.

Sits above `clocks`, `serving` and `witness`; `text` renders it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .kinds import RULE_OF, SECOND, clock_text, lines_of, tag_text
from .reasoning.clocks import Bound, Clocks, Order
from .reasoning.finding import BROKEN, OPEN, Duration, Finding, Turning, Unsure
from .reasoning.serving import Together
from .reasoning.stretch import Stretch
from .reasoning.succession import Succession
from .reasoning.timing import Timing, timing_of
from .reasoning.witness import Hold, Turn
from .vocabulary import Observation, Provenance, Record

CONFORMS, BREAKS, UNKNOWN = "conforms", "does not conform", "cannot be known"


@dataclass
class ObservationReport:
    """The audit of one record. `verdict` is conforms, does not conform, or cannot be known."""

    record: Provenance
    observations: tuple[Observation, ...]
    parties: tuple[str, ...]
    clocks: Clocks
    together: Together
    serving: dict[str, list[Stretch]]
    history: list[Succession]
    turns: list[Turn]
    holds: list[Hold]
    findings: list[Finding]
    durations: list[Duration]
    unsure: list[Unsure] = field(default_factory=list)
    taken: tuple[str, ...] = ()
    """What the audit takes as given."""
    turnings: list[Turning] = field(default_factory=list)
    """What a solver was asked of the clocks, if it was."""
    read: Record | None = field(default=None, repr=False)
    """The record itself."""

    @property
    def verdict(self) -> str:
        """Broken outranks unknown, unknown outranks kept."""
        found = {f.status for f in self.findings}
        return BREAKS if BROKEN in found else UNKNOWN if OPEN in found else CONFORMS

    @property
    def needs(self) -> tuple[str, ...]:
        """What the record would have to state for the verdict to be certain."""
        return tuple(dict.fromkeys(n for f in self.findings for n in f.needs))

    def timing(self) -> Timing:
        """The times of the record as constraints, with what to ask a solver of them."""
        assert self.read is not None
        return timing_of(
            self.read, self.clocks, [(u.question, u.first, u.second) for u in self.unsure]
        )

    def text(self, width: int = 100) -> str:
        """The report for people, at most `width` columns wide."""
        from .text import rendered

        return rendered(self, width)

    def as_json(self) -> dict[str, Any]:
        """The report as plain JSON values; durations in seconds, evidence as line numbers."""
        return {
            "verdict": self.verdict,
            "events": len(self.observations),
            "findings": [_finding(f) for f in self.findings],
            "needs": list(self.needs),
            "parties": list(self.parties),
            "clocks": [
                _bound(fast, slow, self.clocks.most(fast, slow))
                for fast in self.clocks.names
                for slow in self.clocks.names
                if fast != slow
            ],
            "order": {
                "certain": [_order(o) for o in self.clocks.orders],
                "unsure": [_unsure(u) for u in self.unsure],
            },
            "history": [_succession(s) for s in self.history],
            "durations": [_duration(d, self.clocks) for d in self.durations],
            "board": [_turn(t) for t in self.turns],
            "witness": [_hold(h) for h in self.holds],
            "serving": {p: [_stretch(s) for s in found] for p, found in self.serving.items()},
            "two_serving": {
                "status": self.together.status,
                "unless": list(self.together.unless),
                "needs": list(self.together.needs),
                "lines": list(self.together.lines),
            },
            "skew": [_turning(t) for t in self.turnings],
            "assumptions": list(self.taken),
            "observations": [_observation(o) for o in self.observations],
            "record": _provenance(self.record),
        }


def _finding(f: Finding) -> dict[str, Any]:
    return {
        "name": f.name,
        "status": f.status,
        "text": f.text,
        "lines": list(f.lines),
        "unless": list(f.unless),
        "needs": list(f.needs),
    }


def _s(us: int | None) -> float | None:
    return None if us is None else us / SECOND


def _bound(fast: str, slow: str, bound: Bound | None) -> dict[str, Any]:
    return {
        "clock": fast,
        "ahead_of": slow,
        "at_most_s": None if bound is None else _s(bound.stamped),
        "with_resolution_s": None if bound is None else _s(bound.widest),
        "because": "nothing in the record bounds it" if bound is None else bound.because,
        "lines": [] if bound is None else sorted(_lines(bound.orders)),
    }


def _lines(orders: tuple[Order, ...]) -> set[int]:
    return {line for o in orders for line in (o.before.line, o.after.line)}


def _order(o: Order) -> dict[str, Any]:
    return {"before": o.before.line, "after": o.after.line, "why": o.why}


def _unsure(u: Unsure) -> dict[str, Any]:
    return {
        "as_stamped": u.question,
        "first_as_stamped": u.first.line,
        "second_as_stamped": u.second.line,
        "turns_if_ahead_by_s": _s(u.turns),
        "clock": u.second.clock,
        "ahead_of": u.first.clock,
    }


def _duration(d: Duration, clocks: Clocks) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": d.name,
        "seconds": _s(d.stamped),
        "resolution_s": _s(d.slack),
        "clocks": 1 if d.one_clock else 2,
        "lines": list(lines_of((d.start, d.end))),
    }
    if not d.one_clock:
        found["less_the_lead_of"] = {"clock": d.end.clock, "over": d.start.clock}
        found["changes_sign_at_lead_s"] = _s(d.stamped)
    return {**found, "at_least_s": _s(d.least(clocks)), "at_most_s": _s(d.most(clocks))}


def _turning(t: Turning) -> dict[str, Any]:
    return {
        "text": t.text,
        "at_least_s": _s(t.skew),
        "lines": list(t.lines),
        "core": list(t.core),
    }


def _succession(s: Succession) -> dict[str, Any]:
    moments = {
        "stopped": s.stopped,
        "told_to_stop": s.told,
        "noticed": s.noticed,
        "decided": s.decided,
        "may_have_served": s.since,
        "served": s.begun,
    }
    return {
        "from": s.was,
        "to": s.now,
        "kind": s.kind,
        "order_certain": s.sure,
        "reason": s.reason,
        **{k: None if o is None else clock_text(o.at, o.resolution) for k, o in moments.items()},
        "lines": list(s.lines),
    }


def _hold(h: Hold) -> dict[str, Any]:
    return {
        "party": h.granted.party,
        "from": clock_text(h.granted.at, h.granted.resolution),
        "released": None
        if h.released is None
        else clock_text(h.released.at, h.released.resolution),
        "over_by": None if h.over is None else clock_text(h.over.at, h.over.resolution),
        "accepted": [tag_text(w.proposed) for w in h.writes],
        "refused": [tag_text(w.proposed) for w in h.refusals],
        "lines": list(lines_of((h.granted, h.released, h.over, *h.writes, *h.refusals))),
    }


def _turn(t: Turn) -> dict[str, Any]:
    first = t.writes[0]
    return {
        "party": t.party,
        "from": clock_text(first.at, first.resolution),
        "replaced": tag_text(first.seen),
        "wrote": [tag_text(w.proposed) for w in t.writes],
        "lines": list(lines_of(t.writes)),
    }


def _stretch(s: Stretch) -> dict[str, Any]:
    ends = {"from": s.start, "until": s.end}
    times = {k: None if o is None else clock_text(o.at, o.resolution) for k, o in ends.items()}
    return {"serving": s.serving, **times, "lines": list(lines_of((s.start, s.end)))}


def _observation(o: Observation) -> dict[str, Any]:
    return {
        "line": o.line,
        "party": o.party,
        "time": clock_text(o.at, o.resolution),
        "resolution_s": _s(o.resolution),
        "kind": str(o.kind),
        "declared": o.declared,
        "rule": RULE_OF.get(o.kind),
    }


def _provenance(p: Provenance) -> dict[str, Any]:
    return {
        "path": p.path,
        "sha256": p.sha256,
        "system": p.system,
        "source": p.source,
        "about": p.about,
        "zone": p.zone,
        "complete": sorted(map(str, p.complete)),
        "clock_offset_max_s": _s(p.clock_offset_max),
        "clock_drift_max_ppm": p.clock_drift_max_ppm,
        "mapping": p.mapping,
        "mapping_because": p.chosen,
        "date": p.date,
        "unit": p.unit,
        "lines_passed_over": p.skipped,
        "lines_in_order": p.ordered,
        "outage_s": _s(p.outage),
    }
