"""What must be possible at the limits of copies: how much may be lost and still be healed, what a
seed passes over, and where the mailbox server goes, with networks that the proofs have not.

As in `limits`: these stories would go another way by a rule that allows less than it should.
"""

from __future__ import annotations

from models.ccr.phrases import serving
from models.ccr.phrases_networks import addressed
from models.ccr.vocabulary import NEVER, SCHEMA, Copy, Group, Node, Offer
from models.ccr.vocabulary_copies import Trouble
from models.language.model import SOMETIMES, property_for
from models.language.terms import all_of, peer

from .limits import WRITE
from .possible import AGAIN, FORMED, OUT

possible = property_for(SCHEMA)


def _named(w):
    return (
        f"configure_network w={w} role=MIXED public=false",
        f"enable_host_name w={w} n=A address=1",
        f"enable_host_name w={w} n=B address=2",
    )


SEED = "begin_seed n=B g=SG1"


@possible(
    "S65",
    kind=SOMETIMES,
    source="S-114",
    story=(
        "with Network=net1,net2,net3",
        *_named("net2"),
        *_named("net3"),
        "load_network w=net2 bandwidth=0 clients=1 log_time=0 seed_time=0",
        "load_network w=net2 bandwidth=1 clients=0 log_time=700 seed_time=70000",
        "load_network w=net3 bandwidth=1 clients=0 log_time=700 seed_time=90000",
        *FORMED,
        "suspend_copy n=B g=SG1",
        f"{SEED} delete=false manual=true",
        "wait 61000",
        "resume_copy n=B g=SG1",
        WRITE,
        "wait 1000",
        "suspend_copy n=B g=SG1",
        f"refused {SEED} delete=false manual=false",
        "name_seed_network n=B g=SG1 w=net2",
        f"{SEED} delete=true manual=true",
        "wait 71000",
        "resume_copy n=B g=SG1",
        "wait 1000",
        "suspend_copy n=B g=SG1",
        "name_seed_network n=B g=SG1 w=net2",
        "name_seed_network n=B g=SG1 w=net3",
        f"{SEED} delete=true manual=true",
        "wait 71000",
    ),
)
def a_seed_passes_over_two_networks(s, n: Node, g: Group):
    """Two networks may carry one seed, and it may be left to the operator to resume the copy; log
    files that are left over are not deleted unless that is said.
    """
    mine = s.copy[n, g]
    return all_of(
        mine.state == Copy.SEEDING, mine.seed_names == 2, mine.manual_resume, serving(s, peer(n))
    )


def _lost(was, now, logs, records):
    """So many closed logs that nobody else has are lost, and an open one with records in it; then
    the node is back, over the public network first, and the newer stream closes a log.
    """
    write = f"write_records g=SG1 n={was} records="
    return (
        *OUT,
        *((f"{write}100",) * logs),
        *((f"{write}{records}",) if records else ()),
        f"fail_node n={was}",
        *AGAIN,
        "wait 60000",
        "configure_network w=net1 role=PUBLIC public=true",
        f"power_on n={was}",
        "wait 1000",
        f"write_records n={now} g=SG1 records=100",
        "wait 10000",
        "configure_network w=net1 role=MIXED public=true",
        "wait 60000",
    )


LATE = (
    "begin_backup n=A g=SG1 kind=FULL of=A",
    "wait 701000",
    "begin_backup n=A g=SG1 kind=INCREMENTAL of=B",
    "first suspend_copy n=B g=SG1",
    f"first {SEED} delete=true manual=false",
    "first tick dt=60000",
    "first finish_seed n=B g=SG1",
    "wait 1000",
)
"""The store looks late: the copy that a backup reads was seeded meanwhile, and lacks one log."""


@possible(
    "S67",
    kind=SOMETIMES,
    source="S-147",
    story=(
        *FORMED,
        WRITE,
        "lose_log n=A g=SG1 generation=1",
        "wait 2000",
        "put_log_back n=A g=SG1",
        "suspend_copy n=B g=SG1",
        "resume_copy n=B g=SG1",
        "wait 1000",
        *LATE,
        *_lost("A", "B", 9, 5),
        *_lost("B", "A", 10, 0),
        *_lost("A", "B", 10, 5),
        "suspend_copy n=A g=SG1",
        "begin_seed n=A g=SG1 delete=true manual=false",
        "wait 61000",
        *_lost("B", "A", 11, 0),
        "enable_standby t=DR g=SG1 lag=0 truncation=0 spacing=0",
        "wait 1000",
    ),
)
def eleven_logs_are_too_many_to_heal(s, n: Node, g: Group):
    """A returning copy heals incrementally if it has ten logs that the newer stream lacks, the open
    one included; with eleven it is Failed until it is seeded.
    """
    mine = s.copy[n, g]
    return all_of(
        mine.state == Copy.FAILED,
        mine.trouble == Trouble.DIVERGED,
        mine.open_records > 0,
        mine.top - s.copy[peer(n), g].fork == s.p.llr_depth,
        serving(s, peer(n)),
        s.copy[peer(n), g].resync_from > NEVER,
    )


@possible(
    "S69",
    kind=SOMETIMES,
    source="S-094",
    story=(
        "with Network=net1,net2",
        "configure_network w=net2 role=PRIVATE public=false",
        *FORMED,
        "stop_cms n=A",
        "wait 1000",
        "cut_network w=net1 n=A",
        "wait 1000",
        "heal_network w=net1 n=A",
        "start_cms n=A",
        "wait 1000",
        "cut_network w=net1 n=A",
        "wait 60000",
        "enable_standby t=DR g=SG1 lag=0 truncation=0 spacing=0",
        "wait 1000",
    ),
)
def the_cms_goes_where_clients_reach_it(s, n: Node):
    """Clients reach the peer and not the node that had the CMS, which is up and heard: the peer
    serves. Where the CMS was stopped nothing happens for it.
    """
    return all_of(
        serving(s, n),
        addressed(s, n),
        ~addressed(s, peer(n)),
        s.node[n].taken == Offer.FAILOVER,
        s.node[peer(n)].running,
    )
