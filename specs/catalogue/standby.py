"""Promises about standby targets: how far behind they stay, what they find, and what an activation
has (I12, I17, T8).

The tracked generation is any: proofs leave the parameter free. After a forced quorum the promises
that compare a target with a copy hold as long as the operator's attestation does.
"""

from __future__ import annotations

from models.ccr.phrases import mounted
from models.ccr.phrases_standby import forked_off, one_stream
from models.ccr.vocabulary import SCHEMA, Copy, Group, Node
from models.ccr.vocabulary_lcr import Local, Server
from models.ccr.vocabulary_standby import Standby, Target
from models.language.model import ALWAYS, STEP, property_for
from models.language.terms import all_of, any_of, implies, larger, negate, one_of, peer

from .data import attested
from .files import after, kept, upto

promise = property_for(SCHEMA)


def attached(s, t, n, g):
    """The target follows the active copy on n."""
    return all_of(
        attested(s),
        s.standby[t, g].state == Standby.HEALTHY,
        s.copy[n, g].state == Copy.ACTIVE,
        one_stream(s, t, n, g),
    )


def stays_behind(s, mine, then, told):
    """What a step replays is old enough, and scr_floor logs behind."""
    reached = all_of(upto(s, then.replayed), after(s, mine.replayed))
    old = any_of(mine.lag == 0, all_of(told >= 0, s.elapsed(told, mine.lag)))
    floor = then.replayed <= mine.top - s.p.scr_floor
    return implies(then.replayed > mine.replayed, all_of(floor, implies(reached, old)))


@promise("P60", kind=STEP, source="I17", at=("replay_standby_log", "replay_remote_log"))
def replay_stays_behind(s, u, t: Target, g: Group, v: Server, h: Local):
    """A standby copy replays a log only when scr_floor newer ones are inspected there, and only
    when it is older than the replay lag.
    """
    at, far = s.standby[t, g], s.remote[t, v, h]
    return all_of(
        stays_behind(s, at, u.standby[t, g], s.ageing[t, g].told_at),
        stays_behind(s, far, u.remote[t, v, h], s.remote_ageing[t, v, h].told_at),
    )


def in_order(s, mine):
    """Positions of a target that follows a source."""
    order = all_of(
        mine.replayed >= 0,
        mine.replayed <= mine.top,
        mine.top <= mine.copied,
        mine.copied <= mine.notified,
        mine.replayed <= larger(mine.base, mine.top - s.p.scr_floor),
    )
    return implies(mine.state == Standby.HEALTHY, order)


@promise("P61", kind=ALWAYS, source="I3")
def target_in_order(s, t: Target, n: Node, g: Group, v: Server, h: Local):
    """At a target that follows a source: replayed <= inspected <= copied <= notified <= generated,
    and what it replayed since it began to follow is scr_floor logs behind what it inspected.
    """
    mine, far = s.standby[t, g], s.remote[t, v, h]
    server = s.local[v, h]
    same = all_of(far.state == Standby.HEALTHY, far.lineage == server.lineage)
    return all_of(
        in_order(s, mine),
        implies(attached(s, t, n, g), mine.notified <= s.copy[n, g].top),
        in_order(s, far),
        implies(same, far.notified <= server.top),
    )


def attached_remote(s, t, v, h):
    """The target follows the storage group of a server, whose disks can be read."""
    mine = s.remote[t, v, h]
    same = mine.lineage == s.local[v, h].lineage
    return all_of(mine.state == Standby.HEALTHY, same)


@promise("P62", kind=ALWAYS, source="I12")
def target_finds_its_logs(s, t: Target, n: Node, g: Group, v: Server, h: Local):
    """Every log that a target has not inspected yet, of the active copy or the server's storage
    group that it follows, is in the log directory there.
    """
    wanted = all_of(after(s, s.standby[t, g].top), upto(s, s.copy[n, g].top))
    far = all_of(after(s, s.remote[t, v, h].top), upto(s, s.local[v, h].top))
    return all_of(
        implies(all_of(attached(s, t, n, g), wanted), kept(s, n, g)),
        implies(
            all_of(attached_remote(s, t, v, h), far), s.local[v, h].low <= s.p.tracked_generation
        ),
    )


