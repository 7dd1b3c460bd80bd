"""The audit of a record of another system: read it, put it in order, judge it, say what it cannot
tell.

The public face of this package together with `reading.is_observations`. Sits on top of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

from ccr_es.errors import BadLead, RecordContradicts

from .errors import BadClockBound
from .kinds import DRIFT_MAX, SECOND, Kind, lines_of, seconds_text
from .mappings.language import RecordMapping
from .reading.choose import choose
from .reading.record import read_record
from .reasoning import board, failover
from .reasoning.clocks import Clocks, lead_text
from .reasoning.finding import BROKEN, KEPT, NOTE, OPEN, Duration, Finding
from .reasoning.roles import stretches
from .reasoning.serving import Together, together
from .reasoning.states import state_findings, stuck
from .reasoning.succession import (
    loss_findings,
    outage_bounds,
    succession_findings,
    successions,
)
from .reasoning.witness import contests, holds, turns
from .report import ObservationReport
from .upto import upto
from .vocabulary import Record

LEAD_MAX = 10**9
"""The most seconds by which a clock may be assumed to be ahead."""


def audit_observations(
    path: Path,
    leads: Mapping[str, float] | None = None,
    mapping: RecordMapping | None = None,
    drift_ppm: float | None = None,
    skew_max_s: float | None = None,
    as_of: str | None = None,
) -> ObservationReport:
    """Audit the record in `path`, or what it said up to a point.

    `leads` assumes by how many seconds some clocks are ahead of the others, `drift_ppm` by how much
    the rate of each can be off, `skew_max_s` by how much any two can differ. Without a mapping the
    shipped one that fits is taken. Raises `FileUnreadable`, `RecordMalformed`, `NoMappingFits`,
    `MappingsFit`, `BadLead`, `BadClockBound`, or `RecordContradicts` if the record contradicts
    itself, what it declares about its clocks, or the assumption.
    """
    chosen = "it was named"
    if mapping is None:
        mapping, chosen = choose(path)
    record = read_record(path, mapping, chosen)
    if as_of is not None:
        record = upto(record, as_of)
    for party, lead in (leads or {}).items():
        if party not in record.clocks:
            known = " and ".join(record.clocks)
            raise BadLead(f"{path}: there is no party {party}", f"It has {known}")
        if not -LEAD_MAX <= lead <= LEAD_MAX:
            raise BadLead(f"{path}: {party} cannot be {lead} s ahead", f"At most {LEAD_MAX} s")
    if drift_ppm is not None and not 0 <= drift_ppm <= DRIFT_MAX:
        raise BadClockBound(f"a drift of {drift_ppm} ppm", f"Give 0 to {DRIFT_MAX}")
    if skew_max_s is not None and not 0 <= skew_max_s <= LEAD_MAX:
        raise BadClockBound(f"a skew of {skew_max_s} s", f"Give 0 to {LEAD_MAX}")
    try:
        clocks = Clocks(
            record,
            {p: round(s * SECOND) for p, s in (leads or {}).items()},
            None if drift_ppm is None else Fraction(drift_ppm) / 1_000_000,
            None if skew_max_s is None else round(skew_max_s * SECOND),
        )
    except RecordContradicts as error:
        raise RecordContradicts(f"{path}: {error.message}", error.hint) from None
    return judged(record, clocks)


def judged(record: Record, clocks: Clocks) -> ObservationReport:
    """Judge a record that was read, with its clocks."""
    both = together(record, clocks)
    held = holds(record)
    failovers = [failover.failover_of(record, c) for c in contests(record)]
    outages = failover.outages(record, clocks)
    found = [_two_serving(both), *board.board(record, held), *board.lock(record, held, clocks)]
    for f in failovers:
        found += failover.findings(f, clocks)
    history = successions(record, clocks)
    if not record.by_roles:
        outages += outage_bounds(history)
        found += succession_findings(history, clocks)
        found += [*loss_findings(record, history), *board.forks(record)]
    found += state_findings(record)
    if not failovers:
        found += _no_contest(record)
    found += board.clocks_differ(clocks)
    found += [*board.gaps_left(record), *board.same_epoch(record), *_outages(record, outages)]
    return ObservationReport(
        record=record.provenance,
        observations=record.observations,
        parties=record.parties,
        clocks=clocks,
        together=both,
        serving={p: stretches(record, p) for p in record.servers},
        turns=turns(record),
        holds=held,
        findings=found,
        durations=[
            *(d for f in failovers for d in failover.durations(f)),
            *outages,
            *stuck(record),
        ],
        history=history,
        unsure=[u for f in failovers for u in failover.unsure(f, clocks)],
        taken=_taken(record, clocks),
        read=record,
    )


def _taken(record: Record, clocks: Clocks) -> tuple[str, ...]:
    found = [] if record.provenance.date else ["one day"]
    if clocks.drift:
        found.append(f"clocks drift by at most {float(clocks.drift * 1_000_000):g} ppm")
    elif len(clocks.names) > 1:
        found.append("clocks keep their offset")
    if record.of(Kind.BOARD_ACCESS):
        found.append("a tag names one write")
    if record.of(Kind.ROLE):
        found.append("a declared role lasts until the next, a stop or a restart")
    if record.of(Kind.STATE):
        found.append("a state that is reported again had lasted")
    if set(clocks.names) != set(record.parties):
        found.append(f"the clock of {', '.join(clocks.names)} stamped all")
    if record.provenance.ordered:
        found.append("the lines were written in order")
    if any(o.declared for o in record.observations):
        found.append("told times are the party's own")
    return tuple(found)


def _two_serving(both: Together) -> Finding:
    name = "never_two_serving"
    if both.pair is not None:
        a, b = (s.words for s in both.pair)
        text = f"two nodes served at once, by their declared roles: {a} and {b}"
        return Finding(name, BROKEN, text, both.lines, both.unless, both.needs)
    if both.status == "impossible":
        text = "two nodes cannot have served at once"
        status = OPEN if both.unless else KEPT
        return Finding(name, status, text, both.lines, both.unless, both.needs)
    said = ", ".join(s.words for s in both.served[:4]) or "nobody"
    text = f"cannot be known; declared to have served: {said}"
    return Finding(name, OPEN, text, both.lines, both.unless, both.needs)


def _no_contest(record: Record) -> list[Finding]:
    """Of a record that has a witness: who won it is not there."""
    if not any(record.of(k) for k in (Kind.BOARD_ACCESS, Kind.LOCK_GRANTED, Kind.EPOCH_PROPOSED)):
        return []
    parties = " and ".join(record.parties)
    text = "who won the witness, and so the order across the clocks, is not on record"
    needs = [f"a compare-and-set on the witness that saw the tag of another party ({parties})"]
    return [Finding("contest", OPEN, text, needs=tuple(needs))]


def _outages(record: Record, found: list[Duration]) -> list[Finding]:
    stated = record.provenance.outage
    if stated is None or not found:
        return []
    near = min(found, key=lambda d: abs(d.stamped - stated))
    lines = lines_of((near.start, near.end))
    if abs(near.stamped - stated) <= max(near.slack, record.provenance.outage_resolution):
        return []
    has = seconds_text(near.stamped, SECOND)
    text = f"the source states an outage of {seconds_text(stated)}, its times say {has}"
    if not near.one_clock:
        lead = lead_text(near.stamped - stated, near.start.clock)
        text += f"; they agree if {near.end.clock}'s clock was {lead}"
    return [Finding("outage", NOTE, text, lines)]
