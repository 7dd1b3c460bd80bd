"""What `ccr copy` does and shows: every field of Get-StorageGroupCopyStatus, and the acts of an
operator on a copy.

Each answer is built once, as the `--json` document; the list prints the same facts. Sits above
`session`, `views` and `acting`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cli import views
from cli.acting import fire, report, settle
from cli.copystate import failed_message, flags, log_file, seeding_finished, summary
from cli.errors import NetworkNotUsable
from cli.output import answer, clock, document, say, table, tint
from cli.session import Session, reading, writing
from models.ccr import phrases
from models.plain.layout import Value

_TIMES = {
    "LatestAvailableLogTime": ("source", "top"),
    "LastCopyNotificationedLogTime": ("target", "notified"),
    "LastCopiedLogTime": ("target", "copied"),
    "LastInspectedLogTime": ("target", "top"),
    "LastReplayedLogTime": ("target", "replayed"),
}
_POSITIONS = {
    "LastLogGenerated": "generated",
    "LastLogCopyNotified": "notified",
    "LastLogCopied": "copied",
    "LastLogInspected": "inspected",
    "LastLogReplayed": "replayed",
}


def fields(session: Session, group: str, asker: str | None, tools: str) -> dict[str, Any]:
    """One copy under the names of Get-StorageGroupCopyStatus; null where nothing is known."""
    lens, state = session.lens, session.state
    copy = views.storage_group(lens, state, group)
    target, base = str(copy["target"]), lens.groups.index(group)
    reachable = _reachable(session, target, asker)
    found = flags(state, target, group, reachable=reachable, leads=False)
    suspended = found["Suspended"]
    body: dict[str, Any] = {
        "Identity": f"{session.cluster.name}\\{group}",
        "StorageGroupName": group,
        "SummaryCopyStatus": summary(found, tools),
        **{name: found[name] for name in found if name != "Suspended"},
        "FailedMessage": failed_message(state, target, group, base) if reachable else None,
        "Suspend": suspended,
        "SuspendComment": _comment(session, target, group) if suspended else None,
        "CCRTargetNode": target,
        "CopyQueueLength": copy["copy_queue"] if reachable else None,
        "ReplayQueueLength": copy["replay_queue"] if reachable else None,
    }
    for name, position in _POSITIONS.items():
        body[name] = copy[position] if reachable or position == "generated" else None
    body |= _dated(session, copy, group, reachable)
    body["LogFiles"] = {
        name: log_file(base, body[name]) if body[name] else None for name in _POSITIONS
    }
    seed_time = session.reader.layout.parameters["seed_time"]
    body["SeedingFinishedPercent"] = (
        seeding_finished(state, target, group, seed_time) if reachable else None
    )
    return body


def _reachable(session: Session, target: str, asker: str | None) -> bool:
    """Whether the Replication service on `target` answers whoever asks: a node, or (None) somebody
    who reaches every node that is up.
    """
    lens, state = session.lens, session.state
    runs = lens.says(phrases.alive, state, target) and state[f"node.{target}.view"] != "STOPPED"
    if asker is None or asker == target:
        return runs
    return runs and lens.says(phrases.talks, state, asker)


def _comment(session: Session, target: str, group: str) -> str:
    number, _ = session.setter(f"copy.{target}.{group}.suspended")
    return session.event(number).event.reason if number else ""


def _dated(
    session: Session, copy: dict[str, Any], group: str, reachable: bool
) -> dict[str, str | None]:
    """When each position last moved, on the node that it belongs to."""
    found: dict[str, str | None] = {}
    for name, (side, field) in _TIMES.items():
        number, _ = session.setter(f"copy.{copy[side]}.{group}.{field}")
        known = number and (reachable or side == "source")
        found[name] = clock(session.event(number).event.time) if known else None
    return found


def show_status(
    group: str | None, asker: str | None, tools: str, as_of: str | None, as_json: bool
) -> None:
    """`ccr copy status`."""
    with reading(as_of) as session:
        if asker is not None:
            session.member("Node", asker)
        wanted = [session.member("Group", group)] if group else list(session.lens.groups)
        found = {g: fields(session, g, asker, tools) for g in wanted}
        plain = views.storage_groups(session.lens, session.state)
        cluster = session.cluster.name
    if as_json:
        both = {
            g: {**plain[g], "status": x["SummaryCopyStatus"], "copy": x} for g, x in found.items()
        }
        document("copies", {"cluster": cluster, "storage_groups": both})
    elif group:
        for name, value in found[group].items():
            if name != "LogFiles":
                answer(f"{name:<30} {_shown(name, value, found[group])}".rstrip())
    else:
        columns = ("SummaryCopyStatus", "CopyQueueLength", "ReplayQueueLength")
        table(
            ("Name", *columns, "LastInspectedLogTime"),
            [
                (g, *("-" if x[c] is None else x[c] for c in columns), _time(x))
                for g, x in found.items()
            ],
        )


def _time(body: dict[str, Any]) -> str:
    return str(body["LastInspectedLogTime"] or "-")


def _shown(name: str, value: Any, body: dict[str, Any]) -> str:
    if value is None:
        return ""
    if name == "SummaryCopyStatus":
        return tint(value)
    file = body["LogFiles"].get(name)
    return f"{value}  {file}" if file else str(value)


def _target(session: Session, group: str) -> str:
    return session.lens.peer(session.lens.source(session.state, session.member("Group", group)))


def suspend(group: str, comment: str, as_json: bool) -> None:
    """`ccr copy suspend`: suspending a suspended copy is no error, and no event."""
    with writing() as session:
        target = _target(session, group)
        if session.state[f"copy.{target}.{group}.suspended"]:
            say(f"the copy of {group} on {target} is suspended already; nothing to do")
            report(session, [], as_json)
            return
        recorded = fire(session, "suspend_copy", {"n": target, "g": group}, comment)
        report(session, [*recorded, *settle(session)], as_json)


def act(rule: str, group: str, reason: str, as_json: bool) -> None:
    """`ccr copy resume` and `ccr copy restore`: one rule on the passive copy, and what follows."""
    with writing() as session:
        recorded = fire(session, rule, {"n": _target(session, group), "g": group}, reason)
        report(session, [*recorded, *settle(session)], as_json)


def update(
    group: str, hosts: Sequence[str], delete: bool, manual: bool, reason: str, as_json: bool
) -> None:
    """`ccr copy update`. Raises `NetworkNotUsable` if no named network carries data."""
    with writing() as session:
        target = _target(session, group)
        for name in hosts:
            session.member("Network", name)
        if hosts and not any(_passes(session, name) for name in hosts):
            raise NetworkNotUsable(
                f"no data can pass over {' or '.join(hosts)}", "Name another with --data-host-names"
            )
        given: dict[str, Value] = {"n": target, "g": group, "delete": delete, "manual": manual}
        recorded = fire(session, "begin_seed", given, reason)
        report(session, [*recorded, *settle(session)], as_json)


def _passes(session: Session, network: str) -> bool:
    return all(session.state[f"network.{network}.carries.{n}"] for n in session.lens.nodes)
