"""Promises about who reaches whom: nothing passes a link that is down, nobody acts on what cannot
be read, and nobody writes where it cannot.
"""

from __future__ import annotations

from models.ccr.phrases import (
    alive,
    carried,
    controls,
    echoed,
    mounted_later,
    peers_newest,
    reaches_share,
    renewing,
    replicates,
    same_stream,
    source_answers,
    talks,
)
from models.ccr.phrases_networks import operational, path_in_use, seed_path
from models.ccr.phrases_standby import one_stream, server_answers, sources
from models.ccr.vocabulary import NEVER, SCHEMA, Copy, Group, Network, Node, Offer, View
from models.ccr.vocabulary_copies import Trouble
from models.ccr.vocabulary_lcr import LOCAL, Base, Local, Server
from models.ccr.vocabulary_mail import HUBS, Hub
from models.ccr.vocabulary_standby import STANDBY, Standby, Target
from models.language.model import STEP, property_for
from models.language.terms import NOBODY, all_of, any_of, each, implies, one_of, peer, some

promise = property_for(SCHEMA)


def _changed(record, before, after, owner):
    fields = SCHEMA.records[record].fields
    names = [n for n, f in fields.items() if f.owner == owner and f.index is None]
    return any_of(*(getattr(before, n) != getattr(after, n) for n in names))


@promise("P111", kind=STEP, source="S-036")
def no_server_acts_while_down(s, u, t: Target, g: Group, v: Server, h: Local, b: Hub):
    """A standby server, a stand-alone server and a hub change nothing of what they hold while they
    are down, or not there; that disks are lost is nobody's doing.
    """
    target = any_of(
        _changed("standby", s.standby[t, g], u.standby[t, g], STANDBY.name),
        _changed("remote", s.remote[t, v, h], u.remote[t, v, h], STANDBY.name),
    )
    lost = all_of(s.local[v, h].base != Base.BROKEN, u.local[v, h].base == Base.BROKEN)
    local = all_of(~lost, _changed("local", s.local[v, h], u.local[v, h], LOCAL.name))
    queue = _changed("queue", s.queue[b, g], u.queue[b, g], HUBS.name)
    return all_of(
        implies(target, s.target[t].up),
        implies(local, all_of(s.server[v].installed, s.server[v].up)),
        implies(queue, s.hub[b].up),
    )


@promise("P112", kind=STEP, source="S-053")
def the_share_is_used_when_it_answers(s, t, n: Node):
    """A node takes, renews or gives back the lock, asks for it, watches it, learns that it has it,
    or writes the board only while the share answers it; what it notes of the share is so.
    """
    w, then, node, new = s.witness, t.witness, s.node[n], t.node[n]
    kept = w.incarnation == then.incarnation
    running = all_of(new.power == node.power, node.running, new.running)
    mine = then.holder == n
    uses = any_of(
        all_of(mine, w.holder != n),
        all_of(mine, kept, then.renewal != w.renewal),
        all_of(w.holder == n, kept, then.holder == NOBODY),
        all_of(then.by == n, kept, any_of(then.epoch != w.epoch, then.recorded != w.recorded)),
        all_of(new.asked_at != node.asked_at, new.asked_at != NEVER),
        all_of(new.lock_at != node.lock_at, new.lock_at != NEVER),
        all_of(new.watch_since != node.watch_since, new.watch_since != NEVER),
        all_of(new.view == View.ALONE, node.view != View.ALONE),
        all_of(new.stored_by == n, ~new.invites, ~new.forced, new.stored != node.stored),
        all_of(running, ~node.share_seen, new.share_seen),
        all_of(running, node.share_seen, new.share_seen, new.checked_at != node.checked_at),
    )
    failed = all_of(running, node.share_seen, ~new.share_seen)
    return all_of(
        implies(uses, all_of(reaches_share(s, n), alive(s, n))),
        implies(failed, ~reaches_share(s, n)),
    )


@promise("P113", kind=STEP, source="S-054")
def the_lock_is_asked_for_by_whom_it_may_go_to(s, t, n: Node):
    """A node asks for the lock when it lost its peer and holds none, the recorded controller first,
    if the board lets it in and nobody holds the lock who renews it; or to renew the one it holds.
    """
    w, node, new = s.witness, s.node[n], t.node[n]
    asks = all_of(new.asked_at != node.asked_at, new.asked_at != NEVER)
    still = all_of(
        node.watch_since != NEVER,
        node.watch_seen == w.renewal,
        s.elapsed(node.watch_since, s.p.share_expiry),
        ~renewing(s, peer(n)),
    )
    claims = all_of(
        node.lock_at == NEVER,
        one_of(node.view, View.LOST, View.FORCED),
        any_of(node.open_by == n, s.elapsed(node.lost_at, s.p.claim_defer)),
        s.elapsed(node.asked_at, s.p.lock_renew),
        any_of(one_of(w.holder, NOBODY, n), still),
        any_of(
            all_of(w.recorded, w.epoch <= node.open),
            all_of(node.forced, any_of(w.recorded, still)),
        ),
    )
    renews = all_of(node.lock_at != NEVER, renewing(s, n))
    return implies(asks, any_of(claims, renews))


