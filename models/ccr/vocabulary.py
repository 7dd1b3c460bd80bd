"""The vocabulary of Cluster Continuous Replication: sorts, actors, records, parameters. No
behaviour.

Times are whole milliseconds since the cluster was created; a stamp of -1 means never. Log positions
are generations (S-078). Sits at the bottom of `models.ccr`.
"""

from __future__ import annotations

from typing import Any

from models.language.rule import ENVIRONMENT, GHOST, PASSIVE, Actor
from models.language.schema import Schema, field_of
from models.language.terms import NOBODY, Bool, Int, Term, enum, identity

from .vocabulary_copies import PARAMETERS as COPY_PARAMETERS
from .vocabulary_copies import copy_life
from .vocabulary_files import file_fields, file_ghosts, file_parameters
from .vocabulary_timing import timing_parameters

Node = identity("Node")
Network = identity("Network")
Group = identity("Group")

Power = enum("Power", "DOWN", "UP")
View = enum("View", "STOPPED", "SEEKING", "JOINED", "LOST", "ALONE", "FORCED")
Cms = enum("Cms", "OFFLINE", "ONLINE_PENDING", "ONLINE", "OFFLINE_PENDING", "FAILED")
Offer = enum("Offer", "NOTHING", "MOVE", "FAILOVER")
Copy = enum("Copy", "ACTIVE", "INITIALIZING", "HEALTHY", "SEEDING", "FAILED", "SYNCHRONIZING")

NEVER = -1

SCHEMA = Schema()


def _running(s: Any, n: Term) -> dict[str, Term]:
    node = s.node[n]
    return {"its node is up": node.power == Power.UP, "its node is not frozen": ~node.frozen}


CLUSTER = Actor("cluster service", Node, _running)
STORAGE = Actor("storage group services", Node, _running)
WORLD = Actor(ENVIRONMENT)
TIME = Actor("time")

_env: dict[str, Any] = {"owner": ENVIRONMENT, "probe": "ping"}
_cluster: dict[str, Any] = {"owner": CLUSTER.name}
_storage: dict[str, Any] = {"owner": STORAGE.name, "probe": "log directory"}


def _volatile(sort: Any, initial: object, probe: str = "", about: str = "") -> Any:
    return field_of(sort, initial, owner=CLUSTER.name, durable=False, probe=probe, about=about)


SCHEMA.record(
    "clock", now=field_of(Int, 0, owner=TIME.name, probe="clock", about="ms since creation")
)

SCHEMA.record(
    "network",
    Network,
    about="a cluster network; it carries heartbeats and logs, each direction on its own",
    carries=field_of(Bool, True, **_env, index=Node, about="packets from this node arrive"),
)

SCHEMA.record(
    "share",
    about="the file share of the witness host, as the world treats it",
    up=field_of(Bool, True, **_env),
    reach=field_of(Bool, True, **_env, index=Node, about="the path from this node to the share"),
)

_board: dict[str, Any] = {"owner": PASSIVE, "probe": "share"}
SCHEMA.record(
    "witness",
    about="what lies on the share: a lock, and a note board {controller, epoch} (S-051)",
    holder=field_of(Node, NOBODY, **_board, about="who holds the lock"),
    renewal=field_of(
        Int,
        NEVER,
        **_board,
        about="send time of the holder's newest renewal; a challenger watches it",
    ),
    recorded=field_of(Bool, True, **_board, about="false after a wipe"),
    epoch=field_of(Int, 1, **_board, about="number of the newest epoch on the board"),
    by=field_of(Node, NOBODY, **_board, about="its proposer: the recorded controller"),
    incarnation=field_of(Int, 1, **_board, about="grows with every wipe"),
)

