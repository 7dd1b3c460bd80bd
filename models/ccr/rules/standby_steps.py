"""The steps of a standby copy, whatever its source is: told, copied, inspected, aged, replayed;
suspended, resumed, restored.

Each is the body of a rule, over the target's row (`mine`) and its ghost. Used by the rules for a
cluster's storage groups and by those for a stand-alone server's.
"""

from __future__ import annotations

from typing import Any

from models.language.rule import Body, Move
from models.language.terms import Term, all_of, any_of, if_else, negate, one_of, smaller

from ..vocabulary import NEVER
from ..vocabulary_copies import Trouble
from ..vocabulary_standby import LAG_MAX, Standby

WAITING = (Standby.INITIALIZING, Standby.HEALTHY, Standby.FAILED)


def notes(mine: Any) -> list[tuple[Term, Term]]:
    """The notes of age, newest first: up to which generation, and when."""
    return [(getattr(mine, f"told_{k}"), getattr(mine, f"told_at_{k}")) for k in range(1, 5)]


def no_notes(mine: Any) -> dict[Term, Any]:
    """No note of age is left."""
    return {f: value for to, at in notes(mine) for f, value in ((to, 0), (at, NEVER))}


def limited(mine: Any, keep: Term) -> dict[Term, Any]:
    """What was told and noted beyond a generation is forgotten: it is discarded."""
    cut = {to: smaller(to, keep) for to, _ in notes(mine)}
    return {
        **cut,
        mine.top: keep,
        mine.copied: keep,
        mine.notified: keep,
        mine.base: mine.replayed,
        mine.due: smaller(mine.due, keep),
    }


def replicating(mine: Any) -> Term:
    """The target follows its source and is not suspended."""
    return all_of(mine.state == Standby.HEALTHY, ~mine.suspended)


def enabled(event: str, mine: Any, lag: Term, truncation: Term, spacing: Term) -> Body:
    """A standby copy is enabled; files that stayed are used again."""
    return Body(
        event,
        moves=Move(mine.state, Standby.OFF, Standby.INITIALIZING),
        requires={
            "replay lag is 0 to 7 days": all_of(lag >= 0, lag <= LAG_MAX),
            "truncation lag is 0 to 7 days": all_of(truncation >= 0, truncation <= LAG_MAX),
            "notes of age are a quarter of the lag apart": all_of(
                spacing * 4 >= lag, spacing * 4 <= lag + 3
            ),
        },
        sets={
            mine.lag: lag,
            mine.spacing: spacing,
            mine.truncation: truncation,
            mine.clear_at: NEVER,
            mine.trouble: Trouble.NONE,
            mine.suspended: False,
            mine.due: mine.replayed,
            mine.base: mine.replayed,
            mine.lost: NEVER,
            **no_notes(mine),
        },
    )


def disabled(event: str, mine: Any) -> Body:
    """A standby copy is disabled; its files stay."""
    on = (*WAITING, Standby.SEEDING, Standby.RESTORED)
    return Body(event, moves=Move(mine.state, on, Standby.OFF), sets={mine.suspended: False})


def noticed(s: Any, event: str, mine: Any, ghost: Any, generation: Term) -> Body:
    """The target is told of closed logs."""
    tracked = all_of(mine.notified < s.p.tracked_generation, s.p.tracked_generation <= generation)
    return Body(
        event,
        requires={
            "copy is healthy": mine.state == Standby.HEALTHY,
            "that is news": generation > mine.notified,
        },
        sets={
            mine.notified: generation,
            mine.copy_from: if_else(mine.notified == mine.copied, s.now, mine.copy_from),
        },
        ghost={ghost.told_at: if_else(tracked, s.now, ghost.told_at)},
    )


def may_copy(s: Any, mine: Any) -> dict[str, Term]:
    """What a target knows when it fetches the next log."""
    return {
        "copy replicates": replicating(mine),
        "a closed log is waiting": mine.copied < mine.notified,
        "copying took its time": s.elapsed(mine.copy_from, s.p.copy_time),
    }


def copied(s: Any, event: str, mine: Any) -> Body:
    """The next closed log is copied."""
    return Body(
        event,
        requires=may_copy(s, mine),
        sets={
            mine.copied: mine.copied + 1,
            mine.copy_from: s.now,
            mine.inspect_from: if_else(mine.copied == mine.top, s.now, mine.inspect_from),
        },
    )


