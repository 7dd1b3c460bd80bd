"""Promises about what begins anew: a node that lost power, a stream that was mounted, a copy that
was seeded, enabled or resumed carries nothing over that is not its own any more.
"""

from __future__ import annotations

from models.ccr.phrases import mounted
from models.ccr.vocabulary import NEVER, SCHEMA, Copy, Group, Node, Power
from models.ccr.vocabulary_copies import Trouble
from models.ccr.vocabulary_lcr import Local, Server
from models.ccr.vocabulary_standby import LAG_MAX, Standby, Target
from models.language.model import ALWAYS, STEP, property_for
from models.language.rule import GHOST
from models.language.terms import NOBODY, all_of, any_of, implies, peer

promise = property_for(SCHEMA)

MEMORY = tuple(
    name for name, f in SCHEMA.records["node"].fields.items()
    if not f.durable and f.owner != GHOST and f.index is None
)  # fmt: skip
"""The fields of a node that are in its memory only."""
POSITIONS = ("top", "notified", "copied", "replayed", "open_records", "fork", "bad_log",
             "missing_log", "bad_inbox", "checkpoint", "base", "flushed", "backed",
             "noted")  # fmt: skip
AWAY = ("top", "copied", "notified", "replayed", "base", "due", "clear", "lineage")


def _initial(record, row, names):
    fields = SCHEMA.records[record].fields
    return [getattr(row, name) == fields[name].initial for name in names]


def _notes(row):
    pairs = [(getattr(row, f"told_{k}"), getattr(row, f"told_at_{k}")) for k in range(1, 5)]
    return [x for to, at in pairs for x in (to == 0, at == NEVER)]


@promise("P106", kind=ALWAYS, source="S-057")
def power_lost_is_memory_lost(s, n: Node):
    """A node without power has nothing in its memory: all configuration that survives is on disk,
    and passes between the nodes.
    """
    off = s.node[n].power == Power.DOWN
    return implies(off, all_of(*_initial("node", s.node[n], MEMORY)))


@promise("P107", kind=ALWAYS, source="S-008")
def a_copy_being_seeded_holds_nothing(s, n: Node, g: Group, t: Target, v: Server, h: Local):
    """While a copy is being seeded it has no log, no database and no header: what it had belonged
    to another baseline.
    """
    copy, far, remote = s.copy[n, g], s.standby[t, g], s.remote[t, v, h]
    empty = all_of(
        *(getattr(copy, name) == 0 for name in POSITIONS),
        copy.final == NEVER, copy.low == 1, copy.full == NEVER,
    )  # fmt: skip
    away = [
        implies(row.state == Standby.SEEDING, all_of(
            *(getattr(row, name) == 0 for name in AWAY),
            row.clear_at == NEVER, row.low == 1, *_notes(row),
        ))
        for row in (far, remote)
    ]  # fmt: skip
    named = implies(far.state == Standby.SEEDING, far.lineage_by == NOBODY)
    return all_of(implies(copy.state == Copy.SEEDING, empty), named, *away)


@promise("P108", kind=STEP, source="S-008")
def a_seeded_copy_is_as_new(s, u, n: Node, g: Group, t: Target, v: Server, h: Local):
    """A full seed leaves nothing of what was wrong with the copy, nor of where it stood: it stands
    where its source's closed logs stand, with its source's header.
    """
    new, theirs = u.copy[n, g], s.copy[peer(n), g]
    seeded = all_of(s.copy[n, g].state == Copy.SEEDING, new.state == Copy.HEALTHY)
    stands = [getattr(new, x) == theirs.top for x in ("top", "notified", "copied", "replayed",
                                                      "base", "checkpoint")]  # fmt: skip
    header = [getattr(new, x) == getattr(theirs, x) for x in ("full", "backed", "noted")]
    clean = [getattr(new, x) == 0 for x in ("attempts", "bad_inbox", "bad_log", "missing_log",
                                           "open_records", "parent", "fork", "final_epoch",
                                           "flushed")]  # fmt: skip
    is_new = all_of(
        *stands, *header, *clean, new.low == theirs.top + 1, new.trouble == Trouble.NONE,
        ~new.checking, ~new.ended, new.parent_by == NOBODY, new.final == NEVER,
        new.failed_from == NEVER, new.suspended == s.copy[n, g].manual_resume,
        new.lineage == theirs.lineage, new.lineage_by == theirs.lineage_by,
    )  # fmt: skip
    sent = [
        implies(all_of(far.state == Standby.SEEDING, mine.state == Standby.HEALTHY), all_of(
            *(getattr(mine, x) == mine.top for x in AWAY[1:-1]), mine.low == mine.top + 1,
            mine.clear_at == NEVER, *_notes(mine), mine.trouble == Trouble.NONE, ~mine.suspended,
        ))
        for far, mine in (
            (s.standby[t, g], u.standby[t, g]), (s.remote[t, v, h], u.remote[t, v, h])
        )
    ]  # fmt: skip
    return all_of(implies(seeded, is_new), *sent)


@promise("P109", kind=STEP, source="S-116")
def a_new_stream_starts_clean(s, t, n: Node, g: Group):
    """A stream that forks at a mount says from which one it forked and where, is of its mount's
    epoch and run, has no final generation, and states its loss anew.
    """
    old, new = s.copy[n, g], t.copy[n, g]
    forked = all_of(mounted(t, n, g), ~mounted(s, n, g), t.copy[n, g].lineage != old.lineage)
    return implies(
        forked,
        all_of(
            new.lineage == s.node[n].open, new.lineage_by == n,
            new.parent == old.lineage, new.parent_by == old.lineage_by,
            new.fork == old.top, new.notified == old.top, new.final == NEVER,
            new.active_epoch == s.node[n].open, new.state == Copy.ACTIVE,
            new.lost >= 0, new.lost_open == 0,
            any_of(~new.loss_exact, all_of(new.lost == 0, old.final_seen <= old.top)),
            implies(new.ended, old.restored == s.node[n].open),
        ),
    )  # fmt: skip


@promise("P110", kind=STEP, source="T8")
def an_enabled_target_starts_afresh(s, u, t: Target, g: Group, v: Server, h: Local):
    """A standby copy that is enabled compares itself with its source first; nothing is wrong with
    it, nothing is noted, what it replayed is old enough, its lags are 0 to 7 days, and notes of age
    are a quarter of its replay lag apart.
    """
    far, epoch = s.standby[t, g], u.standby[t, g].epoch

    def afresh(old, new):
        enabled = all_of(old.state == Standby.OFF, new.state != Standby.OFF)
        lags = [x for lag in (new.lag, new.truncation) for x in (lag >= 0, lag <= LAG_MAX)]
        return implies(enabled, all_of(
            new.state == Standby.INITIALIZING, new.trouble == Trouble.NONE, ~new.suspended,
            new.lost == NEVER, new.clear_at == NEVER, new.due == old.replayed,
            new.base == old.replayed, *_notes(new), *lags,
            new.spacing * 4 >= new.lag, new.spacing * 4 <= new.lag + 3,
        ))  # fmt: skip

    enabled = all_of(far.state == Standby.OFF, u.standby[t, g].state != Standby.OFF)
    return all_of(
        afresh(far, u.standby[t, g]),
        afresh(s.remote[t, v, h], u.remote[t, v, h]),
        implies(enabled, epoch == 0),
    )
