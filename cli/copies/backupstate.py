"""The backups of a storage group and the logs that it keeps, of the cluster or of a server outside
it: what `ccr backup` shows.

Sits above `session` and `keptlogs`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cli.copies import keptlogs
from cli.frame.output import clock
from cli.session.session import Session
from models.plain.layout import Value

HOUR_MS = 3_600_000
MINUTE_MS = 60_000


def of_cluster(session: Session, group: str, disk: int) -> dict[str, Any]:
    """The logs of one storage group on both nodes, and when a log disk of `disk` MB is full."""
    state, lens = session.state, session.lens
    active = lens.source(state, group)
    row = {n: _files(session, f"copy.{n}.{group}") for n in lens.nodes}
    job = _running(session, f"copy.{active}.{group}", state[f"copy.{active}.{group}.backup_of"])
    return {
        "active": active,
        "copies": row,
        "running": job,
        "pinned_by": keptlogs.of_copy(session, active, group),
        **_forecast(session, row[active], disk),
    }


def of_server(session: Session, server: str, group: str, disk: int) -> dict[str, Any]:
    """The same of a server outside the cluster: its one log directory that clients' writes fill."""
    row = f"local.{server}.{group}"
    found = _files(session, row)
    return {
        "active": server,
        "copies": {server: found},
        "running": _running(session, row, server),
        "pinned_by": keptlogs.of_server(session, server, group),
        **_forecast(session, found, disk),
    }


def _running(session: Session, row: str, copy: Value) -> dict[str, Any] | None:
    """The backup of `copy` that runs, if one does."""
    if session.state[f"{row}.backup"] != "RUNNING":
        return None
    kind, began = session.state[f"{row}.backup_kind"], session.state[f"{row}.backup_at"]
    return {"kind": str(kind).lower(), "copy": copy, "began": began}


def _files(session: Session, row: str) -> dict[str, Any]:
    def has(name: str) -> int:
        return int(session.state[f"{row}.{name}"])

    return {
        "oldest": has("low"),
        "newest": has("top"),
        "kept": has("top") - has("low") + 1,
        "checkpoint": has("checkpoint"),
        "full": has("full") if has("full") >= 0 else None,
        "backed_up": has("backed"),
    }


def _forecast(session: Session, files: dict[str, Any], disk: int) -> dict[str, Any]:
    """When the disk is full, at the rate of all the time until now."""
    now = session.fold.time
    rate = int(files["newest"]) * HOUR_MS / now if now else 0.0
    left = disk - int(files["kept"])
    full_in = int(left / rate * 60) * MINUTE_MS if rate else None
    return {
        "logs_per_hour": round(rate, 1),
        "disk_full_in": max(full_in, 0) if full_in is not None else None,
    }


_KINDS = ("full", "incremental", "differential", "copy")
_SNAPSHOTS = ("SnapshotBackup", *(f"SnapshotLatest{k.capitalize()}Backup" for k in _KINDS))
NO_BACKUPS: dict[str, Any] = {
    **{f"Latest{k.capitalize()}BackupTime": None for k in _KINDS}, **dict.fromkeys(_SNAPSHOTS),
}  # fmt: skip
"""The fields of Get-StorageGroupCopyStatus on backups, where nobody can be asked."""


def backup_times(session: Session, node: str, group: str) -> dict[str, Any]:
    """Those fields for the copy on `node`: when the backups ended that its header tells of, and
    whether they are snapshots (all are: VSS).

    A full or incremental backup is in the header of the passive copy once it has replayed the log
    that carries the change.
    """
    copy, found = f"copy.{node}.{group}", dict(NO_BACKUPS)
    reach = {"full": int(session.state[f"{copy}.full"]), "incremental": -1}
    reach["incremental"] = int(session.state[f"{copy}.backed"]) if reach["full"] >= 0 else -1
    for backup in _finished(session, group):
        kind = str(backup["kind"])
        if backup["upto"] <= reach.get(kind, backup["upto"]):
            found[f"Latest{kind.capitalize()}BackupTime"] = clock(backup["finished"])
    for kind in _KINDS:
        had = found[f"Latest{kind.capitalize()}BackupTime"] is not None
        found[f"SnapshotLatest{kind.capitalize()}Backup"] = had or None
    found["SnapshotBackup"] = any(found[name] for name in _SNAPSHOTS[1:])
    return found


def _finished(session: Session, group: str) -> list[dict[str, Any]]:
    """Every backup of a storage group that was finished and recorded, oldest first."""
    nodes = session.lens.nodes
    if all(int(session.state[f"copy.{n}.{group}.backup_at"]) < 0 for n in nodes):
        return []
    begun: dict[str, dict[str, Any]] = {}
    found: list[dict[str, Any]] = []
    told = session.cluster.of_events(("BackupBegun", "BackupFinished"), 1, session.fold.number)
    for recorded in told:
        event = recorded.event
        if event.event == "BackupBegun" and event.row.endswith(f".{group}"):
            args = event.step.args
            begun[event.row] = {
                "kind": str(args["kind"]).lower(), "copy": args["of"], "upto": int(args["upto"]),
            }  # fmt: skip
        if event.event == "BackupFinished" and event.row in begun:
            found.append({**begun[event.row], "finished": event.time, "event": event.number})
    return found


def _finished_outside(session: Session, server: str, group: str) -> Iterator[dict[str, Any]]:
    """The same of a server outside the cluster; how far each reaches is in the state after it."""
    row = f"local.{server}.{group}"
    if int(session.state[f"{row}.backup_at"]) < 0:
        return
    told = session.cluster.of_events(("LocalBackupFinished",), 1, session.fold.number)
    ends = {r.event.number: r.event.time for r in told if r.event.row == row}
    for fold, (number, time) in zip(session.cluster.folds_at(ends), ends.items(), strict=True):
        yield {
            "kind": str(fold.state[f"{row}.backup_kind"]).lower(),
            "copy": server,
            "upto": int(fold.state[f"{row}.backup_to"]),
            "finished": time,
            "event": number,
        }


def chain(session: Session, group: str, server: str | None) -> dict[str, Any]:
    """The backups that the header names, oldest first, and the logs to be replayed after them."""
    if server is None:
        row = f"copy.{session.lens.source(session.state, group)}.{group}"
        found = _finished(session, group)
    else:
        row = f"local.{server}.{group}"
        found = list(_finished_outside(session, server, group))
    files = _files(session, row)
    fulls = [i for i, x in enumerate(found) if x["kind"] == "full" and x["upto"] == files["full"]]
    rest = found[fulls[-1] :] if fulls else []
    named = [
        x for i, x in enumerate(rest)
        if i == 0 or (x["kind"] == "incremental" and x["upto"] <= files["backed_up"])
    ]  # fmt: skip
    after = {"first": files["backed_up"] + 1, "last": files["newest"]}
    return {"storage_group": group, "chain": named, "then_logs": after}