@promise("P63", kind=ALWAYS, source="T8")
def target_is_not_ahead(s, t: Target, n: Node, g: Group, v: Server, h: Local):
    """A failover of the source, or a restore of a stand-alone one, that lost at most scr_floor
    closed logs leaves a target nothing replayed that the new active copy lacks, unless the target
    began to follow, by a seed or an earlier failover, beyond where the streams part.
    """
    mine, new, old = s.standby[t, g], s.copy[n, g], s.copy[peer(n), g]
    failed_over = all_of(
        attached(s, t, peer(n), g), new.state == Copy.ACTIVE, forked_off(s, t, n, g)
    )
    within = all_of(old.top - new.fork <= s.p.scr_floor, mine.base <= new.fork)
    far, server = s.remote[t, v, h], s.local[v, h]
    restored = all_of(far.state == Standby.HEALTHY, far.lineage + 1 == server.lineage)
    little = all_of(server.lost <= s.p.scr_floor, far.base <= server.fork)
    return all_of(
        implies(all_of(failed_over, within), mine.replayed <= new.fork),
        implies(all_of(restored, little), far.replayed <= server.fork),
    )


def deletes_late(s, mine, then, replayed_at):
    """What a step deletes at a target was replayed its truncation lag ago."""
    gone = all_of(after(s, mine.low - 1), upto(s, then.low - 1))
    return implies(gone, all_of(replayed_at >= 0, s.elapsed(replayed_at, mine.truncation)))


@promise("P64", kind=STEP, source="T5", at=("delete_standby_logs", "delete_remote_logs"))
def target_deletes_late(s, u, t: Target, g: Group, v: Server, h: Local):
    """A target deletes a log only when it replayed it at least its truncation lag ago."""
    at, far = s.standby[t, g], s.remote[t, v, h]
    return all_of(
        deletes_late(s, at, u.standby[t, g], s.ageing[t, g].replayed_at),
        deletes_late(s, far, u.remote[t, v, h], s.remote_ageing[t, v, h].replayed_at),
    )


@promise("P65", kind=STEP, source="T8", at=("restore_standby",))
def unforced_restore_loses_nothing(s, u, t: Target, n: Node, g: Group):
    """When a standby copy is restored without force, the node where its storage group was mounted
    last was stopped by an operator and has it mounted no longer, and the target has inspected the
    log of every record there.
    """
    restored = all_of(
        s.standby[t, g].state == Standby.HEALTHY, u.standby[t, g].state == Standby.RESTORED
    )
    rec, last = s.record[g], s.copy[n, g].active_epoch > s.copy[peer(n), g].active_epoch
    return implies(
        all_of(attested(s), restored, last),
        all_of(
            s.node[n].stopped,
            negate(mounted(s, n, g)),
            implies(rec.in_database[n], rec.generation <= s.standby[t, g].top),
            negate(rec.in_open[n]),
        ),
    )


def does_nothing(mine, then, names):
    """A suspended copy leaves these positions as they are."""
    still = all_of(*(getattr(mine, x) == getattr(then, x) for x in names))
    waits = one_of(mine.state, Standby.INITIALIZING, Standby.HEALTHY, Standby.FAILED)
    left = one_of(then.state, Standby.SEEDING, Standby.OFF)
    return implies(all_of(waits, mine.suspended, then.suspended, negate(left)), still)


@promise("P66", kind=STEP, source="I18")
def suspended_target_does_nothing(s, u, t: Target, g: Group, v: Server, h: Local):
    """A suspended standby copy copies, inspects, replays and deletes nothing, until an operator
    resumes, seeds, disables or restores it.
    """
    names = ("copied", "top", "replayed", "low")
    return all_of(
        does_nothing(s.standby[t, g], u.standby[t, g], names),
        does_nothing(s.remote[t, v, h], u.remote[t, v, h], names),
    )


def whole(mine, then):
    """What is mounted in this step was restored and complete."""
    activated = all_of(mine.state != Standby.ACTIVE, then.state == Standby.ACTIVE)
    return implies(activated, all_of(mine.state == Standby.RESTORED, mine.replayed == mine.top))


@promise("P67", kind=STEP, source="S-168")
def activation_has_replayed_everything(s, u, t: Target, g: Group, v: Server, h: Local):
    """A standby copy is mounted only after it was restored and replayed all that it inspected."""
    return all_of(
        whole(s.standby[t, g], u.standby[t, g]), whole(s.remote[t, v, h], u.remote[t, v, h])
    )
