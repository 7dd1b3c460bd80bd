"""What can go wrong with a copy and what an operator does about it: damaged and missing logs,
suspend and resume.

A copy that fails latches: its trouble stays until a full reseed, or until an operator suspends and
resumes it (S-143, S-144). Positions stay where they are meanwhile, so a Failed copy is still a
prefix of its stream. It goes on being told of closed logs, so that its queue, and the loss that a
mount would mean, are true.
"""

from __future__ import annotations

from models.language.rule import Body, Move, rule_for
from models.language.terms import Int, all_of, any_of, one_of, peer

from ..phrases import mounted, mounted_later, replicates, same_stream
from ..vocabulary import NEVER, SCHEMA, STORAGE, WORLD, Copy, Group, Node
from ..vocabulary_copies import Trouble
from .letters import letter_inbox_cleared

rule = rule_for(SCHEMA, "life of a copy")


@rule(530, trigger="fault", actor=WORLD, source="S-081")
def corrupt_log(s, n: Node, g: Group, generation: Int):
    """A closed log in a log directory is damaged: at the source before it is copied, or on the
    passive after it was inspected.
    """
    copy = s.copy[n, g]
    return Body(
        "LogCorrupted",
        requires={
            "log is in the log directory": all_of(generation >= copy.low, generation <= copy.top),
            "no other log there is damaged": copy.bad_log == 0,
        },
        sets={copy.bad_log: generation},
    )


@rule(531, trigger="fault", actor=WORLD, source="S-081")
def corrupt_copied_log(s, n: Node, g: Group, generation: Int):
    """A log in the inspector directory is damaged: it was copied badly, and not yet inspected."""
    copy = s.copy[n, g]
    return Body(
        "CopiedLogCorrupted",
        requires={
            "log is in the inspector directory": all_of(
                generation > copy.top, generation <= copy.copied
            ),
            "no other log there is damaged": copy.bad_inbox == 0,
        },
        sets={copy.bad_inbox: generation},
    )


@rule(532, trigger="fault", actor=WORLD, source="S-143")
def lose_log(s, n: Node, g: Group, generation: Int):
    """A closed log disappears from a log directory, mid-stream."""
    copy = s.copy[n, g]
    return Body(
        "LogLost",
        requires={
            "log is in the log directory": all_of(generation >= copy.low, generation <= copy.top),
            "no other log there is missing": copy.missing_log == 0,
        },
        sets={copy.missing_log: generation},
    )


@rule(533, trigger="command", actor=WORLD, source="S-143")
def put_log_back(s, n: Node, g: Group):
    """The damaged or missing log is put back from elsewhere; a Failed copy does not notice by
    itself.
    """
    copy = s.copy[n, g]
    return Body(
        "LogPutBack",
        requires={"a log is damaged or missing": any_of(copy.bad_log != 0, copy.missing_log != 0)},
        sets={copy.bad_log: 0, copy.missing_log: 0},
    )


def _inspecting(s, n, g):
    """The next log is inspected and found damaged."""
    mine = s.copy[n, g]
    return {
        "copy replicates": replicates(s, n, g),
        "a copied log is waiting": mine.top < mine.copied,
        "inspection took its time": s.elapsed(mine.inspect_from, s.p.inspect_time),
        "log is damaged": mine.bad_inbox == mine.top + 1,
    }


@rule(534, trigger="consequence", actor=STORAGE, source="D-09")
def retry_inspection(s, n: Node, g: Group):
    """A damaged log failed inspection: it is discarded and copied again."""
    mine = s.copy[n, g]
    return Body(
        "InspectionFailed",
        requires={
            **_inspecting(s, n, g),
            "an attempt is left": mine.attempts + 1 < s.p.inspection_attempts,
        },
        sets={
            mine.attempts: mine.attempts + 1,
            mine.copied: mine.top,
            mine.bad_inbox: 0,
            mine.copy_from: s.now,
        },
        ghost={s.record[g].in_inbox[n]: False, **letter_inbox_cleared(s, n, g)},
    )


@rule(535, trigger="consequence", actor=STORAGE, source="S-143")
def give_up_inspection(s, n: Node, g: Group):
    """The last attempt failed: the log is irrecoverable, the copy is Failed and tries no more.

    Why: a copy that tried for ever flipped between Failed and Healthy while its queues grew.
    """
    mine = s.copy[n, g]
    return Body(
        "InspectionGivenUp",
        moves=Move(mine.trouble, Trouble.NONE, Trouble.INSPECTION_FAILED),
        requires={
            **_inspecting(s, n, g),
            "no attempt is left": mine.attempts + 1 >= s.p.inspection_attempts,
        },
        sets={mine.attempts: mine.attempts + 1, mine.copied: mine.top, mine.bad_inbox: 0},
        ghost={s.record[g].in_inbox[n]: False, **letter_inbox_cleared(s, n, g)},
    )


