"""Mail for a server outside the cluster, and its redelivery after a restore to the local copy.

The transport dumpster is for mailbox databases enabled for LCR (SP1), not for single copy clusters
nor for servers without a copy (S-123, S-124). The request is part of the restore (S-129): it lies
with the storage group, and a hub that was down finds it when it is back.
"""

from __future__ import annotations

from models.language.rule import Body, rule_for
from models.language.terms import Int, all_of, any_of, if_else, larger, smaller

from ..phrases_mail import (
    kept_post,
    lifetime,
    posted,
    retained,
    rolled_back_post,
    unlisted_post,
    waits_post,
)
from ..vocabulary import NEVER, SCHEMA
from ..vocabulary_lcr import LOCAL, Base, Lcr, Local, Server
from ..vocabulary_mail import HUBS, OPEN_LOG, Hub, Mail, Stage
from .server import local_accepting, local_acknowledged, local_closed

rule = rule_for(SCHEMA, "mail for a server")


@rule(889, trigger="command", actor=HUBS, source="S-124")
def submit_post(s, h: Hub, m: Mail, v: Server, k: Local, count: Int, size: Int, records: Int):
    """A client's messages arrive at a hub, for recipients on a server outside the cluster."""
    queue, post, parcel = s.outbox[h, v, k], s.post[m], s.parcel[v, k]
    tracked = parcel.submitted + 1 == s.p.tracked_mail
    return Body(
        "ServerMailSubmitted",
        requires={
            "there are messages": count > 0,
            "they have a size": size > 0,
            "they take log records": all_of(records > 0, records <= s.p.log_capacity),
        },
        given={"mail is new": all_of(post.stage == Stage.NONE, s.mail[m].stage == Stage.NONE)},
        sets={queue.submitted: queue.submitted + count},
        content={
            post.stage: Stage.QUEUED,
            post.hub: h,
            post.server: v,
            post.place: k,
            post.count: count,
            post.bytes: size,
            post.records: records,
        },
        ghost={
            parcel.submitted: parcel.submitted + 1,
            parcel.mail: if_else(tracked, m, parcel.mail),
        },
    )


@rule(890, trigger="consequence", actor=LOCAL, source="S-118")
def deliver_post(s, v: Server, k: Local, m: Mail, h: Hub, records: Int):
    """A server accepts mail that its table does not list into the open log of a mounted database;
    the hub stamps it by its own clock.
    """
    local, post, parcel = s.local[v, k], s.post[m], s.parcel[v, k]
    mine = parcel.mail == m
    return Body(
        "ServerMailDelivered",
        requires=local_accepting(s, v, k, records),
        given={
            "hub is up": s.hub[h].up,
            "mail waits": waits_post(s, h, v, k, m),
            "database does not list it": unlisted_post(s, v, k, m),
            "log records that it takes": all_of(records == post.records, posted(s, m, h, v, k)),
        },
        sets={local.open_records: local.open_records + records, local.written_at: s.now},
        content={
            post.stage: Stage.TAKEN,
            post.stamp: s.now + s.hub[h].skew,
            post.lineage: local.lineage,
            post.generation: local.top + 1,
            post.gone_in: 0,
            post.round: s.outbox[h, v, k].round,
        },
        ghost={
            **local_acknowledged(s, v, k, records),
            parcel.doubled: parcel.doubled | all_of(mine, parcel.holds),
            parcel.holds: parcel.holds | mine,
            parcel.at: if_else(mine, OPEN_LOG, parcel.at),
        },
    )


@rule(891, trigger="consequence", actor=LOCAL, source="S-122")
def drop_post_duplicate(s, v: Server, k: Local, m: Mail, h: Hub, count: Int):
    """Resubmitted mail that the table in the server's database lists is dropped, seen by nobody."""
    local, post = s.local[v, k], s.post[m]
    listed = ~any_of(unlisted_post(s, v, k, m), rolled_back_post(s, v, k, m))
    return Body(
        "ServerDuplicateDropped",
        requires={"database is mounted": local.base == Base.MOUNTED},
        given={
            "hub is up": s.hub[h].up,
            "mail waits": waits_post(s, h, v, k, m),
            "database lists it": listed,
            "messages in it": all_of(count == post.count, posted(s, m, h, v, k)),
        },
        sets={local.dropped: local.dropped + count},
        content={post.round: s.outbox[h, v, k].round},
    )


