"""Promises about the life of a copy: Failed is latched, suspended means no work, a reseed leaves
nothing that diverged, a restore ends replication.
"""

from __future__ import annotations

from models.ccr.phrases import forced_newest, mounted, serving, talks
from models.ccr.vocabulary import NEVER, SCHEMA, Cms, Copy, Group, Node, Power
from models.ccr.vocabulary_copies import Trouble
from models.language.model import ALWAYS, SOMETIMES, STEP, property_for
from models.language.terms import all_of, any_of, if_else, implies, larger, one_of, peer

from .data import attested, follows
from .possible import BEHIND, FORMED, OUT, SHIPPED

promise = property_for(SCHEMA)


def _mounts(s, t, n, g):
    """The storage group is mounted on n in this step, in an epoch newer than before."""
    return t.copy[n, g].active_epoch > s.copy[n, g].active_epoch


def _ordered(s, t, n, g):
    """An operator ordered this mount: by a restore, or by forcing quorum."""
    return any_of(s.copy[n, g].restored == t.copy[n, g].active_epoch, forced_newest(s, n, g))


@promise("P30", kind=STEP, source="S-143")
def failed_is_latched(s, t, n: Node, g: Group):
    """A Failed copy is left only by a full reseed, by an operator who resumes it, or by one who
    mounts it: it never flips.
    """
    a, b = s.copy[n, g], t.copy[n, g]
    cleared = all_of(a.trouble != Trouble.NONE, b.trouble == Trouble.NONE)
    mounted_by_order = all_of(_mounts(s, t, n, g), _ordered(s, t, n, g))
    return all_of(
        implies(cleared, any_of(a.state == Copy.SEEDING, a.checking, mounted_by_order)),
        implies(a.state == Copy.FAILED, one_of(b.state, Copy.FAILED, Copy.SEEDING)),
    )


@promise("P31", kind=STEP, source="I18")
def suspended_copy_does_nothing(s, t, n: Node, g: Group):
    """While a copy is suspended nothing is copied to it, inspected or replayed, unless an operator
    seeds it.
    """
    a, b = s.copy[n, g], t.copy[n, g]
    still = all_of(b.copied == a.copied, b.top == a.top, b.replayed == a.replayed)
    seeding = any_of(a.state == Copy.SEEDING, b.state == Copy.SEEDING)
    return implies(all_of(a.suspended, b.suspended, ~seeding), still)


@promise("P32", kind=STEP, source="I13", at=("begin_incremental_reseed",))
def incremental_reseed_leaves_nothing_diverged(s, t, n: Node, g: Group):
    """After an incremental reseed began, what may be in the database file the newer stream has too:
    nothing that diverged is left.
    """
    began = all_of(
        s.copy[n, g].state == Copy.INITIALIZING, t.copy[n, g].state == Copy.SYNCHRONIZING
    )
    rec = s.record[g]
    return implies(all_of(attested(s), began, t.record[g].in_file[n]), rec.in_database[peer(n)])


@promise("P33", kind=STEP, source="T4")
def restore_ends_replication(s, t, n: Node, g: Group):
    """A copy enters a stream that began with a restore only by a full reseed."""
    a, b, theirs = s.copy[n, g], t.copy[n, g], s.copy[peer(n), g]
    entered = all_of(
        any_of(a.lineage != b.lineage, a.lineage_by != b.lineage_by),
        ~_mounts(s, t, n, g),
        theirs.ended,
    )
    return implies(entered, a.state == Copy.SEEDING)


@promise("P34", kind=STEP, source="D-18")
def only_a_sound_copy_mounts_by_itself(s, t, n: Node, g: Group):
    """A copy that is failed or suspended mounts only by an operator's order; one that is being
    seeded, or diverged, never.
    """
    a = s.copy[n, g]
    unsound = any_of(a.trouble != Trouble.NONE, a.suspended)
    never = one_of(a.state, Copy.SEEDING, Copy.FAILED, Copy.INITIALIZING, Copy.SYNCHRONIZING)
    return implies(_mounts(s, t, n, g), all_of(~never, implies(unsound, _ordered(s, t, n, g))))


