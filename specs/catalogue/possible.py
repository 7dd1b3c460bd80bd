"""What must be possible: without these the promises would be kept by a cluster that does nothing.
Each has a confirmed run.
"""

from __future__ import annotations

from models.ccr.phrases import alive, carried, controls, mounted, reaches_share, serving
from models.ccr.vocabulary import NEVER, SCHEMA, Cms, Copy, Group, Node, Offer, Power, View
from models.language.model import SOMETIMES, property_for
from models.language.terms import all_of, peer

from .data import follows

possible = property_for(SCHEMA)

FORMED = ("power_on n=A", "power_on n=B", "wait 20000")
SHIPPED = (*FORMED, "write_records n=A g=SG1 records=100", "wait 1000")
BEHIND = (
    *SHIPPED,
    "write_records n=A g=SG1 records=100",
    "write_records n=A g=SG1 records=100",
    "wait 150",
)
OUT = ("cut_network w=net1 n=A", "cut_network w=net1 n=B")
AGAIN = ("heal_network w=net1 n=A", "heal_network w=net1 n=B")


def unforced(s, n):
    """Nobody forced quorum: what is shown happens by itself."""
    return all_of(s.node[n].forced_at == 0, s.node[peer(n)].forced_at == 0)


@possible("S01", kind=SOMETIMES, source="S-085", story=(*SHIPPED, "fail_node n=A", "wait 60000"))
def failover(s, n: Node, g: Group):
    """The active node loses power and the other one serves with its database mounted."""
    return all_of(
        serving(s, n),
        mounted(s, n, g),
        s.node[n].view == View.ALONE,
        unforced(s, n),
        s.node[peer(n)].power == Power.DOWN,
        s.copy[peer(n), g].active_epoch > 0,
    )


@possible(
    "S02",
    kind=SOMETIMES,
    source="S-011",
    story=(*SHIPPED, "write_records n=A g=SG1 records=7", "request_move n=A", "wait 60000"),
)
def move_completes(s, n: Node, g: Group):
    """A scheduled move ends with the target serving and the tracked record in its database."""
    return all_of(
        unforced(s, n),
        serving(s, n),
        mounted(s, n, g),
        s.node[n].taken == Offer.MOVE,
        s.copy[n, g].lost == 0,
        s.record[g].in_database[n],
    )


@possible(
    "S03",
    kind=SOMETIMES,
    source="S-116",
    story=(*FORMED, "write_records n=A g=SG1 records=100", "fail_node n=A", "wait 60000"),
)
def loss(s, n: Node, g: Group):
    """A failover mounts with a loss, and the tracked record is among what was lost."""
    rec = s.record[g]
    return all_of(
        unforced(s, n),
        serving(s, n),
        mounted(s, n, g),
        s.copy[n, g].lost > 0,
        rec.acked,
        ~rec.in_database[n],
    )


@possible(
    "S04",
    kind=SOMETIMES,
    source="S-022",
    story=(
        *BEHIND,
        "fail_node n=A",
        "wait 60000",
        "power_on n=A",
        "wait 1000",
        "write_records n=B g=SG1 records=100",
        "wait 60000",
    ),
)
def return_after_loss(s, n: Node, g: Group):
    """After a lossy failover the old active is back and follows the new one; the loss is known
    exactly.
    """
    return all_of(
        unforced(s, n),
        follows(s, n, g),
        s.copy[peer(n), g].lost > 0,
        s.copy[peer(n), g].loss_exact,
        serving(s, peer(n)),
    )


@possible(
    "S05",
    kind=SOMETIMES,
    source="S-058",
    story=(*SHIPPED, "fail_node n=B", "wait 60000", "fail_node n=A", "power_on n=B", "wait 60000"),
)
def stale_node_waits(s, n: Node):
    """A node that reaches the share, with its peer down, does not act: the board is newer than it
    knows.
    """
    return all_of(
        alive(s, n),
        s.node[n].view == View.LOST,
        reaches_share(s, n),
        s.witness.recorded,
        s.witness.epoch > s.node[n].stored,
        s.node[peer(n)].power == Power.DOWN,
        s.elapsed(s.node[n].lost_at, s.p.head_start + s.p.claim_defer),
    )


