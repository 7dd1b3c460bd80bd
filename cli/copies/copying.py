"""What `ccr copy` does and shows: every field of Get-StorageGroupCopyStatus, and the acts of an
operator on a copy.

Each answer is built once, as the `--json` document; the list prints the same facts. Sits above
`session`, `views` and `acting`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cli.copies.backupstate import NO_BACKUPS, backup_times
from cli.copies.copystate import failed_message, flags, log_file, seeding_finished, share, summary
from cli.copies.logtimes import closed_at
from cli.copies.rtm_status import misleading
from cli.frame.errors import NetworkNotUsable
from cli.frame.output import answer, clock, document, duration, say, table, tint
from cli.mail.mailviews import dumpster_fields
from cli.network import hosts
from cli.network.backlog import resynchronized
from cli.session import views
from cli.session.acting import act, fire, play, refused, report, settle
from cli.session.presets import release_of
from cli.session.session import Session, reading, writing
from models.ccr import phrases
from models.plain.driver import Driver, Refused
from models.plain.layout import Value
from models.plain.reader import Step

_TIMES = {
    "LatestAvailableLogTime": "generated",
    "LastCopyNotificationedLogTime": "notified",
    "LastCopiedLogTime": "copied",
    "LastInspectedLogTime": "inspected",
}
"""Fields that say when a log was closed at the source, and the position of that log."""
_POSITIONS = {
    "LastLogGenerated": "generated",
    "LastLogCopyNotified": "notified",
    "LastLogCopied": "copied",
    "LastLogInspected": "inspected",
    "LastLogReplayed": "replayed",
}


@dataclass(frozen=True)
class _Known:
    """What is found out for many copies at once: when logs were closed, when it will have caught up
    (no entry: nothing waits).
    """

    times: Mapping[str, Mapping[int, int]]
    caught_up: Mapping[str, int | None]


def fields(
    session: Session, groups: Sequence[str], asker: str | None, tools: str, *, forecast: bool
) -> dict[str, dict[str, Any]]:
    """Copies under the names of Get-StorageGroupCopyStatus; null where nothing is known, and for
    ResynchronizedIn without a `forecast`.
    """
    copies = {g: views.storage_group(session.lens, session.state, g) for g in groups}
    positions = {g: [c[position] for position in _TIMES.values()] for g, c in copies.items()}
    late = [
        g
        for g, copy in copies.items()
        if forecast
        and (copy["copy_queue"] or copy["replay_queue"])
        and _reachable(session, str(copy["target"]), asker)
    ]
    known = _Known(closed_at(session, positions), resynchronized(session, late))
    return {g: _fields(session, g, copies[g], asker, tools, known) for g in groups}


def _fields(
    session: Session, group: str, copy: dict[str, Any], asker: str | None, tools: str, known: _Known
) -> dict[str, Any]:
    lens, state = session.lens, session.state
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
        "LogShare": share(session.cluster.name, group, str(copy["source"])),
        "CopyQueueLength": copy["copy_queue"] if reachable else None,
        "ReplayQueueLength": copy["replay_queue"] if reachable else None,
    }
    for name, position in _POSITIONS.items():
        body[name] = copy[position] if reachable or position == "generated" else None
    body |= _dated(session, copy, known.times[group], group, reachable)
    body |= backup_times(session, target, group) if reachable else NO_BACKUPS
    body["LogFiles"] = {
        name: log_file(base, body[name]) if body[name] else None for name in _POSITIONS
    }
    if tools == release_of(session.reader.layout.parameters) == "rtm":
        body |= misleading(lens, state, group, body)
    body["ResynchronizedIn"] = known.caught_up.get(group)
    seeds = reachable and found["Seeding"]
    body["SeedingFinishedPercent"] = _seeded(session, target, group) if seeds else None
    return body | {"IsValid": True, "ObjectState": "New"}


def _seeded(session: Session, target: str, group: str) -> int:
    """Seeding Finished %, by the fastest network that carries the seed now."""
    state, usual = session.state, session.reader.layout.parameters["seed_time"]
    over = hosts.seeds_over(session.lens, state, target, group)
    times = [int(state[f"interface.{w}.seed_time"]) or usual for w in over]
    return seeding_finished(state, target, group, min(times, default=usual))


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
    session: Session, copy: dict[str, Any], times: Mapping[int, int], group: str, reachable: bool
) -> dict[str, str | None]:
    """When the newest log at each position was closed at the source; of the one replayed last, when
    the target did that.
    """
    found: dict[str, str | None] = {}
    for name, position in _TIMES.items():
        time = times.get(copy[position])
        known = time is not None and (reachable or position == "generated")
        found[name] = clock(time) if known and time is not None else None
    number, _ = session.setter(f"copy.{copy['target']}.{group}.replayed")
    replayed = session.event(number).event.time if number and reachable else None
    found["LastReplayedLogTime"] = None if replayed is None else clock(replayed)
    return found


def show_status(
    group: str | None, asker: str | None, tools: str | None, as_of: str | None, as_json: bool,
    *, statistics: bool = False,
) -> None:  # fmt: skip
    """`ccr copy status`, by the tools of the cluster's own release unless others are named."""
    with reading(as_of) as session:
        tools = tools or release_of(session.reader.layout.parameters)
        if asker is not None:
            session.member("Node", asker)
        wanted = [session.member("Group", group)] if group else list(session.lens.groups)
        whole = as_json or group is not None
        found = {
            g: copy | dumpster_fields(session, g, statistics=statistics)
            for g, copy in fields(session, wanted, asker, tools, forecast=whole).items()
        }
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
    if name == "ResynchronizedIn":
        return duration(int(value))
    if name == "SummaryCopyStatus":
        return tint(value)
    if isinstance(value, list):
        return "; ".join(value)
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


