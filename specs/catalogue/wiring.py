"""Promises about how networks are set up and chosen. They hold for all rules together."""

from __future__ import annotations

from models.ccr.phrases import controls
from models.ccr.phrases_networks import replicates, uses_one
from models.ccr.vocabulary import NEVER, SCHEMA, Network, Node
from models.ccr.vocabulary_networks import HostName, Role
from models.language.model import ALWAYS, STEP, property_for
from models.language.terms import all_of, any_of, implies

promise = property_for(SCHEMA)


@promise("P88", kind=ALWAYS, source="S-105")
def a_network_is_set_up_as_it_can_be(s, w: Network, n: Node):
    """A replication host name has an address, and none has one without it; a network for heartbeats
    alone is not public, one for clients alone is; and nothing that it carries is less than none.
    """
    net = s.interface[w]
    none = net.host[n] == HostName.NONE
    return all_of(
        implies(none, net.address[n] == 0),
        implies(~none, net.address[n] > 0),
        implies(net.role == Role.PRIVATE, ~net.public),
        implies(net.role == Role.PUBLIC, net.public),
        net.bandwidth >= 0,
        net.clients >= 0,
        net.log_time >= 0,
        net.seed_time >= 0,
    )


@promise("P89", kind=STEP, source="S-109")
def a_network_is_chosen_at_a_look(s, t, n: Node, w: Network):
    """A passive node picks a network when it lost the one that it had, or at a look while it is on
    the public one; it dates that, and a look that finds all as it should be changes nothing else.
    """
    old, new = s.shipping[n], t.shipping[n]
    picks = all_of(new.uses[w], ~old.uses[w])
    due = any_of(old.looked_at == NEVER, s.elapsed(old.looked_at, s.p.network_discovery))
    falls = all_of(new.public, ~old.public)
    why = all_of(~controls(s, n), ~uses_one(s, n), any_of(~old.public, due))
    host = all_of(s.interface[w].host[n] == HostName.NONE, t.interface[w].host[n] != HostName.NONE)
    return all_of(
        implies(host, s.p.redundant_networks == 1),
        implies(picks, all_of(why, ~new.public, new.looked_at == s.now)),
        implies(falls, all_of(due, ~uses_one(s, n), ~replicates(s, n), new.looked_at == s.now)),
    )
