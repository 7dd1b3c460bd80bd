"""What the proofs of backup and truncation lean on: how the positions of files relate on one copy
and on two.
"""

from __future__ import annotations

from models.ccr.phrases_files import backing_up
from models.ccr.vocabulary import SCHEMA, Copy, Group, Node
from models.ccr.vocabulary_files import Backup, Kind
from models.language.model import LEMMA, property_for
from models.language.terms import all_of, any_of, implies, larger, negate, one_of, peer, smaller

from .data import attested, follows

lemma = property_for(SCHEMA)


@lemma("L120", kind=LEMMA, source="design")
def file_positions_are_sane(s, n: Node, g: Group):
    """No log above the checkpoint is gone; nothing is backed up that is not in a closed log; the
    header's change comes after what it tells.
    """
    a = s.copy[n, g]
    return all_of(
        a.low >= 1,
        a.checkpoint >= 0,
        a.base >= 0,
        a.low <= a.checkpoint + 1,
        a.checkpoint <= a.replayed,
        a.low <= larger(a.backed, a.base) + 1,
        a.full <= a.backed,
        a.backed >= 0,
        a.full >= -1,
        any_of(a.full >= 0, a.backed == 0),
        any_of(a.backed < a.noted, a.backed == 0),
        a.backed <= a.replayed,
    )


@lemma("L121", kind=LEMMA, source="design")
def running_backup_is_sane(s, n: Node, g: Group):
    """A backup that can still be recorded reaches at least what is backed up, and no further than
    the logs; one from before the last mount cannot be recorded.
    """
    a = s.copy[n, g]
    return all_of(
        implies(a.backup == Backup.RUNNING, a.backup_run <= a.mounted_run),
        implies(
            backing_up(s, n, g),
            all_of(
                a.backed <= a.backup_to,
                a.backup_to <= a.top,
                a.state == Copy.ACTIVE,
                any_of(a.full >= 0, a.backup_kind != Kind.INCREMENTAL),
            ),
        ),
    )


@lemma("L122", kind=LEMMA, source="design")
def active_deleted_nothing_unreplayed(s, n: Node, g: Group):
    """The active node has deleted no log that a following copy has not replayed, nor, after a fork,
    one that a returning copy has not.
    """
    mine, theirs = s.copy[n, g], s.copy[peer(n), g]
    forked = all_of(
        theirs.active_epoch > mine.active_epoch,
        theirs.parent == mine.lineage,
        theirs.parent_by == mine.lineage_by,
        negate(one_of(mine.state, Copy.FAILED, Copy.SEEDING)),
    )
    return implies(
        attested(s),
        all_of(
            implies(follows(s, n, g), theirs.low <= mine.replayed + 1),
            implies(forked, theirs.low <= smaller(mine.replayed, theirs.fork) + 1),
        ),
    )
