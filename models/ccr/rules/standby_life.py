"""What happens to a standby server, and what an operator asks of its copies: suspend, resume,
seed.
"""

from __future__ import annotations

from dataclasses import replace

from models.language.rule import Body, rule_for
from models.language.terms import NOBODY, Bool, Int, all_of, any_of, some

from ..phrases_standby import sources
from ..vocabulary import SCHEMA, WORLD, Group, Node
from ..vocabulary_lcr import Local, Server
from ..vocabulary_standby import STANDBY, Standby, Target
from . import standby_files as files
from . import standby_steps as steps

rule = rule_for(SCHEMA, "life of a standby copy")


def holds_of(s, t, v):
    """Some storage group of a server has a standby copy here."""
    return some(Local, lambda h: s.remote[t, v, h].state != Standby.OFF)


def holds(s, t):
    """Some storage group, of the cluster or of a server, has a standby copy here."""
    of_server = some(Server, lambda v: holds_of(s, t, v))
    return any_of(some(Group, lambda g: s.standby[t, g].state != Standby.OFF), of_server)


@rule(802, trigger="fault", actor=WORLD, source="S-036")
def fail_target(s, t: Target):
    """A standby server goes down; what is on its disks stays."""
    up = s.target[t].up
    return Body(
        "TargetFailed",
        requires={"it holds a standby copy": holds(s, t), "standby server is up": up},
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
        requires={"it holds a standby copy": holds(s, t), "path is whole": reach},
        sets={reach: False},
    )


@rule(805, trigger="command", actor=WORLD, source="S-034")
def heal_target(s, t: Target, n: Node):
    """The path between a node and a standby server is whole again."""
    reach = s.target[t].reach[n]
    return Body("TargetPathHealed", requires={"path is broken": ~reach}, sets={reach: True})


@rule(682, trigger="fault", actor=WORLD, source="S-167")
def cut_line(s, t: Target, v: Server):
    """The path between a server outside the cluster and a standby server breaks."""
    whole = s.line[t, v].whole
    return Body(
        "ServerPathCut",
        requires={"it holds a standby copy of it": holds_of(s, t, v), "path is whole": whole},
        sets={whole: False},
    )


@rule(683, trigger="command", actor=WORLD, source="S-167")
def heal_line(s, t: Target, v: Server):
    """The path between a server outside the cluster and a standby server is whole again."""
    whole = s.line[t, v].whole
    return Body("ServerPathHealed", requires={"path is broken": ~whole}, sets={whole: True})


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


@rule(832, trigger="command", actor=STANDBY, source="T4")
def begin_standby_seed(s, t: Target, n: Node, g: Group, delete: Bool):
    """A full copy of the database to the target is begun there (Update-StorageGroupCopy
    -StandbyMachine).
    """
    mine, answers = s.standby[t, g], sources(s, t, n, g)
    body = files.seed_begun(s, "StandbySeedBegun", mine, delete, answers)
    return replace(body, sets={**body.sets, mine.lineage_by: NOBODY})


@rule(833, trigger="consequence", actor=STANDBY, source="T4")
def finish_standby_seed(
    s, t: Target, n: Node, g: Group, lineage: Int, by: Node, epoch: Int, generation: Int
):
    """The seed is complete: the target stands where the source's closed logs stand.

    Why: until scr_floor newer logs are inspected it is as far as its source, and a lossy failover
    may leave it ahead.
    """
    mine, theirs = s.standby[t, g], s.copy[n, g]
    given = {
        "source answers": sources(s, t, n, g),
        "no newer source was seen": theirs.active_epoch >= mine.epoch,
        "lineage of the source": all_of(lineage == theirs.lineage, by == theirs.lineage_by),
        "epoch of the source": epoch == theirs.active_epoch,
        "newest closed log of the source": generation == theirs.top,
    }
    body = files.seed_finished(s, "StandbySeedFinished", mine, lineage, generation, given)
    return replace(body, sets={**body.sets, mine.lineage_by: by, mine.epoch: epoch})


@rule(834, trigger="consequence", actor=STANDBY, source="D-18")
def abort_standby_seed(s, t: Target, g: Group):
    """No source answers a running seed: what was copied is discarded, and the target is Failed and
    suspended.
    """
    answers = some(Node, lambda n: sources(s, t, n, g))
    return files.seed_aborted("StandbySeedAborted", s.standby[t, g], answers)
