"""Truncation: which log files may be deleted, on the active and on the passive node (T5).

Never by age or space: circular logging is no part of continuous replication. A passive copy that is
absent, failed, suspended or being seeded pins every log of the active one (D-15).
"""

from __future__ import annotations

from models.language.rule import Body, rule_for
from models.language.terms import Int, all_of, any_of, each, if_else, peer, smaller

from ..phrases import mounted, mounted_later, replicates, same_stream
from ..phrases_files import passive_ready
from ..phrases_standby import spared
from ..vocabulary import SCHEMA, STORAGE, Copy, Group, Node
from ..vocabulary_files import Backup
from ..vocabulary_standby import Standby, Target

rule = rule_for(SCHEMA, "truncation")


def _kept(s, n, g, generation):
    """What deleting up to `generation` does to the ghost of the tracked record."""
    rec = s.record[g]
    return {rec.in_logs[n]: rec.in_logs[n] & (rec.generation > generation)}


@rule(721, trigger="consequence", actor=STORAGE, source="T5")
def advance_checkpoint(s, n: Node, g: Group, generation: Int):
    """The database file is written up to a generation: on the active node it stays
    llr_depth logs behind, on the passive one it is what was replayed.

    Why: logs up to the checkpoint are not needed to recover from a crash. It is recorded as far as
    a backed-up log waits for it.
    """
    copy = s.copy[n, g]
    active = copy.state == Copy.ACTIVE
    return Body(
        "CheckpointAdvanced",
        requires={
            "copy is mounted here or healthy": any_of(mounted(s, n, g), copy.state == Copy.HEALTHY),
            "that is progress": generation > copy.checkpoint,
            "a backed-up log waits for it": copy.backed > copy.checkpoint,
            "its changes are in the file": generation
            == if_else(active, copy.top - s.p.llr_depth, copy.replayed),
        },
        sets={copy.checkpoint: generation},
    )


def _deleting(s, n, g, generation):
    """What allows the active node to delete its logs up to a generation, and what it is to delete
    where no standby target lags behind.
    """
    copy = s.copy[n, g]
    passive = s.copy[peer(n), g].checkpoint
    requires = {
        "storage group is mounted here": mounted(s, n, g),
        "there are such logs": generation >= copy.low,
        "they are backed up": generation <= copy.backed,
        "they are older than the checkpoint": generation <= copy.checkpoint,
        "no backup is running": copy.backup == Backup.IDLE,
    }
    given = {
        "passive copy answers and is healthy": passive_ready(s, n, g),
        "passive copy has them in its database": generation <= passive,
        "every standby target has inspected them": each(
            Target, lambda t: spared(s, t, n, g, generation)
        ),
    }
    return requires, given, smaller(smaller(copy.backed, copy.checkpoint), passive)


@rule(731, trigger="consequence", actor=STORAGE, source="T5")
def delete_logs(s, n: Node, g: Group, generation: Int):
    """The active node deletes its logs up to a generation that is backed up, older than its
    checkpoint, in the passive copy's database file, and inspected by every standby target.

    Why: a log is deleted only when neither recovery, nor the passive copy, nor the next backup, nor
    a standby target needs it.
    """
    requires, given, most = _deleting(s, n, g, generation)
    return Body(
        "LogsDeleted",
        requires=requires,
        given={**given, "as many as may be": generation == most},
        sets={s.copy[n, g].low: generation + 1},
        ghost=_kept(s, n, g, generation),
    )


@rule(825, trigger="consequence", actor=STORAGE, source="T5")
def delete_logs_inspected(s, n: Node, g: Group, t: Target, generation: Int):
    """The active node deletes its logs up to the newest one that the slowest standby target has
    inspected.

    Why: a target that lags behind keeps back what it needs, and nothing else.
    """
    requires, given, most = _deleting(s, n, g, generation)
    return Body(
        "InspectedLogsDeleted",
        requires=requires,
        given={
            **given,
            "as many as that target has inspected": generation == s.standby[t, g].top,
            "that target lags behind": all_of(
                s.standby[t, g].state == Standby.HEALTHY, generation < most
            ),
        },
        sets={s.copy[n, g].low: generation + 1},
        ghost=_kept(s, n, g, generation),
    )


@rule(732, trigger="consequence", actor=STORAGE, source="T5")
def delete_passive_logs(s, n: Node, g: Group, generation: Int):
    """The passive node deletes its logs up to a generation that is backed up, in its database file,
    and deleted on the active node.

    Why: what can be fetched from the active node can be fetched after a failover too.
    """
    copy, theirs = s.copy[n, g], s.copy[peer(n), g]
    gone = theirs.low - 1
    return Body(
        "PassiveLogsDeleted",
        requires={
            "there are such logs": generation >= copy.low,
            "they are backed up": generation <= copy.backed,
            "they are older than the checkpoint": generation <= copy.checkpoint,
        },
        given={
            "copy follows its source": all_of(
                replicates(s, n, g), mounted_later(s, n, g), same_stream(s, n, g)
            ),
            "they are deleted on the active node": generation <= gone,
            "no backup is running": theirs.backup == Backup.IDLE,
            "as many as may be": generation == smaller(smaller(copy.backed, copy.checkpoint), gone),
        },
        sets={copy.low: generation + 1},
        ghost=_kept(s, n, g, generation),
    )
