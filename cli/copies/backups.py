"""What `ccr backup` does and shows: backups begun and ended, the logs that are kept and why, and
the chain that a restore needs.

Each answer is built once, as the `--json` document; the tables print the same facts. Sits above
`session`, `views` and `acting`.
"""

from __future__ import annotations

from typing import Any

from cli.frame.errors import CircularLoggingRefused
from cli.frame.output import answer, clock, document, duration, say, table
from cli.session.acting import fire, report, settle
from cli.session.session import Session, reading, writing
from cli.standby import standbystate
from models.ccr.phrases_files import passive_ready
from models.ccr.vocabulary_standby import Target

HOUR_MS = 3_600_000
MINUTE_MS = 60_000


def run(
    storage_group: str, kind: str, which: str, reason: str, dry_run: bool, as_json: bool
) -> None:
    """`ccr backup run`. Raises `StepRefused` with the reasons."""
    with writing() as session:
        group = session.member("Group", storage_group)
        node = session.lens.source(session.state, group)
        of = node if which == "active" else session.lens.peer(node)
        args = {"n": node, "g": group, "kind": kind, "of": of}
        recorded = fire(session, "begin_backup", args, reason, dry_run=dry_run)
        if dry_run:
            say(f"a {kind.lower()} backup of the copy on {of} may begin; nothing was written")
            return
        report(session, [*recorded, *settle(session)], as_json)


def set_logging(storage_group: str, circular: bool) -> None:
    """`ccr backup logging`. Raises `CircularLoggingRefused`."""
    with reading() as session:
        group = session.member("Group", storage_group)
        if circular:
            raise CircularLoggingRefused(
                f"circular logging is refused for {group}: the passive copy is made from its logs",
                f"Free them by a backup: ccr backup run {group}",
            )
        answer(f"{group} keeps each log until it is backed up and both copies have it")


def abort(storage_group: str, reason: str, as_json: bool) -> None:
    """`ccr backup abort`. Raises `StepRefused` if none runs."""
    with writing() as session:
        group = session.member("Group", storage_group)
        node = session.lens.source(session.state, group)
        recorded = fire(session, "abort_backup", {"n": node, "g": group}, reason)
        report(session, [*recorded, *settle(session)], as_json)


def files(session: Session, group: str, disk: int) -> dict[str, Any]:
    """The logs of one storage group on both nodes, and when a log disk of `disk` MB is full."""
    state, lens = session.state, session.lens
    active = lens.source(state, group)
    row = {n: _row(session, n, group) for n in lens.nodes}
    running = state[f"copy.{active}.{group}.backup"] == "RUNNING"
    job = (
        {
            "kind": str(state[f"copy.{active}.{group}.backup_kind"]).lower(),
            "copy": state[f"copy.{active}.{group}.backup_of"],
            "began": state[f"copy.{active}.{group}.backup_at"],
        }
        if running
        else None
    )
    top, now = int(row[active]["newest"]), session.fold.time
    rate = top * HOUR_MS / now if now else 0.0
    left = disk - int(row[active]["kept"])
    full_in = int(left / rate * 60) * MINUTE_MS if rate else None
    return {
        "active": active,
        "copies": row,
        "running": job,
        "pinned_by": pins(session, active, group),
        "logs_per_hour": round(rate, 1),
        "disk_full_in": max(full_in, 0) if full_in is not None else None,
    }


def _row(session: Session, node: str, group: str) -> dict[str, Any]:
    def has(name: str) -> int:
        return int(session.state[f"copy.{node}.{group}.{name}"])

    return {
        "oldest": has("low"),
        "newest": has("top"),
        "kept": has("top") - has("low") + 1,
        "checkpoint": has("checkpoint"),
        "full": has("full") if has("full") >= 0 else None,
        "backed_up": has("backed"),
    }


