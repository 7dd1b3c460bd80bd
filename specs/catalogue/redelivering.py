"""Promises about redelivery: what the passive notes of an open log, who asks a hub and for what,
and what a hub accepts. They hold for all rules together.
"""

from __future__ import annotations

from models.ccr.phrases import alive, controls, mounted, mounted_later, same_stream
from models.ccr.phrases_mail import any_hub, lifetime, lossy
from models.ccr.vocabulary import NEVER, SCHEMA, Copy, Group, Node
from models.ccr.vocabulary_lcr import Local, Server
from models.ccr.vocabulary_mail import Hub
from models.language.model import ALWAYS, STEP, property_for
from models.language.terms import all_of, any_of, if_else, implies, one_of, peer, smaller, some

promise = property_for(SCHEMA)


@promise("P144", kind=ALWAYS, source="S-134")
def limits_of_the_dumpster_are_sizes_and_times(s):
    """No limit of the transport dumpster is less than none."""
    return all_of(s.transport.size_max >= 0, s.transport.age_max >= 0)


@promise("P145", kind=STEP, source="D-04")
def an_open_log_is_noted_as_it_is_seen(s, t, n: Node, g: Group):
    """A passive copy that is healthy notes the log that is open at its source now, once it has
    inspected the one noted before; there is a hub, and its source was mounted later and is of the
    same stream.
    """
    note, then = s.intake[n, g], t.intake[n, g]
    copy, theirs = s.copy[n, g], s.copy[peer(n), g]
    seen = all_of(
        copy.state == Copy.HEALTHY, note.seen_log <= copy.top, any_hub(s),
        mounted_later(s, n, g), same_stream(s, n, g),
        then.seen_log == theirs.top + 1, then.seen_log > note.seen_log, then.seen_at == s.now,
        then.kept_log == note.seen_log, then.kept_at == note.seen_at,
    )  # fmt: skip
    same = all_of(
        *(
            getattr(note, x) == getattr(then, x)
            for x in ("seen_log", "seen_at", "kept_log", "kept_at")
        )
    )
    return any_of(same, seen)


@promise("P146", kind=STEP, source="S-121")
def a_request_is_made_and_ended_by_who_serves(s, t, g: Group, h: Hub):
    """What is written of a request is written by a live node that controls and has the storage
    group mounted: made once for each lossy mount of a stream of its own, for a hub that is there,
    from a note that it took, or from the beginning; marked, while it is outstanding, when its hub
    does not answer; ended when its hub, which answers, accepted it, or when its lifetime is over.
    """
    a, b, queue, up = s.request[h, g], t.request[h, g], s.queue[h, g], s.hub[h].up
    made, ended = b.lineage != a.lineage, all_of(a.outstanding, ~b.outstanding)
    marked = all_of(b.failed_at != a.failed_at, ~made)

    def asks(n):
        copy, note, slack = s.copy[n, g], s.intake[n, g], s.p.dumpster_slack
        begin = b.since + slack
        noted = any_of(begin == NEVER, one_of(begin, note.seen_at, note.kept_at))
        own = all_of(copy.lineage_by == n, copy.lineage == b.lineage, b.by == n)
        return all_of(
            lossy(copy), own, s.hub[h].known, b.lineage > a.lineage,
            any_of(noted, all_of(a.outstanding, b.since == a.since)),
            b.until == s.now + slack, b.recorded_at == s.now, b.failed_at == NEVER, b.outstanding,
        )  # fmt: skip

    def serves(n):
        here = all_of(alive(s, n), controls(s, n), mounted(s, n, g))
        return all_of(here, implies(made, asks(n)))

    accepted = all_of(up, queue.asked == a.lineage, b.given_up == a.given_up)
    over = all_of(
        queue.asked != a.lineage, s.elapsed(a.recorded_at, lifetime(s)), b.given_up == a.lineage
    )
    absent = all_of(a.outstanding, ~up, a.failed_at == NEVER, b.failed_at == s.now)
    names = SCHEMA.records["request"].fields
    changed = any_of(*(getattr(a, x) != getattr(b, x) for x in names))
    return all_of(
        implies(changed, all_of(any_of(made, ended, marked), some(Node, serves))),
        implies(ended, any_of(accepted, over)),
        implies(marked, absent),
    )


@promise("P147", kind=STEP, source="S-121")
def a_hub_accepts_what_it_is_asked_for(s, t, g: Group, h: Hub):
    """A hub that is up accepts a request that is outstanding, newer than what it accepted, and
    asked by a live node with the storage group, at once or when a retry is due: its window, joined
    with that of an earlier one.
    """
    a, b, request = s.queue[h, g], t.queue[h, g], s.request[h, g]
    asks = some(Node, lambda n: all_of(alive(s, n), s.copy[n, g].state == Copy.ACTIVE))
    due = any_of(request.failed_at == NEVER, s.elapsed(request.failed_at, s.p.dumpster_retry))
    since = if_else(a.round != 0, smaller(a.since, request.since), request.since)
    taken = all_of(
        s.hub[h].up, request.outstanding, asks, due, request.lineage > a.asked,
        b.asked == request.lineage, b.round == a.round + 1, b.since == since,
        b.until == request.until,
    )  # fmt: skip
    same = all_of(*(getattr(a, x) == getattr(b, x) for x in ("asked", "round", "since", "until")))
    return any_of(same, taken)


@promise("P148", kind=STEP, source="S-129")
def a_hub_accepts_what_a_restore_asks_for(s, t, h: Hub, v: Server, k: Local):
    """A hub that is up accepts the request of a restore to a local copy, of a server that is up,
    once, within its lifetime: its window, widened by the slack, joined with that of an earlier one.
    Its dumpster for a server is bounded, oldest out first.
    """
    a, b, local, slack = s.outbox[h, v, k], t.outbox[h, v, k], s.local[v, k], s.p.dumpster_slack
    begin, limit = local.request_from - slack, s.transport.size_max
    taken = all_of(
        s.server[v].up, local.request_to != NEVER, local.lineage > a.asked,
        ~s.elapsed(local.request_to, lifetime(s)), b.asked == local.lineage, b.round == a.round + 1,
        b.since == if_else(a.round != 0, smaller(a.since, begin), begin),
        b.until == local.request_to + slack,
    )  # fmt: skip
    same = all_of(*(getattr(a, x) == getattr(b, x) for x in ("asked", "round", "since", "until")))
    held = b.entered - b.floor
    freed = any_of(b.entered != a.entered, b.floor != a.floor)
    names = SCHEMA.records["outbox"].fields
    changed = any_of(*(getattr(a, x) != getattr(b, x) for x in names))
    return all_of(
        any_of(same, taken),
        implies(changed, s.hub[h].up),
        implies(freed, all_of(b.floor >= a.floor, held <= limit,
                              any_of(b.floor == a.floor, held == limit))),
    )  # fmt: skip
