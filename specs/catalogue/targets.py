"""Promises about the decisions of standby copies: why they fail, what they follow and copy, and how
they are suspended, seeded, restored and mounted.

One holds for a target of the cluster and for one of a server alike.
"""

from __future__ import annotations

from models.ccr.phrases_standby import (
    in_common,
    may_follow,
    one_stream,
    reaches,
    server_stream,
    sources,
)
from models.ccr.vocabulary import NEVER, SCHEMA, Copy, Group, Node
from models.ccr.vocabulary_copies import Trouble
from models.ccr.vocabulary_lcr import Local, Server
from models.ccr.vocabulary_standby import Standby, Target, Way
from models.language.model import STEP, property_for
from models.language.terms import all_of, any_of, each, implies, negate, one_of, some

promise = property_for(SCHEMA)

WAITING = (Standby.INITIALIZING, Standby.HEALTHY, Standby.FAILED)


def _became(old, new, state):
    return all_of(old.state != state, new.state == state)


def _next_is_bad(mine, theirs):
    following = mine.copied + 1
    return any_of(theirs.missing_log == following, theirs.bad_log == following)


@promise("P132", kind=STEP, source="T8")
def a_target_decides_by_its_source(s, u, t: Target, g: Group):
    """A standby copy follows a stream that has all it replayed and the next log; it is Failed if it
    replayed what its source lacks, if the next log is gone, damaged or missing there, or if its
    seed was interrupted; it copies a log that is closed and intact, and deletes what is deleted. It
    compares itself anew when its source was mounted later on another stream.
    """
    old, new = s.standby[t, g], u.standby[t, g]

    def at_a_source(what):
        return some(Node, lambda n: all_of(sources(s, t, n, g), what(n, s.copy[n, g])))

    from_start = all_of(old.state == Standby.INITIALIZING, ~old.suspended)
    fits = at_a_source(
        lambda n, c: all_of(
            may_follow(s, t, n, g), c.low <= in_common(s, t, n, g) + 1,
            new.epoch == c.active_epoch, new.top == in_common(s, t, n, g),
        )
    )  # fmt: skip
    ahead = at_a_source(lambda n, c: ~may_follow(s, t, n, g))
    gap = at_a_source(
        lambda n, c: all_of(may_follow(s, t, n, g), c.low > in_common(s, t, n, g) + 1)
    )
    waits = all_of(
        old.state == Standby.HEALTHY, ~old.suspended, old.copied < old.notified,
        s.elapsed(old.copy_from, s.p.copy_time),
    )  # fmt: skip
    bad = at_a_source(lambda n, c: all_of(one_stream(s, t, n, g), _next_is_bad(old, c)))
    good = at_a_source(
        lambda n, c: all_of(one_stream(s, t, n, g), ~_next_is_bad(old, c), old.copied < c.top)
    )
    deleted = at_a_source(lambda n, c: c.low > old.low)
    fails = {
        Trouble.DIVERGED: all_of(from_start, ahead),
        Trouble.LOG_MISSING: all_of(from_start, gap),
        Trouble.INSPECTION_FAILED: all_of(waits, old.copied == old.top, bad),
        Trouble.SEED_INTERRUPTED: all_of(old.state == Standby.SEEDING, new.suspended),
    }
    failed = _became(old, new, Standby.FAILED)
    told = any_of(new.due > old.due, new.clear_at != old.clear_at, new.low > old.low)
    noted = all_of(new.clear_at != old.clear_at, new.clear_at != NEVER)
    other = at_a_source(lambda n, c: all_of(c.active_epoch > old.epoch, ~one_stream(s, t, n, g)))
    seen = at_a_source(
        lambda n, c: all_of(c.active_epoch >= old.epoch, new.epoch == c.active_epoch)
    )
    return all_of(
        implies(all_of(old.state == Standby.HEALTHY, new.state == Standby.INITIALIZING,
                       ~old.suspended), other),
        implies(all_of(old.state == Standby.SEEDING, new.state == Standby.HEALTHY), seen),
        implies(all_of(from_start, new.state == Standby.HEALTHY), fits),
        implies(failed, one_of(new.trouble, *fails)),
        *(implies(all_of(failed, new.trouble == x), why) for x, why in fails.items()),
        implies(all_of(new.copied == old.copied + 1, new.top == old.top), good),
        implies(
            all_of(told, old.state == new.state, new.state == Standby.HEALTHY), ~old.suspended
        ),
        implies(all_of(noted, new.state == Standby.HEALTHY),
                all_of(deleted, old.low <= old.replayed, old.clear_at == NEVER)),
        implies(all_of(new.low > old.low, old.state == Standby.HEALTHY), new.clear_at == NEVER),
    )  # fmt: skip


