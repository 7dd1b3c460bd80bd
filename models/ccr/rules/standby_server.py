"""Standby copies of the storage groups of a server outside the cluster (S-167), by the steps of the
cluster's own: a stand-alone server, with a local copy or without, or a single copy cluster.

A restore to a server's local copy begins a new stream, as a failover does.
"""

from __future__ import annotations

from dataclasses import replace

from models.language.rule import Body, Move, rule_for
from models.language.terms import Int, all_of, any_of, if_else, smaller

from ..phrases_standby import server_answers, server_stream
from ..vocabulary import SCHEMA
from ..vocabulary_copies import Trouble
from ..vocabulary_lcr import Base, Local, Server
from ..vocabulary_standby import STANDBY, Standby, Target, Way
from . import standby_steps as steps

rule = rule_for(SCHEMA, "standby of a server")


def following(s, t, v, h):
    """The server answers, and its storage group is of the stream that the target follows."""
    return all_of(server_answers(s, t, v, h), server_stream(s, t, v, h))


def _may_follow(s, t, v, h):
    """What the target replayed is in the server's stream."""
    mine, theirs = s.remote[t, v, h], s.local[v, h]
    forked = all_of(mine.lineage == theirs.lineage - 1, mine.replayed <= theirs.fork)
    return any_of(mine.lineage == 0, server_stream(s, t, v, h), forked)


def _in_common(s, t, v, h):
    """The newest generation that both have."""
    mine, theirs = s.remote[t, v, h], s.local[v, h]
    return if_else(server_stream(s, t, v, h), mine.top, smaller(mine.top, theirs.fork))


@rule(807, trigger="command", actor=STANDBY, source="S-167")
def enable_remote(s, t: Target, v: Server, h: Local, lag: Int, truncation: Int, spacing: Int):
    """An operator enables SCR of a server's storage group to a target."""
    return steps.enabled("RemoteStandbyEnabled", s.remote[t, v, h], lag, truncation, spacing)


@rule(808, trigger="command", actor=STANDBY, source="S-167")
def disable_remote(s, t: Target, v: Server, h: Local):
    """An operator disables SCR of a server's storage group; its files stay."""
    return steps.disabled("RemoteStandbyDisabled", s.remote[t, v, h])


@rule(809, trigger="consequence", actor=STANDBY, source="S-167")
def follow_server(s, t: Target, v: Server, h: Local, lineage: Int, keep: Int):
    """The target follows the server's stream from the newest log that both have."""
    mine, theirs = s.remote[t, v, h], s.local[v, h]
    return Body(
        "RemoteStreamFollowed",
        moves=Move(mine.state, Standby.INITIALIZING, Standby.HEALTHY),
        requires={"copy is not suspended": ~mine.suspended},
        given={
            "source answers": server_answers(s, t, v, h),
            "nothing replayed is lacking there": _may_follow(s, t, v, h),
            "lineage of the source": lineage == theirs.lineage,
            "newest log that both have": keep == _in_common(s, t, v, h),
            "next log is there": theirs.low <= keep + 1,
        },
        sets={mine.lineage: lineage, **steps.limited(mine, keep)},
    )


@rule(818, trigger="consequence", actor=STANDBY, source="S-167")
def lose_server_stream(s, t: Target, v: Server, h: Local):
    """The server was restored to its local copy: the target compares streams."""
    mine = s.remote[t, v, h]
    return Body(
        "RemoteSourceChanged",
        moves=Move(mine.state, Standby.HEALTHY, Standby.INITIALIZING),
        given={
            "source answers": server_answers(s, t, v, h),
            "streams are of two lineages": ~server_stream(s, t, v, h),
        },
    )


@rule(819, trigger="consequence", actor=STANDBY, source="S-167")
def find_remote_ahead(s, t: Target, v: Server, h: Local):
    """The target replayed what the server's stream lacks: it latches Failed."""
    mine = s.remote[t, v, h]
    return Body(
        "RemoteDivergenceDetected",
        moves=Move(mine.state, Standby.INITIALIZING, Standby.FAILED),
        requires={"copy is not suspended": ~mine.suspended},
        given={
            "source answers": server_answers(s, t, v, h),
            "something replayed is lacking there": ~_may_follow(s, t, v, h),
        },
        sets={mine.trouble: Trouble.DIVERGED},
    )


@rule(689, trigger="consequence", actor=STANDBY, source="T8")
def find_remote_gap(s, t: Target, v: Server, h: Local):
    """The next log that the target needs is gone at the server: it is Failed until it is seeded."""
    mine = s.remote[t, v, h]
    return Body(
        "RemoteGapFound",
        moves=Move(mine.state, Standby.INITIALIZING, Standby.FAILED),
        requires={"copy is not suspended": ~mine.suspended},
        given={
            "source answers": server_answers(s, t, v, h),
            "nothing replayed is lacking there": _may_follow(s, t, v, h),
            "next log is not there": s.local[v, h].low > _in_common(s, t, v, h) + 1,
        },
        sets={mine.trouble: Trouble.LOG_MISSING},
    )


def _given(body, given):
    return replace(body, given=given)


