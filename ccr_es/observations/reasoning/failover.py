"""Each contest for the witness as a failover: its moments, its durations, and what could have
been avoided.

Sits above `witness` and `report`.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from ..kinds import Kind, clock_text, lines_of, seconds_text
from ..vocabulary import Observation, Record
from .clocks import Clocks, beyond
from .finding import KEPT, NOT_MET, NOTE, OPEN, Duration, Finding, Unsure
from .witness import Contest


@dataclass(frozen=True)
class Failover:
    """The moments of one contest, each as far as the record has it."""

    contest: Contest
    cut: Observation | None
    """The link that the winner, or else the loser, lost."""
    noticed: Observation | None
    """The loser declared its peer lost."""
    deferred: Observation | None
    """The winner gave the lock back; for how long, if that was to let the owner go first."""
    winner_stopped: Observation | None
    loser_stopped: Observation | None
    requested: Observation | None
    """A restart of the winner was asked for before it won, and had not happened."""


def failover_of(record: Record, contest: Contest) -> Failover:
    """Gather the moments of a contest."""
    won, refused = contest.won, contest.refused
    requested = record.last(Kind.RESTART_REQUESTED, won)
    if requested is not None:
        boots = record.between(Kind.RESTARTED, requested, won)
        requested = requested if requested.certainly_before(won) and not boots else None
    return Failover(
        contest,
        record.last(Kind.LINK_CUT, won) or record.last(Kind.LINK_CUT, refused),
        _peer_lost(record, refused, won.party),
        record.last(Kind.LOCK_RELEASED, won),
        record.first(Kind.SERVICE_STOPPED, won),
        record.first(Kind.SERVICE_STOPPED, refused),
        requested,
    )


def _peer_lost(record: Record, upto: Observation, peer: str) -> Observation | None:
    found = record.of(Kind.PEER_LOST, upto.party)
    end = bisect_right(found, upto.at, key=lambda o: o.at)
    return next((found[i] for i in range(end - 1, -1, -1) if found[i].peer == peer), None)


def durations(f: Failover) -> list[Duration]:
    """The durations that the moments give, those on one clock first."""
    won, refused, wrote = f.contest.won, f.contest.refused, f.contest.wrote
    winner, loser = f.contest.winner, f.contest.loser
    parts = [
        (f"{winner} won the witness -> its cluster service stopped", won, f.winner_stopped),
        (f"{winner}'s restart was asked for -> it won the witness", f.requested, won),
        (f"{loser} declared its peer lost -> its write was refused", f.noticed, refused),
        (f"link cut at {_of(f.cut)} -> {loser} declared its peer lost", f.cut, f.noticed),
        (f"{winner} wrote the board -> {loser}, going on, was refused", wrote, refused),
    ]
    found = [Duration(n, a, b) for n, a, b in parts if a is not None and b is not None]
    return sorted(found, key=lambda d: not d.one_clock)


def _of(o: Observation | None) -> str:
    return o.party if o is not None else "nobody"


def unsure(f: Failover, clocks: Clocks) -> list[Unsure]:
    """Orders across the clocks that a reader would ask for and the record does not settle."""
    won, refused = f.contest.won, f.contest.refused
    winner, loser = f.contest.winner, f.contest.loser
    asked = [
        (f"{winner} won", won, f"{loser} declared its peer lost", f.noticed),
        (f"{winner}'s service stopped", f.winner_stopped, f"{loser} was refused", refused),
    ]
    found = []
    for one, a, other, b in asked:
        if a is None or b is None or clocks.certainly(a, b) or clocks.certainly(b, a):
            continue
        if a.at <= b.at - clocks.lead(b.clock, a.clock):
            found.append(Unsure(a, b, b.at - a.at, f"{one}, then {other}"))
        else:
            found.append(Unsure(b, a, a.at - b.at, f"{other}, then {one}"))
    return found


def findings(f: Failover, clocks: Clocks) -> list[Finding]:
    """What is to be said of one failover."""
    found = [_loser_stops(f), _head_start(f, clocks), _avoidable(f)]
    return [x for x in found if x is not None]


def _loser_stops(f: Failover) -> Finding:
    name, loser, refused = "loser_stops", f.contest.loser, f.contest.refused
    if f.loser_stopped is None:
        need = f"when {loser}'s cluster service stopped after line {refused.line}"
        text = f"{loser} was refused the witness; that it then stopped is not on record"
        return Finding(name, OPEN, text, lines_of([refused]), needs=(need,))
    after = seconds_text(f.loser_stopped.at - refused.at)
    text = f"{loser}, refused the witness, stopped its cluster service {after} later"
    return Finding(name, KEPT, text, lines_of([refused, f.loser_stopped]))


def _head_start(f: Failover, clocks: Clocks) -> Finding | None:
    """Whether the winner's deferral would do as our head start: by the times of the record, with
    their clocks.

    Why: enough only if the loser's clock is ahead by what it needed beyond the deferral; the
    orders may exclude that.
    """
    name = "head_start >= peer_limit + arbitration_max"
    if f.deferred is None or f.deferred.span is None:
        return None
    winner, loser = f.contest.winner, f.contest.loser
    defer = seconds_text(f.deferred.span)
    if f.cut is None or f.noticed is None:
        missing = (
            "when the link was cut" if f.cut is None else f"when {loser} declared its peer lost"
        )
        text = f"{winner} deferred for {defer}; how long {loser} needed is not on record: {missing}"
        return Finding(name, NOTE, text, lines_of([f.deferred]))
    notice = f.noticed.at - f.cut.at
    arbitrate = f.contest.refused.at - f.noticed.at
    short = notice + arbitrate - f.deferred.span
    loses = f.contest.refused.clock
    across = f.cut.clock != loses
    most = clocks.most(loses, f.cut.clock) if across else None
    met = short <= (clocks.lead(loses, f.cut.clock) if across else 0)
    text = (
        f"{winner} deferred {defer}; {loser} took {seconds_text(notice)} to declare its peer lost"
        f" and {seconds_text(arbitrate)} to be refused"
    )
    unless: tuple[str, ...] = ()
    if across:
        text += ", less its clock's lead"
        if not met and most is not None and most.widest < short:
            text += f": enough only with a lead of {seconds_text(short)}, and it is at most"
            text += f" {seconds_text(most.stamped)}"
        else:
            unless = (f"{loses}'s clock was {beyond(short, not met, f.cut.clock)}",)
    lines = lines_of([f.deferred, f.cut, f.noticed, f.contest.refused])
    return Finding(name, NOTE if met else NOT_MET, text, lines, unless)


def _avoidable(f: Failover) -> Finding | None:
    if f.requested is None or f.winner_stopped is None:
        return None
    winner, loser = f.contest.winner, f.contest.loser
    early = seconds_text(f.contest.won.at - f.requested.at)
    asked = clock_text(f.requested.at, f.requested.resolution)
    stopped = seconds_text(f.winner_stopped.at - f.contest.won.at)
    text = (
        f"{winner}'s restart was asked for at {asked}, {early} before it won, and it stopped"
        f" {stopped} after; pausing or draining it first would have left the vote with {loser}"
    )
    return Finding(
        "avoidable", NOTE, text, lines_of([f.requested, f.contest.won, f.winner_stopped])
    )


def outages(record: Record, clocks: Clocks) -> list[Duration]:
    """From each party's leaving a serving role to the next database online, or else to the next
    serving role.
    """
    roles = record.of(Kind.ROLE)
    left = [o for o in roles if o.role_from in record.serving and o.role_to not in record.serving]
    back = record.of(Kind.DATABASE_ONLINE) or [o for o in roles if o.role_to in record.serving]
    by_party = {p: [o for o in back if o.party == p] for p in record.parties}
    found = []
    for end in left:
        after: list[tuple[int, str, Observation]] = []
        for party, theirs in by_party.items():
            lead = clocks.lead(theirs[0].clock, end.clock) if theirs else 0
            i = bisect_right(theirs, end.at + lead, key=lambda o: o.at)
            after += [(o.at - lead, party, o) for o in theirs[i : i + 1]]
        if after:
            _, party, first = min(after, key=lambda found: found[:2])
            what = "'s database online" if first.kind == Kind.DATABASE_ONLINE else " served"
            name = f"outage: {end.party} stopped serving -> {party}{what}"
            found.append(Duration(name, end, first))
    return found
