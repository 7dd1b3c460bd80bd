"""The standby copies of a state: each target's storage groups, positions and queues, what holds
replay back, and which logs it pins at the source.

Pure functions of a plain state. Sits above `views`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cli.copystate import log_file
from cli.views import Lens
from models.ccr import phrases_standby
from models.plain.layout import State

POSITIONS = ("notified", "copied", "inspected", "replayed")
PINNING = ("INITIALIZING", "HEALTHY", "SEEDING", "FAILED")
"""States in which the source keeps what the target has not inspected."""

_WORDS = {
    "DIVERGED": "it replayed logs that its source never had; seed it again",
    "SEED_INTERRUPTED": "seeding was interrupted; the partial database was discarded",
    "LOG_MISSING": "its source has deleted the next log; seed it",
    "INSPECTION_FAILED": "{next} is damaged or missing at the source; it is not tried again",
}


def targets(state: State) -> list[str]:
    """Every target that is or was enabled, in order of name."""
    found = {k.split(".")[1] for k, v in state.items() if _is_state(k) and v != "OFF"}
    return sorted(found)


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


def status(state: State, target: str, group: str) -> str:
    """SummaryCopyStatus of a standby copy."""
    row = f"standby.{target}.{group}"
    if not state[f"target.{target}.up"]:
        return "ServiceDown"
    word = str(state[f"{row}.state"])
    if state[f"{row}.suspended"] and word != "SEEDING":
        return "Suspended"
    return {"OFF": "Disabled", "ACTIVE": "Mounted"}.get(word, word.capitalize())


def copy(lens: Lens, state: State, target: str, group: str) -> dict[str, Any]:
    """One standby copy: `copy_queue` against the leading copy (null: no node has the stream),
    `waits_for` what holds back the next log to be replayed.
    """
    row = f"standby.{target}.{group}"

    def has(name: str) -> int:
        return int(state[f"{row}.{name}"])

    leads = lens.source(state, group)
    generated = int(state[f"copy.{leads}.{group}.top"])
    same = _one_stream(state, row, f"copy.{leads}.{group}")
    made = has("base") > 0 or has("replayed") > 0
    trouble = str(state[f"{row}.trouble"])
    base = lens.groups.index(group)
    return {
        "status": status(state, target, group),
        "failed": _WORDS.get(trouble, "").format(next=log_file(base, has("top") + 1)),
        "source": source(lens, state, target, group),
        "standby_cluster": bool(state[f"target.{target}.cluster"]),
        "replay_lag": has("lag"),
        "truncation_lag": has("truncation"),
        "notified": has("notified"),
        "copied": has("copied"),
        "inspected": has("top"),
        "replayed": has("replayed"),
        "oldest": has("low"),
        "database": made,
        "copy_queue": max(0, generated - has("top")) if same else None,
        "replay_queue": has("top") - has("replayed"),
        "floor": lens.layout.parameters["scr_floor"],
        "waits_for": _waits(lens, state, row),
        "pins": pins(lens, state, target, group),
        "way": str(state[f"{row}.way"]).lower().replace("_", "-"),
        "lost": None if has("lost") < 0 else has("lost"),
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
    if state[f"{row}.state"] not in PINNING:
        return None
    copy = f"copy.{node}.{group}"
    oldest, backed = int(state[f"{copy}.low"]), int(state[f"{copy}.backed"])
    if oldest > backed:
        return None
    if not lens.says_of(phrases_standby.reaches, state, t=target, n=node):
        return f"standby target {target} does not answer"
    if state[f"{row}.state"] != "HEALTHY":
        return f"standby target {target} is {status(state, target, group).lower()}"
    if not _one_stream(state, row, copy):
        return f"standby target {target} does not follow this stream yet"
    if int(state[f"{row}.top"]) < backed:
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
    return found
