"""How lost mail comes back: why mail is not there at all, that what a hub keeps does not stand
still, how soon its hub is asked, and that each step leads nearer. Promised of states and steps, so
proved for runs of any length; what the stages add up to is tried in `responses`.

What is due is read off the rules themselves, as in `progress`. Imports no z3.
"""

from __future__ import annotations

from models.ccr.model import CCR as RULES
from models.ccr.phrases import alive, serving
from models.ccr.phrases_mail import addressed, kept, lossy, resubmitted, rolled_back, unlisted
from models.ccr.vocabulary import SCHEMA, Copy, Group, Node
from models.ccr.vocabulary_mail import Hub, Mail, Stage
from models.language.model import ALWAYS, LEMMA, SOMETIMES, STEP, property_for
from models.language.terms import all_of, any_of, if_else, implies

from .data import attested
from .leaning_letters import followed
from .mail import gone, left_behind, newest
from .possible_mail import AGAIN, LOST
from .progress import due, enabled

promise = property_for(SCHEMA)

ASKING = ("record_request", "accept_request")
RETURNING = (*ASKING, "find_rolled_back", "close_log_for_mail", "deliver_mail")
"""What brings lost mail back, in this order."""


def _skipped(s, n, g, m):
    """Mail was last delivered into a stream that is neither this one nor the one it forked from."""
    mail, copy = s.mail[m], s.copy[n, g]
    here = all_of(mail.lineage == copy.lineage, mail.lineage_by == copy.lineage_by)
    before = all_of(mail.lineage == copy.parent, mail.lineage_by == copy.parent_by)
    return ~any_of(here, before)


@promise("P149", kind=ALWAYS, source="I10")
def mail_is_missing_for_a_known_reason(s, n: Node, g: Group, m: Mail):
    """Mail that was delivered and is not in the newest database or its logs lay in a log that did
    not come over to it, or was found to be gone; or was last delivered two mounts ago or more: what
    nobody looked up in between counts as there.
    """
    missing = all_of(
        followed(s, g, m), newest(s, n, g), s.mail[m].lineage > 0, ~s.letter[g].holds[n]
    )
    known = any_of(left_behind(s, n, g, m), s.mail[m].gone_in > 0, _skipped(s, n, g, m))
    return implies(missing, known)


def _serves(s, n, g):
    """The newest copy of the storage group is on n, which serves it."""
    copy, node = s.copy[n, g], s.node[n]
    return all_of(
        serving(s, n), newest(s, n, g), node.open_by == n, copy.mounted_run == node.run,
        copy.active_epoch >= node.others, copy.active_epoch >= node.forced_at,
    )  # fmt: skip


def _to_come_back(s, n, g, h, m):
    """A hub keeps mail that the newest database, on n, lacks; the request for it did not expire,
    and it was not taken for a duplicate.
    """
    mail, request, copy = s.mail[m], s.request[h, g], s.copy[n, g]
    left = all_of(left_behind(s, n, g, m), mail.gone_in == 0, request.given_up < copy.lineage)
    missed = all_of(gone(s, n, g, m), request.given_up < mail.lost_in)
    held = all_of(addressed(s, m, h, g), kept(s, h, g, m), ~mail.mislaid)
    return all_of(followed(s, g, m), newest(s, n, g), held, any_of(left, missed))


@promise("V10", kind=ALWAYS, source="T7")
def mail_that_a_hub_keeps_does_not_stand_still(s, n: Node, g: Group, h: Hub, m: Mail):
    """While the clustered mailbox server is served and a hub that is up keeps mail that was lost,
    something that brings it back is due, now or once the retry time is over: its hub is asked,
    accepts, the mail is looked up, room is made for it, or it is delivered. So is mail that was
    never delivered. Whatever faults there were, a second lossy failover during redelivery included.
    """
    queued = all_of(followed(s, g, m), addressed(s, m, h, g), s.mail[m].stage == Stage.QUEUED)
    waiting = any_of(queued, _to_come_back(s, n, g, h, m))
    steps = any_of(*(due(RULES, name, n, g, h, m) for name in RETURNING))
    return implies(all_of(_serves(s, n, g), s.hub[h].up, waiting), steps)


@promise("V11", kind=ALWAYS, source="T7")
def a_hub_is_asked_within_the_retry_time(s, n: Node, g: Group, h: Hub):
    """While a live node has the storage group, a request that is outstanding may be accepted by a
    hub that is up: now, or if it was found down, once dumpster_retry has passed since, which was no
    later than now.
    """
    request, queue = s.request[h, g], s.queue[h, g]
    open_ = all_of(request.outstanding, queue.asked < request.lineage)
    asks = all_of(alive(s, n), s.copy[n, g].state == Copy.ACTIVE, s.hub[h].up)
    accepts = due(RULES, "accept_request", n, g, h)
    return implies(all_of(open_, asks), all_of(request.failed_at <= s.now, accepts))


def _to_ask(s, n, g, h):
    """A request for what this mount lost is to be recorded."""
    copy = s.copy[n, g]
    return all_of(lossy(copy), copy.lineage_by == n, s.request[h, g].lineage < copy.lineage)


