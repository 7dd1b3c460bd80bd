"""Standby copies of a stand-alone server's storage groups (S-167), by the steps of a cluster's.

The server deletes no logs, so a target can start from the first one at any time. A restore to the
server's local copy begins a new stream, as a failover does.
"""

from __future__ import annotations

from dataclasses import replace

from models.language.rule import Body, Move, rule_for
from models.language.terms import Int, all_of, any_of, if_else, one_of, smaller

from ..vocabulary import SCHEMA
from ..vocabulary_copies import Trouble
from ..vocabulary_lcr import Base, Local, Server
from ..vocabulary_standby import STANDBY, Standby, Target, Way
from . import standby_steps as steps

rule = rule_for(SCHEMA, "standby of a server")


def _answers(s, v, h):
    """The server answers, and its live disks can be read."""
    here = one_of(s.local[v, h].base, Base.MOUNTED, Base.DISMOUNTED)
    return all_of(s.server[v].installed, s.server[v].up, here)


def _same(mine, theirs):
    return mine.lineage == theirs.lineage


def _follows(s, t, v, h):
    return all_of(_answers(s, v, h), _same(s.remote[t, v, h], s.local[v, h]))


def _may_follow(mine, theirs):
    """What the target replayed is in the server's stream."""
    forked = all_of(mine.lineage == theirs.lineage - 1, mine.replayed <= theirs.fork)
    return any_of(all_of(mine.lineage == 0, mine.top == 0), _same(mine, theirs), forked)


@rule(807, trigger="command", actor=STANDBY, source="S-167")
def enable_remote(s, t: Target, v: Server, h: Local, lag: Int, spacing: Int):
    """An operator enables SCR of a stand-alone server's storage group to a target."""
    return steps.enabled("RemoteStandbyEnabled", s.remote[t, v, h], lag, spacing)


@rule(808, trigger="command", actor=STANDBY, source="S-167")
def disable_remote(s, t: Target, v: Server, h: Local):
    """An operator disables SCR of a server's storage group; its files stay, if they are usable.

    Why: a target that replayed what its source lacks starts again from nothing.
    """
    mine = s.remote[t, v, h]
    on = (Standby.INITIALIZING, Standby.HEALTHY, Standby.FAILED, Standby.RESTORED)
    names = ("lineage", "notified", "copied", "top", "replayed", "base", "due")
    fields = [getattr(mine, name) for name in names]
    diverged = mine.trouble == Trouble.DIVERGED
    return Body(
        "RemoteStandbyDisabled",
        moves=Move(mine.state, on, Standby.OFF),
        sets={
            mine.suspended: False,
            **{f: if_else(diverged, 0, f) for f in fields},
            **steps.no_notes(mine),
        },
    )


@rule(809, trigger="consequence", actor=STANDBY, source="S-167")
def follow_server(s, t: Target, v: Server, h: Local, lineage: Int, keep: Int):
    """The target follows the server's stream from the newest log that both have."""
    mine, theirs = s.remote[t, v, h], s.local[v, h]
    common = if_else(_same(mine, theirs), mine.top, smaller(mine.top, theirs.fork))
    return Body(
        "RemoteStreamFollowed",
        moves=Move(mine.state, Standby.INITIALIZING, Standby.HEALTHY),
        requires={"copy is not suspended": ~mine.suspended},
        given={
            "source answers": _answers(s, v, h),
            "nothing replayed is lacking there": _may_follow(mine, theirs),
            "lineage of the source": lineage == theirs.lineage,
            "newest log that both have": keep == common,
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
            "source answers": _answers(s, v, h),
            "streams are of two lineages": ~_same(mine, s.local[v, h]),
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
            "source answers": _answers(s, v, h),
            "something replayed is lacking there": ~_may_follow(mine, s.local[v, h]),
        },
        sets={mine.trouble: Trouble.DIVERGED},
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
        {"source answers": _follows(s, t, v, h), "newest closed log of the source": newest},
    )


@rule(827, trigger="consequence", actor=STANDBY, source="S-166")
def copy_remote_log(s, t: Target, v: Server, h: Local):
    """The next closed log of the server is copied to the target; it took copy_time."""
    body = steps.copied(s, "RemoteLogCopied", s.remote[t, v, h])
    return _given(body, {"source answers": _follows(s, t, v, h)})


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
            "source answers": _follows(s, t, v, h),
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
    return _given(body, {"source does not answer": ~_answers(s, v, h)})


@rule(844, trigger="consequence", actor=STANDBY, source="T8")
def replay_restored_remote(s, t: Target, v: Server, h: Local):
    """A restored standby copy of a server replays all that it has."""
    mine, ghost = s.remote[t, v, h], s.remote_ageing[t, v, h]
    return steps.caught_up(s, "RemoteCaughtUp", mine, ghost)


def _mounting(event, mine, way):
    return Body(
        event,
        moves=Move(mine.state, Standby.RESTORED, Standby.ACTIVE),
        requires={"everything inspected is replayed": mine.replayed == mine.top},
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