@possible("S06", kind=SOMETIMES, source="S-054", story=(*FORMED, *OUT, "wait 60000"))
def owner_keeps_in_partition(s, n: Node):
    """In a partition in which both reach the share the owner goes on serving without a break; the
    other one watches.
    """
    other = s.node[peer(n)]
    return all_of(
        serving(s, n),
        s.node[n].view == View.ALONE,
        s.node[n].run == 1,
        alive(s, peer(n)),
        ~carried(s, n),
        ~carried(s, peer(n)),
        reaches_share(s, peer(n)),
        other.view == View.LOST,
        other.watch_since > NEVER,
    )


@possible(
    "S07",
    kind=SOMETIMES,
    source="Q6",
    story=(
        *FORMED,
        *OUT,
        "wait 7000",
        "cut_share n=A",
        *AGAIN,
        "wait 1000",
        "fail_node n=A",
        "wait 60000",
    ),
)
def challenger_seizes_from_dead_holder(s, n: Node):
    """A challenger takes the lock from a holder that died with it, and serves."""
    return all_of(
        unforced(s, n),
        serving(s, n),
        s.witness.holder == n,
        s.node[peer(n)].power == Power.DOWN,
        s.node[n].watch_since > NEVER,
        s.node[n].watch_seen >= 0,
    )


@possible(
    "S08",
    kind=SOMETIMES,
    source="S-022",
    story=(*SHIPPED, "request_move n=A", "wait 60000", "request_move n=B", "wait 60000"),
)
def roles_come_back(s, n: Node, g: Group):
    """After two changes of control the first active serves again: roles are no identities."""
    return all_of(
        unforced(s, n),
        serving(s, n),
        mounted(s, n, g),
        s.node[n].run >= 2,
        s.copy[n, g].parent_by == peer(n),
    )


@possible(
    "S09",
    kind=SOMETIMES,
    source="D-06",
    story=(
        *SHIPPED,
        "write_records n=A g=SG1 records=7",
        "request_move n=A",
        *OUT,
        "wait 9000",
        *AGAIN,
        "wait 200000",
    ),
)
def move_returns_to_source(s, n: Node, g: Group):
    """A move that cannot finish ends with the source serving again."""
    return all_of(
        unforced(s, n),
        serving(s, n),
        mounted(s, n, g),
        s.node[n].moved_at > NEVER,
        ~s.node[n].move,
        s.node[n].run == 2,
        s.copy[n, g].lineage_by != peer(n),
        s.copy[peer(n), g].active_epoch == 0,
    )


@possible(
    "S10",
    kind=SOMETIMES,
    source="D-16",
    story=(*FORMED, *OUT, "cut_share n=B", "wait 60000", "force_quorum n=B", "wait 20000"),
)
def split_brain_when_the_attestation_fails(s, n: Node):
    """If the peer of a forced node was not off, both can serve: the premise of P02 cannot be
    dropped.
    """
    return all_of(serving(s, n), serving(s, peer(n)), s.history.attestation_broken)


@possible(
    "S11",
    kind=SOMETIMES,
    source="D-16",
    story=(*FORMED, "fail_node n=A", "fail_share", "wait 60000", "force_quorum n=B", "wait 20000"),
)
def forced_node_serves(s, n: Node, g: Group):
    """With the peer off and the share gone an operator's force brings the service back."""
    return all_of(
        serving(s, n),
        mounted(s, n, g),
        s.node[n].view == View.FORCED,
        ~s.share.up,
        ~s.history.attestation_broken,
    )


@possible(
    "S12",
    kind=SOMETIMES,
    source="T2",
    story=(*FORMED, *(("write_records n=A g=SG1 records=100",) * 9), "fail_node n=A", "wait 60000"),
)
def dial_keeps_it_dismounted(s, n: Node, g: Group):
    """A failover whose known loss is above the dial leaves the database dismounted on a node whose
    CMS is online.
    """
    copy = s.copy[n, g]
    return all_of(
        s.node[n].cms == Cms.ONLINE,
        controls(s, n),
        ~mounted(s, n, g),
        copy.state == Copy.HEALTHY,
        copy.notified - copy.top > s.p.dial,
        s.node[peer(n)].power == Power.DOWN,
    )


@possible("S13", kind=SOMETIMES, source="S-014", story=(*SHIPPED, "fail_cms n=A", "wait 60000"))
def failed_cms_changes_hands(s, n: Node, g: Group):
    """A CMS that failed on one node is served by the other, without loss."""
    return all_of(
        unforced(s, n),
        serving(s, n),
        mounted(s, n, g),
        s.node[n].taken == Offer.FAILOVER,
        s.copy[n, g].lost == 0,
        s.copy[n, g].lineage_by == n,
        s.node[n].view == View.JOINED,
    )
