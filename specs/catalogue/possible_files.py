"""What must be possible with backup and truncation: logs are freed, pinned, and the chain goes on
after a failover.
"""

from __future__ import annotations

from models.ccr.phrases import mounted, serving
from models.ccr.vocabulary import SCHEMA, Group, Node, Power
from models.language.model import SOMETIMES, property_for
from models.language.terms import all_of, peer

from .data import follows
from .possible import FORMED, unforced

possible = property_for(SCHEMA)

TWELVE = (*FORMED, *(("write_records n=A g=SG1 records=100",) * 12), "wait 2000")
FULL = (*TWELVE, "begin_backup n=A g=SG1 kind=FULL of=B", "wait 700000")
DAILY = (
    *FULL,
    *(("write_records n=A g=SG1 records=100",) * 12),
    "wait 2000",
    "begin_backup n=A g=SG1 kind=INCREMENTAL of=B",
    "wait 200000",
)


@possible("S25", kind=SOMETIMES, source="S-028", story=FULL)
def passive_backup_frees_logs(s, n: Node, g: Group):
    """A full backup of the passive copy is recorded by the active one, and logs are deleted on
    both.
    """
    mine, theirs = s.copy[n, g], s.copy[peer(n), g]
    return all_of(
        mounted(s, n, g),
        follows(s, peer(n), g),
        mine.backup_of == peer(n),
        theirs.full == mine.full,
        mine.low > 1,
        theirs.low == mine.low,
    )


@possible(
    "S26",
    kind=SOMETIMES,
    source="D-15",
    story=(
        *TWELVE,
        "fail_node n=B",
        "wait 20000",
        "begin_backup n=A g=SG1 kind=FULL of=A",
        "wait 700000",
    ),
)
def absent_passive_pins_logs(s, n: Node, g: Group):
    """Logs that are backed up and older than the checkpoint stay, because the passive node is
    down.
    """
    a = s.copy[n, g]
    return all_of(
        unforced(s, n),
        serving(s, n),
        a.backed > 0,
        a.checkpoint > 0,
        a.low == 1,
        s.node[peer(n)].power == Power.DOWN,
    )


@possible("S27", kind=SOMETIMES, source="S-033", story=(*DAILY, "fail_node n=A", "wait 60000"))
def chain_survives_a_failover(s, n: Node, g: Group):
    """After a full and an incremental backup and a failover the new active node knows the chain:
    the next incremental backup may follow.
    """
    a = s.copy[n, g]
    return all_of(
        unforced(s, n),
        serving(s, n),
        mounted(s, n, g),
        a.lineage_by == n,
        a.full > 0,
        a.backed > a.full,
        a.low > 1,
        a.low <= a.backed + 1,
        s.node[peer(n)].power == Power.DOWN,
    )
