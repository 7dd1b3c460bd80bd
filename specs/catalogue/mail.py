"""Promises of mail: never two visible copies, what a request covers, what a dumpster keeps and lets
go.

They follow one arbitrary lot of mail through every stream it is delivered into; its siblings, other
hubs and other storage groups do whatever the rules allow.
"""

from __future__ import annotations

from models.ccr.phrases_mail import in_dumpster, lifetime, lossy, resubmitted, rolled_back
from models.ccr.vocabulary import SCHEMA, Copy, Group, Node
from models.ccr.vocabulary_mail import Hub, Mail, Stage
from models.language.model import ALWAYS, STEP, property_for
from models.language.terms import all_of, any_of, implies, peer

from .data import attested

promise = property_for(SCHEMA)


@promise("P70", kind=ALWAYS, source="I11")
def never_two_visible_copies(s, g: Group, m: Mail):
    """No message is in one database, its logs included, twice: however often it was resubmitted, by
    whichever hub, a second lossy failover during redelivery included.
    """
    return implies(all_of(attested(s), s.letter[g].mail == m), ~s.letter[g].doubled)


@promise("P71", kind=STEP, source="I10")
def request_ends_for_a_reason(s, t, g: Group, h: Hub):
    """A redelivery request stays outstanding until its hub accepted it or its lifetime is over."""
    a, b = s.request[h, g], t.request[h, g]
    reason = any_of(s.queue[h, g].asked == a.lineage, s.elapsed(a.recorded_at, lifetime(s)))
    return implies(all_of(a.outstanding, ~b.outstanding), reason)


@promise("P72", kind=STEP, source="D-04", at=("record_request",))
def window_covers_what_was_lost(s, t, n: Node, g: Group, h: Hub, m: Mail):
    """The window of a request covers all mail of its hub that the mount lost, whatever the hub's
    clock says within its bound.
    """
    lost = all_of(
        attested(s),
        s.letter[g].mail == m,
        t.request[h, g].lineage != s.request[h, g].lineage,
        t.request[h, g].by == n,
        s.copy[n, g].state == Copy.ACTIVE,
        rolled_back(s, n, g, m),
        s.mail[m].gone_in == 0,
        s.mail[m].hub == h,
    )
    stamp, request = s.mail[m].stamp, t.request[h, g]
    return implies(lost, all_of(request.since <= stamp, stamp <= request.until))


@promise("P73", kind=STEP, source="I10")
def windows_only_grow_while_outstanding(s, t, g: Group, h: Hub):
    """A second lossy failover never narrows a window: not of a request that is outstanding, nor of
    what a hub is still resubmitting.
    """
    a, b = s.request[h, g], t.request[h, g]
    asked, asking = s.queue[h, g], t.queue[h, g]
    return all_of(
        implies(
            all_of(a.outstanding, b.outstanding), all_of(b.since <= a.since, b.until >= a.until)
        ),
        implies(asked.round > 0, all_of(asking.since <= asked.since)),
    )


@promise("P74", kind=STEP, source="I16", at=("keep_mail", "trim_dumpster"))
def dumpster_is_bounded_oldest_out_first(s, t, g: Group, h: Hub):
    """After mail entered, a dumpster holds at most its size limit; only the oldest leaves, and no
    more than that asks for.
    """
    a, b, limit = s.queue[h, g], t.queue[h, g], s.transport.size_max
    changed = any_of(b.entered != a.entered, b.floor != a.floor)
    held = b.entered - b.floor
    return implies(
        changed,
        all_of(held <= limit, b.floor >= a.floor, any_of(b.floor == a.floor, held == limit)),
    )


@promise("P75", kind=STEP, source="D-12", at=("drop_duplicate",))
def only_what_is_there_is_dropped(s, t, n: Node, g: Group, m: Mail):
    """Mail dropped as a duplicate is in the database or the logs of the node that drops it, if it
    was last delivered into this stream or the one it forked from, and never went missing since.
    """
    mail, copy = s.mail[m], s.copy[n, g]
    dropped = all_of(
        attested(s),
        s.letter[g].mail == m,
        t.intake[n, g].dropped > s.intake[n, g].dropped,
        t.mail[m].round != mail.round,
        mail.gone_in == 0,
    )
    near = any_of(
        all_of(mail.lineage == copy.lineage, mail.lineage_by == copy.lineage_by),
        all_of(mail.lineage == copy.parent, mail.lineage_by == copy.parent_by),
    )
    return implies(all_of(dropped, near), s.letter[g].holds[n])


