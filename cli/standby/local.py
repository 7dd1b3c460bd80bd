"""What `ccr lcr` and `ccr server` do and show, beside the thin commands.

Sits above `session`, `localstate` and `acting`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ccr_es.cluster.cluster import Act, Pause
from ccr_es.state.points import duration_ms
from cli.frame.output import answer, clock, document, say, table
from cli.session import acting
from cli.session.session import reading, writing
from cli.standby import localstate
from models.plain.layout import Value


def act(
    rule: str, group: str, server: str, reason: str, dry_run: bool, as_json: bool,
    more: Mapping[str, Value] | None = None,
) -> None:  # fmt: skip
    """One rule on one storage group of a server, and what follows at once. `more` are arguments
    beside those that name it.
    """
    with writing() as session:
        localstate.groups(session.state, server, group)
        if rule == "suspend_lcr" and session.state[f"local.{server}.{group}.suspended"]:
            say(f"the local copy of {group} on {server} is suspended already; nothing to do")
            acting.report(session, [], as_json)
            return
        args = {"v": server, "h": group, **(more or {})}
        recorded = acting.fire(session, rule, args, reason, dry_run=dry_run)
        if dry_run:
            say(f"{rule} may fire; nothing was written")
            return
        acting.report(session, [*recorded, *acting.settle(session)], as_json)


def fill_logs(server: str, group: str, logs: int, every: str, as_json: bool) -> None:
    """`ccr server workload`: fill log after log, with simulated time between."""
    ms = duration_ms(every)
    with writing() as session:
        localstate.groups(session.state, server, group)
        capacity = session.reader.layout.parameters["log_capacity"]
        room = capacity - int(session.state[f"local.{server}.{group}.open_records"])
        acts: list[Act | Pause] = []
        for number in range(logs):
            args: dict[str, Value] = {
                "v": server,
                "h": group,
                "records": room if number == 0 else capacity,
            }
            acts += [acting.act("write_local", args), Pause(ms)]
        acting.report(session, acting.play(session, acts), as_json)


def show_servers(as_of: str | None, as_json: bool) -> None:
    """`ccr server list`."""
    with reading(as_of) as session:
        found = localstate.servers(session.state)
    if as_json:
        document("servers", {"servers": found})
        return
    if not found:
        answer("no mailbox server stands outside the cluster")
        return
    table(
        ("server", "kind", "state", "runs on", "other node", "databases"),
        [
            (
                name, x["kind"], "up" if x["up"] else "down",
                *((f"node {x['node']}", "up" if x["spare_up"] else "down")
                  if x["kind"] == "single copy cluster" else ("itself", "-")),
                _databases(x),
            )
            for name, x in found.items()
        ],
    )  # fmt: skip


def _databases(server: dict[str, Any]) -> str:
    """A mounted database comes back with its server."""
    down = {} if server["up"] else {"mounted": "down with it"}
    return ", ".join(f"{g} {down.get(x, x)}" for g, x in server["databases"].items()) or "none"


def show_status(group: str | None, server: str | None, as_of: str | None, as_json: bool) -> None:
    """`ccr lcr status`."""
    with reading(as_of) as session:
        found = {
            f"{v}/{h}": {"server": v, "storage_group": h, **localstate.copy(session.state, v, h)}
            for v, h in sorted(localstate.held(session.state))
            if group in (None, h) and server in (None, v)
        }
        cluster = session.cluster.name
    if as_json:
        document("lcr", {"cluster": cluster, "copies": found})
        return
    if not found:
        answer("no stand-alone server has a storage group")
        return
    table(
        ("server", "group", "database", "disks", "status", "copy queue", "replay queue"),
        [
            (
                x["server"], x["storage_group"], x["database"], x["disks"], x["status"],
                _shown(x["copy_queue"]), _shown(x["replay_queue"]),
            )
            for x in found.values()
        ],
    )  # fmt: skip
    for x in found.values():
        if x["request_to"] is not None:
            answer(
                f"{x['storage_group']} on {x['server']}: restored {clock(x['request_to'])};"
                f" {x['lost']} logs lost; hubs asked for mail since {clock(x['request_from'])}"
            )


def _shown(value: Any) -> Any:
    return "-" if value is None else value
