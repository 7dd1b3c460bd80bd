"""`ccr metrics`: the performance counters of replication, as text that Prometheus reads.

Sits above `session` and `views`, which are imported when the command runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from cli.frame.base import Command, reading

if TYPE_CHECKING:
    from cli.session.session import Session

COUNTERS: Mapping[str, str] = {
    "copy_queue_exceeds_mount_threshold": "1: a failover now would not mount by itself",
    "copy_generation_number": "newest log copied",
    "copy_notification_generation_number": "newest log the copier knows of",
    "copy_queue_length": "logs not yet copied and inspected",
    "failed": "1: the copy is Failed",
    "inspector_generation_number": "newest log that passed inspection",
    "replay_batch_size": "logs in the batch under replay; logs are replayed one by one",
    "replay_generation_number": "newest log replayed",
    "replay_generations_complete": "logs replayed of that batch: none until all of it is",
    "replay_generations_per_minute": "logs that replay can do in a minute",
    "replay_generations_remaining": "logs left to replay of that batch",
    "replay_notification_generation_number": "newest log that replay knows of",
    "replay_queue_length": "logs inspected and not yet replayed",
    "suspended": "1: the copy is suspended",
    "initializing": "1: the copy is initializing",
    "resynchronizing": "1: an incremental reseed is not complete",
}
"""Fourteen counters of RTM, and the two that SP1 added; each is a gauge per storage group."""


def counters(session: Session, group: str) -> dict[str, int]:
    """Every counter of one storage group, by name."""
    from cli.copies.copystate import flags
    from cli.session import views
    from models.ccr import phrases

    lens, state = session.lens, session.state
    copy = views.storage_group(lens, state, group)
    target, parameters = str(copy["target"]), session.reader.layout.parameters
    runs = lens.says(phrases.alive, state, target) and state[f"node.{target}.view"] != "STOPPED"
    found = flags(state, target, group, reachable=runs, leads=False)
    return {
        "copy_queue_exceeds_mount_threshold": int(copy["copy_queue"] > parameters["dial"]),
        "copy_generation_number": copy["copied"],
        "copy_notification_generation_number": copy["notified"],
        "copy_queue_length": copy["copy_queue"],
        "failed": int(found["Failed"]),
        "inspector_generation_number": copy["inspected"],
        "replay_batch_size": min(1, copy["replay_queue"]),
        "replay_generation_number": copy["replayed"],
        "replay_generations_complete": 0,
        "replay_generations_per_minute": 60_000 // max(1, parameters["replay_time"]),
        "replay_generations_remaining": min(1, copy["replay_queue"]),
        "replay_notification_generation_number": copy["inspected"],
        "replay_queue_length": copy["replay_queue"],
        "suspended": int(found["Suspended"]),
        "initializing": int(found["Initializing"]),
        "resynchronizing": int(found["Synchronizing"]),
    }


def exposition(cluster: str, found: Mapping[str, Mapping[str, int]]) -> list[str]:
    """The text format of Prometheus: per counter its help, its type, and a line per storage
    group.
    """
    lines = []
    for name, about in COUNTERS.items():
        metric = f"ccr_replication_{name}"
        lines += [f"# HELP {metric} {about}", f"# TYPE {metric} gauge"]
        lines += [
            f'{metric}{{cluster="{cluster}",storage_group="{g}"}} {values[name]}'
            for g, values in found.items()
        ]
    return lines


@click.command("metrics", cls=Command, example="ccr metrics", cmdlet="MSExchange Replication")
@reading
def metrics(as_of: str | None, as_json: bool) -> None:
    """The performance counters of replication, one value per storage group, for Prometheus."""
    from cli.frame.output import answer, document
    from cli.session.session import reading as opened

    with opened(as_of) as session:
        cluster = session.cluster.name
        found = {g: counters(session, g) for g in session.lens.groups}
    if as_json:
        document("metrics", {"cluster": cluster, "storage_groups": found})
        return
    for line in exposition(cluster, found):
        answer(line)
