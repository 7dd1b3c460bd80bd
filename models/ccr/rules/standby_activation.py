"""Activating a standby copy: always an operator's act (S-168).

It is restored first, with or without force, and replays all that it has; then it is mounted in the
way that its server allows (S-169).
"""

from __future__ import annotations

from dataclasses import replace

from models.language.rule import Body, Move, rule_for
from models.language.terms import Int, all_of, any_of, each, one_of, peer

from ..phrases_standby import reaches, sources
from ..vocabulary import NEVER, SCHEMA, Copy, Group, Node
from ..vocabulary_standby import STANDBY, Standby, Target, Way
from . import standby_steps as steps
from .standby import following

rule = rule_for(SCHEMA, "standby activation")


@rule(835, trigger="command", actor=STANDBY, source="T8")
def restore_standby(s, t: Target, n: Node, g: Group, final: Int):
    """An operator makes a standby copy viable (Restore-StorageGroupCopy -StandbyMachine) after the
    source was stopped and its last logs are here: nothing is lost.
    """
    mine, theirs = s.standby[t, g], s.copy[n, g]
    return Body(
        "StandbyRestored",
        moves=Move(mine.state, Standby.HEALTHY, Standby.RESTORED),
        requires={
            "copy is not suspended": ~mine.suspended,
            "last log is inspected here": mine.top >= final,
        },
        given={
            "source answers": following(s, t, n, g),
            "an operator stopped the CMS": s.node[n].stopped,
            "source declared its last log": all_of(theirs.final != NEVER, final == theirs.final),
            "other node shows no newer mount": all_of(
                reaches(s, t, peer(n)), s.copy[peer(n), g].active_epoch < theirs.active_epoch
            ),
        },
        sets={mine.lost: 0, mine.replay_from: s.now},
    )


@rule(836, trigger="command", actor=STANDBY, source="T8")
def force_standby(s, t: Target, g: Group):
    """An operator makes a standby copy viable as it is, with Force: the source does not answer, and
    what was not inspected here is given up.

    Why: whether the source still serves elsewhere nobody here can know; the operator answers for
    it.
    """
    return replace(
        steps.forced(s, "StandbyRestoreForced", s.standby[t, g]),
        given={"source does not answer": each(Node, lambda n: ~sources(s, t, n, g))},
    )


@rule(837, trigger="consequence", actor=STANDBY, source="T8")
def replay_restored(s, t: Target, g: Group):
    """A restored standby copy replays all that it has: neither lag nor floor hold it back."""
    return steps.caught_up(s, "StandbyCaughtUp", s.standby[t, g], s.ageing[t, g])


@rule(838, trigger="command", actor=STANDBY, source="S-169")
def activate_by_portability(s, t: Target, g: Group):
    """A restored database is mounted on the standby server, a mailbox server of its own, and its
    mailboxes are moved there by configuration (database portability).
    """
    mine = s.standby[t, g]
    return Body(
        "StandbyMounted",
        moves=Move(mine.state, Standby.RESTORED, Standby.ACTIVE),
        requires=steps.complete(mine),
        given={"target is a mailbox server of its own": ~s.target[t].cluster},
        sets={mine.way: Way.PORTABILITY},
    )


@rule(839, trigger="command", actor=STANDBY, source="S-169")
def activate_by_recover_cms(s, t: Target, g: Group):
    """The clustered mailbox server is recovered in the standby cluster (Setup /RecoverCMS), with
    its restored databases.

    Why: it takes the name of the lost CMS, so that has to be gone, and all its storage groups come
    with it.
    """
    mine = s.standby[t, g]

    def ready(h):
        return one_of(s.standby[t, h].state, Standby.OFF, Standby.RESTORED, Standby.ACTIVE)

    def gone(n):
        copy = s.copy[n, g]
        return any_of(~reaches(s, t, n), copy.final != NEVER, copy.state != Copy.ACTIVE)

    return Body(
        "CmsRecovered",
        moves=Move(mine.state, Standby.RESTORED, Standby.ACTIVE),
        requires={
            **steps.complete(mine),
            "every storage group here is restored": each(Group, ready),
        },
        given={
            "target is in a standby cluster": s.target[t].cluster,
            "CMS is up on no node that answers": each(Node, gone),
        },
        sets={mine.way: Way.RECOVER_CMS},
    )
