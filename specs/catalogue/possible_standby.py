"""What must be possible with standby replication: it lags behind, pins logs, outlives a lossy
failover of its source, and is activated when the first site is lost.
"""

from __future__ import annotations

from models.ccr.phrases import mounted, serving
from models.ccr.vocabulary import SCHEMA, Group, Node, Power
from models.ccr.vocabulary_standby import Standby, Target, Way
from models.language.model import SOMETIMES, property_for
from models.language.terms import all_of, peer

from .possible import FORMED, unforced
from .standby import attached

possible = property_for(SCHEMA)

HOUR = 3_600_000
ENABLED = (*FORMED, "enable_standby t=DR g=SG1 lag=3600000 truncation=0 spacing=900000")
SIXTY = (*ENABLED, *(("write_records n=A g=SG1 records=100",) * 60), "wait 10000")
AGED = (*SIXTY, f"wait {2 * HOUR}")
AHEAD = (
    *AGED,
    "write_records n=A g=SG1 records=100",
    "wait 50",
    "cut_network w=net1 n=B",
    "wait 500",
    "heal_network w=net1 n=B",
    "write_records n=A g=SG1 records=100",
    "wait 2000",
)


@possible("S40", kind=SOMETIMES, source="I17", story=AGED)
def target_lags_behind(s, t: Target, n: Node, g: Group):
    """A target has created its database and replayed, and stays behind what it inspected."""
    mine = s.standby[t, g]
    return all_of(
        attached(s, t, n, g),
        mine.lag > 0,
        mine.base == 0,
        mine.replayed > 0,
        mine.replayed == mine.top - s.p.scr_floor,
    )


@possible(
    "S41",
    kind=SOMETIMES,
    source="T5",
    story=(
        *SIXTY,
        "fail_target t=DR",
        *(("write_records n=A g=SG1 records=100",) * 20),
        "wait 2000",
        "begin_backup n=A g=SG1 kind=FULL of=B",
        "wait 700000",
    ),
)
def dead_target_pins_logs(s, t: Target, n: Node, g: Group):
    """Logs that are backed up, older than the checkpoint and replayed by the passive copy stay,
    because a standby target is down.
    """
    a, b = s.copy[n, g], s.copy[peer(n), g]
    return all_of(
        unforced(s, n),
        serving(s, n),
        ~s.target[t].up,
        s.standby[t, g].state == Standby.HEALTHY,
        a.low == 1,
        a.backed > s.standby[t, g].top,
        a.checkpoint > 0,
        b.checkpoint > 0,
    )


@possible("S42", kind=SOMETIMES, source="T8", story=(*AHEAD, "fail_node n=A", "wait 60000"))
def target_outlives_a_lossy_failover(s, t: Target, n: Node, g: Group):
    """A target that had inspected what a failover lost follows the new active copy without a new
    seed.
    """
    mine, new, old = s.standby[t, g], s.copy[n, g], s.copy[peer(n), g]
    return all_of(
        attached(s, t, n, g),
        mounted(s, n, g),
        s.node[peer(n)].power == Power.DOWN,
        new.lost > 0,
        new.fork < old.top,
        mine.replayed > 0,
        mine.base == mine.replayed,
    )


@possible(
    "S43",
    kind=SOMETIMES,
    source="S-036",
    story=(
        *SIXTY,
        "form_standby_cluster t=DR",
        "fail_node n=A",
        "fail_node n=B",
        "fail_share",
        "force_standby t=DR g=SG1",
        "wait 10000",
        "activate_by_recover_cms t=DR g=SG1",
    ),
)
def lost_site_is_recovered(s, t: Target, n: Node, g: Group):
    """Both nodes are lost, and the mailbox server is recovered in the standby cluster with every
    log that was inspected there.
    """
    mine = s.standby[t, g]
    return all_of(
        mine.state == Standby.ACTIVE,
        mine.way == Way.RECOVER_CMS,
        mine.replayed > 0,
        mine.replayed == mine.top,
        s.node[n].power == Power.DOWN,
        s.node[peer(n)].power == Power.DOWN,
    )
