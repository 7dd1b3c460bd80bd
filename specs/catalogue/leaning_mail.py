"""What the proofs about mail lean on: what the record of a lot and the notes of the passive say of
the streams that it is in.
"""

from __future__ import annotations

from models.ccr.phrases_mail import delivered_at
from models.ccr.vocabulary import SCHEMA, Copy, Group, Node
from models.ccr.vocabulary_copies import Trouble
from models.ccr.vocabulary_mail import OPEN_LOG, Hub, Mail, Stage
from models.language.model import LEMMA, property_for
from models.language.terms import NOBODY, all_of, any_of, if_else, implies, one_of, peer

from .data import attested, prefix
from .leaning_letters import followed

lemma = property_for(SCHEMA)


def _is(number, by, lineage, lineage_by):
    return all_of(number == lineage, by == lineage_by)


@lemma("L173", kind=LEMMA, source="design")
def mail_is_positioned_in_a_stream_that_was(s, n: Node, g: Group, m: Mail):
    """The position of mail is one that its store had, in a stream not newer than the one it is of
    now; it goes missing in newer ones only.
    """
    mail, copy = s.mail[m], s.copy[n, g]
    here = all_of(mail.store == n, mail.lineage > 0)
    now_of = _is(mail.lineage, mail.lineage_by, copy.lineage, copy.lineage_by)
    named = all_of(
        implies(mail.lineage_by == n, mail.lineage <= copy.active_epoch),
        implies(mail.lineage_by == NOBODY, mail.lineage <= 1),
        implies(mail.gone_by == n, mail.gone_in <= copy.active_epoch),
        implies(mail.gone_by == NOBODY, mail.gone_in <= 1),
    )
    placed = all_of(
        mail.lineage <= copy.lineage,
        mail.lineage_by != peer(n),
        implies(now_of, ~prefix(s, n, g)),
        implies(all_of(now_of, copy.state == Copy.ACTIVE), mail.generation > copy.fork),
        implies(
            all_of(now_of, copy.state == Copy.ACTIVE),
            mail.generation <= copy.top + if_else(copy.open_records > 0, 1, 0),
        ),
    )
    said = all_of(
        mail.lineage >= 0,
        mail.gone_in >= 0,
        implies(mail.gone_in > 0, mail.gone_in > mail.lineage),
        implies(mail.lineage == 0, mail.gone_in == 0),
        implies(mail.lineage > 0, mail.store != NOBODY),
        implies(all_of(mail.lineage > 0, now_of, copy.state == Copy.ACTIVE), mail.store == n),
        named,
        implies(here, placed),
    )
    return implies(all_of(attested(s), mail.group == g), said)


@lemma("L180", kind=LEMMA, source="design")
def later_mounted_is_of_a_newer_lineage(s, n: Node, g: Group):
    """Of two copies the one mounted later is of the newer lineage, unless they are of one."""
    a, b = s.copy[n, g], s.copy[peer(n), g]
    newer = any_of(b.lineage > a.lineage, _is(b.lineage, b.lineage_by, a.lineage, a.lineage_by))
    return implies(all_of(attested(s), b.active_epoch > a.active_epoch), newer)


@lemma("L181", kind=LEMMA, source="design")
def windows_end_by_now(s, g: Group, h: Hub):
    """No window reaches further than the slack beyond the present."""
    return s.request[h, g].until <= s.now + s.p.dumpster_slack


