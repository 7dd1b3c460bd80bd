"""A mailbox server outside the cluster: installed, failed, started; its storage groups are written,
closed log by log, dismounted and mounted.
"""

from __future__ import annotations

from models.language.rule import Body, Move, rule_for
from models.language.terms import Int, all_of, any_of, if_else

from ..vocabulary import SCHEMA, WORLD
from ..vocabulary_lcr import LOCAL, Base, Local, Server
from ..vocabulary_mail import OPEN_LOG

rule = rule_for(SCHEMA, "stand-alone server")


@rule(845, trigger="command", actor=WORLD, source="S-167")
def install_server(s, v: Server):
    """A stand-alone mailbox server is installed."""
    server = s.server[v]
    return Body(
        "ServerInstalled",
        requires={"there is no such server": ~server.installed},
        sets={server.installed: True},
    )


@rule(846, trigger="fault", actor=WORLD, source="S-168")
def fail_server(s, v: Server):
    """A server, or the node that runs a clustered one, goes down; the disks keep what they had."""
    server = s.server[v]
    return Body(
        "ServerFailed",
        requires={"server is installed": server.installed, "server is up": server.up},
        sets={server.up: False, server.failed_at: s.now},
    )


@rule(847, trigger="command", actor=WORLD, source="S-168")
def start_server(s, v: Server):
    """A server, or the node that ran it, is up again; what was mounted is mounted."""
    server = s.server[v]
    return Body("ServerStarted", requires={"server is down": ~server.up}, sets={server.up: True})


@rule(848, trigger="command", actor=LOCAL, source="T8")
def create_local(s, v: Server, h: Local):
    """A storage group with its database is created on a server, and mounted."""
    return Body("LocalDatabaseCreated", moves=Move(s.local[v, h].base, Base.ABSENT, Base.MOUNTED))


def local_closed(s, v, h):
    """What closing the open log of a server's storage group does, the ghosts included."""
    mine, ghost, parcel = s.local[v, h], s.diary[v, h], s.parcel[v, h]
    sets = {
        mine.top: mine.top + 1,
        mine.open_records: 0,
        mine.closed_at: s.now,
        mine.copy_from: if_else(mine.copied == mine.top, s.now, mine.copy_from),
    }
    moved = {
        ghost.generation: if_else(ghost.in_open, mine.top + 1, ghost.generation),
        ghost.in_open: False,
        parcel.at: if_else(all_of(parcel.holds, parcel.at == OPEN_LOG), mine.top + 1, parcel.at),
    }
    return sets, moved


@rule(849, trigger="command", actor=LOCAL, source="T8")
def dismount_local(s, v: Server, h: Local):
    """An operator dismounts a database (Dismount-Database); its open log is closed."""
    mine = s.local[v, h]
    sets, ghost = local_closed(s, v, h)
    some_open = mine.open_records != 0
    return Body(
        "LocalDatabaseDismounted",
        moves=Move(mine.base, Base.MOUNTED, Base.DISMOUNTED),
        sets={f: if_else(some_open, value, f) for f, value in sets.items()},
        ghost={f: if_else(some_open, value, f) for f, value in ghost.items()},
    )


@rule(850, trigger="command", actor=LOCAL, source="T8")
def mount_local(s, v: Server, h: Local):
    """An operator mounts a database again (Mount-Database)."""
    return Body(
        "LocalDatabaseMounted", moves=Move(s.local[v, h].base, Base.DISMOUNTED, Base.MOUNTED)
    )


def local_accepting(s, v, h, records):
    """What must hold for records to go into the open log."""
    mine = s.local[v, h]
    return {
        "there are records": records > 0,
        "database is mounted": mine.base == Base.MOUNTED,
        "they fit the open log": mine.open_records + records <= s.p.log_capacity,
    }


def local_acknowledged(s, v, h, records):
    """What acknowledging records does to the ghost of the tracked one."""
    ghost = s.diary[v, h]
    tracked = all_of(ghost.count < s.p.tracked_record, s.p.tracked_record <= ghost.count + records)
    return {
        ghost.count: ghost.count + records,
        ghost.wrote_at: if_else(tracked, s.now, ghost.wrote_at),
        ghost.in_open: any_of(ghost.in_open, tracked),
    }


@rule(851, trigger="command", actor=LOCAL, source="S-078")
def write_local(s, v: Server, h: Local, records: Int):
    """Clients' records are acknowledged into the open log of a mounted database."""
    mine = s.local[v, h]
    return Body(
        "LocalRecordsWritten",
        requires=local_accepting(s, v, h, records),
        sets={mine.open_records: mine.open_records + records, mine.written_at: s.now},
        ghost=local_acknowledged(s, v, h, records),
    )


@rule(852, trigger="consequence", actor=LOCAL, source="S-078")
def close_local_log(s, v: Server, h: Local):
    """A full open log is closed under the next generation number."""
    mine = s.local[v, h]
    sets, ghost = local_closed(s, v, h)
    return Body(
        "LocalLogClosed",
        requires={
            "database is mounted": mine.base == Base.MOUNTED,
            "open log is full": mine.open_records >= s.p.log_capacity,
        },
        sets=sets,
        ghost=ghost,
    )


@rule(853, trigger="consequence", actor=LOCAL, source="T2")
def roll_local_log(s, v: Server, h: Local):
    """A part-filled open log that saw no write for log_roll_idle is closed early."""
    mine = s.local[v, h]
    sets, ghost = local_closed(s, v, h)
    return Body(
        "LocalLogRolled",
        requires={
            "database is mounted": mine.base == Base.MOUNTED,
            "open log is part-filled": all_of(
                mine.open_records != 0, mine.open_records < s.p.log_capacity
            ),
            "no write for log_roll_idle": s.elapsed(mine.written_at, s.p.log_roll_idle),
        },
        sets=sets,
        ghost=ghost,
    )


@rule(854, trigger="fault", actor=WORLD, source="T8")
def lose_local_disks(s, v: Server, h: Local):
    """The disks with the live database and its logs are lost; the other set of disks is whole."""
    return Body(
        "LocalDisksLost",
        moves=Move(s.local[v, h].base, (Base.MOUNTED, Base.DISMOUNTED), Base.BROKEN),
    )