@rule(892, trigger="consequence", actor=HUBS, source="S-124")
def keep_post(s, h: Hub, v: Server, k: Local, m: Mail, size: Int, limit: Int):
    """Mail delivered to a database that is enabled for LCR enters the hub's transport dumpster; the
    oldest leaves where the size limit says so.
    """
    queue, post = s.outbox[h, v, k], s.post[m]
    return Body(
        "ServerMailKept",
        given={
            "server accepted it": all_of(post.stage == Stage.TAKEN, posted(s, m, h, v, k)),
            "its size, and the size limit": all_of(
                size == post.bytes, limit == s.transport.size_max
            ),
            "dumpster takes it": all_of(retained(s, size), s.local[v, k].lcr != Lcr.OFF),
        },
        sets={
            queue.entered: queue.entered + size,
            queue.floor: larger(queue.floor, queue.entered + size - limit),
        },
        content={post.stage: Stage.KEPT, post.offset: queue.entered},
    )


@rule(893, trigger="consequence", actor=HUBS, source="S-123")
def pass_post_on(s, h: Hub, v: Server, k: Local, m: Mail, size: Int, count: Int):
    """Delivered mail is not kept: the database is not enabled for LCR, the dumpster is disabled, or
    the lot exceeds it.
    """
    queue, post = s.outbox[h, v, k], s.post[m]
    return Body(
        "ServerMailNotKept",
        given={
            "server accepted it": all_of(post.stage == Stage.TAKEN, posted(s, m, h, v, k)),
            "its size": all_of(size == post.bytes, count == post.count),
            "dumpster does not take it": ~all_of(retained(s, size), s.local[v, k].lcr != Lcr.OFF),
        },
        sets={queue.passed: queue.passed + count},
        content={post.stage: Stage.KEPT, post.offset: NEVER},
    )


@rule(894, trigger="consequence", actor=HUBS, source="S-120")
def trim_outbox(s, h: Hub, v: Server, k: Local, limit: Int):
    """The dumpster for a server is over a limit that was lowered: the oldest mail leaves it."""
    queue = s.outbox[h, v, k]
    return Body(
        "ServerDumpsterTrimmed",
        requires={"it is over the limit": queue.entered - limit > queue.floor},
        given={"size limit": limit == s.transport.size_max},
        sets={queue.floor: queue.entered - limit},
    )


@rule(895, trigger="consequence", actor=HUBS, source="S-129")
def accept_post_request(s, h: Hub, v: Server, k: Local, since: Int, until: Int, lineage: Int):
    """A hub sees the request of a restore to the local copy: all mail that it keeps of that window
    waits to be delivered again.

    Why: of an earlier request some may still wait, so the window is widened, not replaced.
    """
    local, queue = s.local[v, k], s.outbox[h, v, k]
    return Body(
        "ServerMailResubmitted",
        given={
            "restore asked for it": local.request_to != NEVER,
            "server is up": s.server[v].up,
            "hub has not accepted it": local.lineage > queue.asked,
            "its lifetime is not over": ~s.elapsed(local.request_to, lifetime(s)),
            "its window": all_of(
                since == local.request_from - s.p.dumpster_slack,
                until == local.request_to + s.p.dumpster_slack,
                lineage == local.lineage,
            ),
        },
        sets={
            queue.round: queue.round + 1,
            queue.asked: lineage,
            queue.since: if_else(queue.round != 0, smaller(queue.since, since), since),
            queue.until: until,
        },
    )


@rule(896, trigger="consequence", actor=LOCAL, source="S-122")
def find_post_rolled_back(s, v: Server, k: Local, m: Mail, h: Hub, count: Int):
    """The database that is mounted now does not list mail that a hub still keeps: its log was lost
    with the other disks, and the table was rolled back with it.
    """
    post, local = s.post[m], s.local[v, k]
    return Body(
        "ServerMailRolledBack",
        requires={"database is mounted": local.base == Base.MOUNTED},
        given={
            "mail is rolled back": all_of(rolled_back_post(s, v, k, m), ~unlisted_post(s, v, k, m)),
            "hub holds it": any_of(post.stage == Stage.TAKEN, kept_post(s, h, v, k, m)),
            "messages in it": all_of(count == post.count, posted(s, m, h, v, k)),
        },
        sets={local.missed: local.missed + count},
        content={post.gone_in: local.lineage},
    )


@rule(897, trigger="consequence", actor=LOCAL, source="S-078")
def close_local_log_for_post(s, v: Server, k: Local, m: Mail, h: Hub):
    """The open log has no room for mail that waits: it is closed."""
    local, post = s.local[v, k], s.post[m]
    sets, ghost = local_closed(s, v, k)
    return Body(
        "LocalLogClosedForMail",
        requires={"database is mounted": local.base == Base.MOUNTED},
        given={
            "hub is up": s.hub[h].up,
            "mail waits": all_of(waits_post(s, h, v, k, m), posted(s, m, h, v, k)),
            "database does not list it": unlisted_post(s, v, k, m),
            "it does not fit": local.open_records + post.records > s.p.log_capacity,
        },
        sets=sets,
        ghost={**ghost, s.parcel[v, k].room: m},
    )
