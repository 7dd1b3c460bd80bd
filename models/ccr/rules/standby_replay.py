"""What a standby target replays and deletes, and when: behind its source by an age and by fifty
logs (T8, T5).

Ages are never too short: a note says that the target had been told of all logs up to a generation
by a time. Notes are a quarter of the replay lag apart, so a log is replayed when it is older than
the lag, and at most a quarter of it later than it might be.
"""

from __future__ import annotations

from models.language.rule import rule_for
from models.language.terms import Int

from ..vocabulary import SCHEMA, Group, Node
from ..vocabulary_standby import STANDBY, Target
from . import standby_files as files
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
    answers, oldest = following(s, t, n, g), s.copy[n, g].low
    return files.replay_noted(s, "StandbyReplayNoted", s.standby[t, g], answers, oldest)


@rule(824, trigger="consequence", actor=STANDBY, source="T5")
def delete_standby_logs(s, t: Target, n: Node, g: Group, generation: Int):
    """The target deletes logs that its source has deleted and that it replayed longer ago than its
    truncation lag.
    """
    mine, oldest = s.standby[t, g], s.copy[n, g].low
    answers = following(s, t, n, g)
    return files.logs_deleted(s, "StandbyLogsDeleted", mine, generation, answers, oldest)
