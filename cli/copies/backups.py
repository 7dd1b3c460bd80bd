"""What `ccr backup` does and shows: backups begun and ended, the logs that are kept and why, and
the chain that a restore needs.

Each answer is built once, as the `--json` document; the tables print the same facts. Sits above
`session`, `backupstate` and `acting`.
"""

from __future__ import annotations

from typing import Any

from cli.copies import backupstate
from cli.frame.errors import CircularLoggingRefused
from cli.frame.output import answer, clock, document, duration, say, table
from cli.session.acting import fire, report, settle
from cli.session.session import reading, writing
from cli.standby import localstate


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


def show_status(
    group: str | None, server: str | None, disk: int, as_of: str | None, as_json: bool
) -> None:
    """`ccr backup status`. Raises `UnknownMember` or `NotEnabled`."""
    with reading(as_of) as session:
        if server is None:
            groups = [session.member("Group", group)] if group else list(session.lens.groups)
            found = {g: backupstate.of_cluster(session, g, disk) for g in groups}
        else:
            groups = localstate.groups(session.state, server, group)
            found = {g: backupstate.of_server(session, server, g, disk) for g in groups}
    if as_json:
        document("backup", {"disk": disk, "server": server, "storage_groups": found})
        return
    table(
        ("group", "copy", "role", "logs kept", "MB", "checkpoint", "full", "backed up"),
        [
            (
                g, n, _role(n, x["active"], server),
                f"{r['oldest']}-{r['newest']}" if r["kept"] else "none", r["kept"],
                r["checkpoint"], "-" if r["full"] is None else r["full"], r["backed_up"],
            )
            for g, x in found.items() for n, r in x["copies"].items()
        ],
    )  # fmt: skip
    for g, x in found.items():
        _notes(g, x, disk)


def _role(holder: str, active: str, server: str | None) -> str:
    if server is not None:
        return "live"
    return "active" if holder == active else "passive"


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


def show_chain(storage_group: str, server: str | None, as_of: str | None, as_json: bool) -> None:
    """`ccr backup chain`. Raises `UnknownMember` or `NotEnabled`."""
    with reading(as_of) as session:
        if server is None:
            session.member("Group", storage_group)
        else:
            localstate.groups(session.state, server, storage_group)
        body = backupstate.chain(session, storage_group, server)
    found, after = body["chain"], body["then_logs"]
    if as_json:
        document("backup_chain", body)
        return
    if not found:
        answer(f"{storage_group} has no full backup: a second failure would lose it")
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
