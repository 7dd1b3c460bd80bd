"""What `ccr standby status` shows. The answer is built once, as the `--json` document; the table
prints the same facts. Sits above `session` and `standbystate`.
"""

from __future__ import annotations

from typing import Any

from cli.frame.output import answer, document, duration, table
from cli.session.session import Session, reading
from cli.standby import standbystate


def show_status(group: str | None, target: str | None, as_of: str | None, as_json: bool) -> None:
    """`ccr standby status`."""
    with reading(as_of) as session:
        found = {
            name: x
            for name, x in _copies(session).items()
            if group in (None, x["storage_group"]) and target in (None, x["target"])
        }
        warned = standbystate.warnings(session.lens, session.state)
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
                    _name(x), x["target"], x["status"],
                    "-" if x["copy_queue"] is None else x["copy_queue"], x["replay_queue"],
                    x["replayed"] if x["database"] else "no database yet", _held(x),
                )
                for x in found.values()
            ],
        )  # fmt: skip
    for x in found.values():
        _notes(x)
    for text in warned:
        answer(f"! {text}")


def _copies(session: Session) -> dict[str, dict[str, Any]]:
    """Every standby copy, those of the cluster first."""
    lens, state = session.lens, session.state
    found: dict[str, dict[str, Any]] = {}
    for t, g in sorted(standbystate.held(state)):
        head = {"target": t, "server": None, "storage_group": g}
        found[f"{t}/{g}"] = {**head, **standbystate.copy(lens, state, t, g)}
    for t, v, g in sorted(standbystate.remotes(state)):
        head = {"target": t, "server": v, "storage_group": g}
        found[f"{t}/{v}/{g}"] = {**head, **standbystate.remote(lens, state, t, v, g)}
    return found


def _name(x: dict[str, Any]) -> str:
    return f"{x['server']}/{x['storage_group']}" if x["server"] else str(x["storage_group"])


def _held(x: dict[str, Any]) -> str:
    """What holds back the next log to be replayed."""
    if x["waits_for"] == "age":
        return f"its age, {duration(x['replay_lag'])}"
    return f"{x['floor']} newer logs" if x["waits_for"] == "floor" else ""


def _notes(x: dict[str, Any]) -> None:
    name = f"{_name(x)} at {x['target']}"
    if x["failed"]:
        answer(f"{name}: {x['failed']}")
    if x["pins"]:
        answer(f"{name}: {x['pins']}: logs stay on the source")
    if x["status"] == "Mounted":
        lost = f"; {x['lost']} logs that it was told of are lost" if x["lost"] else ""
        answer(f"{name}: activated by {x['way']}{lost}")