SCHEMA.record(
    "node",
    Node,
    about="a cluster node: its power, and what its cluster service knows and says",
    power=field_of(Power, Power.DOWN, **_env),
    frozen=field_of(Bool, False, **_env, about="stopped in its tracks; its clock goes on"),
    paused=field_of(
        Bool, False, **_cluster, probe="cluster database", about="votes, but does not host the CMS"
    ),
    view=_volatile(View, View.STOPPED, about="what it believes about the cluster"),
    running=_volatile(Bool, False, "heartbeat", "the cluster service answers"),
    asks=_volatile(Bool, False, "heartbeat", "it asks to join"),
    echoes=_volatile(Bool, False, "heartbeat", "it echoes the peer's heartbeats: I hear you"),
    left=_volatile(Bool, False, "heartbeat", "it said goodbye"),
    stored=field_of(
        Int, 1, **_cluster, probe="cluster database", about="newest epoch written to its disk"
    ),
    stored_by=field_of(Node, NOBODY, **_cluster, probe="cluster database", about="who proposed it"),
    invites=field_of(
        Bool,
        False,
        **_cluster,
        probe="cluster database",
        about="that epoch is offered to the peer, not to the board",
    ),
    open=field_of(Int, 1, **_cluster, probe="heartbeat", about="newest epoch it knows to be open"),
    open_by=field_of(
        Node, NOBODY, **_cluster, probe="heartbeat", about="its proposer: the controller"
    ),
    others=field_of(Int, 0, **_cluster, about="newest epoch of the peer that it accepted"),
    forced_at=field_of(Int, 0, **_cluster, about="newest epoch that was forced here"),
    started_at=_volatile(Int, NEVER, about="when its cluster service started"),
    joined_at=_volatile(Int, NEVER, about="when it joined the pair"),
    echoed_at=_volatile(Int, NEVER, about="send time of its newest heartbeat that the peer echoed"),
    lost_at=_volatile(Int, NEVER, about="when it declared the peer lost and stopped echoing"),
    asked_at=_volatile(Int, NEVER, about="send time of its newest request for the lock"),
    lock_at=_volatile(
        Int, NEVER, about="send time of its newest granted request: the witness lease"
    ),
    renews=_volatile(Bool, False, "share", "it keeps renewing the lock"),
    watch_seen=_volatile(Int, NEVER, about="the renewal it saw on the share"),
    watch_since=_volatile(Int, NEVER, about="since when that has stood still"),
    share_seen=_volatile(Bool, True, about="its newest access check of the share passed (S-059)"),
    checked_at=_volatile(Int, NEVER, about="when that check was"),
    cms=_volatile(Cms, Cms.OFFLINE, "heartbeat", "the clustered mailbox server on this node"),
    pending_at=_volatile(Int, NEVER, about="when the CMS began to come up or to go down here"),
    run=field_of(Int, 0, **_cluster, about="counts the times the CMS came up here"),
    move=_volatile(Bool, False, about="a scheduled move away from here is under way"),
    moved_at=_volatile(Int, NEVER, about="when it was asked for"),
    offer=_volatile(
        Offer, Offer.NOTHING, "cluster database", "control it offers to the peer, and why"
    ),
    forced=_volatile(
        Bool, False, "heartbeat", "an operator forced quorum and the board does not hold it yet"
    ),
    taken=_volatile(Offer, Offer.FAILOVER, about="how it came by control"),
    stopped=field_of(
        Bool, False, **_cluster, probe="cluster database", about="the durable Stopped intent"
    ),
    stop_confirmed=field_of(
        Bool, False, **_cluster, about="that intent is where no failover can miss it"
    ),
)

SCHEMA.record(
    "copy",
    Node,
    Group,
    about="one node's copy of a storage group: a log stream and its database",
    state=field_of(Copy, Copy.HEALTHY, **_storage),
    lineage=field_of(Int, 1, **_storage, about="the epoch in which this log stream forked"),
    lineage_by=field_of(Node, NOBODY, **_storage, about="the node that forked it"),
    parent=field_of(Int, 0, **_storage, about="the lineage it forked from"),
    parent_by=field_of(Node, NOBODY, **_storage),
    fork=field_of(Int, 0, **_storage, about="the last generation it shares with its parent"),
    top=field_of(
        Int,
        0,
        **_storage,
        about="newest closed generation in the log directory: generated here, or inspected",
    ),
    open_records=field_of(Int, 0, **_storage, about="acknowledged records in the open log"),
    written_at=field_of(Int, NEVER, **_storage, about="time of the newest write"),
    active_epoch=field_of(Int, 0, **_storage, about="the epoch in which it was last mounted here"),
    mounted_run=field_of(Int, 0, **_storage, about="the run of the CMS it is mounted in"),
    final=field_of(
        Int, NEVER, **_storage, about="declared final generation, after the last log was closed"
    ),
    notified=field_of(Int, 0, **_storage, about="newest generation it was told of"),
    copied=field_of(
        Int, 0, **_storage, about="newest generation copied to the inspector directory"
    ),
    replayed=field_of(Int, 0, **_storage, about="newest generation replayed into the database"),
    copy_from=field_of(Int, NEVER, **_storage, about="when copying of the next log began"),
    inspect_from=field_of(Int, NEVER, **_storage, about="when inspection of the next log began"),
    replay_from=field_of(Int, NEVER, **_storage, about="when replay of the next log began"),
    failed_from=field_of(Int, NEVER, **_storage, about="when copying last failed"),
    seed_from=field_of(Int, NEVER, **_storage, about="when the running seed began"),
    final_seen=field_of(
        Int, NEVER, **_storage, about="the source's declared final generation, read here"
    ),
    final_epoch=field_of(Int, 0, **_storage, about="the epoch in which it was read"),
    lost=field_of(
        Int,
        NEVER,
        **_storage,
        about="closed generations lost at the last failover, as far as known",
    ),
    loss_exact=field_of(Bool, True, **_storage, about="the old active's files were read"),
    lost_open=field_of(
        Int, 0, **_storage, about="records of the old active's open log that were lost"
    ),
    **copy_life(_storage, Network),
    **file_fields(Node, _storage),
)