@rule(536, trigger="consequence", actor=STORAGE, source="S-143")
def find_log_missing(s, n: Node, g: Group):
    """The source answers and has no such log: the stream has a gap, and the copy is Failed."""
    mine, theirs = s.copy[n, g], s.copy[peer(n), g]
    return Body(
        "LogFoundMissing",
        moves=Move(mine.trouble, Trouble.NONE, Trouble.LOG_MISSING),
        requires={
            "copy replicates": replicates(s, n, g),
            "a closed log is waiting": mine.copied < mine.notified,
            "nothing waits for inspection": mine.copied == mine.top,
            "copying took its time": s.elapsed(mine.copy_from, s.p.copy_time),
            "no retry is pending": any_of(
                mine.failed_from == NEVER, s.elapsed(mine.failed_from, s.p.copy_retry)
            ),
        },
        given={
            "source was mounted later": mounted_later(s, n, g),
            "streams are one lineage": same_stream(s, n, g),
            "log is missing at the source": theirs.missing_log == mine.copied + 1,
        },
    )


@rule(537, trigger="consequence", actor=STORAGE, source="S-144")
def fail_replay(s, n: Node, g: Group):
    """A log that passed inspection cannot be replayed: the copy is Failed."""
    mine = s.copy[n, g]
    return Body(
        "ReplayFailed",
        moves=Move(
            mine.trouble,
            (Trouble.NONE, Trouble.INSPECTION_FAILED, Trouble.LOG_MISSING),
            Trouble.REPLAY_FAILED,
        ),
        requires={
            "copy is healthy": mine.state == Copy.HEALTHY,
            "copy is not suspended": ~mine.suspended,
            "an inspected log is waiting": mine.replayed < mine.top,
            "replay took its time": s.elapsed(mine.replay_from, s.p.replay_time),
            "log is damaged": mine.bad_log == mine.replayed + 1,
        },
    )


@rule(540, trigger="command", actor=STORAGE, source="T4")
def suspend_copy(s, n: Node, g: Group):
    """An operator suspends a passive copy: copying, inspection and replay stop.

    Why: nothing may touch its files meanwhile. It is still told of closed logs, so that the loss a
    mount would mean stays true.
    """
    mine = s.copy[n, g]
    return Body(
        "CopySuspended",
        requires={
            "copy is passive": all_of(
                ~one_of(mine.state, Copy.ACTIVE, Copy.SEEDING), ~mounted(s, n, g)
            ),
            "copy is not suspended": ~mine.suspended,
        },
        sets={mine.suspended: True},
    )


@rule(541, trigger="command", actor=STORAGE, source="T4")
def resume_copy(s, n: Node, g: Group):
    """An operator resumes a suspended copy: it is initializing until it was compared with its
    source.

    Why: resuming is the explicit second chance of a copy that latched Failed for a log that was
    damaged or missing. One that diverged, or whose seed was interrupted, stays Failed.
    """
    mine = s.copy[n, g]
    return Body(
        "CopyResumed",
        requires={"copy is suspended": mine.suspended},
        sets={
            mine.suspended: False,
            mine.checking: mine.state == Copy.HEALTHY,
            mine.attempts: 0,
        },
    )


@rule(542, trigger="consequence", actor=STORAGE, source="S-146")
def verify_stream(s, n: Node, g: Group):
    """A resumed copy has found its source, of the same lineage and not behind it: it is Healthy,
    and copies again what it had not inspected.
    """
    mine, theirs = s.copy[n, g], s.copy[peer(n), g]
    return Body(
        "StreamVerified",
        requires={
            "copy is healthy": mine.state == Copy.HEALTHY,
            "copy was resumed": all_of(mine.checking, ~mine.suspended),
        },
        given={
            "source was mounted later": mounted_later(s, n, g),
            "streams are one lineage": same_stream(s, n, g),
            "source is not behind": mine.top <= theirs.top,
        },
        sets={
            mine.checking: False,
            mine.trouble: Trouble.NONE,
            mine.attempts: 0,
            mine.copied: mine.top,
            mine.bad_inbox: 0,
            mine.copy_from: s.now,
            mine.replay_from: s.now,
            mine.failed_from: NEVER,
        },
        ghost={s.record[g].in_inbox[n]: False, **letter_inbox_cleared(s, n, g)},
    )
