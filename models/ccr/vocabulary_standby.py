"""The vocabulary of standby continuous replication (SCR): the targets, and what each holds of a
storage group. No behaviour.

A log's age is not kept log by log: a target notes four times up to which log it had been told of, a
quarter of its replay lag apart. A log below such a note is at least as old as the note. Declared in
the one schema of `vocabulary`; sits beside it.
"""

from __future__ import annotations

from typing import Any

from models.language.rule import ENVIRONMENT, GHOST, Actor
from models.language.schema import Field, field_of
from models.language.terms import NOBODY, Bool, Int, Term, enum, open_identity

from .vocabulary import NEVER, SCHEMA, Group, Node
from .vocabulary_copies import Trouble
from .vocabulary_lcr import Local, Server

Target = open_identity("Target")

Standby = enum(
    "Standby",
    "OFF",
    "INITIALIZING",
    "HEALTHY",
    "SEEDING",
    "FAILED",
    "RESTORED",
    "ACTIVE",
)
Way = enum("Way", "NONE", "PORTABILITY", "RECOVER_CMS", "RECOVER_SERVER")

DAY = 86_400_000
LAG_MAX = 7 * DAY
"""ReplayLagTime and TruncationLagTime are 0 to 7 days."""


def _running(s: Any, t: Term) -> dict[str, Term]:
    return {"its server is up": s.target[t].up}


STANDBY = Actor("standby services", Target, _running)

_env: dict[str, Any] = {"owner": ENVIRONMENT, "probe": "ping"}
_own: dict[str, Any] = {"owner": STANDBY.name, "probe": "standby copy status"}

SCHEMA.record(
    "target",
    Target,
    about="a server that holds standby copies, elsewhere",
    up=field_of(Bool, True, **_env),
    reach=field_of(Bool, True, **_env, index=Node, about="the path between it and this node"),
    cluster=field_of(
        Bool,
        False,
        **_env,
        about="it is a node of a standby cluster: a failover cluster without a CMS",
    ),
)


def _common() -> dict[str, Field]:
    """What a target keeps of a storage group, whatever its source is."""
    found = {
        "state": field_of(Standby, Standby.OFF, **_own),
        "trouble": field_of(Trouble, Trouble.NONE, **_own, about="why it is Failed; latched"),
        "suspended": field_of(Bool, False, **_own),
        "lag": field_of(Int, 0, **_own, about="ReplayLagTime, ms; set when it is enabled"),
        "spacing": field_of(
            Int, 0, **_own, about="ms between two notes of age: a quarter of the lag"
        ),
        "lineage": field_of(Int, 0, **_own, about="the stream that it follows; 0: none yet"),
        "notified": field_of(Int, 0, **_own, about="newest generation it was told of"),
        "copied": field_of(Int, 0, **_own, about="newest generation copied"),
        "top": field_of(Int, 0, **_own, about="newest generation inspected"),
        "replayed": field_of(Int, 0, **_own, about="newest generation in its database"),
        "base": field_of(
            Int, 0, **_own, about="what its database held when it began to follow this stream"
        ),
        "copy_from": field_of(Int, NEVER, **_own, about="when copying of the next log began"),
        "inspect_from": field_of(Int, NEVER, **_own, about="when inspection of the next log began"),
        "replay_from": field_of(Int, NEVER, **_own, about="when replay of the next log began"),
        "due": field_of(Int, 0, **_own, about="newest generation older than the replay lag"),
        "lost": field_of(Int, NEVER, **_own, about="closed logs known to be lost when restored"),
        "way": field_of(Way, Way.NONE, **_own, about="how it was activated"),
        "truncation": field_of(
            Int, 0, **_own, about="TruncationLagTime, ms; set when it is enabled"
        ),
        "low": field_of(Int, 1, **_own, about="oldest generation in its log directory"),
        "seed_from": field_of(Int, NEVER, **_own, about="when the running seed began"),
        "clear": field_of(Int, 0, **_own, about="a generation that was replayed ..."),
        "clear_at": field_of(Int, NEVER, **_own, about="... by then"),
    }
    for k in ("1", "2", "3", "4"):
        about = "newest note of age: up to this generation" if k == "1" else ""
        found[f"told_{k}"] = field_of(Int, 0, **_own, about=about)
        found[f"told_at_{k}"] = field_of(Int, NEVER, **_own)
    return found


def _dates() -> dict[str, Field]:
    """Ghosts of the tracked generation at a target."""
    return {
        "told_at": field_of(Int, NEVER, owner=GHOST, about="when the target was told of it"),
        "replayed_at": field_of(Int, NEVER, owner=GHOST, about="when it was replayed there"),
    }


SCHEMA.record(
    "standby",
    Target,
    Group,
    about="what a target holds of a storage group of the cluster",
    **_common(),
    lineage_by=field_of(Node, NOBODY, **_own),
    epoch=field_of(Int, 0, **_own, about="the epoch in which its source was mounted"),
)
SCHEMA.record(
    "remote",
    Target,
    Server,
    Local,
    about="what a target holds of a storage group of a server outside the cluster",
    **_common(),
)
SCHEMA.record(
    "line",
    Target,
    Server,
    about="the path between a standby server and a server outside the cluster",
    whole=field_of(Bool, True, **_env),
)
SCHEMA.record(
    "ageing", Target, Group, about="ghost: the tracked generation at a target", **_dates()
)
SCHEMA.record(
    "remote_ageing",
    Target,
    Server,
    Local,
    about="ghost: the tracked generation of a stand-alone server at a target",
    **_dates(),
)

SCHEMA.parameter("scr_floor", 50, "logs by which a standby copy's replay always stays behind")
