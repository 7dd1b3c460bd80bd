"""What the placement of the witness rests on: no node takes over by itself without a second vote,
and what the loss of a site or of a line between sites leads to.

A site has no state: its loss is the loss of what stands in it, by the rules for each.
"""

from __future__ import annotations

from models.ccr.phrases import alive, leased, reaches_share, serving
from models.ccr.vocabulary import SCHEMA, Cms, Group, Node, Power, View
from models.language.model import SOMETIMES, STEP, property_for
from models.language.terms import all_of, implies, one_of, peer

from .possible import FORMED, OUT, SHIPPED, unforced

promise = property_for(SCHEMA)
possible = property_for(SCHEMA)


@promise("P85", kind=STEP, source="S-073")
def control_alone_needs_the_share(s, t, n: Node):
    """A node takes control alone only at an instant when it reaches the share and holds its lock:
    where the witness is lost with the other node, nothing happens by itself.
    """
    taken = all_of(s.node[n].view != View.ALONE, t.node[n].view == View.ALONE)
    return implies(taken, all_of(reaches_share(s, n), s.witness.holder == n))


@promise("P86", kind=STEP, source="S-002")
def coming_online_needs_a_second_vote(s, t, n: Node):
    """The CMS begins to come online only on a node that is in the pair, alone with the share's
    lock, or forced, and whose lease is valid at that instant.
    """
    begun = all_of(s.node[n].cms == Cms.OFFLINE, t.node[n].cms == Cms.ONLINE_PENDING)
    member = one_of(s.node[n].view, View.JOINED, View.ALONE, View.FORCED)
    return implies(begun, all_of(member, leased(s, n)))


@possible(
    "S50",
    kind=SOMETIMES,
    source="S-073",
    story=(*SHIPPED, "fail_node n=A", "fail_share", "wait 600000"),
)
def primary_lost_leaves_the_secondary_waiting(s, n: Node, g: Group):
    """The former active and the witness are gone, and the other node, sound and up, waits."""
    node = s.node[n]
    return all_of(
        unforced(s, n),
        alive(s, n),
        node.view == View.LOST,
        s.elapsed(node.lost_at, s.p.head_start),
        ~node.stopped,
        s.node[peer(n)].power == Power.DOWN,
        ~s.share.up,
        s.copy[peer(n), g].active_epoch > s.copy[n, g].active_epoch,
    )


@possible(
    "S51", kind=SOMETIMES, source="S-074", story=(*FORMED, *OUT, "cut_share n=B", "wait 60000")
)
def cut_line_leaves_the_primary_serving(s, n: Node):
    """Everything between the nodes and the other node's path to the share is cut, and the node
    beside the witness serves on.
    """
    return all_of(
        unforced(s, n),
        serving(s, n),
        s.node[n].view == View.ALONE,
        s.node[n].run == 1,
        alive(s, peer(n)),
        ~s.share.reach[peer(n)],
    )


@possible(
    "S52", kind=SOMETIMES, source="S-070", story=(*SHIPPED, "cut_share n=A", *OUT, "wait 60000")
)
def isolated_primary_gives_way(s, n: Node, g: Group):
    """The former active is alive but cut off from the other node and from the share; the other
    one, with the share, serves, and the former active does not.
    """
    other = peer(n)
    return all_of(
        unforced(s, n),
        serving(s, n),
        s.node[n].view == View.ALONE,
        alive(s, other),
        ~s.share.reach[other],
        s.node[other].cms == Cms.OFFLINE,
        s.copy[other, g].active_epoch > 0,
    )
