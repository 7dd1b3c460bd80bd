"""Redelivery: hubs and their limits, and the request that a lossy mount makes of each hub.

The request lies in the cluster configuration, outside every replicated database, so a failover does
not lose it. One is outstanding per hub and storage group; a second one widens its window.
"""

from __future__ import annotations

from models.language.rule import Body, rule_for
from models.language.terms import Int, all_of, any_of, if_else, larger, peer, smaller

from ..phrases import alive, controls, mounted, mounted_later, same_stream
from ..phrases_mail import any_hub, lifetime, lossy, safe_since
from ..vocabulary import NEVER, SCHEMA, STORAGE, WORLD, Copy, Group, Node
from ..vocabulary_mail import HUBS, Hub

rule = rule_for(SCHEMA, "redelivery")


@rule(870, trigger="command", actor=WORLD, source="S-117")
def add_hub(s, h: Hub, skew: Int):
    """A Hub Transport server is installed in the site of the clustered mailbox server."""
    hub = s.hub[h]
    return Body(
        "HubAdded",
        requires={
            "hub is new": ~hub.known,
            "its clock is near the nodes'": all_of(
                skew <= s.p.hub_skew_max, skew + s.p.hub_skew_max >= 0
            ),
        },
        sets={hub.known: True, hub.up: True, hub.skew: skew},
    )


@rule(871, trigger="fault", actor=WORLD, source="T7")
def fail_hub(s, h: Hub):
    """A hub fails; its queues are on its disk."""
    return Body("HubFailed", requires={"hub is up": s.hub[h].up}, sets={s.hub[h].up: False})


@rule(872, trigger="command", actor=WORLD, source="T7")
def start_hub(s, h: Hub):
    """A hub that failed is back, with what was in its queues."""
    hub = s.hub[h]
    return Body(
        "HubStarted",
        requires={"hub is there": hub.known, "hub is down": ~hub.up},
        sets={hub.up: True},
    )


@rule(873, trigger="command", actor=WORLD, source="S-134")
def configure_dumpster(s, size: Int, age: Int):
    """The organization's limits of the transport dumpster are set: bytes per hub and storage group,
    and ms. Zero of either disables it.

    Why: what the old age limit removed stays removed when the limit grows.
    """
    t = s.transport
    return Body(
        "DumpsterConfigured",
        requires={
            "size is not negative": size >= 0,
            "time is not negative": age >= 0,
            "that is news": any_of(size != t.size_max, age != t.age_max),
        },
        sets={
            t.size_max: size,
            t.age_max: age,
            t.horizon: larger(t.horizon, s.now - smaller(t.age_max, age)),
        },
    )


@rule(881, trigger="consequence", actor=STORAGE, source="D-04")
def note_open_log(s, n: Node, g: Group, generation: Int):
    """The passive notes which log is open at its source, and when it saw that.

    Why: whatever is in a later log is newer. If this log is the last that comes over, that is where
    the window of a request begins.
    """
    copy, theirs, note = s.copy[n, g], s.copy[peer(n), g], s.intake[n, g]
    return Body(
        "OpenLogNoted",
        requires={
            "copy is healthy": copy.state == Copy.HEALTHY,
            "log noted before is inspected": note.seen_log <= copy.top,
            "that is news": generation > note.seen_log,
        },
        given={
            "site has a hub": any_hub(s),
            "source was mounted later": mounted_later(s, n, g),
            "streams are one lineage": same_stream(s, n, g),
            "open log of the source": generation == theirs.top + 1,
        },
        sets={
            note.kept_log: note.seen_log,
            note.kept_at: note.seen_at,
            note.seen_log: generation,
            note.seen_at: s.now,
        },
    )


def _here(s, n, g):
    """The storage group is mounted on the node that controls."""
    return {
        "node is the controller": controls(s, n),
        "storage group is mounted here": mounted(s, n, g),
    }


