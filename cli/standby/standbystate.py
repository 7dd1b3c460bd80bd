"""The standby copies of a state: each target's storage groups, positions and queues, what holds
replay back, and which logs it pins at the source.

Pure functions of a plain state. Sits above `views`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cli.copies.copystate import log_file
from cli.session.views import Lens
from models.ccr import phrases_standby
from models.plain.layout import State

PINNING = ("INITIALIZING", "HEALTHY", "SEEDING", "FAILED")
"""States in which the source keeps what the target has not inspected."""

_WORDS = {
    "DIVERGED": "it replayed logs that its source never had; seed it again",
    "SEED_INTERRUPTED": "seeding was interrupted; the partial database was discarded",
    "LOG_MISSING": "its source has deleted the next log; seed it",
    "INSPECTION_FAILED": "{next} is damaged or missing at the source; it is not tried again",
}


def _is_state(key: str) -> bool:
    return key.startswith("standby.") and key.endswith(".state")


def held(state: State) -> Iterator[tuple[str, str]]:
    """Each (target, storage group) that is enabled or activated."""
    for key, value in state.items():
        if _is_state(key) and value != "OFF":
            _, target, group, _ = key.split(".")
            yield target, group


def source(lens: Lens, state: State, target: str, group: str) -> str | None:
    """The node that a target follows, if it answers the target; else None."""
    found = [
        n for n in lens.nodes
        if lens.says_of(phrases_standby.sources, state, t=target, n=n, g=group)
    ]  # fmt: skip
    epochs = {n: int(state[f"copy.{n}.{group}.active_epoch"]) for n in found}
    return max(epochs, key=lambda n: epochs[n], default=None)


def remotes(state: State) -> Iterator[tuple[str, str, str]]:
    """Each (target, server, storage group) of a stand-alone server, enabled or activated."""
    for key, value in state.items():
        if key.startswith("remote.") and key.endswith(".state") and value != "OFF":
            _, target, server, group, _ = key.split(".")
            yield target, server, group


def row_of(target: str, group: str, server: str | None = None) -> str:
    """The row of a standby copy of the cluster's storage group, or of a server's."""
    return f"remote.{target}.{server}.{group}" if server else f"standby.{target}.{group}"


def status(state: State, row: str) -> str:
    """SummaryCopyStatus of a standby copy."""
    if not state[f"target.{row.split('.')[1]}.up"]:
        return "ServiceDown"
    word = str(state[f"{row}.state"])
    if state[f"{row}.suspended"] and word != "SEEDING":
        return "Suspended"
    return {"OFF": "Disabled", "ACTIVE": "Mounted"}.get(word, word.capitalize())


def _any(lens: Lens, state: State, row: str, generated: int | None, base: int) -> dict[str, Any]:
    """What is shown of every standby copy; `generated` is None if nobody has its stream."""

    def has(name: str) -> int:
        return int(state[f"{row}.{name}"])

    trouble = str(state[f"{row}.trouble"])
    return {
        "status": status(state, row),
        "failed": _WORDS.get(trouble, "").format(next=log_file(base, has("top") + 1)),
        "standby_cluster": bool(state[f"target.{row.split('.')[1]}.cluster"]),
        "replay_lag": has("lag"),
        "notified": has("notified"),
        "copied": has("copied"),
        "inspected": has("top"),
        "replayed": has("replayed"),
        "database": has("base") > 0 or has("replayed") > 0,
        "copy_queue": None if generated is None else max(0, generated - has("top")),
        "replay_queue": has("top") - has("replayed"),
        "floor": lens.layout.parameters["scr_floor"],
        "waits_for": _waits(lens, state, row),
        "way": str(state[f"{row}.way"]).lower().replace("_", "-"),
        "lost": None if has("lost") < 0 else has("lost"),
        "truncation_lag": has("truncation"),
        "oldest": has("low"),
    }


def copy(lens: Lens, state: State, target: str, group: str) -> dict[str, Any]:
    """One standby copy of the cluster: `copy_queue` against the leading copy (null: no node has the
    stream), `waits_for` what holds back the next log to be replayed.
    """
    row, leads = row_of(target, group), lens.source(state, group)
    same = _one_stream(state, row, f"copy.{leads}.{group}")
    generated = int(state[f"copy.{leads}.{group}.top"]) if same else None
    return {
        **_any(lens, state, row, generated, lens.groups.index(group)),
        "source": source(lens, state, target, group),
        "pins": pins(lens, state, target, group),
    }


def remote(lens: Lens, state: State, target: str, server: str, group: str) -> dict[str, Any]:
    """One standby copy of a server outside the cluster."""
    row, there = row_of(target, group, server), f"local.{server}.{group}"
    at = {"t": target, "v": server, "h": group}
    same = lens.says_of(phrases_standby.server_stream, state, **at)
    generated = int(state[f"{there}.top"]) if same else None
    reached = lens.says_of(phrases_standby.server_answers, state, **at)
    answers = lens.says_of(phrases_standby.answers_server, state, t=target, v=server)
    return {
        **_any(lens, state, row, generated, 0),
        "source": server if reached else None,
        "pins": _pins(state, row, there, answers=answers, same=same),
    }


def _one_stream(state: State, row: str, other: str) -> bool:
    return all(state[f"{row}.{x}"] == state[f"{other}.{x}"] for x in ("lineage", "lineage_by"))


def _waits(lens: Lens, state: State, row: str) -> str | None:
    """`floor` or `age`: why the next inspected log is not replayed; None if nothing waits."""
    if state[f"{row}.state"] != "HEALTHY":
        return None
    top, replayed = int(state[f"{row}.top"]), int(state[f"{row}.replayed"])
    if replayed >= top:
        return None
    if replayed >= top - lens.layout.parameters["scr_floor"]:
        return "floor"
    young = int(state[f"{row}.lag"]) > 0 and replayed >= int(state[f"{row}.due"])
    return "age" if young else None


def pins(lens: Lens, state: State, target: str, group: str) -> str | None:
    """Why this target keeps logs at the source from being deleted that all others allow; None if it
    does not.
    """
    row, node = f"standby.{target}.{group}", lens.source(state, group)
    copy = f"copy.{node}.{group}"
    answers = lens.says_of(phrases_standby.reaches, state, t=target, n=node)
    return _pins(state, row, copy, answers=answers, same=_one_stream(state, row, copy))


def _pins(state: State, row: str, source: str, *, answers: bool, same: bool) -> str | None:
    target = row.split(".")[1]
    if state[f"{row}.state"] not in PINNING:
        return None
    if int(state[f"{source}.low"]) > int(state[f"{source}.backed"]):
        return None
    if not answers:
        return f"standby target {target} does not answer"
    if state[f"{row}.state"] != "HEALTHY":
        return f"standby target {target} is {status(state, row).lower()}"
    if not same:
        return f"standby target {target} does not follow this stream yet"
    if int(state[f"{row}.top"]) < int(state[f"{source}.backed"]):
        return f"standby target {target} has inspected logs up to {state[f'{row}.top']} only"
    return None


def warnings(lens: Lens, state: State) -> list[str]:
    """What an operator must know of activated standby copies: who else may serve the same mail."""
    found = []
    serving = lens.serving(state)
    for target, group in held(state):
        if state[f"standby.{target}.{group}.state"] != "ACTIVE":
            continue
        for node in serving:
            if lens.mounted_on(state, group) == node:
                found.append(
                    f"{group} is mounted on {target} and on {node}: stop one of them, or mail"
                    " goes to both"
                )
    for target, server, group in remotes(state):
        mounted = state[f"local.{server}.{group}.base"] == "MOUNTED"
        if state[f"{row_of(target, group, server)}.state"] == "ACTIVE" and mounted:
            if state[f"server.{server}.up"]:
                found.append(f"{group} is mounted on {target} and on {server}: stop one of them")
    return found
