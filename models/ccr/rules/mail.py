"""Mail: a hub hands a lot over, the store accepts it into the open log of the storage group, and
the hub keeps a copy in its transport dumpster.

The store accepts what its table of delivered mail does not list and drops the rest: the table lies
in the database and is rolled back with it, so that exactly what was lost is accepted again.
"""

from __future__ import annotations

from models.language.rule import Body, rule_for
from models.language.terms import NOBODY, Int, all_of, any_of, if_else, larger, one_of

from ..phrases import controls, leased, mounted, own_newest
from ..phrases_mail import addressed, kept, retained, rolled_back, unlisted, waits, went_missing
from ..vocabulary import NEVER, SCHEMA, STORAGE, Cms, Group, Node
from ..vocabulary_mail import HUBS, Hub, Item, Mail, Stage
from .letters import letter_chosen, letter_written
from .log_stream import accepting, acknowledged, closing

rule = rule_for(SCHEMA, "mail")


@rule(874, trigger="command", actor=HUBS, source="T7")
def submit_mail(s, h: Hub, m: Mail, g: Group, count: Int, size: Int, records: Int):
    """A client's messages arrive at a hub, which queues them for the storage group of their
    recipients.

    Why: a lot stands for messages of equal size; it goes into one log, so it lives and is lost as
    one.
    """
    queue, mail = s.queue[h, g], s.mail[m]
    return Body(
        "MailSubmitted",
        requires={
            "there are messages": count > 0,
            "they have a size": size > 0,
            "they take log records": all_of(records > 0, records <= s.p.log_capacity),
        },
        given={"mail is new": mail.stage == Stage.NONE},
        sets={queue.submitted: queue.submitted + count},
        content={
            mail.stage: Stage.QUEUED,
            mail.hub: h,
            mail.group: g,
            mail.count: count,
            mail.bytes: size,
            mail.records: records,
        },
        ghost=letter_chosen(s, g, m),
    )


@rule(875, trigger="consequence", actor=STORAGE, source="S-118")
def deliver_mail(s, n: Node, g: Group, m: Mail, h: Hub, records: Int):
    """The store accepts mail that its table does not list into the open log of a mounted storage
    group; the hub stamps it by its own clock.
    """
    copy, mail = s.copy[n, g], s.mail[m]
    return Body(
        "MailDelivered",
        requires={**accepting(s, n, g, records), "copy is the newest": own_newest(s, n, g)},
        given={
            "lease is valid": leased(s, n),
            "hub is up": s.hub[h].up,
            "mail waits": waits(s, h, g, m),
            "database does not list it": unlisted(s, n, g, m),
            "log records that it takes": all_of(records == mail.records, addressed(s, m, h, g)),
        },
        sets={copy.open_records: copy.open_records + records, copy.written_at: s.now},
        content={
            mail.stage: Stage.TAKEN,
            mail.stamp: s.now + s.hub[h].skew,
            mail.lineage: copy.lineage,
            mail.lineage_by: copy.lineage_by,
            mail.store: n,
            mail.generation: copy.top + 1,
            mail.gone_in: 0,
            mail.gone_by: NOBODY,
            mail.mislaid: False,
            mail.round: s.queue[h, g].round,
        },
        ghost={**acknowledged(s, n, g, records), **letter_written(s, n, g, m)},
    )


@rule(876, trigger="consequence", actor=STORAGE, source="S-122")
def drop_duplicate(s, n: Node, g: Group, m: Mail, h: Hub, count: Int):
    """Resubmitted mail that the table in the database lists is dropped, seen by nobody (D-12)."""
    mail, note = s.mail[m], s.intake[n, g]
    return Body(
        "DuplicateDropped",
        requires={
            "CMS is online here": s.node[n].cms == Cms.ONLINE,
            "node is the controller": controls(s, n),
            "storage group is mounted here": mounted(s, n, g),
            "copy is the newest": own_newest(s, n, g),
        },
        given={
            "lease is valid": leased(s, n),
            "hub is up": s.hub[h].up,
            "mail waits": waits(s, h, g, m),
            "database lists it": ~any_of(unlisted(s, n, g, m), rolled_back(s, n, g, m)),
            "messages in it": all_of(count == mail.count, addressed(s, m, h, g)),
        },
        sets={note.dropped: note.dropped + count},
        content={
            mail.round: s.queue[h, g].round,
            mail.mislaid: any_of(mail.mislaid, went_missing(mail)),
        },
    )


@rule(877, trigger="consequence", actor=HUBS, source="S-120")
def keep_mail(s, h: Hub, g: Group, m: Mail, size: Int, limit: Int):
    """Delivered mail enters the hub's transport dumpster; the oldest leaves where the size limit
    says so.

    Why: first in, first out, per hub and storage group; a message for two groups is charged to each
    (D-14).
    """
    queue, mail = s.queue[h, g], s.mail[m]
    entered = queue.entered + size
    return Body(
        "MailKept",
        given={
            "store accepted it": all_of(mail.stage == Stage.TAKEN, addressed(s, m, h, g)),
            "its size, and the size limit": all_of(
                size == mail.bytes, limit == s.transport.size_max
            ),
            "dumpster takes it": retained(s, size),
        },
        sets={
            queue.entered: entered,
            queue.floor: larger(queue.floor, entered - limit),
        },
        content={mail.stage: Stage.KEPT, mail.offset: queue.entered},
    )


