"""What happens to a standby server, and what an operator asks of its copies: suspend, resume,
seed.
"""

from __future__ import annotations

from models.language.rule import Body, Move, rule_for
from models.language.terms import NOBODY, Bool, Int, all_of, any_of, each, some

from ..phrases_standby import sources
from ..vocabulary import NEVER, SCHEMA, WORLD, Group, Node
from ..vocabulary_copies import Trouble
from ..vocabulary_lcr import Local, Server
from ..vocabulary_standby import STANDBY, Standby, Target
from . import standby_steps as steps

rule = rule_for(SCHEMA, "life of a standby copy")


def _holds(s, t):
    """Some storage group, of the cluster or of a server, has a standby copy here."""
    of_server = some(
        Server, lambda v: some(Local, lambda h: s.remote[t, v, h].state != Standby.OFF)
    )
    return any_of(some(Group, lambda g: s.standby[t, g].state != Standby.OFF), of_server)


@rule(802, trigger="fault", actor=WORLD, source="S-036")
def fail_target(s, t: Target):
    """A standby server goes down; what is on its disks stays."""
    up = s.target[t].up
    return Body(
        "TargetFailed",
        requires={"it holds a standby copy": _holds(s, t), "standby server is up": up},
        sets={up: False},
    )


@rule(803, trigger="command", actor=WORLD, source="S-036")
def start_target(s, t: Target):
    """A standby server is up again."""
    up = s.target[t].up
    return Body("TargetStarted", requires={"standby server is down": ~up}, sets={up: True})


@rule(804, trigger="fault", actor=WORLD, source="S-034")
def cut_target(s, t: Target, n: Node):
    """The path between a node and a standby server breaks."""
    reach = s.target[t].reach[n]
    return Body(
        "TargetPathCut",
        requires={"it holds a standby copy": _holds(s, t), "path is whole": reach},
        sets={reach: False},
    )


@rule(805, trigger="command", actor=WORLD, source="S-034")
def heal_target(s, t: Target, n: Node):
    """The path between a node and a standby server is whole again."""
    reach = s.target[t].reach[n]
    return Body("TargetPathHealed", requires={"path is broken": ~reach}, sets={reach: True})


@rule(806, trigger="command", actor=WORLD, source="S-035")
def form_standby_cluster(s, t: Target):
    """A standby server becomes a node of a failover cluster without a CMS: a standby cluster."""
    cluster = s.target[t].cluster
    return Body(
        "StandbyClusterFormed",
        requires={"it is a server of its own": ~cluster},
        sets={cluster: True},
    )


@rule(830, trigger="command", actor=STANDBY, source="T4")
def suspend_standby(s, t: Target, g: Group):
    """An operator suspends a standby copy: it copies, inspects, replays and deletes nothing."""
    return steps.suspended("StandbySuspended", s.standby[t, g])


@rule(831, trigger="command", actor=STANDBY, source="T4")
def resume_standby(s, t: Target, g: Group):
    """An operator resumes a standby copy: it compares itself with its source first.

    Why: resuming is the second chance of one that failed for a log. One that replayed what its
    source lacks stays Failed.
    """
    return steps.resumed("StandbyResumed", s.standby[t, g])


def _emptied(mine, generation):
    """A target whose database stands at a generation and that has no logs."""
    return {
        mine.top: generation,
        mine.copied: generation,
        mine.notified: generation,
        mine.replayed: generation,
        mine.base: generation,
        mine.due: generation,
        mine.clear: generation,
        mine.low: generation + 1,
        mine.clear_at: NEVER,
        **steps.no_notes(mine),
    }


@rule(832, trigger="command", actor=STANDBY, source="T4")
def begin_standby_seed(s, t: Target, n: Node, g: Group, delete: Bool):
    """A full copy of the database to the target is begun there (Update-StorageGroupCopy
    -StandbyMachine).
    """
    mine = s.standby[t, g]
    return Body(
        "StandbySeedBegun",
        moves=Move(
            mine.state,
            (Standby.INITIALIZING, Standby.HEALTHY, Standby.FAILED),
            Standby.SEEDING,
        ),
        requires={
            "copy does not replicate": any_of(mine.state != Standby.HEALTHY, mine.suspended),
            "no log files are left over, or they are to be deleted": any_of(mine.top == 0, delete),
        },
        given={"source answers": sources(s, t, n, g)},
        sets={
            mine.seed_from: s.now,
            mine.lineage: 0,
            mine.lineage_by: NOBODY,
            **_emptied(mine, 0),
        },
    )


@rule(833, trigger="consequence", actor=STANDBY, source="T4")
def finish_standby_seed(
    s, t: Target, n: Node, g: Group, lineage: Int, by: Node, epoch: Int, generation: Int
):
    """The seed is complete: the target stands where the source's closed logs stand.

    Why: until scr_floor newer logs are inspected it is as far as its source, and a lossy failover
    may leave it ahead.
    """
    mine, theirs = s.standby[t, g], s.copy[n, g]
    return Body(
        "StandbySeedFinished",
        moves=Move(mine.state, Standby.SEEDING, Standby.HEALTHY),
        requires={"seeding took its time": s.elapsed(mine.seed_from, s.p.seed_time)},
        given={
            "source answers": sources(s, t, n, g),
            "no newer source was seen": theirs.active_epoch >= mine.epoch,
            "lineage of the source": all_of(lineage == theirs.lineage, by == theirs.lineage_by),
            "epoch of the source": epoch == theirs.active_epoch,
            "newest closed log of the source": generation == theirs.top,
        },
        sets={
            mine.lineage: lineage,
            mine.lineage_by: by,
            mine.epoch: epoch,
            mine.trouble: Trouble.NONE,
            mine.suspended: False,
            **_emptied(mine, generation),
        },
    )


@rule(834, trigger="consequence", actor=STANDBY, source="D-18")
def abort_standby_seed(s, t: Target, g: Group):
    """No source answers a running seed: what was copied is discarded, and the target is Failed and
    suspended.
    """
    mine = s.standby[t, g]
    return Body(
        "StandbySeedAborted",
        moves=Move(mine.state, Standby.SEEDING, Standby.FAILED),
        given={"no source answers": each(Node, lambda n: ~sources(s, t, n, g))},
        sets={mine.trouble: Trouble.SEED_INTERRUPTED, mine.suspended: True},
    )
