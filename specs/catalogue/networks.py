"""Promises about redundant networks: what may carry logs, and when the public network does; and
what must be possible with them.
"""

from __future__ import annotations

from models.ccr.phrases import echoed, mounted, serving, source_answers, talks
from models.ccr.phrases_networks import (
    addressed,
    operational,
    public_path,
    replicates,
    seeded_in_time,
    uses_one,
)
from models.ccr.vocabulary import SCHEMA, Cms, Copy, Group, Network, Node, Offer, View
from models.ccr.vocabulary_networks import HostName, Role
from models.language.model import ALWAYS, LEMMA, SOMETIMES, STEP, property_for
from models.language.terms import all_of, any_of, implies, peer

from .possible import FORMED, unforced

promise = property_for(SCHEMA)

ONLY = ("configure_network w=net1 role=MIXED public=false",)
"""The one network of the proofs is set aside for replication: no public network is left."""
NAMES = ("enable_host_name w=net1 n=A address=1", "enable_host_name w=net1 n=B address=2")


@promise("P50", kind=ALWAYS, source="S-101")
def host_names_on_mixed_networks_only(s, w: Network, n: Node):
    """A replication host name is on a mixed network that is not the public one, whatever is
    reconfigured.
    """
    net = s.interface[w]
    return implies(net.host[n] != HostName.NONE, all_of(net.role == Role.MIXED, ~net.public))


@promise("P51", kind=STEP, source="S-092", at=("copy_log",))
def rtm_ships_over_the_public_network(s, t, n: Node, g: Group):
    """In the first release (RTM) a log is copied over the public network and no other."""
    copied = t.copy[n, g].copied > s.copy[n, g].copied
    return implies(all_of(copied, s.p.redundant_networks <= 0), public_path(s, n))


@promise("P52", kind=STEP, source="S-108", at=("choose_network",))
def a_chosen_network_is_operational(s, t, n: Node, w: Network):
    """A network that is picked is mixed and works both ways, with a replication host name of each
    node that the other one finds.
    """
    picked = all_of(t.shipping[n].uses[w], ~s.shipping[n].uses[w])
    both = all_of(s.interface[w].host[n] == HostName.ONLINE, operational(s, peer(n), w))
    return implies(picked, both)


@promise("P53", kind=STEP, source="S-111", at=("fall_back_to_public",))
def public_network_is_the_last_resort(s, t, n: Node):
    """A node goes over to the public network only when it looks and no replication network is
    operational.
    """
    went = all_of(t.shipping[n].public, ~s.shipping[n].public)
    late = s.elapsed(s.shipping[n].looked_at, s.p.network_discovery)
    return implies(went, all_of(late, ~replicates(s, n)))


@promise("P54", kind=ALWAYS, source="S-111")
def one_way_to_fetch_logs(s, n: Node):
    """A node that uses a replication network does not use the public one beside it."""
    return ~all_of(uses_one(s, n), s.shipping[n].public)


@promise("P55", kind=STEP, source="S-094", at=("mount_lossy",))
def lossy_only_when_no_network_has_more(s, t, n: Node, g: Group):
    """A joined pair mounts with a loss only if no network leads to the old active: while one does,
    what is left there is fetched first.
    """
    new = t.copy[n, g].active_epoch > s.copy[n, g].active_epoch
    had = all_of(
        s.copy[n, g].lineage == s.copy[peer(n), g].lineage,
        s.copy[n, g].lineage_by == s.copy[peer(n), g].lineage_by,
    )
    return implies(all_of(new, had, s.node[n].view == View.JOINED), ~source_answers(s, n))


@promise("P58", kind=STEP, source="S-114", at=("finish_seed",))
def a_seed_passes_over_the_networks_named_for_it(s, t, n: Node, g: Group):
    """A seed ends well only if a network named for it works, or none was named and the public one
    does, for the time that a seed takes there.
    """
    a = s.copy[n, g]
    ended = all_of(a.state == Copy.SEEDING, t.copy[n, g].state == Copy.HEALTHY)
    return implies(ended, seeded_in_time(s, n, a))


@promise("P59", kind=STEP, source="S-094", at=("lose_address",))
def cms_is_not_given_away_for_nothing(s, t, n: Node):
    """A CMS that lost its address fails over only when clients reach the peer and not it, and the
    peer is heard.
    """
    lost = all_of(t.node[n].cms == Cms.FAILED, s.node[n].cms != Cms.FAILED)
    worse = all_of(addressed(s, peer(n)), ~addressed(s, n))
    return implies(lost, all_of(worse, talks(s, n)))


@promise("L141", kind=LEMMA, source="S-111")
def a_node_off_the_public_network_has_looked(s, n: Node):
    """A node that left the public network did so at a look."""
    return any_of(s.shipping[n].public, s.shipping[n].looked_at >= 0)


@promise("S28", kind=SOMETIMES, source="S-108", story=(*FORMED, *ONLY, *NAMES, "wait 1000"))
def a_replication_network_is_used(s, n: Node, w: Network):
    """Soon after both nodes have a replication host name on a network, logs go over it."""
    return all_of(s.shipping[n].uses[w], operational(s, n, w), serving(s, peer(n)))


@promise(
    "S29",
    kind=SOMETIMES,
    source="S-113",
    story=(
        *FORMED,
        *ONLY,
        *NAMES,
        "wait 1000",
        "cut_network w=net1 n=A",
        "wait 301000",
        "heal_network w=net1 n=A",
        "wait 301000",
    ),
)
def it_reverts_by_itself(s, n: Node, w: Network):
    """A replication network that failed for longer than a look, and came back, is used again."""
    return all_of(
        s.shipping[n].uses[w],
        operational(s, n, w),
        s.shipping[n].looked_at >= s.p.network_discovery + s.p.network_discovery,
    )


@promise(
    "S30",
    kind=SOMETIMES,
    source="S-094",
    story=(
        *FORMED,
        "write_records n=A g=SG1 records=100",
        "configure_network w=net1 role=PRIVATE public=false",
        "fail_cms n=A",
        "wait 60000",
    ),
)
def lossy_although_the_log_exists(s, n: Node, g: Group):
    """Heartbeats pass and the old active is alive, but no network carries its logs: the failover
    loses what it has.
    """
    rec = s.record[g]
    return all_of(
        unforced(s, n),
        serving(s, n),
        mounted(s, n, g),
        talks(s, n),
        echoed(s, n),
        s.node[n].taken == Offer.FAILOVER,
        s.copy[n, g].lost > 0,
        rec.in_database[peer(n)],
        ~rec.in_database[n],
    )


@promise(
    "S31",
    kind=SOMETIMES,
    source="S-044",
    story=(
        *FORMED,
        "write_records n=A g=SG1 records=100",
        "wait 50",
        "configure_network w=net1 role=PUBLIC public=true",
        "cut_share n=A",
        "wait 60000",
    ),
)
def public_network_serves_a_partition(s, n: Node, g: Group):
    """In a partition of the heartbeat networks the public one still carries logs: the node that
    takes over fetches every closed log first.
    """
    return all_of(
        unforced(s, n),
        serving(s, n),
        mounted(s, n, g),
        s.node[n].view == View.ALONE,
        source_answers(s, n),
        s.copy[n, g].lost == 0,
        s.record[g].acked,
        s.record[g].in_database[n],
        s.copy[n, g].lineage_by == n,
    )
