"""Promises about reasons: what is proposed, checked, named, failed, restored and moved for a cause,
and how many logs go at a time. They hold for all rules together; one is about a backup that fails.
"""

from __future__ import annotations

from models.ccr.phrases import reaches_share
from models.ccr.phrases_files import backing_up, backup_after, readable
from models.ccr.phrases_standby import one_stream, server_answers, server_stream, sources
from models.ccr.rules.standby_life import holds, holds_of
from models.ccr.vocabulary import NEVER, SCHEMA, Group, Network, Node, View
from models.ccr.vocabulary_files import Backup, Kind
from models.ccr.vocabulary_lcr import Base, Local, Server
from models.ccr.vocabulary_standby import Standby, Target
from models.language.model import ALWAYS, LEMMA, STEP, property_for
from models.language.terms import all_of, any_of, each, implies, one_of, smaller, some

promise = property_for(SCHEMA)


@promise("P155", kind=STEP, source="S-057")
def a_stopped_service_proposes_nothing(s, t, n: Node):
    """A node whose cluster service does not run writes down no epoch and invites nobody."""
    node, new = s.node[n], t.node[n]
    proposes = any_of(new.stored != node.stored, all_of(new.invites, ~node.invites))
    return implies(proposes, node.view != View.STOPPED)


@promise("P156", kind=STEP, source="S-061")
def a_check_that_passes_says_so(s, t, n: Node):
    """What a node knows of the share after a check is what the check found."""
    node, new = s.node[n], t.node[n]
    checked = all_of(node.running, new.running, new.checked_at != node.checked_at)
    return implies(checked, new.share_seen == reaches_share(s, n))


@promise("P157", kind=STEP, source="S-114")
def networks_are_counted_as_they_are_named(s, t, n: Node, g: Group):
    """One more network is named for the next seed only if one was left to be named; then some
    network is.
    """
    old, new = s.copy[n, g], t.copy[n, g]
    left = some(Network, lambda w: ~old.seeds_over[w])
    named = some(Network, lambda w: new.seeds_over[w])
    return implies(new.seed_names > old.seed_names, all_of(left, named))


@promise("P158", kind=STEP, source="T5", at=("fail_backup",))
def a_backup_fails_for_a_reason(s, t, n: Node, g: Group):
    """A backup that nobody ended fails only if its store was dismounted, or the copy that it reads
    is gone or lacks a log that the backup needs.
    """
    old, new = s.copy[n, g], t.copy[n, g]
    failed = all_of(old.backup == Backup.RUNNING, new.backup == Backup.IDLE)
    after = backup_after(old, old.backup_kind, old.backup_to)
    whole = some(
        Node,
        lambda m: all_of(
            old.backup_of == m, readable(s, n, g, m), s.copy[m, g].low <= after + 1
        ),
    )  # fmt: skip
    return implies(failed, ~all_of(backing_up(s, n, g), whole))


@promise("P159", kind=STEP, source="S-036")
def what_fails_takes_part(s, u, t: Target, n: Node, v: Server):
    """A standby server fails, or is cut off, only if it holds a standby copy, and a server only if
    it is installed: of what takes no part nothing is told.
    """
    far, then = s.target[t], u.target[t]
    lost = any_of(all_of(far.up, ~then.up), all_of(far.reach[n], ~then.reach[n]))
    cut = all_of(s.line[t, v].whole, ~u.line[t, v].whole)
    down = all_of(s.server[v].up, ~u.server[v].up)
    return all_of(
        implies(lost, holds(s, t)),
        implies(cut, holds_of(s, t, v)),
        implies(down, s.server[v].installed),
    )


@promise("P160", kind=STEP, source="T5")
def a_target_deletes_as_many_as_it_may(s, u, t: Target, g: Group, v: Server, h: Local):
    """A target whose truncation lag is over deletes all that it had replayed by the noted time and
    that its source has deleted: no more, no less.
    """

    def gone(old, new, oldest):
        upto = smaller(old.clear, oldest - 1)
        return all_of(new.low == upto + 1, new.low > old.low)

    def over(old, new):
        waited = all_of(old.clear_at != NEVER, new.clear_at == NEVER)
        return all_of(waited, old.state == Standby.HEALTHY, new.state == Standby.HEALTHY)

    old, new, far, then = s.standby[t, g], u.standby[t, g], s.remote[t, v, h], u.remote[t, v, h]
    at_a_source = some(
        Node, lambda n: all_of(sources(s, t, n, g), gone(old, new, s.copy[n, g].low))
    )
    return all_of(
        implies(over(old, new), at_a_source),
        implies(over(far, then), gone(far, then, s.local[v, h].low)),
    )