def asked_for(s, g, h, m):
    """A request that is outstanding covers the mail, and its hub has not accepted it yet."""
    request, stamp = s.request[h, g], s.mail[m].stamp
    window = all_of(request.since <= stamp, stamp <= request.until)
    return all_of(request.outstanding, s.queue[h, g].asked < request.lineage, window)


def left_behind(s, n, g, m):
    """Mail lay in a log that did not come over when the stream of the copy on n forked."""
    mail, copy = s.mail[m], s.copy[n, g]
    return all_of(
        mail.lineage > 0,
        mail.lineage == copy.parent,
        mail.lineage_by == copy.parent_by,
        mail.store == peer(n),
        mail.generation > copy.fork,
    )


def gone(s, n, g, m):
    """Mail was found to be gone from the stream of the copy on n, or from the one before."""
    mail, copy = s.mail[m], s.copy[n, g]
    here = all_of(mail.gone_in == copy.lineage, mail.gone_by == copy.lineage_by)
    before = all_of(mail.gone_in == copy.parent, mail.gone_by == copy.parent_by)
    return all_of(mail.gone_in > 0, any_of(here, before))


def newest(s, n, g):
    """The copy on n is mounted, or was last."""
    mine, theirs = s.copy[n, g], s.copy[peer(n), g]
    return all_of(mine.state == Copy.ACTIVE, mine.active_epoch > theirs.active_epoch)


@promise("P83", kind=ALWAYS, source="I10")
def lost_mail_is_asked_for(s, n: Node, g: Group, h: Hub, m: Mail):
    """Mail that the last mount left behind, or that was found to be gone, and was not delivered
    since has a reason: its hub is to be asked for it, is asked, or accepted that and offers it as
    long as it keeps it; or the request expired; or it was taken for a duplicate, as a failover
    that came before it was looked up again makes possible.
    """
    mail, request = s.mail[m], s.request[h, g]
    followed = all_of(attested(s), s.letter[g].mail == m, mail.hub == h)
    open_ = any_of(asked_for(s, g, h, m), resubmitted(mail, s.queue[h, g]))
    behind = any_of(
        request.lineage < s.copy[n, g].lineage, open_, request.given_up >= s.copy[n, g].lineage
    )
    return all_of(
        implies(
            all_of(followed, newest(s, n, g), left_behind(s, n, g, m), mail.gone_in == 0), behind
        ),
        implies(
            all_of(followed, mail.gone_in > 0),
            any_of(open_, request.given_up >= mail.lost_in, mail.mislaid),
        ),
    )


@promise(
    "P84",
    kind=STEP,
    source="I10",
    at=(
        "mount_lossless",
        "mount_lossy",
        "mount_forced",
        "mount_overdue",
        "mount_restored",
        "count_loss",
        "drop_duplicate",
        "note_hub_absent",
    ),
)
def redelivery_ends_for_a_reason(s, t, n: Node, g: Group, h: Hub, m: Mail):
    """A mount, and a count of its loss, that left mail behind calls itself lossy; mail that the
    newest stream lacks is not dropped while it is offered; a hub that was not available is asked
    again after dumpster_retry at the latest.
    """
    mail, request = s.mail[m], t.request[h, g]
    followed = all_of(attested(s), s.letter[g].mail == m, mail.hub == h, mail.group == g)
    flagged = any_of(
        t.copy[n, g].lineage != s.copy[n, g].lineage,
        t.copy[n, g].loss_exact != s.copy[n, g].loss_exact,
    )
    lost = all_of(newest(t, n, g), left_behind(t, n, g, m), flagged)
    lacks = any_of(left_behind(s, n, g, m), gone(s, n, g, m))
    dropped = t.intake[n, g].dropped > s.intake[n, g].dropped
    tried = all_of(request.failed_at != s.request[h, g].failed_at, request.failed_at >= 0)
    return all_of(
        implies(all_of(followed, lost), lossy(t.copy[n, g])),
        implies(all_of(followed, newest(s, n, g), lacks, dropped), t.mail[m].round == mail.round),
        implies(tried, s.elapsed(request.failed_at - s.p.dumpster_retry, s.p.dumpster_retry)),
    )


@promise("P167", kind=STEP, source="I16")
def old_mail_is_not_offered_again(s, t, g: Group, h: Hub, m: Mail):
    """Mail that is offered again is in its hub's dumpster: no older than MaxDumpsterTime, and not
    removed for what came after it.
    """
    mail, then = s.mail[m], t.mail[m]
    here = all_of(mail.stage == Stage.KEPT, mail.hub == h, mail.group == g)
    again = all_of(here, then.round > mail.round)
    return implies(again, in_dumpster(s, mail, s.queue[h, g], h))
