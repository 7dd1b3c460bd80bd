"""What a standby target replays and deletes, and when: behind its source by an age and by fifty
logs (T8, T5).

Ages are never too short: a note says that the target had been told of all logs up to a generation
by a time. Notes are a quarter of the replay lag apart, so a log is replayed when it is older than
the lag, and at most a quarter of it later than it might be.
"""

from __future__ import annotations

from models.language.rule import Body, rule_for
from models.language.terms import Int, all_of, any_of, if_else, smaller

from ..phrases_standby import replicating
from ..vocabulary import NEVER, SCHEMA, Group, Node
from ..vocabulary_standby import STANDBY, Target
from .standby import following

rule = rule_for(SCHEMA, "standby replay")


def _notes(mine):
    return [(getattr(mine, f"told_{k}"), getattr(mine, f"told_at_{k}")) for k in range(1, 5)]


def _aged(s, mine):
    """The newest generation that a note shows to be older than the replay lag; 0 if none."""
    found = mine.due
    for upto, at in reversed(_notes(mine)):
        found = if_else(all_of(at >= 0, s.elapsed(at, mine.lag)), upto, found)
    return found


@rule(820, trigger="consequence", actor=STANDBY, source="T8")
def note_age(s, t: Target, g: Group):
    """A target with a replay lag notes up to which log it has been told by now.

    Why: four such notes, a quarter of the lag apart, tell the age of any number of logs.
    """
    mine = s.standby[t, g]
    (upto, at), *older = _notes(mine)
    oldest, oldest_at = older[-1]
    moved = [
        pair
        for to, of in zip(older, _notes(mine), strict=False)
        for pair in zip(to, of, strict=True)
    ]
    return Body(
        "StandbyAgeNoted",
        requires={
            "copy replicates": replicating(s, t, g),
            "it has a replay lag": mine.lag > 0,
            "it was told of logs since the newest note": mine.notified > upto,
            "newest note is a quarter of the lag old": any_of(at < 0, s.elapsed(at, mine.spacing)),
            "oldest note is not needed any more": any_of(oldest_at < 0, oldest <= mine.due),
        },
        sets={**dict(moved), upto: mine.notified, at: s.now},
    )


@rule(821, trigger="consequence", actor=STANDBY, source="T8")
def let_age(s, t: Target, g: Group, generation: Int):
    """Logs up to a generation have become older than the replay lag."""
    mine = s.standby[t, g]
    return Body(
        "StandbyLogsAged",
        requires={
            "copy replicates": replicating(s, t, g),
            "that is news": generation > mine.due,
            "a note of age shows it": generation == _aged(s, mine),
        },
        sets={mine.due: generation},
    )


@rule(822, trigger="consequence", actor=STANDBY, source="T8")
def replay_standby_log(s, t: Target, g: Group):
    """The next inspected log is replayed at the target, once it is older than the replay lag and
    scr_floor newer logs are inspected.

    Why: after a lossy failover of its source the target must not hold what the new source lacks.
    """
    mine, ghost = s.standby[t, g], s.ageing[t, g]
    tracked = s.p.tracked_generation == mine.replayed + 1
    return Body(
        "StandbyLogReplayed",
        requires={
            "copy replicates": replicating(s, t, g),
            "the floor of newer logs is inspected": mine.replayed < mine.top - s.p.scr_floor,
            "log is older than the replay lag": any_of(mine.lag == 0, mine.replayed < mine.due),
            "replay took its time": s.elapsed(mine.replay_from, s.p.replay_time),
        },
        sets={mine.replayed: mine.replayed + 1, mine.replay_from: s.now},
        ghost={ghost.replayed_at: if_else(tracked, s.now, ghost.replayed_at)},
    )


@rule(823, trigger="consequence", actor=STANDBY, source="T5")
def note_replayed(s, t: Target, n: Node, g: Group):
    """The source has deleted logs that the target still has: it notes what it has replayed by now,
    for its truncation lag starts with replay.
    """
    mine = s.standby[t, g]
    return Body(
        "StandbyReplayNoted",
        requires={
            "copy replicates": replicating(s, t, g),
            "no note waits": mine.clear_at < 0,
            "a replayed log is there": mine.low <= mine.replayed,
        },
        given={
            "source answers": following(s, t, n, g),
            "source has deleted it": s.copy[n, g].low > mine.low,
        },
        sets={mine.clear: mine.replayed, mine.clear_at: s.now},
    )


@rule(824, trigger="consequence", actor=STANDBY, source="T5")
def delete_standby_logs(s, t: Target, n: Node, g: Group, generation: Int):
    """The target deletes logs that its source has deleted and that it replayed longer ago than its
    truncation lag.
    """
    mine = s.standby[t, g]
    return Body(
        "StandbyLogsDeleted",
        requires={
            "copy replicates": replicating(s, t, g),
            "there are such logs": generation >= mine.low,
            "they were replayed by the noted time": all_of(
                mine.clear_at >= 0, generation <= mine.clear
            ),
            "truncation lag has passed": s.elapsed(mine.clear_at, mine.truncation),
        },
        given={
            "source answers": following(s, t, n, g),
            "source has deleted them": generation < s.copy[n, g].low,
            "as many as may be": generation == smaller(mine.clear, s.copy[n, g].low - 1),
        },
        sets={mine.low: generation + 1, mine.clear_at: NEVER},
    )