@promise("P133", kind=STEP, source="T8")
def a_target_of_a_server_decides_by_it(s, u, t: Target, v: Server, h: Local):
    """A standby copy of a server's storage group follows a stream that has all it replayed, and is
    Failed for the reasons of any standby copy.
    """
    old, new, theirs = s.remote[t, v, h], u.remote[t, v, h], s.local[v, h]
    same = server_stream(s, t, v, h)
    forked = all_of(old.lineage + 1 == theirs.lineage, old.replayed <= theirs.fork)
    has_all = any_of(old.lineage == 0, same, forked)
    from_start = all_of(old.state == Standby.INITIALIZING, ~old.suspended)
    fails = {
        Trouble.DIVERGED: all_of(from_start, ~has_all),
        Trouble.LOG_MISSING: all_of(from_start, has_all, theirs.low > 1),
        Trouble.SEED_INTERRUPTED: all_of(old.state == Standby.SEEDING, new.suspended),
    }
    failed = _became(old, new, Standby.FAILED)
    told = any_of(new.due > old.due, new.clear_at != old.clear_at, new.low > old.low)
    noted = all_of(new.clear_at != old.clear_at, new.clear_at != NEVER)
    return all_of(
        implies(all_of(from_start, new.state == Standby.HEALTHY), has_all),
        implies(failed, one_of(new.trouble, *fails)),
        *(implies(all_of(failed, new.trouble == x), why) for x, why in fails.items()),
        implies(all_of(old.state == Standby.HEALTHY, new.state == Standby.INITIALIZING,
                       ~old.suspended), ~same),
        implies(
            all_of(told, old.state == new.state, new.state == Standby.HEALTHY), ~old.suspended
        ),
        implies(all_of(noted, new.state == Standby.HEALTHY),
                all_of(theirs.low > old.low, old.low <= old.replayed, old.clear_at == NEVER)),
        implies(all_of(new.low > old.low, old.state == Standby.HEALTHY), new.clear_at == NEVER),
    )  # fmt: skip


