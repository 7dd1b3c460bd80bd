"""The log stream of the active copy: records are acknowledged into the open log; logs are closed
when full, idle, or for good.

The open log is never shipped (S-017); a move or a stop closes the last one first.
"""

from __future__ import annotations

from models.language.rule import Body, rule_for
from models.language.terms import Int, all_of, any_of, if_else, one_of

from ..phrases import controls, leased, mounted
from ..vocabulary import NEVER, SCHEMA, STORAGE, Cms, Copy, Group, Node
from .letters import letter_closed

rule = rule_for(SCHEMA, "log stream")


def closing(s, n, g):
    """What closing the open log does, ghosts included."""
    copy, rec = s.copy[n, g], s.record[g]
    sets = {copy.top: copy.top + 1, copy.replayed: copy.top + 1, copy.open_records: 0}
    ghost = {
        rec.generation: if_else(rec.in_open[n], copy.top + 1, rec.generation),
        rec.in_logs[n]: rec.in_logs[n] | rec.in_open[n],
        rec.in_database[n]: rec.in_database[n] | rec.in_open[n],
        rec.in_open[n]: False,
        **letter_closed(s, n, g),
    }
    return sets, ghost


def accepting(s, n, g, records):
    """Records are acknowledged only while the CMS serves here and they fit the open log."""
    copy = s.copy[n, g]
    return {
        "there are records": records > 0,
        "CMS is online here": s.node[n].cms == Cms.ONLINE,
        "node is the controller": controls(s, n),
        "storage group is mounted here": mounted(s, n, g),
        "they fit the open log": copy.open_records + records <= s.p.log_capacity,
    }


def acknowledged(s, n, g, records):
    """The ghost of records that are acknowledged into the open log: one of them may be tracked."""
    copy, rec = s.copy[n, g], s.record[g]
    tracked = all_of(rec.count < s.p.tracked_record, s.p.tracked_record <= rec.count + records)
    return {
        rec.count: rec.count + records,
        rec.acked: rec.acked | tracked,
        rec.in_open[n]: rec.in_open[n] | tracked,
        rec.in_file[n]: rec.in_file[n]
        | all_of(rec.in_database[n], rec.generation <= copy.top + 1 - s.p.llr_depth),
    }


@rule(401, trigger="command", actor=STORAGE, source="S-045")
def write_records(s, n: Node, g: Group, records: Int):
    """Clients' records are acknowledged into the open log of a mounted storage group; the lease is
    checked with the write.
    """
    copy = s.copy[n, g]
    return Body(
        "RecordsWritten",
        requires=accepting(s, n, g, records),
        given={"lease is valid": leased(s, n)},
        sets={copy.open_records: copy.open_records + records, copy.written_at: s.now},
        ghost=acknowledged(s, n, g, records),
    )


@rule(402, trigger="consequence", actor=STORAGE, source="S-078")
def close_full_log(s, n: Node, g: Group):
    """A full open log (1 MB) is closed under the next generation number."""
    copy = s.copy[n, g]
    sets, ghost = closing(s, n, g)
    return Body(
        "LogClosed",
        requires={
            "storage group is mounted here": mounted(s, n, g),
            "open log is full": copy.open_records >= s.p.log_capacity,
        },
        sets=sets,
        ghost=ghost,
    )


@rule(403, trigger="consequence", actor=STORAGE, source="T2")
def roll_idle_log(s, n: Node, g: Group):
    """A part-filled open log that saw no write for log_roll_idle is closed early; an empty one
    never is.
    """
    copy = s.copy[n, g]
    sets, ghost = closing(s, n, g)
    return Body(
        "LogRolled",
        requires={
            "storage group is mounted here": mounted(s, n, g),
            "open log is part-filled": all_of(
                copy.open_records != 0, copy.open_records < s.p.log_capacity
            ),
            "no write for log_roll_idle": s.elapsed(copy.written_at, s.p.log_roll_idle),
        },
        sets=sets,
        ghost=ghost,
    )


def _declaring(s, n, g):
    """Closing the last log, if there is one, and declaring the final generation."""
    copy, rec = s.copy[n, g], s.record[g]
    final = _final(copy)
    sets = {copy.top: final, copy.replayed: final, copy.final: final, copy.open_records: 0}
    _, ghost = closing(s, n, g)
    held = any_of(rec.in_open[n], rec.in_logs[n], rec.in_database[n])
    return sets, {**ghost, rec.due[n]: held}


def _final(copy):
    """The final generation once the open log is closed, if it holds something."""
    return copy.top + if_else(copy.open_records != 0, 1, 0)


@rule(650, trigger="consequence", actor=STORAGE, source="S-165")
def flush_cache(s, n: Node, g: Group):
    """RTM: an orderly shutdown flushes the database cache before the last log is closed; it takes
    flush_time. SP1 takes the database offline without it.

    Why: this is what made scheduled outages slower than failovers (S-027). After it nothing is held
    back from the database file, so lost log resilience cannot help a copy that diverges later.
    """
    copy, rec = s.copy[n, g], s.record[g]
    return Body(
        "CacheFlushed",
        requires={
            "an orderly shutdown flushes": s.p.flush_time != 0,
            "CMS is going offline": s.node[n].cms == Cms.OFFLINE_PENDING,
            "storage group was mounted in this run": all_of(
                copy.state == Copy.ACTIVE, copy.mounted_run == s.node[n].run
            ),
            "final generation is not declared": copy.final == NEVER,
            "cache is not flushed": copy.flushed < _final(copy),
            "flushing took its time": s.elapsed(s.node[n].pending_at, s.p.flush_time),
        },
        sets={copy.flushed: _final(copy)},
        ghost={rec.in_file[n]: any_of(rec.in_file[n], rec.in_database[n], rec.in_open[n])},
    )


@rule(404, trigger="consequence", actor=STORAGE, source="S-019")
def close_last_log(s, n: Node, g: Group):
    """A CMS that goes offline closes each open log and declares the final generation of the stream.

    Why: only then can the other node know that it has everything.
    """
    copy = s.copy[n, g]
    sets, ghost = _declaring(s, n, g)
    return Body(
        "LastLogClosed",
        requires={
            "CMS is going offline or failed": one_of(
                s.node[n].cms, Cms.OFFLINE_PENDING, Cms.FAILED
            ),
            "storage group was mounted in this run": all_of(
                copy.state == Copy.ACTIVE, copy.mounted_run == s.node[n].run
            ),
            "final generation is not declared": copy.final == NEVER,
            "cache is flushed, where an orderly shutdown does": any_of(
                s.p.flush_time == 0,
                s.node[n].cms == Cms.FAILED,
                copy.flushed >= _final(copy),
            ),
        },
        sets=sets,
        ghost=ghost,
    )


@rule(405, trigger="consequence", actor=STORAGE, source="T2")
def recover_old_stream(s, n: Node, g: Group):
    """A former active that came back closes what its crash left open and declares its final
    generation.

    Why: a database that waits on the dial mounts losslessly if the failed node returns and its logs
    are fetched.
    """
    copy = s.copy[n, g]
    sets, ghost = _declaring(s, n, g)
    return Body(
        "OldStreamClosed",
        requires={
            "CMS is offline here": s.node[n].cms == Cms.OFFLINE,
            "copy was active here": copy.state == Copy.ACTIVE,
            "peer controls a newer epoch": s.node[n].others > copy.active_epoch,
            "final generation is not declared": copy.final == NEVER,
        },
        sets=sets,
        ghost=ghost,
    )