@rule(878, trigger="consequence", actor=HUBS, source="S-124")
def pass_mail_on(s, h: Hub, g: Group, m: Mail, size: Int, count: Int):
    """Delivered mail is not kept: the dumpster is disabled, the lot exceeds it, or no recipient's
    mailbox is eligible.
    """
    queue, mail = s.queue[h, g], s.mail[m]
    return Body(
        "MailNotKept",
        given={
            "store accepted it": all_of(mail.stage == Stage.TAKEN, addressed(s, m, h, g)),
            "its size": all_of(size == mail.bytes, count == mail.count),
            "dumpster does not take it": ~retained(s, size),
        },
        sets={queue.passed: queue.passed + count},
        content={mail.stage: Stage.KEPT, mail.offset: NEVER},
    )


@rule(879, trigger="consequence", actor=HUBS, source="S-120")
def trim_dumpster(s, h: Hub, g: Group, limit: Int):
    """The dumpster is over a limit that was lowered: the oldest mail leaves it."""
    queue = s.queue[h, g]
    return Body(
        "DumpsterTrimmed",
        requires={"it is over the limit": queue.entered - limit > queue.floor},
        given={"size limit": limit == s.transport.size_max},
        sets={queue.floor: queue.entered - limit},
    )


@rule(880, trigger="command", actor=STORAGE, source="S-130")
def save_items(s, n: Node, g: Group, item: Item, records: Int):
    """What clients write that no hub ever held: drafts, appointments and other properties, outgoing
    mail on its way to a hub.

    Why: the dumpster holds delivered mail only, so what a lossy failover takes of these is gone
    (S-130 to S-132).
    """
    copy = s.copy[n, g]
    return Body(
        "ItemsSaved",
        requires={
            **accepting(s, n, g, records),
            "they are items": one_of(item, Item.DRAFT, Item.PROPERTY, Item.OUTGOING),
        },
        given={"lease is valid": leased(s, n)},
        sets={copy.open_records: copy.open_records + records, copy.written_at: s.now},
        ghost=acknowledged(s, n, g, records),
    )


@rule(887, trigger="consequence", actor=STORAGE, source="S-122")
def find_rolled_back(s, n: Node, g: Group, m: Mail, h: Hub, count: Int):
    """The database mounted here does not list mail that a hub still keeps: its log was lost with
    the failover, and the table was rolled back with it. What was missing before a stream went on
    elsewhere is missing there, and was asked for then.
    """
    mail, copy, note = s.mail[m], s.copy[n, g], s.intake[n, g]
    return Body(
        "MailRolledBack",
        requires={
            "node is the controller": controls(s, n),
            "storage group is mounted here": mounted(s, n, g),
            "copy is the newest": own_newest(s, n, g),
        },
        given={
            "lease is valid": leased(s, n),
            "its hub is or was asked": any_of(
                s.request[h, g].lineage >= copy.lineage, went_missing(mail)
            ),
            "mail is rolled back": all_of(rolled_back(s, n, g, m), ~unlisted(s, n, g, m)),
            "hub holds it": any_of(mail.stage == Stage.TAKEN, kept(s, h, g, m)),
            "messages in it": all_of(count == mail.count, addressed(s, m, h, g)),
        },
        sets={note.missed: note.missed + count},
        content={
            mail.gone_in: copy.lineage,
            mail.gone_by: copy.lineage_by,
            mail.lost_in: if_else(went_missing(mail), mail.lost_in, copy.lineage),
        },
    )


@rule(888, trigger="consequence", actor=STORAGE, source="S-078")
def close_log_for_mail(s, n: Node, g: Group, m: Mail, h: Hub):
    """The open log has no room for mail that waits: it is closed, so that the mail goes into the
    next one. A lot is never larger than a log, so a log that is closed for one holds something.
    """
    copy, mail = s.copy[n, g], s.mail[m]
    sets, ghost = closing(s, n, g)
    return Body(
        "LogClosedForMail",
        requires={
            "CMS is online here": s.node[n].cms == Cms.ONLINE,
            "storage group is mounted here": mounted(s, n, g),
        },
        given={
            "hub is up": s.hub[h].up,
            "mail waits": all_of(waits(s, h, g, m), addressed(s, m, h, g)),
            "database does not list it": unlisted(s, n, g, m),
            "it does not fit": copy.open_records + mail.records > s.p.log_capacity,
        },
        sets=sets,
        ghost={**ghost, s.letter[g].room: m},
    )