@lemma("L183", kind=LEMMA, source="design")
def mail_that_did_not_go_missing_is_held(s, n: Node, g: Group, m: Mail):
    """Mail is in the stream that it was last delivered into; in one that follows or forked from it,
    as far as that reaches.
    """
    mail, copy, letter = s.mail[m], s.copy[n, g], s.letter[g]
    own = _is(mail.lineage, mail.lineage_by, copy.lineage, copy.lineage_by)
    parent = _is(mail.lineage, mail.lineage_by, copy.parent, copy.parent_by)
    active = copy.state == Copy.ACTIVE
    theirs = mail.store == peer(n)
    closed = all_of(letter.at[n] != OPEN_LOG, letter.at[n] <= copy.fork)
    said = all_of(
        implies(all_of(active, own), letter.holds[n]),
        implies(all_of(prefix(s, n, g), own, theirs, mail.generation <= copy.top), letter.holds[n]),
        implies(
            all_of(
                prefix(s, n, g),
                own,
                theirs,
                mail.generation > copy.top,
                mail.generation <= copy.copied,
            ),
            all_of(letter.inbox[n], letter.inbox_at[n] == mail.generation),
        ),
        implies(
            all_of(active, parent, theirs, mail.generation <= copy.fork, mail.gone_in == 0),
            letter.holds[n],
        ),
        implies(all_of(active, parent, theirs, letter.holds[n]), closed),
        implies(all_of(active, parent, mail.store == n, mail.gone_in == 0), letter.holds[n]),
    )
    return implies(all_of(followed(s, g, m), mail.lineage > 0), said)


@lemma("L174", kind=LEMMA, source="design")
def mail_never_delivered_is_nowhere(s, n: Node, g: Group, m: Mail):
    """Mail that no store accepted is in no stream."""
    letter = s.letter[g]
    nowhere = all_of(~letter.holds[n], ~letter.inbox[n])
    return implies(all_of(letter.mail == m, s.mail[m].lineage == 0), nowhere)


@lemma("L175", kind=LEMMA, source="design")
def gone_mail_is_not_in_the_stream(s, n: Node, g: Group, m: Mail):
    """Mail that was found to be rolled back with a stream is not in a live copy of it, nor in one
    that forked from it.
    """
    mail, copy, letter = s.mail[m], s.copy[n, g], s.letter[g]
    live = any_of(copy.state == Copy.ACTIVE, prefix(s, n, g))
    own = all_of(live, _is(mail.gone_in, mail.gone_by, copy.lineage, copy.lineage_by))
    forked = all_of(
        copy.state == Copy.ACTIVE, _is(mail.gone_in, mail.gone_by, copy.parent, copy.parent_by)
    )
    return implies(
        all_of(followed(s, g, m), mail.gone_in > 0, any_of(own, forked)),
        all_of(~letter.holds[n], ~letter.inbox[n]),
    )


@lemma("L176", kind=LEMMA, source="design")
def newest_copy_is_the_one_held(s, n: Node, g: Group, m: Mail):
    """A copy of the stream that the mail was last delivered into, or one forked from it, holds that
    copy of it, or none.
    """
    mail, copy, letter = s.mail[m], s.copy[n, g], s.letter[g]
    live = any_of(copy.state == Copy.ACTIVE, prefix(s, n, g))
    own = all_of(live, _is(mail.lineage, mail.lineage_by, copy.lineage, copy.lineage_by))
    forked = all_of(
        copy.state == Copy.ACTIVE,
        mail.store == peer(n),
        _is(mail.lineage, mail.lineage_by, copy.parent, copy.parent_by),
    )
    at = if_else(letter.at[n] == OPEN_LOG, copy.top + 1, letter.at[n])
    return implies(
        all_of(followed(s, g, m), mail.lineage > 0, any_of(own, forked)),
        all_of(
            implies(letter.holds[n], at == mail.generation),
            implies(
                all_of(own, prefix(s, n, g), letter.inbox[n]),
                letter.inbox_at[n] == mail.generation,
            ),
        ),
    )


