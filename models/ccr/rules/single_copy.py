"""A single copy cluster (SCC): a clustered mailbox server whose two nodes share one set of disks.

What fails over is who runs it; nothing is replicated and nothing is lost, and the disks are a
single point of failure. It has no transport dumpster (S-123); a standby copy may follow it (S-167).
"""

from __future__ import annotations

from models.language.rule import Body, Move, rule_for
from models.language.terms import each, if_else, one_of

from ..vocabulary import SCHEMA, WORLD
from ..vocabulary_lcr import SCC, Local, Server
from ..vocabulary_standby import STANDBY, Standby, Target, Way
from . import standby_steps as steps

rule = rule_for(SCHEMA, "single copy cluster")


@rule(670, trigger="command", actor=WORLD, source="S-167")
def install_scc(s, v: Server):
    """A clustered mailbox server is installed on a single copy cluster of two nodes."""
    server = s.server[v]
    return Body(
        "SingleCopyInstalled",
        requires={"there is no such server": ~server.installed},
        sets={server.installed: True, server.clustered: True, server.spare: True},
    )


@rule(671, trigger="consequence", actor=SCC, source="S-123")
def fail_over_scc(s, v: Server):
    """The other node takes the shared disks and runs the mailbox server, once the node that ran it
    has been silent for peer_limit.
    """
    server = s.server[v]
    return Body(
        "SingleCopyFailedOver",
        requires={
            "node that ran it is down": ~server.up,
            "it was silent for peer_limit": s.elapsed(server.failed_at, s.p.peer_limit),
        },
        sets={server.up: True, server.spare: False, server.node: if_else(server.node == 1, 2, 1)},
    )


@rule(672, trigger="fault", actor=WORLD, source="S-123")
def fail_spare(s, v: Server):
    """The node of a single copy cluster that runs nothing goes down."""
    spare = s.server[v].spare
    return Body("SpareNodeFailed", requires={"other node is up": spare}, sets={spare: False})


@rule(673, trigger="command", actor=WORLD, source="S-123")
def start_spare(s, v: Server):
    """The node of a single copy cluster that runs nothing is up again."""
    server = s.server[v]
    return Body(
        "SpareNodeStarted",
        requires={
            "it is a single copy cluster": server.clustered,
            "other node is down": ~server.spare,
        },
        sets={server.spare: True},
    )


@rule(674, trigger="command", actor=SCC, source="S-167")
def move_scc(s, v: Server):
    """An operator moves the mailbox server of a single copy cluster to its other node."""
    server = s.server[v]
    return Body(
        "SingleCopyMoved",
        requires={"node that runs it is up": server.up},
        sets={server.node: if_else(server.node == 1, 2, 1)},
    )


@rule(675, trigger="command", actor=STANDBY, source="S-169")
def recover_scc(s, t: Target, v: Server, h: Local):
    """The mailbox server of a lost single copy cluster is recovered in the standby cluster (Setup
    /RecoverCMS), with its restored databases.

    Why: it takes the name of the lost one, so no node may be left that could run that again.
    """

    def ready(k):
        return one_of(s.remote[t, v, k].state, Standby.OFF, Standby.RESTORED, Standby.ACTIVE)

    mine, server = s.remote[t, v, h], s.server[v]
    return Body(
        "SingleCopyCmsRecovered",
        moves=Move(mine.state, Standby.RESTORED, Standby.ACTIVE),
        requires={
            **steps.complete(mine),
            "every storage group here is restored": each(Local, ready),
        },
        given={
            "target is in a standby cluster": s.target[t].cluster,
            "lost server was clustered": server.clustered,
            "none of its nodes is up": ~server.up & ~server.spare,
        },
        sets={mine.way: Way.RECOVER_CMS},
    )
