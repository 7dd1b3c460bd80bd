"""Standby continuous replication (SCR): a target elsewhere is told of closed logs, copies and
inspects them, as a passive copy does (S-166, T8).

It follows whichever copy is active. After a failover of the source it compares streams: it discards
what it had inspected and the new active copy lacks, unless it was replayed already.
"""

from __future__ import annotations

from dataclasses import replace

from models.language.rule import Body, Move, rule_for
from models.language.terms import Int, all_of, any_of, each

from ..phrases_standby import (
    in_common,
    may_follow,
    one_stream,
    sources,
)
from ..vocabulary import SCHEMA, Group, Node
from ..vocabulary_copies import Trouble
from ..vocabulary_standby import STANDBY, Standby, Target
from . import standby_steps as steps

rule = rule_for(SCHEMA, "standby")


@rule(800, trigger="command", actor=STANDBY, source="T8")
def enable_standby(s, t: Target, g: Group, lag: Int, truncation: Int, spacing: Int):
    """An operator enables SCR of a storage group to a target (Enable-StorageGroupCopy
    -StandbyMachine), with its two lags.

    Why: both are fixed once set; to change them it is disabled and enabled again, and files that
    stayed are used again.
    """
    mine = s.standby[t, g]
    body = steps.enabled("StandbyEnabled", mine, lag, truncation, spacing)
    return replace(body, sets={**body.sets, mine.epoch: 0})


@rule(801, trigger="command", actor=STANDBY, source="T8")
def disable_standby(s, t: Target, g: Group):
    """An operator disables SCR of a storage group to a target; its files stay."""
    return steps.disabled("StandbyDisabled", s.standby[t, g])


def _source(s, t, n, g):
    """The copy on n answers, was mounted in the newest epoch that the target has seen, and no other
    one that answers was mounted later: of two that call themselves active the newer is followed.
    """
    epoch = s.copy[n, g].active_epoch

    def later(m):
        return all_of(sources(s, t, m, g), s.copy[m, g].active_epoch > epoch)

    newest = each(Node, lambda m: ~later(m))
    return all_of(sources(s, t, n, g), epoch >= s.standby[t, g].epoch, newest)


@rule(810, trigger="consequence", actor=STANDBY, source="T8")
def lose_standby_stream(s, t: Target, n: Node, g: Group):
    """The source was mounted anew on a stream of another lineage: the target compares it with what
    it holds.
    """
    mine, theirs = s.standby[t, g], s.copy[n, g]
    return Body(
        "StandbySourceChanged",
        moves=Move(mine.state, Standby.HEALTHY, Standby.INITIALIZING),
        given={
            "source answers": sources(s, t, n, g),
            "it was mounted later": theirs.active_epoch > mine.epoch,
            "streams are of two lineages": ~one_stream(s, t, n, g),
        },
    )


@rule(811, trigger="consequence", actor=STANDBY, source="T8")
def follow_stream(s, t: Target, n: Node, g: Group, lineage: Int, by: Node, epoch: Int, keep: Int):
    """The target follows the source's stream from the newest log that both have; what it inspected
    beyond is discarded.

    Why: replay stays scr_floor logs behind, so that what a lossy failover of the source took away
    was not replayed here.
    """
    mine, theirs = s.standby[t, g], s.copy[n, g]
    return Body(
        "StandbyStreamFollowed",
        moves=Move(mine.state, Standby.INITIALIZING, Standby.HEALTHY),
        requires={"copy is not suspended": ~mine.suspended},
        given={
            "source answers": _source(s, t, n, g),
            "nothing replayed is lacking there": may_follow(s, t, n, g),
            "lineage of the source": all_of(lineage == theirs.lineage, by == theirs.lineage_by),
            "epoch of the source": epoch == theirs.active_epoch,
            "newest log that both have": keep == in_common(s, t, n, g),
            "next log is there": theirs.low <= keep + 1,
        },
        sets={
            mine.lineage: lineage,
            mine.lineage_by: by,
            mine.epoch: epoch,
            **steps.limited(mine, keep),
        },
    )