@lemma("L177", kind=LEMMA, source="D-04")
def notes_are_older_than_later_logs(s, n: Node, g: Group, m: Mail, h: Hub):
    """Mail in a log after one that the passive saw open was delivered since it saw that."""
    mail, copy, note = s.mail[m], s.copy[n, g], s.intake[n, g]
    at = delivered_at(s, m, h)
    following = all_of(
        copy.state != Copy.ACTIVE,
        _is(mail.lineage, mail.lineage_by, copy.lineage, copy.lineage_by),
    )
    forked = all_of(
        copy.state == Copy.ACTIVE, _is(mail.lineage, mail.lineage_by, copy.parent, copy.parent_by)
    )
    newer = mail.lineage > copy.lineage
    theirs = all_of(followed(s, g, m), mail.store == peer(n), mail.hub == h, mail.lineage > 0)

    def since(log, when):
        return implies(any_of(newer, mail.generation > log), at >= when)

    return all_of(
        note.seen_at <= s.now,
        note.kept_at <= note.seen_at,
        implies(
            all_of(theirs, any_of(newer, following, forked)),
            all_of(since(note.seen_log, note.seen_at), since(note.kept_log, note.kept_at)),
        ),
    )


@lemma("L178", kind=LEMMA, source="design")
def hubs_clocks_are_near(s, h: Hub, m: Mail):
    """A hub's clock is off by at most what is allowed; a stamp is not in its future."""
    hub, at = s.hub[h], delivered_at(s, m, h)
    return all_of(
        hub.skew <= s.p.hub_skew_max,
        hub.skew + s.p.hub_skew_max >= 0,
        implies(all_of(s.mail[m].hub == h, s.mail[m].lineage > 0), hub.known),
        implies(all_of(s.mail[m].hub == h, s.mail[m].lineage > 0), all_of(at >= 0, at <= s.now)),
        s.now >= 0,
        hub.known | ~hub.up,
    )


@lemma("L184", kind=LEMMA, source="design")
def requests_and_queues_are_in_step(s, g: Group, h: Hub, m: Mail):
    """A hub accepted no request that was not made; a later window ends later; no mail was offered
    for a request that its hub has not accepted.
    """
    request, queue, mail = s.request[h, g], s.queue[h, g], s.mail[m]
    return all_of(
        queue.asked <= request.lineage,
        queue.until <= request.until,
        queue.round >= 0,
        request.lineage >= 0,
        implies(mail.stage == Stage.NONE, mail.round == 0),
        implies(queue.round == 0, queue.asked <= 0),
        request.given_up <= request.lineage,
        any_of(
            request.outstanding,
            queue.asked == request.lineage,
            request.given_up == request.lineage,
        ),
        request.failed_at <= s.now,
        implies(
            all_of(mail.hub == h, mail.group == g),
            all_of(mail.round >= 0, mail.round <= queue.round),
        ),
    )


@lemma("L185", kind=LEMMA, source="design")
def gone_mail_was_asked_for(s, g: Group, h: Hub, m: Mail):
    """Mail was found to be gone after its hub was to be asked for it."""
    mail, request = s.mail[m], s.request[h, g]
    missing = all_of(followed(s, g, m), mail.hub == h, mail.gone_in > 0)
    return implies(missing, all_of(mail.lost_in > 0, mail.lost_in <= request.lineage))


@lemma("L186", kind=LEMMA, source="design")
def old_stream_is_whole(s, n: Node, g: Group, m: Mail):
    """Mail is in the stream that it was delivered into, whatever became of its copy, until that is
    seeded.
    """
    mail, copy = s.mail[m], s.copy[n, g]
    own = _is(mail.lineage, mail.lineage_by, copy.lineage, copy.lineage_by)
    here = all_of(followed(s, g, m), mail.store == n, mail.lineage > 0, own)
    end = copy.top + if_else(copy.open_records > 0, 1, 0)
    lost = one_of(copy.trouble, Trouble.SEED_INTERRUPTED, Trouble.DIVERGED)
    there = all_of(copy.state != Copy.SEEDING, ~lost)
    return implies(all_of(here, there), mail.generation <= end)


@lemma("L187", kind=LEMMA, source="design")
def request_is_of_a_stream_that_was(s, n: Node, g: Group, h: Hub):
    """A request is for a stream in which its node mounted."""
    request, copy = s.request[h, g], s.copy[n, g]
    return implies(
        attested(s),
        all_of(
            implies(request.by == n, request.lineage <= copy.active_epoch),
            implies(request.by == NOBODY, request.lineage == 0),
        ),
    )