def inspected(s: Any, event: str, mine: Any) -> Body:
    """The next copied log is inspected."""
    return Body(
        event,
        requires={
            "copy replicates": replicating(mine),
            "a copied log is waiting": mine.top < mine.copied,
            "inspection took its time": s.elapsed(mine.inspect_from, s.p.inspect_time),
        },
        sets={
            mine.top: mine.top + 1,
            mine.inspect_from: s.now,
            mine.replay_from: if_else(mine.replayed == mine.top, s.now, mine.replay_from),
        },
    )


def age_noted(s: Any, event: str, mine: Any) -> Body:
    """The target notes up to which log it has been told by now."""
    (upto, at), *older = notes(mine)
    oldest, _ = older[-1]
    moved = [
        pair
        for to, of in zip(older, notes(mine), strict=False)
        for pair in zip(to, of, strict=True)
    ]
    return Body(
        event,
        requires={
            "copy replicates": replicating(mine),
            "it has a replay lag": mine.lag != 0,
            "it was told of logs since the newest note": mine.notified > upto,
            "newest note is a quarter of the lag old": any_of(
                at == NEVER, s.elapsed(at, mine.spacing)
            ),
            "oldest note is not needed any more": oldest <= mine.due,
        },
        sets={**dict(moved), upto: mine.notified, at: s.now},
    )


def aged(s: Any, event: str, mine: Any, generation: Term) -> Body:
    """Logs up to a generation have become older than the replay lag."""
    found = mine.due
    for upto, at in reversed(notes(mine)):
        found = if_else(all_of(at != NEVER, s.elapsed(at, mine.lag)), upto, found)
    return Body(
        event,
        requires={
            "copy replicates": replicating(mine),
            "that is news": generation > mine.due,
            "a note of age shows it": generation == found,
        },
        sets={mine.due: generation},
    )


def replayed(s: Any, event: str, mine: Any, ghost: Any) -> Body:
    """The next inspected log is replayed, old enough and far enough behind."""
    tracked = s.p.tracked_generation == mine.replayed + 1
    return Body(
        event,
        requires={
            "copy replicates": replicating(mine),
            "the floor of newer logs is inspected": mine.replayed < mine.top - s.p.scr_floor,
            "log is older than the replay lag": any_of(mine.lag == 0, mine.replayed < mine.due),
            "replay took its time": s.elapsed(mine.replay_from, s.p.replay_time),
        },
        sets={mine.replayed: mine.replayed + 1, mine.replay_from: s.now},
        ghost={ghost.replayed_at: if_else(tracked, s.now, ghost.replayed_at)},
    )


def usable(mine: Any) -> Term:
    """The target's files are a prefix of the stream that it follows."""
    return negate(one_of(mine.trouble, Trouble.DIVERGED, Trouble.SEED_INTERRUPTED))


def suspended(event: str, mine: Any) -> Body:
    """An operator suspends the copy."""
    return Body(
        event,
        requires={
            "copy is enabled": one_of(mine.state, *WAITING),
            "copy is not suspended": ~mine.suspended,
        },
        sets={mine.suspended: True},
    )


def resumed(event: str, mine: Any) -> Body:
    """An operator resumes the copy, which compares itself with its source first."""
    return Body(
        event,
        moves=Move(mine.state, WAITING, Standby.INITIALIZING),
        requires={"copy is suspended": mine.suspended, "its files are usable": usable(mine)},
        sets={mine.suspended: False, mine.trouble: Trouble.NONE},
    )


def forced(s: Any, event: str, mine: Any) -> Body:
    """An operator makes the copy viable as it is."""
    return Body(
        event,
        moves=Move(mine.state, WAITING, Standby.RESTORED),
        requires={
            "it holds logs or a database": mine.top != 0,
            "its files are usable": usable(mine),
        },
        sets={
            mine.lost: mine.notified - mine.top,
            mine.copied: mine.top,
            mine.suspended: False,
            mine.replay_from: s.now,
        },
    )


def caught_up(s: Any, event: str, mine: Any, ghost: Any) -> Body:
    """A restored copy replays the next log; neither lag nor floor hold it back."""
    tracked = s.p.tracked_generation == mine.replayed + 1
    return Body(
        event,
        requires={
            "copy is restored": mine.state == Standby.RESTORED,
            "an inspected log is waiting": mine.replayed < mine.top,
            "replay took its time": s.elapsed(mine.replay_from, s.p.replay_time),
        },
        sets={mine.replayed: mine.replayed + 1, mine.replay_from: s.now},
        ghost={ghost.replayed_at: if_else(tracked, s.now, ghost.replayed_at)},
    )


def complete(mine: Any) -> dict[str, Term]:
    """What a target knows when its database may be mounted."""
    return {"everything inspected is replayed": mine.replayed == mine.top}
