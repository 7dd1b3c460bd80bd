"""Redundant networks: what each network is for, replication host names, and which network logs are
fetched over (S-098 to S-115).

A node picks a replication network at random, goes to another one when it fails, to the public one
when none is left, and back; it looks every network_discovery. A failover tries every network
(S-094): that is in `copy_log`.
"""

from __future__ import annotations

from models.language.rule import Body, rule_for
from models.language.terms import Bool, Int, all_of, any_of, each, if_else, negate, some

from ..phrases import controls
from ..phrases_networks import chosen_works, operational, replicates, uses_one
from ..vocabulary import NEVER, SCHEMA, STORAGE, WORLD, Network, Node
from ..vocabulary_networks import HostName, Role

rule = rule_for(SCHEMA, "networks")


@rule(740, trigger="command", actor=WORLD, source="S-099")
def configure_network(s, w: Network, role: Role, public: Bool):
    """An operator says what a network is for, and whether the nodes' own names are registered
    there.
    """
    net = s.interface[w]
    return Body(
        "NetworkConfigured",
        requires={
            "that is news": any_of(net.role != role, net.public != public),
            "a network for heartbeats alone is not public": any_of(
                role != Role.PRIVATE, negate(public)
            ),
            "a network for clients alone is public": (role != Role.PUBLIC) | public,
            "no replication host name stands against it": any_of(
                all_of(role == Role.MIXED, negate(public)),
                each(Node, lambda n: net.host[n] == HostName.NONE),
            ),
        },
        sets={net.role: role, net.public: public},
    )


@rule(741, trigger="command", actor=WORLD, source="S-104")
def configure_adapter(s, w: Network, n: Node, resolves: Bool, netbios: Bool, registered: Bool):
    """The names and settings of one node's adapter are as they are: set by an operator, or
    broken.
    """
    net = s.interface[w]
    return Body(
        "AdapterConfigured",
        requires={
            "that is news": any_of(
                net.resolves[n] != resolves,
                net.netbios[n] != netbios,
                net.registered[n] != registered,
            )
        },
        sets={net.resolves[n]: resolves, net.netbios[n]: netbios, net.registered[n]: registered},
    )


@rule(742, trigger="command", actor=WORLD, source="S-105")
def enable_host_name(s, w: Network, n: Node, address: Int):
    """A node gets a replication host name and an address on a mixed network, in a cluster group of
    its own.

    Why: without NetBIOS the name does not come online, also when NetBIOS is enabled later; it is
    then to be disabled and enabled again.
    """
    net = s.interface[w]
    return Body(
        "ReplicationHostNameEnabled",
        requires={
            "release has redundant networks": s.p.redundant_networks == 1,
            "network is mixed": net.role == Role.MIXED,
            "network is not the public one": ~net.public,
            "node has no name there": net.host[n] == HostName.NONE,
            "there is an address": address > 0,
        },
        sets={
            net.host[n]: if_else(net.netbios[n], HostName.ONLINE, HostName.FAILED),
            net.address[n]: address,
        },
    )


@rule(743, trigger="command", actor=WORLD, source="S-106")
def disable_host_name(s, w: Network, n: Node):
    """A node's replication host name is taken away from a network."""
    net = s.interface[w]
    return Body(
        "ReplicationHostNameDisabled",
        requires={"node has a name there": net.host[n] != HostName.NONE},
        sets={net.host[n]: HostName.NONE, net.address[n]: 0},
    )


@rule(660, trigger="command", actor=WORLD, source="S-093")
def load_network(s, w: Network, bandwidth: Int, clients: Int, log_time: Int, seed_time: Int):
    """An operator says how much a network carries and how much of it clients ask for; from that
    follows how long a log and a seed take on it.

    Why: logs and clients share what is there, each at least half if it needs it (S-093, S-096).
    """
    net = s.interface[w]
    return Body(
        "NetworkLoadSet",
        requires={
            "that is news": any_of(net.bandwidth != bandwidth, net.clients != clients),
            "nothing is negative": all_of(
                bandwidth >= 0, clients >= 0, log_time >= 0, seed_time >= 0
            ),
        },
        sets={
            net.bandwidth: bandwidth,
            net.clients: clients,
            net.log_time: log_time,
            net.seed_time: seed_time,
        },
    )


def _looks(s, n):
    """It never looked, or network_discovery has passed since."""
    looked = s.shipping[n].looked_at
    return any_of(looked == NEVER, s.elapsed(looked, s.p.network_discovery))


@rule(751, trigger="consequence", actor=STORAGE, source="S-109")
def choose_network(s, n: Node, w: Network):
    """A passive node picks one of the operational replication networks: at a look while it is on
    the public network, and at once when the one it had has failed.

    Why: which one is drawn from the seed (S-109); it keeps it until it fails (D-10).
    """
    mine = s.shipping[n]
    return Body(
        "ReplicationNetworkChosen",
        requires={
            "node is not the controller": ~controls(s, n),
            "it uses none": ~uses_one(s, n),
            "it lost one, or looks now": any_of(~mine.public, _looks(s, n)),
        },
        given={"network is operational": operational(s, n, w)},
        sets={mine.uses[w]: True, mine.public: False, mine.looked_at: s.now},
    )


@rule(752, trigger="consequence", actor=STORAGE, source="S-110")
def leave_network(s, n: Node, w: Network):
    """The replication network in use has failed."""
    mine = s.shipping[n]
    return Body(
        "ReplicationNetworkFailed",
        requires={"it uses that network": mine.uses[w]},
        given={"network is not operational": ~operational(s, n, w)},
        sets={mine.uses[w]: False},
    )


@rule(753, trigger="consequence", actor=STORAGE, source="S-111")
def fall_back_to_public(s, n: Node):
    """A look finds no replication network that is operational: logs are fetched over the public
    network.
    """
    mine = s.shipping[n]
    return Body(
        "PublicNetworkUsed",
        requires={
            "it uses none": ~uses_one(s, n),
            "it is not on the public network": ~mine.public,
            "it looks now": _looks(s, n),
        },
        given={"no replication network is operational": ~replicates(s, n)},
        sets={mine.public: True, mine.looked_at: s.now},
    )


@rule(754, trigger="beat", actor=STORAGE, source="S-112")
def discover_networks(s, n: Node):
    """A look for replication networks finds all as it should be."""
    mine = s.shipping[n]
    return Body(
        "NetworksDiscovered",
        requires={"newest look is older": mine.looked_at < s.now},
        given={
            "it has a replication host name": some(
                Network, lambda w: s.interface[w].host[n] != HostName.NONE
            ),
            "it uses what it should": any_of(
                chosen_works(s, n), all_of(mine.public, ~replicates(s, n))
            ),
        },
        sets={mine.looked_at: s.now},
    )
