"""The storage groups of the servers outside the cluster in a state: live database, local copy,
queues, backups, and what the last restore lost and asked for.

Pure functions of a plain state. Sits beside `standbystate`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cli.frame.errors import NotEnabled
from models.plain.layout import State


def held(state: State) -> Iterator[tuple[str, str]]:
    """Each (server, storage group) that was created."""
    for key, value in state.items():
        if key.startswith("local.") and key.endswith(".base") and value != "ABSENT":
            _, server, group, _ = key.split(".")
            yield server, group


def servers(state: State) -> dict[str, dict[str, Any]]:
    """Each installed server: its kind, whether it is up, which node runs it, and its databases."""
    found: dict[str, dict[str, Any]] = {}
    for key, value in sorted(state.items()):
        if key.startswith("server.") and key.endswith(".installed") and value:
            name = key.split(".")[1]
            clustered = bool(state[f"server.{name}.clustered"])
            found[name] = {
                "kind": "single copy cluster" if clustered else "stand-alone",
                "up": bool(state[f"server.{name}.up"]),
                "node": int(state[f"server.{name}.node"]) if clustered else None,
                "spare_up": bool(state[f"server.{name}.spare"]) if clustered else None,
                "databases": {
                    g: str(state[f"local.{name}.{g}.base"]).lower()
                    for v, g in sorted(held(state))
                    if v == name
                },
            }
    return found


def groups(state: State, server: str, group: str | None = None) -> list[str]:
    """The storage groups of a server, or the one that is asked for.

    Raises `NotEnabled` if it has none, or not that one.
    """
    found = sorted(held(state))
    asked = [g for v, g in found if v == server and group in (None, g)]
    if not asked:
        known = ", ".join(f"{g} on {v}" for v, g in found)
        raise NotEnabled(
            f"{server} has no storage group {group or ''}".rstrip(),
            f"There are {known}" if known else f"ccr server create {server} {group or 'SG1'}",
        )
    return asked


def status(state: State, server: str, group: str) -> str:
    """SummaryCopyStatus of a local copy."""
    row = f"local.{server}.{group}"
    if not state[f"server.{server}.up"]:
        return "ServiceDown"
    word = str(state[f"{row}.lcr"])
    if word == "OFF":
        return "Disabled"
    if state[f"{row}.suspended"] and word != "SEEDING":
        return "Suspended"
    return word.capitalize()


def copy(state: State, server: str, group: str) -> dict[str, Any]:
    """One storage group; queues are null without a copy."""
    row = f"local.{server}.{group}"

    def has(name: str) -> int:
        return int(state[f"{row}.{name}"])

    def time(name: str) -> int | None:
        return None if has(name) < 0 else has(name)

    on = state[f"{row}.lcr"] in ("HEALTHY", "FAILED")
    return {
        "database": str(state[f"{row}.base"]).lower(),
        "disks": has("disks"),
        "status": status(state, server, group),
        "generated": has("top"),
        "copied": has("copied") if on else None,
        "inspected": has("inspected") if on else None,
        "replayed": has("replayed") if on else None,
        "copy_queue": has("top") - has("inspected") if on else None,
        "replay_queue": has("inspected") - has("replayed") if on else None,
        "oldest": has("low"),
        "checkpoint": has("checkpoint"),
        "full_backup": time("full"),
        "backed_up": has("backed"),
        "clustered": bool(state[f"server.{server}.clustered"]),
        "node": int(state[f"server.{server}.node"]),
        "lost": time("lost"),
        "lost_records": has("lost_open"),
        "request_from": time("request_from"),
        "request_to": time("request_to"),
    }
