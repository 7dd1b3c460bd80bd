"""What a standby target replays and deletes, and when: behind its source by an age and by fifty
logs (T8, T5).

Ages are never too short: a note says that the target had been told of all logs up to a generation
by a time. Notes are a quarter of the replay lag apart, so a log is replayed when it is older than
the lag, and at most a quarter of it later than it might be.
"""

from __future__ import annotations

from models.language.rule import Body, rule_for
from models.language.terms import Int, all_of, smaller

from ..vocabulary import NEVER, SCHEMA, Group, Node
from ..vocabulary_standby import STANDBY, Target
from . import standby_steps as steps
from .standby import following

rule = rule_for(SCHEMA, "standby replay")


@rule(820, trigger="consequence", actor=STANDBY, source="T8")
def note_age(s, t: Target, g: Group):
    """A target with a replay lag notes up to which log it has been told by now.

    Why: four such notes, a quarter of the lag apart, tell the age of any number of logs.
    """
    return steps.age_noted(s, "StandbyAgeNoted", s.standby[t, g])


@rule(821, trigger="consequence", actor=STANDBY, source="T8")
def let_age(s, t: Target, g: Group, generation: Int):
    """Logs up to a generation have become older than the replay lag."""
    return steps.aged(s, "StandbyLogsAged", s.standby[t, g], generation)


@rule(822, trigger="consequence", actor=STANDBY, source="T8")
def replay_standby_log(s, t: Target, g: Group):
    """The next inspected log is replayed at the target, once it is older than the replay lag and
    scr_floor newer logs are inspected.

    Why: after a lossy failover of its source the target must not hold what the new source lacks.
    """
    return steps.replayed(s, "StandbyLogReplayed", s.standby[t, g], s.ageing[t, g])


@rule(823, trigger="consequence", actor=STANDBY, source="T5")
def note_replayed(s, t: Target, n: Node, g: Group):
    """The source has deleted logs that the target still has: it notes what it has replayed by now,
    for its truncation lag starts with replay.
    """
    mine = s.standby[t, g]
    return Body(
        "StandbyReplayNoted",
        requires={
            "copy replicates": steps.replicating(mine),
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
            "copy replicates": steps.replicating(mine),
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