@promise("P35", kind=ALWAYS, source="D-09")
def inspection_attempts_are_bounded(s, n: Node, g: Group):
    """A log is inspected at most inspection_attempts times in all; after the last failure the copy
    is Failed.
    """
    a = s.copy[n, g]
    return all_of(
        a.attempts <= s.p.inspection_attempts,
        implies(a.trouble == Trouble.NONE, a.attempts < s.p.inspection_attempts),
    )


@promise("P166", kind=ALWAYS, source="I14")
def what_is_new_is_held_back_from_the_file(s, n: Node, g: Group):
    """The database file of an active copy holds nothing of the newest llr_depth generations, the
    open one included, that was written since its stream forked, unless an orderly shutdown flushed
    it.
    """
    a, rec = s.copy[n, g], s.record[g]
    final = a.top + if_else(a.open_records != 0, 1, 0)
    held = larger(larger(a.fork, final - s.p.llr_depth), a.flushed)
    filed = all_of(attested(s), rec.in_file[n], a.state == Copy.ACTIVE, a.flushed < final)
    return implies(filed, all_of(rec.in_database[n], rec.generation <= held))


@promise(
    "S20",
    kind=SOMETIMES,
    source="S-147",
    story=(
        *BEHIND,
        "fail_node n=A",
        "wait 60000",
        "power_on n=A",
        "wait 1000",
        "write_records n=B g=SG1 records=100",
        "wait 60000",
    ),
)
def heals_incrementally(s, n: Node, g: Group):
    """After a lossy failover the old active follows the new one without a full copy of the
    database.
    """
    a = s.copy[n, g]
    return all_of(
        follows(s, n, g),
        a.state == Copy.HEALTHY,
        a.resync_from > NEVER,
        a.seed_from == NEVER,
        s.copy[peer(n), g].lost > 0,
        serving(s, peer(n)),
    )


@promise(
    "S21",
    kind=SOMETIMES,
    source="S-143",
    story=(
        *FORMED,
        "write_records n=A g=SG1 records=100",
        "corrupt_log n=A g=SG1 generation=1",
        "wait 2000",
    ),
)
def fails_after_three_attempts(s, n: Node, g: Group):
    """A log that is damaged at the source fails every attempt, and the copy is Failed."""
    a = s.copy[n, g]
    return all_of(
        a.trouble == Trouble.INSPECTION_FAILED,
        a.attempts == s.p.inspection_attempts,
        serving(s, peer(n)),
    )


@promise(
    "S22",
    kind=SOMETIMES,
    source="T4",
    story=(
        *FORMED,
        *(("write_records n=A g=SG1 records=100",) * 9),
        "fail_node n=A",
        "wait 60000",
        "restore_copy n=B g=SG1",
        "wait 1000",
    ),
)
def restore_overrides_the_dial(s, n: Node, g: Group):
    """A database that the dial held back is mounted after a restore, with a loss beyond the
    dial.
    """
    a = s.copy[n, g]
    return all_of(serving(s, n), mounted(s, n, g), a.ended, a.lost > s.p.dial, a.waits_from > NEVER)


@promise(
    "S23",
    kind=SOMETIMES,
    source="D-18",
    story=(
        *SHIPPED,
        "suspend_copy n=B g=SG1",
        "begin_seed n=B g=SG1 delete=true manual=false",
        "wait 5000",
        *OUT,
        "wait 100",
    ),
)
def interrupted_seed_stays_suspended(s, n: Node, g: Group):
    """A seed that loses its source leaves the copy suspended and Failed."""
    a = s.copy[n, g]
    return all_of(
        a.trouble == Trouble.SEED_INTERRUPTED, a.suspended, a.state == Copy.FAILED, ~talks(s, n)
    )


@promise(
    "S24",
    kind=SOMETIMES,
    source="T4",
    story=(*SHIPPED, "suspend_copy n=B g=SG1", "fail_node n=A", "wait 60000"),
)
def suspended_copy_stays_dismounted(s, n: Node, g: Group):
    """A failover to a suspended copy leaves the database dismounted until it is resumed or
    restored.
    """
    a = s.copy[n, g]
    return all_of(
        s.node[n].cms == Cms.ONLINE,
        ~mounted(s, n, g),
        a.suspended,
        s.node[peer(n)].power == Power.DOWN,
    )