_ghost: dict[str, Any] = {"owner": GHOST}
SCHEMA.record(
    "history",
    about="ghosts: what really happened, for properties only",
    newest=field_of(Int, 1, **_ghost, about="number of the newest epoch that was ever open"),
    unsettled=field_of(
        Bool,
        False,
        **_ghost,
        index=Node,
        about="its forced epoch is not on the board as the highest of all",
    ),
    attestation_broken=field_of(
        Bool, False, **_ghost, about="the peer of a forced node acted alone"
    ),
    stop_acked=field_of(
        Bool, False, **_ghost, about="a stop was confirmed and no start asked for since"
    ),
)
SCHEMA.record(
    "record",
    Group,
    about="ghost: one arbitrary acknowledged record, and every place it is in",
    count=field_of(Int, 0, **_ghost, about="records acknowledged so far"),
    acked=field_of(Bool, False, **_ghost),
    generation=field_of(Int, NEVER, **_ghost, about="the generation that holds it, once closed"),
    in_open=field_of(Bool, False, **_ghost, index=Node),
    in_inbox=field_of(Bool, False, **_ghost, index=Node),
    in_logs=field_of(Bool, False, **_ghost, index=Node),
    in_database=field_of(Bool, False, **_ghost, index=Node),
    due=field_of(
        Bool,
        False,
        **_ghost,
        index=Node,
        about="this node held it when it declared its final generation",
    ),
    in_file=field_of(
        Bool,
        False,
        **_ghost,
        index=Node,
        about="its change may be in the database file: not held back by lost log resilience",
    ),
)

file_ghosts(SCHEMA, Group, Node)

for _name, _default, _about in (
    ("heartbeat_interval", 1_000, "ms between heartbeats"),
    ("peer_limit", 5_000, "ms without an echoed heartbeat until the peer is declared lost"),
    ("arbitration_max", 3_000, "ms the owner may go on serving while it arbitrates"),
    ("claim_defer", 3_000, "ms the other node lets the recorded controller go first (Q4)"),
    ("head_start", 10_000, "ms a node waits, once alone, before it goes online (Q6)"),
    ("lock_lease", 6_000, "ms a granted lock request carries"),
    ("lock_renew", 2_000, "ms between renewals of the lock"),
    ("share_expiry", 10_000, "ms a renewal must stand still until the lock may be seized"),
    ("witness_check", 240_000, "ms between access checks of the share (S-065)"),
    (
        "log_roll_idle",
        90_000,
        "ms of idleness until a part-filled log is closed (SP1: 15 min / LLR depth 10)",
    ),
    ("log_capacity", 100, "records that fill a 1 MB log"),
    ("copy_time", 100, "ms to copy one log"),
    ("inspect_time", 20, "ms to inspect one log"),
    ("replay_time", 50, "ms to replay one log"),
    ("copy_retry", 30_000, "ms until a failed copy is tried again"),
    ("seed_time", 60_000, "ms a full seed takes"),
    ("force_step", 1_000_000, "by how much a forced epoch outnumbers what the node knew"),
    ("dial", 6, "lost closed logs that still mount by themselves: lossless 0, good 3, best 6"),
    ("move_queue_max", 5, "logs of copy or replay queue with which a move may start (D-07)"),
    ("move_patience", 120_000, "ms until a move that cannot finish goes back to the source (D-06)"),
    (
        "tracked_record",
        1,
        "which acknowledged record the ghost follows (any: proofs leave it free)",
    ),
    *COPY_PARAMETERS,
):
    SCHEMA.parameter(_name, _default, _about)
file_parameters(SCHEMA)
timing_parameters(SCHEMA)
