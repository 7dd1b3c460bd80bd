"""Who served when: each party's time cut into stretches.

A role that was declared lasts until the party declares another, stops or restarts; the role that
it came from lasted until then. Where no role was declared, nothing is known, unless the source
declares that its role events are complete: absence is evidence only there. Sits above `marks`.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby

from ..kinds import Kind
from ..vocabulary import Observation, Record
from .marks import reported
from .stretch import Stretch


def stretches(record: Record, party: str) -> list[Stretch]:
    """The party's time from the beginning of the record to its end, cut where its role changes, or
    where the record has no changes of role, by what its reports say.
    """
    if not record.by_roles:
        return reported(record, party)
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
