"""Phrases about networks: which carry heartbeats, which carry logs, which is in use.

Each is a term over the state; none is behaviour of its own. Sits above `vocabulary_networks`, below
`phrases`.
"""

from __future__ import annotations

from typing import Any

from models.language.terms import Term, all_of, any_of, if_else, peer, some

from .vocabulary import Network
from .vocabulary_networks import HostName, Role


def beats(s: Any, n: Term, w: Term) -> Term:
    """Heartbeats of `n` arrive over the network `w`; a network for clients alone has none."""
    return all_of(s.network[w].carries[n], s.interface[w].role != Role.PUBLIC)


def whole(s: Any, n: Term, w: Term) -> Term:
    """The network `w` carries packets both ways."""
    return all_of(s.network[w].carries[n], s.network[w].carries[peer(n)])


def named(s: Any, n: Term, w: Term) -> Term:
    """On `w` the replication host name of `n` is online and `n` finds the other one's."""
    i = s.interface[w]
    return all_of(i.host[n] == HostName.ONLINE, i.resolves[n])


def operational(s: Any, n: Term, w: Term) -> Term:
    """`w` can be used for log shipping: it is mixed, whole, and both nodes' names work."""
    return all_of(
        s.interface[w].role == Role.MIXED, whole(s, n, w), named(s, n, w), named(s, peer(n), w)
    )


def replicates(s: Any, n: Term) -> Term:
    """Some replication network is operational, in a release that has them."""
    return all_of(s.p.redundant_networks == 1, some(Network, lambda w: operational(s, n, w)))


def public_path(s: Any, n: Term) -> Term:
    """The public network leads to the other node."""
    return some(Network, lambda w: all_of(s.interface[w].public, whole(s, n, w)))


def any_path(s: Any, n: Term) -> Term:
    """Some replication network, or the public one, leads to the other node."""
    return any_of(replicates(s, n), public_path(s, n))


def uses_one(s: Any, n: Term) -> Term:
    """`n` has picked a replication network."""
    return some(Network, lambda w: s.shipping[n].uses[w])


def chosen_works(s: Any, n: Term) -> Term:
    """The replication network that `n` picked is operational."""
    used = some(Network, lambda w: all_of(s.shipping[n].uses[w], operational(s, n, w)))
    return all_of(s.p.redundant_networks == 1, used)


def addressed(s: Any, n: Term) -> Term:
    """Clients reach `n`: a public network carries its packets."""
    return some(Network, lambda w: all_of(s.interface[w].public, s.network[w].carries[n]))


def _or_default(over: Term, default: Term) -> Term:
    """A duration over one network, if somebody said how fast it is."""
    return if_else(over != 0, over, default)


def copied_in_time(s: Any, n: Term, since: Term, everywhere: Term) -> Term:
    """A network that `n` fetches logs over has had the time that a log takes on it: the one in use,
    or, for a node that takes over, any (`everywhere`).
    """

    def fetched(w: Term) -> Term:
        chosen = all_of(s.shipping[n].uses[w], operational(s, n, w))
        public = all_of(s.interface[w].public, whole(s, n, w))
        by_default = all_of(s.shipping[n].public, public)
        any_of_them = all_of(everywhere, any_of(public, operational(s, n, w)))
        took = s.elapsed(since, _or_default(s.interface[w].log_time, s.p.copy_time))
        return all_of(any_of(chosen, by_default, any_of_them), took)

    return some(Network, fetched)


def carries_seed(s: Any, n: Term, copy: Any, w: Term) -> Term:
    """A seed of this copy may pass over `w`: it is named for it and operational; or none is named,
    and it is the public network (S-092, S-100).
    """
    named_one = all_of(copy.seeds_over[w], operational(s, n, w))
    public = all_of(copy.seed_names == 0, s.interface[w].public, whole(s, n, w))
    return any_of(named_one, public)


def seed_path(s: Any, n: Term, copy: Any) -> Term:
    """Some network carries the seed of this copy."""
    return some(Network, lambda w: carries_seed(s, n, copy, w))


def seeded_in_time(s: Any, n: Term, copy: Any) -> Term:
    """A network that carries the seed has had the time that a seed takes on it."""

    def carried(w: Term) -> Term:
        took = _or_default(s.interface[w].seed_time, s.p.seed_time)
        return all_of(carries_seed(s, n, copy, w), s.elapsed(copy.seed_from, took))

    return some(Network, carried)


def path_in_use(s: Any, n: Term) -> Term:
    """What `n` uses leads to the other node: the replication network it picked, or the public
    network.
    """
    return any_of(
        chosen_works(s, n), all_of(~uses_one(s, n), s.shipping[n].public, public_path(s, n))
    )
