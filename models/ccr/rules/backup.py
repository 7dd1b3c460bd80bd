"""VSS backup of the active or the passive copy (S-028): full, incremental, differential, copy.

The store on the active node runs every backup, one at a time over both copies, and records it in
the database header. That change is a record of the open log, so it reaches the passive copy with
the log that carries it; replication itself never writes the header.
"""

from __future__ import annotations

from models.language.rule import Body, Move, rule_for
from models.language.terms import Int, all_of, any_of, if_else, peer

from ..phrases import leased, mounted, mounted_later, replicates, same_stream
from ..phrases_files import backing_up, backup_after, readable, truncating
from ..vocabulary import NEVER, SCHEMA, STORAGE, Group, Node
from ..vocabulary_files import Backup, Kind

rule = rule_for(SCHEMA, "backup")


@rule(701, trigger="command", actor=STORAGE, source="S-028")
def begin_backup(s, n: Node, g: Group, kind: Kind, of: Node, upto: Int, run: Int):
    """The store on the active node begins a backup of a storage group, from its own copy or from
    the passive one.

    Why: reading the passive copy costs the active node nothing (S-028, S-030).
    """
    copy = s.copy[n, g]
    after = backup_after(copy, kind, upto)
    return Body(
        "BackupBegun",
        moves=Move(copy.backup, Backup.IDLE, Backup.RUNNING),
        requires={
            "storage group is mounted here": mounted(s, n, g),
            "a full backup came first": any_of(
                kind == Kind.FULL, kind == Kind.COPY, copy.full != NEVER
            ),
            "it reaches no further than this stream": upto <= copy.top,
            "run is this node's": run == s.node[n].run,
        },
        given={
            "copy to be read answers and is healthy": readable(s, n, g, of),
            "no log that it needs is missing there": s.copy[of, g].low <= after + 1,
            "newest closed log there": upto == s.copy[of, g].top,
            "it reaches what is backed up": upto >= copy.backed,
        },
        sets={
            copy.backup_kind: kind,
            copy.backup_of: of,
            copy.backup_to: upto,
            copy.backup_at: s.now,
            copy.backup_run: run,
        },
    )


@rule(702, trigger="consequence", actor=STORAGE, source="T5")
def finish_backup(s, n: Node, g: Group, of: Node):
    """The backup is complete and recorded by the store: a full or incremental one changes the
    header, as a record of the open log.

    Why: what the header says must be the same on both copies, so it travels in the log stream.
    """
    copy, archive = s.copy[n, g], s.archive[g]
    kind, upto, generation = copy.backup_kind, copy.backup_to, s.p.tracked_generation
    full, recorded = kind == Kind.FULL, truncating(kind)
    took = all_of(s.copy[of, g].low <= generation, generation <= upto)
    return Body(
        "BackupFinished",
        moves=Move(copy.backup, Backup.RUNNING, Backup.IDLE),
        requires={
            "storage group is mounted since it began": backing_up(s, n, g),
            "backup took its time": s.elapsed(
                copy.backup_at,
                if_else(
                    any_of(full, kind == Kind.COPY), s.p.backup_full_time, s.p.backup_logs_time
                ),
            ),
            "copy that it reads": of == copy.backup_of,
        },
        given={
            "lease is valid": leased(s, n),
            "copy that it reads answers and is healthy": readable(s, n, g, of),
            "no log that it needs went missing there": s.copy[of, g].low
            <= backup_after(copy, kind, upto) + 1,
        },
        sets={
            copy.full: if_else(full, upto, copy.full),
            copy.backed: if_else(recorded, upto, copy.backed),
            copy.noted: if_else(recorded, copy.top + 1, copy.noted),
            copy.open_records: copy.open_records + if_else(recorded, 1, 0),
            copy.written_at: if_else(recorded, s.now, copy.written_at),
        },
        ghost={
            archive.saved[n]: if_else(
                full,
                False,
                any_of(archive.saved[n], all_of(kind == Kind.INCREMENTAL, took)),
            )
        },
    )


@rule(703, trigger="consequence", actor=STORAGE, source="T5")
def fail_backup(s, n: Node, g: Group, of: Node):
    """A backup that cannot be finished fails and is not recorded: the store was dismounted, or the
    copy that it reads is gone.
    """
    copy = s.copy[n, g]
    after = backup_after(copy, copy.backup_kind, copy.backup_to)
    return Body(
        "BackupFailed",
        moves=Move(copy.backup, Backup.RUNNING, Backup.IDLE),
        requires={"copy that it reads": of == copy.backup_of},
        given={
            "it cannot be finished": any_of(
                ~backing_up(s, n, g), ~readable(s, n, g, of), s.copy[of, g].low > after + 1
            )
        },
    )


@rule(704, trigger="command", actor=STORAGE, source="T5")
def abort_backup(s, n: Node, g: Group):
    """An operator ends the running backup; nothing is recorded and no log is freed."""
    return Body("BackupAborted", moves=Move(s.copy[n, g].backup, Backup.RUNNING, Backup.IDLE))


@rule(711, trigger="consequence", actor=STORAGE, source="T5")
def adopt_header(s, n: Node, g: Group, full: Int, backed: Int, noted: Int):
    """The passive copy has replayed the log that carries the header's last change: its header now
    says the same.
    """
    mine, theirs, archive = s.copy[n, g], s.copy[peer(n), g], s.archive[g]
    return Body(
        "BackupNoted",
        requires={
            "copy replicates": replicates(s, n, g),
            "that is news": all_of(
                backed >= mine.backed, any_of(full != mine.full, backed != mine.backed)
            ),
            "log with the change is replayed": noted <= mine.replayed,
        },
        given={
            "source was mounted later": mounted_later(s, n, g),
            "streams are one lineage": same_stream(s, n, g),
            "header of the source": all_of(
                full == theirs.full, backed == theirs.backed, noted == theirs.noted
            ),
        },
        sets={mine.full: full, mine.backed: backed, mine.noted: noted},
        ghost={archive.saved[n]: archive.saved[peer(n)]},
    )
