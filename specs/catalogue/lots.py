"""Promises about lots of mail: what one is, what may become of it and who does that, for the
cluster and for a server outside it. They hold for all rules together.

Each is a row of a truth table over the record of a lot before and after a step: delivered, kept or
passed on, dropped, found to be gone, or none of these, and then it is as it was.
"""

from __future__ import annotations

from models.ccr.model import CCR as RULES
from models.ccr.phrases import alive, controls, leased, mounted, own_newest
from models.ccr.phrases_mail import (
    addressed,
    kept,
    kept_post,
    posted,
    retained,
    rolled_back,
    rolled_back_post,
    unlisted,
    unlisted_post,
    waits,
    waits_post,
    went_missing,
)
from models.ccr.vocabulary import NEVER, SCHEMA, Cms, Group, Node
from models.ccr.vocabulary_lcr import Base, Lcr, Local, Server
from models.ccr.vocabulary_mail import Hub, Mail, Stage
from models.language.model import ALWAYS, LEMMA, STEP, property_for
from models.language.terms import NOBODY, all_of, any_of, implies, one_of, some

from .data import attested

promise = property_for(SCHEMA)


def _writing(record):
    """The rules after which a lot may be otherwise than before."""
    return tuple(
        r.name for r in RULES.rules.values() if record in {f.value[0] for f, _ in r.effects}
    )


def _whole(s, lot, *named):
    """A lot that was submitted is one that can be delivered and kept; of another nothing is."""
    some_size = all_of(lot.count > 0, lot.bytes > 0)
    fits = all_of(lot.records > 0, lot.records <= s.p.log_capacity)
    somewhere = all_of(*(x != NOBODY for x in named))
    nobody = all_of(*(x == NOBODY for x in named), lot.count == 0)
    return all_of(
        implies(lot.stage != Stage.NONE, all_of(some_size, fits, somewhere)),
        implies(lot.stage == Stage.NONE, nobody),
    )


@promise("P140", kind=ALWAYS, source="S-078")
def a_lot_is_whole(s, m: Mail):
    """A lot that was submitted has messages, a size, and records that fit one log; it is addressed
    to one storage group by way of one hub.
    """
    mail, post = s.mail[m], s.post[m]
    return all_of(
        _whole(s, mail, mail.hub, mail.group), _whole(s, post, post.hub, post.server, post.place)
    )


@promise("L90", kind=LEMMA, source="design")
def a_lot_lies_where_its_stage_says(s, m: Mail, g: Group, v: Server, k: Local):
    """A lot has a place in a stream once it was delivered, and none before."""
    mail, post = s.mail[m], s.post[m]

    def nowhere(lot):
        position = all_of(lot.lineage == 0, lot.generation == NEVER, lot.gone_in == 0)
        return all_of(position, lot.stamp == NEVER, lot.round == 0)

    waiting = (Stage.NONE, Stage.QUEUED)
    here = all_of(post.server == v, post.place == k)
    missing = all_of(mail.gone_in > 0, mail.lost_in > 0)
    return all_of(
        *(implies(one_of(lot.stage, *waiting), nowhere(lot)) for lot in (mail, post)),
        implies(all_of(mail.group == g, ~one_of(mail.stage, *waiting)), mail.lineage > 0),
        implies(all_of(here, ~one_of(post.stage, *waiting)), post.lineage > 0),
        implies(one_of(mail.stage, *waiting), all_of(mail.store == NOBODY, ~went_missing(mail))),
        implies(all_of(attested(s), mail.group == g), went_missing(mail) == missing),
    )


def _same(a, b, record):
    """Every field of a lot is as it was."""
    names = SCHEMA.records[record].fields
    return all_of(*(getattr(a, name) == getattr(b, name) for name in names))


def _came(a, b):
    return all_of(a.stage == Stage.NONE, b.stage != Stage.NONE)


def _went(a, b, *missed):
    """What happened to a lot: it was delivered, was noted by its hub, was dropped, was missed."""
    same = a.stage == b.stage
    return {
        "delivered": all_of(~same, b.stage == Stage.TAKEN),
        "kept": all_of(a.stage == Stage.TAKEN, ~same),
        "dropped": all_of(same, a.round != b.round),
        "missed": all_of(same, a.round == b.round, *missed),
    }


