"""Why the oldest log of a log directory may not be deleted: each guard that the rule which deletes
logs fails for that one log, said of it.

Sits above `session` and `standbystate`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cli.session.session import Session
from cli.standby import standbystate
from models.ccr.vocabulary_standby import Target
from models.plain.layout import Value
from models.plain.reader import Step

AMOUNT = ("there are such logs", "as many as may be")
"""Guards on how many are deleted: no reason why one stays."""
_BACKED = "they are backed up"
_TARGETS = "every standby target has inspected them"
SAID = {
    "its node is up": "its node is down",
    "its node is not frozen": "its node is frozen",
    "server is installed": "its server is not installed",
    "server is up": "its server is down",
    "storage group is mounted here": "it is not mounted",
    "database is mounted": "its database is not mounted",
    _BACKED: "it is not backed up",
    "no backup is running": "a backup is running",
    "passive copy answers and is healthy": "{peer} is absent, failed, suspended or being seeded",
    "local copy has them in its database": "the local copy is failed, suspended, being seeded, or"
    " does not have it in its database",
    "they are older than the checkpoint": "it is not older than the checkpoint",
    "passive copy has them in its database": "{peer} does not have it in its database file",
    _TARGETS: "a standby target has not inspected it",
}
"""What is said of a log that fails a guard, by the guard's name."""
_ONLY_BACKED = {
    "they are older than the checkpoint", "passive copy has them in its database", _TARGETS,
}  # fmt: skip
"""What is of interest of a log once it is backed up."""


def of_copy(session: Session, node: str, group: str) -> list[str]:
    """What keeps the oldest log of the copy on `node`; empty if nothing does or there is none."""
    oldest = int(session.state[f"copy.{node}.{group}.low"])
    if oldest > int(session.state[f"copy.{node}.{group}.top"]):
        return []
    args: dict[str, Value] = {"n": node, "g": group, "generation": oldest}
    waiting = (
        standbystate.pins(session.lens, session.state, t, g)
        for t, g in _standing(session)
        if g == group
    )
    peer = session.lens.peer(node)
    return list(_said(session, "delete_logs", args, peer, [w for w in waiting if w]))


def of_server(session: Session, server: str, group: str) -> list[str]:
    """The same for a storage group of a server outside the cluster."""
    row = f"local.{server}.{group}"
    oldest = int(session.state[f"{row}.low"])
    if oldest > int(session.state[f"{row}.top"]):
        return []
    args: dict[str, Value] = {"v": server, "h": group, "generation": oldest}
    waiting = (
        standbystate.remote(session.lens, session.state, t, v, h)["pins"]
        for t, v, h in standbystate.remotes(session.state)
        if (v, h) == (server, group)
    )
    return list(_said(session, "delete_local_logs", args, "", [w for w in waiting if w]))


def _standing(session: Session) -> list[tuple[str, str]]:
    """Each target with its storage group, if any joined."""
    joined = session.reader.layout.members(Target)
    return list(standbystate.held(session.state)) if joined else []


def _said(
    session: Session, rule: str, args: Mapping[str, Value], peer: str, targets: list[str]
) -> Iterator[str]:
    refusal = session.reader.check(session.state, Step(rule, dict(args)))
    false = [g.name for g in refusal.guards] if refusal else []
    for name in false:
        if name in AMOUNT or (_BACKED in false and name in _ONLY_BACKED):
            continue
        if name == _TARGETS and targets:
            yield from targets
        else:
            yield SAID.get(name, f"not so: {name}").format(peer=peer)
