"""The words in which another system's record is judged: an observation, its kind, and the record
as a whole.

Times are whole microseconds since midnight before the first stamp, on the clock that stamped
them; a stamp stands for the interval `earliest` to `latest` that its resolution leaves open.
Imports the standard library only. Sits at the bottom of `ccr_es.observations`; mappings translate
records into it, the reasoning reads nothing else.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from .kinds import SECOND, Complete, Kind, Tag


@dataclass(frozen=True)
class Observation:
    """One line of a record in our words. What a kind does not have is None.

    `declared` means that a person told it (an author's timeline); otherwise the log of its own
    source has it. `clock` is whose clock stamped it: the party's own unless the mapping says so.
    `rank` is its place among all that were written by one writer in order; None if no order is
    known.
    """

    line: int
    party: str
    at: int
    resolution: int
    kind: Kind
    declared: bool = False
    source: str = ""
    clock: str = ""
    rank: int | None = None
    peer: str | None = None
    members: tuple[int, ...] | None = None
    tag: Tag | None = None
    epoch: int | None = None
    seen: Tag | None = None
    proposed: Tag | None = None
    accepted: bool | None = None
    span: int | None = None
    """A duration that the record states, in microseconds."""
    role_from: str | None = None
    role_to: str | None = None
    state: str | None = None
    """The state that the party reports to be in."""
    goal: str | None = None
    """The state that the party was told to reach."""
    position: int | None = None
    """How far its log reaches, in bytes or records: positions of one epoch compare."""
    reason: str | None = None
    actor: str | None = None

    def __post_init__(self) -> None:
        if not self.clock:
            object.__setattr__(self, "clock", self.party)

    @property
    def earliest(self) -> int:
        """The least time its clock can have shown: a log rounds down, a person either way."""
        return self.at - (self.resolution - 1 if self.declared else 0)

    @property
    def latest(self) -> int:
        """The greatest time its clock can have shown."""
        return self.at + self.resolution - 1

    def certainly_before(self, other: Observation) -> bool:
        """On one clock: earlier by more than the resolutions leave open, or written earlier by
        one writer. A tie without such an order is not an order.
        """
        if self.rank is not None and other.rank is not None:
            return self.rank < other.rank
        return self.latest < other.earliest

    @property
    def sort_key(self) -> tuple[object, ...]:
        """An order that does not depend on the order of the lines in the file, unless that means
        something.
        """
        rest = (
            *(self.seen, self.proposed, self.tag, self.role_to, self.peer, self.span),
            *(self.members, self.state, self.goal, self.epoch, self.position, self.reason),
        )
        rank = -1 if self.rank is None else self.rank
        return (self.party, self.at, self.resolution, rank, str(self.kind), repr(rest))


@dataclass(frozen=True)
class Provenance:
    """Where a record comes from and what it states about itself."""

    path: str
    sha256: str
    system: str
    source: str = ""
    about: str = ""
    zone: str = ""
    complete: frozenset[Complete] = frozenset()
    """What the source declares to have left nothing out of: only there is absence evidence."""
    clock_offset_max: int | None = None
    """The declared bound on the difference of any two clocks, in microseconds."""
    clock_drift_max_ppm: float | None = None
    """The declared bound on how far a clock's rate is off, in parts per million."""
    outage: int | None = None
    """The outage as the source itself puts it, in microseconds, and to what."""
    outage_resolution: int = 1
    date: str = ""
    """The day of the first stamp, where the record has dates."""
    mapping: str = ""
    chosen: str = ""
    """By which mapping it was read, and why that one."""
    unit: str = "line"
    """What the numbers of observations count: lines, or the items of a list."""
    skipped: int = 0
    """How many lines the mapping passes over."""
    ordered: bool | None = None
    """Whether its lines stand in the order of time, where that is evidence; None where not."""


@dataclass
class Record:
    """The observations of one record, sorted by party and time, and its provenance.

    `serving` names the roles and states in which a party serves; `observers` the parties that
    never do. `transitions` is the system's own table, if it has one: from each state the goals
    that can be reached.
    """

    observations: tuple[Observation, ...]
    provenance: Provenance
    serving: frozenset[str]
    observers: frozenset[str] = frozenset()
    transitions: Mapping[str, frozenset[str]] = field(default_factory=dict)
    by_roles: bool = False
    """Whether the system tells its changes of role: nothing else then says who serves."""
    _index: dict[tuple[str, Kind], list[Observation]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.observations = tuple(sorted(self.observations, key=lambda o: o.sort_key))
        for o in self.observations:
            self._index.setdefault((o.party, o.kind), []).append(o)

    @property
    def parties(self) -> tuple[str, ...]:
        """Whom something is on record of, in alphabetical order."""
        return tuple(sorted({o.party for o in self.observations}))

    @property
    def servers(self) -> tuple[str, ...]:
        """Who can serve: every party but the observers, and whom a party names as its peer."""
        named = {o.peer for o in self.observations if o.peer is not None}
        return tuple(sorted({*self.parties, *named} - self.observers))

    @property
    def clocks(self) -> tuple[str, ...]:
        """Whose clocks stamped something, in alphabetical order."""
        return tuple(sorted({o.clock for o in self.observations}))

    @property
    def span(self) -> int:
        """From the earliest stamp to the latest, in microseconds."""
        stamps = [o.at for o in self.observations]
        return max(stamps) - min(stamps) + SECOND

    def complete(self, kinds: Iterable[Kind], party: str) -> bool:
        """Whether the source declares that it left out no such event of the party."""
        wanted = frozenset(kinds)
        return any(c.kind in wanted and c.party in ("", party) for c in self.provenance.complete)

    def of(self, kind: Kind, party: str | None = None) -> list[Observation]:
        """Every observation of a kind, of one party or of all, by party and time."""
        if party is not None:
            return self._index.get((party, kind), [])
        return [o for p in self.parties for o in self._index.get((p, kind), [])]

    def last(self, kind: Kind, upto: Observation) -> Observation | None:
        """The party's newest of a kind that its clock stamped no later than `upto`."""
        found = self.of(kind, upto.party)
        i = bisect_right(found, upto.at, key=lambda o: o.at)
        return found[i - 1] if i else None

    def first(self, kind: Kind, since: Observation) -> Observation | None:
        """The party's oldest of a kind that its clock stamped no earlier than `since`."""
        found = self.of(kind, since.party)
        i = bisect_left(found, since.at, key=lambda o: o.at)
        return found[i] if i < len(found) else None

    def between(self, kind: Kind, start: Observation, end: Observation | None) -> list[Observation]:
        """The party's of a kind from `start` on and before `end`, by its clock."""
        found = self.of(kind, start.party)
        i = bisect_left(found, start.at, key=lambda o: o.at)
        j = len(found) if end is None else bisect_left(found, end.at, key=lambda o: o.at)
        return found[i:j]