@rule(882, trigger="consequence", actor=STORAGE, source="S-121")
def record_request(s, n: Node, g: Group, h: Hub, since: Int, lineage: Int):
    """After a mount that lost something, or may have, a request to each hub is recorded: resubmit
    what was delivered in the window.

    Why: it is kept where a second failover cannot lose it. One that is outstanding already gets the
    union of the windows.
    """
    copy, request = s.copy[n, g], s.request[h, g]
    begin = since - s.p.dumpster_slack
    return Body(
        "RedeliveryRequested",
        requires={
            **_here(s, n, g),
            "mount was lossy": lossy(copy),
            "window begins with the last inspected log": since == safe_since(s, n, g),
            "stream that lost it": all_of(lineage == copy.lineage, copy.lineage_by == n),
        },
        given={
            "hub is in the site": s.hub[h].known,
            "no request is recorded for it": request.lineage < lineage,
        },
        sets={
            request.outstanding: True,
            request.by: n,
            request.lineage: lineage,
            request.since: if_else(request.outstanding, smaller(request.since, begin), begin),
            request.until: s.now + s.p.dumpster_slack,
            request.recorded_at: s.now,
            request.failed_at: NEVER,
        },
    )


@rule(883, trigger="consequence", actor=STORAGE, source="T7")
def note_hub_absent(s, n: Node, g: Group, h: Hub):
    """A hub cannot be asked: it is down. The next try comes after dumpster_retry."""
    request = s.request[h, g]
    return Body(
        "HubNotAvailable",
        requires=_here(s, n, g),
        given={
            "request is outstanding": request.outstanding,
            "hub does not answer": ~s.hub[h].up,
            "no failure is noted": request.failed_at == NEVER,
        },
        sets={request.failed_at: s.now},
    )


@rule(884, trigger="consequence", actor=HUBS, source="S-121")
def accept_request(s, h: Hub, g: Group, n: Node, since: Int, until: Int, lineage: Int):
    """A hub accepts a request: all mail that it keeps of that window waits to be delivered again.

    Why: of an earlier request some may still wait, so the window is widened, not replaced. Whoever
    has the storage group asks: the node that recorded the request may be down by now.
    """
    queue, request = s.queue[h, g], s.request[h, g]
    return Body(
        "MailResubmitted",
        given={
            "request is outstanding": request.outstanding,
            "node that asks is alive": all_of(alive(s, n), s.copy[n, g].state == Copy.ACTIVE),
            "hub has not accepted it": request.lineage > queue.asked,
            "retry is due": any_of(
                request.failed_at == NEVER, s.elapsed(request.failed_at, s.p.dumpster_retry)
            ),
            "its window": all_of(
                since == request.since, until == request.until, lineage == request.lineage
            ),
        },
        sets={
            queue.round: queue.round + 1,
            queue.asked: lineage,
            queue.since: if_else(queue.round != 0, smaller(queue.since, since), since),
            queue.until: until,
        },
    )


@rule(885, trigger="consequence", actor=STORAGE, source="S-128")
def close_request(s, n: Node, g: Group, h: Hub):
    """The hub acknowledged the request: it is not asked again."""
    request = s.request[h, g]
    return Body(
        "RedeliveryAcknowledged",
        requires=_here(s, n, g),
        given={
            "request is outstanding": request.outstanding,
            "hub answers": s.hub[h].up,
            "hub accepted it": s.queue[h, g].asked == request.lineage,
        },
        sets={request.outstanding: False},
    )


@rule(886, trigger="consequence", actor=STORAGE, source="S-127")
def expire_request(s, n: Node, g: Group, h: Hub):
    """A request that no hub acknowledged for its lifetime is given up.

    Why: the hub has nothing of that window any more (SP1: MaxDumpsterTime; RTM: seven days).
    """
    request = s.request[h, g]
    return Body(
        "RedeliveryExpired",
        requires=_here(s, n, g),
        given={
            "request is outstanding": request.outstanding,
            "hub did not accept it": s.queue[h, g].asked != request.lineage,
            "its lifetime is over": s.elapsed(request.recorded_at, lifetime(s)),
        },
        sets={request.outstanding: False, request.given_up: request.lineage},
    )