def _noted(s, a, b, q, r, fits):
    """The hub kept it, as the newest that ever entered; or passed it on."""
    entered = all_of(
        fits, b.offset == q.entered, r.entered == q.entered + a.bytes, r.passed == q.passed
    )
    passed = all_of(
        ~fits, b.offset == NEVER, r.entered == q.entered, r.passed == q.passed + a.count
    )
    return all_of(b.stage == Stage.KEPT, any_of(entered, passed))


@promise("P141", kind=STEP, source="S-118", at=_writing("mail"))
def what_becomes_of_mail_has_a_cause(s, t, m: Mail, h: Hub, g: Group):
    """Mail is submitted to a hub that is up, whole; delivered when it waits there and the database
    of a storage group that serves does not list it; kept by its hub, if the dumpster takes it, or
    passed on; dropped when a serving database lists it; found to be gone by a mounted one whose
    table was rolled back, while its hub holds it; or it is as it was.
    """
    a, b, q, r, up = s.mail[m], t.mail[m], s.queue[h, g], t.queue[h, g], s.hub[h].up
    gone = any_of(a.gone_in != b.gone_in, a.gone_by != b.gone_by)
    went, here = _went(a, b, gone), all_of(b.hub == h, b.group == g)
    waited = all_of(up, waits(s, h, g, m))

    def store(n):
        return all_of(
            alive(s, n), leased(s, n), controls(s, n), mounted(s, n, g), own_newest(s, n, g)
        )

    def delivers(n):
        copy = s.copy[n, g]
        return all_of(
            store(n), s.node[n].cms == Cms.ONLINE, b.store == n, unlisted(s, n, g, m),
            b.lineage == copy.lineage, b.lineage_by == copy.lineage_by,
            b.generation == copy.top + 1,
            t.copy[n, g].open_records == copy.open_records + a.records,
        )  # fmt: skip

    def drops(n):
        listed = ~any_of(unlisted(s, n, g, m), rolled_back(s, n, g, m))
        count = t.intake[n, g].dropped == s.intake[n, g].dropped + a.count
        return all_of(store(n), s.node[n].cms == Cms.ONLINE, listed, count)

    def misses(n):
        copy = s.copy[n, g]
        return all_of(
            store(n), rolled_back(s, n, g, m), ~unlisted(s, n, g, m),
            b.gone_in == copy.lineage, b.gone_by == copy.lineage_by,
            t.intake[n, g].missed == s.intake[n, g].missed + a.count,
            any_of(all_of(went_missing(a), b.lost_in == a.lost_in), b.lost_in == copy.lineage),
        )  # fmt: skip

    stamped = all_of(b.stamp == s.now + s.hub[h].skew, b.round == q.round)
    found = all_of(b.gone_in == 0, ~went_missing(b), ~b.mislaid)
    excused = b.mislaid == any_of(a.mislaid, went_missing(a))
    held = any_of(a.stage == Stage.TAKEN, kept(s, h, g, m))
    submitted = all_of(b.stage == Stage.QUEUED, up, r.submitted == q.submitted + b.count)
    return all_of(
        implies(all_of(here, _came(a, b)), submitted),
        implies(all_of(here, went["delivered"]),
                all_of(waited, stamped, found, some(Node, delivers))),
        implies(all_of(here, went["kept"]),
                all_of(up, _noted(s, a, b, q, r, retained(s, a.bytes)))),
        implies(all_of(here, went["dropped"]),
                all_of(waited, b.round == q.round, excused, some(Node, drops))),
        implies(all_of(here, went["missed"]), all_of(held, some(Node, misses))),
        implies(all_of(a.hub == h, a.group == g), any_of(*went.values(), _same(a, b, "mail"))),
        implies(a.stage == Stage.NONE, any_of(_came(a, b), _same(a, b, "mail"))),
    )  # fmt: skip