def _steps_left(s, n, g, h, m):
    """How many steps mail that is to come back is away from being delivered: its hub is to be
    asked, is to accept; it is to be looked up; and to be delivered.
    """
    offered = resubmitted(s.mail[m], s.queue[h, g])
    asking = if_else(_to_ask(s, n, g, h), 2, if_else(offered, 0, 1))
    unseen = all_of(rolled_back(s, n, g, m), ~unlisted(s, n, g, m))
    return asking + if_else(unseen, 2, 1)


@promise("P152", kind=ALWAYS, source="S-122")
def what_a_mount_left_behind_is_looked_up_at_once(s, n: Node, g: Group, h: Hub, m: Mail):
    """While the storage group is served, mail that its mount left behind and that a hub holds is
    looked up now, or its hub is to be asked now: neither waits for any time to pass. So mail that
    counts as there though it is not (see P149) was left by a mount in whose very instant the next
    failure came.
    """
    mail = s.mail[m]
    held = any_of(mail.stage == Stage.TAKEN, kept(s, h, g, m))
    left = all_of(followed(s, g, m), left_behind(s, n, g, m), mail.gone_in == 0)
    here = all_of(_serves(s, n, g), addressed(s, m, h, g), held)
    at_once = any_of(
        enabled(RULES, "record_request", n, g, h),
        enabled(RULES, "find_rolled_back", n, g, h, m),
    )
    return implies(all_of(left, here), at_once)


def _same_stream(s, t, n, g):
    a, b = s.copy[n, g], t.copy[n, g]
    return all_of(a.lineage == b.lineage, a.lineage_by == b.lineage_by)


@promise("P150", kind=STEP, source="T7")
def mail_comes_nearer_step_by_step(s, t, n: Node, g: Group, h: Hub, m: Mail):
    """Of mail that is to come back to the stream that is served, no step takes anything back: there
    are at most four steps to go (its hub is asked, accepts; it is looked up; it is delivered), and
    each that is made leaves fewer.
    """
    before, after = _steps_left(s, n, g, h, m), _steps_left(t, n, g, h, m)
    coming = all_of(_to_come_back(s, n, g, h, m), _to_come_back(t, n, g, h, m))
    unasked = ~any_of(_to_ask(s, n, g, h), resubmitted(s.mail[m], s.queue[h, g]))
    made = any_of(
        all_of(s.request[h, g].lineage != t.request[h, g].lineage, t.request[h, g].by == n),
        all_of(s.queue[h, g].asked != t.queue[h, g].asked, unasked),
        s.mail[m].gone_in != t.mail[m].gone_in,
    )
    nearer = all_of(after <= before, before <= 4, implies(made, after < before))
    return implies(all_of(coming, _same_stream(s, t, n, g)), nearer)


@promise("P151", kind=STEP, source="I10")
def mail_stays_away_for_a_reason(s, t, n: Node, g: Group, h: Hub, m: Mail):
    """Mail that is to come back stops being so only when it is delivered into the stream that lacks
    it; when a limit of the dumpster, of size or of age, removed it; when the request for it
    expired; when it was taken for a duplicate; or when the storage group is mounted anew.
    """
    a, b, request = s.mail[m], t.mail[m], t.request[h, g]
    copy = t.copy[n, g]
    delivered = all_of(
        b.stage == Stage.TAKEN, b.lineage == copy.lineage, b.lineage_by == copy.lineage_by
    )
    removed = all_of(b.stage == Stage.KEPT, ~kept(t, h, g, m))
    expired = request.given_up != s.request[h, g].given_up
    anew = any_of(~_same_stream(s, t, n, g), ~newest(t, n, g))
    mistaken = all_of(~a.mislaid, b.mislaid)
    stops = all_of(_to_come_back(s, n, g, h, m), ~_to_come_back(t, n, g, h, m), attested(t))
    return implies(stops, any_of(delivered, removed, expired, mistaken, anew))


@promise("L91", kind=LEMMA, source="design")
def what_left_mail_behind_calls_itself_lossy(s, n: Node, g: Group, h: Hub, m: Mail):
    """The newest copy, if mail lay in a log that did not come over to it, was mounted with a loss;
    the node that mounted it began its stream.
    """
    copy = s.copy[n, g]
    left = all_of(followed(s, g, m), newest(s, n, g), left_behind(s, n, g, m))
    return implies(all_of(left, s.mail[m].gone_in == 0), all_of(lossy(copy), copy.lineage_by == n))


@promise("S59", kind=SOMETIMES, source="T7", story=AGAIN)
def mail_is_to_come_back(s, n: Node, g: Group, h: Hub, m: Mail):
    """The clustered mailbox server is served, a hub is up, and mail that was lost is to come."""
    return all_of(_serves(s, n, g), s.hub[h].up, _to_come_back(s, n, g, h, m))


@promise("S61", kind=SOMETIMES, source="S-122", story=LOST)
def mail_is_left_behind(s, n: Node, g: Group, h: Hub, m: Mail):
    """The storage group is served, without mail that its mount left behind and nobody looked up."""
    left = all_of(followed(s, g, m), left_behind(s, n, g, m), s.mail[m].gone_in == 0)
    return all_of(left, _serves(s, n, g), addressed(s, m, h, g), kept(s, h, g, m))
