"""Seeding: a full copy of the database as a baseline, or, where nothing that diverged is in the
database file, an incremental reseed.

A copy that is being seeded can never be mounted; one whose seed is interrupted stays suspended and
Failed (D-18).
"""

from __future__ import annotations

from models.language.rule import Body, Move, rule_for
from models.language.terms import NOBODY, Bool, Int, all_of, any_of, if_else, peer, smaller

from ..phrases import (
    agrees,
    mounted_later,
    reseeds_incrementally,
    same_stream,
    shows_itself,
    source_answers,
)
from ..phrases_networks import operational, seed_path, seeded_in_time
from ..vocabulary import NEVER, SCHEMA, STORAGE, Copy, Group, Network, Node
from ..vocabulary_copies import Trouble
from .letters import letter_cut, letter_dropped, letter_seeded

rule = rule_for(SCHEMA, "seeding")


def _files(mine, generation, full, backed, noted):
    """A seeded copy has no older log, and the header of its source, whose file it is."""
    return {
        mine.low: generation + 1,
        mine.checkpoint: generation,
        mine.base: generation,
        mine.flushed: 0,
        mine.full: full,
        mine.backed: backed,
        mine.noted: noted,
    }


@rule(661, trigger="command", actor=STORAGE, source="S-114")
def name_seed_network(s, n: Node, g: Group, w: Network):
    """An operator names a network for the seed that is to come (DataHostNames), at most two.

    Why: what nobody names passes over the public network, beside the clients (S-092, S-100).
    """
    mine = s.copy[n, g]
    return Body(
        "SeedNetworkNamed",
        requires={
            "copy is not being seeded": mine.state != Copy.SEEDING,
            "it is not named": ~mine.seeds_over[w],
            "fewer than two are named": mine.seed_names < 2,
        },
        given={
            "release has redundant networks": s.p.redundant_networks == 1,
            "network is operational": operational(s, n, w),
        },
        sets={
            mine.seeds_over[w]: True,
            mine.seed_names: mine.seed_names + 1,
            mine.named_at: s.now,
        },
    )


@rule(662, trigger="consequence", actor=STORAGE, source="S-114")
def forget_seed_network(s, n: Node, g: Group, w: Network):
    """The names were for one seed: after it they are forgotten."""
    mine = s.copy[n, g]
    return Body(
        "SeedNetworkForgotten",
        requires={
            "copy is not being seeded": mine.state != Copy.SEEDING,
            "it is named": mine.seeds_over[w],
            "a seed began since": mine.seed_from >= mine.named_at,
        },
        sets={mine.seeds_over[w]: False, mine.seed_names: mine.seed_names - 1},
    )


@rule(521, trigger="command", actor=STORAGE, source="S-008")
def begin_seed(s, n: Node, g: Group, delete: Bool, manual: Bool):
    """A full copy of the database is begun (Update-StorageGroupCopy); until it ends this copy
    cannot be mounted.

    Why: logs left over belong to another baseline; they are deleted on demand, never by accident.
    """
    mine, rec = s.copy[n, g], s.record[g]
    return Body(
        "SeedBegun",
        moves=Move(
            mine.state,
            (Copy.FAILED, Copy.INITIALIZING, Copy.SYNCHRONIZING, Copy.HEALTHY),
            Copy.SEEDING,
        ),
        requires={
            "copy does not replicate": any_of(
                mine.state != Copy.HEALTHY, mine.suspended, mine.trouble != Trouble.NONE
            ),
            "no log files are left over, or they are to be deleted": any_of(mine.top == 0, delete),
        },
        given={
            "source was mounted later": mounted_later(s, n, g),
            "a network carries the seed": seed_path(s, n, mine),
        },
        sets={
            mine.seed_from: s.now,
            mine.manual_resume: manual,
            mine.top: 0,
            mine.notified: 0,
            mine.copied: 0,
            mine.replayed: 0,
            mine.open_records: 0,
            mine.fork: 0,
            mine.final: NEVER,
            mine.bad_log: 0,
            mine.missing_log: 0,
            mine.bad_inbox: 0,
            **_files(mine, 0, -1, 0, 0),
        },
        ghost={
            s.archive[g].saved[n]: False,
            rec.in_database[n]: False,
            rec.in_file[n]: False,
            rec.in_logs[n]: False,
            rec.in_inbox[n]: False,
            rec.in_open[n]: False,
            **letter_dropped(s, n, g),
        },
    )


