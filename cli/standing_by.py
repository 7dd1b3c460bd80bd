"""What `ccr standby` does and shows. Each answer is built once, as the `--json` document; the table
prints the same facts.

Sits above `session`, `standbystate` and `acting`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ccr_es.events import Recorded
from ccr_es.points import duration_ms
from cli import standbystate
from cli.acting import PATIENCE_MS, fire, report, settle, wait_until
from cli.errors import NotEnabled, NotFinished, WayNotPossible
from cli.output import answer, document, duration, say, table
from cli.session import Session, reading, writing
from models.plain.layout import State, Value

_RULES = {"portability": "activate_by_portability", "recover-cms": "activate_by_recover_cms"}


def _wanted(session: Session, group: str, target: str) -> dict[str, Value]:
    return {"t": target, "g": session.member("Group", group)}


def _do(
    session: Session, rule: str, args: dict[str, Value], reason: str, dry_run: bool, as_json: bool
) -> None:
    recorded = fire(session, rule, args, reason, dry_run=dry_run)
    if dry_run:
        say(f"{rule} may fire; nothing was written")
        return
    report(session, [*recorded, *settle(session)], as_json)


def enable(
    group: str, target: str, lags: tuple[str, str], reason: str, dry_run: bool, as_json: bool
) -> None:
    """`ccr standby enable`. Raises `StepRefused` with the reasons."""
    lag, truncation = (duration_ms(x) for x in lags)
    with writing() as session:
        args = _wanted(session, group, target)
        args |= {"lag": lag, "truncation": truncation, "spacing": -(-lag // 4)}
        _do(session, "enable_standby", args, reason, dry_run, as_json)


def act(rule: str, group: str, target: str, reason: str, dry_run: bool, as_json: bool) -> None:
    """One rule on one standby copy, and what follows at once."""
    with writing() as session:
        args = _enabled(session, group, target)
        _do(session, rule, args, reason, dry_run, as_json)


def _enabled(session: Session, group: str, target: str) -> dict[str, Value]:
    """The arguments that name a standby copy. Raises `NotEnabled` if there is none."""
    args = _wanted(session, group, target)
    if (target, group) not in set(standbystate.held(session.state)):
        known = ", ".join(f"{g} at {t}" for t, g in standbystate.held(session.state))
        raise NotEnabled(
            f"{group} has no standby copy at {target}",
            f"There are {known}" if known else f"ccr standby enable {group} --target {target}",
        )
    return args


def suspend(group: str, target: str, reason: str, dry_run: bool, as_json: bool) -> None:
    """`ccr standby suspend`: suspending a suspended copy is no error, and no event."""
    with writing() as session:
        args = _enabled(session, group, target)
        if session.state[f"standby.{target}.{group}.suspended"]:
            say(f"the standby copy of {group} at {target} is suspended already; nothing to do")
            report(session, [], as_json)
            return
        _do(session, "suspend_standby", args, reason, dry_run, as_json)


def seed(group: str, target: str, delete: bool, reason: str, dry_run: bool, as_json: bool) -> None:
    """`ccr standby seed`. Raises `StepRefused` with the reasons."""
    with writing() as session:
        args = _enabled(session, group, target)
        node = session.lens.source(session.state, group)
        given = {**args, "n": node, "delete": delete}
        _do(session, "begin_standby_seed", given, reason, dry_run, as_json)


def show_status(group: str | None, target: str | None, as_of: str | None, as_json: bool) -> None:
    """`ccr standby status`."""
    with reading(as_of) as session:
        if group is not None:
            session.member("Group", group)
        lens, state = session.lens, session.state
        found = {
            f"{t}/{g}": {"target": t, "storage_group": g, **standbystate.copy(lens, state, t, g)}
            for t, g in sorted(standbystate.held(state))
            if group in (None, g) and target in (None, t)
        }
        warned = standbystate.warnings(lens, state)
        cluster = session.cluster.name
    if as_json:
        document("standby", {"cluster": cluster, "copies": found, "warnings": warned})
        return
    if not found:
        answer("no standby copy is enabled")
    else:
        table(
            ("group", "target", "status", "copy queue", "replay queue", "replayed", "waits for"),
            [
                (
                    x["storage_group"], x["target"], x["status"],
                    "-" if x["copy_queue"] is None else x["copy_queue"], x["replay_queue"],
                    x["replayed"] if x["database"] else "no database yet",
                    _held(x),
                )
                for x in found.values()
            ],
        )  # fmt: skip
    for x in found.values():
        _notes(x)
    for text in warned:
        answer(f"! {text}")


def _held(x: dict[str, Any]) -> str:
    """What holds back the next log to be replayed."""
    if x["waits_for"] == "age":
        return f"its age, {duration(x['replay_lag'])}"
    return f"{x['floor']} newer logs" if x["waits_for"] == "floor" else ""


def _notes(x: dict[str, Any]) -> None:
    name = f"{x['storage_group']} at {x['target']}"
    if x["failed"]:
        answer(f"{name}: {x['failed']}")
    if x["pins"]:
        answer(f"{name}: {x['pins']}: logs stay on the source")
    if x["status"] == "Mounted":
        lost = f"; {x['lost']} logs that it was told of are lost" if x["lost"] else ""
        answer(f"{name}: activated by {x['way']}{lost}")


def activate(
    groups: Sequence[str], target: str, way: str | None, force: bool, reason: str, dry_run: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """`ccr standby activate`: restore, replay everything, mount.

    Raises `WayNotPossible`, `NotEnabled`, `StepRefused` or `NotFinished`; what was done before
    stays recorded.
    """
    with writing() as session:
        here = [g for t, g in standbystate.held(session.state) if t == target]
        wanted = list(groups) or sorted(here)
        for group in wanted or session.lens.groups[:1]:
            _enabled(session, group, target)
        rule = _RULES[_way(session, target, way)]
        recorded: list[Recorded] = []
        for group in wanted:
            if session.state[f"standby.{target}.{group}.state"] != "RESTORED":
                recorded += _restore(session, group, target, force, reason, dry_run)
        if dry_run:
            say(f"{' and '.join(wanted)} may be restored at {target}; nothing was written")
            return
        recorded += settle(session)

        def complete(state: State) -> bool:
            rows = [f"standby.{target}.{g}" for g in wanted]
            return all(state[f"{r}.replayed"] == state[f"{r}.top"] for r in rows)

        patience = PATIENCE_MS + sum(_replaying(session, g, target) for g in wanted)
        more, came = wait_until(session, complete, patience)
        recorded += more
        if not came:
            raise NotFinished(f"{target} has not replayed everything yet", "Try again later")
        for group in wanted:
            recorded += fire(session, rule, {"t": target, "g": group}, reason)
        report(session, [*recorded, *settle(session)], as_json)
        for text in standbystate.warnings(session.lens, session.state):
            say(f"! {text}")


def _replaying(session: Session, group: str, target: str) -> int:
    """How long the logs that are not replayed yet take, in ms."""
    row = f"standby.{target}.{group}"
    logs = int(session.state[f"{row}.top"]) - int(session.state[f"{row}.replayed"])
    return logs * session.reader.layout.parameters["replay_time"]


def _restore(
    session: Session, group: str, target: str, force: bool, reason: str, dry_run: bool
) -> list[Recorded]:
    args: dict[str, Value] = {"t": target, "g": group}
    if force:
        return fire(session, "force_standby", args, reason, dry_run=dry_run)
    node = session.lens.source(session.state, group)
    return fire(session, "restore_standby", {**args, "n": node}, reason, dry_run=dry_run)


def _way(session: Session, target: str, way: str | None) -> str:
    """The way that applies at this target, if no other is asked for. Raises `WayNotPossible`."""
    clustered = bool(session.state[f"target.{target}.cluster"])
    applies = "recover-cms" if clustered else "portability"
    if way in (None, applies):
        return applies
    name = session.cluster.name
    why = {
        "recover-server": f"Setup /m:RecoverServer recovers a server that is not clustered, and"
        f" {name} is a clustered mailbox server",
        "recover-cms": f"Setup /RecoverCMS needs a standby cluster, and {target} is a mailbox"
        " server of its own",
        "portability": f"database portability mounts on a mailbox server of its own, and {target}"
        " is a node of a standby cluster, without one",
    }[way]
    raise WayNotPossible(why, f"Here {applies} applies: leave --way out, or give it")