def pins(session: Session, node: str, group: str) -> list[str]:
    """Why the oldest log on the active node may not be deleted: each condition that it fails."""
    state = session.state
    peer = session.lens.peer(node)

    def has(n: str, name: str) -> int:
        return int(state[f"copy.{n}.{group}.{name}"])

    oldest = has(node, "low")
    if oldest > has(node, "top"):
        return []
    found = []
    if oldest > has(node, "backed"):
        found.append("it is not backed up")
    if state[f"copy.{node}.{group}.backup"] == "RUNNING":
        found.append("a backup is running")
    if not session.lens.says(passive_ready, state, node, group):
        found.append(f"{peer} is absent, failed, suspended or being seeded")
    if oldest <= has(node, "backed") and oldest > has(node, "checkpoint"):
        found.append("it is not older than the checkpoint")
    if oldest <= has(node, "backed") and oldest > has(peer, "checkpoint"):
        found.append(f"{peer} does not have it in its database file")
    targets = session.reader.layout.members(Target)
    waiting = (
        standbystate.pins(session.lens, state, t, g)
        for t, g in (standbystate.held(state) if targets else ())
        if g == group
    )
    return [*found, *(text for text in waiting if text)]


def show_status(group: str | None, disk: int, as_of: str | None, as_json: bool) -> None:
    """`ccr backup status`."""
    with reading(as_of) as session:
        groups = [session.member("Group", group)] if group else list(session.lens.groups)
        found = {g: files(session, g, disk) for g in groups}
    if as_json:
        document("backup", {"disk": disk, "storage_groups": found})
        return
    table(
        ("group", "copy", "role", "logs kept", "MB", "checkpoint", "full", "backed up"),
        [
            (
                g, n, "active" if n == x["active"] else "passive",
                f"{r['oldest']}-{r['newest']}" if r["kept"] else "none", r["kept"],
                r["checkpoint"], "-" if r["full"] is None else r["full"], r["backed_up"],
            )
            for g, x in found.items() for n, r in x["copies"].items()
        ],
    )  # fmt: skip
    for g, x in found.items():
        _notes(g, x, disk)


def _notes(group: str, found: dict[str, Any], disk: int) -> None:
    job = found["running"]
    if job:
        answer(f"{group}: a {job['kind']} backup of the copy on {job['copy']} is running")
    for reason in found["pinned_by"]:
        answer(f"{group}: the oldest log on {found['active']} stays: {reason}")
    if found["pinned_by"] and found["disk_full_in"] is not None:
        answer(
            f"{group}: at {found['logs_per_hour']} logs per hour a log disk of {disk} MB is full in"
            f" {duration(found['disk_full_in'])}"
        )


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
    for backup in finished(session, group):
        kind = str(backup["kind"])
        if backup["upto"] <= reach.get(kind, backup["upto"]):
            found[f"Latest{kind.capitalize()}BackupTime"] = clock(backup["finished"])
    for kind in _KINDS:
        had = found[f"Latest{kind.capitalize()}BackupTime"] is not None
        found[f"SnapshotLatest{kind.capitalize()}Backup"] = had or None
    found["SnapshotBackup"] = any(found[name] for name in _SNAPSHOTS[1:])
    return found


def finished(session: Session, group: str) -> list[dict[str, Any]]:
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


def chain_of(session: Session, group: str) -> list[dict[str, Any]]:
    """The backups that the header of the active copy names, oldest first."""
    node = session.lens.source(session.state, group)
    full = int(session.state[f"copy.{node}.{group}.full"])
    backed = int(session.state[f"copy.{node}.{group}.backed"])
    found = finished(session, group)
    fulls = [i for i, x in enumerate(found) if x["kind"] == "full" and x["upto"] == full]
    rest = found[fulls[-1] :] if fulls else []
    return [
        x for i, x in enumerate(rest)
        if i == 0 or (x["kind"] == "incremental" and x["upto"] <= backed)
    ]  # fmt: skip


def show_chain(storage_group: str, as_of: str | None, as_json: bool) -> None:
    """`ccr backup chain`."""
    with reading(as_of) as session:
        group = session.member("Group", storage_group)
        found = chain_of(session, group)
        copy = _row(session, session.lens.source(session.state, group), group)
    after = {"first": copy["backed_up"] + 1, "last": copy["newest"]}
    if as_json:
        document("backup_chain", {"storage_group": group, "chain": found, "then_logs": after})
        return
    if not found:
        answer(f"{group} has no full backup: a second failure would lose it")
        return
    table(
        ("restore", "kind", "of copy", "up to log", "finished", "event"),
        [
            (i + 1, x["kind"], x["copy"], x["upto"], clock(x["finished"]), x["event"])
            for i, x in enumerate(found)
        ],
    )
    if after["last"] >= after["first"]:
        answer(f"then replay logs {after['first']} to {after['last']} of the log directory")
