"""What `ccr standby` does: enable, disable, suspend, resume, seed, activate. A storage group is the
cluster's, or a stand-alone server's where one is named.

Sits above `session`, `standbystate` and `acting`.
"""

from __future__ import annotations

from collections.abc import Sequence

from ccr_es.record.events import Recorded
from ccr_es.state.points import duration_ms
from cli.frame.errors import NotEnabled, NotFinished, WayNotPossible
from cli.frame.output import say
from cli.session.acting import PATIENCE_MS, fire, report, settle, wait_until
from cli.session.session import Session, writing
from cli.standby import standbystate
from models.plain.layout import State, Value

_OF_A_SERVER = {
    "enable_standby": "enable_remote",
    "disable_standby": "disable_remote",
    "suspend_standby": "suspend_remote",
    "resume_standby": "resume_remote",
    "restore_standby": "restore_remote",
    "force_standby": "force_remote",
    "begin_standby_seed": "begin_remote_seed",
    "activate_by_portability": "mount_remote",
    "activate_by_recover_cms": "recover_scc",
}
"""The rule that does the same to a copy of a server outside the cluster."""

_WAYS = {
    "portability": "activate_by_portability",
    "recover-cms": "activate_by_recover_cms",
    "recover-server": "recover_server",
}


def _args(session: Session, group: str, target: str, server: str | None) -> dict[str, Value]:
    """The arguments that name a standby copy."""
    if server:
        return {"t": target, "v": server, "h": group}
    return {"t": target, "g": session.member("Group", group)}


def _do(
    session: Session, rule: str, args: dict[str, Value], reason: str, dry_run: bool, as_json: bool
) -> None:
    name = _OF_A_SERVER[rule] if "v" in args else rule
    recorded = fire(session, name, args, reason, dry_run=dry_run)
    if dry_run:
        say(f"{name} may fire; nothing was written")
        return
    report(session, [*recorded, *settle(session)], as_json)