@promise("P134", kind=STEP, source="T4")
def a_standby_copy_obeys_its_operator(s, u, t: Target, g: Group, v: Server, h: Local):
    """A standby copy is suspended, resumed, seeded and restored as an operator may ask: suspended
    while it is enabled, resumed and forced only if its files are usable, seeded only if it does not
    replicate; what is resumed compares itself anew, and what is disabled is not suspended. Notes of
    age are handed down, a quarter of the lag apart, while they are needed.
    """

    def obeys(old, new):
        usable = negate(one_of(old.trouble, Trouble.DIVERGED, Trouble.SEED_INTERRUPTED))
        suspended = all_of(~old.suspended, new.suspended)
        resumed = all_of(old.suspended, ~new.suspended, one_of(new.state, *WAITING))
        again = all_of(new.state == Standby.INITIALIZING, new.trouble == Trouble.NONE, usable)
        restored = _became(old, new, Standby.RESTORED)
        forced = all_of(restored, any_of(new.lost != 0, old.suspended))
        viable = all_of(
            new.replay_from == s.now, ~new.suspended, new.top == old.top,
            any_of(new.lost == 0, new.lost == old.notified - old.top),
        )  # fmt: skip
        seeds = _became(old, new, Standby.SEEDING)
        active = _became(old, new, Standby.ACTIVE)
        dates = all_of(new.told_at_1 != old.told_at_1, new.told_at_1 != NEVER)
        due = any_of(old.told_at_1 == NEVER, s.elapsed(old.told_at_1, old.spacing))
        needed = any_of(old.told_at_4 == NEVER, old.told_4 <= old.due)
        notes = all_of(
            old.state == Standby.HEALTHY, ~old.suspended, old.lag > 0, due, needed,
            old.notified > old.told_1, new.told_1 == old.notified, new.told_at_1 == s.now,
            *(getattr(new, f"{x}_{k + 1}") == getattr(old, f"{x}_{k}")
              for x in ("told", "told_at") for k in (1, 2, 3)),
        )  # fmt: skip
        told = all_of(new.notified > old.notified, new.state == old.state)
        return all_of(
            implies(dates, notes),
            implies(told, old.state == Standby.HEALTHY),
            implies(all_of(suspended, new.state != Standby.FAILED), one_of(old.state, *WAITING)),
            implies(all_of(resumed, one_of(old.state, *WAITING)), again),
            implies(restored, all_of(viable, one_of(old.state, *WAITING))),
            implies(forced, all_of(usable, old.top > 0, new.copied == new.top)),
            implies(seeds, all_of(one_of(old.state, *WAITING),
                                  any_of(old.state != Standby.HEALTHY, old.suspended))),
            implies(_became(old, new, Standby.OFF), ~new.suspended),
            implies(active, new.way != Way.NONE),
        )  # fmt: skip

    far, then = s.standby[t, g], u.standby[t, g]
    seeds = _became(far, then, Standby.SEEDING)
    return all_of(
        obeys(far, then),
        obeys(s.remote[t, v, h], u.remote[t, v, h]),
        implies(seeds, some(Node, lambda n: sources(s, t, n, g))),
    )


@promise("P135", kind=STEP, source="S-169")
def a_standby_copy_is_mounted_as_its_server_allows(s, u, t: Target, g: Group, v: Server, h: Local):
    """A restored copy is mounted by database portability on a server of its own; by recovery of the
    lost clustered mailbox server in a standby cluster, with every storage group restored and the
    lost one up on no node that answers; or by recovery of a lost server on a server of its own.
    """
    far, then = s.standby[t, g], u.standby[t, g]
    remote, after = s.remote[t, v, h], u.remote[t, v, h]
    cluster = s.target[t].cluster
    settled = (Standby.OFF, Standby.RESTORED, Standby.ACTIVE)

    def gone(n):
        copy = s.copy[n, g]
        return any_of(~reaches(s, t, n), copy.final != NEVER, copy.state != Copy.ACTIVE)

    mounted = _became(far, then, Standby.ACTIVE)
    recovered = all_of(
        cluster,
        each(Node, gone),
        each(Group, lambda k: one_of(s.standby[t, k].state, *settled)),
    )
    here = _became(remote, after, Standby.ACTIVE)
    of_one = all_of(after.way == Way.RECOVER_SERVER, ~cluster, ~s.server[v].up)
    of_scc = all_of(
        after.way == Way.RECOVER_CMS, cluster, ~s.server[v].up,
        each(Local, lambda k: one_of(s.remote[t, v, k].state, *settled)),
    )  # fmt: skip
    by_hand = all_of(then.way == Way.PORTABILITY, ~cluster)
    far_by_hand = all_of(after.way == Way.PORTABILITY, ~cluster)
    return all_of(
        implies(mounted, any_of(by_hand, all_of(then.way == Way.RECOVER_CMS, recovered))),
        implies(here, any_of(far_by_hand, of_one, of_scc)),
    )
