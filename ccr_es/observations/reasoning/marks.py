"""Who served when, by reports: a party is seen to serve, or not to, at single moments.

Between two moments that say the same it lasted; between two that differ it changed somewhere, and
may have served; a moment at which it is said to change ends what was before. After the last of
them nothing is known, unless the source leaves none out: a node that fails reports no more. Sits
above `stretch`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from ..kinds import Kind
from ..vocabulary import Observation, Record
from .stretch import Stretch

SERVING_KINDS = (Kind.ROLE, Kind.STATE, Kind.PROMOTED, Kind.DATABASE_ONLINE, Kind.EPOCH_FORKED)
"""The kinds that tell who serves; complete of one of them is complete."""


@dataclass(frozen=True)
class Mark:
    """What one observation says of its party: it serves, does not, or may. `change`: only from
    then on; `only_then`: nothing about later. `first` and `last` differ where several that differ
    cannot be put in order.
    """

    first: Observation
    last: Observation
    serving: bool | None
    change: bool = False
    only_then: bool = False


def reported(record: Record, party: str) -> list[Stretch]:
    """The party's time cut into stretches by what its reports say."""
    marks = list(_merged(marks_of(record, party)))
    if not marks:
        return [Stretch(party, None, None, None)]
    found: list[Stretch] = []
    if not _opens(record, marks[0].first):
        found.append(Stretch(party, None, None, marks[0].first))
    start = marks[0]
    for mark, following in pairwise(marks):
        if following.serving == mark.serving and not (mark.only_then or following.only_then):
            continue
        if following.change and mark.serving is not None and following.serving != mark.serving:
            found.append(Stretch(party, mark.serving, start.first, following.first))
        else:
            found.append(Stretch(party, mark.serving, start.first, mark.last))
            found.append(Stretch(party, None, mark.last, following.first))
        start = following
    end = marks[-1]
    if record.complete(SERVING_KINDS, party) and not end.only_then:
        found.append(Stretch(party, end.serving, start.first, None))
    else:
        found.append(Stretch(party, end.serving, start.first, end.last))
        if not _closes(record, end.last):
            found.append(Stretch(party, None, end.last, None))
    return _joined(found)


def _joined(found: list[Stretch]) -> list[Stretch]:
    """Stretches with those that only may, one after another, as one."""
    result: list[Stretch] = []
    for s in found:
        if result and s.serving is None and result[-1].serving is None:
            result[-1] = Stretch(s.party, None, result[-1].start, s.end)
        else:
            result.append(s)
    return result


def _opens(record: Record, first: Observation) -> bool:
    """Whether the record begins with this observation: before it there is nothing to judge. Of
    several clocks none can tell.
    """
    return len(record.clocks) == 1 and first.at == min(o.at for o in record.observations)


def _closes(record: Record, last: Observation) -> bool:
    """Whether the record ends with this observation."""
    return len(record.clocks) == 1 and last.at == max(o.at for o in record.observations)


def _merged(marks: list[Mark]) -> Iterator[Mark]:
    """The marks in order; those that cannot be put in order and differ say only that it may."""
    group: list[Mark] = []
    for mark in marks:
        if group and not all(m.last.certainly_before(mark.first) for m in group):
            group.append(mark)
            continue
        if group:
            yield _one(group)
        group = [mark]
    if group:
        yield _one(group)


def _one(group: list[Mark]) -> Mark:
    said = {m.serving for m in group}
    if len(group) == 1:
        return group[0]
    serving = said.pop() if len(said) == 1 else None
    change = serving is not None and any(m.change for m in group)
    return Mark(group[0].first, group[-1].last, serving, change, any(m.only_then for m in group))


def marks_of(record: Record, party: str) -> list[Mark]:
    """Every observation of the party that says whether it serves, in the order of the record."""
    online = bool(record.of(Kind.DATABASE_ONLINE))
    mine = [o for o in record.observations if o.party == party]
    found = [m for o in mine if (m := _mark(o, record, online)) is not None]
    return sorted(found, key=lambda m: (m.first.at, -1 if m.first.rank is None else m.first.rank))


def _mark(o: Observation, record: Record, online: bool) -> Mark | None:
    """`online`: the record says when writes are taken, so a promotion alone is not yet that."""
    if o.kind == Kind.STATE:
        return None if o.state is None else Mark(o, o, o.state in record.serving)
    if o.kind in (Kind.FOLLOWS, Kind.STREAM_LOST):
        return Mark(o, o, False)
    if o.kind in (Kind.SERVICE_STOPPED, Kind.RESTARTED):
        return Mark(o, o, False, change=True)
    if o.kind == Kind.PROMOTED:
        return Mark(o, o, None if online else True, change=True)
    if o.kind == Kind.DATABASE_ONLINE:
        return Mark(o, o, True, change=True)
    if o.kind == Kind.EPOCH_FORKED:
        return Mark(o, o, True, only_then=True)
    return None
