"""The passive copy: told of a closed log, it copies, inspects and replays it, each taking time
(S-079 to S-089).

It pulls from the log share of the other node. A returning former active compares its stream with
the newer one first: it goes on where they agree, and latches Failed where they diverged.
"""

from __future__ import annotations

from models.language.rule import Body, Move, rule_for
from models.language.terms import Bool, Int, all_of, any_of, if_else, peer

from ..phrases import (
    agrees,
    controls,
    mounted,
    mounted_later,
    replicates,
    reseeds_incrementally,
    same_stream,
    shows_itself,
    source_answers,
)
from ..phrases_networks import copied_in_time, path_in_use
from ..vocabulary import NEVER, SCHEMA, STORAGE, Copy, Group, Node
from ..vocabulary_copies import Trouble
from .letters import letter_copied, letter_inbox_cleared, letter_inspected

rule = rule_for(SCHEMA, "replication")


def _fetches(s, n):
    """The network in use leads to the source; a node that takes over tries every network."""
    return any_of(controls(s, n), path_in_use(s, n))


@rule(501, trigger="consequence", actor=STORAGE, source="S-079")
def notice_log(s, n: Node, g: Group, generation: Int):
    """The passive is told of closed logs in the source's log directory."""
    mine, theirs = s.copy[n, g], s.copy[peer(n), g]
    return Body(
        "LogNotified",
        requires={
            "copy is healthy": mine.state == Copy.HEALTHY,
            "that is news": generation > mine.notified,
        },
        given={
            "source was mounted later": mounted_later(s, n, g),
            "streams are one lineage": same_stream(s, n, g),
            "newest closed log of the source": generation == theirs.top,
        },
        sets={
            mine.notified: generation,
            mine.copy_from: if_else(mine.notified == mine.copied, s.now, mine.copy_from),
        },
    )


@rule(502, trigger="consequence", actor=STORAGE, source="S-088")
def copy_log(s, n: Node, g: Group, damaged: Bool):
    """The next closed log is copied to the inspector directory, damaged if it is so at the source;
    it took copy_time, or what the network is said to need.

    Why: on a network that clients use, logs get what is left of it, at least half (S-093, S-096).
    """
    mine, theirs, rec = s.copy[n, g], s.copy[peer(n), g], s.record[g]
    return Body(
        "LogCopied",
        requires={
            "copy replicates": replicates(s, n, g),
            "a closed log is waiting": mine.copied < mine.notified,
            "no retry is pending": any_of(
                mine.failed_from == NEVER, s.elapsed(mine.failed_from, s.p.copy_retry)
            ),
        },
        given={
            "source was mounted later": mounted_later(s, n, g),
            "streams are one lineage": same_stream(s, n, g),
            "log is closed at the source": mine.copied < theirs.top,
            "log is there": theirs.missing_log != mine.copied + 1,
            "its state at the source": damaged == (theirs.bad_log == mine.copied + 1),
            "network in use leads to the source": _fetches(s, n),
            "copying took its time": copied_in_time(s, n, mine.copy_from, controls(s, n)),
        },
        sets={
            mine.copied: mine.copied + 1,
            mine.bad_inbox: if_else(
                all_of(damaged, mine.bad_inbox == 0), mine.copied + 1, mine.bad_inbox
            ),
            mine.copy_from: s.now,
            mine.failed_from: NEVER,
            mine.inspect_from: if_else(mine.copied == mine.top, s.now, mine.inspect_from),
        },
        ghost={
            rec.in_inbox[n]: any_of(
                rec.in_inbox[n],
                all_of(rec.in_logs[peer(n)], rec.generation == mine.copied + 1),
                all_of(rec.in_open[peer(n)], s.copy[peer(n), g].top == mine.copied),
            ),
            **letter_copied(s, n, g),
        },
    )


@rule(503, trigger="consequence", actor=STORAGE, source="S-110")
def fail_copy(s, n: Node, g: Group):
    """A log that waits cannot be copied: no network leads to the source. The next try comes after
    copy_retry.
    """
    mine = s.copy[n, g]
    return Body(
        "LogCopyFailed",
        requires={
            "copy replicates": replicates(s, n, g),
            "a closed log is waiting": mine.copied < mine.notified,
            "copying took its time": s.elapsed(mine.copy_from, s.p.copy_time),
            "no failure is noted": mine.failed_from == NEVER,
        },
        given={"source does not answer": ~all_of(source_answers(s, n), _fetches(s, n))},
        sets={mine.failed_from: s.now},
    )


@rule(504, trigger="consequence", actor=STORAGE, source="S-081")
def inspect_log(s, n: Node, g: Group):
    """The next copied log is inspected for corruption and moved to the log directory; it took
    inspect_time.
    """
    mine, rec = s.copy[n, g], s.record[g]
    return Body(
        "LogInspected",
        requires={
            "copy replicates": replicates(s, n, g),
            "a copied log is waiting": mine.top < mine.copied,
            "inspection took its time": s.elapsed(mine.inspect_from, s.p.inspect_time),
            "log is intact": mine.bad_inbox != mine.top + 1,
        },
        sets={
            mine.top: mine.top + 1,
            mine.attempts: 0,
            mine.inspect_from: s.now,
            mine.replay_from: if_else(
                mine.replayed == mine.top, s.now + s.p.cache_time, mine.replay_from
            ),
        },
        ghost={
            rec.in_logs[n]: rec.in_logs[n]
            | all_of(rec.in_inbox[n], rec.generation == mine.top + 1),
            rec.in_inbox[n]: rec.in_inbox[n] & (rec.generation != mine.top + 1),
            **letter_inspected(s, n, g),
        },
    )


