"""A system with a state machine: are the goals that a party was told to reach within reach of the
state that it reported, did it go by the table, and did it arrive?

The table is the mapping's `[transitions]`: data, not code. Sits above `finding`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import pairwise

from ..kinds import Kind, clock_text, lines_of, span_text
from ..vocabulary import Observation, Record
from .finding import BROKEN, KEPT, NOTE, OPEN, Duration, Finding

Table = Mapping[str, frozenset[str]]
_SHOWN = 20


def state_findings(record: Record) -> list[Finding]:
    """What the table of the system has to say of the states on record."""
    if not record.transitions or not record.of(Kind.STATE):
        return []
    return [*_reachable(record), *_by_the_table(record), *_unordered(record), *_stuck(record)]


def stuck(record: Record) -> list[Duration]:
    """From each goal that was never reported as reached to the end of the record, on one clock."""
    found = []
    for party in record.parties:
        waiting = _waiting(record, party)
        if waiting is not None:
            since, end = waiting
            name = f"{party} was told to reach {since.goal} -> end of the record, not reported"
            found.append(Duration(name, since, end))
    return found


def goals_from(table: Table, state: str) -> frozenset[str]:
    """The goals that can be reached from a state in one step."""
    return table.get(state, frozenset()) | table.get("*", frozenset())


def known_states(table: Table) -> frozenset[str]:
    """Every state that the table names."""
    return frozenset(table) | frozenset(g for goals in table.values() for g in goals)


def _reachable(record: Record) -> Iterator[Finding]:
    """Each assigned goal is the state that was reported with it, or one step from there."""
    name, table = "goal_reachable", record.transitions
    pairs = [o for o in record.of(Kind.STATE) if o.state and o.goal]
    strange = [o for o in pairs if not {o.state, o.goal} <= known_states(table)]
    wrong = [
        o
        for o in pairs
        if o not in strange and o.goal != o.state and o.goal not in goals_from(table, o.state or "")
    ]
    for o in wrong[:_SHOWN]:
        there = ", ".join(sorted(table.get(o.state or "", ()))) or "nothing"
        text = (
            f"{o.party} was told to reach {o.goal} at {_at(o)} while it reported {o.state}, from"
            f" which it cannot: from there it reaches {there}"
        )
        yield Finding(name, BROKEN, text, (o.line,))
    if strange:
        odd = sorted({s for o in strange for s in (o.state, o.goal) if s} - known_states(table))
        text = f"the table of {record.provenance.system} has no state {', '.join(odd[:4])}"
        need = "a mapping whose [transitions] has every state of the record"
        yield Finding(name, OPEN, text, lines_of(strange), needs=(need,))
    if pairs and not wrong and not strange:
        text = f"each assigned goal ({len(pairs)}) is within reach of the state reported with it"
        yield Finding(name, KEPT, text, lines_of(pairs))


def _ordered(record: Record, party: str) -> list[Observation] | None:
    """The party's states in order; None if the record does not settle it."""
    mine = sorted(record.of(Kind.STATE, party), key=lambda o: (o.at, o.rank or 0))
    if any(not a.certainly_before(b) for a, b in pairwise(mine)):
        return None
    return mine


def _by_the_table(record: Record) -> Iterator[Finding]:
    """Each newly reported state is one step from the one before, or several that were not
    reported.
    """
    name, table = "states_follow", record.transitions
    steps: list[tuple[Observation, Observation]] = []
    for party in record.parties:
        mine = [o for o in _ordered(record, party) or [] if o.state]
        steps += [(a, b) for a, b in pairwise(mine) if a.state != b.state]
    known = known_states(table)
    steps = [(a, b) for a, b in steps if {a.state, b.state} <= known]
    missed = [(a, b) for a, b in steps if b.state not in goals_from(table, a.state or "")]
    for a, b in missed[:_SHOWN]:
        way = _way(table, a.state or "", b.state or "")
        if way is None:
            text = f"{a.party} reported {b.state} after {a.state}, from which no way leads there"
            yield Finding(name, BROKEN, text, (a.line, b.line))
        else:
            text = f"{a.party} went from {a.state} to {b.state}, by {', '.join(way)} or more"
            yield Finding("reports_missing", NOTE, text, (a.line, b.line))
    if steps and not missed:
        text = f"each newly reported state ({len(steps)}) is one step from the one before"
        yield Finding(name, KEPT, text, lines_of(o for s in steps for o in s))


def _way(table: Table, start: str, end: str) -> list[str] | None:
    """The states between on a shortest way, None if there is no way."""
    before: dict[str, str] = {start: ""}
    edge = [start]
    while edge and end not in before:
        found = [(s, g) for s in edge for g in sorted(goals_from(table, s)) if g not in before]
        edge = list(dict.fromkeys(g for _, g in found))
        for s, g in found:
            before.setdefault(g, s)
    if end not in before:
        return None
    way = [end]
    while before[way[-1]]:
        way.append(before[way[-1]])
    return way[-2:0:-1]


def _unordered(record: Record) -> Iterator[Finding]:
    """Of whom the order of the states is not settled: nothing is said of steps and arrival."""
    open_ones = [p for p in record.parties if _ordered(record, p) is None]
    if open_ones:
        moments = defaultdict(list)
        for o in record.of(Kind.STATE, open_ones[0]):
            moments[o.at].append(o)
        tie = next((t for t in moments.values() if len({(o.state, o.goal) for o in t}) > 1), [])
        text = f"in which order {', '.join(open_ones)} went through states that have one time"
        need = "the order in which its lines were written, or finer times"
        yield Finding("states_follow", OPEN, text, lines_of(tie), needs=(need,))


def _waiting(record: Record, party: str) -> tuple[Observation, Observation] | None:
    """Since when the party has not reported the goal that it was told last, and the end of the
    record.
    """
    mine = _ordered(record, party)
    if not mine:
        return None
    told = [o for o in mine if o.goal]
    if not told:
        return None
    goal, since = told[-1].goal, told[-1]
    for o in reversed(told):
        if o.goal != goal:
            break
        since = o
    if any(o.state == goal for o in mine[mine.index(since) :]):
        return None
    end = max((o for o in record.observations if o.clock == since.clock), key=lambda o: o.latest)
    return (since, end) if since.certainly_before(end) else None


def _stuck(record: Record) -> Iterator[Finding]:
    for d in stuck(record):
        since, end = d.start, d.end
        resolution = max(since.resolution, end.resolution)
        text = (
            f"{since.party} was told to reach {since.goal} at {_at(since)} and had not reported it"
            f" when the record ends at {_at(end)}, {span_text(d.stamped, resolution)} later"
        )
        yield Finding("goal_not_reached", NOTE, text, (since.line, end.line))


def _at(o: Observation) -> str:
    return clock_text(o.at, o.resolution)
