"""The words in which another system's record is judged: an observation, its kind, and the record
as a whole.

Times are whole microseconds of the day on the clock that stamped them; a stamp stands for the
interval `earliest` to `latest` that its resolution leaves open. Imports the standard library
only. Sits at the bottom of `ccr_es.observations`; mappings translate records into it, the
reasoning reads nothing else.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

SECOND = 1_000_000
MILLISECOND = 1_000

Tag = tuple[int, ...]
"""An epoch tag: numbers that compare from left to right. A later tag is a greater one."""


class Kind(StrEnum):
    """What was seen or said."""

    LINK_CUT = "link cut"
    HEARTBEATS_MISSED = "heartbeats missed"
    PEER_CONTACTED = "peer contacted"
    PEER_LOST = "peer lost"
    PEER_JOINED = "peer joined"
    VIEW = "view"
    MAJORITY_MISSING = "majority missing"
    MAJORITY_GAINED = "majority gained"
    MAJORITY_LOST = "majority lost"
    ARBITRATION_BEGUN = "arbitration begun"
    LOCK_GRANTED = "witness lock granted"
    LOCK_RELEASED = "witness lock released"
    BOARD_ACCESS = "compare-and-set"
    EPOCH_HELD = "epoch held"
    EPOCH_PROPOSED = "epoch proposed"
    SELF_STOP_SET = "self-stop timer set"
    SELF_STOP_CLEARED = "self-stop timer cleared"
    RESTART_REQUESTED = "restart requested"
    RESTARTED = "restarted"
    SERVICE_STOPPED = "service stopped"
    ROLE = "role"
    DATABASE_ONLINE = "database online"


RULE_OF = {
    Kind.LINK_CUT: "cut_network",
    Kind.PEER_LOST: "lose_peer",
    Kind.PEER_JOINED: "confirm_pair",
    Kind.ARBITRATION_BEGUN: "ask_for_lock",
    Kind.LOCK_GRANTED: "claim_lock",
    Kind.LOCK_RELEASED: "release_lock",
    Kind.EPOCH_PROPOSED: "propose_alone",
    Kind.BOARD_ACCESS: "write_board",
    Kind.SERVICE_STOPPED: "stop_service",
}
"""The rule of ours that a kind of step corresponds to, by name; kinds that no rule has are left
out.
"""


@dataclass(frozen=True)
class Observation:
    """One line of a record in our words. What a kind does not have is None.

    `declared` means that a person told it (an author's timeline); otherwise the party's own log
    has it.
    """

    line: int
    party: str
    at: int
    resolution: int
    kind: Kind
    declared: bool = False
    source: str = ""
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

    @property
    def earliest(self) -> int:
        """The least time its clock can have shown: a log rounds down, a person either way."""
        return self.at - (self.resolution - 1 if self.declared else 0)

    @property
    def latest(self) -> int:
        """The greatest time its clock can have shown."""
        return self.at + self.resolution - 1

    def certainly_before(self, other: Observation) -> bool:
        """On one clock: earlier by more than the resolutions leave open. A tie is not an order."""
        return self.latest < other.earliest

    @property
    def sort_key(self) -> tuple[object, ...]:
        """An order that does not depend on the order of the lines in the file."""
        rest = (
            self.seen,
            self.proposed,
            self.tag,
            self.role_to,
            self.peer,
            self.span,
            self.members,
        )
        return (self.party, self.at, self.resolution, str(self.kind), repr(rest))


@dataclass(frozen=True)
class Provenance:
    """Where a record comes from and what it states about itself."""

    path: str
    sha256: str
    system: str
    source: str = ""
    about: str = ""
    zone: str = ""
    complete: frozenset[Kind] = frozenset()
    """Kinds of which the source declares that it left out none: only there is absence evidence."""
    clock_offset_max: int | None = None
    """The declared bound on the difference of any two clocks, in microseconds."""
    outage: int | None = None
    """The outage as the source itself puts it, in microseconds."""


@dataclass
class Record:
    """The observations of one record, sorted by party and time, and its provenance.

    `serving` names the roles in which a party serves.
    """

    observations: tuple[Observation, ...]
    provenance: Provenance
    serving: frozenset[str]
    _index: dict[tuple[str, Kind], list[Observation]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.observations = tuple(sorted(self.observations, key=lambda o: o.sort_key))
        for o in self.observations:
            self._index.setdefault((o.party, o.kind), []).append(o)

    @property
    def parties(self) -> tuple[str, ...]:
        """Who stamped something, in alphabetical order. Each has its own clock."""
        return tuple(sorted({o.party for o in self.observations}))

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


def lines_of(observations: Iterable[Observation | None]) -> tuple[int, ...]:
    """The lines of the record that these observations are on: evidence."""
    return tuple(sorted({o.line for o in observations if o is not None}))


def tag_text(tag: Tag | None) -> str:
    """`7:6:120`."""
    return ":".join(map(str, tag or ()))


def clock_text(at: int, resolution: int) -> str:
    """`09:30:00.250`, to the resolution of the stamp."""
    seconds, rest = divmod(at, SECOND)
    day = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    if resolution >= SECOND:
        return day
    return f"{day}.{rest // MILLISECOND:03d}" if resolution >= MILLISECOND else f"{day}.{rest:06d}"


def seconds_text(us: int, resolution: int = MILLISECOND) -> str:
    """`0.250 s`; whole seconds where the resolution is no finer."""
    if resolution >= SECOND and us % SECOND == 0:
        return f"{us // SECOND} s"
    return f"{us / SECOND:.3f} s"