def perform_on(rule: str, group: str, reason: str, as_json: bool) -> None:
    """`ccr copy resume` and `ccr copy restore`: one rule on the passive copy, and what follows."""
    with writing() as session:
        recorded = fire(session, rule, {"n": _target(session, group), "g": group}, reason)
        report(session, [*recorded, *settle(session)], as_json)


def update(
    group: str, names: Sequence[str], delete: bool, manual: bool, reason: str, as_json: bool
) -> None:
    """`ccr copy update`: the networks are named first, then the seed begins, or nothing does."""
    with writing() as session:
        target = _target(session, group)
        copy: dict[str, Value] = {"n": target, "g": group}
        acts = [
            act("name_seed_network", {**copy, "w": session.member("Network", name)}, reason)
            for name in names
        ]
        begin = {**copy, "delete": delete, "manual": manual}
        if names:
            _refuse_early(session, begin, names)
        recorded = play(session, [*acts, act("begin_seed", begin, reason)])
        report(session, [*recorded, *settle(session)], as_json)


def _refuse_early(session: Session, begin: Mapping[str, Value], names: Sequence[str]) -> None:
    """Raise `StepRefused` if the seed, or a network that is named for it, would be refused: then no
    name is to be left behind. Raise `NetworkNotUsable` if none of them carries data.
    """
    if not any(hosts.operational(session.lens, session.state, w) for w in names):
        raise NetworkNotUsable(
            f"no replication host names work on {' or '.join(names)}", "See `ccr network show`"
        )
    driver = Driver(
        session.reader, session.state, last=session.fold.number, wrote=session.fold.set_by
    )
    copy = {"n": begin["n"], "g": begin["g"]}
    steps = [("name_seed_network", {**copy, "w": name}) for name in names]
    for rule, args in [*steps, ("begin_seed", begin)]:
        try:
            driver.fire(Step(rule, dict(args)))
        except Refused as error:
            raise refused(session, error.refusal) from None
