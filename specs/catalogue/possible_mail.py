"""What must be possible with mail: it comes back after a lossy failover, and after a second one;
duplicates are dropped; a hub that is down is waited for; the oldest mail leaves a dumpster.
"""

from __future__ import annotations

from models.ccr.phrases import serving
from models.ccr.vocabulary import NEVER, SCHEMA, Group, Node, Power
from models.ccr.vocabulary_mail import Hub, Mail, Stage
from models.language.model import SOMETIMES, property_for
from models.language.terms import all_of, any_of, peer

from .possible import FORMED, unforced

possible = property_for(SCHEMA)

HUB = (*FORMED, "add_hub h=HUB1 skew=0")
SENT = "submit_mail h=HUB1 m=m1 g=SG1 count=1 size=1000 records=1"
OTHER = "submit_mail h=HUB1 m=m2 g=SG1 count=1 size=1000 records=1"
LOST = (*HUB, SENT, "fail_node n=A", "wait 20000")
"""A fails with the mail in its open log; B mounts without it, asks the hub and gets it."""
AGAIN = (
    *HUB,
    SENT,
    "fail_hub h=HUB1",
    "fail_node n=A",
    "wait 20000",
    "power_on n=A",
    "write_records n=B g=SG1 records=1",
    "wait 120000",
    "start_hub h=HUB1",
    "wait 3500000",
    "fail_node n=B",
    "wait 60000",
)
"""The hub is asked again after its retry time; B fails before the log with the mail is closed: A
mounts without it, asks and gets it.
"""


def _came_back(s, n, g, h, m):
    """The mail is in the stream on n, which serves; a request brought it."""
    mail, queue = s.mail[m], s.queue[h, g]
    return all_of(
        unforced(s, n),
        serving(s, n),
        mail.hub == h,
        mail.group == g,
        mail.store == n,
        mail.lineage == s.copy[n, g].lineage,
        mail.lineage_by == n,
        mail.round == queue.round,
        queue.round >= 1,
    )


@possible("S45", kind=SOMETIMES, source="S-122", story=LOST)
def lost_mail_comes_back(s, n: Node, g: Group, h: Hub, m: Mail):
    """Mail that a lossy failover lost is delivered again from the dumpster."""
    return _came_back(s, n, g, h, m)


@possible(
    "S46",
    kind=SOMETIMES,
    source="S-122",
    story=(*HUB, SENT, "wait 120000", OTHER, "fail_node n=A", "wait 20000"),
)
def duplicate_is_dropped(s, n: Node, g: Group, h: Hub, m: Mail):
    """Mail that came over with its log is resubmitted and dropped."""
    mail = s.mail[m]
    return all_of(
        unforced(s, n),
        serving(s, n),
        s.intake[n, g].dropped > 0,
        mail.hub == h,
        mail.group == g,
        mail.round > 0,
        mail.round == s.queue[h, g].round,
        mail.store != n,
    )


@possible(
    "S47",
    kind=SOMETIMES,
    source="T7",
    story=(*HUB, SENT, "fail_hub h=HUB1", "fail_node n=A", "wait 20000"),
)
def absent_hub_is_waited_for(s, n: Node, g: Group, h: Hub):
    """A request stays outstanding while its hub is down."""
    request = s.request[h, g]
    return all_of(
        unforced(s, n), serving(s, n), request.outstanding, request.failed_at >= 0, ~s.hub[h].up
    )


@possible(
    "S48",
    kind=SOMETIMES,
    source="S-120",
    story=(*HUB, "configure_dumpster size=1500 age=604800000", SENT, OTHER),
)
def oldest_mail_leaves(s, g: Group, h: Hub, m: Mail):
    """Mail leaves a dumpster because newer mail fills it."""
    mail = s.mail[m]
    return all_of(
        mail.stage == Stage.KEPT,
        mail.hub == h,
        mail.group == g,
        mail.offset >= 0,
        mail.offset < s.queue[h, g].floor,
    )


@possible("S49", kind=SOMETIMES, source="T7", story=AGAIN)
def mail_lost_twice_comes_back_twice(s, n: Node, g: Group, h: Hub, m: Mail):
    """Mail that a second lossy failover takes while it is redelivered comes back all the same."""
    return all_of(_came_back(s, n, g, h, m), s.queue[h, g].round >= 2)


@possible(
    "S76",
    kind=SOMETIMES,
    source="D-13",
    story=(
        *HUB,
        SENT,
        "fail_hub h=HUB1",
        "fail_node n=A",
        "wait 20000",
        "power_on n=A",
        "write_records n=B g=SG1 records=1",
        "wait 200000",
        "request_move n=B",
        "wait 20000",
        "fail_node n=B",
        "start_hub h=HUB1",
        "wait 4000000",
    ),
)
def request_outlives_the_node_that_made_it(s, n: Node, g: Group, h: Hub, m: Mail):
    """A request that one node recorded is answered although that node is down: whoever has the
    storage group asks.
    """
    mail, request = s.mail[m], s.request[h, g]
    return all_of(
        unforced(s, n),
        serving(s, n),
        request.by == peer(n),
        s.node[peer(n)].power == Power.DOWN,
        mail.round == 1,
        mail.store == n,
        mail.lineage == s.copy[n, g].lineage,
    )


@possible(
    "S55",
    kind=SOMETIMES,
    source="S-134",
    story=(
        *HUB,
        "configure_dumpster size=18874368 age=0",
        SENT,
        "configure_dumpster size=0 age=0",
        "submit_mail h=HUB1 m=m2 g=SG1 count=1 size=1 records=1",
    ),
)
def nothing_is_kept_where_a_limit_is_none(s, g: Group, h: Hub, m: Mail):
    """Zero of either limit disables the dumpster: mail, of one byte too, is delivered and not
    kept.
    """
    mail, queue = s.mail[m], s.queue[h, g]
    here = all_of(mail.hub == h, mail.group == g, mail.stage == Stage.KEPT, mail.offset == NEVER)
    return all_of(here, queue.passed == 2, queue.entered == 0, s.transport.size_max == 0)


@possible(
    "S56",
    kind=SOMETIMES,
    source="D-04",
    story=(*FORMED, "add_hub h=HUB1 skew=-60000", SENT, "fail_node n=A", "wait 20000"),
)
def slow_clock_of_a_hub_loses_nothing(s, n: Node, g: Group, h: Hub, m: Mail):
    """Mail that a lossy failover lost is delivered again by a hub whose clock is behind by as much
    as is allowed.
    """
    slow = s.hub[h].skew + s.p.hub_skew_max == 0
    return all_of(_came_back(s, n, g, h, m), slow, s.p.hub_skew_max > 0)


@possible(
    "S57",
    kind=SOMETIMES,
    source="S-130",
    story=(*HUB, "save_items n=A g=SG1 item=DRAFT records=1", "fail_node n=A", "wait 20000"),
)
def what_no_hub_held_stays_lost(s, n: Node, g: Group, h: Hub):
    """A draft is lost with the open log of a node that fails: no hub is asked for what it never
    had, though each was asked.
    """
    rec = s.record[g]
    there = any_of(rec.in_open[n], rec.in_logs[n], rec.in_database[n])
    return all_of(unforced(s, n), serving(s, n), rec.acked, ~there, s.queue[h, g].round == 1)
