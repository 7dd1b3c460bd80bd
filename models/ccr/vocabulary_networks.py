"""The vocabulary of cluster networks: what each is for, its replication host names, and which
network a node fetches logs over. No behaviour.

Declared in the one schema of `vocabulary`; sits beside it.
"""

from __future__ import annotations

from typing import Any

from models.language.rule import ENVIRONMENT
from models.language.schema import field_of
from models.language.terms import Bool, Int, enum

from .vocabulary import NEVER, SCHEMA, STORAGE, Network, Node

Role = enum("Role", "PUBLIC", "MIXED", "PRIVATE")
HostName = enum("HostName", "NONE", "ONLINE", "FAILED")

_set: dict[str, Any] = {"owner": ENVIRONMENT, "probe": "cluster database"}

SCHEMA.record(
    "interface",
    Network,
    about="how a cluster network is set up: what it is for, each node's adapter and names",
    role=field_of(
        Role,
        Role.MIXED,
        **_set,
        about="PUBLIC: clients; PRIVATE: heartbeats; MIXED: both, and what log shipping needs",
    ),
    public=field_of(
        Bool,
        True,
        **_set,
        about="the nodes' own names are registered here: log shipping uses it by default",
    ),
    host=field_of(
        HostName, HostName.NONE, **_set, index=Node, about="the node's replication host name"
    ),
    address=field_of(
        Int, 0, **_set, index=Node, about="the IPv4 address of that name, as a number"
    ),
    resolves=field_of(
        Bool, True, **_set, index=Node, about="here the node finds the names it looks up"
    ),
    bandwidth=field_of(Int, 0, **_set, about="kB it carries in a second; 0: nobody said"),
    clients=field_of(Int, 0, **_set, about="kB a second that clients ask of it"),
    log_time=field_of(
        Int, 0, **_set, about="ms to copy a log over it, beside its clients; 0: copy_time"
    ),
    seed_time=field_of(
        Int, 0, **_set, about="ms a full seed takes over it, beside its clients; 0: seed_time"
    ),
    netbios=field_of(Bool, True, **_set, index=Node, about="NetBIOS is enabled on the adapter"),
    registered=field_of(
        Bool, True, **_set, index=Node, about="the adapter registered its address in DNS"
    ),
)

SCHEMA.record(
    "shipping",
    Node,
    about="the Replication service of a node: which network it fetches logs over",
    uses=field_of(
        Bool, False, owner=STORAGE.name, index=Network, about="it fetches logs over this network"
    ),
    public=field_of(Bool, True, owner=STORAGE.name, about="it uses the public network otherwise"),
    looked_at=field_of(
        Int, NEVER, owner=STORAGE.name, about="when it last looked for replication networks"
    ),
)

SCHEMA.parameter("network_discovery", 300_000, "ms between looks for replication networks")
SCHEMA.parameter("redundant_networks", 1, "1: replication host names can be enabled (SP1); 0: RTM")
