"""Promises of mail for a server with a local copy: what its restore asks for, that no message is
there twice, and that what is dropped is there; with what their proofs lean on.

They follow one arbitrary lot of mail through the server's streams; its siblings and other hubs do
whatever the rules allow.
"""

from __future__ import annotations

from models.ccr.phrases_mail import posted, rolled_back_post
from models.ccr.vocabulary import NEVER, SCHEMA
from models.ccr.vocabulary_lcr import Base, Lcr, Local, Server
from models.ccr.vocabulary_mail import OPEN_LOG, Hub, Mail, Stage
from models.language.model import ALWAYS, LEMMA, SOMETIMES, STEP, property_for
from models.language.terms import NOBODY, all_of, any_of, if_else, implies

promise = property_for(SCHEMA)

COPIED = (
    "add_hub h=HUB1 skew=0", "install_server v=MBX", "create_local v=MBX h=SG1",
    "enable_lcr v=MBX h=SG1", "wait 70000",
)  # fmt: skip
LOSE = ("lose_local_disks v=MBX h=SG1", "restore_lcr v=MBX h=SG1", "mount_local v=MBX h=SG1")


@promise("P80", kind=ALWAYS, source="I11")
def no_mail_is_twice_on_a_server(s, v: Server, k: Local, m: Mail):
    """No message is in the live database of a server, its logs included, twice."""
    return implies(s.parcel[v, k].mail == m, ~s.parcel[v, k].doubled)


@promise("P81", kind=STEP, source="S-129", at=("accept_post_request",))
def restore_asks_for_what_it_lost(s, t, h: Hub, v: Server, k: Local, m: Mail):
    """The window that a hub accepts after a restore to the local copy covers all of its mail that
    the restore lost, whatever the hub's clock says within its bound.
    """
    then, post = t.outbox[h, v, k], s.post[m]
    lost = all_of(
        then.asked != s.outbox[h, v, k].asked,
        posted(s, m, h, v, k),
        rolled_back_post(s, v, k, m),
        post.gone_in == 0,
    )
    return implies(lost, all_of(then.since <= post.stamp, post.stamp <= then.until))


@promise("P82", kind=STEP, source="D-12", at=("drop_post_duplicate",))
def only_what_the_server_has_is_dropped(s, t, v: Server, k: Local, m: Mail):
    """Mail that a server drops as a duplicate is in its database or its logs, if it was last
    delivered into this stream or the one before, and never went missing since.
    """
    post, local = s.post[m], s.local[v, k]
    dropped = all_of(
        s.parcel[v, k].mail == m,
        t.local[v, k].dropped > local.dropped,
        t.post[m].round != post.round,
        post.gone_in == 0,
    )
    near = any_of(post.lineage == local.lineage, post.lineage == local.lineage - 1)
    return implies(all_of(dropped, near), s.parcel[v, k].holds)


@promise("L164", kind=LEMMA, source="design")
def parcel_is_where_positions_say(s, v: Server, k: Local, m: Mail):
    """The followed lot is in the live stream as its record and the stream's fork say."""
    post, local, parcel = s.post[m], s.local[v, k], s.parcel[v, k]
    at = if_else(parcel.at == OPEN_LOG, local.top + 1, parcel.at)
    now = post.lineage == local.lineage
    before = all_of(post.lineage > 0, post.lineage == local.lineage - 1)
    went = all_of(before, post.gone_in == 0)
    return implies(
        parcel.mail == m,
        all_of(
            implies(parcel.holds, post.lineage > 0),
            implies(now, all_of(parcel.holds, at == post.generation)),
            implies(
                all_of(went, post.generation <= local.fork),
                all_of(parcel.holds, parcel.at == post.generation),
            ),
            implies(all_of(before, post.generation > local.fork), ~parcel.holds),
            implies(all_of(post.gone_in > 0, post.gone_in == local.lineage), ~parcel.holds),
            implies(all_of(post.gone_in > 0, post.gone_in == local.lineage - 1), ~parcel.holds),
            implies(all_of(parcel.holds, parcel.at == OPEN_LOG), local.open_records > 0),
            implies(all_of(parcel.holds, parcel.at != OPEN_LOG), parcel.at <= local.top),
        ),
    )


@promise("L165", kind=LEMMA, source="design")
def post_is_positioned_in_a_stream_that_was(s, v: Server, k: Local, m: Mail):
    """A lot was delivered into a stream not newer than the server's, into a log that was."""
    post, local = s.post[m], s.local[v, k]
    now = post.lineage == local.lineage
    said = all_of(
        post.lineage <= local.lineage,
        post.gone_in <= local.lineage,
        post.generation >= 1,
        implies(now, post.generation <= local.top + if_else(local.open_records > 0, 1, 0)),
    )
    return implies(all_of(post.server == v, post.place == k, post.lineage > 0), said)