@promise("P161", kind=STEP, source="T8")
def a_target_is_restored_by_its_source_or_without_one(
    s, u, t: Target, g: Group, v: Server, h: Local
):
    """A standby copy is restored with its source's last log, by the word of a source that it
    follows and that stands still, or by force while no source answers. That of a server compares
    itself anew, and is seeded, only while the server answers.
    """
    old, new, far, then = s.standby[t, g], u.standby[t, g], s.remote[t, v, h], u.remote[t, v, h]

    def became(a, b, state):
        return all_of(a.state != state, b.state == state)

    def stands(n):
        theirs = s.copy[n, g]
        last = all_of(theirs.final != NEVER, old.top >= theirs.final, s.node[n].stopped)
        return all_of(sources(s, t, n, g), one_stream(s, t, n, g), last)

    server = server_answers(s, t, v, h)
    still = all_of(
        server, server_stream(s, t, v, h), s.local[v, h].base == Base.DISMOUNTED,
        far.top >= s.local[v, h].top,
    )  # fmt: skip
    anew = all_of(far.state == Standby.HEALTHY, then.state == Standby.INITIALIZING, ~far.suspended)
    nobody = each(Node, lambda n: ~sources(s, t, n, g))
    return all_of(
        implies(became(old, new, Standby.RESTORED), any_of(some(Node, stands), nobody)),
        implies(became(far, then, Standby.RESTORED), any_of(still, ~server)),
        implies(any_of(anew, became(far, then, Standby.SEEDING)), server),
    )


@promise("P168", kind=STEP, source="T8")
def a_target_follows_the_newest_source(s, u, t: Target, g: Group):
    """Of two copies that answer a target and call themselves active it follows the one that was
    mounted later.

    Once it followed either: one whose old source had not heard of the newer one went to and fro
    between the two for ever.
    """
    old, new = s.standby[t, g], u.standby[t, g]
    follows = all_of(old.state == Standby.INITIALIZING, new.state == Standby.HEALTHY)
    later = some(Node, lambda n: all_of(sources(s, t, n, g), s.copy[n, g].active_epoch > new.epoch))
    return implies(follows, ~later)


@promise("P162", kind=STEP, source="S-138")
def a_stamp_of_a_log_is_new_when_the_log_is(s, t, v: Server, h: Local):
    """The time of a server's newest log changes when a log is closed; the time from which copying
    counts also when one was copied, or the local copy is resumed.
    """
    old, new = s.local[v, h], t.local[v, h]
    closed = new.top == old.top + 1
    resumed = all_of(old.suspended, ~new.suspended)
    return all_of(
        implies(new.closed_at != old.closed_at, closed),
        implies(
            new.copy_from != old.copy_from, any_of(closed, new.copied == old.copied + 1, resumed)
        ),
    )


@promise("P163", kind=STEP, source="S-033")
def the_logs_of_a_server_are_backed_up_after_its_database(s, t, v: Server, h: Local):
    """A backup of logs alone begins on a server only after a full backup."""
    old, new = s.local[v, h], t.local[v, h]
    begins = all_of(old.backup == Backup.IDLE, new.backup == Backup.RUNNING)
    whole = one_of(new.backup_kind, Kind.FULL, Kind.COPY)
    return implies(begins, any_of(whole, old.full != NEVER))


@promise("P164", kind=STEP, source="S-123")
def a_single_copy_runs_on_one_node_or_the_other(s, t, v: Server):
    """The mailbox server of a single copy cluster changes nodes by a move while the node that runs
    it is up, to the other one; or the other one takes it, once the node was silent for peer_limit.
    """
    old, new = s.server[v], t.server[v]
    moved = all_of(old.up, new.up, old.spare, new.spare)
    took = all_of(
        ~old.up, new.up, old.spare, ~new.spare, s.elapsed(old.failed_at, s.p.peer_limit)
    )  # fmt: skip
    takes = all_of(~old.up, new.up, old.spare, ~new.spare)
    return all_of(
        implies(new.node != old.node, any_of(moved, took)),
        implies(takes, all_of(took, new.node != old.node)),
    )


@promise("P165", kind=ALWAYS, source="S-123")
def a_single_copy_has_two_nodes(s, v: Server):
    """The node that runs a mailbox server of a single copy cluster is the first or the second."""
    return any_of(s.server[v].node == 1, s.server[v].node == 2)


@promise("L102", kind=LEMMA, source="design")
def a_target_of_no_stream_has_nothing(s, t: Target, g: Group):
    """A target that follows no stream yet was told of no log."""
    mine = s.standby[t, g]
    return implies(mine.lineage == 0, mine.notified == 0)
