"""What must be possible at the limits: the least and the most that may be asked for, what is
refused just beyond, and what takes more members, or other settings, than the proofs' instance has.

Promises say what must not happen; a rule that allows less than it should keeps them all. These
stories would go another way.
"""

from __future__ import annotations

from models.ccr.phrases import mounted, serving
from models.ccr.phrases_networks import addressed
from models.ccr.vocabulary import NEVER, SCHEMA, Cms, Copy, Group, Node, Offer, Power
from models.ccr.vocabulary_copies import Trouble
from models.ccr.vocabulary_lcr import Local, Server
from models.ccr.vocabulary_standby import LAG_MAX, Standby, Target, Way
from models.language.model import SOMETIMES, property_for
from models.language.terms import all_of, each, peer

from .possible import AGAIN, FORMED, OUT
from .servers import ALONE, BACKED_UP, LOG

possible = property_for(SCHEMA)

WRITE = "write_records n=A g=SG1 records=100"
QUARTER = LAG_MAX // 4


def _lags(row, enable, disable, suspend, resume, seed, log, wait):
    """Enabled with no lag and seeded; then with the least lag that is noted, and with the most."""
    return (
        f"{enable} {row} lag=0 truncation=0 spacing=0",
        f"{suspend} {row}",
        f"{seed} delete=false",
        "wait 61000",
        log,
        "wait 1000",
        f"{suspend} {row}",
        f"refused {seed} delete=false",
        f"{resume} {row}",
        f"{disable} {row}",
        f"{enable} {row} lag=1 truncation=0 spacing=1",
        f"{disable} {row}",
        f"{enable} {row} lag={LAG_MAX} truncation={LAG_MAX} spacing={QUARTER}",
        log,
        wait,
    )


def _lags_most(s, mine):
    return all_of(
        mine.state == Standby.HEALTHY,
        mine.lag == LAG_MAX,
        mine.truncation == LAG_MAX,
        mine.told_1 > 0,
        mine.top > mine.replayed,
        mine.replayed > 0,
    )


@possible(
    "S62",
    kind=SOMETIMES,
    source="T8",
    story=(
        "with scr_floor=0",
        *FORMED,
        *_lags(
            "t=DR g=SG1", "enable_standby", "disable_standby", "suspend_standby", "resume_standby",
            "begin_standby_seed t=DR n=A g=SG1", WRITE, "wait 2000",
        ),
        *((WRITE,) * 8),
        "wait 2000",
        "begin_backup n=A g=SG1 kind=FULL of=A",
        "wait 701000",
        "enable_standby t=DR2 g=SG1 lag=0 truncation=0 spacing=0",
        "wait 1000",
    ),
)  # fmt: skip
def a_target_lags_a_week_behind(s, t: Target, n: Node, g: Group):
    """Seven days are the most that replay and truncation may lag at a target, and none the least;
    log files that are left over are not deleted for a seed unless that is said.
    """
    return all_of(_lags_most(s, s.standby[t, g]), mounted(s, n, g))


@possible(
    "S63",
    kind=SOMETIMES,
    source="S-167",
    story=(
        "with scr_floor=0",
        *ALONE,
        *_lags(
            "t=DR v=MBX h=SG1", "enable_remote", "disable_remote", "suspend_remote",
            "resume_remote", "begin_remote_seed t=DR v=MBX h=SG1", LOG, "wait 2000",
        ),
    ),
)  # fmt: skip
def a_target_of_a_server_lags_a_week_behind(s, t: Target, v: Server, h: Local):
    """The limits of a target of a server are those of any target."""
    return _lags_most(s, s.remote[t, v, h])


