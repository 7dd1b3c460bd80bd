"""What must be possible at the limits: the least and the most that may be asked for, what is
refused just beyond, and what takes more members, or other settings, than the proofs' instance has.

Promises say what must not happen; a rule that allows less than it should keeps them all. These
stories would go another way.
"""

from __future__ import annotations

from models.ccr.phrases import mounted
from models.ccr.vocabulary import NEVER, SCHEMA, Cms, Group, Node, Power
from models.ccr.vocabulary_copies import Trouble
from models.ccr.vocabulary_lcr import Local, Server
from models.ccr.vocabulary_standby import LAG_MAX, Standby, Target, Way
from models.language.model import SOMETIMES, property_for
from models.language.terms import all_of, each, peer

from .possible import FORMED
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