@rule(522, trigger="consequence", actor=STORAGE, source="S-008")
def finish_seed(
    s,
    n: Node,
    g: Group,
    lineage: Int,
    by: Node,
    generation: Int,
    full: Int,
    backed: Int,
    noted: Int,
):
    """The seed is complete: this copy stands where the source's closed logs stand, and replication
    resumes unless that is left to the operator.
    """
    mine, theirs, rec = s.copy[n, g], s.copy[peer(n), g], s.record[g]
    return Body(
        "SeedFinished",
        moves=Move(mine.state, Copy.SEEDING, Copy.HEALTHY),
        given={
            "seeding took its time": seeded_in_time(s, n, mine),
            "source was mounted later": mounted_later(s, n, g),
            "lineage of the source": all_of(lineage == theirs.lineage, by == theirs.lineage_by),
            "newest closed log of the source": generation == theirs.top,
            "header of the source": all_of(
                full == theirs.full, backed == theirs.backed, noted == theirs.noted
            ),
        },
        sets={
            mine.lineage: lineage,
            mine.lineage_by: by,
            mine.top: generation,
            mine.notified: generation,
            mine.copied: generation,
            mine.replayed: generation,
            mine.open_records: 0,
            mine.parent: 0,
            mine.parent_by: NOBODY,
            mine.fork: 0,
            mine.final: NEVER,
            mine.final_epoch: 0,
            mine.failed_from: NEVER,
            mine.trouble: Trouble.NONE,
            mine.attempts: 0,
            mine.bad_inbox: 0,
            mine.bad_log: 0,
            mine.missing_log: 0,
            mine.checking: False,
            mine.ended: False,
            mine.suspended: mine.manual_resume,
            **_files(mine, generation, full, backed, noted),
        },
        ghost={
            s.archive[g].saved[n]: s.archive[g].saved[peer(n)],
            rec.in_database[n]: rec.in_database[peer(n)],
            rec.in_file[n]: rec.in_database[peer(n)],
            rec.in_logs[n]: False,
            rec.in_inbox[n]: False,
            rec.in_open[n]: False,
            **letter_seeded(s, n, g),
        },
    )


@rule(523, trigger="consequence", actor=STORAGE, source="D-18")
def abort_seed(s, n: Node, g: Group):
    """A seed that no network carries any more is discarded; the copy stays suspended and Failed,
    never mountable.
    """
    mine = s.copy[n, g]
    return Body(
        "SeedAborted",
        moves=Move(mine.state, Copy.SEEDING, Copy.FAILED),
        given={"source does not answer": ~all_of(source_answers(s, n), seed_path(s, n, mine))},
        sets={mine.trouble: Trouble.SEED_INTERRUPTED, mine.suspended: True},
    )


@rule(545, trigger="consequence", actor=STORAGE, source="S-147")
def begin_incremental_reseed(s, n: Node, g: Group, lineage: Int, by: Node, fork: Int):
    """A returning copy discards what diverged, which is in no database file, and begins to fetch
    the newer stream.

    Why: lost log resilience held those changes back, so the file is as if they had never been; a
    full copy of the database is spared.
    """
    mine, theirs, rec = s.copy[n, g], s.copy[peer(n), g], s.record[g]
    kept = rec.generation <= fork
    return Body(
        "IncrementalReseedBegun",
        moves=Move(mine.state, Copy.INITIALIZING, Copy.SYNCHRONIZING),
        requires={"copy is not suspended": ~mine.suspended},
        given={
            "source was mounted later": mounted_later(s, n, g),
            "newer stream has closed a log": shows_itself(s, n, g),
            "streams differ": any_of(mine.open_records != 0, ~agrees(s, n, g)),
            "fork is above the waypoint": reseeds_incrementally(s, n, g),
            "lineage of the source": all_of(lineage == theirs.lineage, by == theirs.lineage_by),
            "last log that both have": fork == theirs.fork,
            "what was lost is counted": theirs.loss_exact,
        },
        sets={
            mine.lineage: lineage,
            mine.lineage_by: by,
            mine.top: fork,
            mine.notified: fork,
            mine.copied: fork,
            mine.replayed: smaller(mine.replayed, fork),
            mine.checkpoint: smaller(mine.checkpoint, fork),
            mine.open_records: 0,
            mine.final: NEVER,
            mine.final_epoch: 0,
            mine.resync_from: s.now,
            mine.checking: False,
            mine.attempts: 0,
            mine.bad_inbox: 0,
            mine.bad_log: if_else(mine.bad_log > fork, 0, mine.bad_log),
            mine.missing_log: if_else(mine.missing_log > fork, 0, mine.missing_log),
        },
        ghost={
            rec.in_database[n]: all_of(rec.in_database[n], kept),
            rec.in_logs[n]: all_of(rec.in_logs[n], kept),
            rec.in_inbox[n]: False,
            rec.in_open[n]: False,
            **letter_cut(s, n, g, fork),
        },
    )


@rule(546, trigger="consequence", actor=STORAGE, source="S-147")
def finish_incremental_reseed(s, n: Node, g: Group):
    """The incremental reseed is complete: the copy follows its source like any other."""
    mine = s.copy[n, g]
    return Body(
        "IncrementalReseedEnded",
        moves=Move(mine.state, Copy.SYNCHRONIZING, Copy.HEALTHY),
        requires={
            "copy is not suspended": ~mine.suspended,
            "reseeding took its time": s.elapsed(mine.resync_from, s.p.resync_time),
        },
        given={
            "source was mounted later": mounted_later(s, n, g),
            "streams are one lineage": same_stream(s, n, g),
        },
    )
