"""What a standby target deletes of a server's logs, and how it is seeded from the server."""

from __future__ import annotations

from models.language.rule import rule_for
from models.language.terms import Bool, Int

from ..phrases_standby import server_answers
from ..vocabulary import SCHEMA
from ..vocabulary_lcr import Local, Server
from ..vocabulary_standby import STANDBY, Target
from . import standby_files as files
from .standby_server import following

rule = rule_for(SCHEMA, "standby files of a server")


@rule(684, trigger="consequence", actor=STANDBY, source="T5")
def note_remote_replayed(s, t: Target, v: Server, h: Local):
    """The server has deleted logs that the target still has: it notes what it has replayed by now,
    for its truncation lag starts with replay.
    """
    mine, answers = s.remote[t, v, h], following(s, t, v, h)
    return files.replay_noted(s, "RemoteReplayNoted", mine, answers, s.local[v, h].low)


@rule(685, trigger="consequence", actor=STANDBY, source="T5")
def delete_remote_logs(s, t: Target, v: Server, h: Local, generation: Int):
    """The target deletes logs that the server has deleted and that it replayed longer ago than its
    truncation lag.
    """
    mine, oldest, answers = s.remote[t, v, h], s.local[v, h].low, following(s, t, v, h)
    return files.logs_deleted(s, "RemoteLogsDeleted", mine, generation, answers, oldest)


@rule(686, trigger="command", actor=STANDBY, source="T4")
def begin_remote_seed(s, t: Target, v: Server, h: Local, delete: Bool):
    """A full copy of a server's database to the target is begun there."""
    mine, answers = s.remote[t, v, h], server_answers(s, t, v, h)
    return files.seed_begun(s, "RemoteSeedBegun", mine, delete, answers)


@rule(687, trigger="consequence", actor=STANDBY, source="T4")
def finish_remote_seed(s, t: Target, v: Server, h: Local, lineage: Int, generation: Int):
    """The seed is complete: the target stands where the server's closed logs stand."""
    theirs = s.local[v, h]
    given = {
        "source answers": server_answers(s, t, v, h),
        "lineage of the source": lineage == theirs.lineage,
        "newest closed log of the source": generation == theirs.top,
    }
    mine = s.remote[t, v, h]
    return files.seed_finished(s, "RemoteSeedFinished", mine, lineage, generation, given)


@rule(688, trigger="consequence", actor=STANDBY, source="D-18")
def abort_remote_seed(s, t: Target, v: Server, h: Local):
    """The server does not answer a running seed: what was copied is discarded, and the target is
    Failed and suspended.
    """
    mine, answers = s.remote[t, v, h], server_answers(s, t, v, h)
    return files.seed_aborted("RemoteSeedAborted", mine, answers)