@rule(812, trigger="consequence", actor=STANDBY, source="T8")
def find_standby_ahead(s, t: Target, n: Node, g: Group):
    """The target replayed what the source's stream never had: it latches Failed until it is seeded
    again.
    """
    mine = s.standby[t, g]
    return Body(
        "StandbyDivergenceDetected",
        moves=Move(mine.state, Standby.INITIALIZING, Standby.FAILED),
        requires={"copy is not suspended": ~mine.suspended},
        given={
            "source answers": _source(s, t, n, g),
            "something replayed is lacking there": ~may_follow(s, t, n, g),
        },
        sets={mine.trouble: Trouble.DIVERGED},
    )


@rule(813, trigger="consequence", actor=STANDBY, source="T8")
def find_standby_gap(s, t: Target, n: Node, g: Group):
    """The next log that the target needs is gone at the source: it is Failed until it is seeded.

    Why: a storage group that has deleted its first logs cannot start a target by replay alone.
    """
    mine = s.standby[t, g]
    return Body(
        "StandbyGapFound",
        moves=Move(mine.state, Standby.INITIALIZING, Standby.FAILED),
        requires={"copy is not suspended": ~mine.suspended},
        given={
            "source answers": _source(s, t, n, g),
            "nothing replayed is lacking there": may_follow(s, t, n, g),
            "next log is not there": s.copy[n, g].low > in_common(s, t, n, g) + 1,
        },
        sets={mine.trouble: Trouble.LOG_MISSING},
    )


def following(s, t, n, g):
    """The copy on n is the source that the target follows."""
    return all_of(sources(s, t, n, g), one_stream(s, t, n, g))


@rule(814, trigger="consequence", actor=STANDBY, source="S-166")
def notice_standby_log(s, t: Target, n: Node, g: Group, generation: Int):
    """The target is told of closed logs in the source's log directory."""
    mine, ghost = s.standby[t, g], s.ageing[t, g]
    return replace(
        steps.noticed(s, "StandbyLogNotified", mine, ghost, generation),
        given={
            "source answers": following(s, t, n, g),
            "newest closed log of the source": generation == s.copy[n, g].top,
        },
    )


@rule(815, trigger="consequence", actor=STANDBY, source="S-166")
def copy_standby_log(s, t: Target, n: Node, g: Group):
    """The next closed log is copied to the target; it took copy_time."""
    mine, theirs = s.standby[t, g], s.copy[n, g]
    return replace(
        steps.copied(s, "StandbyLogCopied", mine),
        given={
            "source answers": following(s, t, n, g),
            "log is closed at the source": mine.copied < theirs.top,
            "log is there and intact": all_of(
                theirs.missing_log != mine.copied + 1, theirs.bad_log != mine.copied + 1
            ),
        },
    )


@rule(816, trigger="consequence", actor=STANDBY, source="S-166")
def inspect_standby_log(s, t: Target, g: Group):
    """The next copied log is inspected and moved to the target's log directory; it took
    inspect_time.
    """
    return steps.inspected(s, "StandbyLogInspected", s.standby[t, g])


@rule(817, trigger="consequence", actor=STANDBY, source="S-166")
def fail_standby_copy(s, t: Target, n: Node, g: Group):
    """The next log is damaged or missing at the source, however often it is fetched: the target is
    Failed.
    """
    mine, theirs = s.standby[t, g], s.copy[n, g]
    return Body(
        "StandbyCopyFailed",
        moves=Move(mine.state, Standby.HEALTHY, Standby.FAILED),
        requires={
            **steps.may_copy(s, mine),
            "nothing waits for inspection": mine.copied == mine.top,
        },
        given={
            "source answers": following(s, t, n, g),
            "log is damaged or missing there": any_of(
                theirs.missing_log == mine.copied + 1, theirs.bad_log == mine.copied + 1
            ),
        },
        sets={mine.trouble: Trouble.INSPECTION_FAILED},
    )
