"""Phrases of mail: what a hub keeps, what waits to be delivered, what a database lists.

Each is a term over the state; none is behaviour of its own. Sits above `phrases`.
"""

from __future__ import annotations

from typing import Any

from models.language.terms import NOBODY, Term, all_of, any_of, if_else, peer, some

from .vocabulary import NEVER
from .vocabulary_mail import Hub, Stage


def any_hub(s: Any) -> Term:
    """The site has a hub."""
    return some(Hub, lambda h: s.hub[h].known)


def addressed(s: Any, m: Term, h: Term, g: Term) -> Term:
    """The mail was submitted to `h`, for recipients in `g`."""
    return all_of(s.mail[m].hub == h, s.mail[m].group == g)


def retained(s: Any, size: Term) -> Term:
    """The dumpster takes a lot of this size: it is enabled, the mailboxes are eligible, and it fits
    (S-124; a message larger than the limit cannot be kept: where the limit is zero, none can).
    """
    t = s.transport
    return all_of(s.p.dumpster_eligible == 1, t.age_max != 0, size <= t.size_max)


def delivered_at(s: Any, m: Term, h: Term) -> Term:
    """When the mail was last delivered: its stamp, less what the hub's clock is ahead."""
    at: Term = s.mail[m].stamp - s.hub[h].skew
    return at


def in_dumpster(s: Any, mail: Any, queue: Any, h: Term) -> Term:
    """A lot that entered the hub's dumpster is there: neither size nor age has removed it."""
    t, at = s.transport, mail.stamp - s.hub[h].skew
    return all_of(
        mail.stage == Stage.KEPT,
        mail.offset >= queue.floor,
        at >= t.horizon,
        ~s.elapsed(at, t.age_max),
    )


def resubmitted(mail: Any, queue: Any) -> Term:
    """A lot is in the window of a request that its hub accepted, and was not offered for it yet."""
    window = all_of(mail.stamp >= queue.since, mail.stamp <= queue.until)
    return all_of(mail.round < queue.round, window)


def kept(s: Any, h: Term, g: Term, m: Term) -> Term:
    """The mail is in the hub's dumpster."""
    here = in_dumpster(s, s.mail[m], s.queue[h, g], h)
    return all_of(addressed(s, m, h, g), here)


def waits(s: Any, h: Term, g: Term, m: Term) -> Term:
    """The mail is to be delivered: for the first time, or again because it is in the window of an
    accepted request.
    """
    mail, queue = s.mail[m], s.queue[h, g]
    first = all_of(mail.stage == Stage.QUEUED, addressed(s, m, h, g))
    return any_of(first, all_of(kept(s, h, g, m), resubmitted(mail, queue)))


def unlisted(s: Any, n: Term, g: Term, m: Term) -> Term:
    """The table of delivered mail in the database on `n` does not have it: it was never delivered,
    or was found to be rolled back with this stream.
    """
    mail, copy = s.mail[m], s.copy[n, g]
    gone = all_of(mail.gone_in == copy.lineage, mail.gone_by == copy.lineage_by)
    return any_of(mail.stage == Stage.QUEUED, gone)


def went_missing(mail: Any) -> Term:
    """The mail was found to be gone from some stream, and was not delivered since."""
    missing: Term = mail.gone_by != NOBODY
    return missing


def rolled_back(s: Any, n: Term, g: Term, m: Term) -> Term:
    """The table in the database on `n` was rolled back with the mail: it was in a log that did not
    come over when the stream forked, or was missing already.
    """
    mail, copy = s.mail[m], s.copy[n, g]
    lost = all_of(
        mail.lineage == copy.parent,
        mail.lineage_by == copy.parent_by,
        mail.store == peer(n),
        mail.generation > copy.fork,
    )
    before = all_of(mail.gone_in == copy.parent, mail.gone_by == copy.parent_by)
    return any_of(lost, all_of(went_missing(mail), before))


def lossy(copy: Any) -> Term:
    """The copy was mounted with a loss, or with one that is not known."""
    return any_of(~copy.loss_exact, copy.lost != 0, copy.lost_open != 0)


def safe_since(s: Any, n: Term, g: Term) -> Term:
    """A time before which the last log that `n` inspected was open at the source: whatever is in a
    later log was delivered since (D-04, without the slack).
    """
    note, upto = s.intake[n, g], s.copy[n, g].fork
    older = if_else(note.kept_log <= upto, note.kept_at, NEVER)
    return if_else(note.seen_log <= upto, note.seen_at, older)


def lifetime(s: Any) -> Term:
    """How long a request stays outstanding: seven days in RTM, MaxDumpsterTime in SP1 (S-127,
    S-128).
    """
    return if_else(s.p.dumpster_lifetime != 0, s.p.dumpster_lifetime, s.transport.age_max)


def posted(s: Any, m: Term, h: Term, v: Term, k: Term) -> Term:
    """The mail was submitted to `h`, for recipients in a storage group of a server."""
    post = s.post[m]
    return all_of(post.hub == h, post.server == v, post.place == k)


def kept_post(s: Any, h: Term, v: Term, k: Term, m: Term) -> Term:
    """Mail for a server is in the hub's dumpster."""
    return all_of(posted(s, m, h, v, k), in_dumpster(s, s.post[m], s.outbox[h, v, k], h))


def waits_post(s: Any, h: Term, v: Term, k: Term, m: Term) -> Term:
    """Mail for a server is to be delivered, for the first time or again."""
    post, queue = s.post[m], s.outbox[h, v, k]
    first = all_of(post.stage == Stage.QUEUED, posted(s, m, h, v, k))
    return any_of(first, all_of(kept_post(s, h, v, k, m), resubmitted(post, queue)))


def unlisted_post(s: Any, v: Term, k: Term, m: Term) -> Term:
    """The table in the server's database does not have the mail: it was never delivered, or was
    found to be rolled back with this stream.
    """
    post, local = s.post[m], s.local[v, k]
    return any_of(post.stage == Stage.QUEUED, post.gone_in == local.lineage)


def rolled_back_post(s: Any, v: Term, k: Term, m: Term) -> Term:
    """The table was rolled back with the mail: it was in a log that the local copy had not when it
    took over, or was missing already.
    """
    post, before = s.post[m], s.local[v, k].lineage - 1
    lost = all_of(post.lineage == before, post.generation > s.local[v, k].fork)
    missing = all_of(post.gone_in > post.lineage, post.gone_in == before)
    return any_of(lost, missing)