@promise("P142", kind=STEP, source="S-124", at=_writing("post"))
def what_becomes_of_a_servers_mail_has_a_cause(s, t, m: Mail, h: Hub, v: Server, k: Local):
    """Mail for a server is submitted to a hub that is up; delivered when it waits there and the
    mounted database does not list it; kept by its hub, if the database is enabled for LCR and the
    dumpster takes it, or passed on; dropped when the database lists it; found to be gone when the
    table was rolled back and its hub holds it; or it is as it was.
    """
    a, b, q, r, up = s.post[m], t.post[m], s.outbox[h, v, k], t.outbox[h, v, k], s.hub[h].up
    local, then = s.local[v, k], t.local[v, k]
    went = _went(a, b, a.gone_in != b.gone_in)
    here = all_of(b.hub == h, b.server == v, b.place == k)
    waited = all_of(up, waits_post(s, h, v, k, m))
    served = all_of(s.server[v].up, local.base == Base.MOUNTED)
    fits = all_of(retained(s, a.bytes), local.lcr != Lcr.OFF)
    stamped = all_of(b.stamp == s.now + s.hub[h].skew, b.round == q.round, b.gone_in == 0)
    placed = all_of(
        b.lineage == local.lineage, b.generation == local.top + 1,
        then.open_records == local.open_records + a.records,
    )  # fmt: skip
    gone = rolled_back_post(s, v, k, m)
    listed = ~any_of(unlisted_post(s, v, k, m), gone)
    held = any_of(a.stage == Stage.TAKEN, kept_post(s, h, v, k, m))
    submitted = all_of(b.stage == Stage.QUEUED, up, r.submitted == q.submitted + b.count)
    return all_of(
        implies(all_of(here, _came(a, b)), submitted),
        implies(all_of(here, went["delivered"]),
                all_of(waited, served, unlisted_post(s, v, k, m), stamped, placed)),
        implies(all_of(here, went["kept"]), all_of(up, _noted(s, a, b, q, r, fits))),
        implies(all_of(here, went["dropped"]),
                all_of(waited, served, listed, b.round == q.round,
                       then.dropped == local.dropped + a.count)),
        implies(all_of(here, went["missed"]),
                all_of(served, gone, ~unlisted_post(s, v, k, m), held, b.gone_in == local.lineage,
                       then.missed == local.missed + a.count)),
        implies(all_of(a.hub == h, a.server == v, a.place == k),
                any_of(*went.values(), _same(a, b, "post"))),
        implies(a.stage == Stage.NONE, any_of(_came(a, b), _same(a, b, "post"))),
    )  # fmt: skip


@promise("P143", kind=STEP, source="S-078", at=("close_log_for_mail", "close_local_log_for_post"))
def a_log_is_closed_early_for_mail_that_needs_it(
    s, t, m: Mail, h: Hub, n: Node, g: Group, v: Server, k: Local
):
    """A log is closed before it is full or idle, and is empty then, only while the database is
    mounted and serves, for mail that waits at a hub that is up, that the database does not list,
    and that does not fit.
    """
    copy, then, mine, after = s.copy[n, g], t.copy[n, g], s.local[v, k], t.local[v, k]
    closed = all_of(then.top != copy.top, t.letter[g].room == m, addressed(s, m, h, g))
    needed = all_of(
        s.hub[h].up, waits(s, h, g, m), unlisted(s, n, g, m),
        copy.open_records + s.mail[m].records > s.p.log_capacity,
        s.node[n].cms == Cms.ONLINE, mounted(s, n, g),
        then.top == copy.top + 1, then.replayed == then.top, then.open_records == 0,
    )  # fmt: skip
    shut = all_of(after.top != mine.top, t.parcel[v, k].room == m, posted(s, m, h, v, k))
    wanted = all_of(
        s.hub[h].up, waits_post(s, h, v, k, m), unlisted_post(s, v, k, m),
        mine.open_records + s.post[m].records > s.p.log_capacity, mine.base == Base.MOUNTED,
        after.top == mine.top + 1, after.open_records == 0, after.closed_at == s.now,
        implies(mine.copied == mine.top, after.copy_from == s.now),
    )  # fmt: skip
    return all_of(implies(closed, needed), implies(shut, wanted))