@rule(505, trigger="consequence", actor=STORAGE, source="S-089")
def replay_log(s, n: Node, g: Group):
    """The next inspected log is replayed into the database; it took replay_time.

    Why: SP1 keeps the database cache from one batch to the next, RTM built a new one for each
    (S-162, S-163): there the first log of a batch waits cache_time.
    """
    mine, rec = s.copy[n, g], s.record[g]
    return Body(
        "LogReplayed",
        requires={
            "copy is healthy": mine.state == Copy.HEALTHY,
            "replay goes on": all_of(mine.trouble != Trouble.REPLAY_FAILED, ~mine.suspended),
            "an inspected log is waiting": mine.replayed < mine.top,
            "replay took its time": s.elapsed(mine.replay_from, s.p.replay_time),
            "log can be replayed": mine.bad_log != mine.replayed + 1,
        },
        sets={mine.replayed: mine.replayed + 1, mine.replay_from: s.now},
        ghost={
            rec.in_database[n]: rec.in_database[n]
            | all_of(rec.in_logs[n], rec.generation == mine.replayed + 1),
            rec.in_file[n]: rec.in_file[n]
            | all_of(rec.in_logs[n], rec.generation == mine.replayed + 1),
        },
    )


@rule(511, trigger="consequence", actor=STORAGE, source="S-022")
def step_down(s, n: Node, g: Group):
    """A copy whose peer was mounted later, on a stream of another lineage, becomes passive; the
    direction reverses.

    Why: an active copy holds changes back from its database file, a passive one does not; so one
    that was passive notes that all it replayed is in the file.
    """
    mine = s.copy[n, g]
    return Body(
        "CopyBecamePassive",
        moves=Move(mine.state, (Copy.ACTIVE, Copy.HEALTHY, Copy.SYNCHRONIZING), Copy.INITIALIZING),
        requires={"storage group is not mounted here": ~mounted(s, n, g)},
        given={
            "source was mounted later": mounted_later(s, n, g),
            "streams are of two lineages": ~same_stream(s, n, g),
        },
        sets={mine.fork: if_else(mine.state == Copy.ACTIVE, mine.fork, mine.replayed)},
    )


@rule(512, trigger="consequence", actor=STORAGE, source="S-023")
def resume_stream(s, n: Node, g: Group, lineage: Int, by: Node):
    """A returning copy that holds nothing the newer stream lacks goes on as its passive; its
    inspector directory is cleared.
    """
    mine, theirs = s.copy[n, g], s.copy[peer(n), g]
    return Body(
        "StreamResumed",
        moves=Move(mine.state, Copy.INITIALIZING, Copy.HEALTHY),
        requires={
            "no record is in an open log": mine.open_records == 0,
            "copy is not suspended": ~mine.suspended,
        },
        given={
            "source was mounted later": mounted_later(s, n, g),
            "streams agree": agrees(s, n, g),
            "no restore ended replication": ~theirs.ended,
            "what was lost is counted": any_of(theirs.loss_exact, mine.top < theirs.fork),
            "lineage of the source": all_of(lineage == theirs.lineage, by == theirs.lineage_by),
        },
        sets={
            mine.lineage: lineage,
            mine.lineage_by: by,
            mine.notified: mine.top,
            mine.copied: mine.top,
            mine.final: NEVER,
            mine.final_epoch: 0,
            mine.checking: False,
            mine.attempts: 0,
            mine.bad_inbox: 0,
        },
        ghost={s.record[g].in_inbox[n]: False, **letter_inbox_cleared(s, n, g)},
    )


@rule(513, trigger="consequence", actor=STORAGE, source="T2")
def detect_divergence(s, n: Node, g: Group):
    """A returning copy holds what the newer stream never had, and some of it may be in its database
    file: it latches Failed until a full reseed.

    Why: what is told apart are closed logs; an idle storage group cannot reveal it (S-140).
    """
    mine, theirs = s.copy[n, g], s.copy[peer(n), g]
    return Body(
        "DivergenceDetected",
        moves=Move(mine.state, Copy.INITIALIZING, Copy.FAILED),
        requires={"copy is not suspended": ~mine.suspended},
        given={
            "source was mounted later": mounted_later(s, n, g),
            "newer stream has closed a log": shows_itself(s, n, g),
            "streams differ": any_of(mine.open_records != 0, ~agrees(s, n, g), theirs.ended),
            "incremental reseed is not possible": ~reseeds_incrementally(s, n, g),
        },
        sets={mine.trouble: Trouble.DIVERGED},
    )
