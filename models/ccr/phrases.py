"""Phrases that several rules share: who hears whom, which lease is valid, whether a copy's source
answers.

Each is a term over the state; none is behaviour of its own. Sits above `vocabulary`.
"""

from __future__ import annotations

from typing import Any

from models.language.terms import Term, all_of, any_of, each, if_else, one_of, peer, some

from .phrases_networks import any_path, beats
from .vocabulary import NEVER, Cms, Copy, Group, Network, Power, View
from .vocabulary_copies import Trouble


def carried(s: Any, n: Term) -> Term:
    """Heartbeats of `n` reach the other node over at least one network (a partition is the loss of
    all that carry them, S-044).
    """
    return some(Network, lambda w: beats(s, n, w))


def alive(s: Any, n: Term) -> Term:
    """`n` is up and not frozen, as a ping shows."""
    return all_of(s.node[n].power == Power.UP, ~s.node[n].frozen)


def talks(s: Any, n: Term) -> Term:
    """`n` and its peer are alive and packets pass both ways."""
    return all_of(carried(s, n), carried(s, peer(n)), alive(s, n), alive(s, peer(n)))


def echoed(s: Any, n: Term) -> Term:
    """A heartbeat sent by `n` now would be echoed: both hear each other in the same open epoch.

    Heartbeats are sent all the time; the record holds those that matter. Where one would be echoed
    this instant, it counts.
    """
    me, other = s.node[n], s.node[peer(n)]
    same = all_of(me.open == other.open, me.open_by == other.open_by)
    return all_of(talks(s, n), me.echoes, other.echoes, same)


def reaches_share(s: Any, n: Term) -> Term:
    """The share answers `n`."""
    return all_of(s.share.up, s.share.reach[n])


def renewing(s: Any, n: Term) -> Term:
    """A renewal sent by `n` now would be granted."""
    return all_of(alive(s, n), reaches_share(s, n), s.witness.holder == n, s.node[n].renews)


def within(s: Any, stamp: Term, duration: Term) -> Term:
    """`stamp` is set and younger than `duration`."""
    return all_of(stamp != NEVER, ~s.elapsed(stamp, duration))


def peer_lease(s: Any, n: Term) -> Term:
    """The newest echoed heartbeat of `n` is younger than peer_limit + arbitration_max."""
    return echoed(s, n) | within(s, s.node[n].echoed_at, s.p.peer_limit + s.p.arbitration_max)


def witness_lease(s: Any, n: Term) -> Term:
    """The newest granted lock request of `n` is younger than lock_lease."""
    return renewing(s, n) | within(s, s.node[n].lock_at, s.p.lock_lease)


def leased(s: Any, n: Term) -> Term:
    """`n` may serve this instant: a peer lease, a witness lease, or a forced quorum."""
    return any_of(peer_lease(s, n), witness_lease(s, n), s.node[n].view == View.FORCED)


def controls(s: Any, n: Term) -> Term:
    """`n` proposed the newest epoch it knows to be open: it is the controller, as far as it
    knows.
    """
    return s.node[n].open_by == n


def serving(s: Any, n: Term) -> Term:
    """`n` serves clients this instant: CMS online, node alive, lease valid."""
    return all_of(s.node[n].cms == Cms.ONLINE, alive(s, n), leased(s, n))


def mounted(s: Any, n: Term, g: Term) -> Term:
    """The storage group is mounted on `n`, in the present run of its CMS."""
    node = s.node[n]
    return all_of(
        s.copy[n, g].mounted_run == node.run, one_of(node.cms, Cms.ONLINE_PENDING, Cms.ONLINE)
    )


def taught_by_peer(s: Any, n: Term) -> Term:
    """The peer knows every epoch that `n` knows to be open: it knows the newest of both, or
    proposed that itself and never heard that `n` accepted it; or it was forced.
    """
    node, other = s.node[n], s.node[peer(n)]
    return any_of(other.open >= node.open, node.open_by == peer(n), other.forced)


def invitation_stands(s: Any, n: Term) -> Term:
    """The peer may accept what `n` invited it to, or has accepted it."""
    node, other = s.node[n], s.node[peer(n)]
    accepts = all_of(
        other.asks,
        other.cms == Cms.OFFLINE,
        other.stored < node.stored,
        taught_by_peer(s, peer(n)),
    )
    accepted = all_of(other.echoes, other.open == node.stored)
    invited = all_of(node.invites, node.stored_by == n, node.stored > node.open)
    return all_of(talks(s, n), invited, any_of(accepts, accepted))