@promise("L167", kind=LEMMA, source="design")
def post_is_stamped_when_it_came(s, v: Server, k: Local, m: Mail, h: Hub):
    """A lot was delivered when its stamp says; what the local copy has not was delivered since that
    was whole.
    """
    post, local = s.post[m], s.local[v, k]
    at = post.stamp - s.hub[h].skew
    now = post.lineage == local.lineage
    lost = all_of(post.lineage == local.lineage - 1, post.generation > local.fork)
    said = all_of(
        s.hub[h].known,
        at <= s.now,
        implies(all_of(now, post.generation > local.top), at >= local.closed_at),
        implies(
            all_of(now, local.lcr == Lcr.HEALTHY, post.generation > local.inspected),
            at >= local.whole_at,
        ),
        implies(lost, all_of(local.request_from <= at, at <= local.request_to)),
    )
    return implies(all_of(posted(s, m, h, v, k), post.lineage > 0), said)


@promise("L166", kind=LEMMA, source="design")
def post_begins_once(s, v: Server, k: Local, m: Mail):
    """A lot that was not submitted is nowhere and followed by nobody."""
    post, parcel = s.post[m], s.parcel[v, k]
    here = all_of(post.server == v, post.place == k)
    return all_of(
        parcel.submitted >= 0,
        implies(here, all_of(post.lineage >= 0, post.gone_in >= 0)),
        implies(
            all_of(here, post.gone_in > 0), all_of(post.gone_in > post.lineage, post.lineage > 0)
        ),
        implies(parcel.submitted < s.p.tracked_mail, parcel.mail == NOBODY),
        implies(parcel.mail == NOBODY, all_of(~parcel.doubled, ~parcel.holds)),
        implies(
            all_of(parcel.mail == m, parcel.holds), any_of(parcel.at == OPEN_LOG, parcel.at >= 1)
        ),
        implies(
            post.stage == Stage.NONE,
            all_of(post.lineage == 0, post.gone_in == 0, post.place == NOBODY, parcel.mail != m),
        ),
        implies(parcel.mail == m, here),
    )


@promise(
    "S75",
    kind=SOMETIMES,
    source="S-129",
    story=(
        *COPIED,
        "submit_post h=HUB1 m=m1 v=MBX k=SG1 count=1 size=1 records=1",
        *LOSE,
        "wait 1000",
    ),
)
def lost_mail_comes_back_to_a_server(s, v: Server, k: Local, h: Hub, m: Mail):
    """The live disks are lost with mail that the local copy had not; a hub delivers it again."""
    post, local = s.post[m], s.local[v, k]
    return all_of(
        posted(s, m, h, v, k),
        local.base == Base.MOUNTED,
        local.missed > 0,
        post.lineage == local.lineage,
        post.lineage == 2,
        post.round == 1,
    )


@promise(
    "S58",
    kind=SOMETIMES,
    source="S-129",
    story=(
        *COPIED,
        "submit_post h=HUB1 m=m1 v=MBX k=SG1 count=1 size=1 records=1",
        "fail_hub h=HUB1",
        *LOSE,
        "enable_lcr v=MBX h=SG1",
        "wait 70000",
        *LOSE,
        "start_hub h=HUB1",
        "wait 1000",
    ),
)
def mail_lost_with_two_disks_comes_back(s, v: Server, k: Local, h: Hub, m: Mail):
    """Mail that was lost with the live disks is missing after a second restore too, which came
    before its hub was back; it is delivered into the newest stream.
    """
    post, local = s.post[m], s.local[v, k]
    here = all_of(posted(s, m, h, v, k), local.base == Base.MOUNTED, local.missed == 2)
    return all_of(here, post.lineage == 3, local.lineage == 3, post.round == 1)


@promise(
    "S60",
    kind=SOMETIMES,
    source="S-136",
    story=(
        *COPIED,
        "configure_dumpster size=18874368 age=0",
        "submit_post h=HUB1 m=m1 v=MBX k=SG1 count=1 size=1 records=1",
    ),
)
def mail_for_a_server_is_kept_for_no_time(s, v: Server, k: Local, h: Hub, m: Mail):
    """Where mail is to be kept for no time at all it is delivered to a server and passed on, though
    the database is enabled for LCR.
    """
    post, queue = s.post[m], s.outbox[h, v, k]
    here = all_of(posted(s, m, h, v, k), post.stage == Stage.KEPT, post.offset == NEVER)
    return all_of(here, s.local[v, k].lcr == Lcr.HEALTHY, queue.passed == 1, queue.entered == 0)
