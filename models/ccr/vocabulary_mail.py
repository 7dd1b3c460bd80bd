"""The vocabulary of mail: hubs, their transport dumpsters, messages, and requests for redelivery.
No behaviour.

A message is no actor. It lies in queues, logs and databases, and its record says where: that is
what whoever looks there finds. Members of `Mail` are lots: messages of equal size that one hub
hands to one storage group at once; a single message is a lot of one. Declared in the one schema of
`vocabulary`; sits beside it. Sizes are bytes.
"""

from __future__ import annotations

from typing import Any

from models.language.rule import CONTENT, ENVIRONMENT, GHOST, PASSIVE, Actor
from models.language.schema import Field, field_of
from models.language.terms import NOBODY, Bool, Int, Term, enum, open_identity

from .vocabulary import NEVER, SCHEMA, STORAGE, Group, Node
from .vocabulary_lcr import Local, Server

Hub = open_identity("Hub")
Mail = open_identity("Mail")
Stage = enum("Stage", "NONE", "QUEUED", "TAKEN", "KEPT")
Item = enum("Item", "DRAFT", "PROPERTY", "OUTGOING")
"""What the dumpster never covers: drafts in online mode (S-130); appointments, contacts, tasks and
property updates (S-131); outgoing mail between client and hub (S-132).
"""

MEGABYTE = 1_048_576
DAY_MS = 86_400_000
LONG_AGO = -1_000_000_000_000
OPEN_LOG = NEVER
"""The generation of what is in no closed log yet."""


def _running(s: Any, h: Term) -> dict[str, Term]:
    return {"hub is up": s.hub[h].up}


HUBS = Actor("hub transport", Hub, _running)

_env: dict[str, Any] = {"owner": ENVIRONMENT, "probe": "mail session"}
_queue: dict[str, Any] = {"owner": HUBS.name, "probe": "mail session"}
_config: dict[str, Any] = {"owner": PASSIVE, "probe": "cluster database"}
_seen: dict[str, Any] = {"owner": CONTENT, "probe": "mail session"}
_table: dict[str, Any] = {"owner": CONTENT, "probe": "database"}
_ghost: dict[str, Any] = {"owner": GHOST}

SCHEMA.record(
    "hub",
    Hub,
    about="a Hub Transport server of the site",
    known=field_of(Bool, False, **_env, about="it was added to the site"),
    up=field_of(Bool, False, **_env, about="it is up"),
    skew=field_of(Int, 0, **_env, about="ms by which its clock is ahead"),
)
SCHEMA.record(
    "transport",
    about="the organization's transport settings",
    size_max=field_of(
        Int, 18 * MEGABYTE, **_env, about="MaxDumpsterSizePerStorageGroup; 0 disables (S-135)"
    ),
    age_max=field_of(Int, 7 * DAY_MS, **_env, about="MaxDumpsterTime in ms; 0 disables (S-136)"),
    horizon=field_of(
        Int, LONG_AGO, **_env, about="what was delivered before this was removed for its age"
    ),
)


def _queue_fields() -> dict[str, Field]:
    """What a hub keeps of its mail for one storage group, of the cluster or of a server."""
    return {
        "submitted": field_of(Int, 0, **_queue, about="messages that clients submitted"),
        "entered": field_of(Int, 0, **_queue, about="bytes that ever entered the dumpster"),
        "passed": field_of(Int, 0, **_queue, about="messages that were delivered and not kept"),
        "floor": field_of(Int, 0, **_queue, about="of these, the oldest that were removed"),
        "round": field_of(Int, 0, **_queue, about="requests for redelivery it accepted"),
        "asked": field_of(Int, 0, **_queue, about="the stream for which the newest was made"),
        "since": field_of(Int, NEVER, **_queue, about="begin of the window it resubmits"),
        "until": field_of(Int, NEVER, **_queue, about="its end"),
    }


SCHEMA.record(
    "queue",
    Hub,
    Group,
    about="a hub's mail for one storage group: what it hands over, and its transport dumpster",
    **_queue_fields(),
)
SCHEMA.record(
    "outbox",
    Hub,
    Server,
    Local,
    about="the same for a storage group of a server outside the cluster",
    **_queue_fields(),
)
SCHEMA.record(
    "request",
    Hub,
    Group,
    about="a redelivery request in the cluster configuration, outside every replicated database",
    outstanding=field_of(Bool, False, **_config),
    by=field_of(Node, NOBODY, **_config, about="the node that recorded it"),
    lineage=field_of(Int, 0, **_config, about="the stream whose mount lost something"),
    since=field_of(Int, NEVER, **_config, about="begin of the window"),
    until=field_of(Int, NEVER, **_config, about="end of the window"),
    recorded_at=field_of(Int, NEVER, **_config, about="when it was recorded, or last extended"),
    failed_at=field_of(Int, NEVER, **_config, about="when the hub was found not available"),
    given_up=field_of(Int, 0, **_config, about="the stream of the newest one that expired"),
)
SCHEMA.record(
    "intake",
    Node,
    Group,
    about="what the store and the Replication service on a node note about mail",
    dropped=field_of(Int, 0, owner=STORAGE.name, about="duplicate messages dropped"),
    missed=field_of(Int, 0, owner=STORAGE.name, about="messages found to be rolled back"),
    seen_log=field_of(
        Int, 0, owner=STORAGE.name, about="the log that was open at the source when last seen"
    ),
    seen_at=field_of(Int, NEVER, owner=STORAGE.name, about="when that was"),
    kept_log=field_of(
        Int, 0, owner=STORAGE.name, about="the one seen before that, inspected since"
    ),
    kept_at=field_of(Int, NEVER, owner=STORAGE.name, about="when that was"),
)