@promise("P114", kind=STEP, source="S-053")
def the_lock_says_who_asked_when(s, t, n: Node):
    """Who takes or renews the lock writes its own newest request to it, has no peer, and takes it
    from nobody, or from a peer whose renewal stood still for share_expiry and comes no more.
    """
    w, then, node = s.witness, t.witness, s.node[n]
    kept = w.incarnation == then.incarnation
    written = all_of(kept, any_of(then.renewal != w.renewal, then.holder != w.holder))
    by_me = all_of(written, then.holder == n)
    apart = one_of(node.view, View.LOST, View.ALONE, View.FORCED)
    still = all_of(
        node.watch_since != NEVER,
        node.watch_seen == w.renewal,
        s.elapsed(node.watch_since, s.p.share_expiry),
        ~renewing(s, peer(n)),
    )
    back = all_of(kept, w.holder == n, then.holder == NOBODY)
    takes = all_of(
        then.renewal == node.asked_at,
        apart,
        implies(
            node.lock_at == NEVER,
            all_of(node.asked_at != NEVER, one_of(node.view, View.LOST, View.FORCED)),
        ),
        implies(w.holder == peer(n), still),
    )
    return all_of(
        implies(by_me, takes),
        implies(all_of(kept, then.renewal != w.renewal), then.holder != NOBODY),
        implies(back, all_of(one_of(node.view, View.JOINED, View.STOPPED), node.lock_at == NEVER)),
    )


@promise("P115", kind=STEP, source="S-057")
def configuration_passes_between_nodes_that_talk(s, t, n: Node):
    """A node takes part in an epoch of the peer, invites the peer to one of its own, joins it, or
    takes over its intent only while the two talk, and only from a peer that runs.
    """
    node, new, other = s.node[n], t.node[n], s.node[peer(n)]
    takes = any_of(
        new.others != node.others,
        all_of(new.open_by == peer(n), new.open != node.open),
        all_of(new.view == View.JOINED, any_of(node.view != View.JOINED, new.open != node.open)),
        all_of(new.stored_by == n, new.invites, new.stored != node.stored),
        all_of(new.stopped != node.stopped, ~controls(s, n)),
    )
    echo = any_of(
        all_of(new.echoed_at != node.echoed_at, new.echoed_at != NEVER),
        all_of(new.offer != Offer.NOTHING, node.offer == Offer.NOTHING),
        all_of(new.stopped != node.stopped, node.view == View.JOINED, ~controls(s, n)),
    )
    joined = all_of(new.view == View.JOINED, new.open_by == n, new.open != node.open)
    said_goodbye = all_of(
        node.view == View.JOINED, new.view == View.LOST,
        ~s.elapsed(node.echoed_at, s.p.peer_limit),
    )  # fmt: skip
    heard = all_of(carried(s, peer(n)), alive(s, peer(n)))
    return all_of(
        implies(takes, talks(s, n)),
        implies(all_of(new.others != node.others, node.view != View.JOINED), other.running),
        implies(echo, echoed(s, n)),
        implies(joined, other.echoes),
        implies(said_goodbye, all_of(heard, other.left)),
        implies(all_of(new.offer != Offer.NOTHING, node.offer == Offer.NOTHING), ~other.paused),
    )