def enable(
    group: str, target: str, server: str | None, lags: tuple[str, str], reason: str, dry_run: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """`ccr standby enable`. Raises `StepRefused` with the reasons."""
    lag, truncation = (duration_ms(x) for x in lags)
    with writing() as session:
        args = _args(session, group, target, server)
        args |= {"lag": lag, "truncation": truncation, "spacing": -(-lag // 4)}
        if server and f"local.{server}.{group}.base" not in session.state:
            raise NotEnabled(
                f"{server} has no storage group {group}", f"ccr server create {server} {group}"
            )
        _do(session, "enable_standby", args, reason, dry_run, as_json)


def act(
    rule: str, group: str, target: str, server: str | None, reason: str, dry_run: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """One rule on one standby copy, and what follows at once."""
    with writing() as session:
        args = _enabled(session, group, target, server)
        _do(session, rule, args, reason, dry_run, as_json)


def _enabled(session: Session, group: str, target: str, server: str | None) -> dict[str, Value]:
    """The arguments that name a standby copy. Raises `NotEnabled` if there is none."""
    args = _args(session, group, target, server)
    found = [(t, g, None) for t, g in standbystate.held(session.state)]
    every = [*found, *((t, g, v) for t, v, g in standbystate.remotes(session.state))]
    if (target, group, server) not in every:
        known = ", ".join(f"{g}{f' of {v}' if v else ''} at {t}" for t, g, v in every)
        named = f"{group} of {server}" if server else group
        hint = f"ccr standby enable {group} --target {target}"
        if server:
            hint += f" --server {server}"
        raise NotEnabled(
            f"{named} has no standby copy at {target}", f"There are {known}" if known else hint
        )
    return args


def suspend(
    group: str, target: str, server: str | None, reason: str, dry_run: bool, as_json: bool
) -> None:
    """`ccr standby suspend`: suspending a suspended copy is no error, and no event."""
    with writing() as session:
        args = _enabled(session, group, target, server)
        if session.state[f"{standbystate.row_of(target, group, server)}.suspended"]:
            say(f"the standby copy of {group} at {target} is suspended already; nothing to do")
            report(session, [], as_json)
            return
        _do(session, "suspend_standby", args, reason, dry_run, as_json)


def seed(
    group: str, target: str, server: str | None, delete: bool, reason: str, dry_run: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """`ccr standby seed`. Raises `StepRefused` with the reasons."""
    with writing() as session:
        args = {**_enabled(session, group, target, server), "delete": delete}
        if not server:
            args["n"] = session.lens.source(session.state, group)
        _do(session, "begin_standby_seed", args, reason, dry_run, as_json)


def activate(
    groups: Sequence[str], target: str, server: str | None, way: str | None, force: bool,
    reason: str, dry_run: bool, as_json: bool,
) -> None:  # fmt: skip
    """`ccr standby activate`: restore, replay everything, mount.

    Raises `WayNotPossible`, `NotEnabled`, `StepRefused` or `NotFinished`; what was done before
    stays recorded.
    """
    with writing() as session:
        wanted = list(groups) or _here(session, target, server)
        for group in wanted or session.lens.groups[:1]:
            _enabled(session, group, target, server)
        rows = [standbystate.row_of(target, g, server) for g in wanted]
        rule = _WAYS[_way(session, target, server, way)]
        recorded: list[Recorded] = []
        for group, row in zip(wanted, rows, strict=True):
            if session.state[f"{row}.state"] != "RESTORED":
                args = _args(session, group, target, server)
                recorded += _restore(session, args, force, reason, dry_run)
        if dry_run:
            say(f"{' and '.join(wanted)} may be restored at {target}; nothing was written")
            return
        recorded += settle(session)

        def complete(state: State) -> bool:
            return all(state[f"{r}.replayed"] == state[f"{r}.top"] for r in rows)

        more, came = wait_until(session, complete, PATIENCE_MS + _replaying(session, rows))
        recorded += more
        if not came:
            raise NotFinished(f"{target} has not replayed everything yet", "Try again later")
        for group in wanted:
            name = _OF_A_SERVER.get(rule, rule) if server else rule
            recorded += fire(session, name, _args(session, group, target, server), reason)
        report(session, [*recorded, *settle(session)], as_json)
        for text in standbystate.warnings(session.lens, session.state):
            say(f"! {text}")


def _here(session: Session, target: str, server: str | None) -> list[str]:
    """The storage groups of the cluster, or of a server, that a target holds."""
    if server:
        found = standbystate.remotes(session.state)
        return sorted(g for t, v, g in found if (t, v) == (target, server))
    return sorted(g for t, g in standbystate.held(session.state) if t == target)


def _replaying(session: Session, rows: Sequence[str]) -> int:
    """How long the logs that are not replayed yet take, in ms."""
    state = session.state
    logs = sum(int(state[f"{row}.top"]) - int(state[f"{row}.replayed"]) for row in rows)
    return logs * session.reader.layout.parameters["replay_time"]


def _restore(
    session: Session, args: dict[str, Value], force: bool, reason: str, dry_run: bool
) -> list[Recorded]:
    rule = "force_standby" if force else "restore_standby"
    if "v" in args:
        return fire(session, _OF_A_SERVER[rule], args, reason, dry_run=dry_run)
    node = {} if force else {"n": session.lens.source(session.state, str(args["g"]))}
    return fire(session, rule, {**args, **node}, reason, dry_run=dry_run)


def _way(session: Session, target: str, server: str | None, way: str | None) -> str:
    """The way that applies at this target, or the one that is asked for and may. Raises
    `WayNotPossible`.
    """
    standby_cluster = bool(session.state[f"target.{target}.cluster"])
    recoverable = not server or bool(session.state[f"server.{server}.clustered"])
    applies = "recover-cms" if standby_cluster and recoverable else "portability"
    if way in (None, applies) or (way == "recover-server" and not recoverable):
        return way or applies
    source = server or session.cluster.name
    why = {
        "recover-server": f"Setup /m:RecoverServer recovers a server that is not clustered, and"
        f" {source} is a clustered mailbox server",
        "recover-cms": f"Setup /RecoverCMS needs a standby cluster, and {target} is a mailbox"
        " server of its own"
        if recoverable
        else f"Setup /RecoverCMS recovers a clustered mailbox server, and {source} is not one",
        "portability": f"database portability mounts on a mailbox server of its own, and {target}"
        " is a node of a standby cluster, without one",
    }[way or applies]
    raise WayNotPossible(why, f"Here {applies} applies: leave --way out, or give it")