@rule(826, trigger="consequence", actor=STANDBY, source="S-166")
def notice_remote_log(s, t: Target, v: Server, h: Local, generation: Int):
    """The target is told of closed logs in the server's log directory."""
    mine, ghost = s.remote[t, v, h], s.remote_ageing[t, v, h]
    body = steps.noticed(s, "RemoteLogNotified", mine, ghost, generation)
    newest = generation == s.local[v, h].top
    return _given(
        body,
        {"source answers": following(s, t, v, h), "newest closed log of the source": newest},
    )


@rule(827, trigger="consequence", actor=STANDBY, source="S-166")
def copy_remote_log(s, t: Target, v: Server, h: Local):
    """The next closed log of the server is copied to the target; it took copy_time."""
    body = steps.copied(s, "RemoteLogCopied", s.remote[t, v, h])
    return _given(body, {"source answers": following(s, t, v, h)})


@rule(828, trigger="consequence", actor=STANDBY, source="S-166")
def inspect_remote_log(s, t: Target, v: Server, h: Local):
    """The next copied log of the server is inspected at the target; it took inspect_time."""
    return steps.inspected(s, "RemoteLogInspected", s.remote[t, v, h])


@rule(829, trigger="consequence", actor=STANDBY, source="T8")
def note_remote_age(s, t: Target, v: Server, h: Local):
    """A target with a replay lag notes up to which log of the server it has been told by now."""
    return steps.age_noted(s, "RemoteAgeNoted", s.remote[t, v, h])


@rule(840, trigger="consequence", actor=STANDBY, source="T8")
def let_remote_age(s, t: Target, v: Server, h: Local, generation: Int):
    """Logs of the server up to a generation have become older than the replay lag."""
    return steps.aged(s, "RemoteLogsAged", s.remote[t, v, h], generation)


@rule(841, trigger="consequence", actor=STANDBY, source="T8")
def replay_remote_log(s, t: Target, v: Server, h: Local):
    """The next inspected log of the server is replayed at the target, old enough and scr_floor logs
    behind.
    """
    mine, ghost = s.remote[t, v, h], s.remote_ageing[t, v, h]
    return steps.replayed(s, "RemoteLogReplayed", mine, ghost)


@rule(842, trigger="command", actor=STANDBY, source="T8")
def restore_remote(s, t: Target, v: Server, h: Local, top: Int):
    """An operator makes the standby copy viable after the server's database was dismounted and its
    last log is here: nothing is lost.
    """
    mine = s.remote[t, v, h]
    return Body(
        "RemoteRestored",
        moves=Move(mine.state, Standby.HEALTHY, Standby.RESTORED),
        requires={
            "copy is not suspended": ~mine.suspended,
            "last log is inspected here": mine.top >= top,
        },
        given={
            "source answers": following(s, t, v, h),
            "its database is dismounted": s.local[v, h].base == Base.DISMOUNTED,
            "last log of the source": top == s.local[v, h].top,
        },
        sets={mine.lost: 0, mine.replay_from: s.now},
    )


@rule(843, trigger="command", actor=STANDBY, source="T8")
def force_remote(s, t: Target, v: Server, h: Local):
    """An operator makes the standby copy viable as it is, with Force: the server does not answer,
    or its live disks are lost.
    """
    body = steps.forced(s, "RemoteRestoreForced", s.remote[t, v, h])
    return _given(body, {"source does not answer": ~server_answers(s, t, v, h)})


@rule(844, trigger="consequence", actor=STANDBY, source="T8")
def replay_restored_remote(s, t: Target, v: Server, h: Local):
    """A restored standby copy of a server replays all that it has."""
    mine, ghost = s.remote[t, v, h], s.remote_ageing[t, v, h]
    return steps.caught_up(s, "RemoteCaughtUp", mine, ghost)


def _mounting(event, mine, way):
    return Body(
        event,
        moves=Move(mine.state, Standby.RESTORED, Standby.ACTIVE),
        requires=steps.complete(mine),
        sets={mine.way: way},
    )


@rule(866, trigger="command", actor=STANDBY, source="S-169")
def mount_remote(s, t: Target, v: Server, h: Local):
    """A restored database of a server is mounted on the standby server (database portability)."""
    body = _mounting("RemoteMounted", s.remote[t, v, h], Way.PORTABILITY)
    own = ~s.target[t].cluster
    return _given(body, {"target is a mailbox server of its own": own})


@rule(867, trigger="command", actor=STANDBY, source="S-169")
def recover_server(s, t: Target, v: Server, h: Local):
    """The lost server is set up again on the standby server under its own name (Setup
    /m:RecoverServer), with its restored database.

    Why: the name can be taken over only when the server that has it is down.
    """
    body = _mounting("ServerRecovered", s.remote[t, v, h], Way.RECOVER_SERVER)
    return _given(
        body,
        {
            "target is a server of its own": ~s.target[t].cluster,
            "lost server was not clustered": ~s.server[v].clustered,
            "lost server is down": ~s.server[v].up,
        },
    )


@rule(868, trigger="command", actor=STANDBY, source="T4")
def suspend_remote(s, t: Target, v: Server, h: Local):
    """An operator suspends the standby copy of a server's storage group."""
    return steps.suspended("RemoteStandbySuspended", s.remote[t, v, h])


@rule(869, trigger="command", actor=STANDBY, source="T4")
def resume_remote(s, t: Target, v: Server, h: Local):
    """An operator resumes the standby copy of a server's storage group."""
    return steps.resumed("RemoteStandbyResumed", s.remote[t, v, h])