def stream_closed(s: Any, n: Term, g: Term) -> Term:
    """The storage group, if it was mounted in this run of the CMS on `n`, declared its final
    generation; or it is passive by now, since the peer mounted it later, and has none to declare.
    """
    copy = s.copy[n, g]
    return any_of(copy.mounted_run != s.node[n].run, copy.final != NEVER, copy.state != Copy.ACTIVE)


def streams_closed(s: Any, n: Term) -> Term:
    """Every storage group that was mounted in this run of the CMS on `n` is closed."""
    return each(Group, lambda g: stream_closed(s, n, g))


def own_newest(s: Any, n: Term, g: Term) -> Term:
    """The copy on `n` was the last one mounted, as far as `n` can know: it accepted no newer epoch,
    and none was forced.
    """
    active = s.copy[n, g].active_epoch
    return all_of(active >= s.node[n].others, active >= s.node[n].forced_at)


def forced_newest(s: Any, n: Term, g: Term) -> Term:
    """The newest that `n` knows of this storage group is that an operator forced quorum here."""
    node = s.node[n]
    return all_of(node.forced_at > s.copy[n, g].active_epoch, node.forced_at > node.others)


def peers_newest(s: Any, n: Term, g: Term) -> Term:
    """The newest that `n` knows of this storage group is an epoch of the peer that it accepted."""
    node = s.node[n]
    return all_of(node.others > s.copy[n, g].active_epoch, node.others > node.forced_at)


def source_answers(s: Any, n: Term) -> Term:
    """The log share on the other node answers `n`: over any replication network, or the public
    one.
    """
    return all_of(alive(s, n), alive(s, peer(n)), any_path(s, n))


def mounted_later(s: Any, n: Term, g: Term) -> Term:
    """The log directory of the peer answers and shows that it was mounted in a newer epoch than the
    copy on `n`.
    """
    return all_of(source_answers(s, n), s.copy[peer(n), g].active_epoch > s.copy[n, g].active_epoch)


def mounted_earlier(s: Any, n: Term, g: Term) -> Term:
    """The log directory of the peer answers and shows that it was not mounted later than the copy
    on `n`.
    """
    return all_of(
        source_answers(s, n), s.copy[peer(n), g].active_epoch <= s.copy[n, g].active_epoch
    )


def same_stream(s: Any, n: Term, g: Term) -> Term:
    """Both copies are of one lineage: forked in the same epoch by the same node (the signature in a
    log's header).
    """
    a, b = s.copy[n, g], s.copy[peer(n), g]
    return all_of(a.lineage == b.lineage, a.lineage_by == b.lineage_by)


def forked_from(s: Any, n: Term, g: Term) -> Term:
    """The stream on the peer forked from the stream on `n`."""
    mine, theirs = s.copy[n, g], s.copy[peer(n), g]
    return all_of(theirs.parent == mine.lineage, theirs.parent_by == mine.lineage_by)


def replicates(s: Any, n: Term, g: Term) -> Term:
    """The copy on `n` follows its source and nothing stops it: not failed, not suspended, compared
    with its source.
    """
    copy = s.copy[n, g]
    return all_of(
        copy.state == Copy.HEALTHY,
        copy.trouble == Trouble.NONE,
        ~copy.suspended,
        ~copy.checking,
    )


def agrees(s: Any, n: Term, g: Term) -> Term:
    """The newer stream forked from this one, at or after the newest log that this copy holds."""
    return all_of(forked_from(s, n, g), s.copy[n, g].top <= s.copy[peer(n), g].fork)


def shows_itself(s: Any, n: Term, g: Term) -> Term:
    """The newer stream on the peer shows how it differs: it has closed a log since it forked, until
    when there is nothing that a returning copy could find to differ from its own (S-140); or the
    mailbox server is on `n` by now, which reads the last logs of the peer, the open one included.
    """
    closed = s.copy[peer(n), g].top > s.copy[peer(n), g].fork
    return any_of(closed, all_of(controls(s, n), s.node[n].cms != Cms.OFFLINE))


def reseeds_incrementally(s: Any, n: Term, g: Term) -> Term:
    """What diverged on `n` is not in its database file: the newer stream forked above the waypoint.

    The waypoint is the final generation, the open one included, less the depth of lost log
    resilience; a passive copy holds nothing back, so it is not below where its own stream forked.
    The header, which tells of backups, is held back by nothing, nor is what a shutdown flushed, or
    a seed brought.
    """
    mine, fork = s.copy[n, g], s.copy[peer(n), g].fork
    final = mine.top + if_else(mine.open_records != 0, 1, 0)
    return all_of(
        forked_from(s, n, g),
        fork >= mine.fork,
        fork <= mine.top,
        final - fork <= s.p.llr_depth,
        mine.noted <= fork,
        mine.flushed <= fork,
        mine.base <= fork,
        ~s.copy[peer(n), g].ended,
    )