def _lot_fields() -> dict[str, Field]:
    """What is found of a lot of messages where it lies."""
    return {
        "stage": field_of(Stage, Stage.NONE, **_seen, about="waits at the hub; taken; kept"),
        "hub": field_of(Hub, NOBODY, **_seen, about="the hub that it was submitted to"),
        "count": field_of(Int, 0, **_seen, about="messages in it"),
        "bytes": field_of(Int, 0, **_seen, about="their size in all"),
        "records": field_of(Int, 0, **_seen, about="log records that delivering it takes"),
        "stamp": field_of(
            Int, NEVER, **_seen, about="when it was last delivered, by the hub's clock"
        ),
        "offset": field_of(
            Int, NEVER, **_seen, about="bytes that had entered the dumpster before it; -1: not kept"
        ),
        "round": field_of(Int, 0, **_seen, about="the newest request that it was resubmitted for"),
        "lineage": field_of(Int, 0, **_table, about="the stream it was last delivered into"),
        "generation": field_of(Int, NEVER, **_table, about="the log that holds it"),
        "gone_in": field_of(
            Int, 0, **_table, about="the stream whose database does not list it any more"
        ),
    }


SCHEMA.record(
    "mail",
    Mail,
    about="a lot of messages, and where it lies",
    **_lot_fields(),
    group=field_of(Group, NOBODY, **_seen, about="the storage group of its recipients"),
    lineage_by=field_of(Node, NOBODY, **_table, about="the node that forked that stream"),
    store=field_of(Node, NOBODY, **_table, about="the node that it was delivered to"),
    gone_by=field_of(Node, NOBODY, **_table, about="the node that forked that one"),
    lost_in=field_of(Int, 0, **_table, about="the first such stream since it was delivered"),
    mislaid=field_of(
        Bool, False, **_seen, about="dropped as a duplicate after a stream did not list it"
    ),
)
SCHEMA.record(
    "post",
    Mail,
    about="a lot for a server outside the cluster, and where it lies",
    **_lot_fields(),
    server=field_of(Server, NOBODY, **_seen, about="the server of its recipients"),
    place=field_of(Local, NOBODY, **_seen, about="their storage group there"),
)
SCHEMA.record(
    "parcel",
    Server,
    Local,
    about="ghost: one arbitrary lot of mail for a server, and whether its live stream has it",
    submitted=field_of(Int, 0, **_ghost, about="lots submitted so far"),
    mail=field_of(Mail, NOBODY, **_ghost, about="the one that is followed"),
    holds=field_of(Bool, False, **_ghost, about="it is in the live logs or database"),
    at=field_of(Int, OPEN_LOG, **_ghost, about="in which generation; -1: the open log"),
    doubled=field_of(Bool, False, **_ghost, about="it was there twice"),
    room=field_of(Mail, NOBODY, **_ghost, about="the lot for which a log was closed last"),
)
SCHEMA.record(
    "letter",
    Group,
    about="ghost: one arbitrary lot of mail, and in which streams it is",
    submitted=field_of(Int, 0, **_ghost, about="lots submitted so far"),
    mail=field_of(Mail, NOBODY, **_ghost, about="the one that is followed"),
    holds=field_of(
        Bool, False, **_ghost, index=Node, about="it is in this node's logs or database"
    ),
    at=field_of(Int, OPEN_LOG, **_ghost, index=Node, about="in which generation; -1: the open log"),
    inbox=field_of(Bool, False, **_ghost, index=Node, about="it is in the inspector directory"),
    inbox_at=field_of(Int, OPEN_LOG, **_ghost, index=Node, about="in which generation"),
    doubled=field_of(Bool, False, **_ghost, about="it was in one stream twice"),
    room=field_of(Mail, NOBODY, **_ghost, about="the lot for which a log was closed last"),
)

for _name, _default, _about in (
    ("dumpster_retry", 3_600_000, "ms until a hub that was not available is asked again"),
    ("dumpster_slack", 120_000, "ms by which the window of a request is widened at either end"),
    (
        "dumpster_lifetime",
        0,
        "ms a request stays outstanding (RTM: 7 days); 0: as long as mail is kept (SP1)",
    ),
    ("dumpster_eligible", 1, "1: the mailboxes are on CCR, or LCR with SP1; 0: nothing is kept"),
    ("hub_skew_max", 60_000, "ms by which a hub's clock may be off"),
    ("tracked_mail", 1, "which lot of mail the ghost follows (any: proofs leave it free)"),
):
    SCHEMA.parameter(_name, _default, _about)
