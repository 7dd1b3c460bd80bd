"""What the status of a copy was in RTM where it misled: faults that SP1 mended (S-140 to S-144).

Shown by RTM tools of a cluster of that release; everybody else sees what is. Pure functions of a
plain state. Sits beside `copystate`.
"""

from __future__ import annotations

from typing import Any

from cli.session.views import Lens
from models.plain.layout import State

FLIPPING = ("LOG_MISSING", "INSPECTION_FAILED", "REPLAY_FAILED")
"""A log is not there, or cannot be replayed: RTM tried for ever, and said failed and healthy in
turn, every copy_retry (S-143, S-144).
"""
_KNOWN = ("ServiceDown", "Disabled", "Seeding", "Suspended")
"""What RTM said truly, or as Failed."""


def misleading(lens: Lens, state: State, group: str, body: dict[str, Any]) -> dict[str, Any]:
    """The fields of a status, where RTM showed something else than what is so."""
    target = str(body["CCRTargetNode"])
    copy = f"copy.{target}.{group}"
    changed: dict[str, Any] = {}
    if lens.mounted_on(state, group) is None and not body["ServiceDown"]:
        told = max(int(state[f"{copy}.notified"]), int(state[f"{copy}.top"]))
        changed["LastLogGenerated"] = told
        changed["CopyQueueLength"] = told - int(state[f"{copy}.top"])
    if any(body.get(name) for name in _KNOWN) or body["Suspend"]:
        return changed
    trouble, word = str(state[f"{copy}.trouble"]), None
    if trouble in FLIPPING:
        turns = int(state["clock.now"]) // max(1, lens.layout.parameters["copy_retry"])
        word = "Healthy" if turns % 2 else "Failed"
    elif body["Initializing"] and trouble == "NONE":
        word = "Healthy"
    if word is not None:
        changed |= {
            "SummaryCopyStatus": word,
            "Failed": word == "Failed",
            "Healthy": word == "Healthy",
            "Initializing": False,
        }
    return {name: value for name, value in changed.items() if name in body}
