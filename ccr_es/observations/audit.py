"""The audit of a record of another system: read it, put it in order, judge it, say what it cannot
tell.

The public face of this package together with `reading.is_observations`. Sits on top of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from itertools import combinations, permutations
from pathlib import Path

from ccr_es.errors import BadLead, RecordContradicts

from . import failover
from .clocks import Clocks, accepted_writes, board_falls, lead_text
from .mapping import RecordMapping
from .reading import read_record
from .report import BROKEN, KEPT, NOTE, OPEN, Duration, Finding, ObservationReport
from .serving import Stretch, Together, nearest, stretches, together
from .vocabulary import SECOND, Kind, Observation, Record, lines_of, seconds_text, tag_text
from .witness import Hold, contests, gaps, holds, turns
from .wsfc import WSFC

LEAD_MAX = 10**9
"""The most seconds that a clock may be assumed to be ahead."""


def audit_observations(
    path: Path, leads: Mapping[str, float] | None = None, mapping: RecordMapping = WSFC
) -> ObservationReport:
    """Audit the record in `path`.

    `leads` assumes by how many seconds the clocks of some parties are ahead of the others'.
    Raises `FileUnreadable`, `RecordMalformed`, `BadLead`, or `RecordContradicts` if the
    record contradicts itself, what it declares about its clocks, or the assumption.
    """
    record = read_record(path, mapping)
    for party, lead in (leads or {}).items():
        if party not in record.parties:
            known = " and ".join(record.parties)
            raise BadLead(f"{path}: there is no party {party}", f"It has {known}")
        if not -LEAD_MAX <= lead <= LEAD_MAX:
            raise BadLead(f"{path}: {party} cannot be {lead} s ahead", f"At most {LEAD_MAX} s")
    try:
        return judged(record, {p: round(s * SECOND) for p, s in (leads or {}).items()})
    except RecordContradicts as error:
        raise RecordContradicts(f"{path}: {error.message}", error.hint) from None


def judged(record: Record, leads: Mapping[str, int] | None = None) -> ObservationReport:
    """Judge a record that was read; `leads` in microseconds."""
    clocks = Clocks(record, leads)
    both = together(record, clocks)
    held = holds(record)
    failovers = [failover.failover_of(record, c) for c in contests(record)]
    outages = failover.outages(record, clocks)
    found = [_two_serving(both), *_board(record, held), *_lock(held, clocks)]
    for f in failovers:
        found += failover.findings(f, clocks)
    if not failovers:
        found.append(_no_contest(record))
    found += _clocks_differ(clocks)
    found += [*_gaps(record), *_same_epoch(record), *_outages(record, outages)]
    return ObservationReport(
        record=record.provenance,
        observations=record.observations,
        parties=record.parties,
        clocks=clocks,
        together=both,
        serving={p: stretches(record, p) for p in record.parties},
        turns=turns(record),
        holds=held,
        findings=found,
        durations=[*(d for f in failovers for d in failover.durations(f)), *outages],
        unsure=[u for f in failovers for u in failover.unsure(f, clocks)],
        taken=_taken(record),
    )


def _taken(record: Record) -> tuple[str, ...]:
    found = ["one day", "clocks keep their offset"]
    if record.of(Kind.BOARD_ACCESS):
        found.append("a tag names one write")
    if record.of(Kind.ROLE):
        found.append("a declared role lasts until the next, a stop or a restart")
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


def _board(record: Record, held: list[Hold]) -> list[Finding]:
    """The compare-and-set kept its promises: it raised the tag, refused a lower one, and was done
    under the lock.
    """
    accesses = record.of(Kind.BOARD_ACCESS)
    if not accesses:
        return []
    falls = board_falls(record)
    refused = [o for o in accesses if not o.accepted]
    odd = [o for o in refused if (o.proposed or ()) > (o.seen or ())]
    name, lines = "board_only_grows", lines_of(accesses)
    if falls:
        lines = lines_of(o for fall in falls for o in fall)
        text = "an accepted write did not raise the tag on the board"
        found = [Finding(name, BROKEN, text, lines)]
    else:
        text = f"each accepted write ({len(accesses) - len(refused)}) raised the tag"
        if refused and not odd:
            text += f", each refused one ({len(refused)}) would not have"
        found = [Finding(name, KEPT, text, lines)]
    if odd:
        text = "a write that would have raised the tag was refused; why is not on record"
        found.append(Finding("refused_without_need", NOTE, text, lines_of(odd)))
    bare = set(map(id, accepted_writes(record))) - {id(w) for h in held for w in h.writes}
    without = [w for w in accesses if id(w) in bare]
    if without:
        text = "an accepted write was made and the lock for it is not on record"
        need = f"when the lock was granted for line {without[0].line}"
        found.append(Finding("write_under_lock", OPEN, text, lines_of(without), needs=(need,)))
    elif len(refused) < len(accesses):
        text = "each accepted write was made while its party had the lock"
        lines = lines_of(o for h in held if h.writes for o in (h.granted, *h.writes))
        found.append(Finding("write_under_lock", KEPT, text, lines))
    return found


def _lock(held: list[Hold], clocks: Clocks) -> list[Finding]:
    """Two parties had the lock at once. Only holds of which both ends are on record can show
    that.
    """
    whole = tuple(
        Stretch(h.granted.party, True, h.granted, h.released)
        for h in held
        if h.released is not None
    )
    for one, other in combinations(clocks.parties, 2):
        for o in nearest(whole, clocks, one, other):
            if o.status(clocks) == "certain":
                lines = lines_of((o.a.start, o.a.end, o.b.start, o.b.end))
                text = f"two nodes had the lock at once: {o.a.words} and {o.b.words}"
                return [Finding("one_lock_holder", BROKEN, text, lines)]
    return []


def _clocks_differ(clocks: Clocks) -> list[Finding]:
    """The clocks as they read contradict the tags: they cannot have shown the same time."""
    found = []
    for fast, slow in permutations(clocks.parties, 2):
        most = clocks.most(fast, slow)
        if most is not None and most.widest < 0:
            text = f"{fast}'s clock was at least {lead_text(most.widest, slow)}: {most.because}"
            lines = lines_of(e for o in most.orders for e in (o.before, o.after))
            found.append(Finding("clocks_differ", NOTE, text, lines))
    return found


def _no_contest(record: Record) -> Finding:
    parties = " and ".join(record.parties)
    text = "who won the witness, and so the order across the clocks, is not on record"
    needs = [f"a compare-and-set on the witness that saw the tag of another party ({parties})"]
    return Finding("contest", OPEN, text, needs=tuple(needs))


def _gaps(record: Record) -> list[Finding]:
    found = []
    for gap in gaps(record):
        tags = f"{tag_text(gap.before.proposed)} to {tag_text(gap.after.seen)}"
        text = f"the tag went from {tags} between two accepted writes"
        if gap.proposed is not None:
            text += f"; {gap.proposed.party} had proposed that"
        lines = lines_of((gap.before, gap.after, gap.proposed))
        found.append(Finding("unrecorded_write", NOTE, text, lines))
    return found


def _same_epoch(record: Record) -> list[Finding]:
    by_epoch: dict[int, list[Observation]] = defaultdict(list)
    for o in record.of(Kind.EPOCH_PROPOSED):
        by_epoch[o.epoch or 0].append(o)
    found = []
    for epoch, proposals in by_epoch.items():
        tags = {o.tag for o in proposals}
        if len({o.party for o in proposals}) > 1:
            who = " and ".join(f"{o.party} {tag_text(o.tag)}" for o in proposals[:2])
            how = "their tags tell them apart" if len(tags) > 1 else "their tags are the same"
            text = f"epoch {epoch} was proposed by {who}; {how}"
            status = NOTE if len(tags) > 1 else BROKEN
            found.append(Finding("epochs_have_one_proposer", status, text, lines_of(proposals)))
    return found


def _outages(record: Record, found: list[Duration]) -> list[Finding]:
    stated = record.provenance.outage
    if stated is None or not found:
        return []
    near = min(found, key=lambda d: abs(d.stamped - stated))
    lines = lines_of((near.start, near.end))
    if abs(near.stamped - stated) <= near.slack:
        return []
    has = seconds_text(near.stamped, SECOND)
    text = f"the source states an outage of {seconds_text(stated)}, its times say {has}"
    if not near.one_clock:
        lead = lead_text(near.stamped - stated, near.start.party)
        text += f"; they agree if {near.end.party}'s clock was {lead}"
    return [Finding("outage", NOTE, text, lines)]
