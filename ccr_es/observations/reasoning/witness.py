"""Who held the witness when, by its accepted writes and its lock, and each contest for it: who
won, who lost.

Sits above `clocks`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby, pairwise

from ..kinds import Kind
from ..vocabulary import Observation, Record
from .clocks import accepted_writes


@dataclass(frozen=True)
class Hold:
    """A time in which a party had the lock. `released` is None if the record does not have the
    release.

    `over` is then what shows that it was over: the party's service stopped, or the party asked
    again.
    """

    granted: Observation
    released: Observation | None
    over: Observation | None
    writes: tuple[Observation, ...]
    refusals: tuple[Observation, ...]


def holds(record: Record) -> list[Hold]:
    """Every grant of the lock with its release and what the party did to the board meanwhile, by
    party and time.
    """
    found = []
    for party in record.parties:
        grants = record.of(Kind.LOCK_GRANTED, party)
        for granted, again in zip(grants, [*grants[1:], None], strict=False):
            released = _within(record.first(Kind.LOCK_RELEASED, granted), again)
            stopped = _within(record.first(Kind.SERVICE_STOPPED, granted), again)
            end = released or again
            used = record.between(Kind.BOARD_ACCESS, granted, end)
            found.append(
                Hold(
                    granted,
                    released,
                    None if released else stopped or again,
                    tuple(sorted((o for o in used if o.accepted), key=lambda o: o.seen or ())),
                    tuple(o for o in used if not o.accepted),
                )
            )
    return found


def _within(found: Observation | None, end: Observation | None) -> Observation | None:
    return found if found and (end is None or found.at < end.at) else None


@dataclass(frozen=True)
class Turn:
    """A time in which every accepted write was one party's: it controlled the board from the
    first of them on.
    """

    writes: tuple[Observation, ...]

    @property
    def party(self) -> str:
        """Whose turn it was."""
        return self.writes[0].party


def turns(record: Record) -> list[Turn]:
    """The turns in the order of the board's tags. Who wrote the tag that the first of them saw is
    not on record.
    """
    same = groupby(accepted_writes(record), key=lambda w: w.party)
    return [Turn(tuple(writes)) for _, writes in same]


@dataclass(frozen=True)
class Contest:
    """One contest for the witness: the winner's first write of its turn, and the refusal that
    showed the loser.

    `refused` saw `wrote`, the newest of the winner's writes, so it came after it on any clock.
    """

    won: Observation
    wrote: Observation
    refused: Observation

    @property
    def winner(self) -> str:
        """Whose write was accepted."""
        return self.won.party

    @property
    def loser(self) -> str:
        """Whose write was refused."""
        return self.refused.party


def contests(record: Record) -> list[Contest]:
    """Every first refusal of a party that saw another party's write, in the order of the board's
    tags.
    """
    by_tag = {w.proposed: (t.writes[0], w) for t in turns(record) for w in t.writes}
    found: list[Contest] = []
    known: set[tuple[int, str]] = set()
    refusals = [o for o in record.of(Kind.BOARD_ACCESS) if not o.accepted]
    for refused in sorted(refusals, key=lambda o: (o.seen or (), o.sort_key)):
        won, wrote = by_tag.get(refused.seen, (refused, refused))
        if wrote.party == refused.party:
            continue
        if (id(won), refused.party) not in known:
            known.add((id(won), refused.party))
            found.append(Contest(won, wrote, refused))
    return found


@dataclass(frozen=True)
class Gap:
    """A change of the board that the record does not have: between two accepted writes its tag
    moved.
    """

    before: Observation
    after: Observation
    proposed: Observation | None
    """Who said it would write the tag that `after` saw."""


def gaps(record: Record) -> list[Gap]:
    """Accepted writes that saw another tag than the accepted write before them left."""
    writes = accepted_writes(record)
    said = {o.tag: o for o in record.of(Kind.EPOCH_PROPOSED)}
    return [
        Gap(a, b, said.get(b.seen))
        for a, b in pairwise(writes)
        if (a.proposed or ()) < (b.seen or ())
    ]
