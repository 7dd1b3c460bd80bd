"""The vocabulary of mailbox servers outside the cluster: stand-alone ones, with local continuous
replication (LCR) or without, and those of a single copy cluster (SCC). No behaviour.

One server holds both copies, so a storage group of a server is one record: the live files and, if
LCR is enabled, the copy. The nodes of a single copy cluster share one set of disks, so for them too
it is one record. Declared in the one schema of `vocabulary`; sits beside it.
"""

from __future__ import annotations

from typing import Any

from models.language.rule import ENVIRONMENT, GHOST, Actor
from models.language.schema import field_of
from models.language.terms import Bool, Int, Term, enum, open_identity

from .vocabulary import NEVER, SCHEMA
from .vocabulary_files import Backup, Kind

Server = open_identity("Server")
Local = open_identity("Local")

Base = enum("Base", "ABSENT", "MOUNTED", "DISMOUNTED", "BROKEN")
Lcr = enum("Lcr", "OFF", "SEEDING", "HEALTHY", "FAILED")


def _running(s: Any, v: Term) -> dict[str, Term]:
    return {"server is installed": s.server[v].installed, "server is up": s.server[v].up}


LOCAL = Actor("mailbox server services", Server, _running)


def _spare_runs(s: Any, v: Term) -> dict[str, Term]:
    return {"its other node is up": s.server[v].spare}


SCC = Actor("single copy cluster service", Server, _spare_runs)

_env: dict[str, Any] = {"owner": ENVIRONMENT, "probe": "ping"}
_scc: dict[str, Any] = {"owner": SCC.name, "probe": "ping"}
_own: dict[str, Any] = {"owner": LOCAL.name, "probe": "log directory"}

SCHEMA.record(
    "server",
    Server,
    about="a mailbox server outside the cluster: stand-alone, or of a single copy cluster",
    installed=field_of(Bool, False, **_env),
    up=field_of(Bool, True, **_scc, about="it, or the node that runs it, is up"),
    clustered=field_of(
        Bool, False, **_scc, about="a single copy cluster: two nodes, one set of disks"
    ),
    node=field_of(Int, 1, **_scc, about="which of the two nodes runs it"),
    spare=field_of(Bool, False, **_scc, about="the other node is up"),
    failed_at=field_of(Int, NEVER, **_scc, about="when the node that ran it went down"),
)

SCHEMA.record(
    "local",
    Server,
    Local,
    about="a storage group of a stand-alone server: its live files and its LCR copy",
    base=field_of(Base, Base.ABSENT, **_own, about="the live database; BROKEN: its disks are lost"),
    disks=field_of(Int, 1, **_own, about="which of the two sets of disks is live"),
    open_records=field_of(Int, 0, **_own, about="acknowledged records in the open log"),
    written_at=field_of(Int, NEVER, **_own, about="time of the newest write"),
    closed_at=field_of(Int, 0, **_own, about="when the newest log was closed"),
    top=field_of(Int, 0, **_own, about="newest closed generation"),
    lineage=field_of(Int, 1, **_own, about="counts the streams: a restore begins a new one"),
    fork=field_of(Int, 0, **_own, about="the last generation it shares with the one before"),
    lcr=field_of(Lcr, Lcr.OFF, **_own, about="the copy on the other disks"),
    suspended=field_of(Bool, False, **_own),
    copied=field_of(Int, 0, **_own, about="newest generation copied"),
    inspected=field_of(Int, 0, **_own, about="newest generation inspected"),
    replayed=field_of(Int, 0, **_own, about="newest generation in the copy's database"),
    whole_at=field_of(
        Int, 0, **_own, about="all that was written before this time is inspected on the copy"
    ),
    copy_from=field_of(Int, NEVER, **_own, about="when copying of the next log began"),
    inspect_from=field_of(Int, NEVER, **_own, about="when inspection of the next log began"),
    replay_from=field_of(Int, NEVER, **_own, about="when replay of the next log began"),
    seed_from=field_of(Int, NEVER, **_own, about="when the running seed began"),
    lost=field_of(Int, NEVER, **_own, about="closed logs lost at the last restore"),
    lost_open=field_of(Int, 0, **_own, about="records of the open log lost with them"),
    request_from=field_of(
        Int, NEVER, **_own, about="mail since then is asked for again from every hub of the site"
    ),
    request_to=field_of(Int, NEVER, **_own, about="... until then: the last restore"),
    dropped=field_of(Int, 0, **_own, about="duplicate messages dropped"),
    missed=field_of(Int, 0, **_own, about="messages found to be rolled back"),
    low=field_of(Int, 1, **_own, about="oldest generation in the live log directory"),
    copy_low=field_of(Int, 1, **_own, about="oldest generation in that of the local copy"),
    checkpoint=field_of(Int, 0, **_own, about="newest generation wholly in the database file"),
    full=field_of(Int, NEVER, **_own, about="header: what the last full backup reaches"),
    backed=field_of(Int, 0, **_own, about="header: newest generation that is backed up"),
    backup=field_of(Backup, Backup.IDLE, **_own, about="the backup that its store runs"),
    backup_kind=field_of(Kind, Kind.FULL, **_own),
    backup_to=field_of(Int, 0, **_own, about="newest generation that it holds"),
    backup_at=field_of(Int, NEVER, **_own, about="when it began"),
)

SCHEMA.record(
    "diary",
    Server,
    Local,
    about="ghost: the tracked record of a stand-alone server",
    count=field_of(Int, 0, owner=GHOST),
    wrote_at=field_of(Int, NEVER, owner=GHOST, about="when it was acknowledged"),
    in_open=field_of(Bool, False, owner=GHOST),
    generation=field_of(Int, NEVER, owner=GHOST, about="the generation that holds it"),
)

SCHEMA.record(
    "shelf",
    Server,
    Local,
    about="ghost: the tracked generation of a server's storage group on the backup media",
    saved=field_of(Bool, False, owner=GHOST, about="it is in the chain that the header names"),
)