@possible(
    "S64",
    kind=SOMETIMES,
    source="S-165",
    story=(
        "with flush_time=5000 dial=0",
        *FORMED,
        "write_records n=A g=SG1 records=1",
        "wait 1",
        "stop_cms n=A",
        "wait 10000",
        "start_cms n=A",
        "wait 1000",
        WRITE,
        "wait 1000",
        "stop_cms n=A",
        "wait 10000",
        "start_cms n=A",
        "wait 1000",
        "fail_node n=A",
        "wait 60000",
        *ALONE,
        "write_local v=MBX h=SG1 records=1",
    ),
)
def lossless_waits_for_what_it_cannot_know(s, n: Node, g: Group, v: Server, h: Local):
    """One record is a log once an orderly shutdown flushed it, and a full one too. After a failover
    that knows of no loss the dial at Lossless holds the database back: what the other node wrote
    last nobody can know.
    """
    mine = s.copy[n, g]
    return all_of(
        s.p.flush_time > 0,
        s.node[n].cms == Cms.ONLINE,
        ~mounted(s, n, g),
        mine.waits_from > NEVER,
        mine.notified == mine.top,
        s.copy[peer(n), g].flushed == 2,
        s.local[v, h].open_records == 1,
        s.node[peer(n)].power == Power.DOWN,
    )


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


ROW = "v=MBX h=SG1"
NONE = "lag=0 truncation=0 spacing=0"
INCREMENTAL = f"begin_local_backup {ROW} kind=INCREMENTAL"


@possible(
    "S66",
    kind=SOMETIMES,
    source="S-033",
    story=(
        *ALONE,
        f"enable_lcr {ROW}",
        "wait 61000",
        f"enable_remote t=DR {ROW} {NONE}",
        f"enable_remote t=DR2 {ROW} {NONE}",
        f"disable_remote t=DR2 {ROW}",
        LOG,
        "wait 3000",
        f"lose_local_disks {ROW}",
        f"restore_lcr {ROW}",
        f"mount_local {ROW}",
        "wait 1000",
        f"enable_remote t=DR3 {ROW} {NONE}",
        "wait 3000",
        f"refused {INCREMENTAL}",
        *BACKED_UP,
        f"enable_remote t=DR2 {ROW} {NONE}",
        f"enable_remote t=DR4 {ROW} {NONE}",
        "wait 1000",
        f"disable_remote t=DR2 {ROW}",
        f"disable_remote t=DR4 {ROW}",
        LOG,
        "wait 3000",
        INCREMENTAL,
        "wait 61000",
    ),
)
def a_target_comes_too_late_to_a_second_stream(s, t: Target, v: Server, h: Local):
    """A server whose database was restored deletes its first log, and what it backs up next begins
    with the oldest log that it has; a target that has nothing, enabled by then, is Failed.
    """
    mine = s.local[v, h]
    return all_of(
        s.remote[t, v, h].state == Standby.FAILED,
        s.remote[t, v, h].trouble == Trouble.LOG_MISSING,
        mine.lineage == 2,
        mine.low == 2,
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
    "S68",
    kind=SOMETIMES,
    source="S-169",
    story=(
        "with Group=SG1,SG2 Local=SG1,SG2",
        *FORMED,
        "install_scc v=MBX",
        "form_standby_cluster t=DR",
        *(
            line
            for k in ("SG1", "SG2")
            for line in (
                f"enable_standby t=DR g={k} {NONE}",
                f"write_records n=A g={k} records=100",
                f"create_local v=MBX h={k}",
                f"enable_remote t=DR v=MBX h={k} {NONE}",
                f"write_local v=MBX h={k} records=100",
            )
        ),
        "wait 2000",
        *(f"fail_node n={n}" for n in ("A", "B")),
        "fail_share",
        "fail_spare v=MBX",
        "fail_server v=MBX",
        "force_standby t=DR g=SG1",
        "force_remote t=DR v=MBX h=SG1",
        "wait 1000",
        "refused activate_by_recover_cms t=DR g=SG1",
        "refused recover_scc t=DR v=MBX h=SG1",
        "force_standby t=DR g=SG2",
        "force_remote t=DR v=MBX h=SG2",
        "wait 1000",
        "activate_by_recover_cms t=DR g=SG1",
        "recover_scc t=DR v=MBX h=SG1",
    ),
)
def a_site_comes_back_with_every_storage_group(s, t: Target, g: Group, v: Server, h: Local):
    """The clustered mailbox servers of a lost site are recovered once each of their storage groups
    is restored, and not before.
    """
    return all_of(
        s.standby[t, g].way == Way.RECOVER_CMS,
        s.remote[t, v, h].way == Way.RECOVER_CMS,
        each(Group, lambda k: s.standby[t, k].replayed > 0),
        each(Local, lambda k: s.remote[t, v, k].replayed > 0),
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
