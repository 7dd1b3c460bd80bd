"""What can be on record: the kinds, which facts each has, of what sort a fact is, and how times
and tags are printed.

Imports the standard library only. Sits below `vocabulary`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

SECOND = 1_000_000
MILLISECOND = 1_000
DAY = 86_400 * SECOND
DRIFT_MAX = 100_000
"""The largest drift, in parts per million, for which the bounds by way of other clocks are sound: a
clock must go forward by far more than two can move apart.
"""

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
    EPOCH_FORKED = "epoch forked"
    SELF_STOP_SET = "self-stop timer set"
    SELF_STOP_CLEARED = "self-stop timer cleared"
    RESTART_REQUESTED = "restart requested"
    RESTARTED = "restarted"
    SERVICE_STOPPED = "service stopped"
    ROLE = "role"
    STATE = "state"
    STREAM_LOST = "stream lost"
    FOLLOWS = "follows"
    PROMOTED = "promoted"
    DATABASE_ONLINE = "database online"
    NOTE = "note"


ABOUT = {
    Kind.LINK_CUT: "a network path of the party went",
    Kind.HEARTBEATS_MISSED: "heartbeats of the peer did not come",
    Kind.PEER_CONTACTED: "a connection to or from the peer was made or tried",
    Kind.PEER_LOST: "the party gave its peer up",
    Kind.PEER_JOINED: "the peer was taken in",
    Kind.VIEW: "who is a member, as the party sees it",
    Kind.MAJORITY_MISSING: "the party is one vote short",
    Kind.MAJORITY_GAINED: "the party has a majority",
    Kind.MAJORITY_LOST: "the party found that it has no majority",
    Kind.ARBITRATION_BEGUN: "the party begins to contend for the witness",
    Kind.LOCK_GRANTED: "the party has the lock, the lease or the leader key",
    Kind.LOCK_RELEASED: "the party gave it back; span: to defer for so long",
    Kind.BOARD_ACCESS: "a compare-and-set on the shared tag: seen, proposed, accepted or not",
    Kind.EPOCH_HELD: "the newest epoch, term or timeline that the party knows",
    Kind.EPOCH_PROPOSED: "the party proposes an epoch",
    Kind.EPOCH_FORKED: "the party ended this epoch at a position and leads the next",
    Kind.SELF_STOP_SET: "the party will stop itself after span",
    Kind.SELF_STOP_CLEARED: "it will not",
    Kind.RESTART_REQUESTED: "a restart of the party was asked for",
    Kind.RESTARTED: "the party restarted",
    Kind.SERVICE_STOPPED: "the party's service stopped",
    Kind.ROLE: "the party changed its role at this moment",
    Kind.STATE: "the party reported to be in a state, or was told to reach one (goal), or both",
    Kind.STREAM_LOST: "the party lost the stream of the one that serves",
    Kind.FOLLOWS: "the party follows the peer, which serves as far as it knows",
    Kind.PROMOTED: "the party became the one that may serve; peer: the one before",
    Kind.DATABASE_ONLINE: "the party serves: it takes writes",
    Kind.NOTE: "on record, and nothing is concluded from it",
}
"""What each kind says, for the reference of the mapping language."""

SORTS = {
    "peer": "text",
    "members": "members",
    "tag": "tag",
    "epoch": "whole",
    "seen": "tag",
    "proposed": "tag",
    "accepted": "truth",
    "span": "seconds",
    "role_from": "text",
    "role_to": "text",
    "state": "text",
    "goal": "text",
    "position": "position",
    "reason": "phrase",
    "actor": "text",
}
"""The facts an observation can have, and of what sort the value of each is."""

NEEDS: dict[Kind, tuple[str, ...]] = {
    Kind.VIEW: ("members",),
    Kind.BOARD_ACCESS: ("seen", "proposed", "accepted"),
    Kind.EPOCH_HELD: ("epoch|tag",),
    Kind.EPOCH_PROPOSED: ("epoch", "tag"),
    Kind.EPOCH_FORKED: ("epoch",),
    Kind.SELF_STOP_SET: ("span",),
    Kind.ROLE: ("role_to",),
    Kind.STATE: ("state|goal",),
    Kind.FOLLOWS: ("peer",),
}
"""The facts without which a kind says nothing; `a|b` is one of the two."""

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


@dataclass(frozen=True, order=True)
class Complete:
    """A declaration that no event of a kind was left out, of one party or of all, by one source
    or by all.
    """

    kind: Kind
    party: str = ""
    source: str = ""

    def __str__(self) -> str:
        of = f" of {self.party}" if self.party else ""
        return f"{self.kind}{of}{f' by {self.source}' if self.source else ''}"


class HasLine(Protocol):
    """What has a line of the record."""

    @property
    def line(self) -> int:
        """Its number."""


def lines_of(observations: Iterable[HasLine | None]) -> tuple[int, ...]:
    """The lines of the record that these observations are on: evidence."""
    return tuple(sorted({o.line for o in observations if o is not None}))


def tag_text(tag: Tag | None) -> str:
    """`7:6:120`."""
    return ":".join(map(str, tag or ()))


def clock_text(at: int, resolution: int) -> str:
    """`09:30:00.250`, to the resolution of the stamp; on a later day `+1d 09:30:00.250`."""
    days, rest = divmod(at, DAY)
    seconds, part = divmod(rest, SECOND)
    day = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    day = f"{days:+d}d {day}" if days else day
    if resolution >= SECOND:
        return day
    return f"{day}.{part // MILLISECOND:03d}" if resolution >= MILLISECOND else f"{day}.{part:06d}"


def seconds_text(us: int, resolution: int = MILLISECOND) -> str:
    """`0.250 s`; whole seconds where the resolution is no finer."""
    if resolution >= SECOND and us % SECOND == 0:
        return f"{us // SECOND} s"
    return f"{us / SECOND:.3f} s"


def span_text(us: int, resolution: int = MILLISECOND) -> str:
    """`745 s (12 min 25 s)`: long durations also in minutes, hours and days."""
    text = seconds_text(us, resolution)
    whole = us // SECOND
    if whole < 120:
        return text
    units = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))
    parts = []
    for size, unit in units:
        count, whole = divmod(whole, size)
        if count:
            parts.append(f"{count} {unit}")
    return f"{text} ({' '.join(parts)})"