@promise("P116", kind=STEP, source="S-079")
def a_copy_learns_from_its_source_only(s, t, n: Node, g: Group):
    """A passive copy is told of logs, copies them, learns the source's final generation or header,
    changes its state or is found whole only while its source answers and was mounted later; that
    logs cannot be copied it notes only when no network in use leads there.
    """
    old, new = s.copy[n, g], t.copy[n, g]
    passive = new.state != Copy.ACTIVE
    learnt = any_of(
        all_of(passive, new.notified > old.notified),
        all_of(passive, new.copied > old.copied, new.copied > old.top),
        new.final_seen != old.final_seen,
        all_of(new.final_epoch != old.final_epoch, new.final_epoch != 0),
        all_of(passive, new.backed > old.backed),
        all_of(passive, new.state != old.state, new.state != Copy.FAILED),
        all_of(new.trouble != old.trouble, one_of(new.trouble, Trouble.DIVERGED,
                                                  Trouble.LOG_MISSING)),
        all_of(old.trouble != Trouble.NONE, new.trouble == Trouble.NONE, passive),
        all_of(passive, old.checking, ~new.checking, ~old.suspended, old.restored == new.restored),
    )  # fmt: skip
    final = any_of(
        new.final_seen != old.final_seen,
        all_of(new.final_epoch != old.final_epoch, new.final_epoch != 0),
    )
    agreed = all_of(
        controls(s, n), s.node[n].view == View.JOINED, peers_newest(s, n, g),
        s.node[peer(n)].open == s.node[n].open, same_stream(s, n, g),
        new.final_seen == s.copy[peer(n), g].final, new.final_epoch == s.node[n].open,
    )  # fmt: skip
    counted = all_of(new.loss_exact, ~old.loss_exact, new.active_epoch == old.active_epoch)
    unfound = all_of(new.failed_from != old.failed_from, new.failed_from != NEVER)
    same = same_stream(s, n, g)
    waits = all_of(
        replicates(s, n, g), old.copied < old.notified, old.failed_from == NEVER,
        s.elapsed(old.copy_from, s.p.copy_time),
    )  # fmt: skip
    in_use = any_of(controls(s, n), path_in_use(s, n))
    aborted = all_of(old.state == Copy.SEEDING, new.state == Copy.FAILED)
    return all_of(
        implies(learnt, mounted_later(s, n, g)),
        implies(all_of(passive, new.notified > old.notified, old.state == Copy.HEALTHY), same),
        implies(final, agreed),
        implies(counted, source_answers(s, n)),
        implies(unfound, all_of(~all_of(source_answers(s, n), in_use), waits)),
        implies(aborted, ~all_of(source_answers(s, n), seed_path(s, n, old))),
    )


@promise("P117", kind=STEP, source="S-166")
def a_target_learns_from_its_source_only(s, u, t: Target, g: Group, v: Server, h: Local):
    """A standby copy is told of logs, copies them, compares itself or deletes only while a source
    answers that it may follow; a seed is given up, or a restore forced, only while none does.
    """
    old, new = s.standby[t, g], u.standby[t, g]
    far, then = s.remote[t, v, h], u.remote[t, v, h]
    server = server_answers(s, t, v, h)
    answers = some(Node, lambda n: sources(s, t, n, g))
    follows = some(Node, lambda n: all_of(sources(s, t, n, g), one_stream(s, t, n, g)))
    waiting = (Standby.INITIALIZING, Standby.HEALTHY, Standby.FAILED)

    def compared(a, b):
        begun = all_of(one_of(a.state, *waiting), b.state != a.state)
        resumed = all_of(a.suspended, ~b.suspended)
        return all_of(begun, ~resumed, one_of(b.state, Standby.HEALTHY, Standby.FAILED))

    def told(a, b):
        return all_of(a.state == Standby.HEALTHY, any_of(b.notified > a.notified,
                                                         b.copied > a.copied))  # fmt: skip

    def deletes(a, b):
        noted = any_of(b.low > a.low, all_of(b.clear_at != a.clear_at, b.clear_at != NEVER))
        return all_of(a.state == Standby.HEALTHY, noted)

    forced = all_of(new.state == Standby.RESTORED, old.state != Standby.RESTORED, new.lost != 0)
    far_forced = all_of(then.state == Standby.RESTORED, far.state != Standby.RESTORED,
                        then.lost != 0)  # fmt: skip
    aborted = all_of(old.state == Standby.SEEDING, new.state == Standby.FAILED)
    far_aborted = all_of(far.state == Standby.SEEDING, then.state == Standby.FAILED)
    return all_of(
        implies(compared(old, new), answers),
        implies(any_of(told(old, new), deletes(old, new)), follows),
        implies(any_of(compared(far, then), told(far, then), deletes(far, then)), server),
        implies(any_of(forced, aborted), each(Node, lambda n: ~sources(s, t, n, g))),
        implies(any_of(far_forced, far_aborted), ~server),
    )


@promise("P118", kind=STEP, source="S-113")
def a_network_is_left_when_it_fails(s, t, n: Node, w: Network):
    """A replication network in use is left only when it is not operational any more."""
    left = all_of(s.shipping[n].uses[w], ~t.shipping[n].uses[w])
    return implies(left, ~operational(s, n, w))
